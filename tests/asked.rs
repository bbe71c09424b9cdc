//! Questions that would end the program which answers them: each is one failed question, told by a code that stays and in the audit, and the
//! next one is answered. What stands behind them is a process of its own for each, which may be killed at any time.

use crate::{
    serve::client::{Server, problem},
    support::{COUNTY, Hub},
};
use serde_json::Value;
use std::{
    io::Write as _,
    time::{Duration, Instant},
};

/// All pairs of people, none of which fits: it computes for minutes without ever looking up.
const NEVER_YIELDS: &str = "SELECT count(*) AS n FROM record.person a JOIN record.person b ON sin(a.record_id * b.record_id) > 2";
/// All triples of people of a department, which come batch by batch.
const LONG: &str = "SELECT a.record_id FROM record.person a JOIN record.person b ON a.department = b.department \
                    JOIN record.person c ON b.department = c.department";

/// Each of these expressions uses the one before twice, and the planner writes them all out.
fn doubling() -> String {
    let steps: String = (1..25).map(|at| format!(", c{at} AS (SELECT x + x * x AS x FROM c{})", at - 1)).collect();
    format!("WITH c0 AS (SELECT record_id AS x FROM record.person){steps} SELECT max(x) AS n FROM c24")
}

/// Each of these texts is 64 times the one before, and no pool is asked.
fn growing() -> String {
    let many = ["s"; 64].join(", ");
    let steps: String = (1..4).map(|at| format!(", t{at} AS (SELECT concat({many}) AS s FROM t{})", at - 1)).collect();
    format!("WITH t0 AS (SELECT string_agg(name || coalesce(id_no, ''), ',') AS s FROM record.person){steps} SELECT length(s) AS n FROM t3")
}

/// A text that is a constant, so that it grows before anything runs.
fn folded() -> String {
    let grown = (0..6).fold(format!("'{}'", "x".repeat(1000)), |text, _| format!("replace({text}, 'x', '{}')", "x".repeat(60)));
    format!("SELECT length({grown}) AS n")
}

/// What passes the guard and is too much all the same, and how it is told.
fn too_much() -> Vec<(&'static str, String, &'static str)> {
    let windows = "SELECT max(length(s)) AS n FROM (SELECT string_agg(name, ',') OVER (ORDER BY record_id) AS s FROM record.person) AS t";
    let lists = "SELECT array_length(array_agg(a.name || b.name || a.name || b.name)) AS n FROM record.person a CROSS JOIN record.person b";
    let texts = "SELECT string_agg(name, ',') AS s FROM record.person";
    let distance = format!("SELECT levenshtein(a.s, b.s || 'x') AS n FROM ({texts}) AS a, ({texts}) AS b");
    vec![
        ("a computation that never yields", NEVER_YIELDS.to_owned(), "seconds"),
        ("a planner that is frozen", doubling(), "seconds"),
        ("a distance of two long texts", distance, "seconds"),
        ("a text of gigabytes", growing(), "memory"),
        ("a constant of gigabytes", folded(), ""),
        ("a text that grows with every row", windows.to_owned(), ""),
        ("a list of all pairs", lists.to_owned(), ""),
    ]
}

fn entries(hub: &Hub) -> Vec<Value> {
    let path = hub.path("data").join("audit/audit.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    // The last line may just be written.
    text.lines().filter_map(|line| Some(serde_json::from_str::<Value>(line).ok()?["entry"].clone())).collect()
}

/// Every question that was asked is closed, once, and the chain is whole.
fn all_is_closed(hub: &Hub) {
    let entries = entries(hub);
    for asked in entries.iter().filter(|entry| entry["kind"] == "sql" && entry["outcome"] == "asked") {
        let closed = entries.iter().filter(|entry| entry["of"] == asked["seq"]).count();
        assert_eq!(closed, 1, "{asked}");
    }
    assert!(hub.says(&["doctor"]).contains("chain whole"));
}

fn metric(server: &Server, name: &str) -> u64 {
    let text = server.get("/metrics").text();
    text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok()).unwrap_or(0)
}

/// The processes that answer, as the system lists them.
fn processes(server: &Server) -> Vec<u32> {
    let of = |process: u32| Some((process, std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?));
    let all = std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    let parent = |stat: &str| stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse::<u32>().ok();
    all.filter_map(of)
        .filter(|(process, stat)| parent(stat) == Some(server.process()) && lives(*process))
        .map(|(process, _)| process)
        .collect()
}

/// Whether a process computes yet; one that nobody waited for is listed after its end.
fn lives(process: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|behind| !behind.is_empty() && !behind.starts_with(" Z"))
}

fn until(what: &str, so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "not in a minute: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Sends a question, and does not wait for its answer.
fn sent(server: &Server, sql: &str) -> std::net::TcpStream {
    let mut stream = server.connect();
    let (bearer, body) = (server.bearer(), serde_json::json!({"sql": sql}).to_string());
    let headers = [("Authorization", bearer.as_str()), ("Wuwei-Purpose", "test"), ("Content-Type", "application/json")];
    stream.write_all(&server.request("POST", "/api/v1/sql", &headers, body.as_bytes())).unwrap();
    stream
}

fn told(hub: &Hub, outcome: &str) -> usize {
    entries(hub).iter().filter(|entry| entry["principal"] == "tester" && entry["outcome"] == outcome).count()
}

#[test]
fn a_question_that_is_too_much_is_one_failed_question() {
    let hub = COUNTY.0.copy();
    let server = Server::with(&hub, &["--seconds", "4", "--memory-mb", "64"]);
    for (what, question, limit) in too_much() {
        let begun = Instant::now();
        let answer = server.ask(&question, &[]);
        assert_eq!(problem(&answer), (422, "limit".to_owned()), "{what}: {}", answer.text());
        assert!(answer.json()["detail"].as_str().unwrap().contains(limit), "{what}: {}", answer.text());
        assert!(answer.json()["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{what}");
        assert!(begun.elapsed() < Duration::from_secs(30), "{what}");
        let next = server.ask("SELECT count(*) AS n FROM record.person", &[]);
        assert_eq!(next.status, 200, "after {what}: {}", next.text());
    }
    let entries = entries(&hub);
    let closed = |entry: &&Value| entry["principal"] == "tester" && entry["outcome"].as_str().is_some_and(|told| told.ends_with(": limit"));
    assert_eq!(entries.iter().filter(closed).count(), too_much().len(), "each has an entry that says why");
    all_is_closed(&hub);
    assert!(metric(&server, "wuwei_answerers_ended_total{cause=\"memory\"}") >= 1);
    assert!(metric(&server, "wuwei_answerers_ended_total{cause=\"time\"}") >= 2);
    assert!(!server.get("/metrics").text().contains("record_id"), "no question is in the counts");
    let peak = std::fs::read_to_string(format!("/proc/{}/status", server.process())).unwrap();
    let peak: u64 = peak.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok()).unwrap();
    assert!(peak < 600 * 1024, "the server itself took {peak} KiB");
    until("what they put on disk is gone", || left(&hub).is_empty());
}

/// Files that questions left behind.
fn left(hub: &Hub) -> Vec<std::path::PathBuf> {
    let files = crate::support::every_file(&hub.path("data").join("spill"));
    files.into_iter().filter(|path| path.extension().is_none_or(|ending| ending != "lock")).collect()
}

#[test]
fn a_process_that_is_killed_is_one_problem_and_nothing_half() {
    let hub = COUNTY.0.copy();
    let server = Server::with(&hub, &["--rows", "1000000000"]);
    let stream = sent(&server, LONG);
    until("it is asked", || told(&hub, "asked") == 1);
    std::thread::sleep(Duration::from_millis(300));
    // One answers, another may be ready: whichever it is, all are killed.
    for process in processes(&server) {
        assert!(std::process::Command::new("kill").args(["-KILL", &process.to_string()]).status().is_ok());
    }
    let answer = crate::serve::client::read(stream).unwrap();
    assert_eq!(problem(&answer), (500, "internal".to_owned()));
    assert_eq!(told(&hub, "failed: engine"), 1);
    assert_eq!(server.ask("SELECT 1 AS one", &[]).status, 200);
    assert_eq!(metric(&server, "wuwei_answerers_ended_total{cause=\"outside\"}"), 1);
    all_is_closed(&hub);
}

#[test]
fn who_goes_away_takes_the_process_along() {
    let hub = COUNTY.0.copy();
    let server = Server::with(&hub, &["--running", "1"]);
    assert_eq!(server.ask("SELECT 1 AS one", &[]).status, 200);
    let before = processes(&server);
    assert_eq!(before.len(), 1);
    let stream = sent(&server, NEVER_YIELDS);
    until("it is asked", || told(&hub, "asked") == 2);
    drop(stream);
    until("it is given up", || told(&hub, "failed: given up") == 1);
    until("its process is gone", || !processes(&server).contains(&before[0]));
    assert_eq!(server.ask("SELECT 1 AS one", &[]).status, 200, "its place is free");
    all_is_closed(&hub);
}

#[test]
fn processes_are_asked_again_and_end_with_the_server() {
    let hub = COUNTY.0.copy();
    let server = Server::with(&hub, &["--running", "1"]);
    let before = processes(&server);
    for _ in 0..5 {
        assert_eq!(server.ask("SELECT count(*) AS n FROM record.person", &[]).status, 200);
        assert_eq!(server.ask("SELECT nothing FROM record.person", &[]).status, 422);
    }
    assert_eq!(processes(&server), before, "who was refused costs no process");
    let busy = sent(&server, NEVER_YIELDS);
    until("it is asked", || told(&hub, "asked") == 6);
    drop((server, busy));
    until("they are gone", || before.iter().all(|process| !lives(*process)));
}

#[test]
fn the_limits_of_a_role_hold_within_those_of_the_server() {
    let hub = COUNTY.0.copy();
    let policies = hub.path("policies");
    crate::folder::copy(&crate::support::root().join("tests/serve/policies"), &policies);
    std::fs::write(policies.join("limits.toml"), "[[limit]]\nroles = [\"engineer\"]\nrows = 10\nseconds = 3\nrunning = 1\n").unwrap();
    let server = Server::ruled(&hub, &["--policies", policies.to_str().unwrap(), "--rows", "20"]);
    let many = server.ask("SELECT record_id FROM record.person", &[]);
    assert_eq!(problem(&many), (422, "limit".to_owned()));
    assert!(many.text().contains("10 rows"), "{}", many.text());
    let slow = server.ask(NEVER_YIELDS, &[]);
    assert!(slow.text().contains("3 seconds"), "{}", slow.text());
    let rows =
        hub.says(&["sql", "SELECT record_id FROM record.person LIMIT 15", "--policies", policies.to_str().unwrap(), "--format", "json"]);
    assert_eq!(serde_json::from_str::<Value>(&rows).unwrap().as_array().unwrap().len(), 15, "another role has its own");
}

#[test]
fn the_command_line_says_the_same_and_lives() {
    let hub = COUNTY.0.copy();
    let policies = hub.path("policies");
    crate::folder::copy(&crate::support::root().join("tests/serve/policies"), &policies);
    std::fs::write(policies.join("limits.toml"), "[[limit]]\nroles = [\"operator\"]\nseconds = 3\nmemory_mb = 64\n").unwrap();
    let told = hub.complains(&["sql", NEVER_YIELDS, "--policies", policies.to_str().unwrap()]);
    assert!(told.contains("the question passes the limit of 3 seconds; hint: "), "{told}");
    let told = hub.complains(&["sql", &growing(), "--policies", policies.to_str().unwrap()]);
    assert!(told.contains("the question passes the limit of "), "{told}");
    all_is_closed(&hub);
}

#[test]
fn a_question_that_is_interrupted_is_written_down_and_ends_its_process() {
    let hub = COUNTY.0.copy();
    let asked = || entries(&hub).iter().filter(|entry| entry["kind"] == "sql" && entry["outcome"] == "asked").count();
    let before = asked();
    let mut child = hub.command(&["sql", NEVER_YIELDS]).stderr(std::process::Stdio::null()).spawn().unwrap();
    until("it is asked", || asked() > before);
    std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(!child.wait().unwrap().success());
    assert_eq!(entries(&hub).last().unwrap()["outcome"], "failed: given up");
    all_is_closed(&hub);
}
