//! The second factor that whoever is known sets up for the account that is theirs. Its secret and the recovery codes are in the answers that
//! make them and nowhere else.

use super::{Whole, account::changed};
use crate::{
    account::{Account, totp},
    clock,
    serve::{
        answer,
        asker::{Known, Owner},
        factor,
        problem::{Code, Problem},
    },
};
use axum::{http::HeaderMap, response::Response};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use wuwei_query::Purpose;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Begun {
    /// Of the one before, where there is one.
    #[serde(default)]
    code: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    code: String,
}

pub(in crate::serve) async fn begin(Owner(known): Owner, headers: HeaderMap, body: Whole) -> Result<Response, Problem> {
    let Begun { code } = body.json(&headers)?;
    let known = of_own(known)?;
    if known.account.has_second() {
        factor::passed(&known.state, known.whence(), &known.account, &code).await?;
    }
    let state = Arc::clone(&known.state);
    let begin = move |account: &mut Account| account.begin_second(&state.accounts().seal()?);
    let secret = changed(&known, "account", "second factor begun", begin).await?;
    let name = &known.account.name;
    answer::found(&json!({"secret": totp::base32(&secret), "uri": totp::uri(&secret, name)}))
}

pub(in crate::serve) async fn confirm(Owner(known): Owner, headers: HeaderMap, body: Whole) -> Result<Response, Problem> {
    let Typed { code } = body.json(&headers)?;
    let known = of_own(known)?;
    let (state, name, principal) = (Arc::clone(&known.state), known.account.name.clone(), known.principal()?);
    let confirm = move || {
        let (accounts, now) = (state.accounts(), clock::now_ms());
        accounts.change_one(&name, |account| {
            let recovery = account.confirm_second(&accounts.seal()?, &code, now)?;
            let outcome = if recovery.is_some() { "second factor set up" } else { "failed: second factor not set up" };
            // Accounted for before it is on disk; what is not, is not changed.
            state.hub().audit().event("account", &principal, &Purpose::parse("account")?, outcome, now)?;
            Ok(recovery)
        })
    };
    let recovery = tokio::task::spawn_blocking(confirm).await.map_err(|_| Problem::new(Code::Internal))??;
    let hint = "wait for the next one; the clock of the telephone has to be right";
    let wrong = || Problem::because(Code::SecondFactor, "the code is not right", hint);
    answer::found(&json!({"recovery_codes": recovery.ok_or_else(wrong)?}))
}

/// Whoever gave a password of their own, not a token.
fn of_own(known: Known) -> Result<Known, Problem> {
    known.by_password()?;
    match known.account.one_time {
        true => Err(Problem::because(Code::OneTimePassword, "this password was given out by the program", "set another first")),
        false => Ok(known),
    }
}
