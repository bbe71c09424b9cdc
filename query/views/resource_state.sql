-- How far each resource is on its way from a title to something that others can use: catalogued 编目, mounted 挂接, fresh, open. A step is
-- taken only with the one before it, except that a resource may be open before it is delivered. Columns and their meaning:
-- wuwei_schema::contract::resource_state.
WITH
-- What brought rows, and what said that there are none; of rows mended the day on which they were refused.
came AS (
    SELECT d.rid, d.received_ts, d.watermark_ts, d.rows_total, d.rows_ok, coalesce(o.received_ts, d.received_ts) AS told_ts
    FROM contract.delivery d
    LEFT JOIN contract.delivery o ON o.rid = d.rid AND o.batch = d.origin AND o.outcome <> 'late'
    CROSS JOIN p
    WHERE d.outcome IN ('accepted', 'partial', 'repair') AND d.received_ts <= p.asof
),
-- A file without a row is a delivery only after one that had some.
since AS (
    SELECT
        c.rid,
        c.received_ts,
        c.watermark_ts,
        c.rows_total,
        c.told_ts,
        min(CASE WHEN c.rows_ok > 0 THEN c.received_ts END) OVER (PARTITION BY c.rid) AS first_ts
    FROM came c
),
-- The date that a resource's content speaks of, not the day of its arrival, so that sending an old file again refreshes nothing, and none
-- after it. A resource that dates no row states what held when it arrived, and so does a file that says that there is nothing new.
delivered AS (
    SELECT
        c.rid,
        coalesce(
            max(CASE WHEN c.rows_total = 0 OR c.watermark_ts > c.told_ts THEN c.told_ts ELSE c.watermark_ts END),
            max(c.told_ts)
        ) AS content_ts
    FROM since c
    WHERE c.first_ts <= c.received_ts
    GROUP BY c.rid
),
-- Resources of one department that have the same items are of one family, called after the first: whoever cuts a resource into many of its
-- kind has as many as before.
layout AS (
    SELECT i.rid, string_agg(i.item, '|' ORDER BY i.item) AS items
    FROM (SELECT DISTINCT c.rid, c.item FROM contract.item c) i
    GROUP BY i.rid
),
resource AS (
    SELECT
        r.rid,
        r.provider,
        r.share_class,
        r.obliged,
        r.status,
        r.cycle_days,
        CASE
            WHEN r.status <> 'retired'
                THEN min(CASE WHEN r.status <> 'retired' THEN r.rid END) OVER (PARTITION BY r.provider, coalesce(l.items, r.rid))
            ELSE r.rid
        END AS family
    FROM contract.resource r
    LEFT JOIN layout l ON l.rid = r.rid
),
-- Who may use a resource today: the first and the last of them by name, of which one is another department if any is.
granted AS (
    SELECT g.rid, min(g.consumer) AS first_consumer, max(g.consumer) AS last_consumer
    FROM contract.share_grant g
    CROSS JOIN p
    WHERE g.from_ts <= p.asof AND (g.to_ts IS NULL OR g.to_ts > p.asof)
    GROUP BY g.rid
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
    r.share_class = 1 OR coalesce(g.first_consumer <> r.provider OR g.last_consumer <> r.provider, false) AS open,
    r.family
FROM resource r
CROSS JOIN p
LEFT JOIN delivered d ON d.rid = r.rid
LEFT JOIN granted g ON g.rid = r.rid
