-- The townships, by the first nine digits of the codes of their grids: what figures of areas are called. Columns and their meaning:
-- wuwei_schema::contract::area.
SELECT substr(g.code, 1, 9) AS area, min(g.township) AS name
FROM entity.grid g
WHERE length(g.code) >= 9 AND g.township IS NOT NULL AND g.township <> ''
GROUP BY substr(g.code, 1, 9)
