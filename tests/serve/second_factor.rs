//! The second factor over HTTP: what a password alone is worth, that a code and a recovery code are good once, and who may take it away.

use super::{
    accounts::basic,
    client::{Answer, Server, problem},
};
use crate::support::{COUNTY, Hub};
use aws_lc_rs::hmac;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

const JSON: (&str, &str) = ("Content-Type", "application/json");
/// The password that everybody here chooses.
const OWN: &str = "four words of mine";

/// The code that an authenticator with that secret shows so many steps from now (RFC 6238, written down a second time).
pub(crate) fn code(secret: &str, steps: i64) -> String {
    const SIGNS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String = secret.chars().map(|sign| format!("{:05b}", SIGNS.find(sign).unwrap())).collect();
    let bytes: Vec<u8> = (0..bits.len() / 8).map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).unwrap()).collect();
    let seconds = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes), &(seconds / 30 + steps).to_be_bytes());
    let at = usize::from(tag.as_ref()[19] & 15);
    let number = u32::from_be_bytes(tag.as_ref()[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// An account with a password of its own, and what names it.
fn account(hub: &Hub, server: &Server, name: &str) -> String {
    let made = hub.json(&["user", "add", name, "--role", "case_worker", "--department", "mz"]);
    let once = basic(name, made["one_time_password"].as_str().unwrap());
    let body = json!({"password": OWN}).to_string();
    assert_eq!(server.send("PUT", "/api/v1/account/password", &[("Authorization", &once), JSON], body.as_bytes()).status, 204);
    basic(name, OWN)
}

fn ask(server: &Server, authorization: &str, code: Option<&str>) -> Answer {
    let mut headers = vec![("Authorization", authorization), ("Wuwei-Purpose", "test"), JSON];
    headers.extend(code.map(|code| ("Wuwei-Code", code)));
    server.send("POST", "/api/v1/sql", &headers, br#"{"sql": "SELECT 1 AS one"}"#)
}

fn set_up(server: &Server, method: &str, authorization: &str, body: &Value) -> Answer {
    server.send(method, "/api/v1/account/second-factor", &[("Authorization", authorization), JSON], body.to_string().as_bytes())
}

#[test]
fn a_password_alone_is_good_for_nothing_but_to_set_one_up() {
    let hub = COUNTY.0.copy();
    let server = Server::with(&hub, &["--second-factor", "case_worker"]);
    let li = account(&hub, &server, "li");
    let lacks = (403, "second-factor".to_owned());
    assert_eq!(problem(&ask(&server, &li, None)), lacks, "none is set up");
    let token = server.send("POST", "/api/v1/account/tokens", &[("Authorization", &li), JSON], b"{}");
    assert_eq!(problem(&token), lacks, "nor is there a way round it");
    assert_eq!(problem(&set_up(&server, "PUT", &li, &json!({"code": "000000"}))), (422, "not-possible".to_owned()), "nothing was begun");
    let begun = set_up(&server, "POST", &li, &json!({})).json();
    let secret = begun["secret"].as_str().unwrap();
    assert_eq!(secret.len(), 32);
    assert_eq!(begun["uri"], format!("otpauth://totp/wuwei:li?secret={secret}&issuer=wuwei&algorithm=SHA1&digits=6&period=30"));
    assert_eq!(problem(&set_up(&server, "PUT", &li, &json!({"code": code(secret, -9)}))), lacks);
    let first = code(secret, 0);
    let done = set_up(&server, "PUT", &li, &json!({"code": first})).json();
    let recovery: Vec<&str> = done["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
    assert_eq!(recovery.len(), 10);

    assert_eq!(problem(&ask(&server, &li, None)), lacks, "the password alone");
    assert_eq!(problem(&ask(&server, &li, Some(&first))), lacks, "the code that set it up");
    let next = code(secret, 1);
    assert_eq!(ask(&server, &li, Some(&next)).status, 200);
    assert_eq!(problem(&ask(&server, &li, Some(&next))), lacks, "once");
    assert_eq!(ask(&server, &li, Some(recovery[0])).status, 200);
    assert_eq!(problem(&ask(&server, &li, Some(recovery[0]))), lacks, "once");
    let with = [("Authorization", li.as_str()), ("Wuwei-Code", recovery[1]), JSON];
    let made = server.send("POST", "/api/v1/account/tokens", &with, br#"{"label": "loader"}"#).json();
    let bearer = format!("Bearer {}", made["token"].as_str().unwrap());
    assert_eq!(ask(&server, &bearer, None).status, 200, "a token needs no code: whoever made it showed one");
    assert_eq!(problem(&set_up(&server, "POST", &bearer, &json!({}))), (403, "forbidden".to_owned()), "and makes no other factor");
    assert_eq!(problem(&set_up(&server, "POST", &li, &json!({}))), lacks);

    let kept = std::fs::read_to_string(hub.path("data").join("accounts/accounts.json")).unwrap();
    assert!(!kept.contains(secret) && recovery.iter().all(|code| !kept.contains(code)), "neither secret nor codes are kept in clear");
    hub.says(&["user", "reset-second-factor", "li"]);
    assert!(ask(&server, &li, None).json()["detail"].as_str().unwrap().contains("none is set up"), "it is gone at once");
    let told = |outcome: &str| hub.count(&format!("SELECT count(*) FROM audit.entry WHERE outcome = '{outcome}'"));
    assert_eq!((told("second factor set up"), told("recovery code used, 9 left"), told("second factor reset: li")), (1, 1, 1));
    assert!(told("failed: second factor") >= 3);
}

#[test]
fn who_guesses_codes_waits() {
    let hub = COUNTY.0.copy();
    let server = Server::with(&hub, &[]);
    let wu = account(&hub, &server, "wu");
    assert_eq!(ask(&server, &wu, None).status, 200, "nobody asks for one here");
    let begun = set_up(&server, "POST", &wu, &json!({})).json();
    let secret = begun["secret"].as_str().unwrap();
    assert_eq!(ask(&server, &wu, None).status, 200, "nothing holds before a code was typed");
    assert_eq!(set_up(&server, "PUT", &wu, &json!({"code": code(secret, 0)})).status, 200);
    assert_eq!(problem(&ask(&server, &wu, None)), (403, "second-factor".to_owned()), "whoever has one is asked for it");
    for _ in 0..5 {
        assert_eq!(problem(&ask(&server, &wu, Some("000000"))), (403, "second-factor".to_owned()));
    }
    assert_eq!(problem(&ask(&server, &wu, Some(&code(secret, 1)))), (429, "too-many-failures".to_owned()), "the right one too");
    assert!(hub.complains(&["serve", "--http", "127.0.0.1:0", "--second-factor", "king"]).contains("no role"));
}
