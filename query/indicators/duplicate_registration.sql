-- label_zh: 重复登记率
-- label_en: Duplicate registrations
-- dimension: coordination
-- kind: guiding
-- measure: rate
-- unit: %
-- direction: lower
-- target: none
-- present: 32,000 a year (2.3.1, 6.1)
-- window: today
-- origin: computed
-- version: 1
-- source: 政务数据共享条例 (State Council order 809, 2025): what sharing supplies is not collected again

-- Of the registrations of where a person lives or is registered: those by which a department (department) registered what another one had
-- registered already and still held: same person, same fact, same place, overlapping in time. A move is no duplicate.
WITH
-- A department that delivers the same fact in every extract has registered it once.
registration AS (
    SELECT
        relation,
        source,
        target,
        department,
        min(coalesce(since, '')) AS since,
        max(coalesce(until, '9999')) AS until
    FROM graph.edge
    WHERE relation IN ('lives_at', 'registered_at') AND source_type = 'person'
    GROUP BY source, target, relation, department
),
-- How long an earlier registration of the same fact lasts; dates are ISO 8601, so they compare as text. Numbers come first, since hardly
-- two rows need more than those to be put in order.
followed AS (
    SELECT
        department,
        since,
        max(until) OVER (
            PARTITION BY source, target, relation
            ORDER BY since, department
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS held_until
    FROM registration
),
counted AS (
    SELECT department, count(*) FILTER (WHERE held_until > since) AS duplicates, count(*) AS registrations
    FROM followed
    GROUP BY department
)
SELECT
    department,
    CAST(NULL AS VARCHAR) AS area,
    CAST(NULL AS VARCHAR) AS counterpart,
    coalesce(sum(duplicates), 0) AS numerator,
    coalesce(sum(registrations), 0) AS denominator,
    100.0 * sum(duplicates) / nullif(sum(registrations), 0) AS value
FROM counted
GROUP BY GROUPING SETS ((department), ())
