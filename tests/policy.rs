//! Who may see what, from outside: one table of it, which is reviewed as it changes; and what is hidden stays hidden whatever is asked.

pub(crate) mod adversary;
mod entrances;
pub(crate) mod pairs;
pub(crate) mod questions;
mod statements;
mod ties;
pub(crate) mod world;

use crate::support::{COUNTY, Hub, root};
use arrow_array::cast::AsArray as _;
use questions::told;
use std::collections::BTreeMap;
use world::{EVERYBODY, Human, NEW, NOW, RESTRICTED, Who, people, session};
use wuwei_query::Session;

/// Pairs of worlds of everybody, and questions to each pair; the bench asks more.
const WORLDS: u64 = 2;
const QUESTIONS: usize = 30;

#[tokio::test]
async fn two_worlds_that_differ_only_in_what_somebody_may_not_see_answer_alike() {
    for seed in 0..WORLDS {
        pairs::asked(seed, QUESTIONS).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_such_worlds_answer_alike_at_every_entrance() {
    entrances::asked(WORLDS, QUESTIONS).await;
}

#[tokio::test]
async fn no_probe_finds_a_character_beyond_the_mask() {
    let probes = adversary::probe(2).await;
    assert!(probes > 300, "{probes}");
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
fn whoever_may_open_only_persons_finds_nothing_else() {
    let hub = &COUNTY.0;
    let said = hub.says(&["sql", "SELECT plate_no FROM entity.vehicle ORDER BY entity_id LIMIT 1", "--format", "csv"]);
    let plate = said.lines().nth(1).unwrap();
    let of = |purpose| hub.json(&["--as", "case_worker:li@mz", "--purpose", purpose, "people", plate]);
    assert_eq!(of("低保核对")["hits"][0]["entity"], "vehicle");
    let persons = of("低保申请家庭核对");
    assert!(persons["types"].as_array().unwrap().iter().all(|of| of["entity"] == "person"), "{persons}");
    assert!(!persons["hits"].to_string().contains("plate_no"), "{persons}");
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
