//! A file that is taken along, and one masked property of it that is shown for another purpose: what the policies say holds for both, and the audit
//! tells them apart from looks.

use super::{browser::Browser, is_page};
use crate::{serve::client::Server, support::COUNTY};

#[test]
fn a_file_is_taken_along_as_it_is_seen_and_the_audit_tells_it_from_a_look() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let person = hub.count("SELECT min(entity_id) FROM entity.person WHERE birth_date < '1990' AND id_no IS NOT NULL AND records > 2");
    let id = hub.json(&["sql", &format!("SELECT id_no FROM entity.person WHERE entity_id = {person}"), "--format", "json"]);
    let id = id[0]["id_no"].as_str().unwrap();
    let mut li = Browser::new(&server, "en");
    li.comes_in(&hub, "li", "case_worker", Some("mz"), "低保核对");
    assert!(li.get(&format!("/person/{person}")).text().contains(&format!("/person/{person}/export?as=xlsx")));
    let told = li.get(&format!("/person/{person}/export?as=json"));
    assert_eq!(told.header("content-disposition"), Some(format!("attachment; filename=\"wuwei-file-{person}.json\"").as_str()));
    assert!(told.json()["entity_id"] == person && told.text().contains(id), "{}", told.text());
    let book = li.get(&format!("/person/{person}/export?as=xlsx"));
    assert!(book.status == 200 && book.body.starts_with(b"PK"), "{}", book.text());
    assert_eq!((li.get(&format!("/person/{person}/export?as=exe")).status, li.get("/person/999999999/export?as=json").status), (406, 404));
    let taken = "SELECT count(*) FROM audit.entry WHERE principal = 'li' AND kind = 'export' AND outcome = 'answered'";
    assert_eq!(hub.count(taken), 2);
    let seen = hub.json(&["audit", "search", "--person", &person.to_string(), "--kind", "export"]);
    assert!(seen.to_string().contains("\"li\""), "who took somebody's file along is found by that person: {seen}");

    let mut sun = Browser::new(&server, "zh-CN");
    sun.comes_in(&hub, "sun", "case_worker", Some("jy"), "学龄人口入学审核");
    let masked = sun.get(&format!("/person/{person}/export?as=json"));
    assert!(masked.status == 404 || !masked.text().contains(id), "what is masked on the page is in what is taken along");
    let mut zhao = Browser::new(&server, "zh-CN");
    zhao.comes_in(&hub, "zhao", "engineer", None, "数据治理");
    assert_eq!(zhao.get(&format!("/person/{person}/export?as=xlsx")).status, 403);
}

#[test]
fn a_masked_property_is_shown_by_itself_for_another_purpose_with_its_ground_in_the_audit() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let child = "SELECT l.entity_id, r.id_no FROM graph.link l JOIN record.person r ON r.record_id = l.record_id \
                 WHERE r.department = 'ga' AND r.id_no IS NOT NULL AND r.birth_date > '2016' ORDER BY 1 LIMIT 1";
    let child = hub.json(&["sql", child, "--format", "json"])[0].clone();
    let (path, id) = (format!("/person/{}", child["entity_id"]), child["id_no"].as_str().unwrap());
    let mut li = Browser::new(&server, "en");
    li.comes_in(&hub, "li", "case_worker", Some("mz"), "低保核对");
    let page = li.get(&path).text();
    assert!(!page.contains(id) && page.contains("<option value=\"id_no\">") && page.contains("低保申请家庭核对"), "{page}");
    let reveal = format!("{path}/reveal");
    let mut asks = |purpose: &str, ground: &str| {
        let page = li.post(&reveal, &[("property", "id_no"), ("purpose", purpose), ("ground", ground)]);
        assert_eq!(page.status, 200, "{}", page.text());
        is_page(&page, "en");
        page.text()
    };
    for (purpose, ground, said) in [
        ("低保申请家庭核对", " ", "Say on what ground"),
        ("低保申请家庭核对", "990101199001011232", "The ground names an id"),
        ("低保申请家庭核对", &"7".repeat(301), "The ground is too long"),
        ("学龄人口入学审核", "低保 2026-7", "This purpose is not registered for you"),
    ] {
        let refused = asks(purpose, ground);
        assert!(refused.contains("role=\"alert\"") && refused.contains(said) && !refused.contains(id), "{said}: {refused}");
    }
    let none = asks("孤儿和困境儿童核对", "低保 2026-7");
    assert!(!none.contains(id) || none.contains("id=\"revealed\""), "what that purpose does not see either");
    let shown = asks("低保申请家庭核对", "低保 2026-7");
    let part = shown.split("id=\"revealed\"").nth(1).and_then(|rest| rest.split("</section>").next()).unwrap();
    assert!(part.contains(id) && part.contains("低保 2026-7") && shown.matches(id).count() == 1, "{shown}");
    assert!(!li.get(&path).text().contains(id), "this once");
    let told = "SELECT count(*) FROM audit.entry WHERE principal = 'li' AND kind = 'reveal' AND purpose = '低保申请家庭核对' AND \
                outcome LIKE 'revealed: id_no of %, 低保 2026-7'";
    assert_eq!(hub.count(told), 1);
    assert!(hub.count("SELECT count(*) FROM audit.entry WHERE kind = 'reveal' AND outcome = 'answered'") >= 1);
}
