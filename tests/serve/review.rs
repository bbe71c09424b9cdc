//! Judgements over HTTP: two accounts, and what touches two valid ids takes both.

use super::client::{Answer, Server, escaped, problem};
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
    let server = Server::of(&hub, li.clone(), &[]);
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

/// A second purpose of reviewers, for what one department delivered alone.
const OF_ONE: &str = "\n[[purpose]]\nname    = \"本部门归并复核\"\nbasis   = \"个人信息保护法第八条\"\nroles   = [\"reviewer\"]\ntypes   = [\"*\"]\nsources = [\"mz\"]\nclasses = [\"public\", \"personal\"]\n";
const PURPOSES: [&str; 2] = ["归并复核", "本部门归并复核"];

/// A server and the command line, for the same reviewers, purposes and policies.
struct Both<'a> {
    hub: &'a Hub,
    server: &'a Server,
    policies: String,
    tokens: Vec<(&'static str, String)>,
}

impl Both<'_> {
    fn send(&self, who: &str, purpose: &str, (method, path): (&str, &str), body: &Value) -> Answer {
        let token = &self.tokens.iter().find(|(name, _)| *name == who).unwrap().1;
        let purpose = escaped(purpose);
        let (bearer, body) = (format!("Bearer {token}"), if body.is_null() { String::new() } else { body.to_string() });
        let headers = [("Authorization", bearer.as_str()), ("Wuwei-Purpose", &purpose), ("Content-Type", "application/json")];
        self.server.send(method, path, &headers, body.as_bytes())
    }

    fn kept(&self, who: &str, purpose: &str) -> Value {
        self.send(who, purpose, ("GET", "/api/v1/review?entity=person&limit=200"), &Value::Null).json()
    }

    fn anew(&self, who: &str, purpose: &str) -> Value {
        let who = format!("reviewer:{who}");
        let asked = ["--policies", &self.policies, "--as", &who, "--purpose", purpose, "review", "--entity", "person", "--limit", "200"];
        self.hub.json(&asked)
    }

    /// What the server shows everybody for every purpose is what is found anew; it is li's first.
    fn agree(&self, when: &str) -> Value {
        for (who, _) in &self.tokens {
            for purpose in PURPOSES {
                assert_eq!(self.kept(who, purpose), self.anew(who, purpose), "{when}, {who}, {purpose}");
            }
        }
        self.kept("li", PURPOSES[0])
    }

    fn decide(&self, verdict: &str, case: &Value) -> Value {
        let sides = case["entities"].as_array().unwrap().iter().map(ToString::to_string).collect::<Vec<_>>();
        let body = json!({"verdict": verdict, "sides": sides, "ground": "卷宗 1"});
        self.send("li", PURPOSES[0], ("POST", "/api/v1/decisions"), &body).json()
    }

    /// Waits until the server has turned to what the command line published.
    fn turned(&self, before: &Value, when: &str) {
        let has_turned = |_| {
            std::thread::sleep(std::time::Duration::from_millis(500));
            self.kept("li", PURPOSES[0]) != *before
        };
        assert!((0..60).any(has_turned), "{when}: it shows what it showed before");
    }
}

fn numbers(queue: &Value) -> Vec<i64> {
    let cases = queue["cases"].as_array().unwrap().iter();
    cases.flat_map(|case| case["entities"].as_array().unwrap()).map(|number| number.as_i64().unwrap()).collect()
}

#[test]
fn what_the_server_keeps_of_the_queue_is_what_would_be_found_anew() {
    let hub = DELIVERED.0.copy();
    let tokens = vec![("li", account(&hub, "li")), ("wang", account(&hub, "wang"))];
    let policies = hub.path("policies");
    crate::folder::copy(&crate::support::root().join("query/policies"), &policies);
    let purposes = std::fs::read_to_string(policies.join("purposes.toml")).unwrap() + OF_ONE;
    std::fs::write(policies.join("purposes.toml"), purposes).unwrap();
    let policies = policies.to_str().unwrap().to_owned();
    let server = Server::ruled(&hub, &["--second-factor", "none", "--policies", &policies]);
    let both = Both { hub: &hub, server: &server, policies, tokens };
    let first = both.agree("at first");
    let narrow = both.kept("li", PURPOSES[1]);
    assert!(narrow["total"].as_u64() < first["total"].as_u64(), "one department sees less: {} of {}", narrow["total"], first["total"]);

    assert_eq!(both.decide("skip", &first["cases"][0])["state"], "skipped");
    let second = both.agree("put off by li");
    assert_ne!(second["cases"][0]["entities"], first["cases"][0]["entities"]);
    assert_eq!(both.kept("wang", PURPOSES[0])["cases"], first["cases"], "wang has put off nothing");

    let decided = both.decide("unsure", &second["cases"][0]);
    let third = both.agree("decided");
    assert_ne!(third["cases"][0]["entities"], second["cases"][0]["entities"]);
    let path = format!("/api/v1/decisions/{}/revoke", decided["decision"]);
    assert_eq!(both.send("li", PURPOSES[0], ("POST", &path), &json!({"ground": "误"})).json()["state"], "revoked");
    assert_eq!(both.agree("taken back")["cases"], second["cases"]);

    let person = numbers(&second)[0];
    hub.says(&["restrict", &person.to_string(), "--ground", "本人申请"]);
    both.turned(&second, "restricted");
    assert!(!numbers(&both.agree("restricted")).contains(&person), "a restricted person is not there");

    let tables = "SELECT DISTINCT tables, columns FROM audit.entry WHERE kind = 'review' AND principal = 'li' AND outcome = 'answered'";
    let looks = hub.json(&["sql", tables, "--format", "json"]);
    assert!(looks.as_array().unwrap().iter().all(|look| look["columns"].as_str().unwrap().contains("record.person.name")), "{looks}");
    let asked = "SELECT count(DISTINCT columns) FROM audit.entry WHERE kind = 'review' AND outcome = 'asked'";
    assert_eq!(hub.count(asked), 1, "each look owes the same columns, whether what they tell was kept or not");
}
