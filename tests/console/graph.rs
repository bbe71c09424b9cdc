//! The picture of the graph and the path between two: what the API tells, drawn, and nothing else.

use super::{browser::Browser, is_page};
use crate::{serve::client::Server, support::COUNTY};
use serde_json::Value;
use std::collections::BTreeSet;

fn nodes(page: &str) -> BTreeSet<i64> {
    page.split("data-node=\"").skip(1).filter_map(|rest| rest.split('"').next()?.parse().ok()).collect()
}

#[test]
fn a_picture_has_every_entity_once_as_a_link_and_a_table_with_every_row() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let mut li = Browser::new(&server, "zh-CN");
    li.comes_in(&hub, "li", "case_worker", Some("mz"), "低保核对");
    let id = hub.count("SELECT source FROM graph.edge WHERE relation = 'lives_at' GROUP BY source ORDER BY count(*) DESC, source LIMIT 1");
    assert!(li.get(&format!("/person/{id}")).text().contains(&format!("href=\"/graph/{id}\"")), "the file leads to it");
    for (language, word) in [("zh-CN", "人"), ("en", "person")] {
        li.language = language;
        let page = li.get(&format!("/graph/{id}?hops=2&most=150"));
        assert_eq!(page.status, 200, "{}", page.text());
        is_page(&page, language);
        let text = page.text();
        let near = format!("SELECT n.entity_id FROM neighbours({id}, 2, as_of => NULL, max_degree => 40) n");
        let near = hub.json(&["--as", "case_worker:li@mz", "--purpose", "低保核对", "sql", &near, "--format", "json"]);
        let known: BTreeSet<i64> = near.as_array().unwrap().iter().map(|row| row["entity_id"].as_i64().unwrap()).chain([id]).collect();
        assert_eq!(nodes(&text), known, "what walks find is drawn, each once");
        assert_eq!(text.matches("data-node=\"").count(), known.len());
        assert!(known.iter().all(|other| text.contains(&format!("href=\"/graph/{other}?"))), "each is a link");
        assert!(text.contains(word) && text.contains("<th scope=\"col\">") && text.contains("data-days=\""), "{text}");
    }
    li.language = "zh-CN";
    let only = li.get(&format!("/graph/{id}?hops=1&r-lives_at=1&known=member_of,lives_at")).text();
    assert!(only.contains("name=\"r-member_of\"") && only.contains("name=\"r-lives_at\" value=\"1\" checked"), "{only}");
    let of_a_day = nodes(&li.get(&format!("/graph/{id}?hops=1&as_of=1950-01-01")).text());
    assert!(of_a_day.len() < nodes(&li.get(&format!("/graph/{id}?hops=1")).text()).len(), "{of_a_day:?}");
    let alone = li.get("/graph/999999999");
    assert!(alone.status == 200 && alone.text().contains("没有与之相连的"), "{}", alone.text());
    // Somebody who may see less of the same: no identifier, and no entity of other types.
    let mut sun = Browser::new(&server, "en");
    sun.comes_in(&hub, "sun", "case_worker", Some("jy"), "学龄人口入学审核");
    let hers = sun.get(&format!("/graph/{id}"));
    let number: Value = hub.json(&["sql", &format!("SELECT id_no FROM entity.person WHERE entity_id = {id}"), "--format", "json"]);
    let number = number[0]["id_no"].as_str().unwrap_or("none");
    assert!(hers.status == 200 && !hers.text().contains(number));
    let others = "SELECT entity_id FROM entity.household UNION ALL SELECT entity_id FROM entity.dwelling";
    let others = hub.json(&["sql", others, "--format", "json"]);
    let others: BTreeSet<i64> = others.as_array().unwrap().iter().map(|row| row["entity_id"].as_i64().unwrap()).collect();
    assert!(nodes(&hers.text()).is_disjoint(&others), "of types that her purpose does not need there is nothing");
    let mut zhao = Browser::new(&server, "en");
    zhao.comes_in(&hub, "zhao", "engineer", None, "数据治理");
    assert_eq!([format!("/graph/{id}"), format!("/path?from={id}&to=1")].map(|path| zhao.get(&path).status), [403, 403]);
}

#[test]
fn a_path_is_told_step_by_step_with_the_rows_that_say_so() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let mut li = Browser::new(&server, "zh-CN");
    li.comes_in(&hub, "li", "case_worker", Some("mz"), "低保核对");
    let two = "SELECT a.source AS one, b.source AS other, a.target AS home FROM graph.edge a JOIN graph.edge b ON b.target = a.target
        WHERE a.relation = 'member_of' AND b.relation = 'member_of' AND a.source < b.source ORDER BY 1, 2 LIMIT 1";
    let two = hub.json(&["sql", two, "--format", "json"]);
    let [one, other] = ["one", "other"].map(|name| two[0][name].as_i64().unwrap());
    let page = li.get(&format!("/path?from={one}&to={other}"));
    is_page(&page, "zh-CN");
    let text = page.text();
    let sql = format!("SELECT s.to_id, s.department, s.extract FROM shortest_path({one}, {other}, as_of => NULL) s ORDER BY s.step");
    let steps = hub.json(&["--as", "case_worker:li@mz", "--purpose", "低保核对", "sql", &sql, "--format", "json"]);
    let steps = steps.as_array().unwrap();
    assert!(!steps.is_empty() && text.matches("class=\"by-way\"").count() == steps.len(), "{text}");
    assert!(steps.iter().all(|step| text.contains(&format!(
        "{} · {}:",
        step["department"].as_str().unwrap(),
        step["extract"].as_str().unwrap()
    ))));
    assert!(steps.iter().all(|step| text.contains(&format!("href=\"/graph/{}\"", step["to_id"]))), "{text}");
    let offered = li.get(&format!("/path?from=%E7%8E%8B&to={other}")).text();
    assert!(offered.contains("class=\"offered\"") && offered.contains(&format!("to={other}")), "words are looked up: {offered}");
    let nobody = li.get(&format!("/path?from=%E9%BE%98%E9%BE%98%E9%BE%98&to={other}")).text();
    assert!(nobody.contains("没有找到：") && !nobody.contains("class=\"way\""), "{nobody}");
    assert!(li.get("/path").status == 200 && li.get(&format!("/path?from={one}&to=999999999")).text().contains("没有路径"));
    let told = "SELECT count(*) FROM audit.entry WHERE principal = 'li' AND kind = 'graph' AND outcome = 'answered' AND persons <> ''";
    assert!(hub.count(told) >= 1, "who was on the way is in the audit");
}
