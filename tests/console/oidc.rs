//! Signing in through a provider, by one that says whatever a test wants: who comes in, who does not and is told why, and that nobody is sent
//! elsewhere. A provider of others' making is in the browser journeys.

use super::{
    browser::{self, Browser},
    is_page,
    provider::{Provider, query},
};
use crate::serve::client::{Answer, Server, problem};
use crate::support::{COUNTY, Hub};
use serde_json::{Value, json};

const PURPOSE: &str = "低保核对";

/// A hub with a provider and an account `li` of it, and the server before both.
fn started(more: &str, options: &[&str]) -> (Hub, Provider, Server) {
    let (hub, provider) = (COUNTY.0.copy(), Provider::start());
    let made = hub.says(&["user", "add", "li", "--role", "case_worker", "--department", "mz", "--sign-in", "oidc"]);
    assert_eq!(made, "", "it has no password");
    let file = provider.write(&hub, more);
    let server = Server::ruled(&hub, &[&["--oidc", file.to_str().unwrap()], options].concat());
    (hub, provider, server)
}

/// Goes to the provider; gives the address to which it was sent, and the query of it.
fn leaves(browser: &mut Browser<'_>, next: &str) -> Vec<(String, String)> {
    let sent = browser.get(&format!("/sign-in/oidc?next={next}"));
    assert_eq!(sent.status, 303, "{}", sent.text());
    query(sent.header("location").unwrap())
}

fn of(pairs: &[(String, String)], name: &str) -> String {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

/// Comes back with a code, as the provider sends it.
fn returns(browser: &mut Browser<'_>, provider: &Provider, sent: &[(String, String)]) -> Answer {
    provider.says(|says| (says.nonce, says.challenge) = (of(sent, "nonce"), of(sent, "code_challenge")));
    browser.get(&format!("/sign-in/oidc/back?state={}&code=c&iss={}", of(sent, "state"), provider.issuer()))
}

fn comes(browser: &mut Browser<'_>, provider: &Provider) -> Answer {
    let sent = leaves(browser, "%2Ftables");
    returns(browser, provider, &sent)
}

/// That nobody came in, and why by the words of the page.
fn is_refused(browser: &mut Browser<'_>, answer: &Answer, why: &str) {
    assert!(answer.status == 200 && answer.text().contains("role=\"alert\"") && answer.text().contains(why), "{why}: {}", answer.text());
    is_page(answer, browser.language);
    assert!(browser.get("/tables").header("location").unwrap().starts_with("/sign-in"), "{why}");
}

#[test]
fn somebody_comes_in_through_the_provider_and_is_the_account_that_was_made() {
    let (hub, provider, server) = started("", &[]);
    let mut li = Browser::new(&server, "zh-CN");
    let page = li.get("/sign-in?next=%2Ftables");
    assert!(page.text().contains("href=\"/sign-in/oidc?next=%2Ftables\">县统一认证</a>"), "{}", page.text());
    is_page(&page, "zh-CN");
    let sent = leaves(&mut li, "%2Ftables");
    let back = format!("http://{}/sign-in/oidc/back", server.address);
    for (name, value) in [("response_type", "code"), ("client_id", "wuwei"), ("redirect_uri", &back), ("code_challenge_method", "S256")] {
        assert_eq!(of(&sent, name), value);
    }
    assert!([of(&sent, "state"), of(&sent, "nonce")].iter().all(|secret| secret.len() == 64) && of(&sent, "code_challenge").len() == 43);
    let cookie = li.cookies.iter().find(|cookie| cookie.starts_with("wuwei_way=")).unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Max-Age=600"), "{cookie}");
    let came = returns(&mut li, &provider, &sent);
    assert_eq!((came.status, came.header("refresh")), (200, Some("0; url=/purpose?next=%2Ftables")), "{}", came.text());
    is_page(&came, "zh-CN");
    let cookie = li.cookies.iter().find(|cookie| cookie.starts_with("wuwei_session=")).unwrap();
    assert!(cookie.contains("SameSite=Strict") && came.headers("set-cookie").any(|set| set.starts_with("wuwei_way=;")), "{cookie}");
    let asked = provider.asked("/token");
    assert!(asked.authorization.starts_with("Basic ") && asked.proves && !asked.body.contains("client_secret"), "{asked:?}");
    let offered = li.get("/purpose?next=%2Ftables").text();
    assert!(offered.contains(PURPOSE) && !offered.contains("href=\"/password\""), "{offered}");
    li.post("/purpose", &[("purpose", PURPOSE), ("next", "/tables")]);
    assert_eq!(li.get("/tables").status, 200);
    let kept = std::fs::read_to_string(hub.path("data").join("accounts/accounts.json")).unwrap();
    assert!(!kept.contains("subject-7") && !kept.contains(&provider.issuer()), "whom the provider means is kept as a hash");
    let known = hub.json(&["user", "list"]);
    let known = known["accounts"].as_array().unwrap().iter().find(|account| account["name"] == "li").unwrap().clone();
    assert_eq!((&known["role"], &known["sign_in"], &known["bound"]), (&json!("case_worker"), &json!("oidc"), &json!(true)));
    let left = li.post("/sign-out", &[]);
    assert_eq!(left.header("location"), Some("/sign-in?left=true"));
    assert!(li.get("/sign-in?left=true").text().contains("href=\"/sign-in/oidc/end\""));
    assert_eq!(li.get("/sign-in/oidc/end").header("location").unwrap(), format!("{}/end?client_id=wuwei", provider.issuer()));
    let told = |outcome: &str| {
        hub.count(&format!("SELECT count(*) FROM audit.entry WHERE principal = 'li' AND outcome = '{outcome}' AND origin LIKE 'console %'"))
    };
    assert_eq!((told("signed in through the provider"), told("bound to the provider"), told("signed out")), (1, 1, 1));
}

#[test]
fn only_an_open_account_of_the_provider_is_let_in_and_only_whom_it_was_bound_to() {
    let (hub, provider, server) = started("", &[]);
    let mut browser = Browser::new(&server, "en");
    for name in [json!("tester"), json!("nobody"), json!("Li"), json!(7), Value::Null] {
        provider.says(|says| says.claims["preferred_username"] = name.clone());
        let came = comes(&mut browser, &provider);
        is_refused(&mut browser, &came, "no open account");
    }
    provider.says(|says| says.claims["preferred_username"] = json!("li"));
    assert!(comes(&mut browser, &provider).header("refresh").is_some());
    browser.post("/sign-out", &[]);
    provider.says(|says| says.claims["sub"] = json!("another"));
    let came = comes(&mut browser, &provider);
    is_refused(&mut browser, &came, "no open account");
    hub.says(&["user", "sign-in-oidc", "li"]);
    assert!(comes(&mut browser, &provider).header("refresh").is_some(), "an administrator settles it anew");
    browser.post("/purpose", &[("purpose", PURPOSE), ("next", "/tables")]);
    assert_eq!(browser.get("/tables").status, 200);
    hub.says(&["user", "disable", "li"]);
    assert_eq!(browser.get("/tables").status, 303, "closed at the next request");
    let came = comes(&mut browser, &provider);
    is_refused(&mut browser, &came, "no open account");
    let failed = "SELECT count(*) FROM audit.entry WHERE kind = 'login' AND outcome = 'failed: provider' AND principal = 'unknown'";
    assert_eq!(hub.count(failed), 7);
    assert!(hub.says(&["user", "list"]).contains("closed"));
}

#[test]
fn a_way_back_is_good_once_for_its_own_browser_and_leads_nowhere_else() {
    let (_hub, provider, server) = started("", &[]);
    let mut li = Browser::new(&server, "en");
    let sent = leaves(&mut li, "https%3A%2F%2Felsewhere.example%2F");
    let mut other = Browser::new(&server, "en");
    leaves(&mut other, "%2F");
    let came = returns(&mut other, &provider, &sent);
    is_refused(&mut other, &came, "Begin again");
    let came = returns(&mut li, &provider, &sent);
    is_refused(&mut li, &came, "Begin again");
    for wrong in ["", "?state=x&code=c", "?code=c", "?state=a&state=b&code=c"] {
        let answer = li.get(&format!("/sign-in/oidc/back{wrong}"));
        assert!([200, 400].contains(&answer.status) && answer.header("refresh").is_none(), "{wrong}");
    }
    assert_eq!(provider.asked("/token").count, 0, "the provider is asked for no token");
    for next in ["https%3A%2F%2Felsewhere.example%2F", "%2F%2Felsewhere.example", "%2F%5Celsewhere.example"] {
        let sent = leaves(&mut li, next);
        assert_eq!(returns(&mut li, &provider, &sent).header("refresh"), Some("0; url=/purpose?next=%2F"), "{next}");
        li.post("/sign-out", &[]);
    }
    let before = li.cookies.clone();
    let sent = leaves(&mut li, "%2F");
    returns(&mut li, &provider, &sent);
    li.post("/sign-out", &[]);
    li.cookies = before;
    let again = returns(&mut li, &provider, &sent);
    is_refused(&mut li, &again, "Begin again");
}

#[test]
fn an_answer_of_another_or_that_is_not_believed_lets_nobody_in() {
    let (hub, provider, server) = started("", &[]);
    let mut li = Browser::new(&server, "en");
    let back = |li: &mut Browser<'_>, more: &str| {
        let sent = leaves(li, "%2F");
        provider.says(|says| (says.nonce, says.challenge) = (of(&sent, "nonce"), of(&sent, "code_challenge")));
        li.get(&format!("/sign-in/oidc/back?state={}{more}", of(&sent, "state")))
    };
    let issuer = provider.issuer();
    let declined = back(&mut li, &format!("&error=access_denied&iss={issuer}"));
    is_refused(&mut li, &declined, "not completed");
    for mixed in ["&code=c", "&code=c&iss=https://evil.example", &format!("&code=c&iss={issuer}/"), &format!("&iss={issuer}")] {
        let mixed = back(&mut li, mixed);
        is_refused(&mut li, &mixed, "not believed");
    }
    assert_eq!(provider.asked("/token").count, 0, "the code goes to nobody whom it is not of");
    for (name, value) in [("nonce", json!("other")), ("aud", json!("other")), ("exp", json!(1_000)), ("iss", json!("https://evil.example"))]
    {
        provider.says(|says| says.claims[name] = value);
        let came = comes(&mut li, &provider);
        is_refused(&mut li, &came, "not believed");
        provider.says(|says| drop(says.claims.as_object_mut().unwrap().remove(name)));
    }
    provider.says(|says| says.alg = "none");
    let came = comes(&mut li, &provider);
    is_refused(&mut li, &came, "not believed");
    provider.says(|says| says.alg = "EdDSA");
    assert!(comes(&mut li, &provider).header("refresh").is_some());
    li.post("/sign-out", &[]);
    // Other keys from now on: they are asked for when a token names one that is not known.
    provider.says(|says| says.turn_keys());
    std::thread::sleep(std::time::Duration::from_secs(4));
    assert!(comes(&mut li, &provider).header("refresh").is_some(), "a key that is new is believed when the provider has it");
    assert_eq!(hub.count("SELECT count(*) FROM audit.entry WHERE kind = 'login' AND outcome = 'failed: provider'"), 9);
}

#[test]
fn a_provider_that_is_down_or_answers_too_much_keeps_nobody_of_ours_out() {
    let (hub, provider, server) = started("", &[]);
    let mut li = Browser::new(&server, "zh-CN");
    for (path, answer) in [
        ("/token", "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n".to_owned()),
        ("/token", format!("HTTP/1.1 200 OK\r\n\r\n{{\"id_token\": \"{}\"}}", "x".repeat(300_000))),
        ("/token", format!("HTTP/1.1 307 Elsewhere\r\nLocation: {}/other\r\nContent-Length: 0\r\n\r\n", provider.issuer())),
        ("/token", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]".to_owned()),
        ("/token", "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"id_token\"".to_owned()),
    ] {
        provider.says(|says| says.instead = Some((path, answer.into_bytes())));
        let came = comes(&mut li, &provider);
        assert!(came.text().contains("role=\"alert\"") && came.header("refresh").is_none(), "{}", came.text());
    }
    assert_eq!(provider.asked("/other").count, 0, "a code is sent on to nobody");
    provider.says(|says| says.instead = None);
    let wrong = "HTTP/1.1 400 No\r\nContent-Length: 24\r\n\r\n{\"error\":\"invalid_grant\"}";
    provider.says(|says| says.instead = Some(("/token", wrong.as_bytes().to_vec())));
    let came = comes(&mut li, &provider);
    is_refused(&mut li, &came, "不可信");
    drop(provider);
    // Another server, which has heard nothing of the provider yet.
    let server = Server::ruled(&hub, &["--oidc", hub.path("oidc.toml").to_str().unwrap()]);
    for language in ["zh-CN", "en"] {
        let mut li = Browser::new(&server, language);
        let sent = li.get("/sign-in/oidc?next=%2F");
        is_refused(&mut li, &sent, if language == "en" { "does not answer" } else { "没有回应" });
    }
    let mut boss = Browser::new(&server, "zh-CN");
    boss.comes_in(&hub, "boss", "admin", None, "账号与权限管理");
    assert_eq!(boss.get("/admin").status, 200, "who has a password comes in all the same");
    assert!(boss.get("/admin").text().contains("name=\"sign_in\""));
    let kept = boss.post("/admin/users/boss/sign-in-oidc", &[]);
    assert!(kept.text().contains("role=\"alert\""), "somebody who needs no provider goes on looking after accounts");
    let fields = [("name", "sun"), ("role", "case_worker"), ("department", "jy"), ("sign_in", "oidc")];
    let made = boss.post("/admin/users", &fields).text();
    assert!(made.contains("role=\"status\"") && !made.contains("id=\"given\"") && made.contains("统一登录，尚未登录过"), "{made}");
}

#[test]
fn a_second_factor_is_asked_for_unless_the_provider_shows_one() {
    let (_hub, provider, server) = started("[second_factor]\namr = [\"otp\"]\nacr = [\"gold\"]\n", &["--second-factor", "case_worker"]);
    let mut li = Browser::new(&server, "en");
    assert_eq!(of(&leaves(&mut li, "%2F"), "acr_values"), "gold");
    for (name, value) in [("amr", json!(["pwd"])), ("amr", json!("otp")), ("acr", json!("silver")), ("acr", json!(["gold"]))] {
        provider.says(|says| says.claims[name] = value);
        let came = comes(&mut li, &provider);
        assert_eq!(came.header("refresh"), Some("0; url=/second-factor/set-up?next=%2Ftables"), "{}", came.text());
        assert!(li.get("/tables").header("location").unwrap().starts_with("/second-factor/set-up"));
        li.post("/sign-out", &[]);
        provider.says(|says| drop(says.claims.as_object_mut().unwrap().remove(name)));
    }
    for (name, value) in [("amr", json!(["pwd", "otp"])), ("acr", json!("gold"))] {
        provider.says(|says| says.claims[name] = value);
        assert_eq!(comes(&mut li, &provider).header("refresh"), Some("0; url=/purpose?next=%2Ftables"));
        li.post("/purpose", &[("purpose", PURPOSE), ("next", "/tables")]);
        assert_eq!(li.get("/tables").status, 200, "the provider asked for one: {name}");
        li.post("/sign-out", &[]);
        provider.says(|says| drop(says.claims.as_object_mut().unwrap().remove(name)));
    }
}

#[test]
fn such_an_account_has_tokens_and_no_password_anywhere() {
    let (hub, provider, server) = started("", &["--pg", "127.0.0.1:0"]);
    let mut li = Browser::new(&server, "en");
    provider.says(|says| says.is_told_apart = true);
    assert!(comes(&mut li, &provider).header("refresh").is_some(), "the name may be told by userinfo alone");
    assert!(provider.asked("/userinfo").authorization.starts_with("Bearer "));
    assert_eq!(li.get("/password?next=%2Ftables").header("location"), Some("/tables"));
    let set = li.post("/password", &[("current", ""), ("chosen", browser::OWN), ("again", browser::OWN), ("next", "/")]);
    assert!(set.status == 200 && set.text().contains("role=\"alert\""), "{}", set.text());
    let token = hub.json(&["user", "token", "li"])["token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    assert_eq!(server.send("GET", "/api/v1/account", &[("Authorization", &bearer)], b"").status, 200);
    for password in ["", browser::OWN, "null"] {
        let basic = crate::serve::accounts::basic("li", password);
        assert_eq!(problem(&server.send("GET", "/api/v1/account", &[("Authorization", &basic)], b"")).0, 401);
    }
    crate::serve::postgres::only_by_token(server.postgres.as_ref().unwrap(), "li", &token, browser::OWN);
    assert_eq!(hub.json(&["user", "reset", "li"])["one_time_password"].as_str().map(str::len), Some(20));
    let came = comes(&mut li, &provider);
    is_refused(&mut li, &came, "no open account");
}
