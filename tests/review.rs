//! What awaits a judgement is shown and judged, and what people decide takes effect everywhere at once.

use crate::{
    identity::{DELIVERED, rows, whole},
    support::Hub,
};
use serde_json::Value;

fn cases(hub: &Hub, more: &[&str]) -> Vec<Value> {
    let mut arguments = vec!["review", "--entity", "person"];
    arguments.extend(more);
    hub.json(&arguments)["cases"].as_array().unwrap().clone()
}

fn entities(case: &Value) -> Vec<String> {
    case["entities"].as_array().unwrap().iter().map(|number| number.to_string()).collect()
}

fn judge(hub: &Hub, verdict: &str, case: &Value) -> Value {
    let numbers = entities(case);
    let mut arguments = vec!["--as", "operator:li", "decide", verdict];
    arguments.extend(numbers.iter().map(String::as_str));
    arguments.extend(["--ground", "复核 2026-1"]);
    hub.json(&arguments)
}

#[test]
fn cases_stand_side_by_side_and_what_is_put_off_is_put_off_for_one() {
    let hub = DELIVERED.0.copy();
    let all = cases(&hub, &[]);
    let gains: Vec<f64> = all.iter().map(|case| case["gain"].as_f64().unwrap()).collect();
    assert!(gains.len() > 2 && gains.windows(2).all(|two| two[0] >= two[1]), "{gains:?}");
    assert_eq!(cases(&hub, &["--next"])[0], all[0]);
    let doubt = &all[0]["doubts"][0];
    let compared = doubt["compared"].as_array().unwrap();
    assert!(compared.iter().any(|row| row["property"] == "name" && row["left"].is_string() && row["right"].is_string()), "{compared:?}");
    let bits: f64 = compared.iter().filter_map(|row| row["bits"].as_f64()).sum();
    let sum = doubt["prior"].as_f64().unwrap() + bits + doubt["rarity"].as_f64().unwrap();
    assert!(compared.iter().any(|row| row["bits"].is_f64()) && (sum - doubt["weight"].as_f64().unwrap()).abs() < 1e-9, "{doubt}");
    assert!(hub.says(&["review", "--next"]).contains("bits"));

    let first = entities(&all[0]);
    let mut skip = vec!["--as", "operator:li", "decide", "skip"];
    skip.extend(first.iter().map(String::as_str));
    assert_eq!(hub.json(&skip)["state"], "skipped");
    assert!(cases(&hub, &["--as", "operator:li"]).iter().all(|case| entities(case) != first), "li put it off");
    assert!(cases(&hub, &["--as", "operator:wang"]).iter().any(|case| entities(case) == first), "wang did not");

    judge(&hub, "unsure", &all[0]);
    assert!(cases(&hub, &["--as", "operator:wang"]).iter().all(|case| entities(case) != first), "decided is decided");
    let told = "SELECT count(*) FROM audit.entry WHERE kind = 'decide' AND principal = 'li' AND outcome = 'answered' AND persons <> ''";
    assert_eq!(hub.count(told), 2, "who judged whom is in the audit");
    assert!(hub.complains(&["--as", "case_worker:li@mz", "--purpose", "低保核对", "review"]).contains("does not use `review`"));
}

#[test]
fn whoever_does_not_see_whether_two_ids_differ_does_not_decide_alone() {
    let hub = DELIVERED.0.copy();
    let policies = hub.path("policies");
    crate::folder::copy(&crate::support::root().join("query/policies"), &policies);
    let purposes = std::fs::read_to_string(policies.join("purposes.toml")).unwrap();
    let masked = purposes.replace(
        "roles   = [\"reviewer\"]\ntypes   = [\"*\"]\nsources = [\"*\"]\nclasses = [\"public\", \"personal\", \"identifier\", \"minor\"]",
        "roles   = [\"reviewer\"]\ntypes   = [\"*\"]\nsources = [\"*\"]\nclasses = [\"public\", \"personal\"]",
    );
    assert_ne!(masked, purposes);
    std::fs::write(policies.join("purposes.toml"), masked).unwrap();
    let as_reviewer = ["--policies", policies.to_str().unwrap(), "--as", "reviewer:chen", "--purpose", "归并复核"];
    let asked = |rest: &[&str]| hub.json(&[&as_reviewer[..], rest].concat());
    let shown = asked(&["review", "--entity", "person", "--limit", "100"]);
    let said = shown["cases"].as_array().unwrap().iter().flat_map(|case| case["doubts"].as_array().unwrap());
    let ids = said
        .flat_map(|doubt| doubt["compared"].as_array().unwrap())
        .filter(|row| ["id_no", "phone"].contains(&row["property"].as_str().unwrap()));
    let sides: Vec<&str> = ids.flat_map(|row| [row["left"].as_str(), row["right"].as_str()]).flatten().collect();
    assert!(!sides.is_empty() && sides.iter().all(|id| id.contains('*')), "{sides:?}");
    let case = &shown["cases"][0];
    let numbers = entities(case);
    let mut decide = vec!["decide", "same"];
    decide.extend(numbers.iter().map(String::as_str));
    decide.extend(["--ground", "比对"]);
    assert_eq!(asked(&decide)["state"], "proposed", "whatever the ids are");
    let waiting = hub.json(&["review"])["waiting"].clone();
    assert_eq!((waiting[0]["decision"].clone(), waiting[0]["who"].clone()), (1.into(), "chen".into()));
    assert!(hub.says(&["review"]).contains("decide") || !waiting.as_array().unwrap().is_empty());
}

#[test]
fn what_is_decided_takes_effect_in_tables_index_graph_and_files_together() {
    let hub = DELIVERED.0.copy();
    let all = cases(&hub, &["--limit", "200"]);
    let two: Vec<&Value> = all.iter().filter(|case| entities(case).len() == 2).collect();
    let verdicts = ["same", "different", "same", "unsure", "same"];
    let judged: Vec<(&str, &Value)> = verdicts.into_iter().zip(two).collect();
    let (mut merged, mut decisions) = (Vec::new(), Vec::new());
    for (verdict, case) in &judged {
        let written = judge(&hub, verdict, case);
        let number = written["decision"].to_string();
        if written["state"] == "proposed" {
            hub.says(&["--as", "operator:wang", "decide", "confirm", &number, "--ground", "复核"]);
        }
        if *verdict == "same" {
            merged.push(entities(case));
            decisions.push(number);
        }
    }
    assert_eq!(merged.len(), 3, "{judged:?}");
    hub.says(&["refresh"]);
    for pair in &merged {
        agree(&hub, pair, true);
    }
    for decision in &decisions {
        if hub.json(&["decide", "revoke", decision, "--ground", "误"])["state"] == "withdrawing" {
            hub.says(&["--as", "operator:wang", "decide", "confirm", decision, "--ground", "复核"]);
        }
    }
    hub.says(&["refresh"]);
    for pair in &merged {
        agree(&hub, pair, false);
    }
}

/// Numbers that were ever given and lead neither to an entity nor to one that is retired.
pub(crate) const LOST: &str = "SELECT count(DISTINCT m.entity_id) FROM graph.member m LEFT JOIN graph.redirect r ON r.from_id = m.entity_id
    LEFT JOIN graph.link l ON l.entity_id = coalesce(r.to_id, m.entity_id)
    LEFT JOIN graph.lineage g ON g.event = 'retired' AND g.from_id = coalesce(r.to_id, m.entity_id)
    WHERE l.entity_id IS NULL AND g.from_id IS NULL";

/// Whether two numbers are one, wherever one looks.
fn agree(hub: &Hub, pair: &[String], is_one: bool) {
    let [left, right] = [0, 1].map(|at| hub.json(&["person", &pair[at]]));
    let number = |file: &Value| file["entity_id"].as_i64().unwrap();
    assert_eq!(number(&left) == number(&right), is_one, "files of {pair:?}");
    for file in [&left, &right] {
        let id = number(file);
        let records = file["merged"]["records"].as_array().unwrap().len();
        assert_eq!(
            hub.count(&format!("SELECT records FROM entity.person WHERE entity_id = {id}")),
            i64::try_from(records).unwrap(),
            "entity.person"
        );
        assert_eq!(
            hub.count(&format!("SELECT count(*) FROM graph.link WHERE entity_id = {id}")),
            i64::try_from(records).unwrap(),
            "graph.link"
        );
        // A relation that several rows state is one of the file and several of the graph.
        let also = |related: &Value| related["also"].as_array().map_or(0, Vec::len);
        let edges: usize = file["relations"].as_array().unwrap().iter().map(|related| 1 + also(related)).sum();
        let in_graph = format!("SELECT count(*) FROM graph.edge WHERE source = {id} OR target = {id}");
        assert_eq!(hub.count(&in_graph), i64::try_from(edges).unwrap(), "graph.edge");
        let name = file["identity"].as_array().unwrap().iter().find(|property| property["property"] == "name").unwrap()["value"].clone();
        let found = hub.json(&["people", name.as_str().unwrap(), "--limit", "200"]);
        let found: Vec<i64> = found["hits"].as_array().unwrap().iter().map(|hit| whole(hit, "entity_id")).collect();
        assert!(found.contains(&id), "the index does not find {id}");
        let old: Vec<i64> = rows(hub, "SELECT from_id FROM graph.redirect").iter().map(|row| whole(row, "from_id")).collect();
        assert!(found.iter().all(|found| !old.contains(found)), "the index finds an old number");
    }
    assert_eq!(hub.count(LOST), 0, "an old number leads nowhere");
}
