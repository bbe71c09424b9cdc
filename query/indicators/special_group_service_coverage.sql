-- label_zh: 特殊群体服务覆盖率
-- label_en: Special-group service coverage
-- number: 6
-- dimension: effectiveness
-- kind: guiding
-- measure: rate
-- unit: %
-- direction: higher
-- target: 90
-- present: 65 (9.1)
-- window: today
-- origin: computed
-- version: 1
-- source: 平安建设星创建实施方案 3.4
-- also: elderly, juveniles and others (3.2): who else is meant is not said

-- Residents of 65 and more who have a health file, and of less than 7 who were immunised, out of all residents of these ages. Other groups that
-- the text may mean are not loaded by default. Somebody lives where the latest statement that holds says.
WITH
age AS (
    SELECT
        p.today,
        concat(CAST(CAST(substr(p.today, 1, 4) AS BIGINT) - 65 AS VARCHAR), substr(p.today, 5, 6)) AS born_65,
        concat(CAST(CAST(substr(p.today, 1, 4) AS BIGINT) - 7 AS VARCHAR), substr(p.today, 5, 6)) AS born_7
    FROM p
),
entitled AS (
    SELECT
        n.entity_id,
        CASE WHEN n.birth_date <= a.born_65 THEN 'health_file' ELSE 'vaccination' END AS service
    FROM entity.person n
    CROSS JOIN age a
    WHERE n.death_date IS NULL AND length(n.birth_date) = 10
        AND (n.birth_date <= a.born_65 OR n.birth_date > a.born_7)
),
dwelling AS (
    SELECT t.source AS entity_id, max(g.code) AS grid
    FROM graph.edge t
    JOIN entity.grid g ON g.entity_id = t.target
    WHERE t.relation = 'located_in' AND t.source_type = 'dwelling' AND t.target_type = 'grid'
    GROUP BY t.source
),
-- Of those who are entitled alone, since everybody has several homes on record.
home AS (
    SELECT n.entity_id, n.service, split_part(max(concat(coalesce(e.since, ''), '|', d.grid)), '|', 2) AS grid
    FROM entitled n
    JOIN graph.edge e ON e.source = n.entity_id
    JOIN dwelling d ON d.entity_id = e.target
    WHERE e.relation = 'lives_at' AND e.until IS NULL
    GROUP BY n.entity_id, n.service
),
served AS (
    SELECT DISTINCT s.source AS entity_id, s.target_type AS service
    FROM graph.edge s
    WHERE s.relation = 'party_to' AND s.target_type IN ('health_file', 'vaccination')
),
of_area AS (
    SELECT substr(h.grid, 1, 9) AS area, count(s.entity_id) AS served, count(*) AS entitled
    FROM home h
    LEFT JOIN served s ON s.entity_id = h.entity_id AND s.service = h.service
    GROUP BY substr(h.grid, 1, 9)
)
SELECT
    CAST(NULL AS VARCHAR) AS department,
    area,
    CAST(NULL AS VARCHAR) AS counterpart,
    coalesce(sum(served), 0) AS numerator,
    coalesce(sum(entitled), 0) AS denominator,
    100.0 * sum(served) / nullif(sum(entitled), 0) AS value
FROM of_area
GROUP BY GROUPING SETS ((area), ())
