-- What each level is worth, as Splink's charts of match weights and of m and u show it: the prior first, then level by level. Columns and
-- their meaning: wuwei_schema::learned::match_weights.
SELECT
    m.entity, -1 AS bar_sort_order, 'probability_two_random_records_match' AS comparison_name, CASE WHEN false THEN 0 END AS comparison_vector_value,
    CASE WHEN false THEN m.prior END AS m_probability, CASE WHEN false THEN m.prior END AS u_probability,
    power(2.0, m.prior) AS bayes_factor, m.prior AS log2_bayes_factor, false AS has_tf_adjustments, CASE WHEN false THEN m.entity END AS learned
FROM graph.model m
UNION ALL
SELECT
    l.entity, l.comparison AS bar_sort_order, l.property AS comparison_name, l.level AS comparison_vector_value, l.m_probability, l.u_probability,
    power(2.0, l.bits) AS bayes_factor, l.bits AS log2_bayes_factor, l.stated IS NOT NULL AS has_tf_adjustments, l.learned
FROM graph.model_level l
