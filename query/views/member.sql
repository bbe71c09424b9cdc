-- Which entity each record belonged to, and when: what holds, from graph.link, and what has ended, from graph.former. Columns and their
-- meaning: wuwei_schema::history::member_schema. A CASE that is never true is empty and of its column's own type, which a cast is not.
SELECT l.record_id, l.entity, l.entity_id, l.since AS from_run, b.at AS from_ts, CASE WHEN false THEN l.since END AS to_run,
    CASE WHEN false THEN b.at END AS to_ts, l.reason, CASE WHEN false THEN l.reason END AS ended
FROM graph.link l
LEFT JOIN graph.run b ON b.run = l.since
UNION ALL
SELECT f.record_id, f.entity, f.entity_id, f.since AS from_run, b.at AS from_ts, f.until AS to_run, e.at AS to_ts, f.reason, f.ended
FROM graph.former f
LEFT JOIN graph.run b ON b.run = f.since
LEFT JOIN graph.run e ON e.run = f.until
