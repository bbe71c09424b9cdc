-- label_zh: 部门数据共享率
-- label_en: Departmental data-sharing rate
-- unit: %
-- direction: higher
-- baseline: 30
-- target: 100
-- challenge: 100
-- dimension: coordination
-- kind: binding
-- version: 1
-- source: 平安建设星创建实施方案 3.4; its present value is the baseline, and a rate whose target is its cap has no higher challenge

-- Of the resources that a department is obliged to share (drafts included, class 3 and retired ones not): those that are published,
-- delivered, fresh and open to another department. Publishing a title alone moves nothing.
SELECT
    provider AS department,
    CAST(NULL AS VARCHAR) AS counterpart,
    count(*) FILTER (WHERE fresh AND open) AS numerator,
    count(*) AS denominator,
    100.0 * count(*) FILTER (WHERE fresh AND open) / nullif(count(*), 0) AS value
FROM contract.resource_state
WHERE obliged AND share_class IN (1, 2) AND status <> 'retired'
GROUP BY GROUPING SETS ((provider), ())
