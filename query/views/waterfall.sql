-- What adds up to the weight of each kept pair of a type: the prior, then bar by bar; the last cumulative weight is the pair's. Columns and their
-- meaning: wuwei_schema::learned::waterfall. {type} is an entity type.
SELECT
    b.entity,
    b."left",
    b."right",
    b.term['place'] AS bar_sort_order,
    b.term['property'] AS column_name,
    b.term['level'] AS comparison_vector_value,
    b.term['bits'] AS log2_bayes_factor,
    b.term['rarity'] AS tf_adjustment,
    b.term['sum'] AS cumulative_weight
FROM (
    SELECT p.entity, p."left", p."right", unnest(er_terms('{type}', l.features, r.features)) AS term
    FROM graph.pair p
    JOIN graph.{type}_features l ON l.record_id = p."left"
    JOIN graph.{type}_features r ON r.record_id = p."right"
    WHERE p.entity = '{type}'
) b
