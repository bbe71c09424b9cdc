-- 时效性: of the files of an extract that were accepted within the window, those that spoke of a time no longer ago than one cycle and a fifth when
-- they came; beside it how old the content is today. One that dates no row speaks of the day on which it came. Columns and their meaning:
-- query/src/quality.rs.
WITH
came AS (
    SELECT d.rid, CAST(d.received_ts AS BIGINT) - CAST(coalesce(d.watermark_ts, d.received_ts) AS BIGINT) AS old_ms
    FROM contract.delivery d
    CROSS JOIN p
    WHERE d.outcome IN ('accepted', 'partial') AND d.received_ts <= p.asof
        AND CAST(p.asof AS BIGINT) - CAST(d.received_ts AS BIGINT) < 86400000 * p.win_days
)
SELECT
    r.provider AS department,
    r.rid AS extract,
    r.cycle_days,
    (max(CAST(p.asof AS BIGINT)) - max(CAST(s.content_ts AS BIGINT))) / 86400000 AS age_days,
    count(*) FILTER (WHERE c.old_ms <= 86400000 * (r.cycle_days + ceil(r.cycle_days * 0.2))) AS numerator,
    count(*) AS denominator,
    100.0 * count(*) FILTER (WHERE c.old_ms <= 86400000 * (r.cycle_days + ceil(r.cycle_days * 0.2))) / nullif(count(*), 0) AS value
FROM came c
JOIN contract.resource r ON r.rid = c.rid
LEFT JOIN contract.resource_state s ON s.rid = c.rid
CROSS JOIN p
GROUP BY r.provider, r.rid, r.cycle_days
