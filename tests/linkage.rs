//! Who is who explains itself, and the engine's plan runs as SQL: the same pairs, the same bits.

use crate::support::{COUNTY, Hub, root};
use serde_json::Value;

fn rows(hub: &Hub, sql: &str) -> Vec<Value> {
    serde_json::from_str(&hub.says(&["sql", sql, "--format", "json"])).unwrap()
}

/// The plan's one row.
pub(crate) fn planned(hub: &Hub, model: Option<&str>) -> Value {
    let file = root().join("tests/linkage/plan.sql");
    let mut asked = vec!["sql", "-f", file.to_str().unwrap(), "--format", "json"];
    asked.extend(model.iter().flat_map(|model| ["--model", model]));
    let answer: Value = serde_json::from_str(&hub.says(&asked)).unwrap();
    answer[0].clone()
}

/// The model files, but for people without any identifier: nothing is settled before records are compared.
fn without_identifiers(hub: &Hub) -> String {
    let folder = hub.path("model");
    crate::folder::copy(&root().join("schema/model"), &folder);
    let file = folder.join("person.toml");
    let stated = std::fs::read_to_string(&file).unwrap();
    let lines = stated.lines().filter(|line| !["identify", "exclusive", "contains"].iter().any(|key| line.starts_with(key)));
    std::fs::write(&file, lines.collect::<Vec<_>>().join("\n")).unwrap();
    folder.to_str().unwrap().to_owned()
}

#[test]
fn the_plan_in_sql_comes_to_the_pairs_and_bits_of_the_engine() {
    let hub = COUNTY.0.copy();
    let model = without_identifiers(&hub);
    let resolved = hub.json(&["resolve", "--model", &model]);
    let report = resolved["stages"]["resolve"].as_array().unwrap().iter().find(|report| report["entity"] == "person").unwrap().clone();
    let cut: i64 = report["keys"].as_array().unwrap().iter().map(|key| key["pairs_cut"].as_i64().unwrap()).sum();
    assert_eq!(cut, 0, "every block is under its cap");
    let plan = planned(&hub, Some(&model));
    assert_eq!((&plan["compared"], &plan["refused"]), (&report["compared"], &report["refused"]));
    assert!(plan["of_engine"].as_i64().unwrap() > 10_000, "{plan}");
    assert_eq!((&plan["kept"], &plan["same"]), (&plan["of_engine"], &plan["of_engine"]), "all of them, none besides, to the last bit");
}

#[test]
fn where_identifiers_settle_pairs_the_plan_finds_the_others_alike() {
    let plan = planned(&COUNTY.0, None);
    assert!(plan["of_engine"].as_i64().unwrap() > 5_000, "{plan}");
    assert_eq!(plan["same"], plan["of_engine"]);
    assert!(plan["kept"].as_i64() > plan["of_engine"].as_i64(), "tier 0 joined these without weighing them: {plan}");
}

#[test]
fn the_last_bar_of_a_waterfall_is_the_weight() {
    let (hub, _) = &*COUNTY;
    let question = "SELECT count(*) AS pairs, sum(CASE WHEN w.cumulative_weight = p.weight THEN 1 ELSE 0 END) AS same FROM graph.pair p \
                    JOIN (SELECT w.\"left\", w.\"right\", w.cumulative_weight, row_number() OVER (PARTITION BY w.\"left\", w.\"right\" \
                    ORDER BY w.bar_sort_order DESC) AS place FROM graph.waterfall w WHERE w.entity = 'person') w \
                    ON w.\"left\" = p.\"left\" AND w.\"right\" = p.\"right\" AND w.place = 1";
    let told = &rows(hub, question)[0];
    assert_eq!(told["pairs"].as_i64(), Some(hub.count("SELECT count(*) FROM graph.pair")));
    assert_eq!(told["same"], told["pairs"], "to the last bit");
}

#[test]
fn explain_tells_what_the_pair_weighs_and_what_became_of_it() {
    let (hub, _) = &*COUNTY;
    let pair =
        &rows(hub, "SELECT p.\"left\", p.\"right\", p.key, p.weight FROM graph.pair p WHERE p.key <> 'same' ORDER BY p.weight LIMIT 1")[0];
    let (left, right) = (format!("r{}", pair["left"]), format!("r{}", pair["right"]));
    let why = hub.json(&["explain", &right, &left]);
    assert_eq!((&why["left"], &why["right"]), (&pair["left"], &pair["right"]), "the smaller is the left one");
    assert_eq!((&why["weight"], &why["kept"]["weight"], &why["kept"]["key"]), (&pair["weight"], &pair["weight"], &pair["key"]));
    let bits = why["comparisons"].as_array().unwrap().iter().map(|compared| compared["bits"].as_f64().unwrap());
    let sum = bits.fold(why["prior"].as_f64().unwrap(), |sum, bits| sum + bits);
    // Reading JSON rounds; that they sum to the last bit is tested where nothing is read.
    assert!((sum - why["weight"].as_f64().unwrap()).abs() < 1e-9, "{why}");
    assert!(why["keys"].as_array().unwrap().contains(&pair["key"]));
    assert!(hub.says(&["explain", &left, &right]).contains("posterior"));
    let chinese = hub.command(&["explain", &left, &right]).env("LANG", "zh_CN.UTF-8").output().unwrap();
    assert!(String::from_utf8(chinese.stdout).unwrap().contains("后验概率"));
}

#[test]
fn explain_follows_identifiers_and_entities() {
    let (hub, _) = &*COUNTY;
    let question = "SELECT min(r.record_id) AS \"left\", max(r.record_id) AS \"right\", l.entity_id FROM record.person r JOIN graph.link l \
                    ON l.record_id = r.record_id WHERE r.id_no IS NOT NULL GROUP BY l.entity_id, r.id_no HAVING count(*) > 1 ORDER BY 1 LIMIT 2";
    let [one, other] = rows(hub, question).try_into().unwrap();
    let why = hub.json(&["explain", &format!("r{}", one["left"]), &format!("r{}", one["right"])]);
    assert_eq!((&why["is_one"], &why["left_entity"]), (&Value::Bool(true), &one["entity_id"]));
    assert_eq!((&why["identifiers"][0]["identify"], &why["identifiers"][0]["says"]), (&"id_no".into(), &"joined".into()));
    assert_eq!((why["chain"].as_array().unwrap().len(), &why["chain"][0]["by"]), (1, &"id_no".into()));
    let between = hub.json(&["explain", &one["entity_id"].to_string(), &other["entity_id"].to_string()]);
    assert_eq!((&between["is_one"], &between["exclusive"][0]), (&Value::Bool(false), &"id_no".into()), "two valid numbers are two people");
    assert_eq!(between["obstacles"]["exclusive"][0], "id_no", "{between}");
    let said = hub.complains(&["explain", &one["entity_id"].to_string(), &one["entity_id"].to_string()]);
    assert!(said.contains("hint: give two of its records"), "{said}");
    let events = rows(hub, "SELECT record_id FROM record.petition ORDER BY 1 LIMIT 2");
    let said = hub.complains(&["explain", &format!("r{}", events[0]["record_id"]), &format!("r{}", events[1]["record_id"])]);
    assert!(said.contains("are not weighed"), "{said}");
}

#[test]
fn a_link_explained_in_sql_adds_up_to_the_weight_of_its_pair() {
    let (hub, _) = &*COUNTY;
    let question = "SELECT count(*) AS pairs, sum(CASE WHEN x.terms[-1]['sum'] = x.weight THEN 1 ELSE 0 END) AS same FROM (SELECT p.weight, \
                    explain_link(p.\"right\", p.\"left\") AS terms FROM graph.pair p WHERE p.key <> 'same' ORDER BY p.\"left\", p.\"right\" LIMIT 3000) x";
    let told = &rows(hub, question)[0];
    assert!(told["pairs"].as_i64().unwrap() > 1_000, "{told}");
    assert_eq!(told["same"], told["pairs"], "to the last bit");
    let nothing = "SELECT count(explain_link(l.record_id, l.record_id)) + count(explain_link(l.record_id, -1)) AS n FROM graph.link l WHERE l.record_id < 9";
    assert_eq!(hub.count(nothing), 0, "one record, or one that is not there");
}

#[test]
fn functions_of_linkage_say_what_they_want() {
    let (hub, _) = &*COUNTY;
    for (question, told) in [
        ("SELECT er_keys(r.name, r.name) FROM record.person r", "the first argument is the entity type as a literal"),
        ("SELECT er_keys('petition', r.record_id) FROM record.petition r", "no entity type of that name whose records are compared"),
        ("SELECT er_keys('person', named_struct('name', 'x'))", ""),
        ("SELECT er_first_key(1, 2)", ""),
    ] {
        let said = hub.complains(&["sql", question]);
        assert!(said.contains("hint: ") && said.contains(told), "{question}: {said}");
    }
}
