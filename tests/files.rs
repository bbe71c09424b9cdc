//! Files of people, households and places, and what departments are asked to put right of them.

use crate::support::{COUNTY, Hub};
use serde_json::Value;
use std::collections::BTreeSet;

fn benefit(hub: &Hub, rest: &[&str]) -> Value {
    hub.json(&[&["--as", "case_worker:li@mz", "--purpose", "低保核对"][..], rest].concat())
}

fn benefit_says(hub: &Hub, rest: &[&str]) -> String {
    hub.says(&[&["--as", "case_worker:li@mz", "--purpose", "低保核对"][..], rest].concat())
}

/// Somebody of whom departments say different things, with the property.
fn conflicted(hub: &Hub) -> (Value, Value) {
    let ids = "SELECT entity_id FROM entity.person WHERE records > 3 AND birth_date < '1990' ORDER BY entity_id LIMIT 60";
    let rows: Value = serde_json::from_str(&hub.says(&["sql", ids, "--format", "json"])).unwrap();
    for row in rows.as_array().unwrap() {
        let file = hub.json(&["person", &row["entity_id"].to_string()]);
        let differs = |property: &&Value| {
            let said: BTreeSet<(String, String)> = property["values"]
                .as_array()
                .unwrap()
                .iter()
                .map(|said| (said["value"].to_string(), said["department"].to_string()))
                .collect();
            let [values, departments] =
                [said.iter().map(|said| &said.0).collect::<BTreeSet<_>>(), said.iter().map(|said| &said.1).collect()];
            values.len() > 1 && departments.len() > 1
        };
        let conflict = file["identity"].as_array().unwrap().iter().find(differs);
        if let Some(conflict) = conflict.cloned() {
            return (file, conflict);
        }
    }
    panic!("all say the same of everybody");
}

#[test]
fn a_file_says_who_says_what_since_when_by_which_rule_and_what_it_keeps_back() {
    let hub = &COUNTY.0;
    let (file, conflict) = conflicted(hub);
    let id = file["entity_id"].to_string();
    for property in file["identity"].as_array().unwrap() {
        assert!(["only", "most", "latest", "earliest"].contains(&property["rule"].as_str().unwrap()), "{property}");
        for said in property["values"].as_array().unwrap() {
            let [first, last] = ["first_seen", "last_seen"].map(|name| said[name].as_str().unwrap_or_default());
            assert!(first.len() == 10 && first <= last && said["record_id"].is_i64(), "{said}");
        }
        let known = hub.says(&[
            "sql",
            &format!("SELECT {} AS v FROM entity.person WHERE entity_id = {id}", property["property"].as_str().unwrap()),
            "--format",
            "json",
        ]);
        let known: Value = serde_json::from_str(&known).unwrap();
        assert_eq!(known[0]["v"], property["value"], "the file and the table choose alike");
    }
    assert!(conflict["values"].as_array().unwrap().len() > 1);
    assert_eq!(file["withheld"].as_array().unwrap().len(), 0, "from the operator nothing is kept back");
    assert!(file["merged"]["seam"].is_null() || file["merged"]["seam"]["pairs"].as_i64().unwrap() > 0);

    let seen = benefit(hub, &["person", &id]);
    let withheld = seen["withheld"].as_array().unwrap();
    assert!(
        withheld.iter().any(|hidden| hidden["closed"] == true && hidden["of"].as_array().unwrap().contains(&"petition".into())),
        "{withheld:?}"
    );
    assert!(withheld.iter().all(|hidden| hidden["because"] == "case_worker · 低保核对"));
    let rows = |section: &str| {
        let question = format!("SELECT item, label, value, rule, since FROM person_file({id}) f WHERE f.section = '{section}'");
        let rows: Value = serde_json::from_str(&benefit_says(hub, &["sql", &question, "--format", "json"])).unwrap();
        rows.as_array().unwrap().clone()
    };
    let told: BTreeSet<String> =
        rows("withheld").iter().filter(|row| row["label"] == "closed").map(|row| row["item"].to_string()).collect();
    let closed = withheld.iter().filter(|hidden| hidden["closed"] == true);
    let closed: BTreeSet<String> = closed
        .map(|hidden| hidden["of"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect::<Vec<_>>().join(","))
        .map(|names| Value::from(names).to_string())
        .collect();
    assert_eq!(told, closed, "SQL tells what is kept back as the file does");
    let days = |of: &[Value], name: &str| of.iter().map(|row| row[name].to_string()).collect::<Vec<_>>();
    assert_eq!(days(&rows("timeline"), "since"), days(seen["timeline"].as_array().unwrap(), "date"), "and what happened when");
    let other = hub.count(&format!("SELECT max(entity_id) FROM entity.person WHERE entity_id <> {id} AND birth_date < '1990'")).to_string();
    assert_eq!(benefit(hub, &["person", &other])["withheld"], seen["withheld"], "it does not depend on whose file it is");
}

#[test]
fn a_department_is_asked_to_put_something_right_and_its_liaison_settles_it() {
    let hub = COUNTY.0.copy();
    let (file, conflict) = conflicted(&hub);
    let said = &conflict["values"][0];
    let (record, property, department) =
        (said["record_id"].to_string(), conflict["property"].as_str().unwrap(), said["department"].as_str().unwrap());
    assert!(hub.complains(&["correct", "ask", "999999999", property, "--ground", "x"]).contains("no record"));
    let asked = hub.json(&["correct", "ask", &record, property, "--ground", "低保 2026-7"])["corrections"][0].clone();
    assert_eq!((asked["department"].as_str(), asked["state"].as_str()), (Some(department), Some("open")));
    assert!(!asked["others"].as_array().unwrap().is_empty(), "{asked}");
    let id = file["entity_id"].to_string();
    assert_eq!(hub.json(&["person", &id])["corrections"].as_array().unwrap().len(), 1);
    let told =
        format!("SELECT count(*) FROM person_file({id}) f WHERE f.section = 'correction' AND f.label = 'open' AND f.record_id = {record}");
    assert_eq!(hub.count(&told), 1, "SQL tells of the request as the file does");
    let liaison = |of: &str, rest: &[&str]| {
        let who = format!("liaison:qian@{of}");
        hub.json(&[&["--as", who.as_str(), "--purpose", "数据报送与核对"][..], rest].concat())["corrections"].as_array().unwrap().clone()
    };
    let own = liaison(department, &["correct", "list"]);
    assert_eq!((own.len(), own[0]["says"]["value"].clone()), (1, said["value"].clone()));
    let foreign: Vec<&Value> = own[0]["others"].as_array().unwrap().iter().filter(|other| other["department"] != department).collect();
    assert!(!own[0]["others"].is_null() && foreign.is_empty(), "what others say is not the liaison's to see: {foreign:?}");
    let other = if department == "xf" { "sc" } else { "xf" };
    assert!(liaison(other, &["correct", "list"]).is_empty(), "another's liaison sees nothing of it");
    let who = format!("liaison:zhou@{other}");
    hub.complains(&["--as", &who, "--purpose", "数据报送与核对", "correct", "settle", "1", "--answer", "x"]);
    let settled = liaison(department, &["correct", "settle", "1", "--answer", "下期更正"]);
    assert_eq!((settled[0]["state"].as_str(), settled[0]["settled_by"].as_str()), (Some("corrected"), Some("qian")));
    assert!(liaison(department, &["correct", "list"]).is_empty() && liaison(department, &["correct", "list", "--all"]).len() == 1);
}

#[test]
fn everybody_of_a_room_is_in_its_building() {
    let hub = &COUNTY.0;
    let home = "SELECT e.target FROM graph.edge e JOIN entity.dwelling d ON d.entity_id = e.target
        WHERE e.relation = 'lives_at' AND d.address LIKE '%室' GROUP BY e.target ORDER BY count(*) DESC, e.target LIMIT 1";
    let home = hub.count(home).to_string();
    let room = hub.json(&["place", &home, "--level", "room"]);
    let of = |place: &Value| -> Vec<i64> {
        let homes = place["homes"].as_array().unwrap().iter().flat_map(|home| home["residents"].as_array().unwrap());
        let mut all: Vec<i64> = homes.map(|resident| resident["entity_id"].as_i64().unwrap()).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    let written = room["address"].as_str().unwrap();
    let otherwise = written.trim_start_matches("云溪县").replace("单元", "-").replace('栋', "-").replace('室', "");
    let again = hub.json(&["place", &otherwise, "--level", "room"]);
    assert_eq!(of(&again), of(&room), "{otherwise} is {written}");
    let building = hub.json(&["place", room["address"].as_str().unwrap(), "--level", "building"]);
    let (in_room, in_building) = (of(&room), of(&building));
    assert!(!in_room.is_empty() && in_room.iter().all(|person| in_building.contains(person)));
    assert!(building["homes"].as_array().unwrap().len() >= room["homes"].as_array().unwrap().len());
    let counted = hub.count(&format!(
        "SELECT count(DISTINCT source) FROM graph.edge WHERE target = {home} AND relation IN ('lives_at', 'registered_at', 'rents')"
    ));
    assert!(i64::try_from(in_room.len()).unwrap() >= counted, "{room}");
    assert!(hub.complains(&["place", "云溪县"]).contains("names no house"));
    let there = room["homes"].as_array().unwrap().iter().find(|there| there["entity_id"].as_i64() == home.parse().ok()).unwrap();
    let file = hub.json(&["person", &there["residents"][0]["entity_id"].to_string()]);
    assert!(file["residences"].as_array().unwrap().iter().any(|place| place["entity_id"] == there["entity_id"]), "{file}");
}
