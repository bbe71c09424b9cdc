//! Signing in through the provider, in the browser: the way there, the way back, and where the provider ends its own session. Whoever comes back is
//! let in as after a password: the account is one of ours and open, the audit has it, a second factor and a purpose come next.

use super::{
    account::{Next, goes_on, sign_in_page, with_cookie},
    of_query,
};
use crate::{
    account::Account,
    console::{
        guest::Guest,
        link,
        page::{Page, html},
        sessions::Key,
    },
    oidc::{Brought, COOKIE_SECONDS, Failure, Oidc, Proven},
    output,
    serve::{
        asker::{Whence, account_for, failed_by},
        problem::{Code, Problem},
    },
};
use askama::Template;
use axum::{
    extract::{Query, rejection::QueryRejection},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use std::sync::Arc;
use wuwei_query::Principal;

fn provider(guest: &Guest) -> Result<&Oidc, Problem> {
    guest.console.state.oidc().ok_or(Problem::new(Code::NotFound))
}

fn whence(guest: &Guest) -> Whence {
    Whence { wire: "console", address: guest.address }
}

/// Sends a browser to the provider: by a link and not by a form, since a page lets its forms go to the program alone.
pub(crate) async fn leave(guest: Guest, headers: HeaderMap, next: Result<Query<Next>, QueryRejection>) -> Result<Response, Problem> {
    let (oidc, next) = (provider(&guest)?, of_query(next)?.page());
    if guest.inside.is_some() || is_of_another_site(&headers) {
        return Ok(guest.sent(&next));
    }
    if let Err(problem) = guest.console.state.logins().may_try(guest.address, None) {
        return told(&guest, &next, problem);
    }
    if let Some(before) = &guest.waiting {
        guest.console.sessions.end(before.key);
    }
    match oidc.leave(&next, guest.address).await {
        Ok(leaving) => Ok(with_cookie(elsewhere(&leaving.address), &guest.way_cookie(&leaving.cookie, COOKIE_SECONDS))),
        Err(failure) => failed(&guest, &next, failure),
    }
}

/// Whether a page of another site sends the browser here, as no page of ours does.
fn is_of_another_site(headers: &HeaderMap) -> bool {
    let site = headers.get(HeaderName::from_static("sec-fetch-site")).map(HeaderValue::as_bytes);
    site.is_some_and(|site| ![&b"same-origin"[..], b"none"].contains(&site))
}

/// To the provider, whose address is the configuration's or its own.
fn elsewhere(address: &str) -> Response {
    match HeaderValue::try_from(address) {
        Ok(address) => (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response(),
        Err(_) => Problem::new(Code::Internal).into_response(),
    }
}

/// Takes whoever comes back from the provider in.
pub(crate) async fn back(guest: Guest, headers: HeaderMap, brought: Result<Query<Brought>, QueryRejection>) -> Result<Response, Problem> {
    let oidc = provider(&guest)?;
    if let Err(problem) = guest.console.state.logins().may_try(guest.address, None) {
        return told(&guest, "/", problem);
    }
    let (next, proven) = oidc.back(of_query(brought)?, guest.way(&headers)).await;
    let is_over = next.is_some();
    let next = Next { next: next.unwrap_or_default() }.page();
    let response = match proven {
        Ok(proven) => come_in(&guest, &next, proven).await?,
        Err(failure) => failed(&guest, &next, failure)?,
    };
    Ok(if is_over { with_cookie(response, &guest.way_cookie("", 0)) } else { response })
}

async fn come_in(guest: &Guest, next: &str, proven: Proven) -> Result<Response, Problem> {
    let vouched = proven.vouched;
    let Some(mut account) = account_of(guest, proven).await? else {
        let problem = failed_by(&guest.console.state, whence(guest), None, None, "failed: provider");
        return match problem.code {
            Code::Unauthorized => Ok(html(&sign_in_page(guest, next, String::new(), Some("oidc.unknown")))),
            _ => told(guest, next, problem),
        };
    };
    account.vouched = vouched;
    let waits = account.has_second() && !vouched;
    let outcome = if waits { "second factor asked for" } else { "signed in through the provider" };
    account_for(&guest.console.state, "login", &principal(guest, &account)?, outcome)?;
    let cookie = guest.console.sessions.begin(&account)?;
    guest.console.sessions.change(Key::of(&cookie), |signed| (signed.outside, signed.vouched) = (true, vouched));
    let on = link::with(if waits { "/second-factor" } else { goes_on(guest, &account) }, &[("next", next)]);
    Ok(with_cookie(onward(guest, &on), &guest.session_cookie(Some(&cookie))))
}

fn principal(guest: &Guest, account: &Account) -> Result<Principal, Problem> {
    Ok(account.principal()?.at(&whence(guest).to_string()))
}

/// The account of whoever came back, which is bound to them the first time, where the disk holds up nobody.
async fn account_of(guest: &Guest, proven: Proven) -> Result<Option<Account>, Problem> {
    let (state, whence) = (Arc::clone(&guest.console.state), whence(guest).to_string());
    let find = move || {
        let mut refused = None;
        let account_for = |account: &Account| {
            let principal = account.principal()?.at(&whence);
            account_for(&state, "account", &principal, "bound to the provider").map_err(|problem| {
                refused = Some(problem);
                crate::Error::defect("it cannot be accounted for")
            })
        };
        let found = state.accounts().of_subject(&proven.subject, proven.name.as_deref(), account_for);
        refused.map_or_else(|| found.map_err(Problem::from), Err)
    };
    tokio::task::spawn_blocking(find).await.map_err(|_| Problem::new(Code::Internal))?
}

#[derive(Debug, Template)]
#[template(path = "signed_in.html")]
struct SignedIn {
    page: Page,
    on: String,
}

/// A page that goes on by itself. A redirect would belong to the provider's page still, from where a browser sends no cookie of a session.
fn onward(guest: &Guest, on: &str) -> Response {
    let mut page = Page::of(guest, "sign_in");
    page.path = on.to_owned();
    let mut response = html(&SignedIn { page, on: on.to_owned() });
    if let Ok(value) = HeaderValue::try_from(format!("0; url={on}")) {
        response.headers_mut().insert(HeaderName::from_static("refresh"), value);
    }
    response
}

/// The page for signing in, with why somebody did not come in through the provider; the operator is told what in particular.
fn failed(guest: &Guest, next: &str, failure: Failure) -> Result<Response, Problem> {
    let (wrong, why) = match failure {
        Failure::Down(why) => ("oidc.down", why.to_owned()),
        Failure::Declined => ("oidc.declined", String::new()),
        Failure::Stale => ("oidc.stale", String::new()),
        Failure::Foreign(why) => ("oidc.disbelieved", why.to_owned()),
        Failure::Disbelieved(why) => ("oidc.disbelieved", format!("its token is refused: {why:?}")),
    };
    if !why.is_empty() {
        output::note(&format!("wuwei: nobody was signed in through the provider: {why}"));
    }
    if matches!(failure, Failure::Foreign(_) | Failure::Disbelieved(_)) {
        let problem = failed_by(&guest.console.state, whence(guest), None, None, "failed: provider");
        if problem.code != Code::Unauthorized {
            return told(guest, next, problem);
        }
    }
    Ok(html(&sign_in_page(guest, next, String::new(), Some(wrong))))
}

/// The page for signing in to whoever failed too often; other problems are told as such.
fn told(guest: &Guest, next: &str, problem: Problem) -> Result<Response, Problem> {
    match problem.code {
        Code::TooManyFailures => Ok(html(&sign_in_page(guest, next, String::new(), Some("sign_in.wait")))),
        _ => Err(problem),
    }
}

/// Sends a browser to where the provider ends its own session, after ours is over.
pub(crate) async fn end(guest: Guest, headers: HeaderMap) -> Result<Response, Problem> {
    let oidc = provider(&guest)?;
    if guest.inside.is_some() || is_of_another_site(&headers) {
        return Ok(guest.sent("/"));
    }
    match oidc.end().await {
        Ok(Some(address)) => Ok(elsewhere(&address)),
        Ok(None) => Ok(guest.sent("/sign-in")),
        Err(failure) => failed(&guest, "/", failure),
    }
}
