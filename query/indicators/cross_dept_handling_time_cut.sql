-- label_zh: 跨部门协同处置时间缩短率
-- label_en: Cut in cross-department handling time
-- number: 19
-- dimension: coordination
-- kind: guiding
-- measure: change
-- unit: %
-- direction: higher
-- target: 50
-- present: 15 days against 3 of one department (2.3.1, 2.3.2)
-- window: 365 days by the day of the report, against the frozen days before the pilot (levels.toml)
-- origin: computed
-- version: 1
-- source: 平安建设星创建实施方案 3.4
-- also: one case from 15 to 3 days, 80 % (5.2, 6.3); 45 (4.1), 40 at stage 2

-- The same of incidents that took two departments: one that reported and an office of another that was to see to it. Which others had a part
-- in it no extract says.
WITH
of_area AS (
    SELECT
        area,
        sum(days_before) AS days_before,
        count(days_before) AS ended_before,
        sum(days_now) AS days_now,
        count(days_now) AS ended_now
    FROM contract.handled_incident
    WHERE is_crossed
    GROUP BY area
),
average AS (
    SELECT
        area,
        grouping(area) AS is_no_area,
        sum(days_before) / nullif(sum(ended_before), 0) AS days_before,
        sum(days_now) / nullif(sum(ended_now), 0) AS days_now
    FROM of_area
    GROUP BY GROUPING SETS ((area), ())
)
SELECT
    CAST(NULL AS VARCHAR) AS department,
    area,
    CAST(NULL AS VARCHAR) AS counterpart,
    coalesce(days_before - days_now, 0.0) AS numerator,
    CASE WHEN days_now IS NULL THEN 0.0 ELSE coalesce(days_before, 0.0) END AS denominator,
    100.0 * (days_before - days_now) / nullif(days_before, 0.0) AS value
FROM average
WHERE is_no_area = 1 OR area IS NOT NULL
