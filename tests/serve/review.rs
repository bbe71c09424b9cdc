//! Judgements over HTTP: two accounts, and what touches two valid ids takes both.

use super::client::{Answer, Server, problem};
use crate::{identity::DELIVERED, support::Hub};
use serde_json::{Value, json};

fn account(hub: &Hub, name: &str) -> String {
    hub.says(&["user", "add", name, "--role", "reviewer"]);
    hub.json(&["user", "token", name, "--label", "review"])["token"].as_str().unwrap().to_owned()
}

#[test]
fn two_people_judge_over_http() {
    let hub = DELIVERED.0.copy();
    let (li, wang) = (account(&hub, "li"), account(&hub, "wang"));
    let server = Server::of(&hub, li.clone());
    let send = |token: &str, method: &str, path: &str, body: &Value| -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str()), ("Wuwei-Purpose", "归并复核"), ("Content-Type", "application/json")];
        server.send(method, path, &headers, if body.is_null() { b"" } else { Box::leak(body.to_string().into_boxed_str()).as_bytes() })
    };
    let queue = send(&li, "GET", "/api/v1/review?entity=person&limit=5", &Value::Null).json();
    assert_eq!(send(&li, "GET", "/api/v1/review?entity=persn", &Value::Null).status, 422);
    let cases = queue["cases"].as_array().unwrap();
    assert!(cases.len() > 1 && send(&li, "GET", "/api/v1/review/next", &Value::Null).json()["cases"].as_array().unwrap().len() == 1);
    let sides = |case: &Value| case["entities"].as_array().unwrap().iter().map(ToString::to_string).collect::<Vec<_>>();
    let skipped = send(&li, "POST", "/api/v1/decisions", &json!({"verdict": "skip", "sides": sides(&cases[0]), "days": 3}));
    assert_eq!((skipped.status, skipped.json()["state"].clone()), (200, json!("skipped")), "{}", skipped.text());

    let ids = "SELECT entity_id FROM entity.person WHERE id_no IS NOT NULL ORDER BY entity_id LIMIT 2";
    let two: Value = serde_json::from_str(&hub.says(&["sql", ids, "--format", "json"])).unwrap();
    let two: Vec<String> = two.as_array().unwrap().iter().map(|row| row["entity_id"].to_string()).collect();
    for wrong in [
        json!({"verdict": "same", "sides": two}),
        json!({"verdict": "maybe", "sides": two, "ground": "x"}),
        json!({"verdict": "same", "sides": ["王"], "ground": "x"}),
    ] {
        let answer = send(&li, "POST", "/api/v1/decisions", &wrong);
        assert!([400, 422].contains(&answer.status) && !answer.text().contains('王'), "{}", answer.text());
    }
    let made = send(&li, "POST", "/api/v1/decisions", &json!({"verdict": "same", "sides": two, "ground": "卷宗 1"})).json();
    assert_eq!(made["state"], "proposed", "{made}");
    let path = format!("/api/v1/decisions/{}", made["decision"]);
    let ground = json!({"ground": "卷宗 2"});
    assert_eq!(problem(&send(&li, "POST", &format!("{path}/confirm"), &ground)), (422, "not-possible".to_owned()));
    assert_eq!(send(&wang, "POST", &format!("{path}/confirm"), &ground).json()["state"], "holds");
    assert_eq!(send(&wang, "POST", &format!("{path}/revoke"), &ground).json()["state"], "withdrawing");
    assert_eq!(send(&li, "POST", &format!("{path}/confirm"), &ground).json()["state"], "revoked");
    let kept = "SELECT count(*) FROM graph.decision WHERE who = 'li' AND confirmed_by = 'li' AND revoked_by = 'wang' AND state = 'revoked'";
    assert!(hub.count(kept) > 0);
}
