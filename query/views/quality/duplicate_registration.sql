-- 重复登记 by department pair and extract: what indicator.duplicate_registration counts, with the department that held the registration already, and
-- what it cost to collect it again. Where several held it, the one that holds it longest is named, so that each duplicate is counted once.
-- Columns and their meaning: query/src/quality.rs.
WITH
-- A department that delivers the same fact in every extract has registered it once.
registration AS (
    SELECT
        e.relation,
        e.source,
        e.target,
        e.department,
        min(e.extract) AS extract,
        min(coalesce(e.since, '')) AS since,
        max(coalesce(e.until, '9999')) AS until
    FROM graph.edge e
    WHERE e.relation IN ('lives_at', 'registered_at') AND e.source_type = 'person'
    GROUP BY e.source, e.target, e.relation, e.department
),
-- Until when an earlier registration of the same fact lasts, and whose it is; dates are ISO 8601, so they compare as text.
followed AS (
    SELECT
        r.relation,
        r.department,
        r.extract,
        r.since,
        max(concat(r.until, ' ', r.department)) OVER (
            PARTITION BY r.source, r.target, r.relation
            ORDER BY r.since, r.department
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS held
    FROM registration r
),
again AS (
    SELECT
        f.relation,
        f.department,
        f.extract,
        CASE WHEN split_part(f.held, ' ', 1) > f.since THEN split_part(f.held, ' ', 2) END AS counterpart
    FROM followed f
),
whole AS (
    SELECT a.relation, a.department, a.extract, count(*) AS registrations
    FROM again a
    GROUP BY a.relation, a.department, a.extract
),
pair AS (
    SELECT a.relation, a.department, a.extract, a.counterpart, count(*) AS duplicates
    FROM again a
    WHERE a.counterpart IS NOT NULL
    GROUP BY a.relation, a.department, a.extract, a.counterpart
)
SELECT
    q.department,
    q.extract,
    q.counterpart,
    q.relation AS fact,
    q.duplicates AS numerator,
    w.registrations AS denominator,
    100.0 * q.duplicates / nullif(w.registrations, 0) AS value,
    q.duplicates * p.duplicate_yuan AS cost_yuan
FROM pair q
JOIN whole w ON w.relation = q.relation AND w.department = q.department AND w.extract = q.extract
CROSS JOIN p
