-- Tier 1 as a plan of SQL: keys, equi-join, first common key, pattern, weight, guard. What tier 0 settles, and blocks beyond their cap, are left to
-- the engine.
WITH
-- Of records that say the very same the smallest speaks for all.
said AS (
    SELECT min(f.record_id) AS record_id, f.features
    FROM graph.person_features f
    GROUP BY f.features
),
keyed AS (
    SELECT s.record_id, s.features, er_keys('person', s.features) AS keys, unnest(er_keys('person', s.features)) AS key
    FROM said s
),
-- Each pair once, under the first key that has it.
compared AS (
    SELECT
        l.record_id AS "left",
        r.record_id AS "right",
        l.features AS ours,
        r.features AS theirs,
        er_pattern('person', l.features, r.features) AS pattern
    FROM keyed l
    JOIN keyed r ON r.key = l.key AND l.record_id < r.record_id
    WHERE er_first_key(l.keys, r.keys) = l.key
),
weighed AS (
    SELECT
        c."left",
        c."right",
        er_weight('person', c.pattern, c.ours, c.theirs) AS weight,
        er_refuses('person', c.ours, c.theirs) AS refused
    FROM compared c
),
engine AS (
    SELECT p."left", p."right", p.weight
    FROM graph.pair p
    WHERE p.entity = 'person' AND p.key <> 'same'
)
SELECT
    count(w.weight) AS compared,
    sum(CASE WHEN w.weight >= 0 AND w.refused THEN 1 ELSE 0 END) AS refused,
    sum(CASE WHEN w.weight >= 0 AND NOT w.refused THEN 1 ELSE 0 END) AS kept,
    count(e.weight) AS of_engine,
    -- To the last bit: equal floats.
    sum(CASE WHEN w.weight = e.weight AND NOT w.refused THEN 1 ELSE 0 END) AS same
FROM weighed w
FULL JOIN engine e ON e."left" = w."left" AND e."right" = w."right"
