-- 重复登记 by department pair and extract: what indicator.duplicate_registration counts, with the department that held the registration already, and
-- what it cost to collect it again. Where several held it, the one that holds it longest is named, so that each duplicate is counted once.
-- Columns and their meaning: query/src/quality.rs.
WITH
whole AS (
    SELECT a.relation, a.department, a.extract, count(*) AS registrations
    FROM graph.registration a
    GROUP BY a.relation, a.department, a.extract
),
pair AS (
    SELECT a.relation, a.department, a.extract, a.held_by, count(*) AS duplicates
    FROM graph.registration a
    WHERE a.held_by IS NOT NULL
    GROUP BY a.relation, a.department, a.extract, a.held_by
)
SELECT
    q.department,
    q.extract,
    q.held_by AS counterpart,
    q.relation AS fact,
    q.duplicates AS numerator,
    w.registrations AS denominator,
    100.0 * q.duplicates / nullif(w.registrations, 0) AS value,
    q.duplicates * p.duplicate_yuan AS cost_yuan
FROM pair q
JOIN whole w ON w.relation = q.relation AND w.department = q.department AND w.extract = q.extract
CROSS JOIN p
