//! The audit as an auditor meets it: who saw whom, whether it is whole, who may look, what is told of those who look at much.

use crate::{
    serve::client::Server,
    support::{COUNTY, Hub},
};
use serde_json::Value;
use std::fs;

const WORKER: [&str; 4] = ["--as", "case_worker:li@mz", "--purpose", "低保核对"];
const AUDITOR: [&str; 4] = ["--as", "auditor:wu", "--purpose", "审计"];

fn of<'a>(who: &[&'a str], rest: &[&'a str]) -> Vec<&'a str> {
    who.iter().chain(rest).copied().collect()
}

fn hits(hub: &Hub, rest: &[&str]) -> Vec<Value> {
    hub.json(&of(&AUDITOR, &[&["audit", "search"], rest].concat()))["hits"].as_array().unwrap().clone()
}

/// How it was looked, once each, newest first.
fn kinds(hits: &[Value]) -> Vec<String> {
    let mut kinds: Vec<String> = hits.iter().map(|hit| hit["kind"].as_str().unwrap().to_owned()).collect();
    kinds.dedup();
    kinds
}

#[test]
fn whoever_saw_a_person_is_found_whichever_way_they_looked() {
    let hub = COUNTY.0.copy();
    let question = "SELECT min(source) FROM graph.edge WHERE relation = 'member_of' AND source_type = 'person'";
    let person = hub.count(question).to_string();
    let name = hub.json(&["sql", &format!("SELECT name FROM entity.person WHERE entity_id = {person}"), "--format", "json"]);
    let before = hub.json(&["doctor"])["audit_entries"].to_string();
    hub.says(&of(&WORKER, &["person", &person]));
    hub.says(&of(&WORKER, &["household", &person]));
    hub.says(&of(&WORKER, &["people", name[0]["name"].as_str().unwrap(), "--limit", "200"]));
    let sql = format!("SELECT e.entity_id AS number, name FROM entity.person e WHERE entity_id <= {person} ORDER BY number DESC LIMIT 1");
    hub.says(&of(&WORKER, &["sql", &sql]));
    let record = hub.count(&format!("SELECT min(record_id) FROM graph.link WHERE entity_id = {person}"));
    hub.says(&of(&WORKER, &["sql", &format!("SELECT record_id, name FROM record.person WHERE record_id = {record}")]));
    hub.says(&of(&WORKER, &["sql", &format!("SELECT count(*) FROM entity.person WHERE entity_id = {person}")]));
    let found = hits(&hub, &["--person", &person, "--principal", "li"]);
    let new: Vec<Value> = found.iter().filter(|hit| hit["seq"].as_u64() > before.parse().ok()).cloned().collect();
    assert_eq!(kinds(&new), ["sql", "people", "household", "person"], "{new:?}");
    assert_eq!(new.iter().filter(|hit| hit["kind"] == "sql").count(), 2, "by the person's number and by a record's, not by a count");
    for hit in &new {
        let told = [&hit["role"], &hit["purpose"], &hit["origin"], &hit["department"], &hit["outcome"]];
        assert_eq!(told, ["case_worker", "低保核对", "command line", "mz", "answered"], "{hit}");
    }
    assert!(hub.says(&of(&AUDITOR, &["audit", "search", "--person", &person])).contains("case_worker"));
    assert_eq!(hits(&hub, &["--person", "999999999"]).len(), 0);
    let looks = hits(&hub, &["--kind", "audit", "--outcome", "answered"]);
    assert!(looks.len() >= 3 && looks.iter().all(|hit| hit["principal"] == "wu"), "looking at the audit is a look");
}

#[test]
fn files_searches_and_explanations_are_use_of_what_they_read() {
    let hub = COUNTY.0.copy();
    let uses = |hub: &Hub| hub.count("SELECT count(*) FROM contract.use_log WHERE consumer = 'mz' AND rid LIKE 'ga_%'");
    let member = "SELECT min(source) FROM graph.edge WHERE source_type = 'person' AND relation IN ('member_of', 'head_of')";
    let person = hub.count(member).to_string();
    for look in [&["person", &person][..], &["household", &person], &["people", "王伟"], &["sql", "SELECT name FROM record.person LIMIT 1"]]
    {
        let before = uses(&hub);
        hub.says(&of(&WORKER, look));
        assert!(uses(&hub) > before, "{look:?}");
    }
    let before = uses(&hub);
    hub.says(&of(&WORKER, &["indicators"]));
    hub.says(&of(&WORKER, &["sql", "SELECT * FROM indicator.data_utilization_rate"]));
    assert_eq!(uses(&hub), before, "looking at figures is no use of what they are made of");
}

#[test]
fn a_checkpoint_shows_later_that_the_end_was_cut() {
    let hub = COUNTY.0.copy();
    let proven = hub.json(&of(&AUDITOR, &["audit", "verify"]));
    let kept = proven["checkpoint"].as_str().unwrap().to_owned();
    hub.says(&["sql", "SELECT 1 AS one"]);
    let since = hub.json(&of(&AUDITOR, &["audit", "verify", "--since", &kept]));
    assert_eq!((&since["since"], since["removed"].as_u64()), (&proven["entries"], Some(0)));
    assert_eq!(hub.json(&["doctor"])["audit_checkpoint"].as_str().unwrap().split(':').nth(1).unwrap().len(), 64);
    let open = hub.path("data").join("audit/audit.jsonl");
    let text = fs::read_to_string(&open).unwrap();
    let cut = text.lines().take(text.lines().count() - 9).fold(String::new(), |kept, line| kept + line + "\n");
    fs::write(&open, cut).unwrap();
    hub.says(&of(&AUDITOR, &["audit", "verify"]));
    let complaint = hub.complains(&of(&AUDITOR, &["audit", "verify", "--since", &kept]));
    assert!(complaint.contains("missing") && complaint.lines().count() == 1, "{complaint}");
    fs::write(&open, text.replacen("\"rows\":", "\"rows\":1", 1)).unwrap();
    let complaint = hub.complains(&of(&AUDITOR, &["audit", "verify"]));
    assert!(complaint.contains("broken at entry") && complaint.contains("hint: "), "{complaint}");
    assert!(hub.complains(&["audit", "verify", "--since", "9"]).contains("NUMBER:HASH"));
}

#[test]
fn several_processes_write_one_chain() {
    let hub = COUNTY.0.copy();
    let before = hub.json(&["audit", "verify"])["entries"].as_u64().unwrap();
    let asked: Vec<_> = (0..8).map(|_| hub.command(&["sql", "SELECT 1 AS one"]).spawn().unwrap()).collect();
    asked.into_iter().for_each(|mut child| assert!(child.wait().unwrap().success()));
    let after = hub.json(&["audit", "verify"])["entries"].as_u64().unwrap();
    assert_eq!(after, before + 1 + 16, "the first proof, and two entries of each");
}

#[test]
fn others_do_not_look_at_the_audit_nor_remove_it() {
    let hub = COUNTY.0.copy();
    for look in [&["audit", "search"][..], &["audit", "verify"], &["audit", "alarms"], &["audit", "prune"]] {
        assert!(hub.complains(&of(&WORKER, look)).contains("does not use"), "{look:?}");
    }
    assert!(hub.complains(&of(&AUDITOR, &["audit", "prune"])).contains("does not use `prune`"), "who reads it does not remove it");
    let refused = hits(&hub, &["--principal", "li", "--outcome", "refused", "--limit", "4"]);
    assert_eq!(kinds(&refused), ["prune", "audit"], "refusals are accounted for");
    let complaint = hub.complains(&["audit", "prune", "--before", "2999-01-01"]);
    assert!(complaint.contains("180 days"), "{complaint}");
    assert_eq!(hub.json(&["audit", "prune"])["segments"], 0);
}

#[test]
fn an_alarm_is_told_to_the_auditor_and_counted() {
    let hub = COUNTY.0.copy();
    let policies = hub.path("policies");
    fs::create_dir(&policies).unwrap();
    for file in fs::read_dir(crate::support::root().join("query/policies")).unwrap().map(|file| file.unwrap().path()) {
        fs::copy(&file, policies.join(file.file_name().unwrap())).unwrap();
    }
    let alarm = "[[alarm]]\nname = \"太多\"\ncounts = \"persons\"\nwithin = \"day\"\nat = 7\nroles = [\"case_worker\"]\n";
    fs::write(policies.join("alarms.toml"), alarm).unwrap();
    let ruled = ["--policies", policies.to_str().unwrap()];
    let question = "SELECT entity_id FROM entity.person ORDER BY entity_id LIMIT";
    let alarms = || hub.json(&of(&ruled, &of(&AUDITOR, &["audit", "alarms"])))["hits"].as_array().unwrap().clone();
    let told = alarms().len();
    hub.says(&of(&ruled, &of(&WORKER, &["sql", &format!("{question} 6")])));
    assert_eq!(alarms().len(), told);
    hub.says(&of(&ruled, &of(&WORKER, &["sql", &format!("{question} 7")])));
    hub.says(&of(&ruled, &of(&WORKER, &["sql", &format!("{question} 8")])));
    let raised = alarms();
    assert_eq!((raised.len(), &raised[0]["principal"], &raised[0]["outcome"]), (told + 1, &Value::from("li"), &Value::from("太多: 7")));
    let reached = hub.count(&format!("SELECT rows FROM audit.entry WHERE seq = {}", raised[0]["of"]));
    assert_eq!(reached, 7, "with the answer that reached it");
    fs::write(policies.join("alarms.toml"), "[[alarm]]\nname = \"x\"\ncounts = \"steps\"\nwithin = \"day\"\nat = 7\n").unwrap();
    assert!(hub.complains(&of(&ruled, &["jobs"])).contains("alarms.toml"));
}

#[test]
fn over_http_the_audit_says_from_where_and_is_the_auditor_s() {
    let hub = COUNTY.0.copy();
    hub.says(&["user", "add", "wu", "--role", "auditor"]);
    let token = hub.json(&["user", "token", "wu", "--label", "tests"])["token"].as_str().unwrap().to_owned();
    let server = Server::ruled(&hub, &[]);
    let bearer = format!("Bearer {token}");
    let asked = |path: &str| server.send("GET", path, &[("Authorization", &bearer), ("Wuwei-Purpose", "%E5%AE%A1%E8%AE%A1")], b"");
    let proven = asked("/api/v1/audit/verify").json();
    let since = format!("/api/v1/audit/verify?since={}", proven["checkpoint"].as_str().unwrap());
    assert_eq!(asked(&since).json()["since"], proven["entries"]);
    assert_eq!(asked("/api/v1/audit/verify?since=1").status, 422);
    assert_eq!(asked("/api/v1/audit?person=x").status, 400);
    assert_eq!(asked("/api/v1/people?q=x").status, 403);
    let found = asked("/api/v1/audit?principal=wu&outcome=refused").json();
    assert_eq!((&found["hits"][0]["kind"], &found["hits"][0]["origin"]), (&Value::from("people"), &Value::from("http 127.0.0.1")));
    let text = server.send("GET", "/metrics", &[("Authorization", &bearer)], b"").text();
    assert!(text.contains("wuwei_audit_alarms_total 0"), "{text}");
}
