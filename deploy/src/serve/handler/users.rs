//! Accounts of others, for whoever looks after accounts: as `wuwei user` has it. A one-time password is in the answer that makes it and nowhere
//! else.

use super::{Whole, of_path};
use crate::{
    Error,
    account::{
        Account, Wrong,
        keeping::{Assigned, Change, Keeper, New},
        outside::SignIn,
    },
    clock,
    serve::{
        answer,
        asker::{Asker, Asking},
        problem::{Code, Problem},
    },
};
use axum::{
    extract::{Path, rejection::PathRejection},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// What is needed for any of it.
const VERB: &str = "user";

pub(in crate::serve) async fn list(asker: Asker) -> Result<Response, Problem> {
    let asking = asker.enter(VERB).await?;
    asking.session.look(VERB, "", clock::now_ms())?;
    let accounts: Vec<_> = asker.state().accounts().all()?.iter().map(Account::shown).collect();
    answer::found(&json!({"accounts": accounts}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    name: String,
    role: String,
    #[serde(default)]
    department: Option<String>,
    #[serde(default)]
    area: Option<String>,
    #[serde(default)]
    purposes: Vec<String>,
    #[serde(default)]
    sign_in: SignIn,
}

pub(in crate::serve) async fn add(asker: Asker, headers: HeaderMap, body: Whole) -> Result<Response, Problem> {
    let Asked { name, role, department, area, purposes, sign_in } = body.json(&headers)?;
    let asking = asker.enter(VERB).await?;
    let shown = name.clone();
    let password = kept(&asker, asking, move |keeper, asker| {
        let new = New { name: &name, role: &role, department: department.as_deref(), area: area.as_deref(), purposes: &purposes, sign_in };
        keeper.add(asker.state().accounts(), new)
    });
    made(&shown, password.await?)
}

/// An account, with its one-time password where it was given one.
fn made(name: &str, password: Option<String>) -> Result<Response, Problem> {
    let mut made = json!({"account": name});
    if let Some(password) = password {
        made["one_time_password"] = json!(password);
    }
    answer::found(&made)
}

pub(in crate::serve) async fn change(asker: Asker, which: Result<Path<(String, String)>, PathRejection>) -> Result<Response, Problem> {
    let (name, change) = of_path(which)?;
    let known = Change::ALL.map(Change::name).join(", ");
    let change = Change::named(&change).ok_or_else(|| Problem::because(Code::BadRequest, "there is no such change", &known))?;
    let asking = asker.enter(VERB).await?;
    if !asker.state().accounts().all()?.iter().any(|account| account.name == name) {
        return Err(Problem::not_found(Wrong::Unknown.into()));
    }
    let shown = name.clone();
    let given = kept(&asker, asking, move |keeper, asker| keeper.change(asker.state().accounts(), &name, change)).await?;
    made(&shown, given)
}

/// What it is to be; what is left out stays, and an empty text is none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Becomes {
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    department: Option<String>,
    #[serde(default)]
    area: Option<String>,
    #[serde(default)]
    purposes: Option<Vec<String>>,
}

pub(in crate::serve) async fn assign(
    asker: Asker,
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Whole,
) -> Result<Response, Problem> {
    let name = of_path(name)?;
    let Becomes { role, department, area, purposes } = body.json(&headers)?;
    let asking = asker.enter(VERB).await?;
    if !asker.state().accounts().all()?.iter().any(|account| account.name == name) {
        return Err(Problem::not_found(Wrong::Unknown.into()));
    }
    let shown = name.clone();
    let assigned = kept(&asker, asking, move |keeper, asker| {
        let (role, department, area) = (role.as_deref(), department.as_deref(), area.as_deref());
        keeper.assign(asker.state().accounts(), &name, Assigned { role, department, area, purposes: purposes.as_deref() })
    });
    assigned.await?;
    made(&shown, None)
}

/// Looks after accounts as whoever asks, where hashing and the disk hold up nobody.
async fn kept<T: Send + 'static>(
    asker: &Asker,
    asking: Asking,
    work: impl FnOnce(Keeper<'_>, &Asker) -> Result<T, Error> + Send + 'static,
) -> Result<T, Problem> {
    let asker = asker.clone();
    let done = tokio::task::spawn_blocking(move || {
        let hub = Arc::clone(&asking.hub);
        let keeper = Keeper { hub: &hub, principal: asking.session.principal(), purpose: asking.session.purpose() };
        work(keeper, &asker)
    });
    done.await.map_err(|_| Problem::new(Code::Internal))?.map_err(Problem::from)
}
