-- label_zh: 数据利用率
-- label_en: Data-utilisation rate
-- number: 11
-- dimension: resources
-- kind: binding
-- measure: rate
-- unit: %
-- direction: higher
-- target: 70
-- present: 20 (9.2, 3.2; 80 % of what is collected is unused, 2.2.3)
-- window: 90 days
-- origin: computed
-- version: 2
-- source: 平安建设星创建实施方案 3.4, where it is called 技术资源利用率; 3.2, 6.3, 8.3 and 9.2 call it 数据利用率
-- also: raise by 60 % in 3.1; use of equipment below 40 % (2.2.2) is another matter

-- Of the data items that are held: those that another department has read within the window, for a purpose, with an answer that had rows,
-- and not by a program, nor by a question that took most columns of a table (swept): who takes all chose none. Resources of one layout are
-- one. What a plan reads is measured at the door; nobody reports it.
WITH
used AS (
    SELECT DISTINCT u.rid, u.item, u.consumer
    FROM contract.use_log u
    CROSS JOIN p
    WHERE u.permitted AND NOT u.automated AND NOT u.swept AND u.rows_returned > 0
        AND u.ts <= p.asof AND CAST(p.asof AS BIGINT) - CAST(u.ts AS BIGINT) < 86400000 * p.win_days
),
-- An item that becomes several properties has several rows and counts once.
item AS (
    SELECT
        r.provider,
        bool_or(r.obliged AND r.share_class IN (1, 2) AND r.mounted) AS is_held,
        bool_or(u.item IS NOT NULL) AS is_used
    FROM contract.item i
    JOIN contract.resource_state r ON r.rid = i.rid
    LEFT JOIN used u ON u.rid = i.rid AND u.item = i.item AND u.consumer <> r.provider
    GROUP BY r.provider, r.family, i.item
)
SELECT
    provider AS department,
    CAST(NULL AS VARCHAR) AS area,
    CAST(NULL AS VARCHAR) AS counterpart,
    count(*) FILTER (WHERE is_used) AS numerator,
    count(*) AS denominator,
    100.0 * count(*) FILTER (WHERE is_used) / nullif(count(*), 0) AS value
FROM item
WHERE is_held
GROUP BY GROUPING SETS ((provider), ())
