-- zh: 多少人在几个部门都有记录
-- en: How many people are known to how many departments
SELECT departments, count(*) AS people
FROM (
    SELECT l.entity_id, count(DISTINCT r.department) AS departments
    FROM graph.link l
    JOIN record.person r ON r.record_id = l.record_id
    GROUP BY l.entity_id
) p
GROUP BY departments
ORDER BY departments
