-- zh: 每月收到多少份、多少行数据
-- en: Files and rows delivered by month
SELECT to_char(received_ts, '%Y-%m') AS month, count(*) AS files, sum(rows_total) AS rows, sum(rows_ok) AS accepted
FROM contract.delivery
GROUP BY 1
ORDER BY month
