-- 一致性: of the entities of which two departments both state a property, those of which they state the same value. Where a department states
-- several values of one entity the last in order counts, so that each states one. Sets of departments are bit masks: counting is done by mask, and
-- pairs are formed of few rows. Columns and their meaning: query/src/quality.rs.
WITH
sender AS (
    SELECT d.dept, CAST(power(2.0, CAST(row_number() OVER (ORDER BY d.dept) AS DOUBLE) - 1.0) AS BIGINT) AS bit
    FROM contract.department d
),
said AS (
{said}
),
-- Who states each value of an entity, and who states any, which has no value; in one pass, since it is the most of the work.
claim AS (
    SELECT s.entity, s.property, s.entity_id, s.value, bit_or(s.bit) AS mask
    FROM said s
    WHERE s.value IS NOT NULL
    GROUP BY GROUPING SETS ((s.entity, s.property, s.entity_id, s.value), (s.entity, s.property, s.entity_id))
),
told AS (
    SELECT c.entity, c.property, c.mask, count(c.value) AS agreeing, count(*) - count(c.value) AS stating
    FROM claim c
    GROUP BY c.entity, c.property, c.mask
)
SELECT
    a.dept AS department,
    b.dept AS counterpart,
    t.entity,
    t.property,
    sum(t.agreeing) AS numerator,
    sum(t.stating) AS denominator,
    100.0 * sum(t.agreeing) / nullif(sum(t.stating), 0) AS value
FROM told t
JOIN sender a ON (t.mask & a.bit) <> 0
JOIN sender b ON (t.mask & b.bit) <> 0
WHERE a.dept <> b.dept
GROUP BY a.dept, b.dept, t.entity, t.property
