-- 规范性: of the rows that an extract delivered within the window, those whose cell under a heading was taken as it should be: it parses, its check
-- digit holds, its code is in the list. What was refused or emptied is in raw.reject; a cell with two faults counts once. A blank cell conforms:
-- that it is blank is a matter of completeness. Columns and their meaning: query/src/quality.rs.
WITH
came AS (
    SELECT d.rid, d.batch, d.rows_total
    FROM contract.delivery d
    CROSS JOIN p
    WHERE d.outcome IN ('accepted', 'partial') AND d.received_ts <= p.asof
        AND CAST(p.asof AS BIGINT) - CAST(d.received_ts AS BIGINT) < 86400000 * p.win_days
),
delivered AS (
    SELECT c.rid, sum(c.rows_total) AS cells
    FROM came c
    GROUP BY c.rid
),
refused AS (
    SELECT DISTINCT j.extract, j.batch, coalesce(j.sheet, '') AS sheet, j."row", j."column"
    FROM raw.reject j
    WHERE j."column" IS NOT NULL
),
wrong AS (
    SELECT r.extract, r."column" AS item, count(*) AS cells
    FROM refused r
    JOIN came c ON c.rid = r.extract AND c.batch = r.batch
    GROUP BY r.extract, r."column"
),
-- A column that feeds several properties is one column.
item AS (
    SELECT i.rid, i.item, min(i.entity) AS entity, min(i.property) AS property
    FROM contract.item i
    GROUP BY i.rid, i.item
)
SELECT
    r.provider AS department,
    i.rid AS extract,
    i.item,
    i.entity,
    i.property,
    d.cells - coalesce(w.cells, 0) AS numerator,
    d.cells AS denominator,
    100.0 * (d.cells - coalesce(w.cells, 0)) / nullif(d.cells, 0) AS value
FROM item i
JOIN contract.resource r ON r.rid = i.rid
JOIN delivered d ON d.rid = i.rid
LEFT JOIN wrong w ON w.extract = i.rid AND w.item = i.item
