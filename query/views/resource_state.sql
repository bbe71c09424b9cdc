-- How far each resource is on its way from a title to something that others can use: catalogued 编目, mounted 挂接, fresh, open. A step is
-- taken only with the one before it, except that a resource may be open before it is delivered. Columns and their meaning:
-- wuwei_schema::contract::resource_state.
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
)
SELECT
    r.rid,
    r.provider,
    r.share_class,
    r.obliged,
    r.status,
    d.content_ts,
    r.status = 'published' AS catalogued,
    r.status = 'published' AND d.rid IS NOT NULL AS mounted,
    r.status = 'published' AND d.rid IS NOT NULL
        AND CAST(p.asof AS BIGINT) - CAST(d.content_ts AS BIGINT) <= 86400000 * (r.cycle_days + ceil(r.cycle_days * 0.2)) AS fresh,
    r.share_class = 1 OR g.rid IS NOT NULL AS open
FROM contract.resource r
CROSS JOIN p
LEFT JOIN delivered d ON d.rid = r.rid
LEFT JOIN granted g ON g.rid = r.rid
