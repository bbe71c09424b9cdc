-- Of each reported figure what its latest period says, of every township and of the whole: the county's own statement where there is one, else
-- its townships together. A period that is to come, or more than fifteen months old, says nothing any more. Columns and their meaning:
-- wuwei_schema::contract::reported_figure.
WITH
dated AS (
    SELECT
        r.indicator,
        r.area,
        r.period,
        r.numerator,
        r.denominator,
        r.value,
        coalesce(r.sample_size, 1.0) AS weight,
        CAST(substr(r.period, 1, 4) AS BIGINT) * 12
            + CASE WHEN length(r.period) >= 7 THEN CAST(substr(r.period, 6, 2) AS BIGINT) ELSE 12 END AS month
    FROM record.indicator_report r
    CROSS JOIN p
    WHERE r.indicator IS NOT NULL AND r.area IS NOT NULL AND r.period <= substr(p.today, 1, length(r.period))
),
recent AS (
    SELECT d.*
    FROM dated d
    CROSS JOIN p
    WHERE CAST(substr(p.today, 1, 4) AS BIGINT) * 12 + CAST(substr(p.today, 6, 2) AS BIGINT) - d.month <= 15
),
latest AS (
    SELECT r.indicator, r.area, max(r.month) AS month
    FROM recent r
    GROUP BY r.indicator, r.area
),
-- What is known as a value alone counts as often as it was asked.
held AS (
    SELECT
        r.indicator,
        r.area,
        r.period,
        CASE WHEN r.denominator IS NULL THEN r.value * r.weight ELSE r.numerator END AS numerator,
        CASE WHEN r.denominator IS NULL THEN r.value * r.weight / 100.0 ELSE r.numerator END AS part,
        coalesce(r.denominator, r.weight) AS denominator
    FROM recent r
    JOIN latest l ON l.indicator = r.indicator AND l.area = r.area AND l.month = r.month
),
-- The fewer digits, the larger the division.
widest AS (
    SELECT h.indicator, min(length(h.area)) AS digits
    FROM held h
    GROUP BY h.indicator
)
SELECT h.indicator, h.area, max(h.period) AS period, sum(h.numerator) AS numerator, sum(h.part) AS part, sum(h.denominator) AS denominator
FROM held h
WHERE length(h.area) = 9
GROUP BY h.indicator, h.area
UNION ALL
SELECT
    h.indicator,
    CASE WHEN false THEN min(h.area) END AS area,
    max(h.period) AS period,
    sum(h.numerator) AS numerator,
    sum(h.part) AS part,
    sum(h.denominator) AS denominator
FROM held h
JOIN widest w ON w.indicator = h.indicator AND w.digits = length(h.area)
GROUP BY h.indicator
