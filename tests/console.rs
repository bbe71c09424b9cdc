//! The console, as browsers meet it: the program is started and its pages are fetched, by a client that keeps cookies. What an answer
//! holds is tested beside the API; here, that a page shows nothing else, and to nobody else.

mod browser;
mod catalogue;
mod corrections;
mod demo;
mod density;
mod file;
mod graph;
mod keeping;
mod mapping;
mod oidc;
mod provider;
mod review;
mod search;
mod second_factor;
mod sql;
mod upload;
mod words;

use crate::serve::client::{Answer, Server};
use crate::support::{COUNTY, Hub, root};
use browser::{Browser, form};

/// Pages and parts of pages that are fetched, each of which somebody may see.
const ENGINEER: [&str; 11] = [
    "/?wait=true",
    "/figures",
    "/sql",
    "/sql?recall=0",
    "/sql?table=record.person",
    "/sql?query=rejects_by_rule",
    "/tables",
    "/tables/entity.person",
    "/tables/record.person",
    "/jobs",
    "/jobs/5",
];
const ASK: &str = "SELECT record_id, name, id_no, phone, live_address FROM record.person ORDER BY record_id";

/// What is true of people and masked for engineers: ids, phones and names of three characters.
fn truth(hub: &Hub) -> Vec<String> {
    let rows = hub.json(&["sql", "SELECT id_no, phone, name FROM entity.person", "--format", "json"]);
    let cells = rows.as_array().unwrap().iter().flat_map(|row| ["id_no", "phone", "name"].map(|name| row[name].as_str()));
    let told: Vec<String> = cells.flatten().filter(|text| text.chars().count() >= 3).map(str::to_owned).collect();
    assert!(told.len() > 3000, "{}", told.len());
    told
}

/// What holds of every page: whole, strict, in its language, and without a script, style or handler in it.
fn is_page(page: &Answer, language: &str) {
    let text = page.text();
    assert!(page.header("content-type").unwrap().starts_with("text/html"), "{text}");
    let policy = page.header("content-security-policy").unwrap();
    for part in ["default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'"] {
        assert!(policy.contains(part) && !policy.contains("unsafe"), "{policy}");
    }
    assert_eq!((page.header("cache-control"), page.header("x-frame-options")), (Some("no-store"), Some("DENY")));
    assert_eq!(page.header("referrer-policy"), Some("same-origin"));
    let lower = text.to_lowercase();
    assert!(!lower.contains("<style") && !lower.contains(" style=") && !lower.contains("javascript:"), "{text}");
    assert!(lower.split("<script").skip(1).all(|rest| rest.starts_with(" src=\"/static/")), "{text}");
    assert!(!lower.split_whitespace().any(|word| word.starts_with("on") && word.contains("=\"")), "{text}");
    if lower.contains("<html") {
        assert!(text.contains(&format!("<html lang=\"{language}\"")) && text.contains("<title>") && text.contains("</html>"), "{text}");
    }
}

#[test]
fn every_page_is_whole_in_both_languages_and_a_masked_value_is_nowhere() {
    let hub = COUNTY.0.copy();
    let truth = truth(&hub);
    let server = Server::ruled(&hub, &[]);
    let mut browser = Browser::new(&server, "zh-CN");
    browser.comes_in(&hub, "zhao", "engineer", None, "数据治理");
    for language in ["zh-CN", "en"] {
        browser.language = language;
        let asked = browser.post("/sql", &[("sql", ASK)]);
        let mut pages = vec![("/sql".to_owned(), asked)];
        pages.extend(ENGINEER.map(|path| (path.to_owned(), browser.get(path))));
        let export = browser.post("/sql/export", &[("sql", ASK), ("as", "csv")]);
        assert!(export.header("content-disposition").unwrap().contains("-rows.csv") && export.body.starts_with(b"\xef\xbb\xbf"));
        for (path, page) in &pages {
            assert_eq!(page.status, 200, "{path}: {}", page.text());
            is_page(page, language);
        }
        for (path, page) in pages.iter().chain([("export".to_owned(), export)].iter()) {
            let text = page.text();
            let told = truth.iter().find(|value| text.contains(value.as_str()));
            assert!(told.is_none(), "{path} shows what is masked");
        }
        assert!(pages[0].1.text().contains("**"), "masked, and there");
        let forbidden = browser.get("/search?q=%E7%8E%8B");
        assert_eq!(forbidden.status, 403);
        is_page(&forbidden, language);
    }
}

#[test]
fn a_case_worker_finds_a_person_and_reads_the_file() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let mut li = Browser::new(&server, "zh-CN");
    li.comes_in(&hub, "li", "case_worker", Some("mz"), "低保核对");
    let found = li.get("/search?q=%E7%8E%8B").text();
    let number = found.split("href=\"/person/").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    assert!(found.contains("姓名开头一致") && found.contains("dept%3A"), "{found}");
    let file = li.get(&format!("/person/{number}"));
    assert_eq!(file.status, 200, "{}", file.text());
    is_page(&file, "zh-CN");
    let text = file.text();
    for part in ["id=\"identity\"", "id=\"residences\"", "id=\"why\"", "id=\"sources\"", "低保核对"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let known = hub.json(&["--as", "case_worker:li@mz", "--purpose", "低保核对", "person", &number]);
    assert_eq!(text.contains("最弱的连接"), !known["merged"]["seam"].is_null(), "where it would come apart is on the page");
    let record =
        format!("SELECT min(record_id) FROM record.person JOIN graph.link USING (record_id) WHERE entity_id = {number} AND name <> ''");
    hub.says(&["correct", "ask", &hub.count(&record).to_string(), "name", "--ground", "低保 2026-7"]);
    // The server looks every now and then whether something was published.
    let page = |_| {
        std::thread::sleep(std::time::Duration::from_millis(500));
        li.get(&format!("/person/{number}")).text()
    };
    let is_told = (0..120).map(page).any(|page| page.contains("id=\"corrections\"") && page.contains("低保 2026-7"));
    assert!(!text.contains("id=\"corrections\"") && is_told, "what was asked is on the page");
    let home = text.split("href=\"/household/").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let home = li.get(&format!("/household/{home}"));
    assert!(home.status == 200 && home.text().contains("id=\"members\""), "{}", home.text());
    assert_eq!(li.get("/person/999999999").status, 404);
    assert_eq!(li.get("/jobs").status, 403, "they hand in nothing");
    // Somebody of another department for another purpose sees the same person masked.
    let id = hub.json(&["sql", &format!("SELECT id_no FROM entity.person WHERE entity_id = {number}"), "--format", "json"]);
    let id = id[0]["id_no"].as_str().unwrap();
    assert!(text.contains(id));
    let mut sun = Browser::new(&server, "en");
    sun.comes_in(&hub, "sun", "case_worker", Some("jy"), "学龄人口入学审核");
    for path in ["/search?q=%E7%8E%8B".to_owned(), format!("/person/{number}"), "/tables/entity.person".to_owned()] {
        let page = sun.get(&path);
        assert!(!page.text().contains(id), "{path} shows an identifier that the purpose does not need");
    }
    let seen =
        "SELECT count(*) FROM audit.entry WHERE principal = 'li' AND purpose = '低保核对' AND kind = 'person' AND outcome = 'answered'";
    assert!(hub.count(seen) >= 1, "each look is in the audit");
}

/// Pages that nobody sees who has not signed in.
const CLOSED: [&str; 19] = [
    "/",
    "/search",
    "/person/1",
    "/household/1",
    "/sql",
    "/sql/x",
    "/sql/names",
    "/tables",
    "/tables/a.b",
    "/jobs",
    "/jobs/1",
    "/purpose",
    "/review",
    "/review/decisions",
    "/review/split/1",
    "/graph/1",
    "/path",
    "/density",
    "/corrections",
];

#[test]
fn nobody_comes_in_without_an_account_and_nothing_changes_for_another_site() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let mut browser = Browser::new(&server, "en");
    for path in CLOSED {
        let sent = browser.get(path);
        assert_eq!(sent.status, 303, "{path}");
        assert!(sent.header("location").unwrap().starts_with("/sign-in?next=%2F"), "{path}: {:?}", sent.header("location"));
    }
    browser.comes_in(&hub, "zhao", "engineer", None, "数据治理");
    let posts = [
        "/sql",
        "/sql/export",
        "/sql/plan",
        "/sql/queries",
        "/sql/queries/forget",
        "/sign-in",
        "/sign-in/link/1",
        "/sign-out",
        "/purpose",
        "/password",
        "/settings",
        "/review",
        "/review/decisions/1",
        "/review/split/1",
        "/person/1/reveal",
        "/person/1/correct",
        "/household/1/correct",
        "/corrections/1",
    ];
    let keeping = [
        "/admin/users",
        "/admin/users/zhao",
        "/admin/users/zhao/disable",
        "/second-factor",
        "/second-factor/set-up",
        "/second-factor/confirm",
    ];
    let posts = [&posts[..], &keeping].concat();
    for path in posts.iter().copied() {
        for origin in [None, Some("https://elsewhere.example"), Some("null")] {
            let refused = browser.send("POST", path, origin, form(&[("next", "/"), ("sql", "SELECT 1 AS one")]).as_bytes());
            assert_eq!(refused.status, 403, "{path} from {origin:?}");
        }
    }
    let listed = std::fs::read_to_string(root().join("deploy/src/console.rs")).unwrap();
    assert_eq!(listed.matches("post(").count(), posts.len(), "every form is tried here");
    assert_eq!(browser.get("/sql").status, 200, "and the session holds");
    let cookie = browser.cookies.iter().find(|cookie| cookie.starts_with("wuwei_session=")).unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && cookie.contains("Path=/"), "{cookie}");
    let elsewhere = browser.post("/settings", &[("next", "https://elsewhere.example/"), ("language", "zh-CN")]);
    assert_eq!(elsewhere.header("location"), Some("/"), "nobody is sent elsewhere");
    let foreign = browser.post("/purpose", &[("purpose", "低保核对"), ("next", "/")]);
    assert!(foreign.header("location").unwrap().starts_with("/purpose"), "a purpose of others cannot be stated");
}

#[test]
fn what_is_nowhere_is_told_as_a_page_to_who_reads_pages_and_as_a_problem_to_programs() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let mut browser = Browser::new(&server, "zh-CN");
    for comes_in in [false, true] {
        if comes_in {
            browser.comes_in(&hub, "zhao", "engineer", None, "数据治理");
        }
        let page = browser.get("/nothing");
        is_page(&page, "zh-CN");
        assert!(page.status == 404 && page.text().contains("没有这一页"), "{}", page.text());
        let to_program = browser.get("/api/v1/nothing");
        assert_eq!((to_program.status, to_program.json()["code"].as_str()), (404, Some("not-found")));
    }
    let plain = server.send("GET", "/nothing", &[], b"");
    assert_eq!((plain.status, plain.header("content-type")), (404, Some("application/problem+json")));
    assert_eq!(server.send("POST", "/nothing", &[], b"").status, 404);
    let job = browser.get("/jobs/999999");
    assert!(job.status == 404 && !job.text().contains("wuwei jobs"), "the command line is no advice for who reads pages: {}", job.text());
}

#[test]
fn rows_to_mend_are_offered_to_those_who_see_them_in_clear() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let [mut zhao, mut qian] = [Browser::new(&server, "en"), Browser::new(&server, "en")];
    zhao.comes_in(&hub, "zhao", "engineer", None, "数据治理");
    qian.comes_in(&hub, "qian", "liaison", Some("wg"), "数据报送与核对");
    let jobs = hub.json(&["jobs"]);
    let of_it = |job: &&serde_json::Value| job["department"] == "wg" && job["rejected"].as_u64().unwrap() > 0;
    let job = jobs["jobs"].as_array().unwrap().iter().find(of_it).unwrap()["job"].to_string();
    let workbook = format!("/jobs/{job}/rejects");
    assert!(!zhao.get(&format!("/jobs/{job}")).text().contains(&workbook), "what would be refused is not offered");
    let refused = zhao.get(&workbook);
    assert!(refused.status == 422 && refused.text().contains("masked for your role"), "{}", refused.text());
    let page = qian.get(&format!("/jobs/{job}")).text();
    assert!(page.contains(&workbook) && page.contains("href=\"/upload\"") && page.contains("several reasons"), "{page}");
    assert!(qian.get(&workbook).body.starts_with(b"PK"));
}

#[test]
fn a_session_ends_when_it_is_left_closed_or_has_another_password() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let mut browser = Browser::new(&server, "en");
    browser.comes_in(&hub, "zhao", "engineer", None, "数据治理");
    let before = browser.cookies.clone();
    assert_eq!(browser.get("/tables").status, 200);
    browser.post("/sign-out", &[]);
    browser.cookies = before;
    assert_eq!(browser.get("/tables").status, 303, "a cookie that was kept is worth nothing");
    browser.signs_in("zhao", browser::OWN);
    assert_eq!(browser.get("/tables").header("location").unwrap(), "/purpose?next=%2Ftables", "the purpose is stated anew");
    browser.post("/purpose", &[("purpose", "数据治理"), ("next", "/tables")]);
    assert_eq!(browser.get("/tables").status, 200);
    hub.says(&["user", "disable", "zhao"]);
    assert_eq!(browser.get("/tables").status, 303);
    hub.says(&["user", "enable", "zhao"]);
    assert_eq!(browser.get("/tables").status, 303, "it is over for good");
    for _ in 0..10 {
        let wrong = browser.signs_in("zhao", "a wrong password");
        assert!(wrong.status == 200 && wrong.text().contains("role=\"alert\""));
    }
    assert!(browser.signs_in("zhao", browser::OWN).text().contains("Too many"), "who guesses waits");
}
