//! `wuwei user`: who may come in by `serve`. Passwords and tokens are shown once, by the command that makes them.

use crate::{
    Error,
    account::{
        Account, Accounts, Shown,
        keeping::{Assigned, Change, Keeper, New},
        outside::SignIn,
        token::Token,
    },
    cli::{Common, User},
    clock,
    hub::Hub,
    output,
};
use serde::Serialize;
use wuwei_query::{Principal, Purpose};

#[derive(Serialize)]
struct Listed {
    accounts: Vec<Shown>,
}

/// What is shown this once.
#[derive(Serialize)]
struct Secret {
    account: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    one_time_password: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

pub(super) async fn run(common: &Common, what: &User) -> Result<(), Error> {
    let hub = Hub::open(common, "user").await?;
    let accounts = Accounts::of(&hub.root)?;
    let (principal, purpose) = (Principal::parse(&common.principal)?, Purpose::parse(&common.purpose)?);
    let keeper = Keeper { hub: &hub, principal: &principal, purpose: &purpose };
    match what {
        User::List => {
            let listed = Listed { accounts: accounts.all()?.iter().map(Account::shown).collect() };
            output::print(common, &listed, |listed| text(&listed.accounts))
        }
        User::Add { name, role, department, area, only_for, sign_in } => {
            let sign_in = SignIn::named(sign_in)?;
            let new = New { name, role, department: department.as_deref(), area: area.as_deref(), purposes: only_for, sign_in };
            given(common, name, keeper.add(&accounts, new)?)
        }
        User::Assign { name, role, department, area, only_for } => {
            let named = |purposes: &Vec<String>| purposes.iter().filter(|purpose| !purpose.is_empty()).cloned().collect::<Vec<_>>();
            let purposes = only_for.as_ref().map(named);
            let (role, department, area) = (role.as_deref(), department.as_deref(), area.as_deref());
            keeper.assign(&accounts, name, Assigned { role, department, area, purposes: purposes.as_deref() })
        }
        User::Reset { name } => changed(common, keeper, &accounts, name, Change::Reset),
        User::Disable { name } => changed(common, keeper, &accounts, name, Change::Disable),
        User::Enable { name } => changed(common, keeper, &accounts, name, Change::Enable),
        User::SignOut { name } => changed(common, keeper, &accounts, name, Change::SignOut),
        User::ResetSecondFactor { name } => changed(common, keeper, &accounts, name, Change::ResetSecondFactor),
        User::SignInOidc { name } => changed(common, keeper, &accounts, name, Change::SignInOidc),
        User::Token { name, label, days } => {
            keeper.account_for(name, "token made")?;
            let (kept, shown) = Token::make(label, *days, clock::now_ms())?;
            accounts.change_one(name, |account| account.keep(kept, &shown))?;
            let secret = Secret { account: name.clone(), one_time_password: None, token: Some(shown) };
            output::print(common, &secret, |secret| secret.token.clone().unwrap_or_default())
        }
        User::Revoke { token } => {
            let owner = accounts.all()?.iter().find(|account| account.tokens.iter().any(|known| known.id == *token)).cloned();
            let owner = owner.ok_or_else(|| Error::asked("there is no such token", "`wuwei user list` prints their numbers"))?;
            keeper.account_for(&owner.name, "token revoked")?;
            accounts.change_one(&owner.name, |account| {
                account.forget(token);
                Ok(())
            })
        }
    }
}

fn changed(common: &Common, keeper: Keeper<'_>, accounts: &Accounts, name: &str, change: Change) -> Result<(), Error> {
    given(common, name, keeper.change(accounts, name, change)?)
}

/// Shows a one-time password, where there is one.
fn given(common: &Common, name: &str, password: Option<String>) -> Result<(), Error> {
    if password.is_none() {
        return Ok(());
    }
    let secret = Secret { account: name.to_owned(), one_time_password: password, token: None };
    output::print(common, &secret, |secret| secret.one_time_password.clone().unwrap_or_default())
}

fn text(accounts: &[Shown]) -> String {
    let mut rows = Vec::new();
    for account in accounts {
        let state = match (account.disabled, account.one_time, account.sign_in) {
            (true, ..) => "closed",
            (false, true, _) => "one-time password",
            (false, false, SignIn::Oidc) if account.bound => "open, oidc",
            (false, false, SignIn::Oidc) => "oidc, not yet bound",
            (false, false, SignIn::Password) => "open",
        };
        let place = [account.department.as_deref(), account.area.as_deref()].into_iter().flatten().collect::<Vec<_>>().join("/");
        let second = if account.second_factor { "set up" } else { "" };
        let of_account = [account.name.clone(), account.role.clone(), place, state.to_owned(), second.to_owned()];
        rows.push([&of_account[..], &[String::new(), String::new(), String::new()]].concat());
        for token in &account.tokens {
            let blank = std::iter::repeat_n(String::new(), 5);
            rows.push(blank.chain([token.id.clone(), token.expires.clone(), token.label.clone()]).collect());
        }
    }
    output::table(&["account", "role", "department", "state", "second factor", "token", "until", "for"], &rows)
}
