//! The door as its users meet it: what is answered, what is refused, and what the accounts say of both.

mod audited;
mod behind;
mod chart;
mod foreseen;
mod gaming;
mod graph;
mod ordered;
mod owed;
mod prose;
mod reported;
mod taken;
mod unseen;
mod walks;

use super::*;
use crate::{
    Around, AsOf, Commit, Figure, Indicators, Lake,
    testing::{self, DAY, NOW, Rows},
};
use arrow_array::cast::AsArray as _;
use std::{path::Path, time::Duration};

fn rows() -> Rows {
    let mut rows = Rows::new();
    testing::persons(&mut rows, &[("王一", Some("11900000001")), ("李二", None), ("张三", Some("11900000003"))]);
    testing::resources(&mut rows, &[("ga_hjrk", "ga", 2, true, "published"), ("mz_dibao", "mz", 2, true, "published")]);
    testing::deliveries(&mut rows, &[("ga_hjrk", Some(1), 1), ("mz_dibao", Some(1), 1)]);
    testing::grants(&mut rows, &[("ga_hjrk", "mz")]);
    testing::items(
        &mut rows,
        &[
            ("ga_hjrk", "XM", "person", "name"),
            ("ga_hjrk", "LXDH", "person", "phone"),
            ("mz_dibao", "dh", "person", "phone"),
            ("ga_hjrk", "BZ", "", ""),
        ],
    );
    rows
}

fn session_of(folder: &Path, department: &str, limits: Limits) -> Session {
    let principal = Principal::parse(&format!("operator:li@{department}")).unwrap();
    let audit = Arc::new(Audit::open(folder).unwrap());
    let catalogue = Arc::new(testing::catalogue(&rows()));
    Session::open(catalogue, &testing::policies(), audit, principal, Purpose::parse("低保核对").unwrap(), limits, NOW).unwrap()
}

fn session(folder: &Path) -> Session {
    session_of(folder, "mz", Limits::default())
}

async fn shown(session: &Session, question: &str) -> String {
    let answer = session.sql(question, NOW).await.unwrap_or_else(|error| panic!("{question}: {error}"));
    arrow_cast::pretty::pretty_format_batches(&answer.batches).unwrap().to_string()
}

fn audit_text(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("audit.jsonl")).unwrap()
}

#[tokio::test]
async fn a_question_is_answered_and_accounted_for() {
    let folder = tempfile::tempdir().unwrap();
    let session = session(folder.path());
    let answer = session.sql("SELECT name FROM record.person WHERE phone = '11900000001'", NOW).await.unwrap();
    assert_eq!((answer.rows(), answer.batches[0].column(0).as_string::<i32>().value(0)), (1, "王一"));
    let text = audit_text(folder.path());
    assert_eq!(text.lines().count(), 2);
    for part in [
        "record.person.name",
        "record.person.phone",
        "低保核对",
        "\"department\":\"mz\"",
        "\"outcome\":\"answered\"",
        "\"of\":1",
        "\"rows\":1",
    ] {
        assert!(text.contains(part), "{part} is missing of {text}");
    }
    assert!(!text.contains("1190000"), "the question's text stays out of the audit");
    assert!(!text.contains("record.person.id_no"), "columns that are not read are not named");
}

#[tokio::test]
async fn the_audit_stands_before_the_rows_and_without_it_there_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { rows: 2, ..Limits::default() };
    let session = session_of(folder.path(), "mz", limits);
    assert!(session.sql("SELECT * FROM record.person", NOW).await.is_err());
    let text = audit_text(folder.path());
    assert!(text.lines().next().unwrap().contains("\"outcome\":\"asked\""), "it was in the audit before it failed: {text}");
    assert!(text.lines().nth(1).unwrap().contains("\"outcome\":\"failed: limit\""), "{text}");

    std::fs::remove_file(folder.path().join("audit.jsonl")).unwrap();
    std::fs::create_dir(folder.path().join("audit.jsonl")).unwrap();
    for question in ["SELECT name FROM record.person LIMIT 1", "DROP TABLE record.person"] {
        let error = session.sql(question, NOW).await.unwrap_err();
        assert!(matches!(error, Error::Account { .. }), "{error}");
    }
    assert!(session.read("record.person", &["name"], NOW).await.is_err());
    assert!(session.look("people search", "王", NOW).is_err());
    assert!(session.indicators(None, NOW).await.is_err());
}

#[tokio::test]
async fn what_is_refused_is_accounted_for_too() {
    let folder = tempfile::tempdir().unwrap();
    let session = session(folder.path());
    for question in ["DROP TABLE record.person", "SELECT nothing FROM record.person", "SELECT * FROM '/etc/passwd'", "SELECT read_csv('x')"]
    {
        let error = session.sql(question, NOW).await.unwrap_err().to_string();
        assert!(error.contains("hint: "), "{error}");
    }
    let text = audit_text(folder.path());
    assert_eq!(text.matches("\"outcome\":\"refused: ").count(), 4, "{text}");
    assert!(session.sql("SELECT nam FROM record.person", NOW).await.unwrap_err().to_string().contains("did you mean `name`?"));
}

#[tokio::test]
async fn an_error_shows_no_value() {
    let folder = tempfile::tempdir().unwrap();
    let session = session(folder.path());
    for question in [
        "SELECT count(*) FROM record.person WHERE CAST(name AS BIGINT) > 0",
        "SELECT 1 / (record_id - 1) FROM record.person",
        "SELECT CAST('王一' AS BIGINT)",
        "SELECT to_timestamp(name) FROM record.person",
    ] {
        let error = session.sql(question, NOW).await.unwrap_err();
        assert!(matches!(error, Error::Value), "{question}: {error}");
    }
}

#[tokio::test]
async fn a_lake_on_disk_is_asked_at_the_epoch_that_was_opened() {
    let (root, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let empty = Lake::open(root.path()).await.unwrap();
    let mut publisher = empty.publisher(NOW).await.unwrap();
    publisher.write("record.person", &rows()["record.person"]).await.unwrap();
    publisher.commit(Commit::Append { batch: "9f".to_owned() }, "record.person").await.unwrap();
    publisher.publish(|_| ()).await.unwrap();
    let published = Lake::open(root.path()).await.unwrap();
    let model = wuwei_schema::Model::embedded().unwrap();
    for (lake, names) in [(&empty, 0), (&published, 2)] {
        let catalogue = Catalogue::new(lake, &model, Vec::new(), Indicators::embedded().unwrap()).unwrap();
        let session = Session { catalogue: Arc::new(catalogue), ..session(folder.path()) };
        let question = "SELECT name FROM record.person p WHERE phone LIKE '119%' AND EXISTS (SELECT 1 FROM record.person)";
        assert_eq!(session.sql(question, NOW).await.unwrap().rows(), names);
        let read: Vec<RecordBatch> = session.read("record.person", &["name"], NOW).await.unwrap().try_collect().await.unwrap();
        assert_eq!(read.iter().map(RecordBatch::num_rows).sum::<usize>(), if names == 0 { 0 } else { 3 });
    }
}

#[tokio::test]
async fn limits_end_a_question_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let few = Limits { rows: 2, time: Duration::from_millis(500), memory_bytes: 32 << 20, ..Limits::default() };
    let session = session_of(folder.path(), "mz", few);
    let error = session.sql("SELECT * FROM record.person", NOW).await.unwrap_err().to_string();
    assert!(error.contains("2 rows") && error.contains("LIMIT"), "{error}");
    assert_eq!(session.sql("SELECT * FROM record.person LIMIT 2", NOW).await.unwrap().rows(), 2);
    let cross = vec!["record.person"; 17].join(" CROSS JOIN ");
    let error = session.sql(&format!("SELECT count(*) FROM {cross}"), NOW).await.unwrap_err();
    assert!(matches!(error, Error::Limit { .. } | Error::Plan { .. }), "{error}");
}

#[tokio::test]
async fn what_is_read_is_use_of_the_items_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    let session = session(folder.path());
    session.sql("SELECT count(*) FROM record.person", NOW).await.unwrap();
    session.sql("SELECT record_id FROM record.person WHERE phone IS NOT NULL", NOW).await.unwrap();
    session.sql("WITH x AS (SELECT phone, name FROM record.person) SELECT name FROM x", NOW).await.unwrap();
    let found = shown(&session, "SELECT rid, item, consumer, rows_returned FROM contract.use_log ORDER BY ts, rid, item").await;
    assert_eq!(
        found,
        "+----------+------+----------+---------------+\n\
         | rid      | item | consumer | rows_returned |\n\
         +----------+------+----------+---------------+\n\
         | ga_hjrk  | LXDH | mz       | 2             |\n\
         | ga_hjrk  | XM   | mz       | 3             |\n\
         | mz_dibao | dh   | mz       | 2             |\n\
         +----------+------+----------+---------------+"
    );
}

#[tokio::test]
async fn a_stage_reads_named_columns_of_one_table_and_leaves_no_use() {
    let folder = tempfile::tempdir().unwrap();
    let session = session(folder.path());
    let batches: Vec<RecordBatch> = session.read("record.person", &["phone", "record_id"], NOW).await.unwrap().try_collect().await.unwrap();
    assert_eq!(batches[0].schema().fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>(), ["phone", "record_id"]);
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 3);
    assert_eq!(audit_text(folder.path()).lines().count(), 1);
    assert_eq!(std::fs::read_to_string(folder.path().join("use_log.jsonl")).unwrap(), "");
    assert!(session.read("record.person", &["nam"], NOW).await.is_err_and(|error| error.to_string().contains("`name`")));
    assert!(session.read("record.persons", &["name"], NOW).await.is_err_and(|error| error.to_string().contains("`record.person`")));
}

#[tokio::test]
async fn every_table_and_column_says_what_it_is_and_answers() {
    let folder = tempfile::tempdir().unwrap();
    let session = session(folder.path());
    let silent = "SELECT count(*) FROM contract.column_comment WHERE zh = '' OR en = ''";
    assert_eq!(session.sql(silent, NOW).await.unwrap().batches[0].column(0).as_primitive::<arrow_array::types::Int64Type>().value(0), 0);
    let id = "SELECT zh FROM contract.column_comment WHERE namespace = 'record' AND table_name = 'person' AND column_name = 'id_no'";
    assert!(shown(&session, id).await.contains("公民身份号码"));
    let columns =
        |schema: &SchemaRef| -> Vec<_> { schema.fields().iter().map(|field| (field.name().clone(), field.data_type().clone())).collect() };
    for (name, table) in &session.catalogue.tables {
        let answer = session.sql(&format!("SELECT * FROM {name}"), NOW).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        // The numbers of an indicator are of whatever type its SQL makes them.
        assert!(name.starts_with("indicator.") || columns(&answer.schema) == columns(&table.schema), "{name}");
    }
    let chinese = session.sql("SELECT 姓名 AS 名, XM FROM raw.ga_hjrk AS 户籍 WHERE 户籍.姓名 IS NULL", NOW).await.unwrap();
    assert_eq!(chinese.schema.fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>(), ["名", "XM"]);
    let all = shown(&session, "SELECT table_name FROM contract.table_comment WHERE namespace = 'contract'").await;
    assert!(all.contains("use_log") && all.contains("table_comment"), "{all}");
}

#[tokio::test]
async fn a_chain_as_long_as_the_guard_allows_is_planned() {
    let folder = tempfile::tempdir().unwrap();
    let session = session(folder.path());
    let sum = format!("SELECT record_id{} AS n FROM record.person", " + record_id".repeat(240));
    assert_eq!(session.sql(&sum, NOW).await.unwrap().rows(), 3);
    let or = format!("SELECT name FROM record.person WHERE name = 'x'{}", " OR name || 'y' = 'z'".repeat(120));
    assert_eq!(session.sql(&or, NOW).await.unwrap().rows(), 0);
    let union = format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(60));
    assert_eq!(session.sql(&union, NOW).await.unwrap().rows(), 61);
}

/// Figures as (indicator, department, counterpart, numerator, denominator).
fn short(figures: &[Figure], indicator: &str) -> Vec<(String, String, f64, f64)> {
    let named = |name: &Option<String>| name.clone().unwrap_or_default();
    let of = figures.iter().filter(|figure| figure.indicator == indicator);
    of.map(|figure| (named(&figure.department), named(&figure.counterpart), figure.numerator, figure.denominator)).collect()
}

fn expected(rows: &[(&str, &str, f64, f64)]) -> Vec<(String, String, f64, f64)> {
    rows.iter().map(|(department, counterpart, top, below)| ((*department).to_owned(), (*counterpart).to_owned(), *top, *below)).collect()
}

fn over(rows: &Rows, folder: &Path) -> Session {
    Session { catalogue: Arc::new(testing::catalogue(rows)), ..session(folder) }
}

#[tokio::test]
async fn sharing_counts_what_is_published_delivered_fresh_and_open() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = Rows::new();
    testing::resources(
        &mut rows,
        &[
            ("fresh", "ga", 2, true, "published"),
            ("stale", "ga", 2, true, "published"),
            ("closed", "ga", 2, true, "published"),
            ("draft", "ga", 1, true, "draft"),
            ("undated", "mz", 1, true, "published"),
            ("undelivered", "mz", 1, true, "published"),
            ("secret", "mz", 3, true, "published"),
            ("gone", "mz", 1, true, "retired"),
        ],
    );
    let stale_sent_again = ("stale", Some(13), 0);
    testing::deliveries(
        &mut rows,
        &[
            ("fresh", Some(12), 5),
            stale_sent_again,
            ("closed", Some(1), 1),
            ("draft", Some(1), 1),
            ("undated", None, 3),
            ("gone", Some(1), 1),
        ],
    );
    testing::grants(&mut rows, &[("fresh", "mz"), ("stale", "mz"), ("closed", "ga")]);
    testing::needs(
        &mut rows,
        &[
            ("fresh", "mz", "a"),
            ("fresh", "mz", "b"),
            ("stale", "mz", "a"),
            ("undated", "ga", "a"),
            ("fresh", "jy", "a"),
            ("secret", "ga", "a"),
        ],
    );
    let figures = over(&rows, folder.path()).indicators(None, NOW).await.unwrap();
    assert_eq!(short(&figures, "data_sharing_rate"), expected(&[("", "", 2.0, 6.0), ("ga", "", 1.0, 4.0), ("mz", "", 1.0, 2.0)]));
    let pairs = [("", "", 2.0, 4.0), ("ga", "jy", 0.0, 1.0), ("ga", "mz", 1.0, 2.0), ("mz", "ga", 1.0, 1.0)];
    assert_eq!(short(&figures, "sharing_matrix"), expected(&pairs));
    let of_one = over(&rows, folder.path()).indicators(Some("mz"), NOW).await.unwrap();
    assert!(!of_one.is_empty() && of_one.iter().all(|figure| figure.department.as_deref() == Some("mz")));
    let closed = audit_text(folder.path()).lines().last().unwrap().to_owned();
    assert!(closed.contains(&format!("\"rows\":{}", of_one.len())), "what left is what is accounted for: {closed}");
}

#[tokio::test]
async fn the_state_of_a_resource_is_told_step_by_step() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = Rows::new();
    testing::resources(
        &mut rows,
        &[("draft", "ga", 1, true, "draft"), ("shared", "ga", 2, true, "published"), ("title", "ga", 2, true, "published")],
    );
    testing::deliveries(&mut rows, &[("draft", Some(1), 1), ("shared", Some(12), 1)]);
    testing::grants(&mut rows, &[("shared", "mz")]);
    let question = "SELECT rid, catalogued, mounted, fresh, open FROM contract.resource_state ORDER BY rid";
    assert_eq!(
        shown(&over(&rows, folder.path()), question).await,
        "+--------+------------+---------+-------+-------+\n\
         | rid    | catalogued | mounted | fresh | open  |\n\
         +--------+------------+---------+-------+-------+\n\
         | draft  | false      | false   | false | true  |\n\
         | shared | true       | true    | true  | true  |\n\
         | title  | true       | false   | false | false |\n\
         +--------+------------+---------+-------+-------+"
    );
    let stale = over(&rows, folder.path()).sql("SELECT rid FROM contract.resource_state WHERE fresh", NOW + DAY).await.unwrap();
    assert_eq!(stale.rows(), 0, "a day later the content is older than a cycle and a fifth");
}

#[tokio::test]
async fn utilisation_counts_what_another_department_has_really_read() {
    let folder = tempfile::tempdir().unwrap();
    let session = session(folder.path());
    let utilisation = async |at| short(&session.indicator("data_utilization_rate", at).await.unwrap(), "data_utilization_rate");
    assert_eq!(utilisation(NOW).await, expected(&[("", "", 0.0, 4.0), ("ga", "", 0.0, 3.0), ("mz", "", 0.0, 1.0)]));
    session.sql("SELECT phone FROM record.person", NOW).await.unwrap();
    session.sql("SELECT name FROM record.person WHERE false", NOW).await.unwrap();
    let robot = Session { principal: Arc::new(Principal::program()), ..session.clone() };
    robot.sql("SELECT name FROM record.person", NOW).await.unwrap();
    let once = expected(&[("", "", 1.0, 4.0), ("ga", "", 1.0, 3.0), ("mz", "", 0.0, 1.0)]);
    assert_eq!(utilisation(NOW).await, once, "own data, empty answers and programs do not count");
    assert_eq!(utilisation(NOW + 89 * DAY).await[0].2, 1.0);
    assert_eq!(utilisation(NOW + 90 * DAY).await[0].2, 0.0, "the window has passed");
}

#[tokio::test]
async fn a_registration_held_by_another_department_is_a_duplicate_and_a_move_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = Rows::new();
    testing::edges(
        &mut rows,
        &[
            ("lives_at", 1, 10, Some("2020-01-01"), None, "ga"),
            ("lives_at", 1, 10, Some("2020-01-01"), None, "ga"),
            ("lives_at", 1, 10, Some("2021-05"), None, "wg"),
            ("lives_at", 1, 10, None, None, "mz"),
            ("lives_at", 2, 10, Some("2020-01-01"), Some("2020-12-31"), "ga"),
            ("lives_at", 2, 10, Some("2021-01-01"), None, "wg"),
            ("lives_at", 2, 11, Some("2020-01-01"), None, "mz"),
            ("registered_at", 1, 10, Some("2019"), None, "mz"),
            ("works_for", 1, 10, Some("2019"), None, "ga"),
        ],
    );
    let figures = over(&rows, folder.path()).indicator("duplicate_registration", NOW).await.unwrap();
    let found = short(&figures, "duplicate_registration");
    assert_eq!(found, expected(&[("", "", 2.0, 7.0), ("ga", "", 1.0, 2.0), ("mz", "", 0.0, 3.0), ("wg", "", 1.0, 2.0)]));
}

#[tokio::test]
async fn an_indicator_is_also_a_view_and_an_empty_hub_has_no_figures_of_a_hundred() {
    let folder = tempfile::tempdir().unwrap();
    let session = over(&Rows::new(), folder.path());
    for figure in session.indicators(None, NOW).await.unwrap() {
        assert_eq!((figure.value, figure.light, figure.reason.is_some()), (None, crate::Light::Grey, true), "{figure:?}");
    }
    let full = self::session(folder.path());
    let shown = shown(&full, "SELECT department, numerator FROM indicator.data_sharing_rate WHERE department = 'ga'").await;
    assert!(shown.contains("| ga         | 1         |"), "{shown}");
    assert!(full.sql("SELECT * FROM p", NOW).await.is_err());
}
