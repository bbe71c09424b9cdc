//! A list held against everybody, as a case worker does it: as a file on the command line, and over HTTP; and what it must not show.

use crate::{
    serve::client::{Server, problem},
    support::{COUNTY, Hub},
};
use serde_json::{Value, json};

const WORKER: [&str; 4] = ["--as", "case_worker:li@mz", "--purpose", "低保核对"];

/// People with all that a list can say, whose name no other has.
const KNOWN: &str = "SELECT e.entity_id, e.name, e.id_no, e.phone, e.birth_date FROM entity.person e \
    JOIN (SELECT name FROM entity.person GROUP BY name HAVING count(*) = 1) single ON single.name = e.name \
    WHERE e.id_no IS NOT NULL AND e.phone IS NOT NULL AND e.birth_date IS NOT NULL ORDER BY e.entity_id LIMIT 4";

fn people(hub: &Hub) -> Vec<Value> {
    let people: Value = serde_json::from_str(&hub.says(&["sql", KNOWN, "--format", "json"])).unwrap();
    assert_eq!(people.as_array().unwrap().len(), 4);
    people.as_array().unwrap().clone()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// A row of each sort: by id, by phone and name, by name and birth, by nobody's name.
fn list(people: &[Value]) -> String {
    let [one, two, three, _] = people else { panic!("four people") };
    let rows = [
        format!("1,{},{},,", text(&one["name"]), text(&one["id_no"])),
        format!("2,{},,+86 {},", text(&two["name"]), text(&two["phone"])),
        format!("3,{},,,{}", text(&three["name"]), text(&three["birth_date"]).replace('-', "")),
        "4,赵查无此人,990101198503070018,,".to_owned(),
    ];
    format!("序号,申请人姓名,身份证号,手机号,出生日期\n{}\n", rows.join("\n"))
}

fn of<'a>(who: &[&'a str], rest: &[&'a str]) -> Vec<&'a str> {
    who.iter().chain(rest).copied().collect()
}

/// Of each row the first match: whom, how far, in which columns.
fn firsts(found: &Value) -> Vec<(i64, Value, Vec<Value>)> {
    let rows = found["rows"].as_array().unwrap().iter().map(|row| &row["matches"][0]);
    let agrees =
        |first: &Value| first["agrees"].as_array().map_or_else(Vec::new, |all| all.iter().map(|one| one["column"].clone()).collect());
    rows.map(|first| (first["entity_id"].as_i64().unwrap_or_default(), first["agreement"].clone(), agrees(first))).collect()
}

fn expected(people: &[Value]) -> Vec<(i64, Value, Vec<Value>)> {
    let id = |at: usize| people[at]["entity_id"].as_i64().unwrap();
    vec![
        (id(0), json!("number"), vec![json!("number"), json!("name")]),
        (id(1), json!("several"), vec![json!("phone"), json!("name")]),
        (id(2), json!("several"), vec![json!("name"), json!("birth")]),
        (0, Value::Null, vec![]),
    ]
}

#[test]
fn each_row_of_a_list_is_told_whom_it_means_and_nothing_is_loaded() {
    let hub = COUNTY.0.copy();
    let people = people(&hub);
    let file = hub.path("名单.csv");
    std::fs::write(&file, list(&people)).unwrap();
    let before = hub.json(&["doctor"])["epoch"].clone();
    let found = hub.json(&of(&WORKER, &["cross-reference", file.to_str().unwrap()]));
    assert_eq!(firsts(&found), expected(&people));
    assert_eq!(found["columns"], json!({"number": "身份证号", "phone": "手机号", "name": "申请人姓名", "birth": "出生日期"}));
    assert_eq!((&found["lines"], &found["nobody"], &found["left_out"]), (&json!(4), &json!(1), &json!(0)));
    assert_eq!(found["agreements"], json!({"number": 1, "several": 2}));
    assert_eq!(found["rows"][3]["doubtful"], json!(["number"]), "its check digit is wrong");
    assert_eq!(
        (&found["rows"][0]["row"], &found["rows"][0]["matches"][0]["name"]),
        (&json!(2), &people[0]["name"]),
        "rows as sheets number them"
    );
    assert_eq!(hub.json(&["doctor"])["epoch"], before);
    let said = hub.says(&of(&WORKER, &["cross-reference", file.to_str().unwrap()]));
    assert!(said.contains(text(&people[1]["name"])) && said.contains("4 rows"), "{said}");

    let sheet = hub.path("list.xlsx");
    let question = format!("SELECT name, id_no AS id, phone FROM entity.person WHERE entity_id = {}", people[3]["entity_id"]);
    hub.says(&["sql", &question, "--format", "xlsx", "--out", sheet.to_str().unwrap()]);
    let found = hub.json(&["cross-reference", sheet.to_str().unwrap(), "--limit", "1"]);
    let first = &firsts(&found)[0];
    assert_eq!((first.0, first.2.len()), (people[3]["entity_id"].as_i64().unwrap(), 3), "{found}");
}

#[test]
fn a_list_shows_what_whoever_asks_may_see_and_the_audit_knows_whom() {
    let hub = COUNTY.0.copy();
    let people = people(&hub);
    let file = hub.path("list.csv");
    std::fs::write(&file, list(&people)).unwrap();
    let file = file.to_str().unwrap();
    let refused = hub.complains(&["--as", "auditor:wu", "--purpose", "审计", "cross-reference", file]);
    assert!(refused.contains("does not use `cross-reference`"), "{refused}");
    hub.says(&of(&WORKER, &["cross-reference", file]));
    let id = people[0]["entity_id"].to_string();
    let looks = hub.json(&["--as", "auditor:wu", "--purpose", "审计", "audit", "search", "--person", &id, "--kind", "cross-reference"]);
    assert!(!looks["hits"].as_array().unwrap().is_empty(), "{looks}");
    hub.says(&["--as", "admin:a", "--purpose", "账号与权限管理", "restrict", &id, "--ground", "个人申请 2026-3"]);
    let found = hub.json(&of(&WORKER, &["cross-reference", file]));
    assert!(
        firsts(&found)[0].0 != people[0]["entity_id"].as_i64().unwrap() && !found.to_string().contains(text(&people[0]["name"])),
        "{found}"
    );
}

#[test]
fn what_is_no_list_is_told_in_a_sentence() {
    let hub = COUNTY.0.copy();
    let complains = |name: &str, content: &str| {
        let file = hub.path(name);
        std::fs::write(&file, content).unwrap();
        hub.complains(&["cross-reference", file.to_str().unwrap()])
    };
    assert!(complains("a.csv", "金额,备注\n1,无\n").contains("no column of names, numbers, phones or addresses; hint: call one 姓名"));
    let long: String = (0..5001).map(|row| format!("{row},王{row}\n")).collect();
    assert!(complains("b.csv", &format!("序号,姓名\n{long}")).contains("more than 5000 rows; hint: hand it in in parts"));
    assert!(complains("c.csv", "").contains("hint:"));
}

#[test]
fn a_list_is_taken_over_http_as_rows_and_as_a_file() {
    let hub = COUNTY.0.copy();
    let people = people(&hub);
    let server = Server::start(&hub);
    let path = "/api/v1/cross-reference";
    let csv = server.send_known("POST", path, &[("Content-Type", "text/csv")], list(&people).as_bytes());
    assert_eq!(csv.status, 200, "{}", csv.text());
    assert_eq!(firsts(&csv.json()), expected(&people));
    let rows = json!({"rows": [{"name": people[1]["name"], "phone": people[1]["phone"]}, {"name": "赵查无此人"}]}).to_string();
    let json = server.send_known("POST", &format!("{path}?limit=1&type=person"), &[("Content-Type", "application/json")], rows.as_bytes());
    assert_eq!(firsts(&json.json()), [expected(&people)[1].clone(), expected(&people)[3].clone()]);
    for (media, body, expected) in [
        ("application/json", r#"{"rows": [{"salary": "1"}]}"#, (400, "bad-request")),
        ("text/html", "<p>", (415, "unsupported-media-type")),
        ("text/csv", "a,b\n1,2\n", (422, "not-possible")),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK", (422, "not-possible")),
    ] {
        let answer = server.send_known("POST", path, &[("Content-Type", media)], body.as_bytes());
        assert_eq!(problem(&answer), (expected.0, expected.1.to_owned()), "{}", answer.text());
        assert!(!answer.text().contains("spill"), "where it lay is nobody's business: {}", answer.text());
    }
}
