    SELECT b.entity_id, b.bit, '{type}' AS entity, b.cell['property'] AS property, b.cell['value'] AS value
    FROM (
        SELECT a.entity_id, a.bit, unnest(make_array({structs})) AS cell
        FROM (
            SELECT l.entity_id, d.bit, {values}
            FROM record.{type} r
            JOIN graph.link l ON l.record_id = r.record_id AND l.entity = '{type}'
            JOIN sender d ON d.dept = r.department
            GROUP BY l.entity_id, d.bit
        ) a
    ) b
