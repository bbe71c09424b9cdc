-- The stars of areas as they were last kept. What each reason gave stands in indicator.rating. Columns and their meaning:
-- wuwei_schema::contract::star.
SELECT r.area, r.name, r.stars, r.share, r.known, count(*) FILTER (WHERE r."by" = 'veto') AS vetoes, r.as_of, r.version
FROM indicator.rating r
JOIN (SELECT max(k.as_of) AS as_of FROM indicator.rating k) l ON l.as_of = r.as_of
GROUP BY r.area, r.name, r.stars, r.share, r.known, r.as_of, r.version
