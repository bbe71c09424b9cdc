-- label_zh: 矛盾纠纷调解成功率
-- label_en: Dispute mediation success rate
-- number: 4
-- dimension: effectiveness
-- kind: guiding
-- measure: rate
-- unit: %
-- direction: higher
-- target: 98
-- present: 92 (7.1: a county before the pilot)
-- window: 365 days by the day of acceptance
-- origin: computed
-- version: 1
-- source: 平安建设星创建实施方案 3.4
-- also: 95 raised to 98 (6.3); 96.5 (1.3.3); 98.5 of what grid workers found (5.1, 7.1)

-- Mediations that were closed: those that succeeded. One that runs, or whose result nobody wrote down, is neither. A township is told by the
-- address where it happened; what happened elsewhere counts for the whole alone.
WITH
closed AS (
    SELECT
        d.record_id,
        d.department,
        d.address,
        d.result = '调解成功' AS settled
    FROM record.dispute d
    CROSS JOIN p
    WHERE d.result IN ('调解成功', '调解不成', '调解中止') AND d.accepted_on > p.year_ago AND d.accepted_on <= p.today
),
located AS (
    SELECT c.record_id, c.department, c.settled, min(a.area) AS area
    FROM closed c
    LEFT JOIN contract.area a ON strpos(c.address, a.name) > 0
    GROUP BY c.record_id, c.department, c.settled
),
counted AS (
    SELECT department, area, grouping(area) AS is_no_area, count(*) FILTER (WHERE settled) AS numerator, count(*) AS denominator
    FROM located
    GROUP BY GROUPING SETS ((department), (area), ())
)
SELECT
    department,
    area,
    CAST(NULL AS VARCHAR) AS counterpart,
    numerator,
    denominator,
    100.0 * numerator / nullif(denominator, 0) AS value
FROM counted
WHERE is_no_area = 1 OR area IS NOT NULL
