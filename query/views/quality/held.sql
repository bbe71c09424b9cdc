    UNION ALL
    SELECT
        h.department,
        '{type}' AS entity,
        '{property}' AS property,
        'id' AS judged_by,
        count(*) FILTER (WHERE starts_with(h.held, h.stated)) AS numerator,
        count(*) AS denominator
    FROM (
        SELECT r.department, r."{property}" AS stated, {function}(r."{id}") AS held
        FROM record.{type} r
        WHERE r."{id}" IS NOT NULL AND r."{property}" IS NOT NULL
    ) h
    WHERE h.held IS NOT NULL
    GROUP BY h.department
