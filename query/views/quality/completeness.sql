-- 完整性: of the records that an extract brings of a role, those that state a property which the extract has a column for. A column may feed one role
-- of a row only, so a role that never states a property has no such column, unless no other role of the extract states it either. Columns and
-- their meaning: query/src/quality.rs.
WITH
fed AS (
    SELECT DISTINCT i.rid, i.entity, i.property
    FROM contract.item i
    WHERE i.property IS NOT NULL
),
counted AS (
{cells}
),
judged AS (
    SELECT c.*, max(c.stated) OVER (PARTITION BY c.extract, c.entity, c.property) AS most
    FROM counted c
    JOIN fed f ON f.rid = c.extract AND f.entity = c.entity AND f.property = c.property
)
SELECT
    j.department,
    j.extract,
    j.role,
    j.entity,
    j.property,
    j.stated AS numerator,
    j.records AS denominator,
    100.0 * j.stated / nullif(j.records, 0) AS value
FROM judged j
WHERE j.stated > 0 OR j.most = 0
