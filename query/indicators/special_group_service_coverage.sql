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
home AS (
    SELECT e.source AS entity_id, split_part(max(concat(coalesce(e.since, ''), '|', g.code)), '|', 2) AS grid
    FROM graph.edge e
    JOIN graph.edge t ON t.source = e.target AND t.relation = 'located_in' AND t.target_type = 'grid'
    JOIN entity.grid g ON g.entity_id = t.target
    WHERE e.relation = 'lives_at' AND e.until IS NULL
    GROUP BY e.source
),
-- The birthdays between which somebody is of these ages; dates are ISO 8601, so they compare as text.
age AS (
    SELECT
        p.today,
        concat(CAST(CAST(substr(p.today, 1, 4) AS BIGINT) - 65 AS VARCHAR), substr(p.today, 5, 6)) AS born_65,
        concat(CAST(CAST(substr(p.today, 1, 4) AS BIGINT) - 7 AS VARCHAR), substr(p.today, 5, 6)) AS born_7
    FROM p
),
served AS (
    SELECT DISTINCT s.source AS entity_id, s.target_type AS service
    FROM graph.edge s
    WHERE s.relation = 'party_to' AND s.target_type IN ('health_file', 'vaccination')
),
entitled AS (
    SELECT
        n.entity_id,
        CASE WHEN n.birth_date <= a.born_65 THEN 'health_file' ELSE 'vaccination' END AS service
    FROM entity.person n
    CROSS JOIN age a
    WHERE n.death_date IS NULL AND length(n.birth_date) = 10
        AND (n.birth_date <= a.born_65 OR n.birth_date > a.born_7)
)
SELECT
    CAST(NULL AS VARCHAR) AS department,
    area,
    CAST(NULL AS VARCHAR) AS counterpart,
    count(*) FILTER (WHERE is_served) AS numerator,
    count(*) AS denominator,
    100.0 * count(*) FILTER (WHERE is_served) / nullif(count(*), 0) AS value
FROM (
    SELECT substr(h.grid, 1, 9) AS area, s.entity_id IS NOT NULL AS is_served
    FROM entitled e
    JOIN home h ON h.entity_id = e.entity_id
    LEFT JOIN served s ON s.entity_id = e.entity_id AND s.service = e.service
) r
GROUP BY GROUPING SETS ((area), ())
