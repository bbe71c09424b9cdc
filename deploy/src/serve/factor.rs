//! The second factor at the entrances: whose role has to have one, and whether a code is right. It stands beside passwords alone; a token is
//! made by whoever showed both, and shows neither.

use super::{
    State,
    asker::{Whence, account_for, failed_by},
    problem::{Code, Problem},
};
use crate::{
    Error,
    account::{Account, ROLES, second::Passed},
    clock,
    hub::Hub,
};
use std::sync::Arc;

/// Stands for no role.
const NONE: &str = "none";

/// The roles that sign in with a second factor: those that are asked for, or else none where everybody is invented, or else as the policies
/// have it.
///
/// # Errors
/// One that is asked for is no role.
pub(super) fn roles(hub: &Hub, asked: Option<&str>) -> Result<Vec<String>, Error> {
    let Some(asked) = asked else {
        return Ok(if hub.is_invented() { Vec::new() } else { hub.definitions.policies.second_factor().to_vec() });
    };
    let names = asked.split(',').map(str::trim).filter(|name| !name.is_empty() && *name != NONE);
    let known = |name: &str| ROLES.contains(&name).then(|| name.to_owned());
    let roles: Option<Vec<String>> = names.map(known).collect();
    roles.ok_or_else(|| Error::asked("`--second-factor` names what is no role", format!("{NONE}, or of {}", ROLES.join(", "))))
}

impl State {
    /// Whether an account has to have a second factor and has none, nor a provider that asked it for one.
    pub(crate) fn lacks_second(&self, account: &Account) -> bool {
        !account.has_second() && !account.vouched && self.second_factor.contains(&account.role)
    }

    /// Whether a password alone lets an account in.
    pub(crate) fn suffices_password(&self, account: &Account) -> bool {
        !account.has_second() && !self.lacks_second(account)
    }
}

/// Looks at a code, which is good for nothing from then on. Who fails is counted and accounted for as with a password.
///
/// # Errors
/// It is not right, or too many were not.
pub(crate) async fn passed(state: &Arc<State>, whence: Whence, account: &Account, typed: &str) -> Result<(), Problem> {
    state.logins().may_try(whence.address, Some(&account.name))?;
    let (keeps, name, typed) = (Arc::clone(state), account.name.clone(), typed.to_owned());
    let look = move || {
        let accounts = keeps.accounts();
        accounts.change_one(&name, |account| account.pass_second(&accounts.seal()?, &typed, clock::now_ms()))
    };
    let passed = tokio::task::spawn_blocking(look).await.map_err(|_| Problem::new(Code::Internal))??;
    match passed {
        Passed::ByCode => Ok(()),
        Passed::ByRecovery(left) => {
            let principal = account.principal()?.at(&whence.to_string());
            account_for(state, "account", &principal, &format!("recovery code used, {left} left"))
        }
        Passed::Wrong => {
            let problem = failed_by(state, whence, Some(&account.name), Some(account), "failed: second factor");
            match problem.code {
                Code::Unauthorized => {
                    Err(Problem::because(Code::SecondFactor, "the code is not right, or was used", "wait for the next one"))
                }
                _ => Err(problem),
            }
        }
        Passed::Locked => {
            let problem = failed_by(state, whence, Some(&account.name), Some(account), "failed: second factor locked");
            match problem.code {
                Code::Unauthorized => Err(Problem::later(Code::TooManyFailures, 60, "wait, or have the second factor reset")),
                _ => Err(problem),
            }
        }
    }
}
