//! What whoever is known does with the account that is theirs.

use super::{Whole, of_path};
use crate::{
    account::{Account, password::LONGEST, token},
    clock,
    serve::{
        answer,
        asker::{Known, Owner, account_for},
        problem::{Code, Problem},
    },
};
use axum::{
    extract::{Path, rejection::PathRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewToken {
    #[serde(default)]
    label: String,
    #[serde(default = "days")]
    days: u32,
}

fn days() -> u32 {
    token::DAYS
}

pub(in crate::serve) async fn show(known: Known) -> Result<Response, Problem> {
    answer::found(&known.account.shown())
}

pub(in crate::serve) async fn password(Owner(known): Owner, headers: HeaderMap, body: Whole) -> Result<Response, Problem> {
    known.by_password()?;
    let chosen = body.json::<NewPassword>(&headers)?.password;
    if chosen.len() > LONGEST {
        return Err(Problem::because(Code::NotPossible, "the password is too long", "1024 bytes are the most"));
    }
    changed(&known, "account", "password set", move |account| account.set_password(&chosen)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(in crate::serve) async fn make_token(known: Known, headers: HeaderMap, body: Whole) -> Result<Response, Problem> {
    known.by_password()?;
    let asked = body.json::<NewToken>(&headers)?;
    let (kept, shown) = token::Token::make(&asked.label, asked.days, clock::now_ms())?;
    let made = json!({"token": &shown, "id": kept.id, "expires": clock::date(kept.expires)});
    changed(&known, "token", "made", move |account| account.keep(kept, &shown)).await?;
    answer::found(&made)
}

pub(in crate::serve) async fn revoke(known: Known, token: Result<Path<String>, PathRejection>) -> Result<Response, Problem> {
    let id = of_path(token)?;
    if !known.account.tokens.iter().any(|token| token.id == id) {
        return Err(Problem::new(Code::NotFound));
    }
    let forget = move |account: &mut Account| {
        account.forget(&id);
        Ok(())
    };
    changed(&known, "token", "revoked", forget).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Accounts for a change, then makes it, where hashing and the disk hold up nobody.
pub(super) async fn changed<T: Send + 'static>(
    known: &Known,
    kind: &str,
    outcome: &str,
    change: impl FnOnce(&mut Account) -> Result<T, crate::Error> + Send + 'static,
) -> Result<T, Problem> {
    account_for(&known.state, kind, &known.principal()?, outcome)?;
    let (state, name) = (Arc::clone(&known.state), known.account.name.clone());
    let done = tokio::task::spawn_blocking(move || state.accounts.change_one(&name, change)).await;
    done.map_err(|_| Problem::new(Code::Internal))?.map_err(Problem::from)
}
