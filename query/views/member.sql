-- Which entity each record belonged to, and when: what holds, from graph.link, and what has ended, from graph.former. Columns and their
-- meaning: wuwei_schema::history::member_schema.
SELECT l.record_id, l.entity, l.entity_id, l.since AS from_run, b.at AS from_ts, CAST(NULL AS BIGINT) AS to_run, CAST(NULL AS TIMESTAMP) AS to_ts,
    l.reason, CAST(NULL AS VARCHAR) AS ended
FROM graph.link l
LEFT JOIN graph.run b ON b.run = l.since
UNION ALL
SELECT f.record_id, f.entity, f.entity_id, f.since AS from_run, b.at AS from_ts, f.until AS to_run, e.at AS to_ts, f.reason, f.ended
FROM graph.former f
LEFT JOIN graph.run b ON b.run = f.since
LEFT JOIN graph.run e ON e.run = f.until
