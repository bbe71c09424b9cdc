-- label_zh: 12部门数据互通率
-- label_en: Departments that really read each other
-- dimension: coordination
-- kind: binding
-- measure: rate
-- unit: %
-- direction: higher
-- target: 100
-- window: 90 days
-- origin: computed
-- version: 3
-- source: 平安建设星创建实施方案 3.2 and 8.2 (12部门数据互通率)
-- also: the likeliest of the thirty to be missing in 3.4; the text does not say so

-- Ordered pairs of departments, one of which needs a resource that the other is obliged to share, that had at least one permitted reading
-- of such a resource, with rows, by a person and in the window. A pair without a need is not counted; a grant that nobody uses, a program
-- that reads, a question that takes most columns of a table, and a reading of something else move nothing.
WITH
needed AS (
    SELECT DISTINCT r.provider, n.consumer, n.rid
    FROM contract.need n
    JOIN contract.resource r ON r.rid = n.rid
    WHERE r.provider <> n.consumer AND r.obliged AND r.share_class IN (1, 2) AND r.status <> 'retired'
),
pairs AS (
    SELECT DISTINCT n.provider, n.consumer
    FROM needed n
),
live AS (
    SELECT DISTINCT n.provider, n.consumer
    FROM contract.use_log u
    JOIN needed n ON n.rid = u.rid AND n.consumer = u.consumer
    CROSS JOIN p
    WHERE u.permitted AND NOT u.automated AND NOT u.swept AND u.rows_returned > 0
        AND u.ts <= p.asof AND CAST(p.asof AS BIGINT) - CAST(u.ts AS BIGINT) < 86400000 * p.win_days
)
SELECT
    q.provider AS department,
    CAST(NULL AS VARCHAR) AS area,
    CAST(NULL AS VARCHAR) AS counterpart,
    count(l.provider) AS numerator,
    count(*) AS denominator,
    100.0 * count(l.provider) / nullif(count(*), 0) AS value
FROM pairs q
LEFT JOIN live l ON l.provider = q.provider AND l.consumer = q.consumer
GROUP BY GROUPING SETS ((q.provider), ())
