-- What engineers of a bureau ask of a hub in a day: twenty questions for `sql_against.py`, in SQL that DataFusion and DuckDB read alike.
-- Each begins with a line `-- name: what it is`, and orders its rows wholly, so that two answers can be compared cell by cell.

-- records: how much each department has
SELECT department, count(*) AS records, count(DISTINCT extract) AS extracts FROM record.person GROUP BY department ORDER BY department;

-- filled: what each department's records of people leave empty
SELECT department, count(*) AS records, count(id_no) AS ids, count(phone) AS phones, count(birth_date) AS births,
       count(live_address) AS addresses FROM record.person GROUP BY department ORDER BY department;

-- point: the records of one person by number
SELECT record_id, department, extract, "row", name, phone FROM record.person WHERE id_no = '{id_no}' ORDER BY record_id;

-- entity: one person by the hub's number
SELECT entity_id, name, sex, birth_date, records FROM entity.person WHERE entity_id = {entity_id};

-- sources: which records one person was made of
SELECT p.department, p.extract, p."row", p.name, l.tier, l.reason
FROM graph.link l JOIN record.person p ON p.record_id = l.record_id
WHERE l.entity = 'person' AND l.entity_id = {entity_id} ORDER BY p.record_id;

-- pyramid: people by sex and decade of birth
SELECT sex, substr(birth_date, 1, 3) AS decade, count(*) AS people FROM entity.person GROUP BY sex, substr(birth_date, 1, 3)
ORDER BY sex NULLS LAST, decade NULLS LAST;

-- spread: people by how many departments know them
SELECT departments, count(*) AS people, sum(records) AS records FROM entity.person GROUP BY departments ORDER BY departments;

-- names: the names that most people have
SELECT name, count(*) AS people FROM entity.person WHERE name IS NOT NULL GROUP BY name ORDER BY people DESC, name LIMIT 100;

-- overlap: pairs of departments and the people that both know
WITH known AS (
    SELECT DISTINCT l.entity_id, p.department FROM graph.link l JOIN record.person p ON p.record_id = l.record_id WHERE l.entity = 'person'
)
SELECT a.department AS one, b.department AS other, count(*) AS people
FROM known a JOIN known b ON b.entity_id = a.entity_id AND b.department > a.department
GROUP BY a.department, b.department ORDER BY one, other;

-- changed: phones that two departments tell differently of the same person
SELECT count(*) AS people FROM (
    SELECT l.entity_id FROM graph.link l JOIN record.person p ON p.record_id = l.record_id
    WHERE l.entity = 'person' AND p.phone IS NOT NULL GROUP BY l.entity_id HAVING count(DISTINCT p.phone) > 1
) differing;

-- newest: of each person and department the row that was seen last
SELECT department, count(*) AS newest, min("row") AS first_row FROM (
    SELECT l.entity_id, p.department, max(p.record_id) AS record_id, min(p."row") AS "row"
    FROM graph.link l JOIN record.person p ON p.record_id = l.record_id WHERE l.entity = 'person' GROUP BY l.entity_id, p.department
) last_seen GROUP BY department ORDER BY department;

-- relations: what is tied to what
SELECT relation, source_type, target_type, department, count(*) AS edges, count(DISTINCT source) AS sources
FROM graph.edge GROUP BY relation, source_type, target_type, department ORDER BY relation, source_type, target_type, department;

-- crowded: dwellings where most people live
SELECT e.target, count(DISTINCT e.source) AS people FROM graph.edge e
WHERE e.relation = 'lives_at' AND e.source_type = 'person' GROUP BY e.target ORDER BY people DESC, e.target LIMIT 50;

-- owners: people who own vehicles, by how many
SELECT vehicles, count(*) AS people FROM (
    SELECT source, count(DISTINCT target) AS vehicles FROM graph.edge WHERE relation = 'owns' AND target_type = 'vehicle' GROUP BY source
) owners GROUP BY vehicles ORDER BY vehicles;

-- search: addresses that contain a word
SELECT department, count(*) AS records FROM record.person WHERE live_address LIKE '%人民路%' OR registered_address LIKE '%人民路%'
GROUP BY department ORDER BY department;

-- overdue: incidents by month and how many were closed late
SELECT substr(reported_on, 1, 7) AS month, kind, count(*) AS incidents, count(*) FILTER (WHERE closed_on > due_on) AS late
FROM record.incident GROUP BY substr(reported_on, 1, 7), kind ORDER BY month NULLS LAST, kind NULLS LAST;

-- ratings: hotline requests by kind and rating
SELECT kind, rating, count(*) AS requests FROM record.hotline_request GROUP BY kind, rating ORDER BY kind NULLS LAST, rating NULLS LAST;

-- page: a page of people with their addresses
SELECT entity_id, name, live_address FROM entity.person WHERE live_address IS NOT NULL ORDER BY entity_id LIMIT 1000;

-- employers: organisations with most people insured through them
SELECT o.name, count(DISTINCT e.source) AS people FROM graph.edge e JOIN entity.organization o ON o.entity_id = e.target
WHERE e.relation = 'works_for' GROUP BY o.name ORDER BY people DESC, o.name LIMIT 20;

-- refused: rows refused, by extract and reason
SELECT extract, rule, count(*) AS rows_refused FROM raw.reject GROUP BY extract, rule ORDER BY extract, rule;
