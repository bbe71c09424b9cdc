-- zh: 哪些项目填得最不全（GB/T 36344 完整性）
-- en: Which properties are stated least often (GB/T 36344, completeness)
SELECT extract || ' · ' || property AS item, value AS percent, numerator AS stated, denominator AS records
FROM quality.completeness
WHERE denominator >= 10
ORDER BY percent, item
LIMIT 40
