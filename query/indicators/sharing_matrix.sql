-- label_zh: 部门间共享矩阵
-- label_en: Sharing between departments
-- dimension: coordination
-- kind: guiding
-- measure: rate
-- unit: %
-- direction: higher
-- target: 100
-- window: today
-- origin: computed
-- version: 1
-- source: 政务数据共享条例 (State Council order 809, 2025)

-- Of the resources that one department (counterpart) needs of another (department): those that it can really use, published, delivered,
-- fresh, and unconditional or granted to it. Departments that need nothing of each other have no row.
WITH
-- A resource may be needed for several tasks; it counts once.
needed AS (
    SELECT DISTINCT n.rid, n.consumer
    FROM contract.need n
),
-- Grants that run today.
granted AS (
    SELECT DISTINCT g.rid, g.consumer
    FROM contract.share_grant g
    CROSS JOIN p
    WHERE g.from_ts <= p.asof AND (g.to_ts IS NULL OR g.to_ts > p.asof)
),
pairs AS (
    SELECT
        r.provider,
        n.consumer,
        r.fresh AND (r.share_class = 1 OR g.rid IS NOT NULL) AS usable
    FROM needed n
    JOIN contract.resource_state r ON r.rid = n.rid
    LEFT JOIN granted g ON g.rid = n.rid AND g.consumer = n.consumer
    WHERE r.provider <> n.consumer AND r.share_class IN (1, 2)
)
SELECT
    provider AS department,
    CAST(NULL AS VARCHAR) AS area,
    consumer AS counterpart,
    count(*) FILTER (WHERE usable) AS numerator,
    count(*) AS denominator,
    100.0 * count(*) FILTER (WHERE usable) / nullif(count(*), 0) AS value
FROM pairs
GROUP BY GROUPING SETS ((provider, consumer), ())
