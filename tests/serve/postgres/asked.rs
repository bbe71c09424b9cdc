//! What is asked and answered: both protocols, types, limits, cancelling, and what is refused.

use super::{client::Client, connected, ruled, started};
use crate::serve::{IDS, limits::until};
use crate::support::COUNTY;
use std::{io::Write as _, net::TcpStream, time::Duration};

/// A question that takes longer than anybody waits.
const LONG: &str = "SELECT count(*) AS n FROM record.person a JOIN record.person b ON a.department = b.department \
                    JOIN record.person c ON b.department = c.department";

#[test]
fn both_protocols_answer_the_same_with_types() {
    let hub = COUNTY.0.copy();
    let (server, address) = started(&hub, &[]);
    let mut client = connected(&server, &address, "低保核对");
    let simple = client.ask(IDS);
    assert_eq!((simple.rows.len(), simple.tags.as_slice()), (50, &["SELECT 50".to_owned()][..]));
    assert_eq!(simple.columns, [("id_no".to_owned(), 25), ("name".to_owned(), 25)]);
    assert!(simple.texts().iter().all(|row| row[0].as_ref().unwrap().len() == 18), "18 digits");
    let id = simple.texts()[0][0].clone().unwrap();
    let name = simple.texts()[0][1].clone().unwrap();
    let question = "SELECT name, CAST(birth_date AS DATE) AS born, entity_id FROM entity.person WHERE id_no = $1 AND name = $2";
    let extended = client.ask_with(question, &[Some(&id), Some(&name)], 0);
    assert_eq!((extended.parameters.as_slice(), extended.kinds.as_str()), (&[25, 25][..], "12tTTDC"), "{:?}", extended.error);
    assert_eq!(extended.one(), name, "Chinese comes back as it is");
    let kinds: Vec<u32> = extended.columns.iter().map(|(_, kind)| *kind).collect();
    assert_eq!(kinds, [25, 1082, 20]);
    let binary = client.ask_with(
        "SELECT $1 AS text, CAST($2 AS BIGINT) AS number, CAST($3 AS DATE) AS day, CAST(NULL AS BIGINT) AS none",
        &[Some("王一"), Some("258"), Some("2000-01-03")],
        1,
    );
    let bytes = |text: &str| Some(text.as_bytes().to_vec());
    assert_eq!(binary.rows, [vec![bytes("王一"), Some(vec![0, 0, 0, 0, 0, 0, 1, 2]), Some(vec![0, 0, 0, 2]), None]], "{:?}", binary.error);
    let typed = client.ask_with("SELECT record_id FROM record.person WHERE record_id = $1", &[Some("one")], 0);
    assert_eq!(typed.state(), "22000", "a value that is no number: {:?}", typed.error);
    let list = client.ask("SELECT make_array(1, 2) AS some, CAST(1.5 AS DOUBLE) AS half, true AS yes, to_timestamp_millis(0) AS at");
    assert_eq!(list.columns.iter().map(|(_, kind)| *kind).collect::<Vec<_>>(), [1016, 701, 16, 1114]);
    assert_eq!(list.texts()[0][0].as_deref(), Some("{1,2}"));
    assert_eq!(list.texts()[0][3].as_deref().map(|at| &at[..19]), Some("1970-01-01 00:00:00"));
}

#[test]
fn rows_are_fetched_so_many_at_a_time() {
    let hub = COUNTY.0.copy();
    let (server, address) = started(&hub, &[]);
    let mut client = connected(&server, &address, "低保核对");
    let all = client.ask("SELECT count(*) AS n FROM record.person").one();
    assert_eq!(client.ask("BEGIN").status, 'T');
    client.parse("", "SELECT record_id FROM record.person", &[]);
    client.bind(&[], 0);
    let mut count = 0;
    loop {
        client.execute(1_000);
        client.send(b'S', b"");
        let part = client.answer();
        count += part.rows.len();
        if part.kinds.ends_with('C') {
            break;
        }
        assert!(part.kinds.ends_with('s') && part.rows.len() == 1_000, "{}", part.kinds);
    }
    assert_eq!(count.to_string(), all);
    let commit = client.ask("COMMIT");
    assert_eq!((commit.status, commit.tags.as_slice()), ('I', &["COMMIT".to_owned()][..]));
    client.execute(0);
    client.send(b'S', b"");
    assert_eq!(client.answer().state(), "34000", "the transaction took its portals with it");
}

#[test]
fn statements_that_are_no_question_are_refused() {
    let hub = COUNTY.0.copy();
    let (server, address) = started(&hub, &[]);
    let mut client = connected(&server, &address, "低保核对");
    for (statement, state) in [
        ("COPY record.person TO STDOUT", "25006"),
        ("COPY (SELECT 1) TO '/tmp/x'", "25006"),
        ("SET ROLE admin", "25006"),
        ("SET SESSION AUTHORIZATION admin", "25006"),
        ("PREPARE p AS SELECT 1", "25006"),
        ("EXECUTE p", "25006"),
        ("DECLARE c CURSOR FOR SELECT 1", "25006"),
        ("DROP TABLE record.person", "25006"),
        ("DELETE FROM record.person", "25006"),
        ("CREATE TABLE x (a INT)", "25006"),
        ("SELECT 1; SELECT 2", "42601"),
        ("BEGIN; DROP TABLE record.person", "42601"),
        ("SELECT * FROM record.nobody", "42P01"),
        ("SELECT nothing FROM record.person", "42703"),
        ("SELECT * FROM record.person, pg_catalog.pg_class", "42P01"),
        ("SELECT * FROM '/etc/passwd'", "42P01"),
        ("SELECT pg_read_file('/etc/passwd')", "42000"),
        ("SELECT CAST(name AS BIGINT) AS n FROM record.person", "22000"),
        ("SELECT 1 / (record_id - record_id) AS n FROM record.person", "22000"),
        ("SET datafusion.runtime.memory_limit = '9G'", "42704"),
        ("SHOW datafusion.x", "42704"),
        ("EXPLAIN SELECT * FROM record.person", "25006"),
        ("SELECT '", "42601"),
    ] {
        for extended in [false, true] {
            let answer = if extended { client.ask_with(statement, &[], 0) } else { client.ask(statement) };
            assert_eq!((answer.state(), answer.field('S'), answer.status), (state, "ERROR", 'I'), "{statement}: {:?}", answer.error);
            assert!(answer.rows.is_empty() && !answer.field('H').is_empty(), "{statement}");
            assert!(answer.error.iter().flatten().all(|(_, text)| !text.contains("99010")), "{:?}", answer.error);
        }
    }
    assert_eq!(client.ask("").kinds, "I");
    assert_eq!(client.ask("SELECT 1 AS one;").one(), "1");
}

#[test]
fn a_transaction_is_a_word_that_is_kept() {
    let hub = COUNTY.0.copy();
    let (server, address) = started(&hub, &[]);
    let mut client = connected(&server, &address, "test");
    assert_eq!(client.ask("BEGIN READ ONLY").status, 'T');
    assert_eq!(client.ask("SELECT nothing FROM record.person").status, 'E');
    assert_eq!(client.ask("SELECT 1 AS one").state(), "25P02");
    assert_eq!((client.ask("COMMIT").tags.as_slice(), client.ask("SELECT 1 AS one").status), (&["ROLLBACK".to_owned()][..], 'I'));
    for (statement, tag) in [
        ("SET client_encoding = 'UTF8'", "SET"),
        ("SET DateStyle = ISO", "SET"),
        ("SET extra_float_digits = 3", "SET"),
        ("SET TIME ZONE 'Asia/Shanghai'", "SET"),
        ("SET statement_timeout = 1000", "SET"),
        ("DISCARD ALL", "DISCARD ALL"),
        ("START TRANSACTION", "START TRANSACTION"),
        ("ROLLBACK", "ROLLBACK"),
    ] {
        assert_eq!(client.ask(statement).tags, [tag], "{statement}");
    }
    assert_eq!(client.ask("SHOW TRANSACTION ISOLATION LEVEL").one(), "read committed");
    assert_eq!(client.ask("SET client_encoding = GBK").state(), "22023");
    // An error holds until the next Sync.
    client.parse("", "SELECT nothing FROM record.person", &[]);
    client.bind(&[], 0);
    client.execute(0);
    client.send(b'S', b"");
    let skipped = client.answer();
    assert_eq!((skipped.kinds.as_str(), skipped.status), ("E", 'I'));
    assert_eq!(client.ask_with("SELECT 1 AS one", &[], 0).one(), "1");
}

#[test]
fn without_a_purpose_data_is_not_answered_and_one_may_be_stated_later() {
    let hub = COUNTY.0.copy();
    let (server, address) = started(&hub, &[]);
    let mut client = Client::open(&address, "tester", &server.token, &[]).ok().unwrap();
    assert_eq!(client.notices.len(), 1, "it is told at the start");
    let refused = client.ask(IDS);
    assert_eq!(refused.state(), "42501");
    assert!(refused.field('M').contains("purpose") && refused.field('H').contains("SET wuwei.purpose"), "{:?}", refused.error);
    assert!(client.ask("SELECT version()").one().starts_with("PostgreSQL 15"));
    assert_eq!(client.ask("SELECT count(*) AS n FROM pg_class WHERE relnamespace <> 11").one(), "0");
    let foreign = client.ask("SET wuwei.purpose = '看看'");
    assert_eq!(foreign.state(), "42501", "it is not registered: {:?}", foreign.error);
    assert_eq!(client.ask("SET wuwei.purpose = '低保核对'").tags, ["SET"]);
    assert_eq!(client.ask(IDS).rows.len(), 50);
    assert_ne!(client.ask("SELECT count(*) AS n FROM pg_class WHERE relnamespace <> 11").one(), "0");
}

#[test]
fn limits_hold_and_a_question_is_given_up_when_nobody_waits() {
    let hub = COUNTY.0.copy();
    let (server, address) = started(&hub, &["--rows", "100", "--seconds", "60", "--running", "1"]);
    let mut client = connected(&server, &address, "test");
    let many = client.ask("SELECT record_id FROM record.person");
    assert_eq!((many.state(), many.rows.len()), ("54000", 0), "nothing of it left: {:?}", many.error);
    assert!(many.field('M').contains("100 rows"));
    client.ask("SET statement_timeout = 300");
    assert_eq!(client.ask(LONG).state(), "57014");
    client.ask("SET statement_timeout = 0");

    // Cancelled from another connection, by the key that was given, once it is asked.
    let count =
        |outcome: &str| hub.count(&format!("SELECT count(*) FROM audit.entry WHERE principal = 'tester' AND outcome = '{outcome}'"));
    let ask = |client: &mut Client| {
        let before = count("asked");
        client.send(b'Q', format!("{LONG}\0").as_bytes());
        until("it is asked", || count("asked") > before);
    };
    let given_up = count("failed: given up");
    ask(&mut client);
    let key = client.key;
    let mut wrong = key;
    wrong[7] ^= 1;
    for key in [wrong, key] {
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.write_all(&[&[0, 0, 0, 16, 4, 210, 22, 46][..], &key].concat()).unwrap();
        std::thread::sleep(Duration::from_millis(200));
    }
    let cancelled = client.answer();
    assert_eq!((cancelled.state(), cancelled.status), ("57014", 'I'));
    assert_eq!(client.ask("SELECT 1 AS one").one(), "1", "the connection goes on");

    // Given up by going away.
    let mut gone = connected(&server, &address, "test");
    ask(&mut gone);
    drop(gone);
    assert_eq!(client.ask("SELECT 1 AS one").one(), "1", "its place is free");
    assert_eq!(count("failed: given up"), given_up + 2);
}

#[test]
fn masked_stays_masked_and_the_audit_says_who_asked() {
    let hub = COUNTY.0.copy();
    let before = hub.count("SELECT max(seq) FROM audit.entry");
    let (server, address) = ruled(&hub);
    let mut client = connected(&server, &address, "数据治理");
    for answer in [client.ask(IDS), client.ask_with(IDS, &[], 0), client.ask_with(IDS, &[], 1)] {
        assert_eq!(answer.rows.len(), 50, "{:?}", answer.error);
        assert!(answer.texts().iter().flatten().all(|value| value.as_ref().unwrap().contains('*')), "{:?}", answer.texts()[0]);
    }
    let found = client.ask_with("SELECT name FROM entity.person WHERE id_no LIKE $1", &[Some("9%9%")], 0);
    assert!(found.texts().iter().flatten().all(|name| name.as_ref().is_none_or(|name| name.contains('*'))));
    assert_eq!(client.ask("SELECT * FROM contract.restricted").state(), "42P01");
    drop((client, server));
    let question = format!("SELECT kind, outcome, rows, purpose FROM audit.entry WHERE principal = 'tester' AND seq > {before}");
    let entries = hub.json(&["sql", &question, "--format", "json"]);
    let has = |kind: &str, outcome: &str| {
        entries
            .as_array()
            .unwrap()
            .iter()
            .any(|entry| entry["kind"] == kind && entry["outcome"] == outcome && entry["purpose"] == "数据治理")
    };
    for (kind, outcome) in [("sql", "asked"), ("sql", "answered"), ("describe", "described"), ("sql", "refused: unknown name")] {
        assert!(has(kind, outcome), "{kind} {outcome} is not in {entries}");
    }
    assert!(hub.says(&["doctor"]).contains("chain whole"));
}
