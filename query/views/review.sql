-- What awaits a person's decision: pairs that are more probably one than not and were not joined, and of which nobody has decided yet. Columns
-- and their meaning: wuwei_schema::learned::review.
SELECT p.entity, p."left", p."right", l.entity_id AS left_entity, r.entity_id AS right_entity, p."key", p.levels, p.weight, p.posterior
FROM graph.pair p
JOIN graph.link l ON l.record_id = p."left"
JOIN graph.link r ON r.record_id = p."right"
LEFT JOIN graph.decision d ON d."left" = p."left" AND d."right" = p."right" AND d.state <> 'revoked'
-- That a pair was not joined is written beside it, so that of millions of pairs a few are held against the links.
WHERE NOT p.joined AND l.entity_id <> r.entity_id AND d.decision IS NULL
