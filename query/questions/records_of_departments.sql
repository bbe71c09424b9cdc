-- zh: 各部门有多少人员记录，其中多少有证件号
-- en: Person records of each department, and how many have an identifier
SELECT d.name_zh AS department, count(*) AS records, count(r.id_no) AS with_identifier
FROM record.person r
JOIN contract.department d ON d.dept = r.department
GROUP BY d.name_zh
ORDER BY records DESC
