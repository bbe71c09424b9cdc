-- label_zh: 数据及时率
-- label_en: Deliveries on time
-- unit: %
-- direction: higher
-- baseline: 80
-- target: 100
-- challenge: 100
-- dimension: coordination
-- kind: guiding
-- version: 1
-- source: domain of the share catalogue (更新周期); no target in the source document: a bureau sets its own

-- The window is cut into the cycles of each resource that is owed; a cycle is on time when a delivery was accepted in it, the last one with
-- a fifth of a cycle for grace. A late or refused delivery, and none, count as due. Re-sending an old file is a delivery that is late.
WITH
cycles AS (
    SELECT
        r.rid,
        r.provider,
        CAST(p.asof AS BIGINT) - 86400000 * r.cycle_days * k.cycle AS ends_ms,
        CAST(p.asof AS BIGINT) - 86400000 * r.cycle_days * (k.cycle + 1)
            - CAST(86400000 * ceil(r.cycle_days * 0.2) AS BIGINT) AS begins_ms
    FROM contract.resource r
    CROSS JOIN p
    CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11)) AS k (cycle)
    WHERE r.obliged AND r.share_class IN (1, 2) AND r.status = 'published'
        AND (k.cycle = 0 OR r.cycle_days * (k.cycle + 1) <= p.win_days)
),
met AS (
    SELECT DISTINCT c.rid, c.ends_ms
    FROM cycles c
    JOIN contract.delivery d ON d.rid = c.rid
    WHERE d.outcome IN ('accepted', 'partial')
        AND CAST(d.received_ts AS BIGINT) > c.begins_ms AND CAST(d.received_ts AS BIGINT) <= c.ends_ms
)
SELECT
    c.provider AS department,
    CAST(NULL AS VARCHAR) AS counterpart,
    count(m.rid) AS numerator,
    count(*) AS denominator,
    100.0 * count(m.rid) / nullif(count(*), 0) AS value
FROM cycles c
LEFT JOIN met m ON m.rid = c.rid AND m.ends_ms = c.ends_ms
GROUP BY GROUPING SETS ((c.provider), ())
