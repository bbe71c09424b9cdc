//! The second factor in the browser: asked for after the password of whoever has one, and set up by whoever has to have one or wants to. Secret
//! and recovery codes are on the page that answers a form, once, and kept nowhere here.

use super::{
    account::{Next, goes_on, with_cookie},
    of_form,
};
use crate::{
    console::{
        guest::{Guest, Owner},
        link,
        page::{Page, html},
        qr::{self, Picture},
        sessions::Key,
    },
    serve::{
        asker::{Whence, account_for},
        factor,
        problem::{Code, Problem},
    },
};
use askama::Template;
use axum::{
    Form,
    extract::{Query, rejection::FormRejection},
    http::Method,
    response::Response,
};
use serde::Deserialize;
use serde_json::json;

/// The API's route for it.
const PATH: &str = "/api/v1/account/second-factor";

#[derive(Debug, Template)]
#[template(path = "second_factor.html")]
struct Ask {
    page: Page,
    next: String,
    wrong: Option<&'static str>,
}

#[derive(Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

/// What to say of a code that was not taken.
fn wrong(problem: Problem) -> Result<&'static str, Problem> {
    match problem.code {
        Code::SecondFactor => Ok("second.wrong"),
        Code::TooManyFailures => Ok("second.wait"),
        _ => Err(problem),
    }
}

pub(crate) async fn ask(guest: Guest, Query(next): Query<Next>) -> Response {
    match guest.waiting.is_some() {
        true => html(&Ask { page: Page::of(&guest, "second_factor"), next: next.page(), wrong: None }),
        false => guest.sent("/"),
    }
}

/// Whoever shows it goes on in a new session, so that a cookie of before the code is worth nothing.
pub(crate) async fn show(guest: Guest, typed: Result<Form<Typed>, FormRejection>) -> Result<Response, Problem> {
    let Typed { code, next } = of_form(typed)?;
    let Some(waiting) = guest.waiting.clone() else { return Ok(guest.sent("/sign-in")) };
    let (whence, state, next) = (Whence { wire: "console", address: guest.address }, &guest.console.state, Next { next }.page());
    if let Err(problem) = factor::passed(state, whence, &waiting.account, &code).await {
        let wrong = Some(wrong(problem)?);
        return Ok(html(&Ask { page: Page::of(&guest, "second_factor"), next, wrong }));
    }
    account_for(state, "login", &waiting.account.principal()?.at(&whence.to_string()), "signed in with a second factor")?;
    guest.console.sessions.end(waiting.key);
    let cookie = guest.console.sessions.begin(&waiting.account)?;
    guest.console.sessions.change(Key::of(&cookie), |signed| (signed.passed, signed.outside) = (true, waiting.signed.outside));
    let path = link::with(goes_on(&guest, &waiting.account), &[("next", &next)]);
    Ok(with_cookie(guest.sent(&path), &guest.session_cookie(Some(&cookie))))
}

#[derive(Debug, Template)]
#[template(path = "second_factor_set_up.html")]
struct SetUp {
    page: Page,
    next: String,
    /// Where it goes on.
    on: String,
    wrong: Option<&'static str>,
    /// Recovery codes that are left, of whoever has a second factor.
    left: Option<usize>,
    /// Whether the role has to have one.
    is_wanted: bool,
    begun: Option<Begun>,
    /// Shown once it is set up.
    recovery: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Begun {
    secret: String,
    uri: String,
}

impl Begun {
    /// Its address as a picture, to be read by a telephone.
    fn picture(&self) -> Option<Picture> {
        qr::picture(&self.uri)
    }

    /// The secret in groups, to be typed.
    fn groups(&self) -> String {
        let signs: Vec<char> = self.secret.chars().collect();
        signs.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }
}

#[derive(Deserialize)]
struct Confirmed {
    recovery_codes: Vec<String>,
}

fn set_up(owner: &Owner, next: String) -> SetUp {
    let account = &owner.inside.account;
    SetUp {
        page: Page::of(&owner.guest, "second_factor"),
        on: link::with("/purpose", &[("next", &next)]),
        next,
        wrong: None,
        left: account.has_second().then(|| account.recovery_left()),
        is_wanted: owner.guest.console.state.lacks_second(account),
        begun: None,
        recovery: Vec::new(),
    }
}

pub(crate) async fn page(owner: Owner, Query(next): Query<Next>) -> Response {
    match owner.inside.account.one_time {
        true => owner.guest.sent("/password"),
        false => html(&set_up(&owner, next.page())),
    }
}

/// Begins to set one up; in the place of one that is there only with a code of that.
pub(crate) async fn begin(owner: Owner, typed: Result<Form<Typed>, FormRejection>) -> Result<Response, Problem> {
    let Typed { code, next } = of_form(typed)?;
    let page = set_up(&owner, Next { next }.page());
    match owner.of_account().submit::<Begun>(Method::POST, PATH, &json!({"code": code})).await {
        Ok(begun) => Ok(html(&SetUp { begun: Some(begun), ..page })),
        Err(problem) => Ok(html(&SetUp { wrong: Some(wrong(problem)?), ..page })),
    }
}

#[derive(Deserialize)]
pub(crate) struct First {
    code: String,
    secret: String,
    uri: String,
    #[serde(default)]
    next: String,
}

/// Sets it up by its first code. This session has shown it by that.
pub(crate) async fn confirm(owner: Owner, typed: Result<Form<First>, FormRejection>) -> Result<Response, Problem> {
    let First { code, secret, uri, next } = of_form(typed)?;
    let page = set_up(&owner, Next { next }.page());
    match owner.of_account().submit::<Confirmed>(Method::PUT, PATH, &json!({"code": code})).await {
        Ok(Confirmed { recovery_codes }) => {
            owner.guest.console.sessions.change(owner.inside.key, |signed| signed.passed = true);
            Ok(html(&SetUp { recovery: recovery_codes, ..page }))
        }
        // What was shown on the page of before is shown again, as that page sent it: it is not given out twice here.
        Err(problem) => {
            let begun = Some(Begun { secret, uri }).filter(|begun| begun.uri.starts_with("otpauth:"));
            Ok(html(&SetUp { wrong: Some(wrong(problem)?), begun, ..page }))
        }
    }
}
