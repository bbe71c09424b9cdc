-- 准确性, as far as tables can tell it: whether what is stated is true only a look at the person or the place tells, so this is a proxy. Judged by
-- `majority`: of the entities of which more than half of the departments that state a property state one and the same value, those of which this
-- department states it too; two departments that contradict each other judge nobody. Judged by `id`: of the records with an id number, those whose
-- birth date and sex are those of the number. Columns and their meaning: query/src/quality.rs.
WITH
sender AS (
    SELECT d.dept, CAST(power(2.0, CAST(row_number() OVER (ORDER BY d.dept) AS DOUBLE) - 1.0) AS BIGINT) AS bit
    FROM contract.department d
),
said AS (
{said}
),
claim AS (
    SELECT s.entity, s.property, s.entity_id, s.value, bit_or(s.bit) AS mask, count(*) AS votes
    FROM said s
    WHERE s.value IS NOT NULL
    GROUP BY s.entity, s.property, s.entity_id, s.value
),
-- The votes and the mask of the value with the most votes, in one number: 48 bits are of the mask.
whole AS (
    SELECT v.entity, v.property, v.entity_id, bit_or(v.mask) AS mask, sum(v.votes) AS votes, max(v.votes * 281474976710656 + v.mask) AS best
    FROM claim v
    GROUP BY v.entity, v.property, v.entity_id
),
judged AS (
    SELECT w.entity, w.property, w.mask, w.best % 281474976710656 AS right_mask, count(*) AS entities
    FROM whole w
    WHERE w.votes > 1 AND 2 * (w.best / 281474976710656) > w.votes
    GROUP BY w.entity, w.property, w.mask, w.best % 281474976710656
),
figure AS (
    SELECT
        d.dept AS department,
        j.entity,
        j.property,
        'majority' AS judged_by,
        sum(CASE WHEN (j.right_mask & d.bit) <> 0 THEN j.entities ELSE 0 END) AS numerator,
        sum(j.entities) AS denominator
    FROM judged j
    JOIN sender d ON (j.mask & d.bit) <> 0
    GROUP BY d.dept, j.entity, j.property
{held}
)
SELECT f.department, f.entity, f.property, f.judged_by, f.numerator, f.denominator, 100.0 * f.numerator / nullif(f.denominator, 0) AS value
FROM figure f
WHERE f.denominator > 0
