//! Accounts: how the first one comes about, what a one-time password is good for, and that what is taken back is gone at once.

use super::client::{Answer, Server, problem};
use crate::support::{COUNTY, Hub};
use serde_json::json;

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// `Basic` of a name and a password (RFC 7617).
pub(crate) fn basic(name: &str, password: &str) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in format!("{name}:{password}").as_bytes().chunks(3) {
        let bits = three.iter().chain([0, 0].iter()).take(3).fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        let signs: String = [18, 12, 6, 0].map(|shift| char::from(SIGNS[bits >> shift & 63])).iter().collect();
        text.push_str(&format!("{}{}", &signs[..three.len() + 1], "=".repeat(3 - three.len())));
    }
    format!("Basic {text}")
}

fn one(server: &Server, authorization: &str) -> Answer {
    let headers = [("Authorization", authorization), ("Wuwei-Purpose", "test"), JSON];
    server.send("POST", "/api/v1/sql", &headers, br#"{"sql": "SELECT 1 AS one"}"#)
}

#[test]
fn the_first_account_has_a_password_for_one_use_and_outlives_the_server() {
    let hub = Hub::new();
    hub.says(&["refresh"]);
    let (server, said) = Server::first(&hub);
    let password = said.trim().rsplit(' ').next().unwrap().to_owned();
    assert!(said.contains("`admin`") && password.len() == 20, "{said}");
    let first = basic("admin", &password);
    assert_eq!(problem(&one(&server, &first)), (403, "one-time-password".to_owned()));
    let set = |authorization: &str, password: &str| {
        let body = json!({"password": password}).to_string();
        server.send("PUT", "/api/v1/account/password", &[("Authorization", authorization), JSON], body.as_bytes())
    };
    assert_eq!(problem(&set(&first, "short")), (422, "not-possible".to_owned()));
    assert_eq!(set(&first, "four words of mine").status, 204);
    assert_eq!(problem(&one(&server, &first)), (401, "unauthorized".to_owned()), "it was good once");
    let own = basic("admin", "four words of mine");
    assert_eq!(one(&server, &own).status, 200);
    let made = server.send("POST", "/api/v1/account/tokens", &[("Authorization", &own), JSON], br#"{"label": "loader", "days": 3}"#).json();
    let bearer = format!("Bearer {}", made["token"].as_str().unwrap());
    assert_eq!(one(&server, &bearer).status, 200);
    let more = server.send("POST", "/api/v1/account/tokens", &[("Authorization", &bearer), JSON], b"{}");
    assert_eq!(problem(&more), (403, "forbidden".to_owned()), "a token makes no token");
    assert_eq!(problem(&set(&bearer, "another four words")), (403, "forbidden".to_owned()));
    assert!(server.stop(), "it ends well");

    let server = Server::with(&hub, &[]);
    assert_eq!((one(&server, &own).status, one(&server, &bearer).status), (200, 200), "a restart keeps accounts");
    let path = format!("/api/v1/account/tokens/{}", made["id"].as_str().unwrap());
    assert_eq!(server.send("DELETE", &path, &[("Authorization", &own)], b"").status, 204);
    assert_eq!(one(&server, &bearer).status, 401);
    let kept = std::fs::read_to_string(hub.path("data").join("accounts/accounts.json")).unwrap();
    for secret in [password.as_str(), "four words", made["token"].as_str().unwrap().rsplit('_').next().unwrap()] {
        assert!(!kept.contains(secret), "a secret is kept");
    }
}

#[test]
fn what_is_closed_or_taken_back_is_so_at_the_next_request() {
    let hub = COUNTY.0.copy();
    let server = Server::start(&hub);
    let bearer = server.bearer();
    assert_eq!(one(&server, &bearer).status, 200);
    hub.says(&["user", "disable", "tester"]);
    assert_eq!(one(&server, &bearer).status, 401);
    hub.says(&["user", "enable", "tester"]);
    assert_eq!(one(&server, &bearer).status, 200);
    let token = hub.json(&["user", "list"])["accounts"][0]["tokens"][0]["id"].as_str().unwrap().to_owned();
    hub.says(&["user", "revoke", &token]);
    assert_eq!(one(&server, &bearer).status, 401);
}

#[test]
fn who_guesses_is_not_listened_to_for_a_while() {
    let hub = COUNTY.0.copy();
    let server = Server::start(&hub);
    let password =
        hub.json(&["user", "add", "li", "--role", "case_worker", "--department", "mz"])["one_time_password"].as_str().unwrap().to_owned();
    // Somebody who is there and somebody who is not are told the same, as often.
    for name in ["li", "nobody"] {
        for _ in 0..10 {
            assert_eq!(problem(&one(&server, &basic(name, "a wrong password"))).0, 401, "{name}");
        }
        let over = one(&server, &basic(name, &password));
        assert_eq!(problem(&over), (429, "too-many-failures".to_owned()), "{name}");
        assert!(over.header("retry-after").is_some());
    }
    assert_eq!(one(&server, &server.bearer()).status, 200, "others are");
}

#[test]
fn accounts_are_made_as_told_or_not_at_all() {
    let hub = COUNTY.0.copy();
    assert!(hub.complains(&["user", "add", "li", "--role", "king"]).contains("engineer, liaison"));
    assert!(hub.complains(&["user", "add", "wuwei", "--role", "admin"]).contains("hint:"));
    assert!(hub.complains(&["user", "add", "li", "--role", "liaison", "--department", "xx"]).contains("hint:"));
    assert!(hub.complains(&["user", "token", "li"]).contains("no such account"));
    hub.says(&["user", "add", "li", "--role", "liaison", "--department", "mz"]);
    assert!(hub.complains(&["user", "add", "li", "--role", "admin"]).contains("there is an account"));
    assert!(hub.complains(&["user", "token", "li", "--days", "1000"]).contains("days"));
    let listed = hub.says(&["user", "list"]);
    assert!(listed.contains("liaison") && listed.contains("one-time password") && !listed.contains("argon2"), "{listed}");
}
