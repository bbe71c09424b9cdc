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
WITH
-- The date that a resource's content speaks of, not the day of its arrival, so that sending an old file again refreshes nothing. A
-- resource that dates no row states what held when it arrived.
delivered AS (
    SELECT d.rid, coalesce(max(d.watermark_ts), max(d.received_ts)) AS content_ts
    FROM contract.delivery d
    CROSS JOIN p
    WHERE d.outcome IN ('accepted', 'partial') AND d.received_ts <= p.asof
    GROUP BY d.rid
),
-- Resources that some other department may use today.
granted AS (
    SELECT DISTINCT g.rid
    FROM contract.share_grant g
    JOIN contract.resource r ON r.rid = g.rid
    CROSS JOIN p
    WHERE g.consumer <> r.provider AND g.from_ts <= p.asof AND (g.to_ts IS NULL OR g.to_ts > p.asof)
),
-- Fresh is one cycle old at most, and a fifth of it for grace.
obliged AS (
    SELECT
        r.provider,
        r.status = 'published'
            AND CAST(p.asof AS BIGINT) - CAST(d.content_ts AS BIGINT) <= 86400000 * (r.cycle_days + ceil(r.cycle_days * 0.2))
            AND (r.share_class = 1 OR g.rid IS NOT NULL) AS shared
    FROM contract.resource r
    CROSS JOIN p
    LEFT JOIN delivered d ON d.rid = r.rid
    LEFT JOIN granted g ON g.rid = r.rid
    WHERE r.obliged AND r.share_class IN (1, 2) AND r.status <> 'retired'
)
SELECT
    provider AS department,
    CAST(NULL AS VARCHAR) AS counterpart,
    count(*) FILTER (WHERE shared) AS numerator,
    count(*) AS denominator,
    100.0 * count(*) FILTER (WHERE shared) / nullif(count(*), 0) AS value
FROM obliged
GROUP BY GROUPING SETS ((provider), ())
