//! The second factor in the browser: no page without it where a role has to have one, each code once, and pages whole in both languages.

use super::{
    browser::{self, Browser},
    is_page,
};
use crate::serve::{client::Server, second_factor::code};
use crate::support::COUNTY;

/// Pages that nobody sees who has not shown it.
const PAGES: [&str; 6] = ["/search", "/tables", "/sql", "/person/1", "/purpose", "/"];

/// What stands between two texts.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split(before).nth(1).and_then(|rest| rest.split(after).next()).unwrap_or_else(|| panic!("{before} is not in {text}"))
}

#[test]
fn nobody_comes_in_by_a_password_alone() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &["--second-factor", "case_worker"]);
    let once =
        hub.json(&["user", "add", "li", "--role", "case_worker", "--department", "mz"])["one_time_password"].as_str().unwrap().to_owned();
    let mut li = Browser::new(&server, "zh-CN");
    assert_eq!(li.signs_in("li", &once).header("location"), Some("/password?next=%2F"));
    let chosen = li.post("/password", &[("chosen", browser::OWN), ("again", browser::OWN), ("next", "/")]);
    assert_eq!(chosen.header("location"), Some("/second-factor/set-up?next=%2F"));
    for path in PAGES {
        assert!(li.get(path).header("location").unwrap().starts_with("/second-factor/set-up?next="), "{path}");
    }
    let stated = li.post("/purpose", &[("purpose", "低保核对"), ("next", "/tables")]);
    assert!(stated.header("location").unwrap().starts_with("/purpose"), "no purpose is taken either");
    assert_eq!(li.get("/tables").status, 303);
    for language in ["en", "zh-CN"] {
        li.language = language;
        is_page(&li.get("/second-factor/set-up?next=%2Ftables"), language);
    }
    let begun = li.post("/second-factor/set-up", &[("next", "/tables")]);
    is_page(&begun, "zh-CN");
    let text = begun.text();
    let secret = between(&text, "name=\"secret\" value=\"", "\"").to_owned();
    let uri = between(&text, "name=\"uri\" value=\"", "\"").replace("&#38;", "&");
    assert!(uri.starts_with("otpauth://totp/wuwei:li?secret=") && uri.contains(&secret), "{uri}");
    let typed = |code: &str| [("code", code.to_owned()), ("secret", secret.clone()), ("uri", uri.clone()), ("next", "/tables".to_owned())];
    let confirm = |browser: &mut Browser<'_>, code: &str| {
        let typed = typed(code);
        browser.post("/second-factor/confirm", &typed.each_ref().map(|(name, value)| (*name, value.as_str())))
    };
    let wrong = confirm(&mut li, "000000");
    assert!(wrong.text().contains("role=\"alert\"") && wrong.text().contains(&secret), "it may be typed again");
    assert_eq!(li.get("/tables").status, 303);
    let first = code(&secret, 0);
    let done = confirm(&mut li, &first);
    is_page(&done, "zh-CN");
    let text = done.text();
    let recovery = between(&text, "<ul class=\"once codes\"><li><code>", "</code>").to_owned();
    assert!(recovery.len() == 19 && text.contains("href=\"/purpose?next=%2Ftables\"") && !text.contains(&secret), "{text}");
    assert!(!li.get("/second-factor/set-up").text().contains(&recovery), "they are shown once");
    li.post("/purpose", &[("purpose", "低保核对"), ("next", "/tables")]);
    assert_eq!(li.get("/tables").status, 200, "and goes on in the same session");
    asked_at_sign_in(&server, &secret, [&first, &recovery]);
    // Who lost both is let in again by an administrator.
    hub.says(&["user", "reset-second-factor", "li"]);
    assert_eq!(li.get("/tables").status, 303, "its sessions are over");
    assert_eq!(li.signs_in("li", browser::OWN).header("location"), Some("/second-factor/set-up?next=%2F"));
}

fn asked_at_sign_in(server: &Server, secret: &str, [used, recovery]: [&str; 2]) {
    let mut li = Browser::new(server, "en");
    assert_eq!(li.signs_in("li", browser::OWN).header("location"), Some("/second-factor?next=%2F"));
    let before = li.cookies.clone();
    is_page(&li.get("/second-factor"), "en");
    for path in PAGES {
        assert!(li.get(path).header("location").unwrap().starts_with("/second-factor?next="), "{path}");
    }
    let show = |browser: &mut Browser<'_>, code: &str| browser.post("/second-factor", &[("code", code), ("next", "/tables")]);
    for typed in ["000000", used] {
        let wrong = show(&mut li, typed);
        assert!(wrong.status == 200 && wrong.text().contains("role=\"alert\""), "{typed}");
    }
    let right = code(secret, 1);
    assert_eq!(show(&mut li, &right).header("location"), Some("/purpose?next=%2Ftables"));
    assert_eq!(li.get("/purpose").status, 200);
    let mut other = Browser::new(server, "en");
    other.cookies = before;
    assert_eq!(
        other.get("/purpose").header("location"),
        Some("/sign-in?next=%2Fpurpose"),
        "the cookie of before the code is worth nothing"
    );
    other.signs_in("li", browser::OWN);
    assert_eq!(show(&mut other, &right).status, 200, "a code is good once");
    assert_eq!(show(&mut other, recovery).header("location"), Some("/purpose?next=%2Ftables"), "a recovery code is good");
    other.post("/sign-out", &[]);
    other.signs_in("li", browser::OWN);
    assert_eq!(show(&mut other, recovery).status, 200, "once");
}
