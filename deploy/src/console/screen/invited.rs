//! Coming in by a link of the demo. The page says as whom, and its button uses the link up: what looks at links ahead of people presses none.

use super::account::{begun, sign_in_page};
use crate::{
    account::Account,
    console::{
        guest::Guest,
        page::{Page, html},
    },
    serve::{
        asker::{Whence, failed_by},
        links::Links,
        problem::{Code, Problem},
    },
};
use askama::Template;
use axum::{extract::Path, response::Response};

#[derive(Debug, Template)]
#[template(path = "invited.html")]
struct Invited {
    page: Page,
    name: String,
    role: String,
}

pub(crate) async fn show(guest: Guest, Path(word): Path<String>) -> Result<Response, Problem> {
    match account(&guest, |links| links.whose(&word)) {
        Ok(account) => Ok(html(&Invited { page: Page::of(&guest, "sign_in"), name: account.name, role: account.role })),
        Err(problem) => told(&guest, problem),
    }
}

pub(crate) async fn come(guest: Guest, Path(word): Path<String>) -> Result<Response, Problem> {
    match account(&guest, |links| links.take(&word)) {
        Ok(mut account) => {
            // Nobody was told the password that the program made, so none has to be chosen in its place.
            account.one_time = false;
            let (key, response) = begun(&guest, &account, "signed in by a link", "/")?;
            guest.console.sessions.change(key, |signed| signed.invited = true);
            Ok(response)
        }
        Err(problem) => told(&guest, problem),
    }
}

/// Whose a link is. Who tries too many is not listened to, as with passwords.
fn account(guest: &Guest, find: impl FnOnce(&Links) -> Option<String>) -> Result<Account, Problem> {
    let state = &guest.console.state;
    state.logins().may_try(guest.address, None)?;
    let (name, accounts) = (find(state.links()), state.accounts().all()?);
    let account = accounts.iter().find(|account| name.as_ref() == Some(&account.name) && !account.disabled);
    let whence = Whence { wire: "console", address: guest.address };
    account.cloned().ok_or_else(|| failed_by(state, whence, None, None, "failed: link"))
}

fn told(guest: &Guest, problem: Problem) -> Result<Response, Problem> {
    let wrong = match problem.code {
        Code::Unauthorized => "sign_in.link",
        Code::TooManyFailures => "sign_in.wait",
        _ => return Err(problem),
    };
    Ok(html(&sign_in_page(guest, "/", String::new(), Some(wrong))))
}
