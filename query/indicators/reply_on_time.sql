-- label_zh: 共享申请按时答复率
-- label_en: Requests answered in time
-- dimension: coordination
-- kind: guiding
-- measure: rate
-- unit: %
-- direction: higher
-- target: 100
-- window: all requests
-- origin: computed
-- version: 2
-- source: 政务数据共享条例 (State Council order 809): ten working days for conditional resources; the day count is from memory

-- Requests answered, or overdue: those answered within their limit of working days, made-up days counted and holidays not. The day of
-- asking does not count. After the last day of the calendar, until the notice of that year is known, every Monday to Friday counts as one.
WITH
-- The day of asking and the last that counts, the answer's or today, as numbers of days of Beijing since 1970-01-01.
asked AS (
    SELECT
        r.provider,
        q.rid,
        q.consumer,
        q.task,
        q.sent_ts,
        q.limit_workdays,
        q.answered_ts IS NOT NULL AND q.answered_ts <= p.asof AS answered,
        (CAST(q.sent_ts AS BIGINT) + 28800000) / 86400000 AS sent_day,
        (CAST(least(coalesce(q.answered_ts, p.asof), p.asof) AS BIGINT) + 28800000) / 86400000 AS last_day
    FROM contract.request q
    JOIN contract.resource r ON r.rid = q.rid
    CROSS JOIN p
    WHERE q.sent_ts <= p.asof
),
workday AS (
    SELECT CAST(CAST(w.day AS INT) AS BIGINT) AS day, w.is_work
    FROM contract.workday w
),
known AS (
    SELECT coalesce(max(w.day), 0) AS last_day
    FROM workday w
),
-- The days that the calendar does not know: from one to the other, the first not counted.
beyond AS (
    SELECT
        a.*,
        greatest(a.sent_day, k.last_day) AS from_day,
        greatest(a.sent_day, k.last_day, a.last_day) AS to_day
    FROM asked a
    CROSS JOIN known k
),
waited AS (
    SELECT
        b.provider,
        b.limit_workdays,
        b.answered,
        -- Day 0 was a Thursday: 4 days into its week, of which 5 are worked.
        count(w.day) + 5 * ((b.to_day + 4) / 7 - (b.from_day + 4) / 7)
            + least((b.to_day + 4) % 7, 5) - least((b.from_day + 4) % 7, 5) AS workdays
    FROM beyond b
    LEFT JOIN workday w ON w.is_work AND w.day > b.sent_day AND w.day <= b.last_day
    GROUP BY b.provider, b.rid, b.consumer, b.task, b.sent_ts, b.limit_workdays, b.answered, b.from_day, b.to_day
)
SELECT
    provider AS department,
    CAST(NULL AS VARCHAR) AS area,
    CAST(NULL AS VARCHAR) AS counterpart,
    count(*) FILTER (WHERE answered AND workdays <= limit_workdays) AS numerator,
    count(*) AS denominator,
    100.0 * count(*) FILTER (WHERE answered AND workdays <= limit_workdays) / nullif(count(*), 0) AS value
FROM waited
WHERE answered OR workdays > limit_workdays
GROUP BY GROUPING SETS ((provider), ())
