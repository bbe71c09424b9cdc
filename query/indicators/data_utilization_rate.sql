-- label_zh: 数据利用率
-- label_en: Data-utilisation rate
-- unit: %
-- direction: higher
-- baseline: 20
-- target: 70
-- challenge: 70
-- dimension: resources
-- kind: binding
-- version: 1
-- source: 平安建设星创建实施方案 3.4; its present value is the baseline, and it states no challenge beyond the target

-- Of the data items that are held: those that another department has read within the window, for a purpose, with an answer that had rows,
-- and not by a program. What a plan reads is measured at the door; nobody reports it.
WITH
-- An item that becomes several properties has several rows and counts once.
held AS (
    SELECT DISTINCT r.provider, i.rid, i.item
    FROM contract.item i
    JOIN contract.resource_state r ON r.rid = i.rid
    WHERE r.obliged AND r.share_class IN (1, 2) AND r.mounted
),
used AS (
    SELECT DISTINCT u.rid, u.item
    FROM contract.use_log u
    JOIN contract.resource r ON r.rid = u.rid
    CROSS JOIN p
    WHERE u.permitted AND NOT u.automated AND u.rows_returned > 0
        AND u.consumer <> r.provider
        AND u.ts <= p.asof AND CAST(p.asof AS BIGINT) - CAST(u.ts AS BIGINT) < 86400000 * p.win_days
)
SELECT
    h.provider AS department,
    CAST(NULL AS VARCHAR) AS counterpart,
    count(u.item) AS numerator,
    count(*) AS denominator,
    100.0 * count(u.item) / nullif(count(*), 0) AS value
FROM held h
LEFT JOIN used u ON u.rid = h.rid AND u.item = h.item
GROUP BY GROUPING SETS ((h.provider), ())
