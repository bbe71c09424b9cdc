//! What the entrance withstands: too much, too slow, too large, gone in the middle, a new epoch, the end of the program.

use super::client::{Server, problem, read};
use crate::support::{COUNTY, Hub};
use std::{
    io::Write as _,
    time::{Duration, Instant},
};

/// A question that takes longer than anybody waits: all triples of people of a department, computed batch by batch.
const LONG: &str = "SELECT count(*) AS n FROM record.person a JOIN record.person b ON a.department = b.department \
                    JOIN record.person c ON b.department = c.department";

/// Waits until something is so.
pub(super) fn until(what: &str, so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < Duration::from_secs(30), "not in 30 s: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn gauge(server: &Server, name: &str) -> u64 {
    let text = server.get("/metrics").text();
    text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok()).unwrap_or_else(|| panic!("{name} is not in {text}"))
}

#[test]
fn limits_of_rows_and_time_are_told_and_nothing_is_cut() {
    let hub = COUNTY.0.copy();
    let server = Server::with(&hub, &["--rows", "100", "--seconds", "2"]);
    for accept in ["application/json", "text/csv"] {
        let many = server.ask("SELECT record_id FROM record.person", &[("Accept", accept)]);
        assert_eq!(problem(&many), (422, "limit".to_owned()));
        assert!(many.json()["detail"].as_str().unwrap().contains("100 rows"), "{}", many.text());
    }
    let long = server.ask(LONG, &[]);
    assert_eq!(problem(&long), (422, "limit".to_owned()), "{}", long.text());
    assert_eq!(server.ask("SELECT 1 AS one", &[]).status, 200);
}

#[test]
fn a_question_whose_asker_is_gone_is_given_up_and_told() {
    let hub = COUNTY.0.copy();
    let server = Server::with(&hub, &["--running", "1"]);
    let mut stream = server.connect();
    let (bearer, body) = (server.bearer(), serde_json::json!({"sql": LONG}).to_string());
    let headers = [("Authorization", bearer.as_str()), ("Wuwei-Purpose", "test"), ("Content-Type", "application/json")];
    stream.write_all(&server.request("POST", "/api/v1/sql", &headers, body.as_bytes())).unwrap();
    let told = |outcome: &str| hub.count(&format!("SELECT count(*) FROM audit.entry WHERE principal = 'tester' AND outcome = '{outcome}'"));
    until("it is asked", || told("asked") == 1);
    drop(stream);
    until("it is given up", || gauge(&server, "wuwei_questions_running ") == 0);
    assert_eq!(server.ask("SELECT 1 AS one", &[]).status, 200, "its place is free");
    assert_eq!(told("failed: given up"), 1);
}

#[test]
fn too_much_at_a_time_is_asked_to_come_again() {
    let hub = COUNTY.0.copy();
    let server = Server::with(&hub, &["--running", "1", "--seconds", "20"]);
    let (bearer, body) = (server.bearer(), serde_json::json!({"sql": LONG}).to_string());
    let headers = [("Authorization", bearer.as_str()), ("Wuwei-Purpose", "test"), ("Content-Type", "application/json")];
    let request = server.request("POST", "/api/v1/sql", &headers, body.as_bytes());
    let waiting: Vec<_> = (0..32)
        .map(|_| {
            let mut stream = server.connect();
            stream.write_all(&request).unwrap();
            stream
        })
        .collect();
    until("31 wait", || gauge(&server, "wuwei_questions_waiting ") == 31);
    let more = server.ask("SELECT 1 AS one", &[]);
    assert_eq!(problem(&more), (429, "busy".to_owned()));
    assert!(more.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
    assert_eq!(server.get("/healthz").status, 200, "health does not wait");
    drop(waiting);
    until("all are gone", || gauge(&server, "wuwei_questions_running ") + gauge(&server, "wuwei_questions_waiting ") == 0);
}

#[test]
fn what_is_too_large_or_no_request_is_refused_and_harms_nobody() {
    let hub = COUNTY.0.copy();
    let server = Server::start(&hub);
    let large = server.ask(&format!("SELECT '{}' AS x", "x".repeat(300_000)), &[]);
    assert_eq!(problem(&large), (413, "too-large".to_owned()));
    let guarded = server.ask(&format!("SELECT '{}' AS x", "x".repeat(100_000)), &[]);
    assert_eq!(problem(&guarded), (422, "refused".to_owned()));
    for bytes in [
        format!("GET /healthz HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(100_000)),
        format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{}\r\n", (0..200).map(|at| format!("x{at}: 1\r\n")).collect::<String>()),
        "GET /healthz HTTP/9\r\n\r\n".to_owned(),
        "\0\0\0\0\r\n\r\n".to_owned(),
        "POST /api/v1/sql HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(),
    ] {
        let mut stream = server.connect();
        drop(stream.write_all(bytes.as_bytes()));
        let status = read(stream).map_or(400, |answer| answer.status);
        assert!((400..500).contains(&status), "{status}: {:.40}", bytes);
    }
    for path in [
        "/api/v1/people/x",
        "/api/v1/people/99999999999999999999",
        "/api/v1/people",
        "/api/v1/explain/%E7%8E%8B/1",
        "/api/v1/jobs/-1",
        "/api/v1/entities/x/graph",
        "/api/v1/entities/1/graph?hops=9",
        "/api/v1/entities/1/path/x",
        "/api/v1/entities/1/path/2?hops=13",
        "/api/v1/entities/1/graph?as_of=%E7%8E%8B",
    ] {
        let answer = server.get(path);
        assert_eq!(problem(&answer), (400, "bad-request".to_owned()), "{path}");
        assert!(!answer.text().contains('王'), "what was typed is not told back");
    }
    assert_eq!(problem(&server.get("/api/v1/people/999999999")), (404, "not-found".to_owned()));
    assert_eq!(server.ask("SELECT 1 AS one", &[]).status, 200);
}

#[test]
fn a_new_epoch_is_turned_to_and_an_answer_is_of_one_epoch() {
    let hub = COUNTY.0.copy();
    let server = Server::start(&hub);
    let epoch = |server: &Server| server.get("/readyz").json()["epoch"].as_u64().unwrap();
    let (before, records) = (epoch(&server), hub.count("SELECT count(*) FROM record.person"));
    let county = Hub::new();
    county.says(&["synth", "--people", "300", "--seed", "9", "--out", county.path("county").to_str().unwrap()]);
    let extract = crate::support::delivered(&county.path("county"), "mz/mz_hydj.csv");
    hub.says(&["ingest", extract.to_str().unwrap(), "--shrunk", "--late"]);
    until("it turns", || epoch(&server) > before);
    let answer = server.ask("SELECT count(*) AS n FROM record.person", &[]);
    assert_eq!(answer.header("wuwei-epoch").unwrap().parse(), Ok(epoch(&server)));
    assert_eq!(answer.json()["rows"][0][0].as_i64(), Some(hub.count("SELECT count(*) FROM record.person")));
    assert_ne!(answer.json()["rows"][0][0].as_i64(), Some(records));
}

#[test]
fn told_to_stop_it_gives_the_answers_that_it_owes() {
    let hub = COUNTY.0.copy();
    let server = Server::with(&hub, &["--seconds", "3"]);
    let mut stream = server.connect();
    let (bearer, body) = (server.bearer(), serde_json::json!({"sql": LONG}).to_string());
    let headers = [("Authorization", bearer.as_str()), ("Wuwei-Purpose", "test"), ("Content-Type", "application/json")];
    stream.write_all(&server.request("POST", "/api/v1/sql", &headers, body.as_bytes())).unwrap();
    until("it runs", || gauge(&server, "wuwei_questions_running ") == 1);
    let begun = Instant::now();
    assert!(server.stop(), "it ends well");
    assert!(begun.elapsed() < Duration::from_secs(15));
    let answer = read(stream).expect("an answer, be it that it took too long");
    assert_eq!(problem(&answer), (422, "limit".to_owned()));
}

#[test]
fn told_to_stop_as_soon_as_it_says_where_it_answers_it_ends_well_and_leaves_nothing() {
    let hub = COUNTY.0.copy();
    assert!(Server::start(&hub).stop(), "it ends well");
    assert_eq!(std::fs::read_dir(hub.path("data/spill")).unwrap().count(), 0);
}

#[test]
fn an_audit_that_cannot_be_written_stops_every_answer() {
    let hub = COUNTY.0.copy();
    let server = Server::start(&hub);
    let audit = hub.path("data").join("audit/audit.jsonl");
    std::fs::rename(&audit, hub.path("away")).unwrap();
    assert_eq!(problem(&server.get("/readyz")), (503, "unaccounted".to_owned()));
    let answer = server.ask("SELECT 1 AS one", &[]);
    assert_eq!(problem(&answer), (503, "unaccounted".to_owned()));
    assert!(!answer.text().contains("audit.jsonl"), "where it is, is told to the operator");
    std::fs::rename(hub.path("away"), &audit).unwrap();
    assert_eq!((server.get("/readyz").status, server.ask("SELECT 1 AS one", &[]).status), (200, 200));
}

#[test]
fn an_account_that_asks_too_often_is_told_when_to_come_again_over_every_way_in() {
    let hub = COUNTY.0.copy();
    let server = Server::with(&hub, &["--rate", "6"]);
    hub.says(&["user", "add", "other", "--role", "engineer"]);
    let other = hub.json(&["user", "token", "other", "--label", "tests"])["token"].as_str().unwrap().to_owned();
    let refused = (0..8).map(|_| server.get("/api/v1/tables")).find(|answer| answer.status != 200).expect("it may ask for ever");
    assert_eq!(problem(&refused), (429, "too-often".to_owned()));
    let seconds: u32 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=10).contains(&seconds), "{seconds}");
    assert_eq!(problem(&server.ask("SELECT 1 AS one", &[])), (429, "too-often".to_owned()), "by whichever route");
    let bearer = format!("Bearer {other}");
    let headers = [("Authorization", bearer.as_str()), ("Wuwei-Purpose", "test")];
    assert_eq!(server.send("GET", "/api/v1/tables", &headers, b"").status, 200, "nobody else waits");
    assert_eq!(server.send("GET", "/healthz", &[], b"").status, 200);
}
