//! `wuwei user`: who may come in by `serve`. Passwords and tokens are shown once, by the command that makes them.

use crate::{
    Error,
    account::{Account, Accounts, Shown, token::Token},
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
    match what {
        User::List => {
            let listed = Listed { accounts: accounts.all()?.iter().map(Account::shown).collect() };
            output::print(common, &listed, |listed| text(&listed.accounts))
        }
        User::Add { name, role, department } => {
            known(&hub, department.as_deref())?;
            let account = Account::new(name, role, department.as_deref(), clock::now())?;
            accounted(&hub, common, name, "account added")?;
            password(common, name, accounts.add(account)?)
        }
        User::Reset { name } => {
            accounted(&hub, common, name, "account reset")?;
            password(common, name, accounts.change_one(name, Account::reset)?)
        }
        User::Token { name, label, days } => {
            accounted(&hub, common, name, "token made")?;
            let (kept, shown) = Token::make(label, *days, clock::now_ms())?;
            accounts.change_one(name, |account| account.keep(kept, &shown))?;
            let secret = Secret { account: name.clone(), one_time_password: None, token: Some(shown) };
            output::print(common, &secret, |secret| secret.token.clone().unwrap_or_default())
        }
        User::Disable { name } => {
            accounted(&hub, common, name, "account disabled")?;
            accounts.change_one(name, |account| {
                account.disabled = true;
                Ok(())
            })
        }
        User::Enable { name } => {
            accounted(&hub, common, name, "account enabled")?;
            accounts.change_one(name, |account| {
                account.disabled = false;
                Ok(())
            })
        }
        User::Revoke { token } => {
            let owner = accounts.all()?.iter().find(|account| account.tokens.iter().any(|known| known.id == *token)).cloned();
            let owner = owner.ok_or_else(|| Error::asked("there is no such token", "`wuwei user list` prints their numbers"))?;
            accounted(&hub, common, &owner.name, "token revoked")?;
            accounts.change_one(&owner.name, |account| {
                account.forget(token);
                Ok(())
            })
        }
    }
}

/// Writes into the audit who changes which account, before it is changed.
fn accounted(hub: &Hub, common: &Common, name: &str, what: &str) -> Result<(), Error> {
    let principal = Principal::parse(&common.principal)?;
    // What is no name of an account is not written down.
    let of = if Account::is_name(name) { name } else { "?" };
    Ok(hub.audit().event("account", &principal, &Purpose::parse(&common.purpose)?, &format!("{what}: {of}"), clock::now_ms())?)
}

fn known(hub: &Hub, department: Option<&str>) -> Result<(), Error> {
    let departments = &hub.definitions.departments;
    match department.filter(|code| departments.department(code).is_none()) {
        None => Ok(()),
        Some(code) => {
            let codes = departments.list.iter().map(|known| known.code.as_str());
            Err(Error::asked(format!("there is no department `{code}`"), wuwei_schema::nearest(code, codes)))
        }
    }
}

fn password(common: &Common, name: &str, password: String) -> Result<(), Error> {
    let secret = Secret { account: name.to_owned(), one_time_password: Some(password), token: None };
    output::print(common, &secret, |secret| secret.one_time_password.clone().unwrap_or_default())
}

fn text(accounts: &[Shown]) -> String {
    let mut rows = Vec::new();
    for account in accounts {
        let state = match (account.disabled, account.one_time) {
            (true, _) => "closed",
            (false, true) => "one-time password",
            (false, false) => "open",
        };
        let of_account = [account.name.clone(), account.role.clone(), account.department.clone().unwrap_or_default(), state.to_owned()];
        rows.push([&of_account[..], &[String::new(), String::new(), String::new()]].concat());
        for token in &account.tokens {
            let blank = std::iter::repeat_n(String::new(), 4);
            rows.push(blank.chain([token.id.clone(), token.expires.clone(), token.label.clone()]).collect());
        }
    }
    output::table(&["account", "role", "department", "state", "token", "until", "for"], &rows)
}
