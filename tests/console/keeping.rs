//! The pages of whoever looks after the hub: accounts and policies for administrators, the audit for auditors, departments for those who see
//! the catalogue; whole in both languages, and for nobody else.

use super::{
    browser::{self, Browser},
    is_page,
};
use crate::serve::client::Server;
use crate::support::COUNTY;

const ADMIN: (&str, &str) = ("admin", "账号与权限管理");

#[test]
fn an_administrator_makes_an_account_that_signs_in_and_cannot_close_the_last() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let mut boss = Browser::new(&server, "zh-CN");
    boss.comes_in(&hub, "boss", ADMIN.0, None, ADMIN.1);
    assert_eq!(boss.get("/").header("location"), Some("/admin"), "that is where they go");
    let seen = "/admin/policies?role=case_worker&purpose=%E4%BD%8E%E4%BF%9D%E6%A0%B8%E5%AF%B9&department=mz";
    for language in ["zh-CN", "en"] {
        boss.language = language;
        for path in ["/admin", "/admin/policies", seen, "/admin/departments", "/admin/schedules", "/reference"] {
            let page = boss.get(path);
            assert_eq!(page.status, 200, "{path}: {}", page.text());
            is_page(&page, language);
        }
    }
    let reference = boss.get("/reference").text();
    assert!(
        reference.contains("<code>POST /api/v1/sql</code>") && reference.contains("Wuwei-Purpose"),
        "the API is told of without asking elsewhere"
    );
    assert!(boss.get(seen).text().contains("<code>entity.person</code>") && boss.get("/admin/departments").text().contains("mz_czrk"));
    let fields = [("name", "sun"), ("role", "case_worker"), ("department", "jy"), ("area", ""), ("purpose", "学龄人口入学审核")];
    let made = boss.post("/admin/users", &fields);
    is_page(&made, "en");
    let text = made.text();
    let password = text.split("<p class=\"once\"><code>").nth(1).and_then(|rest| rest.split('<').next()).unwrap().to_owned();
    assert_eq!(password.len(), 20, "{text}");
    let listed = boss.get("/admin").text();
    assert!(!listed.contains(&password) && listed.contains(">sun</th>"), "it is shown once");
    for (language, said) in [("zh-CN", "已经有这个名称的账号"), ("en", "take another name")] {
        boss.language = language;
        let again = boss.post("/admin/users", &fields).text();
        let alert = again.split("role=\"alert\"").nth(1).and_then(|rest| rest.split("</div>").next()).unwrap_or_default();
        assert!(alert.contains(said) && alert.contains("lang=\"en\">there is an account of that name"), "a name is given once: {alert}");
    }

    let mut sun = Browser::new(&server, "en");
    assert_eq!(sun.signs_in("sun", &password).header("location"), Some("/password?next=%2F"));
    sun.post("/password", &[("chosen", browser::OWN), ("again", browser::OWN), ("next", "/")]);
    let offered = sun.get("/purpose").text();
    assert_eq!(offered.matches("type=\"radio\"").count(), 1, "{offered}");
    sun.post("/purpose", &[("purpose", "学龄人口入学审核"), ("next", "/tables")]);
    assert_eq!(sun.get("/tables").status, 200);
    assert_eq!(boss.post("/admin/users/sun/sign-out", &[]).status, 200);
    assert_eq!(sun.get("/tables").status, 303, "its sessions are over");
    let becomes = [("role", "liaison"), ("department", "mz"), ("area", "")];
    let narrow = boss.post("/admin/users/sun", &becomes).text();
    assert!(narrow.contains("A purpose is not registered for this role"), "one purpose does not become all by itself: {narrow}");
    let page = boss.post("/admin/users/sun", &[&becomes[..], &[("every", "yes")]].concat()).text();
    assert!(page.contains("role=\"status\"") && page.contains("<option value=\"liaison\" selected>"), "{page}");
    assert!(!page.contains("action=\"/admin/users/boss\""), "nobody is offered to change their own");
    assert!(boss.post("/admin/users/boss", &becomes).text().contains("Nobody changes what their own account may"));
    sun.signs_in("sun", browser::OWN);
    let offered = sun.get("/purpose").text();
    assert!(offered.contains("数据报送与核对") && !offered.contains("学龄人口入学审核"), "{offered}");
    assert!(boss.post("/admin/users/sun/disable", &[]).text().contains("role=\"status\""));
    assert!(sun.signs_in("sun", browser::OWN).text().contains("role=\"alert\""));
    let refused = boss.post("/admin/users/boss/disable", &[]);
    assert!(refused.status == 200 && refused.text().contains("This is the last administrator"), "{}", refused.text());
    assert_eq!(boss.get("/admin").status, 200, "and is there still");
    for path in ["/search?q=%E7%8E%8B", "/person/1", "/audit", "/jobs", "/departments/mz"] {
        assert!([403, 404].contains(&boss.get(path).status), "{path}");
    }
}

#[test]
fn an_administrator_sees_what_runs_by_itself_and_nobody_else_does() {
    let hub = COUNTY.0.copy();
    let file = hub.path("schedules.toml");
    let night = "[[schedule]]\nname = \"每夜\"\ncron = \"30 2 * * *\"\nrun = \"refresh\"\n";
    std::fs::write(&file, format!("{night}[[schedule]]\nname = \"proof\"\ncron = \"* * * * *\"\nrun = \"verify_audit\"\n")).unwrap();
    let server = Server::ruled(&hub, &["--schedules", file.to_str().unwrap()]);
    let mut boss = Browser::new(&server, "zh-CN");
    boss.comes_in(&hub, "boss", ADMIN.0, None, ADMIN.1);
    for language in ["zh-CN", "en"] {
        boss.language = language;
        is_page(&boss.get("/admin/schedules"), language);
    }
    let page = boss.get("/admin/schedules").text();
    assert!(page.contains("<code>30 2 * * *</code>") && page.contains("每夜") && page.contains("schedules.toml"), "{page}");
    assert!(page.contains("has not run yet"), "the nightly one has not: {page}");
    let has_run = |_| {
        std::thread::sleep(std::time::Duration::from_secs(1));
        boss.get("/admin/schedules").text().contains("Done")
    };
    assert!((0..120).any(has_run), "what has its time every minute has run");
    let page = boss.get("/admin/schedules").text();
    assert!(page.contains("The chain is whole: ") && !page.contains("keep it where nobody who runs"), "{page}");
    boss.language = "zh-CN";
    let page = boss.get("/admin/schedules").text();
    assert!(page.contains("审计链完整：") && page.contains("校验点 ") && !page.contains("chain is whole"), "{page}");
    let mut zhao = Browser::new(&server, "en");
    zhao.comes_in(&hub, "zhao", "engineer", None, "数据治理");
    assert_eq!(zhao.get("/admin/schedules").status, 403);
}

#[test]
fn an_auditor_finds_who_saw_whom_and_proves_the_chain() {
    let hub = COUNTY.0.copy();
    let person = hub.count("SELECT min(entity_id) FROM entity.person WHERE birth_date < '1990' AND id_no IS NOT NULL").to_string();
    hub.says(&["--as", "case_worker:li@mz", "--purpose", "低保核对", "person", &person]);
    let server = Server::ruled(&hub, &[]);
    let mut wu = Browser::new(&server, "zh-CN");
    wu.comes_in(&hub, "wu", "auditor", None, "审计");
    let looked = format!("/audit?person={person}&outcome=answered");
    for language in ["zh-CN", "en"] {
        wu.language = language;
        for path in
            ["/admin/policies", "/audit", looked.as_str(), "/audit?kind=alarm", "/audit?since=2020-01-01&until=2021-01-01", "/audit/verify"]
        {
            let page = wu.get(path);
            assert_eq!(page.status, 200, "{path}: {}", page.text());
            is_page(&page, language);
        }
    }
    let policies = wu.get("/admin/policies?role=case_worker&purpose=%E4%BD%8E%E4%BF%9D%E6%A0%B8%E5%AF%B9&department=mz").text();
    for part in ["<code>entity.person</code>", "<span class=\"dept\">person file</span>", "Role::&#34;case_worker&#34;", "id=\"limits\""] {
        assert!(policies.contains(part), "{part}: {policies}");
    }
    assert!(!policies.contains("href=\"/admin/departments\""), "an auditor is not offered what is an administrator's");
    assert_eq!(wu.get("/admin").status, 403);
    let found = wu.get(&looked).text();
    assert!(
        found.contains("/audit?principal=li\"") && found.contains("低保核对") && found.contains(&format!("/audit?person={person}\"")),
        "{found}"
    );
    assert!(!wu.get("/audit?person=999999999").text().contains("principal=li\""), "nobody saw whom there is not");
    let page = wu.get("/audit");
    let older = page.text().split("rel=\"next\" href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let numbers = |text: &str| {
        text.split("title=\"").skip(1).map(|rest| rest.split(['>', '<']).nth(1).unwrap().parse::<u64>().unwrap()).collect::<Vec<_>>()
    };
    let (first, second) = (numbers(&page.text()), numbers(&wu.get(&older).text()));
    assert!(first.len() == 100 && second[0] == first[99] - 1, "{first:?} {second:?}");
    for wrong in ["/audit?person=x", "/audit?since=spring", "/audit/verify?since=7:00"] {
        assert!(wu.get(wrong).text().contains("role=\"alert\""), "{wrong}");
    }
    let proven = wu.get("/audit/verify").text();
    let checkpoint = proven.split("<p class=\"once\"><code>").nth(1).and_then(|rest| rest.split('<').next()).unwrap().to_owned();
    assert!(checkpoint.split_once(':').is_some_and(|(number, hash)| number.parse::<u64>().is_ok() && hash.len() == 64), "{checkpoint}");
    assert!(wu.get(&format!("/audit/verify?since={checkpoint}")).text().contains("light green"));
    assert!(
        hub.says(&["audit", "verify", "--since", &checkpoint]).contains("the chain is whole"),
        "it is a checkpoint of the command line too"
    );
    let mut qian = Browser::new(&server, "zh-CN");
    qian.comes_in(&hub, "qian", "liaison", Some("wg"), "数据报送与核对");
    for path in ["/audit", "/audit/verify", "/admin", "/admin/policies", "/admin/departments"] {
        assert_eq!(qian.get(path).status, 403, "{path}");
    }
    assert_eq!(qian.post("/admin/users", &[("name", "x"), ("role", "admin")]).status, 403);
}

#[test]
fn a_chain_that_was_changed_is_told_to_the_auditor() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let mut wu = Browser::new(&server, "en");
    wu.comes_in(&hub, "wu", "auditor", None, "审计");
    assert!(wu.get("/audit/verify").text().contains("light green"));
    let path = hub.path("data").join("audit/audit.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("\"outcome\":\"answered\"", "\"outcome\":\"anewered\"", 1)).unwrap();
    let broken = wu.get("/audit/verify").text();
    assert!(broken.contains("role=\"alert\"") && !broken.contains("light green"), "{broken}");
}

#[test]
fn a_department_page_shows_what_it_owes_and_delivers() {
    let hub = COUNTY.0.copy();
    // Quality is a question about all tables at once, with hundreds of operators that share what memory it has.
    let server = Server::ruled(&hub, &["--memory-mb", "128"]);
    let mut zhao = Browser::new(&server, "zh-CN");
    zhao.comes_in(&hub, "zhao", "engineer", None, "数据治理");
    for language in ["zh-CN", "en"] {
        zhao.language = language;
        for path in ["/departments/mz", "/departments/mz/quality"] {
            let page = zhao.get(path);
            assert_eq!(page.status, 200, "{path}: {}", page.text());
            is_page(&page, language);
        }
    }
    let (page, quality) = (zhao.get("/departments/mz").text(), zhao.get("/departments/mz/quality").text());
    for (department, rid) in [("mz", "mz_czrk"), ("mz", "mz_dbry")] {
        assert!(
            page.contains(&format!(">{rid}</code>")) && quality.contains(&format!("<code>{rid}</code>")),
            "{department} {rid}: {quality}"
        );
    }
    let needed = "SELECT sum(numerator) FROM indicator.sharing_matrix WHERE counterpart = 'mz'";
    let of = "SELECT sum(denominator) FROM indicator.sharing_matrix WHERE counterpart = 'mz'";
    assert!(page.contains(&format!("{} / {}", hub.count(needed), hub.count(of))), "{page}");
    let late = "SELECT count(*) FROM contract.resource_state WHERE provider = 'mz' AND obliged AND NOT fresh";
    let owed = "SELECT count(*) FROM contract.resource_state WHERE provider = 'mz' AND obliged";
    assert!(page.contains(&format!("<b>{} / {}</b>", hub.count(owed) - hub.count(late), hub.count(owed))), "{page}");
    assert_eq!((zhao.get("/departments/xx").status, zhao.get("/departments/%27").status), (404, 404));
    let overview = zhao.get("/?wait=true").text();
    assert!(overview.contains("href=\"/departments/mz\""), "the overview leads there");
    let cell = "SELECT numerator, denominator FROM indicator.sharing_matrix WHERE denominator > 1 AND department IS NOT NULL AND counterpart IS NOT NULL ORDER BY denominator DESC LIMIT 1";
    let cell = hub.json(&["sql", cell, "--format", "json"])[0].clone();
    let fractions = overview.split("id=\"matrix-of\"").nth(1).unwrap().split("</details>").next().unwrap();
    let fraction = format!(">{} / {}<", cell["numerator"], cell["denominator"]);
    assert!(fractions.contains(&fraction), "what the matrix is of needs no mouse: {fraction} {fractions}");
    let mut li = Browser::new(&server, "zh-CN");
    li.comes_in(&hub, "li", "case_worker", Some("mz"), "低保核对");
    assert_eq!(li.get("/departments/mz").status, 404, "whoever does not see the catalogue has no such page");
}
