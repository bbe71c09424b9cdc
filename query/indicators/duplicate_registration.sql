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
-- registered already and still held: same person, same fact, same place, overlapping in time. A move is no duplicate. Which facts are
-- registered the model says; who held what is told when entities are tied together (graph.registration).
WITH
of_department AS (
    SELECT department, count(held_by) AS again, count(*) AS registrations
    FROM graph.registration
    GROUP BY department
)
SELECT
    department,
    CAST(NULL AS VARCHAR) AS area,
    CAST(NULL AS VARCHAR) AS counterpart,
    coalesce(sum(again), 0) AS numerator,
    coalesce(sum(registrations), 0) AS denominator,
    100.0 * sum(again) / nullif(sum(registrations), 0) AS value
FROM of_department
GROUP BY GROUPING SETS ((department), ())
