//! Who somebody is does not change with a delivery: numbers are kept over two months of a county, and what people decide holds, can be
//! undone and gives back what was.

use crate::{
    review::LOST,
    support::{Hub, every_file},
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::LazyLock,
};

/// A small county after two monthly deliveries of some departments, each resolved; and who was who after the first.
pub(crate) static DELIVERED: LazyLock<(Hub, BTreeMap<i64, i64>)> = LazyLock::new(|| {
    let hub = Hub::new();
    let county = hub.path("county");
    hub.says(&["synth", "--people", "200", "--months", "2", "--out", county.to_str().unwrap()]);
    let mut days: Vec<_> = std::fs::read_dir(county.join("sources")).unwrap().map(|day| day.unwrap().path()).collect();
    days.sort();
    deliver(&hub, &days[0]);
    hub.says(&["refresh"]);
    let before = links(&hub);
    deliver(&hub, &days[1]);
    hub.says(&["refresh"]);
    (hub, before)
});

/// Loads what is new of a day; a month in which there is nothing to tell is refused as such.
fn deliver(hub: &Hub, day: &Path) {
    let mut command = hub.command(&["ingest", "--shrunk"]);
    for department in ["ga", "mz", "wg", "xf"] {
        command.args(files(&day.join(department)));
    }
    command.output().unwrap();
}

/// What a department delivers; memos lie beside their table.
fn files(folder: &Path) -> Vec<PathBuf> {
    every_file(folder).into_iter().filter(|file| file.extension().is_some_and(|ending| ending != "fpt")).collect()
}

pub(crate) fn rows(hub: &Hub, sql: &str) -> Vec<Value> {
    serde_json::from_str(&hub.says(&["sql", sql, "--format", "json"])).unwrap()
}

pub(crate) fn whole(row: &Value, column: &str) -> i64 {
    row[column].as_i64().unwrap()
}

pub(crate) fn links(hub: &Hub) -> BTreeMap<i64, i64> {
    let found = rows(hub, "SELECT record_id, entity_id FROM graph.link");
    found.iter().map(|row| (whole(row, "record_id"), whole(row, "entity_id"))).collect()
}

#[test]
fn a_second_delivery_leaves_everybody_their_number() {
    let (hub, before) = &*DELIVERED;
    let after = links(hub);
    let stayed = before.iter().filter_map(|(record, entity)| Some((*record, *entity, *after.get(record)?)));
    let changed: Vec<i64> = stayed.clone().filter(|(_, before, after)| before != after).map(|(record, _, _)| record).collect();
    let told = rows(hub, "SELECT record_id FROM graph.member WHERE ended <> 'retired' ORDER BY record_id");
    assert_eq!(changed, told.iter().map(|row| whole(row, "record_id")).collect::<Vec<_>>(), "who has another number is told");
    assert!(changed.len() * 50 < stayed.count(), "and they are few: {}", changed.len());
    assert!(after.len() > before.len() && before.keys().any(|record| !after.contains_key(record)), "the second delivery changes something");
    // Rows come anew when they change; what they are of has kept its number.
    let anew = rows(hub, "SELECT former, record_id FROM graph.successor");
    let same = anew.iter().filter(|row| before[&whole(row, "former")] == after[&whole(row, "record_id")]).count();
    assert!(anew.len() > 20 && same * 100 >= anew.len() * 95, "{same} of {}", anew.len());
    assert_eq!(hub.count("SELECT count(*) FROM graph.run"), 2);
}

#[test]
fn every_number_ever_given_leads_to_one_entity_or_is_retired() {
    let (hub, before) = &*DELIVERED;
    assert_eq!(hub.count(LOST), 0);
    let over = "SELECT count(*) FROM graph.member a JOIN graph.member b ON b.record_id = a.record_id AND b.from_run > a.from_run
        WHERE a.to_run IS NULL OR a.to_run > b.from_run";
    assert_eq!(hub.count(over), 0, "a record belongs to one entity at a time");
    let then = "SELECT m.record_id, m.entity_id FROM graph.member m CROSS JOIN (SELECT min(run) AS run FROM graph.run) f
        WHERE m.from_run <= f.run AND (m.to_run IS NULL OR m.to_run > f.run)";
    let then: BTreeMap<i64, i64> = rows(hub, then).iter().map(|row| (whole(row, "record_id"), whole(row, "entity_id"))).collect();
    assert_eq!(&then, before, "what the hub held is still known");
    for table in ["entity.person", "graph.link"] {
        assert_eq!(hub.count(&format!("SELECT count(*) FROM {table} t JOIN graph.redirect r ON r.from_id = t.entity_id")), 0, "{table}");
    }
    let edges = "SELECT count(*) FROM graph.edge e LEFT JOIN graph.link l ON l.entity_id = e.target WHERE l.entity_id IS NULL";
    assert_eq!(hub.count(edges), 0);
    let retired = hub.count("SELECT min(from_id) FROM graph.lineage WHERE event = 'retired'").to_string();
    assert!(hub.complains(&["person", &retired]).contains("is no more since"));
}

#[test]
fn what_people_decide_holds_and_undone_gives_back_what_was() {
    let hub = DELIVERED.0.copy();
    let two = rows(&hub, "SELECT entity_id, name FROM entity.person WHERE id_no IS NOT NULL AND records > 2 ORDER BY entity_id LIMIT 2");
    let [left, right] = [0, 1].map(|at| whole(&two[at], "entity_id").to_string());
    let before = links(&hub);
    assert!(hub.complains(&["decide", "same", &left, &right, "--ground", " "]).contains("--ground"));
    hub.says(&["--as", "operator:li", "decide", "same", &left, &right, "--ground", "民政 2026-17"]);
    assert_eq!(before, links(&hub), "it is written down; the next refresh carries it out");
    hub.says(&["refresh"]);
    assert_eq!(before, links(&hub), "two ids: it waits for a second person");
    assert!(hub.complains(&["--as", "operator:li", "decide", "confirm", "1", "--ground", "x"]).contains("second person"));
    confirm(&hub, 1);
    hub.says(&["refresh"]);
    let file = hub.json(&["person", &right]);
    assert_eq!(
        (&file["merged_from"], &file["entity_id"]),
        (&two[1]["entity_id"], &two[0]["entity_id"]),
        "the old number leads to the present one"
    );
    assert!(hub.says(&["person", &right]).contains("was merged into"));
    let found = hub.json(&["people", two[1]["name"].as_str().unwrap(), "--limit", "200"]);
    let found: Vec<i64> = found["hits"].as_array().unwrap().iter().map(|hit| whole(hit, "entity_id")).collect();
    assert!(found.contains(&whole(&two[0], "entity_id")) && !found.contains(&whole(&two[1], "entity_id")), "{found:?}");
    assert!(hub.complains(&["decide", "same", &left, &right, "--ground", "x"]).contains("one already"));

    hub.says(&["decide", "different", &right, &left, "--ground", "民政 2026-18"]);
    confirm(&hub, 2);
    hub.says(&["refresh"]);
    assert_eq!(before, links(&hub), "the records, and their numbers");
    assert!(hub.json(&["person", &right])["merged_from"].is_null());

    assert_eq!(hub.json(&["decide", "revoke", "2", "--ground", "误"])["state"], "withdrawing");
    confirm(&hub, 2);
    hub.says(&["refresh"]);
    assert_eq!(hub.json(&["person", &right])["entity_id"], two[0]["entity_id"], "the first decision holds again");
    assert!(hub.complains(&["decide", "revoke", "2", "--ground", "误"]).contains("hint:"));
    assert_eq!(hub.count("SELECT count(DISTINCT decision) FROM graph.decision WHERE who = 'li' AND ground = '民政 2026-17'"), 1);
}

#[test]
fn resolved_file_by_file_or_at_once_everybody_is_who_they_are() {
    let first = Hub::new();
    let county = first.path("county");
    first.says(&["synth", "--people", "300", "--months", "2", "--out", county.to_str().unwrap()]);
    let mut days: Vec<_> = std::fs::read_dir(county.join("sources")).unwrap().map(|day| day.unwrap().path()).collect();
    days.sort();
    deliver(&first, &days[0]);
    assert_eq!(way(&first.json(&["refresh"])["stages"]["resolve"]), "learned");
    let whole = first.copy();
    let mut ways = Vec::new();
    for department in ["ga", "mz", "wg", "xf"] {
        for hub in [&first, &whole] {
            hub.command(&["ingest", "--shrunk"]).args(files(&days[1].join(department))).output().unwrap();
        }
        ways.push(way(&first.json(&["resolve"])["stages"]["resolve"]));
    }
    assert_eq!(ways, ["increment"; 4]);
    let resolved = whole.json(&["resolve"]);
    let report = person(&resolved["stages"]["resolve"]);
    assert!(report["carried"].as_i64() > report["compared"].as_i64(), "most pairs are kept as they were: {report}");
    assert_eq!(partition(&first), partition(&whole));
    let pairs = "SELECT * FROM graph.pair ORDER BY entity, \"left\", \"right\"";
    assert_eq!(rows(&first, pairs), rows(&whole, pairs));
    // All of them, compared in SQL by the same model, come to the same.
    let plan = crate::linkage::planned(&first, None);
    assert!(plan["of_engine"].as_i64().unwrap() > 500 && plan["same"] == plan["of_engine"], "{plan}");
    let model = |hub: &Hub| rows(hub, "SELECT * FROM graph.model");
    let before = model(&first);
    assert_eq!(way(&first.json(&["resolve", "--anew"])["stages"]["resolve"]), "learned");
    assert_ne!(before, model(&first), "of what there is now");
}

/// How people were resolved.
fn person(reports: &Value) -> &Value {
    reports.as_array().unwrap().iter().find(|report| report["entity"] == "person").unwrap()
}

fn way(reports: &Value) -> String {
    person(reports)["way"].as_str().unwrap().to_owned()
}

/// The smallest record of each record's entity: numbers are given as entities come to be known.
fn partition(hub: &Hub) -> BTreeMap<i64, i64> {
    let mut smallest: BTreeMap<i64, i64> = BTreeMap::new();
    let links = links(hub);
    for (record, entity) in &links {
        smallest.entry(*entity).or_insert(*record);
    }
    links.iter().map(|(record, entity)| (*record, smallest[entity])).collect()
}

/// As a second person.
pub(crate) fn confirm(hub: &Hub, decision: i64) {
    hub.says(&["--as", "operator:wang", "decide", "confirm", &decision.to_string(), "--ground", "复核"]);
}
