//! The graph between two deliveries: few edges change, so that a file of what changed lies over the one of all, and nobody who asks can tell.

use crate::{
    identity::{DELIVERED, confirm, rows, whole},
    support::Hub,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// The files of the graph.
fn files(hub: &Hub) -> BTreeSet<String> {
    let names = std::fs::read_dir(hub.path("data/graph")).unwrap().map(|entry| entry.unwrap().file_name());
    names.map(|name| name.into_string().unwrap()).collect()
}

/// What walks and patterns say around some.
fn walked(hub: &Hub, some: &[i64]) -> Vec<Value> {
    let questions = some.iter().zip(some.iter().cycle().skip(1)).flat_map(|(one, other)| {
        [
            format!("SELECT * FROM neighbours({one}, 2, as_of => NULL)"),
            format!("SELECT * FROM component({one})"),
            format!("SELECT * FROM all_shortest_paths({one}, {other}, as_of => NULL)"),
            format!("SELECT * FROM common_neighbours({one}, {other}, as_of => NULL)"),
        ]
    });
    let said = |question: String| {
        let mut rows: Vec<String> = rows(hub, &question).iter().map(Value::to_string).collect();
        rows.sort();
        Value::from(rows)
    };
    questions.map(said).collect()
}

#[test]
fn what_changed_lies_over_the_graph_and_walks_are_those_of_one_made_anew() {
    let hub = DELIVERED.0.copy();
    hub.says(&["link"]);
    let two = rows(&hub, "SELECT entity_id FROM entity.person WHERE id_no IS NOT NULL AND records > 2 ORDER BY entity_id LIMIT 2");
    let [left, right] = [0, 1].map(|at| whole(&two[at], "entity_id"));
    let most = format!(
        "SELECT source FROM graph.edge WHERE relation = 'lives_at' AND source NOT IN ({left}, {right})
            GROUP BY source ORDER BY count(*) DESC, source LIMIT 1"
    );
    let some: Vec<i64> = rows(&hub, &most).iter().map(|row| whole(row, "source")).chain([left]).collect();
    let (whole_file, before) = (files(&hub).last().unwrap().clone(), walked(&hub, &some));
    let next = |verdict, decision| {
        hub.says(&["--as", "operator:li", "decide", verdict, &left.to_string(), &right.to_string(), "--ground", "民政 2026-19"]);
        confirm(&hub, decision);
        hub.json(&["refresh"])["stages"]["link"]["graph"]["changes"].clone()
    };
    let changes = next("same", 1);
    // What tied the two to each other is no edge any more.
    assert!(whole(&changes, "came") > 0 && whole(&changes, "came") <= whole(&changes, "went"), "edges moved to the other: {changes}");
    let (name, over) = (files(&hub).last().unwrap().clone(), walked(&hub, &some));
    assert!(name.ends_with(".changes") && files(&hub).contains(&whole_file) && over != before, "{:?}", files(&hub));
    let doctor = hub.json(&["doctor"]);
    let graph = doctor["checks"].as_array().unwrap().iter().find(|check| check["check"] == "graph").unwrap();
    assert!(graph["detail"].as_str().unwrap().contains(&format!("{} edges", hub.count("SELECT count(*) FROM graph.edge"))), "{graph}");

    // As a failing disk would.
    let path = hub.path("data/graph").join(&name);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, &bytes).unwrap();
    assert!(String::from_utf8_lossy(&hub.run(&["doctor"]).stdout).contains("`wuwei link` makes it again"));
    std::fs::write(&path, &bytes[..middle]).unwrap();
    hub.says(&["refresh"]);
    assert_eq!(walked(&hub, &some), over, "it is made again");
    hub.says(&["link"]);
    assert!(files(&hub).last().unwrap().ends_with(".csr"));
    assert_eq!(walked(&hub, &some), over, "and all of it made anew says the same");
    hub.says(&["link"]);
    assert_eq!(files(&hub).len(), 2, "the one before stays for who reads it: {:?}", files(&hub));

    let changes = next("different", 2);
    assert!(whole(&changes, "came") > 0, "{changes}");
    assert_eq!(walked(&hub, &some), before, "who they were before");
}
