-- 唯一性: of the rows that an extract delivered and had accepted within the window, those whose key did not stand again in the same file.
-- Columns and their meaning: query/src/quality.rs.
WITH
came AS (
    SELECT d.rid, d.batch, d.rows_ok
    FROM contract.delivery d
    CROSS JOIN p
    WHERE d.outcome IN ('accepted', 'partial') AND d.received_ts <= p.asof
        AND CAST(p.asof AS BIGINT) - CAST(d.received_ts AS BIGINT) < 86400000 * p.win_days
),
again AS (
    SELECT t.extract, t.batch, count(*) AS repeats
    FROM record.retired t
    WHERE t.why = 'repeated'
    GROUP BY t.extract, t.batch
)
SELECT
    r.provider AS department,
    c.rid AS extract,
    sum(c.rows_ok) - sum(coalesce(a.repeats, 0)) AS numerator,
    sum(c.rows_ok) AS denominator,
    100.0 * (sum(c.rows_ok) - sum(coalesce(a.repeats, 0))) / nullif(sum(c.rows_ok), 0) AS value
FROM came c
JOIN contract.resource r ON r.rid = c.rid
LEFT JOIN again a ON a.extract = c.rid AND a.batch = c.batch
GROUP BY r.provider, c.rid
