//! Corrections through the pages: where a file contradicts itself a department is asked to put its record right, and its liaison settles that;
//! nobody else is led there.

use super::{browser::Browser, is_page};
use crate::{
    serve::client::Server,
    support::{COUNTY, Hub},
};
use serde_json::Value;

/// Somebody whose departments contradict each other as a case worker sees it: the number, the property, and one value that does not stand.
fn contradicted(hub: &Hub) -> Option<(String, Value, Value)> {
    let ids = "SELECT l.entity_id FROM graph.link l JOIN record.person p ON p.record_id = l.record_id WHERE l.entity = 'person'
        GROUP BY l.entity_id HAVING count(DISTINCT p.sex) > 1 ORDER BY l.entity_id";
    let rows = hub.json(&["sql", ids, "--format", "json"]);
    rows.as_array().unwrap().iter().find_map(|row| {
        let id = row["entity_id"].to_string();
        let file = hub.json(&["--as", "case_worker:li@mz", "--purpose", "低保核对", "person", &id]);
        let conflict = file["identity"].as_array()?.iter().find(|property| property["conflict"] == true)?.clone();
        let wrong = conflict["values"].as_array()?.iter().find(|said| said["value"] != conflict["value"])?.clone();
        Some((id, conflict, wrong))
    })
}

#[test]
fn who_reads_a_file_asks_for_a_correction_and_the_liaison_settles_it() {
    let hub = COUNTY.0.copy();
    let (id, conflict, wrong) = contradicted(&hub).expect("all say the same of everybody");
    let (property, department) = (conflict["property"].as_str().unwrap(), wrong["department"].as_str().unwrap());
    let (record, path) = (wrong["record_id"].to_string(), format!("/person/{id}"));
    let server = Server::ruled(&hub, &[]);
    let [mut li, mut qian, mut zhou] = ["zh-CN", "zh-CN", "en"].map(|language| Browser::new(&server, language));
    li.comes_in(&hub, "li", "case_worker", Some("mz"), "低保核对");
    let page = li.get(&path).text();
    assert!(page.contains("id=\"conflicts\"") && page.contains(&format!("action=\"{path}/correct\"")), "{page}");
    let opposed = page.split("id=\"conflicts\"").nth(1).unwrap().split("</section>").next().unwrap();
    for said in [&conflict["value"], &wrong["value"]] {
        assert!(opposed.contains(said.as_str().unwrap()), "both values stand side by side: {opposed}");
    }
    assert!(opposed.contains(&format!("<option value=\"{record}\">")), "{opposed}");
    // Which row of which file says it, since when, and by which rule the other stands.
    let rows = page.split("id=\"assertions\"").nth(1).unwrap().split("</details>").next().unwrap();
    for cell in ["batch", "first_seen", "last_seen"] {
        assert!(rows.contains(wrong[cell].as_str().unwrap()), "{cell}: {rows}");
    }
    assert!(rows.contains(&format!("r{record}")) && ["多数记录如此", "数据日期最新", "最早的记录"].iter().any(|rule| rows.contains(rule)));

    let ask = |browser: &mut Browser<'_>, ground: &str| {
        browser.post(&format!("{path}/correct"), &[("record", &record), ("property", property), ("ground", ground)])
    };
    for refused in [ask(&mut li, " "), ask(&mut li, "涉及 990101199001011232")] {
        is_page(&refused, "zh-CN");
        assert!(refused.status == 200 && refused.text().contains("role=\"alert\""), "{}", refused.text());
    }
    let asked = ask(&mut li, "低保 2026-7");
    assert_eq!((asked.status, asked.header("location")), (303, Some(format!("{path}#corrections").as_str())), "{}", asked.text());
    assert!(li.get(&path).text().contains("低保 2026-7"), "it is in the file at once");
    let listed = li.get("/corrections");
    is_page(&listed, "zh-CN");
    let own = listed.text().split("id=\"own\"").nth(1).unwrap().to_owned();
    assert!(own.contains("低保 2026-7") && own.contains("待办理"), "{own}");

    qian.comes_in(&hub, "qian", "liaison", Some(department), "数据报送与核对");
    let waiting = qian.get("/corrections").text();
    assert!(waiting.contains("href=\"/corrections\"") && waiting.contains("action=\"/corrections/1\""), "{waiting}");
    let other = if department == "xf" { "sc" } else { "xf" };
    zhou.comes_in(&hub, "zhou", "liaison", Some(other), "数据报送与核对");
    assert!(!zhou.get("/corrections").text().contains("低保 2026-7"), "another's liaison sees nothing of it");
    let settle =
        |browser: &mut Browser<'_>, state: &str, answer: &str| browser.post("/corrections/1", &[("state", state), ("answer", answer)]);
    assert!(settle(&mut zhou, "corrected", "x").text().contains("role=\"alert\""), "nor settles it");
    assert!(settle(&mut qian, "corrected", "").text().contains("role=\"alert\""), "an answer has a word");
    assert!(settle(&mut qian, "forgotten", "x").text().contains("role=\"alert\""));
    assert_eq!(settle(&mut qian, "refused", "原件如此").header("location"), Some("/corrections"));
    let settled = qian.get("/corrections").text();
    assert!(!settled.contains("action=\"/corrections/1\"") && settled.contains("原件如此 · qian"), "{settled}");
    let told = li.get("/corrections").text();
    assert!(told.contains("维持不变") && told.contains("原件如此"), "whoever asked reads what became of it: {told}");
    let looks = "SELECT count(*) FROM audit.entry WHERE kind = 'correct' AND outcome = 'answered' AND principal IN ('li', 'qian') \
                 AND purpose IN ('低保核对', '数据报送与核对')";
    assert!(hub.count(looks) >= 5, "each is in the audit");
}

#[test]
fn who_may_not_ask_is_not_led_there_and_households_have_theirs() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let [mut zhao, mut wu, mut li] = ["en"; 3].map(|language| Browser::new(&server, language));
    zhao.comes_in(&hub, "zhao", "engineer", None, "数据治理");
    wu.comes_in(&hub, "wu", "auditor", None, "审计");
    for browser in [&mut zhao, &mut wu] {
        assert!(!browser.get("/tables").text().contains("href=\"/corrections\""));
        assert_eq!(browser.get("/corrections").status, 403);
        let asked = browser.post("/person/1/correct", &[("record", "1"), ("property", "name"), ("ground", "x")]);
        assert!(asked.status == 403, "{}: {}", asked.status, asked.text());
        assert_eq!(browser.post("/corrections/1", &[("state", "refused"), ("answer", "x")]).status, 403);
    }
    li.comes_in(&hub, "li", "case_worker", Some("mz"), "低保核对");
    let household =
        "SELECT min(l.entity_id) FROM graph.link l JOIN record.household h ON h.record_id = l.record_id WHERE h.department = 'mz'";
    let household = hub.count(household).to_string();
    let file = hub.json(&["--as", "case_worker:li@mz", "--purpose", "低保核对", "household", &household]);
    let said = &file["identity"][0];
    let fields = [
        ("record", said["values"][0]["record_id"].to_string()),
        ("property", said["property"].as_str().unwrap().to_owned()),
        ("ground", "低保 2026-8".to_owned()),
    ];
    let path = format!("/household/{household}");
    let asked = li.post(&format!("{path}/correct"), &fields.each_ref().map(|(name, value)| (*name, value.as_str())));
    assert_eq!((asked.status, asked.header("location")), (303, Some(format!("{path}#corrections").as_str())), "{}", asked.text());
    let page = li.get(&path);
    is_page(&page, "en");
    assert!(page.text().contains("id=\"corrections\"") && page.text().contains("低保 2026-8"), "{}", page.text());
}
