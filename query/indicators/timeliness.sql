-- label_zh: 数据及时率
-- label_en: Deliveries on time
-- dimension: coordination
-- kind: guiding
-- measure: rate
-- unit: %
-- direction: higher
-- target: 100
-- window: 90 days, and the last cycle at least
-- origin: computed
-- version: 2
-- source: domain of the share catalogue (更新周期); no target in the source document: a bureau sets its own

-- Time is cut into the cycles of each resource that is owed, beginning with the day of the hub's first delivery; nothing is owed before
-- it. Each cycle ends a fifth of its length later, for grace, and the next begins there: no delivery counts twice. A cycle is on time when
-- a delivery was accepted in it; a late, refused or empty one, and none, leave it due. Counted are the cycles that ended within the
-- window, at least the last one, and the one that runs once it is met. Re-sending an old file is a delivery that is late.
WITH
-- Days of Beijing as numbers, so that the hour of asking changes nothing.
today AS (
    SELECT (CAST(p.asof AS BIGINT) + 28800000) / 86400000 AS day, p.win_days
    FROM p
),
delivered AS (
    SELECT d.rid, d.outcome, (CAST(d.received_ts AS BIGINT) + 28800000) / 86400000 AS day
    FROM contract.delivery d
    CROSS JOIN p
    WHERE d.received_ts <= p.asof
),
began AS (
    SELECT min(d.day) AS day
    FROM delivered d
),
-- Each resource that is owed, its grace in days, and how many of its cycles are over.
owed AS (
    SELECT
        r.rid,
        r.provider,
        r.cycle_days,
        CAST(ceil(r.cycle_days * 0.2) AS BIGINT) AS grace,
        b.day AS began,
        greatest((t.day - b.day - CAST(ceil(r.cycle_days * 0.2) AS BIGINT)) / r.cycle_days, 0) AS ended
    FROM contract.resource r
    CROSS JOIN began b
    CROSS JOIN today t
    WHERE r.obliged AND r.share_class IN (1, 2) AND r.status = 'published' AND r.cycle_days > 0 AND b.day IS NOT NULL
),
digit AS (
    SELECT v.n
    FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS v (n)
),
-- 0 is the cycle that runs, 1 the one before it; a window has no more than a thousand days.
back AS (
    SELECT h.n * 100 + d.n * 10 + u.n AS cycles
    FROM digit h
    CROSS JOIN digit d
    CROSS JOIN digit u
),
cycles AS (
    SELECT
        o.rid,
        o.provider,
        k.cycles = 0 AS runs,
        CASE WHEN o.ended = k.cycles THEN o.began ELSE o.began + (o.ended - k.cycles) * o.cycle_days + o.grace END AS begins,
        o.began + (o.ended - k.cycles + 1) * o.cycle_days + o.grace AS ends
    FROM owed o
    JOIN back k ON k.cycles <= o.ended
    CROSS JOIN today t
    WHERE k.cycles <= 1 OR o.began + (o.ended - k.cycles + 1) * o.cycle_days + o.grace > t.day - t.win_days
),
met AS (
    SELECT c.provider, c.rid, c.begins, c.runs, count(d.rid) > 0 AS is_met
    FROM cycles c
    LEFT JOIN delivered d ON d.rid = c.rid AND d.outcome IN ('accepted', 'partial') AND d.day >= c.begins AND d.day < c.ends
    GROUP BY c.provider, c.rid, c.begins, c.runs
)
SELECT
    m.provider AS department,
    CAST(NULL AS VARCHAR) AS area,
    CAST(NULL AS VARCHAR) AS counterpart,
    count(*) FILTER (WHERE m.is_met) AS numerator,
    count(*) AS denominator,
    100.0 * count(*) FILTER (WHERE m.is_met) / nullif(count(*), 0) AS value
FROM met m
WHERE m.is_met OR NOT m.runs
GROUP BY GROUPING SETS ((m.provider), ())
