-- label_zh: 共享申请按时答复率
-- label_en: Requests answered in time
-- unit: %
-- direction: higher
-- baseline: 80
-- target: 100
-- challenge: 100
-- dimension: coordination
-- kind: guiding
-- version: 1
-- source: 政务数据共享条例 (State Council order 809): ten working days for conditional resources; the day count is from memory

-- Requests answered, or overdue: those answered within their limit of working days, made-up days counted and holidays not. The day of
-- asking does not count.
WITH
waited AS (
    SELECT
        r.provider,
        q.rid,
        q.consumer,
        q.task,
        q.limit_workdays,
        q.answered_ts IS NOT NULL AND q.answered_ts <= p.asof AS answered,
        count(w.day) AS workdays
    FROM contract.request q
    JOIN contract.resource r ON r.rid = q.rid
    CROSS JOIN p
    LEFT JOIN contract.workday w ON w.is_work
        AND w.day > CAST(q.sent_ts AS DATE) AND w.day <= CAST(least(coalesce(q.answered_ts, p.asof), p.asof) AS DATE)
    WHERE q.sent_ts <= p.asof
    GROUP BY r.provider, q.rid, q.consumer, q.task, q.limit_workdays, q.answered_ts, p.asof
)
SELECT
    provider AS department,
    CAST(NULL AS VARCHAR) AS counterpart,
    count(*) FILTER (WHERE answered AND workdays <= limit_workdays) AS numerator,
    count(*) AS denominator,
    100.0 * count(*) FILTER (WHERE answered AND workdays <= limit_workdays) / nullif(count(*), 0) AS value
FROM waited
WHERE answered OR workdays > limit_workdays
GROUP BY GROUPING SETS ((provider), ())
