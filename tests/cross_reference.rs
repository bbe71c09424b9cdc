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
fn a_list_of_one_column_or_of_other_things_is_one_too_and_what_was_used_is_said() {
    let hub = COUNTY.0.copy();
    let people = people(&hub);
    let file = |name: &str, content: String| {
        let file = hub.path(name);
        std::fs::write(&file, content).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let of_people = |at: usize| people[at]["entity_id"].as_i64().unwrap();
    let names = hub.json(&["cross-reference", &file("names.csv", format!("姓名\n{}\n赵查无此人\n", text(&people[0]["name"])))]);
    assert_eq!((firsts(&names)[0].0, &names["nobody"], &names["types"]), (of_people(0), &json!(1), &json!(["person"])));
    let numbers = hub.json(&["cross-reference", &file("ids.csv", format!("身份证号\n{}\n", text(&people[1]["id_no"])))]);
    assert_eq!(firsts(&numbers)[0], (of_people(1), json!("number"), vec![json!("number")]));

    let phones = file("phones.csv", format!("姓名,备注,电话号\n{},无,{}\n", text(&people[2]["name"]), text(&people[2]["phone"])));
    let found = hub.json(&["cross-reference", &phones]);
    assert_eq!((&found["ignored"], &found["columns"]["phone"]), (&json!(["备注"]), &json!("电话号")));
    let said = hub.says(&["cross-reference", &phones]);
    assert!(said.contains("电话号") && said.contains("columns not used: 备注"), "{said}");

    let one = |sql: &str| {
        let rows: Value = serde_json::from_str(&hub.says(&["sql", sql, "--format", "json"])).unwrap();
        (rows[0]["entity_id"].as_i64().unwrap(), text(&rows[0]["own"]).to_owned())
    };
    let (shop, name) = one("SELECT min(entity_id) AS entity_id, name AS own FROM entity.organization WHERE name LIKE '云溪县%' \
        GROUP BY name HAVING count(*) = 1 ORDER BY name LIMIT 1");
    let found = hub.json(&["cross-reference", &file("shops.csv", format!("企业名称,统一社会信用代码\n{name},\n"))]);
    assert_eq!(firsts(&found)[0], (shop, json!("one"), vec![json!("name")]), "{found}");
    let (vehicle, plate) = one("SELECT entity_id, plate_no AS own FROM entity.vehicle ORDER BY entity_id LIMIT 1");
    let plates = file("plates.csv", format!("号牌号码\n{plate}\n"));
    assert_eq!(firsts(&hub.json(&["cross-reference", &plates]))[0], (vehicle, json!("number"), vec![json!("number")]));
    let csv = hub.says(&["cross-reference", &plates, "--format", "csv"]);
    assert!(csv.contains("row,total,agreement,agrees_in,entity,entity_id,who,doubtful"), "{csv}");
    assert!(csv.contains(&format!("2,1,number,number,vehicle,{vehicle},{plate}")), "{csv}");
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
    let rows = server.send_known("POST", path, &[("Content-Type", "text/csv"), ("Accept", "text/csv")], list(&people).as_bytes());
    assert!(rows.status == 200 && rows.text().contains("row,total,agreement,agrees_in") && rows.text().contains("5,0,"), "{}", rows.text());
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
