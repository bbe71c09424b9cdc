//! Questions that somebody might ask to find out more than they may see, drawn at random, and what they are told in answer.

use super::world::{Dice, Human, NOW};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use wuwei_query::{Answer, Error, Session};

/// Tables with some of their columns, and one that is a number.
const TABLES: [(&str, &[&str], &str); 17] = [
    ("record.person", &["name", "id_no", "phone", "birth_date", "sex", "live_address", "department", "marital"], "record_id"),
    ("entity.person", &["name", "id_no", "phone", "birth_date", "sex", "marital", "departments"], "entity_id"),
    ("record.person", &["sex", "department"], "rows"),
    ("entity.person", &["sex", "marital"], "rows"),
    ("graph.edge", &["relation", "department"], "rows"),
    ("record.vehicle", &["plate_no", "status", "department"], "record_id"),
    ("entity.vehicle", &["plate_no", "status"], "entity_id"),
    ("graph.link", &["entity", "tier", "reason"], "entity_id"),
    ("graph.edge", &["relation", "source_type", "department"], "source"),
    ("graph.member", &["entity", "reason"], "entity_id"),
    ("raw.ga_hjrk", &["XM", "GMSFHM", "batch"], "first_record"),
    ("raw.reject", &["department", "rule", "value", "cells"], "row"),
    ("contract.restricted", &["state", "ground"], "entity_id"),
    ("contract.table_comment", &["namespace", "table_name", "zh"], "length(en)"),
    ("contract.column_comment", &["namespace", "column_name", "zh"], "length(en)"),
    ("audit.entry", &["principal", "kind", "outcome"], "seq"),
    ("indicator.duplicate_registration", &["department"], "numerator"),
];

/// Tables, each with its columns and its number.
pub(crate) type Tables = Vec<(&'static str, &'static [&'static str], &'static str)>;

/// The tables that answer somebody, so that most questions are of these; all of them where none does.
pub(crate) async fn answering(session: &Session) -> Tables {
    let mut tables = Tables::new();
    for table in TABLES {
        if session.sql(&format!("SELECT {} FROM {} LIMIT 1", table.1.join(", "), table.0), NOW).await.is_ok() {
            tables.push(table);
        }
    }
    if tables.is_empty() { TABLES.to_vec() } else { tables }
}

/// A question: three in four of tables that answer.
pub(crate) fn drawn(dice: &mut Dice, people: &[Human], answering: &Tables) -> String {
    let (table, columns, number) = if dice.below(4) > 0 { *dice.of(answering) } else { *dice.of(&TABLES) };
    let column = *dice.of(columns);
    let condition = condition(dice, people, columns, number);
    match dice.below(20) {
        0 | 1 => format!("SELECT {} FROM {table} WHERE {condition}", columns.join(", ")),
        2 => format!("SELECT * FROM {table}"),
        3 => {
            format!("SELECT count(*), count(DISTINCT {column}), min({column}), max({column}), sum({number}) FROM {table} WHERE {condition}")
        }
        4 => format!("SELECT {column}, count(*) FROM {table} GROUP BY {column} HAVING count(*) > {}", dice.below(4)),
        5 => {
            let all = columns.join(", ");
            let most = 1 + dice.below(9);
            format!("SELECT {all}, {number} FROM {table} WHERE {condition} ORDER BY {column} DESC, {number}, {all} LIMIT {most}")
        }
        6 => format!("SELECT upper({column}), row_number() OVER (ORDER BY {column}, {number}) FROM {table}"),
        7 => format!("SELECT (SELECT max({column}) FROM {table}) AS m, count(*) FILTER (WHERE {condition}) FROM {table}"),
        8 => {
            let (other, others, _) = *dice.of(&TABLES);
            let theirs = *dice.of(others);
            format!(
                "SELECT count(*), min(b.{theirs}) FROM {table} a JOIN {other} b ON a.{column} = b.{theirs} WHERE a.{number} > {}",
                dice.below(40)
            )
        }
        9 => format!(
            "WITH x AS (SELECT {column} AS c FROM {table} WHERE {condition}) SELECT c, count(*) FROM x GROUP BY c UNION ALL SELECT 'x', 1"
        ),
        10 => format!("SELECT CASE WHEN {condition} THEN 1 / ({number} - {}) ELSE 1 END FROM {table}", dice.below(1100)),
        11 => format!("{} SELECT {column} FROM {table} WHERE {condition}", dice.of(&["EXPLAIN", "EXPLAIN ANALYZE", "EXPLAIN VERBOSE"])),
        14 | 15 => format!("SELECT * FROM GRAPH_TABLE (graph MATCH {}) gt", matched(dice, people)),
        13 => filed(dice, people),
        16 | 17 => walked(dice),
        12 => (*dice.of(&[
            "SHOW TABLES",
            "SELECT * FROM information_schema.tables",
            "DESCRIBE record.person",
            "SELECT * FROM record.persn",
            "SELECT * FROM graph.mdel",
            "SELECT version()",
        ]))
        .to_owned(),
        _ => format!(
            "SELECT array_agg({column} ORDER BY {column}) FROM {table} WHERE EXISTS (SELECT 1 FROM {table} t WHERE t.{column} LIKE '{}%')",
            some(dice, people, 1)
        ),
    }
}

/// A pattern of the graph about somebody.
fn matched(dice: &mut Dice, people: &[Human]) -> String {
    let property = *dice.of(&["name", "id_no", "phone", "birth_date", "marital"]);
    let of = match dice.below(5) {
        0 => format!("a.{property} = '{}'", some(dice, people, 20)),
        1 => format!("a.{property} LIKE '{}%'", some(dice, people, 2)),
        2 => format!("CAST(a.{property} AS BIGINT) > {}", dice.below(1000)),
        3 => format!("1 / (a.entity_id - {}) >= 0", 1000 + dice.below(72)),
        _ => format!("a.entity_id > {}", 1000 + dice.below(72)),
    };
    let path = match dice.below(5) {
        0 => format!("(a IS person WHERE {of})-[k IS owns]->(b IS vehicle)"),
        1 => format!("(b IS vehicle)<-[k]-(a IS person) WHERE {of}"),
        2 => format!("(a IS person WHERE {of})-[IS owns]-{{1,2}}(b)"),
        3 => format!("p = ANY SHORTEST (a IS person WHERE {of})-{{1,2}}(b)"),
        _ => format!("(a IS person WHERE {of}), (b IS person WHERE b.{property} = '{}')", some(dice, people, 20)),
    };
    let column = *dice.of(&["b.entity", "count(*)", "a.name", "a.id_no", "max(a.phone)"]);
    format!("{path} COLUMNS ({column} AS c)")
}

/// A walk over the graph from somebody or some vehicle.
fn walked(dice: &mut Dice) -> String {
    let [one, other] = [(); 2].map(|()| dice.of(&[1000, 1000, 1500, 3000]) + dice.below(18) * 4);
    let as_of = *dice.of(&["NULL", "'2018-07-15'", "'2021'"]);
    let most = 1 + dice.below(9);
    match dice.below(9) {
        0 | 1 => format!("SELECT * FROM neighbours({one}, hops => {}, as_of => {as_of}, max_degree => {most})", 1 + dice.below(4)),
        2 => format!("SELECT count(*), max(hops) FROM component({one}, as_of => {as_of}, max_degree => {most})"),
        3 => format!("SELECT * FROM all_shortest_paths({one}, {other}, as_of => {as_of}, max_degree => {most}) LIMIT 1000"),
        4 => format!("SELECT * FROM shortest_path({one}, {other}, max_hops => 12, as_of => {as_of}, max_degree => {most}) LIMIT 50"),
        5 => format!("SELECT * FROM common_neighbours({one}, {other}, as_of => {as_of})"),
        6 => format!("SELECT * FROM co_residents({one})"),
        7 => format!(
            "SELECT p.entity_id, unnest(neighbours_of(p.entity_id, NULL, {as_of}, {})) AS n FROM entity.person p WHERE p.entity_id < {one}",
            1 + dice.below(3)
        ),
        _ => format!("SELECT n.hops, p.name FROM neighbours({one}, as_of => {as_of}) n JOIN entity.person p ON p.entity_id = n.entity_id"),
    }
}

/// A search, a file or a timeline of somebody.
fn filed(dice: &mut Dice, people: &[Human]) -> String {
    let one = dice.of(&[1000, 1500]) + dice.below(72);
    let length = [1, 2, 4, 8, 20][dice.below(5)];
    let typed = some(dice, people, length);
    match dice.below(8) {
        0 => format!("SELECT * FROM person_file({one})"),
        1 => format!("SELECT section, count(*), max(value) FROM person_file(id => {one}) f GROUP BY section"),
        2 => format!("SELECT * FROM household_file({one})"),
        3 => format!("SELECT * FROM timeline({one})"),
        4 => format!("SELECT * FROM search('{typed}', entity => 'person', most => 200)"),
        5 => format!("SELECT count(*), max(rank), min(class) FROM search('{typed} {}')", some(dice, people, 2)),
        6 => format!(
            "SELECT s.class, p.name, p.id_no FROM search('born:{}') s JOIN entity.person p ON p.entity_id = s.entity_id",
            1950 + dice.below(75)
        ),
        _ => format!("SELECT * FROM search('*{typed}') s WHERE NOT near"),
    }
}

fn condition(dice: &mut Dice, people: &[Human], columns: &[&str], number: &str) -> String {
    let column = *dice.of(columns);
    match dice.below(12) {
        0 => format!("{column} = '{}'", some(dice, people, 20)),
        1 => format!("{column} LIKE '{}%'", some(dice, people, 2)),
        2 => format!("substr({column}, {}, 1) = '{}'", 1 + dice.below(18), dice.below(10)),
        3 => format!("CAST({column} AS BIGINT) > {}", dice.below(1000)),
        4 => format!("1 / ({number} - {}) >= 0", dice.below(1100)),
        5 => format!("{column} IN ('{}', '{}', '1')", some(dice, people, 20), some(dice, people, 20)),
        6 => format!("{column} {} '{}'", dice.of(&["<", "<=", ">"]), some(dice, people, 3)),
        7 => format!("{number} BETWEEN {} AND {}", dice.below(600), dice.below(1700)),
        8 => format!("regexp_like({column}, '{}.*{}')", some(dice, people, 1), dice.below(10)),
        9 => format!("to_timestamp({column}) IS NOT NULL"),
        10 => format!("length({column}) > {} AND {column} <> '{}'", dice.below(12), some(dice, people, 20)),
        _ => format!("{column} IS NOT NULL OR {number} = {}", dice.below(72)),
    }
}

/// The beginning of something that is true of somebody.
fn some(dice: &mut Dice, people: &[Human], length: usize) -> String {
    let human = dice.of(people);
    let text = [&human.name, &human.id_no, &human.phone][dice.below(3)];
    text.chars().take(length).collect()
}

/// Everything that leaves in answer: names and types of columns, rows, or the error's words; where an order was asked the bytes of a file of
/// it too. Rows of which no order was asked come in any.
pub(crate) async fn told(session: &Session, question: &str) -> String {
    shown(&session.sql(question, NOW).await, question)
}

/// The same of an answer that was had.
pub(crate) fn shown(answer: &Result<Answer, Error>, question: &str) -> String {
    match answer {
        Ok(answer) => {
            let columns: Vec<String> =
                answer.schema.fields().iter().map(|field| format!("{} {}", field.name(), field.data_type())).collect();
            let shown = arrow_cast::pretty::pretty_format_batches(&answer.batches).unwrap().to_string();
            let mut lines: Vec<&str> = shown.lines().collect();
            lines.sort_unstable();
            let bytes = if question.contains(" LIMIT ") { exported(answer) } else { 0 };
            format!("{}\n{} {bytes:x}\n{}", columns.join(", "), answer.rows(), lines.join("\n"))
        }
        Err(error) => format!("error: {error}"),
    }
}

/// A hash of the answer as an Arrow file, in which the sizes of batches show.
fn exported(answer: &Answer) -> u64 {
    let mut bytes = Vec::new();
    let mut writer = arrow_ipc::writer::FileWriter::try_new(&mut bytes, &answer.schema).unwrap();
    answer.batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.finish().unwrap();
    drop(writer);
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}
