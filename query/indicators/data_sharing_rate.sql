-- label_zh: 部门数据共享率
-- label_en: Departmental data-sharing rate
-- number: 16
-- dimension: coordination
-- kind: binding
-- measure: rate
-- unit: %
-- direction: higher
-- target: 100
-- present: 30 (4.4, 6.2, 7.3, 8.2, 9.3)
-- window: today
-- origin: computed
-- version: 2
-- source: 平安建设星创建实施方案 3.4
-- also: above 80 in 3.1; a rate cannot exceed its target of 100, so challenge and target coincide

-- Of the resources that a department is obliged to share (drafts included, class 3 and retired ones not): those that are published,
-- delivered, fresh and open to another department. Publishing a title alone moves nothing. Resources of one layout, such as one a township,
-- are one: cutting one into many raises nothing, and it is shared when all of them are.
WITH
owed AS (
    SELECT provider, family, bool_and(fresh AND open) AS is_shared
    FROM contract.resource_state
    WHERE obliged AND share_class IN (1, 2) AND status <> 'retired'
    GROUP BY provider, family
)
SELECT
    provider AS department,
    CAST(NULL AS VARCHAR) AS area,
    CAST(NULL AS VARCHAR) AS counterpart,
    count(*) FILTER (WHERE is_shared) AS numerator,
    count(*) AS denominator,
    100.0 * count(*) FILTER (WHERE is_shared) / nullif(count(*), 0) AS value
FROM owed
GROUP BY GROUPING SETS ((provider), ())
