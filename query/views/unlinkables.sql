-- Records that say too little to be linked to anything: those whose weight with themselves stays below a threshold. Columns and their meaning:
-- wuwei_schema::learned::unlinkables.
SELECT
    h.entity,
    h.weight AS match_weight,
    1 / (1 + power(2.0, -h.weight)) AS match_probability,
    h.records,
    CAST(h.records AS DOUBLE) / sum(h.records) OVER (PARTITION BY h.entity) AS prop,
    CAST(sum(h.records) OVER (PARTITION BY h.entity ORDER BY h.weight) - h.records AS DOUBLE)
        / sum(h.records) OVER (PARTITION BY h.entity) AS cum_prop
FROM graph.weight_histogram h
