//! Accounts of others over HTTP: who may make and change them, what an administrator does not see, and that somebody goes on looking after them.

use super::client::{Answer, Server, problem};
use crate::support::{COUNTY, Hub, root};
use serde_json::{Value, json};

const PURPOSE: &str = "账号与权限管理";

/// A token of an account that is made for it.
fn token(hub: &Hub, name: &str, role: &str, department: Option<&str>) -> String {
    let mut arguments = vec!["user", "add", name, "--role", role];
    arguments.extend(department.into_iter().flat_map(|code| ["--department", code]));
    hub.says(&arguments);
    format!("Bearer {}", hub.json(&["user", "token", name])["token"].as_str().unwrap())
}

/// As whoever has the token, for a purpose.
fn send(server: &Server, bearer: &str, purpose: &str, method: &str, path: &str, body: &Value) -> Answer {
    let headers = [("Authorization", bearer), ("Wuwei-Purpose", purpose), ("Content-Type", "application/json")];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    server.send(method, path, &headers, body.as_bytes())
}

#[test]
fn an_administrator_keeps_accounts_sees_nobody_and_is_not_the_last_to_go() {
    let hub = COUNTY.0.copy();
    let boss = token(&hub, "boss", "admin", None);
    let server = Server::ruled(&hub, &[]);
    let ask = |method: &str, path: &str, body: &Value| send(&server, &boss, PURPOSE, method, path, body);
    let li = json!({"name": "li", "role": "case_worker", "department": "mz", "area": "990101001", "purposes": ["低保核对"]});
    let made = ask("POST", "/api/v1/users", &li).json();
    let password = made["one_time_password"].as_str().unwrap().to_owned();
    assert_eq!((made["account"].as_str(), password.len()), (Some("li"), 20));
    let listed = ask("GET", "/api/v1/users", &Value::Null);
    assert!(!listed.text().contains(&password) && !listed.text().contains("argon2"), "it is shown once");
    let accounts = listed.json();
    let known = accounts["accounts"].as_array().unwrap().iter().find(|account| account["name"] == "li").unwrap();
    assert_eq!((&known["department"], &known["area"], &known["purposes"]), (&json!("mz"), &json!("990101001"), &json!(["低保核对"])));
    for wrong in [
        json!({"name": "li", "role": "case_worker", "department": "mz"}),
        json!({"name": "wang", "role": "king"}),
        json!({"name": "wang", "role": "liaison", "department": "xx"}),
        json!({"name": "wang", "role": "liaison", "area": "9901"}),
        json!({"name": "wang", "role": "liaison", "department": "mz", "purposes": ["低保核对"]}),
        json!({"name": "a b", "role": "liaison"}),
    ] {
        assert_eq!(problem(&ask("POST", "/api/v1/users", &wrong)), (422, "not-possible".to_owned()), "{wrong}");
    }
    assert_eq!(problem(&ask("POST", "/api/v1/users", &json!({"name": "wang"}))), (400, "bad-request".to_owned()));
    assert_eq!(problem(&ask("POST", "/api/v1/users/nobody/disable", &Value::Null)), (404, "not-found".to_owned()));
    assert_eq!(problem(&ask("POST", "/api/v1/users/li/remove", &Value::Null)), (400, "bad-request".to_owned()));
    let again = ask("POST", "/api/v1/users/li/reset", &Value::Null).json();
    assert!(again["one_time_password"].as_str().is_some_and(|given| given != password));

    let last = ask("POST", "/api/v1/users/boss/disable", &Value::Null);
    assert_eq!(problem(&last), (422, "not-possible".to_owned()), "the last of those who look after accounts");
    assert!(hub.complains(&["user", "disable", "boss"]).contains("last account"), "on the command line too");
    ask("POST", "/api/v1/users", &json!({"name": "vice", "role": "admin"})).json();
    for table in ["entity.person", "record.person", "graph.link", "raw.ga_hjrk", "audit.entry"] {
        let looked = send(&server, &boss, PURPOSE, "POST", "/api/v1/sql", &json!({"sql": format!("SELECT * FROM {table}")}));
        assert_eq!(problem(&looked), (422, "unknown-name".to_owned()), "{table}");
    }
    assert_eq!(ask("POST", "/api/v1/users/boss/disable", &Value::Null).status, 200, "there is another");
    assert_eq!(ask("GET", "/api/v1/users", &Value::Null).status, 401, "at once");
    let told = "SELECT count(*) FROM audit.entry WHERE principal = 'boss' AND purpose = '账号与权限管理' AND kind = 'account' AND outcome IN \
                ('account added: li', 'account reset: li', 'account added: vice', 'account disabled: boss')";
    assert_eq!(hub.count(told), 4, "each once: what was refused is not told as done");
}

#[test]
fn an_account_is_given_another_role_and_what_it_had_ends_at_once() {
    let hub = COUNTY.0.copy();
    let (boss, li) = (token(&hub, "boss", "admin", None), token(&hub, "li", "case_worker", Some("mz")));
    let server = Server::ruled(&hub, &[]);
    let assign = |who: &str, name: &str, body: Value| send(&server, who, PURPOSE, "PATCH", &format!("/api/v1/users/{name}"), &body);
    let one = || send(&server, &li, "低保核对", "POST", "/api/v1/sql", &json!({"sql": "SELECT 1 AS one"})).status;
    assert_eq!(one(), 200);
    assert_eq!(problem(&assign(&li, "li", json!({"role": "admin"}))), (403, "forbidden".to_owned()));
    for (name, body, status) in [
        ("boss", json!({"role": "engineer"}), 422),
        ("nobody", json!({"role": "engineer"}), 404),
        ("li", json!({"role": "king"}), 422),
        ("li", json!({"department": "xx"}), 422),
        ("li", json!({"rolle": "admin"}), 400),
    ] {
        assert_eq!(assign(&boss, name, body.clone()).status, status, "{name} {body}");
    }
    assert_eq!(one(), 200, "what is refused ends nothing");
    assert_eq!(assign(&boss, "li", json!({"role": "liaison", "department": "wg"})).status, 200);
    assert_eq!(one(), 401, "a token of before is worth nothing");
    let known = send(&server, &boss, PURPOSE, "GET", "/api/v1/users", &Value::Null).json();
    let known = known["accounts"].as_array().unwrap().iter().find(|account| account["name"] == "li").unwrap().clone();
    assert_eq!((&known["role"], &known["department"], known["tokens"].as_array().unwrap().len()), (&json!("liaison"), &json!("wg"), 0));

    // On the command line too; the last that looks after accounts stays one, and nobody changes their own.
    assert!(hub.complains(&["user", "assign", "boss", "--role", "engineer"]).contains("last account"));
    hub.says(&["user", "add", "vice", "--role", "admin"]);
    let own = ["--as", "admin:vice", "--purpose", PURPOSE, "user", "assign", "vice", "--role", "engineer"];
    assert!(hub.complains(&own).contains("nobody changes what their own account may"));
    hub.says(&["user", "assign", "boss", "--role", "auditor", "--department", ""]);
    assert_eq!(send(&server, &boss, PURPOSE, "GET", "/api/v1/users", &Value::Null).status, 401);
    let told = "SELECT count(*) FROM audit.entry WHERE kind = 'account' AND outcome IN ('account assigned: li as liaison@wg', \
                'account assigned: boss as auditor')";
    assert_eq!(hub.count(told), 2);
}

#[test]
fn nobody_else_gets_accounts_and_policies_are_for_auditors_too() {
    let hub = COUNTY.0.copy();
    let (qian, wu) = (token(&hub, "qian", "liaison", Some("wg")), token(&hub, "wu", "auditor", None));
    let server = Server::ruled(&hub, &[]);
    let new = json!({"name": "x", "role": "admin"});
    for (bearer, purpose) in [(&qian, "数据报送与核对"), (&wu, "审计")] {
        for (method, path, body) in [
            ("GET", "/api/v1/users", &Value::Null),
            ("POST", "/api/v1/users", &new),
            ("POST", "/api/v1/users/tester/disable", &Value::Null),
            ("POST", "/api/v1/users/tester/reset", &Value::Null),
        ] {
            let refused = send(&server, bearer, purpose, method, path, body);
            assert_eq!(problem(&refused), (403, "forbidden".to_owned()), "{method} {path}");
        }
    }
    let policies = |bearer, purpose| send(&server, bearer, purpose, "GET", "/api/v1/policies", &Value::Null);
    assert_eq!(problem(&policies(&qian, "数据报送与核对")), (403, "forbidden".to_owned()));
    assert_eq!(policies(&wu, "审计").status, 200, "an auditor judges looks by what is permitted");
    let known = hub.json(&["user", "list"]);
    assert!(
        !known.to_string().contains("\"x\"") && known["accounts"].as_array().unwrap().iter().all(|account| account["disabled"] == false)
    );
    assert_eq!(hub.count("SELECT count(*) FROM audit.entry WHERE kind = 'user' AND outcome = 'refused: policy'"), 8);
    assert_eq!(hub.count("SELECT count(*) FROM audit.entry WHERE kind = 'policies' AND outcome = 'refused: policy'"), 1);
}

#[test]
fn an_account_states_only_what_it_was_made_for() {
    let hub = COUNTY.0.copy();
    hub.says(&["user", "add", "li", "--role", "case_worker", "--department", "mz", "--only-for", "低保核对"]);
    let li = format!("Bearer {}", hub.json(&["user", "token", "li"])["token"].as_str().unwrap());
    let server = Server::ruled(&hub, &[]);
    let of = |purpose: &str| send(&server, &li, purpose, "POST", "/api/v1/sql", &json!({"sql": "SELECT 1 AS one"}));
    assert_eq!(of("低保核对").status, 200);
    assert_eq!(problem(&of("低保申请家庭核对")), (403, "forbidden".to_owned()), "its role may, it may not");
    assert_eq!(hub.count("SELECT count(*) FROM audit.entry WHERE principal = 'li' AND outcome = 'refused: purpose'"), 1);
    assert!(hub.complains(&["user", "add", "wu", "--role", "auditor", "--only-for", "低保核对"]).contains("these are: 审计"));
}

/// What an administrator reads of a role is what somebody of it is told.
#[test]
fn who_sees_what_is_as_the_policies_answer() {
    let hub = COUNTY.0.copy();
    let looked = || hub.count("SELECT count(*) FROM audit.entry WHERE principal IN ('case_worker', 'auditor')");
    let before = looked();
    let boss = token(&hub, "boss", "admin", None);
    let server = Server::ruled(&hub, &[]);
    let told = send(&server, &boss, PURPOSE, "GET", "/api/v1/policies", &Value::Null).json();
    assert!(told["purposes"].as_array().unwrap().len() > 10 && told["tables"].is_null());
    assert!(told["limits"].as_array().unwrap().iter().any(|limit| limit["roles"] == json!(["case_worker"]) && limit["rows"] == 100_000));
    assert_eq!(told["second_factor"], json!([]), "a demo asks nobody");
    let path = "/api/v1/policies?role=case_worker&department=mz&purpose=%E4%BD%8E%E4%BF%9D%E6%A0%B8%E5%AF%B9";
    let seen = send(&server, &boss, PURPOSE, "GET", path, &Value::Null).json();
    let question = "SELECT namespace, table_name AS name, zh, en, rows, clear FROM contract.table_comment";
    let own = hub.json(&["--as", "case_worker:li@mz", "--purpose", "低保核对", "sql", question, "--format", "json"]);
    let sorted = |rows: &Value| {
        let mut rows: Vec<String> = rows
            .as_array()
            .unwrap()
            .iter()
            .map(|row| format!("{} {} {} {}", row["namespace"], row["name"], row["rows"], row["clear"]))
            .collect();
        rows.sort();
        rows
    };
    assert_eq!(sorted(&seen["tables"]), sorted(&own));
    let verbs = seen["verbs"].as_array().unwrap();
    assert!(verbs.contains(&json!("person")) && !verbs.contains(&json!("ingest")) && !verbs.contains(&json!("policies")), "{verbs:?}");
    let written = told["written"].as_array().unwrap().iter().find(|file| file["file"] == "case_worker.cedar").unwrap();
    let carried = std::fs::read_to_string(root().join("query/policies/case_worker.cedar")).unwrap();
    assert!(written["policies"].as_array().unwrap().iter().all(|policy| carried.contains(policy.as_str().unwrap())), "{written}");
    let foreign = path.replace("case_worker", "auditor");
    assert_eq!(problem(&send(&server, &boss, PURPOSE, "GET", &foreign, &Value::Null)), (422, "not-possible".to_owned()));
    assert_eq!(looked(), before, "nobody of that role looked");
}
