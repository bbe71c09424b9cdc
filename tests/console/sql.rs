//! The page for SQL beside running and exporting: what the editor may offer, drawings, plans, and questions that are kept.

use super::{browser::Browser, is_page, truth};
use crate::serve::client::Server;
use crate::support::COUNTY;

/// The address of the answer on a page.
fn answer_of(page: &str) -> String {
    page.split("class=\"draw\" action=\"/sql/")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .map(|id| format!("/sql/{id}"))
        .expect("it can be drawn")
}

#[test]
fn an_answer_is_drawn_and_no_identifier_is_a_number() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let mut zhao = Browser::new(&server, "zh-CN");
    zhao.comes_in(&hub, "zhao", "engineer", None, "数据治理");
    let question = "SELECT department, count(*) AS n, max(990101199001011232) AS big, max(record_id) AS record_id FROM record.person \
                    GROUP BY department ORDER BY n DESC";
    for language in ["zh-CN", "en"] {
        zhao.language = language;
        let page = zhao.post("/sql", &[("sql", question)]);
        is_page(&page, language);
        let (text, address) = (page.text(), answer_of(&page.text()));
        let amounts = text.split("name=\"y\"").nth(1).and_then(|rest| rest.split("</select>").next()).unwrap();
        assert!(amounts.contains(">n</option>") && !amounts.contains("big") && !amounts.contains("record_id"), "{amounts}");
        assert!(text.contains("990101199001011232") && !text.contains("<svg role"), "whole in the table, and not drawn unasked");
        for kind in ["bar", "line", "scatter"] {
            let drawn = zhao.get(&format!("{address}?kind={kind}&x=0&y=1"));
            assert_eq!(drawn.status, 200, "{}", drawn.text());
            is_page(&drawn, language);
            let text = drawn.text();
            let shapes = text.matches(if kind == "bar" { "<rect " } else { "<circle " }).count();
            assert!(text.contains("role=\"img\"") && text.contains("<desc id=\"chart-desc\">") && shapes >= 5, "{kind}: {shapes}");
        }
        let forced = zhao.get(&format!("{address}?kind=bar&x=0&y=2")).text();
        assert!(!forced.contains("9,901,011"), "a column that holds no amounts is not drawn, whoever asks for it");
    }
    let none = zhao.post("/sql", &[("sql", "SELECT record_id, name FROM record.person LIMIT 5")]).text();
    assert!(!none.contains("class=\"draw\""), "there is nothing to draw");
    let many = zhao.post("/sql", &[("sql", "SELECT name, record_id % 97 AS n FROM record.person ORDER BY record_id LIMIT 900")]).text();
    let text = zhao.get(&format!("{}?kind=line&x=1&y=1", answer_of(&many))).text();
    assert!(text.contains("the first 500 of 900") && text.matches("<circle ").count() == 500, "it says of how many");
    let (mut li, address) = (Browser::new(&server, "en"), answer_of(&many));
    li.comes_in(&hub, "li", "case_worker", Some("mz"), "低保核对");
    assert_eq!(li.get(&format!("{address}?kind=line")).status, 404, "it is the session's that asked");
}

#[test]
fn what_is_no_sql_is_told_by_its_line_and_column() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let mut zhao = Browser::new(&server, "zh-CN");
    zhao.comes_in(&hub, "zhao", "engineer", None, "数据治理");
    for (question, place) in [("SELECT 1\nFRM record.person", "位置：行 2 · 列 5"), ("SELEC 1", "位置：行 1 · 列 1")] {
        let page = zhao.post("/sql", &[("sql", question)]).text();
        assert!(page.contains("语法有误") && page.contains(place), "{page}");
    }
    assert!(!zhao.post("/sql", &[("sql", "SELECT")]).text().contains("位置："), "no place is promised where none is known");
}

#[test]
fn a_plan_tells_what_is_read_and_kept_back_and_nothing_that_is_kept_back() {
    let hub = COUNTY.0.copy();
    let truth = truth(&hub);
    let server = Server::ruled(&hub, &[]);
    let mut zhao = Browser::new(&server, "zh-CN");
    zhao.comes_in(&hub, "zhao", "engineer", None, "数据治理");
    let known = &truth[0];
    let question = format!(
        "SELECT d.name_zh, count(*) AS n FROM record.person r JOIN contract.department d ON d.dept = r.department \
         WHERE r.id_no <> '{known}' AND r.birth_date > '1990' GROUP BY d.name_zh ORDER BY n DESC LIMIT 7"
    );
    for language in ["zh-CN", "en"] {
        zhao.language = language;
        let page = zhao.post("/sql/plan", &[("sql", &question)]);
        assert_eq!(page.status, 200, "{}", page.text());
        is_page(&page, language);
        let text = page.text();
        let plan = text.split("class=\"card result\"").nth(1).and_then(|rest| rest.split("</section>").next()).unwrap();
        for part in ["record.person", "contract.department", "id_no", "birth_date", "count()", "masked\">id_no<", "1,000,000"] {
            assert!(plan.contains(part), "{part}: {plan}");
        }
        for part in ["1990", "Barrier", "Utf8", "NOT", "clear_of", "rows="] {
            assert!(!plan.contains(part), "{part}: {plan}");
        }
        assert!(truth.iter().all(|value| !plan.contains(value.as_str())), "no value is in a plan");
        let refused = zhao.post("/sql/plan", &[("sql", "EXPLAIN SELECT name FROM record.person")]);
        assert!(refused.text().contains("role=\"alert\"") && !refused.text().contains("class=\"steps\""));
        let unseen = zhao.post("/sql/plan", &[("sql", "SELECT count(*) FROM audit.entry")]).text();
        assert!(unseen.contains("role=\"alert\"") && !unseen.contains("class=\"steps\""), "{unseen}");
    }
    let planned = "SELECT count(*) FROM audit.entry WHERE kind = 'plan' AND principal = 'zhao' AND outcome = ";
    assert_eq!(hub.count(&format!("{planned}'planned'")), 2);
    let refusals = "SELECT count(*) FROM audit.entry WHERE kind = 'plan' AND principal = 'zhao' AND outcome LIKE 'refused%'";
    assert_eq!(hub.count(refusals), 4);
}

#[test]
fn questions_are_kept_for_the_account_that_keeps_them_and_some_are_carried_for_everybody() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let (mut zhao, mut wu) = (Browser::new(&server, "zh-CN"), Browser::new(&server, "en"));
    zhao.comes_in(&hub, "zhao", "engineer", None, "数据治理");
    wu.comes_in(&hub, "wu", "engineer", None, "数据治理");
    let kept = [("name", "各部门/人数 <1>"), ("sql", "SELECT department AS dep_of_zhao FROM record.person LIMIT 3")];
    let sent = zhao.post("/sql/queries", &kept);
    let path = sent.header("location").unwrap().to_owned();
    assert!(sent.status == 303 && path.starts_with("/sql?query=%E5%90%84"), "{path}");
    let page = zhao.get(&path);
    is_page(&page, "zh-CN");
    assert!(page.text().contains("dep_of_zhao") && page.text().contains("各部门/人数 &#60;1&#62;"), "{}", page.text());
    assert_eq!(wu.get(&path).status, 404, "it is nobody else's");
    assert!(!wu.get("/sql").text().contains("人数"));
    assert_eq!(wu.post("/sql/queries/forget", &[("name", "各部门/人数 <1>")]).status, 404);
    let refused = zhao.post("/sql/queries", &[("name", " "), ("sql", "SELECT 1 AS one")]).text();
    assert!(refused.contains("role=\"alert\""), "{refused}");
    assert_eq!(zhao.post("/sql/queries/forget", &[("name", "各部门/人数 <1>")]).status, 303);
    assert_eq!(zhao.get(&path).status, 404);
    for carried in wuwei_query::carried() {
        let page = zhao.get(&format!("/sql?query={}", carried.name)).text();
        assert!(page.contains(carried.zh) && page.contains(carried.sql.lines().last().unwrap()), "{page}");
        let answer = zhao.post("/sql", &[("sql", carried.sql)]).text();
        assert!(answer.contains("class=\"sum\"") && answer.contains("class=\"draw\""), "{}: {answer}", carried.name);
    }
}

#[test]
fn the_editor_offers_what_whoever_asks_sees() {
    let hub = COUNTY.0.copy();
    let truth = truth(&hub);
    let server = Server::ruled(&hub, &[]);
    let mut zhao = Browser::new(&server, "zh-CN");
    zhao.comes_in(&hub, "zhao", "engineer", None, "数据治理");
    let told = zhao.get("/sql/names");
    assert_eq!(told.header("content-type"), Some("application/json"));
    let names = told.json();
    let person = names["tables"].as_array().unwrap().iter().find(|table| table[0] == "record.person").expect("a table");
    assert!(person[2].as_array().unwrap().iter().any(|column| column[0] == "id_no" && column[1] == "公民身份号码"), "{person}");
    assert!(names["functions"].as_array().unwrap().iter().any(|function| function[0] == "id_valid"));
    assert!(!told.text().contains("audit.entry") && truth.iter().all(|value| !told.text().contains(value.as_str())));
    let asked = "SELECT count(*) FROM audit.entry WHERE principal = 'zhao' AND kind = 'sql' AND outcome = 'asked'";
    let before = hub.count(asked);
    assert_eq!(zhao.get("/sql/names").body, told.body);
    assert_eq!(hub.count(asked), before, "it is asked for once a session");
    zhao.language = "en";
    assert!(zhao.get("/sql/names").text() != told.text(), "each language has its own");
    let mut li = Browser::new(&server, "en");
    li.comes_in(&hub, "li", "case_worker", Some("mz"), "低保核对");
    let names = li.get("/sql/names").text();
    assert!(names.contains("entity.person") && !names.contains("contract.use_log") && !names.contains("\"raw."), "{names}");
}

#[test]
fn a_refusal_says_what_is_wrong_and_what_to_do_in_the_language_of_whoever_asks() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &["--rows", "1000"]);
    let mut zhao = Browser::new(&server, "zh-CN");
    zhao.comes_in(&hub, "zhao", "engineer", None, "数据治理");
    for (question, zh, en) in [
        ("SELEC 1", "语法有误", "The syntax is wrong"),
        ("DELETE FROM record.person", "这里只能查询", "Here one asks"),
        ("SELECT 1; SELECT 2", "一次只能执行一条语句", "One statement at a time"),
        ("SELECT 1 FROM record.persons", "没有这个表", "no such table"),
        ("SELECT nothing FROM record.person", "没有这一列", "no such column"),
        ("SELECT name FROM record.person GROUP BY department", "查询语句不成立", "does not hold together"),
        ("SELECT CAST(name AS INT) FROM record.person", "try_cast", "try_cast"),
        ("SELECT record_id FROM record.person", "结果行数超出限额", "more rows than it may"),
    ] {
        for (language, said) in [("zh-CN", zh), ("en", en)] {
            zhao.language = language;
            let page = zhao.post("/sql", &[("sql", question)]).text();
            let alert = page.split("role=\"alert\"").nth(1).and_then(|rest| rest.split("</section>").next()).unwrap_or_default();
            assert!(alert.contains(said) && alert.contains("lang=\"en\""), "{question} in {language}: {alert}");
        }
    }
    zhao.language = "zh-CN";
    let page = zhao.get("/review");
    assert!(page.status == 403 && page.text().contains("您的角色没有这项功能"), "{}", page.text());
}
