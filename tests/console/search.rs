//! What is found leads to its own page, and what is only like what was typed is told apart; and who asks too often is told so on a page.

use super::browser::Browser;
use crate::{
    serve::client::{Server, escaped},
    support::COUNTY,
};

#[test]
fn what_is_found_leads_to_its_own_page_and_near_matches_stand_apart() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let mut li = Browser::new(&server, "zh-CN");
    li.comes_in(&hub, "li", "case_worker", Some("mz"), "低保核对");
    let households = "SELECT h.household_no, l.entity_id FROM record.household h JOIN graph.link l ON l.record_id = h.record_id \
                      WHERE h.department = 'mz' AND h.household_no <> '' ORDER BY h.record_id LIMIT 1";
    let household = hub.json(&["sql", households, "--format", "json"])[0].clone();
    let path = format!("/household/{}", household["entity_id"]);
    let found = li.get(&format!("/search?q={}", household["household_no"].as_str().unwrap())).text();
    assert!(found.contains(&format!("class=\"hit\" href=\"{path}\"")), "{found}");
    assert!(li.get(&path).text().contains("id=\"members\""));

    let names = "SELECT DISTINCT name FROM entity.person WHERE length(name) = 3 ORDER BY name LIMIT 20";
    let names = hub.json(&["sql", names, "--format", "json"]);
    let turned = names.as_array().unwrap().iter().find_map(|row| {
        let name: Vec<char> = row["name"].as_str()?.chars().collect();
        let typed = escaped(&[name[1], name[2], name[0]].iter().collect::<String>());
        Some(li.get(&format!("/search?q={typed}")).text()).filter(|page| page.contains("<h3>名在姓前</h3>"))
    });
    let turned = turned.expect("no name is found the other way round");
    let (exact, near) = turned.split_once("<h2 class=\"near\">近似结果").expect("it is told that these are near");
    assert!(!exact.contains("<h3>") && near.contains("名在姓前") && !near.contains("<h2>"), "{turned}");
}

#[test]
fn who_turns_pages_too_fast_is_told_on_a_page() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &["--rate", "9"]);
    let mut zhao = Browser::new(&server, "zh-CN");
    zhao.comes_in(&hub, "zhao", "engineer", None, "数据治理");
    let refused = (0..20).map(|_| zhao.get("/tables")).find(|page| page.status == 429).expect("pages are turned for ever");
    super::is_page(&refused, "zh-CN");
    assert!(refused.header("retry-after").is_some() && refused.text().contains("这个账号的请求太频繁"), "{}", refused.text());
}
