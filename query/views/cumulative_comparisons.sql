-- How many pairs each blocking key adds to those before it. Columns and their meaning: wuwei_schema::learned::cumulative_comparisons.
SELECT
    b.entity,
    b.place AS match_key,
    b.key AS blocking_rule,
    b.compared AS row_count,
    sum(b.compared) OVER w - b.compared AS start,
    sum(b.compared) OVER w AS cumulative_rows,
    b.pairs_cut
FROM graph.block b
WINDOW w AS (PARTITION BY b.entity ORDER BY b.place)
