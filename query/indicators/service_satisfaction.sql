-- label_zh: 服务满意度
-- label_en: Service satisfaction
-- number: 7
-- dimension: effectiveness
-- kind: guiding
-- measure: rate
-- unit: %
-- direction: higher
-- target: 85
-- window: 365 days by the day of the answer
-- origin: computed
-- version: 1
-- source: 平安建设星创建实施方案 3.4
-- also: 90 of users of the app (4.3, 5.3, 7.3), 92 of requests (4.2, 5.2)

-- Requests to the hotline and petitions that were answered and rated: those with whose handling people were content, even if only basically
-- (基本满意). Who gave no rating is not counted, so that silence raises nothing; how many were silent is seen by the denominator.
WITH
rated AS (
    SELECT h.record_id, h.department, h.address, h.rating
    FROM record.hotline_request h
    CROSS JOIN p
    WHERE h.rating IN ('非常满意', '满意', '基本满意', '不满意', '非常不满意') AND h.closed_on > p.year_ago AND h.closed_on <= p.today
    UNION ALL
    SELECT t.record_id, t.department, '' AS address, t.rating
    FROM record.petition t
    CROSS JOIN p
    WHERE t.rating IN ('非常满意', '满意', '基本满意', '不满意', '非常不满意') AND t.answered_on > p.year_ago AND t.answered_on <= p.today
),
located AS (
    SELECT r.record_id, r.department, r.rating, min(a.area) AS area
    FROM rated r
    LEFT JOIN contract.area a ON strpos(r.address, a.name) > 0
    GROUP BY r.record_id, r.department, r.rating
),
counted AS (
    SELECT
        department,
        area,
        grouping(area) AS is_no_area,
        count(*) FILTER (WHERE rating IN ('非常满意', '满意', '基本满意')) AS numerator,
        count(*) AS denominator
    FROM located
    GROUP BY GROUPING SETS ((department), (area), ())
)
SELECT
    department,
    area,
    CAST(NULL AS VARCHAR) AS counterpart,
    numerator,
    denominator,
    100.0 * numerator / nullif(denominator, 0) AS value
FROM counted
WHERE is_no_area = 1 OR area IS NOT NULL
