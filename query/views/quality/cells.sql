    SELECT b.department, b.extract, b.role, '{type}' AS entity, b.records, b.cell['property'] AS property, b.cell['stated'] AS stated
    FROM (
        SELECT a.department, a.extract, a.role, a.records, unnest(make_array({structs})) AS cell
        FROM (
            SELECT r.department, r.extract, split_part(r.role, '#', 1) AS role, count(*) AS records, {counts}
            FROM record.{type} r
            GROUP BY r.department, r.extract, split_part(r.role, '#', 1)
        ) a
    ) b
