-- zh: 退回和存疑的行，按原因和资源
-- en: Rows refused and cells in doubt, by rule and extract
SELECT rule, extract, count(*) AS cases, count(DISTINCT batch) AS files
FROM raw.reject
GROUP BY rule, extract
ORDER BY cases DESC, rule, extract
