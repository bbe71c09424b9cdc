//! Who comes in, by what, and what is told to who does not.

use super::{client::Client, connected, started};
use crate::support::COUNTY;
use std::{io::Write as _, net::TcpStream};

#[test]
fn a_token_and_a_password_let_in_and_nothing_else_does() {
    let hub = COUNTY.0.copy();
    let (server, address) = started(&hub, &[]);
    let mut client = connected(&server, &address, "低保核对");
    assert_eq!(client.ask("SELECT 1 AS one").one(), "1");
    assert!(client.settings.contains(&("server_version".to_owned(), "15.0".to_owned())), "{:?}", client.settings);
    assert!(client.notices.is_empty(), "there is a purpose");

    let once = hub.json(&["user", "add", "li", "--role", "case_worker", "--department", "mz"]);
    let once = once["one_time_password"].as_str().unwrap();
    let refused = Client::open(&address, "li", once, &[]).err().unwrap();
    assert_eq!((refused.state(), refused.field('S')), ("28000", "FATAL"));
    assert!(refused.field('M').contains("given out by the program") && refused.field('H').contains("/api/v1/account/password"));

    let basic = format!("Basic {}", base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("li:{once}")));
    let set = server.send(
        "PUT",
        "/api/v1/account/password",
        &[("Authorization", &basic), ("Content-Type", "application/json")],
        "{\"password\": \"春眠不觉晓处处闻啼鸟夜来\"}".as_bytes(),
    );
    assert_eq!(set.status, 204, "{}", set.text());
    let mut own = Client::open(&address, "li", "春眠不觉晓处处闻啼鸟夜来", &[("application_name", "test")]).ok().unwrap();
    assert_eq!(own.ask("SHOW wuwei.purpose").one(), "test", "a name that is a registered purpose is one");
    for (name, password) in [("li", once), ("li", ""), ("tester", "wuwei_0000000000000000_"), ("wu", "x"), ("li", server.token.as_str())] {
        let refused = Client::open(&address, name, password, &[]).err().unwrap();
        assert_eq!((refused.state(), refused.field('S')), ("28P01", "FATAL"), "{name}");
        assert!(!refused.field('M').contains(name), "{}", refused.field('M'));
    }
    let kept = std::fs::read_to_string(hub.path("data").join("accounts/accounts.json")).unwrap();
    assert!(!kept.contains(once) && !kept.contains("春眠") && !kept.contains(server.token.rsplit('_').next().unwrap()));
}

#[test]
fn where_a_second_factor_is_asked_for_a_password_is_none_here() {
    let hub = COUNTY.0.copy();
    let (server, address) = started(&hub, &["--second-factor", "case_worker"]);
    let once = hub.json(&["user", "add", "li", "--role", "case_worker", "--department", "mz"]);
    let basic = format!("li:{}", once["one_time_password"].as_str().unwrap());
    let basic = format!("Basic {}", base64::Engine::encode(&base64::prelude::BASE64_STANDARD, basic));
    let headers = [("Authorization", basic.as_str()), ("Content-Type", "application/json")];
    assert_eq!(server.send("PUT", "/api/v1/account/password", &headers, br#"{"password": "four words of mine"}"#).status, 204);
    let refused = Client::open(&address, "li", "four words of mine", &[]).err().unwrap();
    assert_eq!((refused.state(), refused.field('S')), ("28000", "FATAL"));
    assert!(refused.field('M').contains("second factor") && refused.field('H').contains("/api/v1/account/tokens"));
    let token = hub.json(&["user", "token", "li"])["token"].as_str().unwrap().to_owned();
    assert_eq!(Client::open(&address, "li", &token, &[("application_name", "test")]).ok().unwrap().ask("SELECT 1 AS one").one(), "1");
}

/// Neither salt nor number of rounds tells whether there is an account.
#[test]
fn who_is_not_there_looks_like_who_is() {
    let hub = COUNTY.0.copy();
    let (_server, address) = started(&hub, &[]);
    let part = |said: &str, name: &str| said.split(',').find_map(|part| part.strip_prefix(name)).unwrap().to_owned();
    let of = |user: &str| Client::challenge(&address, user);
    for user in ["tester", "nobody"] {
        let (first, again) = (of(user), of(user));
        assert_eq!(part(&first, "s="), part(&again, "s="), "{user} has one salt");
        assert_ne!(part(&first, "r="), part(&again, "r="), "{user} has a nonce of its own each time");
        assert_eq!((part(&first, "s=").len(), part(&first, "i=").as_str()), (24, "100000"));
    }
    assert_ne!(part(&of("nobody"), "s="), part(&of("somebody"), "s="));
}

#[test]
fn who_guesses_is_not_listened_to_and_what_is_closed_ends_at_once() {
    let hub = COUNTY.0.copy();
    let (server, address) = started(&hub, &[]);
    let mut client = connected(&server, &address, "test");
    for _ in 0..10 {
        assert_eq!(Client::open(&address, "admin", "wrong", &[]).err().unwrap().state(), "28P01");
    }
    let over = Client::open(&address, "admin", "wrong", &[]).err().unwrap();
    assert_eq!(over.state(), "28000", "{:?}", over.error);
    assert_eq!(client.ask("SELECT 1 AS one").one(), "1");
    hub.says(&["user", "disable", "tester"]);
    let closed = client.ask("SELECT 1 AS one");
    assert_eq!((closed.state(), closed.field('S')), ("57P01", "FATAL"));
    assert_eq!(client.frame().0, 0, "the connection ends");
    assert_eq!(Client::open(&address, "tester", &server.token, &[]).err().unwrap().state(), "28P01");
    let told = hub.count("SELECT count(*) FROM audit.entry WHERE kind = 'login' AND outcome LIKE 'failed%'");
    assert!(told >= 11, "{told}");
}

#[test]
fn what_is_no_start_is_no_connection() {
    let hub = COUNTY.0.copy();
    let (server, address) = started(&hub, &[]);
    for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0, 0, 0, 8, 0, 2, 0, 0], &[0xff; 64], &[0, 0, 0, 4], &[0, 0, 0, 9, 0, 3, 0, 0, 0]] {
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.write_all(bytes).unwrap();
        drop(stream);
    }
    let wrong = Client::open(&address, "tester", &server.token, &[("options", "-c wuwei.purpose=看看")]).err().unwrap();
    assert_eq!((wrong.state(), wrong.field('S')), ("42501", "FATAL"));
    assert!(wrong.field('M').contains("not registered") && wrong.field('H').contains("低保核对"), "{:?}", wrong.error);
    let unknown = Client::open(&address, "tester", &server.token, &[("options", "-c datafusion.x=1")]).err().unwrap();
    assert_eq!(unknown.state(), "42704");
    let complaint = hub.complains(&["serve", "--http", "127.0.0.1:0", "--pg", "0.0.0.0:0"]);
    assert!(complaint.contains("without TLS") && complaint.contains("--tls-cert"), "{complaint}");
    assert_eq!(connected(&server, &address, "test").ask("SELECT 1 AS one").one(), "1", "others are served");
}
