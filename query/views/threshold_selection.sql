-- What would become of each threshold, as far as pairs with hidden identifiers tell. Precision is of the open pairs: pairs of two are as often
-- above the threshold among them as among the known ones. Columns and their meaning: wuwei_schema::learned::threshold_selection.
WITH
-- All that is at the threshold or above it.
above AS (
    SELECT
        h.entity,
        h.weight,
        -- The bin below.
        lag(h.weight) OVER (PARTITION BY h.entity ORDER BY h.weight) AS lower,
        CAST(sum(h.pairs) OVER w AS DOUBLE) AS joined,
        sum(h.matches) OVER w AS tp,
        sum(h.others) OVER w AS fp
    FROM graph.weight_histogram h
    WINDOW w AS (PARTITION BY h.entity ORDER BY h.weight DESC)
),
whole AS (
    SELECT
        h.entity,
        sum(h.matches) AS matches,
        sum(h.others) AS others,
        -- Open pairs that are not even probable are of two.
        CAST(sum(CASE WHEN h.weight < 0 THEN h.pairs ELSE 0 END) AS DOUBLE) AS apart
    FROM graph.weight_histogram h
    GROUP BY h.entity
),
judged AS (
    SELECT
        a.entity,
        a.weight,
        a.lower,
        a.joined,
        a.tp,
        a.fp,
        w.matches - a.tp AS fn,
        w.others - a.fp AS tn,
        CASE WHEN w.others > 0 THEN greatest(0.0, 1 - (a.fp + 0.5) / (w.others + 1.0) * w.apart / greatest(a.joined, 1.0)) END AS precision,
        CASE WHEN w.matches > 0 THEN CAST(a.tp AS DOUBLE) / w.matches END AS recall
    FROM above a
    JOIN whole w ON w.entity = a.entity
)
SELECT
    j.entity,
    j.weight AS truth_threshold,
    1 / (1 + power(2.0, -j.weight)) AS match_probability,
    CAST(j.joined AS BIGINT) AS pairs,
    j.tp,
    j.tn,
    j.fp,
    j.fn,
    j.precision,
    j.recall,
    CASE WHEN j.precision + j.recall > 0 THEN 2 * j.precision * j.recall / (j.precision + j.recall) END AS f1,
    -- The bin that begins nearest to the threshold, or the next that holds anything.
    j.weight >= m.threshold_weight - 0.125 AND coalesce(j.lower < m.threshold_weight - 0.125, true) AS chosen
FROM judged j
JOIN graph.model m ON m.entity = j.entity
