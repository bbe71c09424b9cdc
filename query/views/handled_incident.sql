-- Incidents that were closed, with the whole days from report to end, told as days before the pilot or days of the last year, and whether it
-- took two departments: one that reported and an office of another that was to see to it. An office belongs to the department whose name ends
-- its own: 云溪县城市管理局 to 城市管理局. Columns and their meaning: wuwei_schema::contract::handled_incident.
WITH
crossed AS (
    SELECT DISTINCT r.target AS entity_id
    FROM graph.edge r
    JOIN entity.organization o ON o.entity_id = r.source
    JOIN contract.department d ON d.dept = r.department
    WHERE r.relation = 'responsible_for' AND r.target_type = 'incident' AND NOT ends_with(o.name, d.name_zh)
),
located AS (
    SELECT t.source AS entity_id, min(substr(g.code, 1, 9)) AS area
    FROM graph.edge t
    JOIN entity.grid g ON g.entity_id = t.target
    WHERE t.relation = 'located_in' AND t.source_type = 'incident' AND t.target_type = 'grid'
    GROUP BY t.source
),
timed AS (
    SELECT
        e.entity_id,
        e.reported_on,
        1.0 * (CAST(CAST(e.closed_on AS DATE) AS INT) - CAST(CAST(e.reported_on AS DATE) AS INT)) AS days
    FROM entity.incident e
    CROSS JOIN p
    WHERE length(e.reported_on) = 10 AND length(e.closed_on) = 10 AND e.closed_on >= e.reported_on AND e.closed_on <= p.today
)
SELECT
    l.area,
    c.entity_id IS NOT NULL AS is_crossed,
    CASE WHEN t.reported_on >= p.before_from AND t.reported_on <= p.before_until THEN t.days END AS days_before,
    CASE WHEN t.reported_on > p.year_ago AND t.reported_on > coalesce(p.before_until, '') THEN t.days END AS days_now
FROM timed t
CROSS JOIN p
LEFT JOIN located l ON l.entity_id = t.entity_id
LEFT JOIN crossed c ON c.entity_id = t.entity_id
