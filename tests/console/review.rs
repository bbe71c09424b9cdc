//! Judgements through the pages: a case as whoever looks may see it, what is judged of it, the second person, and that files follow.

use super::{browser::Browser, is_page};
use crate::{
    identity::DELIVERED,
    serve::client::{Answer, Server},
    support::{Hub, root},
};

/// The two of whom the case on a page asks.
fn pair(page: &str) -> String {
    page.split("name=\"sides\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned()
}

/// The text of the cells of a table's rows, by the table's id.
fn cells(page: &str, table: &str) -> Vec<Vec<String>> {
    let table = page.split(&format!("id=\"{table}\"")).nth(1).unwrap().split("</table>").next().unwrap();
    let row =
        |row: &str| row.split("<t").skip(1).filter_map(|cell| Some(cell.split_once('>')?.1.split("</t").next()?.to_owned())).collect();
    table.split("<tr").skip(2).map(row).collect()
}

fn told(answer: &Answer) -> &str {
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("location").unwrap()
}

#[test]
fn what_is_judged_on_a_page_takes_effect_in_the_file() {
    let hub = DELIVERED.0.copy();
    let server = Server::ruled(&hub, &["--second-factor", "none"]);
    let mut chen = Browser::new(&server, "zh-CN");
    chen.comes_in(&hub, "chen", "reviewer", None, "归并复核");
    for language in ["en", "zh-CN"] {
        chen.language = language;
        for path in ["/review", "/review?at=1&doubt=0", "/review/decisions"] {
            is_page(&chen.get(path), language);
        }
    }
    let page = chen.get("/review").text();
    assert!(page.contains("href=\"/review\"") && page.contains("data-key=\"y\"") && page.contains("aria-current=\"page\""), "{page}");
    // The last sum of the table is the weight, as the picture has it.
    let weights = cells(&page, "weights-table");
    let weight = page.split("class=\"waterfall\"").nth(1).unwrap().split("</svg>").next().unwrap();
    let weight = weight.rsplit("text-anchor=\"end\">").next().unwrap().split('<').next().unwrap();
    let sum = weights.iter().rev().filter_map(|row| row.last()).find(|sum| !sum.is_empty()).unwrap();
    assert_eq!((sum.as_str(), weights.len() > 4), (weight, true), "{weights:?}");
    let rarity: Vec<&String> = weights.iter().map(|row| &row[3]).filter(|rarity| !rarity.is_empty()).collect();
    assert!(!rarity.is_empty(), "whoever sees all values is told how rare each is: {weights:?}");

    let first = pair(&page);
    let judge = |browser: &mut Browser<'_>, verdict: &str, sides: &str, ground: &str| {
        browser.post("/review", &[("verdict", verdict), ("sides", sides), ("ground", ground), ("at", "0")])
    };
    let refused = judge(&mut chen, "same", &first, " ").text();
    assert!(refused.contains("role=\"alert\"") && refused.contains("no ground") && pair(&refused) == first, "{refused}");
    let named = judge(&mut chen, "different", &first, "涉及 990101199001011232");
    assert!(named.text().contains("依据里写有证号或手机号") && pair(&named.text()) == first, "{}", named.text());
    assert!(told(&judge(&mut chen, "different", &first, "卷宗 7")).ends_with("told=holds"));
    let next = chen.get("/review").text();
    assert!(!next.contains(&format!("value=\"{first}\"")), "what was judged is not shown again");
    let second = pair(&next);
    assert!(told(&judge(&mut chen, "skip", &second, "")).ends_with("told=skipped"));
    let third = pair(&chen.get("/review").text());
    assert_ne!(third, second);
    let state = told(&judge(&mut chen, "same", &third, "卷宗 8")).to_owned();
    if state.ends_with("told=proposed") {
        let mut wang = Browser::new(&server, "en");
        wang.comes_in(&hub, "wang", "reviewer", None, "归并复核");
        let number = hub.count("SELECT max(decision) FROM graph.decision");
        assert!(
            told(&wang.post(&format!("/review/decisions/{number}"), &[("what", "confirm"), ("ground", "卷宗 9")])).ends_with("told=holds")
        );
    }
    hub.says(&["refresh"]);
    let sides: Vec<String> = third.split(' ').map(str::to_owned).collect();
    let title = |page: String| page.split("<title>").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default().to_owned();
    // The server looks every now and then whether something was published.
    let are_one = |_| {
        std::thread::sleep(std::time::Duration::from_millis(500));
        let [one, other] = [0, 1].map(|at| title(chen.get(&format!("/person/{}", sides[at])).text()));
        one == other
    };
    assert!((0..120).any(are_one), "both numbers lead to one file");
}

#[test]
fn what_touches_two_ids_waits_for_a_second_person_and_is_taken_back_by_two() {
    let hub = DELIVERED.0.copy();
    let server = Server::ruled(&hub, &["--second-factor", "none"]);
    let [mut chen, mut wang] = [Browser::new(&server, "en"), Browser::new(&server, "en")];
    chen.comes_in(&hub, "chen", "reviewer", None, "归并复核");
    wang.comes_in(&hub, "wang", "reviewer", None, "归并复核");
    let ids =
        hub.json(&["sql", "SELECT entity_id FROM entity.person WHERE id_no IS NOT NULL ORDER BY entity_id LIMIT 2", "--format", "json"]);
    let two = ids.as_array().unwrap().iter().map(|row| row["entity_id"].to_string()).collect::<Vec<_>>().join(" ");
    let proposed = chen.post("/review", &[("verdict", "same"), ("sides", &two), ("ground", "卷宗 1"), ("at", "0")]);
    assert!(told(&proposed).ends_with("told=proposed"));
    let path = format!("/review/decisions/{}", hub.count("SELECT max(decision) FROM graph.decision"));
    let mine = chen.get("/review/decisions").text();
    assert!(mine.contains("waits for somebody else") && !mine.contains("value=\"confirm\""), "{mine}");
    let settle = |browser: &mut Browser<'_>, what: &str| browser.post(&path, &[("what", what), ("ground", "卷宗 2")]);
    let own = settle(&mut chen, "confirm").text();
    assert!(own.contains("role=\"alert\"") && own.contains("second person"), "{own}");
    assert!(wang.get("/review/decisions").text().contains("value=\"confirm\""));
    assert!(told(&settle(&mut wang, "confirm")).ends_with("told=holds"));
    assert!(told(&settle(&mut wang, "revoke")).ends_with("told=withdrawing"));
    assert!(told(&settle(&mut chen, "confirm")).ends_with("told=revoked"));
    let shown = chen.get("/review/decisions?told=revoked").text();
    assert!(shown.contains("Taken back.") && !shown.contains("卷宗 1"), "{shown}");
}

#[test]
fn who_may_not_judge_is_not_led_there_and_what_is_masked_is_nowhere() {
    let hub = DELIVERED.0.copy();
    let policies = hub.path("policies");
    crate::folder::copy(&root().join("query/policies"), &policies);
    let purposes = std::fs::read_to_string(policies.join("purposes.toml")).unwrap();
    let masked = purposes.replace(
        "classes = [\"public\", \"personal\", \"identifier\", \"minor\"]\n\n[[purpose]]\nname    = \"数据报送与核对\"",
        "classes = [\"public\", \"personal\"]\n\n[[purpose]]\nname    = \"数据报送与核对\"",
    );
    assert_ne!(masked, purposes);
    std::fs::write(policies.join("purposes.toml"), masked).unwrap();
    let server = Server::ruled(&hub, &["--second-factor", "none", "--policies", policies.to_str().unwrap()]);
    let [mut chen, mut li] = [Browser::new(&server, "zh-CN"), Browser::new(&server, "zh-CN")];
    chen.comes_in(&hub, "chen", "reviewer", None, "归并复核");
    let ids = ids(&hub);
    for at in 0..12 {
        let page = chen.get(&format!("/review?at={at}")).text();
        assert!(page.contains("class=\"waterfall\""), "{page}");
        assert!(!ids.iter().any(|id| page.contains(id.as_str())), "case {at} shows what is masked");
    }
    li.comes_in(&hub, "li", "case_worker", Some("mz"), "低保核对");
    assert!(!li.get("/tables").text().contains("href=\"/review\""));
    for path in ["/review", "/review/decisions"] {
        assert_eq!(li.get(path).status, 403, "{path}");
    }
    assert_eq!(li.post("/review", &[("verdict", "same"), ("sides", "1 2"), ("ground", "x"), ("at", "0")]).status, 403);
}

/// Ids and phones, of everybody.
fn ids(hub: &Hub) -> Vec<String> {
    let rows = hub.json(&["sql", "SELECT id_no, phone FROM record.person", "--format", "json"]);
    let cells = rows.as_array().unwrap().iter().flat_map(|row| ["id_no", "phone"].map(|name| row[name].as_str()));
    let ids: Vec<String> = cells.flatten().filter(|text| text.len() > 10).map(str::to_owned).collect();
    assert!(ids.len() > 1000, "{}", ids.len());
    ids
}

#[test]
fn what_is_not_one_is_parted_where_it_hangs_together_least() {
    let hub = DELIVERED.0.copy();
    let server = Server::ruled(&hub, &["--second-factor", "none"]);
    let [mut chen, mut wang, mut li] = ["zh-CN", "en", "zh-CN"].map(|language| Browser::new(&server, language));
    chen.comes_in(&hub, "chen", "reviewer", None, "归并复核");
    let of_three = "SELECT entity_id FROM entity.person WHERE records BETWEEN 3 AND 6 ORDER BY records, entity_id LIMIT 30";
    let ids = hub.json(&["sql", of_three, "--format", "json"]);
    let parted = ids.as_array().unwrap().iter().find_map(|row| {
        let id = row["entity_id"].to_string();
        let seam = chen.get(&format!("/review/split/{id}"));
        (seam.status == 200).then_some((id, seam))
    });
    let (id, page) = parted.expect("nobody hangs together");
    is_page(&page, "zh-CN");
    let page = page.text();
    assert!(chen.get(&format!("/person/{id}")).text().contains(&format!("href=\"/review/split/{id}\"")), "the file leads there");
    let side = |name: &str| page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let (left, right) = (side("left"), side("right"));
    assert!(left.split('+').count() + right.split('+').count() >= 3 && page.contains("class=\"waterfall\""), "{left} {right}");
    let path = format!("/review/split/{id}");
    let judge = |browser: &mut Browser<'_>, ground: &str| browser.post(&path, &[("left", &left), ("right", &right), ("ground", ground)]);
    let refused = judge(&mut chen, " ");
    assert!(refused.status == 200 && refused.text().contains("role=\"alert\""), "{}", refused.text());
    let state = told(&judge(&mut chen, "卷宗 7")).to_owned();
    if state.ends_with("told=proposed") {
        wang.comes_in(&hub, "wang", "reviewer", None, "归并复核");
        let number = hub.count("SELECT max(decision) FROM graph.decision");
        let confirmed = wang.post(&format!("/review/decisions/{number}"), &[("what", "confirm"), ("ground", "卷宗 9")]);
        assert!(told(&confirmed).ends_with("told=holds"));
    }
    hub.says(&["refresh"]);
    let whose = |side: &str| {
        let records = side.replace('r', "").replace('+', ", ");
        let of =
            hub.json(&["sql", &format!("SELECT DISTINCT entity_id FROM graph.link WHERE record_id IN ({records})"), "--format", "json"]);
        of.as_array().unwrap().iter().map(|row| row["entity_id"].as_i64().unwrap()).collect::<std::collections::BTreeSet<_>>()
    };
    let (one, other) = (whose(&left), whose(&right));
    assert!(one.len() == 1 && one.is_disjoint(&other), "{one:?} {other:?}");
    li.comes_in(&hub, "li", "case_worker", Some("mz"), "低保核对");
    assert!(!li.get(&format!("/person/{id}")).text().contains("/review/split/"), "who may not judge is not led there");
    assert_eq!(li.get(&path).status, 403);
    assert_eq!(judge(&mut li, "x").status, 403);
}
