//! What is done to accounts of others: the same on the command line and over HTTP. Each change is in the audit before it is on disk, with who made
//! it; and none leaves a hub without an account that looks after accounts.

use super::{ADMIN, Account, Accounts, Wrong, outside::SignIn};
use crate::{Error, clock, definitions::Definitions, hub::Hub};
use wuwei_query::{Principal, Purpose};

/// A new account, as it is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct New<'a> {
    pub(crate) name: &'a str,
    pub(crate) role: &'a str,
    pub(crate) department: Option<&'a str>,
    pub(crate) area: Option<&'a str>,
    pub(crate) purposes: &'a [String],
    pub(crate) sign_in: SignIn,
}

/// What an account is to be from now on; what is not said stays, and an empty text is none.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Assigned<'a> {
    pub(crate) role: Option<&'a str>,
    pub(crate) department: Option<&'a str>,
    pub(crate) area: Option<&'a str>,
    /// When empty, all that are registered.
    pub(crate) purposes: Option<&'a [String]>,
}

impl Assigned<'_> {
    /// The account that it is then, checked as a new one; without what proves whose it is.
    fn to(self, account: &Account, definitions: &Definitions) -> Result<Account, Error> {
        fn some<'t>(said: Option<&'t str>, is: &'t Option<String>) -> Option<&'t str> {
            said.or(is.as_deref()).map(str::trim).filter(|text| !text.is_empty())
        }
        let (name, role) = (account.name.as_str(), self.role.unwrap_or(&account.role));
        let (department, area) = (some(self.department, &account.department), some(self.area, &account.area));
        let purposes = self.purposes.unwrap_or(&account.purposes);
        made(definitions, New { name, role, department, area, purposes, sign_in: account.sign_in() })
    }
}

/// What is changed about an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Disable,
    Enable,
    Reset,
    SignOut,
    ResetSecondFactor,
    SignInOidc,
}

/// Who makes a change, and what for, for the audit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keeper<'a> {
    pub(crate) hub: &'a Hub,
    pub(crate) principal: &'a Principal,
    pub(crate) purpose: &'a Purpose,
}

impl Change {
    pub(crate) const ALL: [Change; 6] =
        [Change::Disable, Change::Enable, Change::Reset, Change::SignOut, Change::ResetSecondFactor, Change::SignInOidc];

    /// As it is asked for.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Change::Disable => "disable",
            Change::Enable => "enable",
            Change::Reset => "reset",
            Change::SignOut => "sign-out",
            Change::ResetSecondFactor => "reset-second-factor",
            Change::SignInOidc => "sign-in-oidc",
        }
    }

    /// The change of that name.
    pub(crate) fn named(name: &str) -> Option<Change> {
        Change::ALL.into_iter().find(|change| change.name() == name)
    }

    /// As the audit tells it.
    fn told(self) -> &'static str {
        match self {
            Change::Disable => "account disabled",
            Change::Enable => "account enabled",
            Change::Reset => "account reset",
            Change::SignOut => "account signed out",
            Change::ResetSecondFactor => "second factor reset",
            Change::SignInOidc => "account handed to the provider",
        }
    }

    /// Changes it; gives a one-time password where there is one.
    fn apply(self, account: &mut Account) -> Result<Option<String>, Error> {
        match self {
            Change::Disable => account.disabled = true,
            Change::Enable => account.disabled = false,
            Change::Reset => return account.reset().map(Some),
            Change::SignOut => account.sign_out(),
            Change::ResetSecondFactor => {
                account.forget_second();
                account.sign_out();
            }
            Change::SignInOidc => account.hand_over(),
        }
        Ok(None)
    }
}

impl Keeper<'_> {
    /// Makes an account; gives its one-time password, to be shown this once, where it has one.
    ///
    /// # Errors
    /// It cannot be one, there is one of that name, or it cannot be accounted for.
    pub(crate) fn add(&self, accounts: &Accounts, new: New<'_>) -> Result<Option<String>, Error> {
        let account = made(&self.hub.definitions, new)?;
        accounts.add(account, || self.account_for(new.name, "account added"))
    }

    /// Changes one; gives a one-time password where there is one, to be shown this once.
    ///
    /// # Errors
    /// There is no such account, it is the last of those that look after accounts, or it cannot be accounted for.
    pub(crate) fn change(&self, accounts: &Accounts, name: &str, change: Change) -> Result<Option<String>, Error> {
        accounts.change(|all| {
            let had = keeps(all);
            let account = all.iter_mut().find(|account| account.name == name).ok_or(Wrong::Unknown)?;
            let given = change.apply(account)?;
            if had && !keeps(all) {
                return Err(Wrong::Last.into());
            }
            self.account_for(name, change.told())?;
            Ok(given)
        })
    }

    /// Gives one another role, department, area or purposes. Its sessions and tokens end: they were for what it was before.
    ///
    /// # Errors
    /// There is no such account, it is the keeper's own, it is the last of those that look after accounts, it cannot be what is asked for, or
    /// that cannot be accounted for.
    pub(crate) fn assign(&self, accounts: &Accounts, name: &str, assigned: Assigned<'_>) -> Result<(), Error> {
        if self.principal.name() == name {
            return Err(Wrong::Own.into());
        }
        accounts.change(|all| {
            let had = keeps(all);
            let account = all.iter_mut().find(|account| account.name == name).ok_or(Wrong::Unknown)?;
            let becomes = assigned.to(account, &self.hub.definitions)?;
            let of = becomes.department.as_ref().map(|code| format!("@{code}")).unwrap_or_default();
            let told = format!("account assigned: {name} as {}{of}", becomes.role);
            account.becomes(becomes);
            if had && !keeps(all) {
                return Err(Wrong::Last.into());
            }
            Ok(self.hub.audit().event("account", self.principal, self.purpose, &told, clock::now_ms())?)
        })
    }

    /// Writes into the audit who changes which account, before it is changed.
    ///
    /// # Errors
    /// It cannot be written; then nothing is changed.
    pub(crate) fn account_for(&self, name: &str, what: &str) -> Result<(), Error> {
        // What is no name of an account is not written down.
        let of = if Account::is_name(name) { name } else { "?" };
        let now = clock::now_ms();
        Ok(self.hub.audit().event("account", self.principal, self.purpose, &format!("{what}: {of}"), now)?)
    }
}

/// Whether somebody can look after accounts, and comes in whatever becomes of a provider.
fn keeps(all: &[Account]) -> bool {
    all.iter().any(|account| account.role == ADMIN && !account.disabled && account.sign_in() == SignIn::Password)
}

fn made(definitions: &Definitions, New { name, role, department, area, purposes, sign_in }: New<'_>) -> Result<Account, Error> {
    let departments = &definitions.departments;
    if let Some(code) = department.filter(|code| departments.department(code).is_none()) {
        let codes = departments.list.iter().map(|known| known.code.as_str());
        return Err(Wrong::Department { name: code.to_owned(), hint: wuwei_schema::nearest(code, codes) }.into());
    }
    if area.is_some() && department.is_none() {
        return Err(Wrong::Area.into());
    }
    let mut account = Account::new(name, role, department, clock::now())?;
    if sign_in == SignIn::Oidc {
        account.hand_over();
    }
    account.area = area.map(str::to_owned);
    let principal = account.principal()?;
    let today = clock::today();
    let known: Vec<&str> = definitions.policies.purposes_of(&principal, &today).map(|(purpose, _)| purpose).collect();
    if purposes.iter().any(|purpose| !known.contains(&purpose.as_str())) {
        let hint = if known.is_empty() { "none is".to_owned() } else { format!("these are: {}", known.join(", ")) };
        return Err(Wrong::Purpose { hint }.into());
    }
    account.purposes = purposes.to_vec();
    Ok(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_is_found_by_its_name() {
        assert!(Change::ALL.into_iter().all(|change| Change::named(change.name()) == Some(change)));
        assert_eq!(Change::named("remove"), None);
    }

    #[test]
    fn what_is_not_said_of_an_account_stays_and_nothing_widens_by_itself() {
        let definitions = Definitions::carried().unwrap();
        let mut li = Account::new("li", "case_worker", Some("mz"), String::new()).unwrap();
        (li.area, li.purposes) = (Some("990101001".to_owned()), vec!["低保核对".to_owned()]);
        let to = |assigned: Assigned<'_>| assigned.to(&li, &definitions).map_err(|error| error.to_string());
        let same = to(Assigned::default()).unwrap();
        assert_eq!((&same.role, &same.department, &same.area, &same.purposes), (&li.role, &li.department, &li.area, &li.purposes));
        let liaison = Assigned { role: Some("liaison"), ..Assigned::default() };
        assert!(to(liaison).unwrap_err().contains("not registered"), "one that may state a purpose does not come to state all");
        let all = to(Assigned { purposes: Some(&[]), ..liaison }).unwrap();
        assert_eq!((all.role.as_str(), all.area.as_deref(), all.purposes.len()), ("liaison", Some("990101001"), 0));
        assert!(to(Assigned { department: Some(""), ..Assigned::default() }).unwrap_err().contains("an area is one of a department"));
        assert!(to(Assigned { department: Some("xx"), ..Assigned::default() }).unwrap_err().contains("no department `xx`"));
        assert!(to(Assigned { role: Some("king"), ..Assigned::default() }).unwrap_err().contains("no such role"));
    }

    #[test]
    fn a_hub_is_kept_by_an_open_account_of_that_role() {
        let mut all = vec![Account::new("li", "case_worker", Some("mz"), String::new()).unwrap()];
        assert!(!keeps(&all));
        all.push(Account::new("admin", ADMIN, None, String::new()).unwrap());
        assert!(keeps(&all));
        let mut outside = all[1].clone();
        outside.hand_over();
        assert!(!keeps(&[outside]), "nobody is left to let others in when the provider is down");
        all[1].disabled = true;
        assert!(!keeps(&all));
    }
}
