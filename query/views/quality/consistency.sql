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
-- Who states each value of an entity.
claim AS (
    SELECT s.entity, s.property, s.entity_id, s.value, bit_or(s.bit) AS mask
    FROM said s
    WHERE s.value IS NOT NULL
    GROUP BY s.entity, s.property, s.entity_id, s.value
),
whole AS (
    SELECT v.entity, v.property, v.entity_id, bit_or(v.mask) AS mask
    FROM claim v
    GROUP BY v.entity, v.property, v.entity_id
),
told AS (
    SELECT v.entity, v.property, v.mask, count(*) AS agreeing, 0 AS stating
    FROM claim v
    GROUP BY v.entity, v.property, v.mask
    UNION ALL
    SELECT w.entity, w.property, w.mask, 0 AS agreeing, count(*) AS stating
    FROM whole w
    GROUP BY w.entity, w.property, w.mask
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
