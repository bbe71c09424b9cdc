-- label_zh: 风险处置效率提升率
-- label_en: Risk handling efficiency gain
-- number: 8
-- dimension: effectiveness
-- kind: guiding
-- measure: change
-- unit: %
-- direction: higher
-- target: 30
-- window: 365 days by the day of the report, against the frozen days before the pilot (levels.toml)
-- origin: computed
-- version: 1
-- source: 平安建设星创建实施方案 3.4，以试点前后对比数据为准
-- also: 60 in one city (9.2)

-- By how much of the days before the pilot incidents are now handled faster: the average of days from report to end before, less the one now,
-- out of the one before. An incident that is not closed has no time yet. Worse than before is negative.
WITH
of_area AS (
    SELECT
        area,
        sum(days_before) AS days_before,
        count(days_before) AS ended_before,
        sum(days_now) AS days_now,
        count(days_now) AS ended_now
    FROM contract.handled_incident
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
