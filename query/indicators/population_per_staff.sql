-- label_zh: 人均服务人口
-- label_en: Population served per full-time worker
-- number: 12
-- dimension: resources
-- kind: guiding
-- measure: mean
-- unit: people
-- direction: lower
-- target: 500
-- window: today
-- origin: computed
-- version: 1
-- source: 平安建设星创建实施方案 3.4，按常住人口和专职人员计算
-- also: one grid worker for 300 to 500 households, and at most 2 for 1,000 people, that is at least 500 people each (7.1): against at most 500 here

-- Residents whom the grid centre's list has now, out of grid workers, who are the full-time staff that an extract names. Two workers of one
-- name and phone are one.
WITH
dwelling AS (
    SELECT t.source AS entity_id, min(substr(g.code, 1, 9)) AS area
    FROM graph.edge t
    JOIN entity.grid g ON g.entity_id = t.target
    WHERE t.relation = 'located_in' AND t.source_type = 'dwelling' AND t.target_type = 'grid'
    GROUP BY t.source
),
resident AS (
    SELECT e.source AS entity_id, min(d.area) AS area
    FROM graph.edge e
    JOIN dwelling d ON d.entity_id = e.target
    WHERE e.relation = 'lives_at' AND e.department = 'wg' AND e.until IS NULL
    GROUP BY e.source
),
worker AS (
    SELECT l.entity_id, min(substr(g.code, 1, 9)) AS area
    FROM record.person w
    JOIN graph.link l ON l.record_id = w.record_id
    JOIN record.grid g ON g.batch = w.batch AND g."row" = w."row"
    WHERE w.extract = 'wg_wg' AND w.role = 'worker' AND g.extract = 'wg_wg' AND l.entity = 'person'
    GROUP BY l.entity_id
),
counted AS (
    SELECT r.area, count(*) AS people, 0 AS staff FROM resident r GROUP BY r.area
    UNION ALL
    SELECT w.area, 0 AS people, count(*) AS staff FROM worker w GROUP BY w.area
)
SELECT
    CAST(NULL AS VARCHAR) AS department,
    area,
    CAST(NULL AS VARCHAR) AS counterpart,
    CASE WHEN coalesce(sum(staff), 0) = 0 THEN 0 ELSE sum(people) END AS numerator,
    coalesce(sum(staff), 0) AS denominator,
    1.0 * sum(people) / nullif(sum(staff), 0) AS value
FROM counted
GROUP BY GROUPING SETS ((area), ())
