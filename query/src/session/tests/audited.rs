//! What the audit says of whom an answer showed, and who finds it.

use super::*;
use crate::audit::Wanted;
use arrow_array::{Int64Array, StringArray};
use arrow_schema::DataType;
use wuwei_schema::{history, table};

/// Persons 7 and 8 with their edges; 5 and 6 lead to 7; records 1 and 2 are of 7, 3 of 8.
fn with_graph() -> Catalogue {
    let mut rows = rows();
    testing::edges(&mut rows, &[("lives_at", 7, 70, None, None, "ga"), ("lives_at", 8, 80, None, None, "ga")]);
    let numbers = |numbers: &[i64]| Arc::new(Int64Array::from(numbers.to_vec())) as arrow_array::ArrayRef;
    let redirect = vec![numbers(&[5, 6]), numbers(&[7, 7]), numbers(&[1, 1])];
    rows.insert(history::REDIRECT.to_owned(), RecordBatch::try_new(history::redirect_schema(), redirect).unwrap());
    let schema = table::link_schema();
    let columns = schema.fields().iter().map(|field| match field.name().as_str() {
        "record_id" => numbers(&[1, 2, 3]),
        "entity_id" => numbers(&[7, 7, 8]),
        "entity" => Arc::new(StringArray::from(vec!["person"; 3])) as _,
        _ if field.is_nullable() => arrow_array::new_null_array(field.data_type(), 3),
        _ if *field.data_type() == DataType::Int64 => numbers(&[1, 1, 1]),
        _ => Arc::new(StringArray::from(vec!["x"; 3])) as _,
    });
    rows.insert(table::LINK.to_owned(), RecordBatch::try_new(Arc::clone(&schema), columns.collect()).unwrap());
    testing::catalogue(&rows)
}

fn session_over(folder: &Path) -> Session {
    let principal = Principal::parse("operator:li@mz").unwrap().at("http 10.0.0.7");
    let (audit, purpose) = (Arc::new(Audit::open(folder).unwrap()), Purpose::parse("低保核对").unwrap());
    Session::open(Arc::new(with_graph()), &testing::policies(), audit, principal, purpose, Limits::default(), NOW).unwrap()
}

fn last(session: &Session) -> Entry {
    let all = Wanted { limit: 1, ..Wanted::default() };
    session.audit.search(&all).unwrap().hits.remove(0).entry
}

#[tokio::test]
async fn an_answer_tells_whose_numbers_its_columns_hand_on() {
    let folder = tempfile::tempdir().unwrap();
    let session = session_over(folder.path());
    for (question, persons, records) in [
        ("SELECT source FROM graph.edge", &[7, 8][..], &[][..]),
        ("SELECT source AS a, target FROM graph.edge WHERE source = 7", &[7, 70], &[]),
        ("SELECT CAST(source AS VARCHAR) FROM graph.edge", &[7, 8], &[]),
        ("SELECT max(source) FROM graph.edge", &[8], &[]),
        ("SELECT array_agg(source) FROM graph.edge", &[7, 8], &[]),
        ("SELECT source, count(*) FROM graph.edge GROUP BY source HAVING source > 7", &[8], &[]),
        ("WITH x AS (SELECT source AS a, relation FROM graph.edge) SELECT relation, a FROM x ORDER BY a LIMIT 1", &[7], &[]),
        ("SELECT coalesce(l.entity_id, 0) FROM graph.edge e JOIN graph.link l ON l.entity_id = e.source", &[7, 8], &[]),
        ("SELECT * FROM (SELECT entity_id FROM graph.link UNION SELECT source FROM graph.edge) u", &[7, 8], &[]),
        ("SELECT source, row_number() OVER (ORDER BY source) FROM graph.edge", &[7, 8], &[]),
        ("SELECT DISTINCT source FROM graph.edge WHERE EXISTS (SELECT 1 FROM graph.link WHERE entity_id = source)", &[7, 8], &[]),
        ("SELECT record_id, name FROM record.person WHERE phone IS NOT NULL", &[], &[1, 3]),
        ("SELECT record_id, entity_id FROM graph.member WHERE entity_id = 8", &[8], &[3]),
        ("SELECT (SELECT min(record_id) FROM graph.link) AS r", &[], &[1]),
        ("SELECT count(DISTINCT source), sum(source) FROM graph.edge", &[], &[]),
        ("SELECT record_id + 1 FROM record.person", &[], &[]),
        ("SELECT seq FROM audit.entry", &[], &[]),
    ] {
        let answer = session.sql(question, NOW).await.unwrap_or_else(|error| panic!("{question}: {error}"));
        let entry = last(&session);
        let expected = (persons.iter().copied().collect(), records.iter().copied().collect(), Some(answer.rows()));
        assert_eq!((entry.persons, entry.records, entry.rows), expected, "{question}");
        let mut taken = session.take(question, NOW).await.unwrap();
        while taken.next().await.unwrap().is_some() {}
        taken.close().await.unwrap();
        let entry = last(&session);
        assert_eq!((entry.persons.len(), entry.records.len()), (persons.len(), records.len()), "taken: {question}");
        assert_eq!((entry.origin.as_deref(), entry.role.as_deref()), (Some("http 10.0.0.7"), Some("operator")));
    }
}

#[tokio::test]
async fn a_look_tells_whom_it_showed_and_its_questions_are_its_parts() {
    let folder = tempfile::tempdir().unwrap();
    let session = session_over(folder.path());
    let look = session.begin("person", "7", &["entity.person.phone".to_owned()], NOW).unwrap();
    look.session().sql("SELECT source FROM graph.edge", NOW).await.unwrap();
    assert_eq!((last(&session).kind.as_str(), last(&session).seq), ("person", 1), "a part is told when the look is closed");
    look.close([7, 8], 1).await.unwrap();
    let entry = last(&session);
    assert_eq!((entry.kind.as_str(), entry.of, entry.part, entry.rows), ("person", Some(1), None, Some(1)));
    assert_eq!((entry.persons, entry.tables), ([7, 8].into(), ["graph.edge".to_owned()].into()));
    let outer = session.begin("place", "", &[], NOW).unwrap();
    drop(outer.session().begin("people", "", &[], NOW).unwrap());
    let inner = last(&session);
    assert_eq!((inner.kind.as_str(), inner.part, inner.of), ("people", Some(3), Some(4)), "a look inside another is its part");
    drop(outer);
    let used = shown(&session, "SELECT rid, item FROM contract.use_log ORDER BY rid").await;
    assert!(used.contains("LXDH") && used.contains("dh"), "what the index was asked by is used: {used}");
    drop(session.begin("person", "9", &[], NOW).unwrap());
    assert_eq!(last(&session).outcome, "failed: given up");
}

#[tokio::test]
async fn a_person_is_found_under_every_number_and_by_records() {
    let folder = tempfile::tempdir().unwrap();
    let session = session_over(folder.path());
    for (old, by) in [(5, "of old"), (7, "now"), (8, "another")] {
        session.begin(by, "", &[], NOW).unwrap().close([old], 1).await.unwrap();
    }
    session.sql("SELECT record_id FROM record.person WHERE record_id = 2", NOW).await.unwrap();
    for asked in [5, 6, 7] {
        let wanted = Wanted { persons: [asked].into(), limit: 10, ..Wanted::default() };
        let hits = session.audit_search(wanted, NOW).await.unwrap().hits;
        let kinds: Vec<&str> = hits.iter().map(|hit| hit.entry.kind.as_str()).collect();
        assert_eq!(kinds, ["sql", "now", "of old"], "{asked}");
    }
    let rows =
        shown(&session, "SELECT kind, persons, records, origin FROM audit.entry WHERE persons <> '' OR records <> '' ORDER BY seq").await;
    assert!(rows.contains("| of old  | 5       |         | http 10.0.0.7 |"), "{rows}");
}

#[tokio::test]
async fn the_table_shows_every_segment_as_they_stood() {
    let folder = tempfile::tempdir().unwrap();
    let bounds = crate::audit::Bounds { entries: 10, ..crate::audit::Bounds::default() };
    let audit = Audit::bounded(folder.path(), bounds).unwrap();
    let (principal, purpose) = (Principal::parse("operator:li@mz").unwrap(), Purpose::parse("低保核对").unwrap());
    (0..45).for_each(|at| audit.event("event", &principal, &purpose, "done", at).unwrap());
    let catalogue = Arc::new(testing::catalogue(&rows()));
    let session = Session::open(catalogue, &testing::policies(), Arc::new(audit), principal, purpose, Limits::default(), NOW).unwrap();
    let counted = shown(
        &session,
        "SELECT count(*) AS n, max(seq) AS last, count(segment) AS seals FROM audit.entry WHERE at < TIMESTAMP '2000-01-01'",
    )
    .await;
    assert!(counted.contains("| 49 | 49   | 4     |"), "{counted}");
}
