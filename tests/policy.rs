//! Who may see what, from outside: one table of it, which is reviewed as it changes; and what is hidden stays hidden whatever is asked.

pub(crate) mod questions;
pub(crate) mod world;

use crate::support::{COUNTY, Hub, root};
use arrow_array::cast::AsArray as _;
use questions::{answering, drawn, told};
use std::collections::BTreeMap;
use world::{Dice, EVERYBODY, Human, NEW, NOW, RESTRICTED, Who, altered, people, session};
use wuwei_query::Session;

/// Pairs of worlds, and questions to each pair; the bench asks more.
const WORLDS: u64 = 2;
const QUESTIONS: usize = 30;

#[tokio::test]
async fn two_worlds_that_differ_only_in_what_somebody_may_not_see_answer_alike() {
    for (seed, who) in (0..WORLDS).flat_map(|seed| EVERYBODY.map(|who| (seed, who))) {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let these = people(seed);
        let those = altered(&these, who, seed);
        let (here, there) = (session(one.path(), &these, who).await, session(other.path(), &those, who).await);
        let (mut dice, tables) = (Dice(seed * 100 + 13), answering(&here).await);
        assert_eq!(tables, answering(&there).await, "{who:?}, seed {seed}");
        for _ in 0..QUESTIONS {
            let question = drawn(&mut dice, if seed % 2 == 0 { &these } else { &those }, &tables);
            assert_eq!(told(&here, &question).await, told(&there, &question).await, "{who:?}, seed {seed}: {question}");
        }
    }
}

/// Rows of an answer as text, cell by cell.
async fn rows(session: &Session, question: &str) -> Vec<Vec<String>> {
    let answer = session.sql(question, NOW).await.unwrap_or_else(|error| panic!("{question}: {error}"));
    let mut rows = Vec::new();
    for batch in &answer.batches {
        let columns: Vec<_> =
            batch.columns().iter().map(|column| arrow_cast::cast(column, &arrow_schema::DataType::Utf8).unwrap()).collect();
        rows.extend(
            (0..batch.num_rows()).map(|row| columns.iter().map(|column| column.as_string::<i32>().value(row).to_owned()).collect()),
        );
    }
    rows
}

#[tokio::test]
async fn no_probe_finds_a_character_beyond_the_mask() {
    let folder = tempfile::tempdir().unwrap();
    let everybody = people(3);
    let session = session(folder.path(), &everybody, Who::Engineer).await;
    let target = &everybody[7];
    let number = target.number;
    for (column, value, head, tail) in [("id_no", &target.id_no, 6, 2), ("name", &target.name, 1, 0), ("phone", &target.phone, 3, 2)] {
        let letters: Vec<char> = value.chars().collect();
        for at in head..letters.len() - tail {
            let (begin, place): (String, usize) = (letters[..at].iter().collect(), at + 1);
            for letter in [letters[at], if letters[at] == '1' { '2' } else { '1' }] {
                for probe in [
                    format!("{column} LIKE '{begin}{letter}%'"),
                    format!("{column} >= '{begin}{letter}' AND {column} < '{begin}{letter}~'"),
                    format!("substr({column}, {place}, 1) = '{letter}'"),
                    format!("strpos({column}, '{begin}{letter}') = 1"),
                    format!("regexp_like({column}, '^{begin}{letter}')"),
                    format!("{column} = '{value}'"),
                    format!("{column} IN ('{value}', 'x')"),
                    format!("CASE WHEN substr({column}, {place}, 1) = '{letter}' THEN 1 / (record_id - {number}) ELSE 1 END > 5"),
                    format!("try_cast(substr({column}, {place}, 1) AS BIGINT) IS NOT NULL"),
                    format!("record_id IN (SELECT a.record_id FROM record.person a JOIN (SELECT '{value}' AS v) b ON a.{column} = b.v)"),
                ] {
                    let question = format!("SELECT count(*) FROM record.person WHERE record_id = {number} AND ({probe})");
                    assert_eq!(rows(&session, &question).await, [["0"]], "{question}");
                }
            }
        }
        let all =
            rows(&session, &format!("SELECT {column}, min({column}) OVER (PARTITION BY {column}) FROM record.person ORDER BY {column}"))
                .await;
        assert!(all.iter().flatten().all(|shown| shown.contains('*')), "{column}");
    }
}

/// What is in no answer to some of those who ask, each with a statement that looks for it: the classes of statement that got round other
/// programs' policies.
fn statements(id: &str, name: &str) -> Vec<String> {
    let mut all = Vec::new();
    for table in
        ["record.person", "\"record\".\"person\"", "RECORD.PERSON", "wuwei.record.person", "entity.person", "raw.ga_hjrk", "raw.reject"]
    {
        all.push(format!("SELECT * FROM {table}"));
        all.push(format!("WITH x AS (SELECT * FROM {table}) SELECT * FROM x"));
        all.push(format!("SELECT 1 WHERE EXISTS (SELECT 1 FROM {table} WHERE 1 = 1)"));
        all.push(format!("SELECT CASE WHEN (SELECT count(*) FROM {table}) > 0 THEN (SELECT max(id_no) FROM {table}) END"));
        all.push(format!("SELECT count(*) FROM {table} WHERE CAST(id_no AS BIGINT) > 0"));
        all.push(format!("SELECT count(*) FROM {table} HAVING (SELECT min(name) FROM {table}) > ''"));
        all.push(format!("SELECT 1 AS a ORDER BY (SELECT max(id_no) FROM {table})"));
        all.push(format!("SELECT array_agg(name), array_agg(id_no) FROM {table}"));
        all.push(format!("SELECT b.* FROM (SELECT 1) a, LATERAL (SELECT * FROM {table}) b"));
        all.push(format!("EXPLAIN SELECT * FROM {table}"));
        all.push(format!("EXPLAIN ANALYZE SELECT * FROM {table} WHERE id_no = '{id}'"));
        all.push(format!("COPY {table} TO '/tmp/x.csv'"));
        all.push(format!("DESCRIBE {table}"));
        all.push(format!("SELECT arrow_cast(name, 'Int64') FROM {table}"));
        all.push(format!("SELECT to_timestamp(id_no), md5(id_no) FROM {table}"));
        all.push(format!("SELECT * FROM {table} WHERE name = '{name}' OR id_no LIKE '%{}%'", &id[6..14]));
        all.push(format!("SELECT * FROM {table} FOR SYSTEM_TIME AS OF '2020-01-01'"));
    }
    for statement in [
        "SELECT * FROM information_schema.columns",
        "SELECT * FROM pg_catalog.pg_class",
        "SHOW ALL",
        "SHOW TABLES",
        "SET datafusion.execution.batch_size = 1",
        "SET ROLE operator",
        "RESET ALL",
        "SELECT 1; SELECT * FROM record.person",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_parquet('tables')",
        "CREATE VIEW v AS SELECT * FROM record.person",
        "INSERT INTO record.person SELECT * FROM record.person",
        "PREPARE p AS SELECT * FROM record.person",
        "DECLARE c CURSOR FOR SELECT * FROM record.person",
        "SELECT * INTO t FROM record.person",
        "SELECT nam FROM record.person",
        "SELECT * FROM record.persn",
    ] {
        all.push(statement.to_owned());
    }
    all
}

#[tokio::test]
async fn no_class_of_statement_gets_round_the_door() {
    let everybody = people(4);
    // A person of the police's, neither under 14 nor restricted; what is hidden of them from whom is said here once more.
    let target = &everybody[12];
    for who in EVERYBODY {
        let folder = tempfile::tempdir().unwrap();
        let session = session(folder.path(), &everybody, who).await;
        let hidden: &[&str] = match who {
            Who::Operator | Who::Benefit | Who::Area => &[],
            Who::School => &[&target.id_no, &target.phone],
            _ => &[&target.id_no, &target.phone, &target.name],
        };
        for statement in statements(&target.id_no, &target.name) {
            let answer = told(&session, &statement).await;
            for value in hidden {
                // Names of two or three characters are several people's.
                let is_mine = who == Who::Liaison && everybody.iter().any(|human| human.name == **value);
                assert!(is_mine || !answer.contains(value), "{who:?} finds {value}: {statement}\n{answer}");
            }
            let restricted = &everybody[RESTRICTED];
            assert!(!answer.contains(&restricted.id_no), "{who:?} finds somebody who is restricted: {statement}");
        }
    }
}

#[tokio::test]
async fn cells_of_fewer_than_ten_are_as_if_they_were_not() {
    let everybody = people(5);
    let with = |count: usize| {
        let more = |at: usize| Human {
            number: 200 + i64::try_from(at).unwrap(),
            department: "jy",
            sex: "9".to_owned(),
            marital: "90".to_owned(),
            ..everybody[1].clone()
        };
        everybody.iter().cloned().chain((0..count).map(more)).collect::<Vec<_>>()
    };
    let mut answers = Vec::new();
    for count in [0, 3, 9, 10] {
        let folder = tempfile::tempdir().unwrap();
        let session = session(folder.path(), &with(count), Who::Analyst).await;
        let mut told_all = String::new();
        for question in [
            "SELECT department, sex, rows FROM record.person ORDER BY department, sex",
            "SELECT sex, marital, rows FROM entity.person ORDER BY sex, marital",
            "SELECT sum(rows), count(*) FROM record.person",
            "SELECT count(*) FROM record.person WHERE sex = '9'",
            "SELECT record_id FROM record.person",
        ] {
            told_all += &told(&session, question).await;
        }
        answers.push(told_all);
    }
    assert!(answers[0] == answers[1] && answers[1] == answers[2], "fewer than ten");
    assert_ne!(answers[2], answers[3], "ten are told");
}

#[tokio::test]
async fn a_new_row_of_a_restricted_person_is_kept_back_before_it_is_resolved() {
    let mut everybody = people(6);
    let again = Human { number: NEW, department: "mz", ..everybody[RESTRICTED].clone() };
    let other = Human { id_no: "990101198001010101".to_owned(), number: NEW + 1, ..again.clone() };
    everybody.extend([again, other]);
    let folder = tempfile::tempdir().unwrap();
    let session = session(folder.path(), &everybody, Who::Operator).await;
    let found = rows(&session, &format!("SELECT record_id FROM record.person WHERE record_id IN ({RESTRICTED}, {NEW}, {})", NEW + 1)).await;
    assert_eq!(found, [[(NEW + 1).to_string()]]);
}

#[test]
fn what_nobody_registered_is_refused_in_one_sentence() {
    let hub = &COUNTY.0;
    for (arguments, says) in [
        (vec!["--as", "king", "sql", "SELECT 1"], "no policy for the role"),
        (vec!["--as", "li", "sql", "SELECT 1"], "no policy for the role"),
        (vec!["--purpose", "好奇", "sql", "SELECT 1"], "purpose is not registered"),
        (vec!["--as", "wuwei", "sql", "SELECT 1"], "without `wuwei`"),
        (vec!["--as", "case_worker:li@xx", "--purpose", "低保核对", "sql", "SELECT 1"], "of no department"),
        (vec!["--as", "auditor", "--purpose", "审计", "people", "王伟"], "does not use `people`"),
        (vec!["--as", "case_worker:li@mz", "--purpose", "低保核对", "eval", "--property", "id_no"], "does not use `eval`"),
        (vec!["--as", "liaison:li@mz", "--purpose", "数据报送与核对", "ingest", ".", "--department", "ga"], "not yours to hand in"),
    ] {
        let complaint = hub.complains(&arguments);
        assert!(complaint.contains(says) && complaint.contains("hint: ") && complaint.lines().count() == 1, "{arguments:?}: {complaint}");
    }
    assert!(hub.count("SELECT count(*) FROM audit.entry WHERE outcome = 'refused: policy'") >= 5, "refusals are accounted for");
}

/// As somebody, for a purpose.
fn of(who: Who, rest: &[&str]) -> Vec<String> {
    let (principal, purpose) = who.stated();
    ["--as", principal, "--purpose", purpose].into_iter().chain(rest.iter().copied()).map(str::to_owned).collect()
}

fn says(hub: &Hub, who: Who, rest: &[&str]) -> String {
    let arguments = of(who, rest);
    hub.says(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn who_may_see_what_is_one_table() {
    let mut lines = vec![
        "# Who may see what: role and purpose, then rows and classes in clear with the tables of which that is so. Made by the program; a"
            .to_owned(),
        "# change of a policy is a change of this file. `cargo test --test main policy` says what it should be.".to_owned(),
    ];
    for who in EVERYBODY {
        let (principal, purpose) = who.stated();
        lines.push(format!("\n{principal}  {purpose}"));
        let csv = says(
            &COUNTY.0,
            who,
            &[
                "sql",
                "SELECT rows, clear, namespace, table_name FROM contract.table_comment ORDER BY namespace, table_name",
                "--format",
                "csv",
            ],
        );
        let mut tables: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
        for line in csv.trim_start_matches('\u{feff}').lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let seen = tables.entry(format!("{} · {}", cells[0], cells[1])).or_default();
            seen.entry(cells[2].to_owned()).or_default().push(cells[3].to_owned());
        }
        for (seen, namespaces) in tables {
            lines.push(format!("  {seen}"));
            lines.extend(namespaces.into_iter().map(|(namespace, tables)| format!("    {namespace}: {}", tables.join(" "))));
        }
    }
    let (found, path) = (lines.join("\n") + "\n", root().join("tests/policy/who_sees_what.txt"));
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    if known != found {
        std::fs::write(path.with_extension("new"), &found).unwrap();
        panic!(
            "who may see what has changed: compare tests/policy/who_sees_what.new with the .txt beside it, and replace it if that is meant"
        );
    }
}

#[test]
fn a_restricted_person_is_in_no_answer_until_it_is_lifted() {
    let hub = COUNTY.0.copy();
    let id = hub.count("SELECT min(entity_id) FROM entity.person WHERE id_no IS NOT NULL AND records > 3");
    let (asked, number) =
        (id.to_string(), &hub.says(&["sql", &format!("SELECT id_no FROM entity.person WHERE entity_id = {id}"), "--format", "csv"]));
    let number = number.lines().nth(1).unwrap().to_owned();
    let questions = [
        format!("SELECT count(*) FROM record.person WHERE id_no = '{number}'"),
        format!("SELECT count(*) FROM entity.person WHERE entity_id = {id}"),
        format!("SELECT count(*) FROM graph.edge WHERE source = {id} OR target = {id}"),
        format!("SELECT count(*) FROM graph.link WHERE entity_id = {id}"),
        format!("SELECT count(*) FROM raw.ga_hjrk WHERE \"GMSFHM\" = '{number}'"),
    ];
    let before: Vec<i64> = questions.iter().map(|question| hub.count(question)).collect();
    assert!(before.iter().all(|count| *count > 0), "{before:?}");
    assert!(hub.says(&["people", &number]).contains(&asked));

    hub.complains(&["restrict", &asked, "--ground", " "]);
    let arguments = of(Who::Admin, &["restrict", &asked, "--ground", "个人申请 2026-3"]);
    hub.says(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    for question in &questions {
        assert_eq!(hub.count(question), 0, "{question}");
    }
    assert!(!hub.says(&["people", &number]).contains(&asked));
    assert!(hub.complains(&["person", &asked]).contains("there is no entity"));
    assert!(says(&hub, Who::Auditor, &["sql", "SELECT entity_id, ground FROM contract.restricted"]).contains(&asked));

    hub.says(&["restrict", "1", "--lift", "--ground", "个人撤回 2026-4"]);
    assert_eq!(questions.iter().map(|question| hub.count(question)).collect::<Vec<_>>(), before);
    hub.complains(&["restrict", "1", "--lift", "--ground", "again"]);
}

#[test]
fn somebody_under_fourteen_is_masked_and_not_found_by_name() {
    let hub = &COUNTY.0;
    let child = hub.says(&[
        "sql",
        "SELECT entity_id, name, id_no FROM entity.person WHERE birth_date > '2016' AND id_no IS NOT NULL ORDER BY entity_id LIMIT 1",
        "--format",
        "csv",
    ]);
    let cells: Vec<String> = child.lines().nth(1).unwrap().split(',').map(str::to_owned).collect();
    let [id, name, number] = &cells[..] else { panic!("{cells:?}") };
    assert!(hub.says(&["people", name]).contains(id));
    for typed in [name, number] {
        assert!(!says(hub, Who::Benefit, &["people", typed, "--limit", "1000"]).contains(id.as_str()), "{typed}");
    }
    let file = says(hub, Who::Benefit, &["person", id]);
    assert!(!file.contains(name.as_str()) && !file.contains(number.as_str()), "{file}");
    let csv =
        says(hub, Who::Benefit, &["sql", &format!("SELECT name, id_no FROM entity.person WHERE entity_id = {id}"), "--format", "csv"]);
    assert!(csv.contains('*') && !csv.contains(number.as_str()), "{csv}");
}

#[test]
fn files_and_figures_go_through_the_same_door() {
    let hub = &COUNTY.0;
    let adult = hub.count("SELECT min(entity_id) FROM entity.person WHERE birth_date < '1990' AND id_no IS NOT NULL").to_string();
    assert!(says(hub, Who::Benefit, &["person", &adult]).contains("990101") || says(hub, Who::Benefit, &["person", &adult]).contains("99"));
    let denied = of(Who::Engineer, &["person", &adult]);
    assert!(hub.complains(&denied.iter().map(String::as_str).collect::<Vec<_>>()).contains("does not use `person`"));
    let jobs = says(hub, Who::Liaison, &["jobs", "--json"]);
    assert!(jobs.contains("\"mz\"") && !jobs.contains("\"department\": \"ga\""), "{jobs}");
    let all = hub.says(&["jobs", "--json"]);
    let other = all.lines().zip(1..).count();
    assert!(other > jobs.lines().count());
    for who in [Who::Auditor, Who::Analyst, Who::Engineer] {
        assert!(says(hub, who, &["indicators"]).contains('%') || !says(hub, who, &["indicators"]).is_empty(), "{who:?}");
    }
    let cells = says(hub, Who::Analyst, &["sql", "SELECT department, sex, rows FROM record.person", "--format", "csv"]);
    let counts: Vec<i64> = cells.lines().skip(1).map(|line| line.rsplit(',').next().unwrap().parse().unwrap()).collect();
    assert!(!counts.is_empty() && counts.iter().all(|count| *count >= 10), "{cells}");
}
