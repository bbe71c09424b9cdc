//! Who comes in, what for, and how the pages look: signing in with a password (through the provider it is `oidc`), stating a purpose, choosing
//! another password, signing out.

use super::of_form;
use crate::{
    account::{Account, outside},
    clock,
    console::{
        guest::{Guest, LANGUAGE, Owner, THEME, THEMES},
        link,
        page::{PLACES, Page, html},
        sessions::Key,
        words::Language,
    },
    oidc::Oidc,
    serve::{
        asker::{Whence, account_for, by_name},
        problem::{Code, Problem},
    },
};
use askama::Template;
use axum::{
    Form,
    extract::{Query, rejection::FormRejection},
    http::{HeaderValue, header},
    response::Response,
};
use serde::Deserialize;
use wuwei_query::Purpose;

/// Where somebody wanted to go.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Next {
    pub(super) next: String,
}

impl Next {
    pub(super) fn page(&self) -> String {
        link::own(&self.next).unwrap_or("/").to_owned()
    }
}

/// The page for signing in, as it is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    next: String,
    /// Whether somebody has just left who came through the provider.
    left: bool,
}

#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub(super) struct SignIn {
    page: Page,
    next: String,
    name: String,
    /// Why it was not so.
    wrong: Option<&'static str>,
    /// What the button of the provider says, and where it leads.
    provider: Option<(String, String)>,
    /// Whether the provider's own session is offered to be ended too.
    left: bool,
}

/// The page for signing in, and why it was not so.
pub(super) fn sign_in_page(guest: &Guest, next: &str, name: String, wrong: Option<&'static str>) -> SignIn {
    let mut page = Page::of(guest, "sign_in");
    // Whoever changes the language comes back here, not to what a provider sent them to.
    page.path = link::with("/sign-in", &[("next", next)]);
    let of_provider = |oidc: &Oidc| {
        let label = page.language.label(&oidc.settings().label).to_owned();
        (label, link::with("/sign-in/oidc", &[("next", next)]))
    };
    let provider = guest.console.state.oidc().map(of_provider);
    SignIn { page, next: next.to_owned(), name, wrong, provider, left: false }
}

#[derive(Deserialize)]
pub(crate) struct Typed {
    name: String,
    password: String,
    next: String,
}

pub(crate) async fn sign_in(guest: Guest, Query(Wanted { next, left }): Query<Wanted>) -> Response {
    let page = sign_in_page(&guest, &Next { next }.page(), String::new(), None);
    html(&SignIn { left: left && page.provider.is_some(), ..page })
}

pub(crate) async fn signed_in(guest: Guest, typed: Result<Form<Typed>, FormRejection>) -> Result<Response, Problem> {
    let Typed { name, password, next } = of_form(typed)?;
    let whence = Whence { wire: "console", address: guest.address };
    let state = &guest.console.state;
    let account = match by_name(state, whence, name.trim(), &password).await {
        Ok(account) => account,
        Err(problem) => {
            let wrong = match problem.code {
                Code::Unauthorized => "sign_in.wrong",
                Code::TooManyFailures => "sign_in.wait",
                _ => return Err(problem),
            };
            return Ok(html(&sign_in_page(&guest, &Next { next }.page(), name, Some(wrong))));
        }
    };
    let (_, response) = begun(&guest, &account, "signed in", &Next { next }.page())?;
    Ok(response)
}

/// Begins a session of somebody who is known by now, in place of the one before, and leads on.
pub(super) fn begun(guest: &Guest, account: &Account, by: &str, next: &str) -> Result<(Key, Response), Problem> {
    let whence = Whence { wire: "console", address: guest.address };
    let outcome = if account.has_second() { "second factor asked for" } else { by };
    account_for(&guest.console.state, "login", &account.principal()?.at(&whence.to_string()), outcome)?;
    if let Some(before) = guest.inside.as_ref().or(guest.waiting.as_ref()) {
        guest.console.sessions.end(before.key);
    }
    let cookie = guest.console.sessions.begin(account)?;
    let path = if account.has_second() { "/second-factor" } else { goes_on(guest, account) };
    let response = with_cookie(guest.sent(&link::with(path, &[("next", next)])), &guest.session_cookie(Some(&cookie)));
    Ok((Key::of(&cookie), response))
}

/// Where somebody signed in goes on, before the page that they wanted.
pub(super) fn goes_on(guest: &Guest, account: &Account) -> &'static str {
    if account.one_time {
        "/password"
    } else if guest.console.state.lacks_second(account) {
        "/second-factor/set-up"
    } else {
        "/purpose"
    }
}

pub(crate) async fn sign_out(guest: Guest) -> Result<Response, Problem> {
    let mut path = "/sign-in";
    if let Some(inside) = guest.inside.as_ref().or(guest.waiting.as_ref()) {
        let whence = Whence { wire: "console", address: guest.address };
        guest.console.sessions.end(inside.key);
        guest.console.kept.forget(inside.key);
        account_for(&guest.console.state, "login", &inside.account.principal()?.at(&whence.to_string()), "signed out")?;
        if inside.signed.outside {
            path = "/sign-in?left=true";
        }
    }
    Ok(with_cookie(guest.sent(path), &guest.session_cookie(None)))
}

#[derive(Debug, Template)]
#[template(path = "purpose.html")]
struct Purposes {
    page: Page,
    next: String,
    /// Each with its legal basis, and whether it is the one that holds.
    purposes: Vec<(String, String, bool)>,
    /// Whether there is a password to be changed.
    has_password: bool,
}

pub(crate) async fn purposes(Owner { guest, inside }: Owner, Query(next): Query<Next>) -> Result<Response, Problem> {
    let path = goes_on(&guest, &inside.account);
    if path != "/purpose" {
        return Ok(guest.sent(&link::with(path, &[("next", &next.page())])));
    }
    let (hub, principal, today) = (guest.console.state.hub(), inside.account.principal()?, clock::today());
    let known = hub.definitions.policies.purposes_of(&principal, &today).filter(|(name, _)| inside.account.states(name));
    let known: Vec<(&str, &str)> = known.collect();
    let holds = |name: &str| inside.signed.purpose.as_deref().map_or(known.len() == 1, |stated| stated == name);
    let purposes = known.iter().map(|(name, basis)| ((*name).to_owned(), (*basis).to_owned(), holds(name))).collect();
    let has_password = inside.account.sign_in() == outside::SignIn::Password;
    Ok(html(&Purposes { page: Page::of(&guest, "purpose"), next: next.page(), purposes, has_password }))
}

#[derive(Deserialize)]
pub(crate) struct Stated {
    #[serde(default)]
    purpose: String,
    next: String,
}

/// From here on every question is asked for that purpose. Figures and answers of the one before are forgotten.
pub(crate) async fn purpose(Owner { guest, inside }: Owner, stated: Result<Form<Stated>, FormRejection>) -> Result<Response, Problem> {
    let Stated { purpose, next } = of_form(stated)?;
    let next = Next { next }.page();
    let (hub, principal) = (guest.console.state.hub(), inside.account.principal()?);
    let is_registered = hub.definitions.policies.purposes_of(&principal, &clock::today()).any(|(known, _)| known == purpose);
    if goes_on(&guest, &inside.account) != "/purpose" || !is_registered || !inside.account.states(&purpose) {
        return Ok(guest.sent(&link::with("/purpose", &[("next", &next)])));
    }
    let session = hub.session_of(principal, Purpose::parse(&purpose)?)?;
    let verbs = PLACES
        .iter()
        .map(|(_, _, verb, _)| *verb)
        .chain(["person", "household", "rejects", "refresh", "decide", "explain"])
        .filter(|verb| session.offers(verb));
    let verbs: Vec<&'static str> = verbs.collect();
    guest.console.kept.forget(inside.key);
    guest.console.sessions.change(inside.key, |signed| {
        signed.purpose = Some(purpose);
        signed.verbs = verbs;
        signed.figures = None;
    });
    Ok(guest.sent(&next))
}

#[derive(Debug, Template)]
#[template(path = "password.html")]
struct Password {
    page: Page,
    next: String,
    /// Whether the present one was given out by the program.
    one_time: bool,
    wrong: Option<&'static str>,
}

#[derive(Deserialize)]
pub(crate) struct Chosen {
    #[serde(default)]
    current: String,
    chosen: String,
    again: String,
    next: String,
}

pub(crate) async fn password(Owner { guest, inside }: Owner, Query(next): Query<Next>) -> Response {
    if inside.account.sign_in() == outside::SignIn::Oidc {
        return guest.sent(&next.page());
    }
    html(&Password { page: Page::of(&guest, "password"), next: next.page(), one_time: inside.account.one_time, wrong: None })
}

pub(crate) async fn new_password(owner: Owner, chosen: Result<Form<Chosen>, FormRejection>) -> Result<Response, Problem> {
    let Chosen { current, chosen, again, next } = of_form(chosen)?;
    let visit = owner.of_account();
    let Owner { guest, inside } = owner;
    let (name, one_time) = (inside.account.name.clone(), inside.account.one_time);
    let told = |wrong| Ok(html(&Password { page: Page::of(&guest, "password"), next: next.clone(), one_time, wrong: Some(wrong) }));
    if chosen != again {
        return told("password.differs");
    }
    let whence = Whence { wire: "console", address: guest.address };
    if !one_time && by_name(&guest.console.state, whence, &name, &current).await.is_err() {
        return told("password.wrong");
    }
    match visit.set_password(&chosen).await {
        Ok(()) => {}
        Err(problem) if problem.code == Code::NotPossible => return told("password.plain"),
        Err(problem) => return Err(problem),
    }
    // This session goes on; all others of the account are over, since it has another password.
    let accounts = guest.console.state.accounts().all()?;
    let account = accounts.iter().find(|account| account.name == name).unwrap_or(&inside.account);
    guest.console.sessions.change(inside.key, |signed| signed.marked(account));
    Ok(guest.sent(&link::with(goes_on(&guest, account), &[("next", link::own(&next).unwrap_or("/"))])))
}

#[derive(Deserialize)]
pub(crate) struct Liked {
    #[serde(default)]
    language: Option<String>,
    #[serde(default)]
    theme: Option<String>,
    next: String,
}

/// How pages look, for whoever comes; it is kept in the browser.
pub(crate) async fn settings(guest: Guest, liked: Result<Form<Liked>, FormRejection>) -> Result<Response, Problem> {
    let Liked { language, theme, next } = of_form(liked)?;
    let mut response = guest.sent(&Next { next }.page());
    if let Some(language) = language {
        let tag = Language::of(Some(&language), None).tag();
        response = with_cookie(response, &guest.liked_cookie(LANGUAGE, tag));
    }
    if let Some(theme) = theme.and_then(|theme| THEMES.into_iter().find(|known| *known == theme)) {
        response = with_cookie(response, &guest.liked_cookie(THEME, theme));
    }
    Ok(response)
}

pub(super) fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}
