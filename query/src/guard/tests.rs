//! What is refused and what is let through, as tables. That a question is answered is tested at the session.

use super::*;
use crate::testing::{
    self,
    words::{changed, changes, soup},
};
use proptest::prelude::*;
use std::sync::LazyLock;

/// The rule that refuses a question; `None` when it is let through.
fn rule(text: &str) -> Option<&'static str> {
    guard(text, &testing::tables(), &[]).err().map(|error| error.reason())
}

#[test]
fn whatever_is_not_one_select_is_refused() {
    for (text, expected) in [
        ("", "syntax"),
        ("SELECT", "syntax"),
        ("SELECT 1; SELECT 2", "one statement"),
        ("SELECT 1 -- \n; DROP TABLE record.person", "one statement"),
        ("DROP TABLE record.person", "select only"),
        ("INSERT INTO record.person SELECT * FROM record.person", "select only"),
        ("UPDATE record.person SET name = 'x'", "select only"),
        ("DELETE FROM record.person", "select only"),
        ("TRUNCATE record.person", "select only"),
        ("CREATE TABLE t AS SELECT 1", "select only"),
        ("CREATE VIEW v AS SELECT 1", "select only"),
        ("COPY (SELECT 1) TO '/tmp/out.csv'", "select only"),
        ("SET datafusion.execution.batch_size = 1", "select only"),
        ("EXPLAIN SELECT * FROM record.person", "select only"),
        ("EXPLAIN ANALYZE SELECT 1", "select only"),
        ("SHOW TABLES", "select only"),
        ("DESCRIBE record.person", "select only"),
        ("PREPARE a AS SELECT 1", "select only"),
        ("SELECT * INTO t FROM record.person", "select only"),
        ("WITH x AS (INSERT INTO record.person VALUES (1)) SELECT 1", "select only"),
        ("TABLE record.person", "select only"),
        ("SELECT * FROM record.person FOR UPDATE", "select only"),
        ("WITH RECURSIVE t AS (SELECT 1 UNION ALL SELECT 1 FROM t) SELECT * FROM t", "recursion"),
        ("SELECT \0 1", "syntax"),
    ] {
        let found = rule(text);
        let not_parsed = found == Some("syntax") && expected == "select only";
        assert!(found == Some(expected) || not_parsed, "{text}: {found:?}");
    }
    assert!(rule("CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'").is_some());
}

#[test]
fn what_is_no_sql_is_told_by_its_place_and_never_by_its_words() {
    let pattern = "GRAPH_TABLE (graph MATCH (p IS person) COLUMNS (p.name))";
    for (text, told) in [
        ("SELEC 1".to_owned(), "it is not SQL at line 1, column 1"),
        ("SELECT 1\n  FROM record.person ORDR BY 1".to_owned(), "it is not SQL at line 2, column 27"),
        ("SELECT 'secret".to_owned(), "it cannot be read at line 1, column 8"),
        ("SELECT ' at Line: 7, Column: 7' 'secret' FRM".to_owned(), "it is not SQL at line 1, column 42"),
        (format!("SELECT * FROM {pattern} gt\nWHER 1"), "it is not SQL at line 2, column 1"),
        ("SELECT".to_owned(), "it is not SQL, or ends too early"),
        (format!("SELECT {}1{}", "(".repeat(100), ")".repeat(100)), "it is nested too deep"),
    ] {
        let error = guard(&text, &testing::tables(), &[]).err().unwrap().to_string();
        assert!(error.contains(told) && !error.contains("secret"), "{text}: {error}");
    }
}

#[test]
fn only_tables_of_the_catalogue_are_read() {
    for text in [
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM \"/etc/passwd\"",
        "SELECT * FROM \"s3://bucket/x.parquet\"",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM generate_series(1, 1000000000)",
        "SELECT * FROM UNNEST([1, 2])",
        "SELECT * FROM TABLE(range(1, 3))",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM pg_catalog.pg_class",
        "SELECT * FROM wuwei.record.person",
        "SELECT * FROM person",
        "SELECT * FROM record.persons",
        "SELECT * FROM p",
        "SELECT * FROM \"Record\".person",
        "SELECT (SELECT max(x) FROM secret.t)",
        "SELECT 1 FROM record.person WHERE EXISTS (SELECT 1 FROM secret.t)",
        "SELECT 1 FROM record.person WHERE record_id IN (SELECT a FROM secret.t)",
        "SELECT CASE WHEN (SELECT true FROM secret.t) THEN 1 END",
        "SELECT 1 FROM record.person a JOIN record.person b ON a.name = (SELECT min(x) FROM secret.t)",
        "SELECT 1 ORDER BY (SELECT 1 FROM secret.t)",
        "SELECT 1 LIMIT (SELECT 1 FROM secret.t)",
        "SELECT count(*) FILTER (WHERE EXISTS (SELECT 1 FROM secret.t)) FROM record.person",
        "WITH x AS (SELECT * FROM secret.t) SELECT 1",
        "WITH x AS (SELECT * FROM x) SELECT * FROM x",
        "SELECT * FROM (WITH x AS (SELECT 1) SELECT * FROM x) y, x",
        "SELECT * FROM record.person FOR SYSTEM_TIME AS OF '2020-01-01'",
        "SELECT * FROM record.person TABLESAMPLE (10 PERCENT)",
    ] {
        assert!(rule(text).is_some(), "{text}");
    }
    let meant = guard("SELECT * FROM person", &testing::tables(), &[]).unwrap_err().to_string();
    assert!(meant.contains("did you mean `entity.person`?"), "{meant}");
}

#[test]
fn what_would_freeze_or_overflow_the_planner_is_refused() {
    let many = |piece: &str, times: usize| vec![piece; times].join(" ");
    let doubling = (0..16).map(|n| match n {
        0 => "c0 AS (SELECT * FROM record.person)".to_owned(),
        n => format!("c{n} AS (SELECT a.* FROM c{0} a JOIN c{0} b ON a.record_id = b.record_id)", n - 1),
    });
    let doubling = format!("WITH {} SELECT count(*) FROM c15", doubling.collect::<Vec<_>>().join(", "));
    for (text, expected) in [
        (format!("SELECT 1 {}", many("+ 1", 300)), "depth"),
        (format!("SELECT 1 {}", many("+1", 20_000)), "operators"),
        (format!("SELECT 1 WHERE true {}", many("OR true", 1_000)), "depth"),
        (format!("SELECT 1 {}", many("IS NOT NULL", 1_000)), "depth"),
        (format!("SELECT 1{}", "::int".repeat(1_500)), "depth"),
        (format!("SELECT {} 1", many("-", 1_000)), "syntax"),
        (format!("SELECT {}1{}", "(".repeat(1_000), ")".repeat(1_000)), "syntax"),
        (format!("SELECT 1 {}", many("UNION ALL SELECT 1", 100)), "branches"),
        (format!("SELECT 1 FROM record.person {}", many("CROSS JOIN record.person", 40)), "relations"),
        (doubling, "relations"),
        (format!("SELECT {}", ["lower('a')"; 1_500].map(|f| format!("{f} || {f}")).join(", ")), "operators"),
        ("SELECT 1 GROUP BY CUBE (a, b, c, d, e, f, g, h, i)".to_owned(), "cube"),
        (format!("SELECT '{}'", "x".repeat(70_000)), "size"),
    ] {
        assert_eq!(rule(&text), Some(expected), "{}", &text[..text.len().min(60)]);
    }
}

#[test]
fn ordinary_questions_pass_and_name_their_tables() {
    for (text, tables) in [
        ("SELECT 1", &[][..]),
        ("select Count(*) from RECORD.Person;", &["record.person"][..]),
        ("SELECT * FROM (VALUES (1), (2)) t", &[][..]),
        ("WITH x AS (SELECT * FROM record.person) SELECT * FROM x a JOIN x b ON a.record_id = b.record_id", &["record.person"][..]),
        ("SELECT * FROM record.person p, LATERAL (SELECT p.name) q", &["record.person"][..]),
        ("SELECT 1 UNION SELECT 2 EXCEPT SELECT 3", &[][..]),
        ("SELECT 姓名 FROM raw.ga_hjrk AS 户籍", &["raw.ga_hjrk"][..]),
    ] {
        let question = guard(text, &testing::tables(), &[]).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(question.tables.iter().eq(tables), "{text}: {:?}", question.tables);
    }
    let list = (0..3_000).map(|n| format!("'{n}'")).collect::<Vec<_>>().join(",");
    assert_eq!(rule(&format!("SELECT 1 FROM record.person WHERE name IN ({list})")), None);
    assert_eq!(rule(&format!("SELECT 1 WHERE true {}", ["OR true"; 200].join(" "))), None);
}

#[test]
fn a_heading_in_capitals_is_taken_as_spelled() {
    let question = guard("SELECT XM, Row, t.XM FROM raw.ga_hjrk t WHERE XM = 'XM'", &testing::tables(), &[]).unwrap();
    assert_eq!(question.statement.to_string(), "SELECT \"XM\", Row, t.\"XM\" FROM raw.ga_hjrk t WHERE \"XM\" = 'XM'");
}

const QUESTIONS: [&str; 4] = [
    "WITH x AS (SELECT name, count(*) AS n FROM record.person p WHERE p.phone IN ('1', $1) GROUP BY name HAVING count(*) > 1) SELECT * FROM x ORDER BY n LIMIT 3",
    "SELECT p.name, n.hops FROM neighbours(id => 1, hops => $1, as_of => NULL) n JOIN entity.person p ON p.entity_id = n.entity_id",
    "SELECT x.n['entity_id'], CASE WHEN x.i = 1 THEN NULL ELSE -x.i::bigint END FROM (SELECT entity_id AS i, unnest(neighbours_of(entity_id)) AS n FROM entity.person) x",
    "SELECT XM, row_number() OVER (PARTITION BY batch ORDER BY \"row\" DESC) FROM raw.ga_hjrk t WHERE EXISTS (SELECT 1 FROM graph.edge e WHERE e.\"row\" = t.\"row\") UNION ALL SELECT 'x', 2",
];

/// What is let through names tables that there are, with limits that held, and says the same of itself when it is read again.
fn holds(text: &str) -> Result<(), TestCaseError> {
    let tables = &*TABLES;
    match guard(text, tables, &[]) {
        Err(error) => prop_assert!(error.to_string().contains("; hint: "), "{}: {}", text, error),
        Ok(question) => {
            prop_assert!(question.tables.iter().all(|table| tables.contains_key(table)), "{}", text);
            prop_assert!(matches!(question.statement, Statement::Query(_)), "{}", text);
            if let Some(again) = guard(&question.statement.to_string(), tables, &[]).ok().filter(|_| question.calls.are_none()) {
                prop_assert_eq!(again.tables, question.tables, "{}", text);
            }
        }
    }
    Ok(())
}

static TABLES: LazyLock<Tables> = LazyLock::new(testing::tables);

proptest! {
    #[test]
    fn any_words_are_let_through_or_refused_with_a_hint(words in soup(), text in "[ -~甲\n]{0,40}") {
        for question in [&words, &format!("SELECT {words}"), &format!("SELECT name FROM record.person WHERE {words}"), &format!("SELECT {text}")] {
            holds(question)?;
        }
    }

    #[test]
    fn a_question_with_a_few_words_changed_is_too(question in prop::sample::select(QUESTIONS.as_slice()), changes in changes()) {
        holds(&changed(question, &changes))?;
    }
}

#[test]
fn questions_that_are_changed_are_ones() {
    for question in QUESTIONS {
        assert_eq!(rule(question), None, "{question}");
        assert!(
            read_question(
                &question.replace("raw.ga_hjrk", "record.person").replace("XM", "name"),
                &wuwei_schema::Model::embedded().unwrap()
            )
            .is_ok()
        );
    }
}
