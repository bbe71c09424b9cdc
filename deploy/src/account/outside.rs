//! Accounts whose owner is known by the word of a provider. Who may come in is made here all the same, with role and department; the provider says
//! no more than who comes. Whom it means by an account is settled at the first sign-in, and whoever has the same name there later is somebody else.
//! Such an account has no password. Kept is a hash of whom the provider means: its number there may be one of a person.

use super::{Account, Accounts, Wrong, token::hexadecimal};
use crate::Error;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// By what the owner of an account proves who they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SignIn {
    /// A password of the account's own.
    #[default]
    Password,
    /// The word of the provider that `serve --oidc` is given.
    Oidc,
}

impl SignIn {
    /// The one of that name.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn named(name: &str) -> Result<SignIn, Error> {
        match name {
            "password" => Ok(SignIn::Password),
            "oidc" => Ok(SignIn::Oidc),
            _ => Err(Wrong::SignIn.into()),
        }
    }
}

/// What is kept of an account that the provider knows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Outside {
    /// Whom it means; none before the first sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<Subject>,
}

/// Somebody whom a provider means, as SHA-256 of both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Subject(String);

impl Subject {
    /// Whom that provider means by its number.
    pub(crate) fn of(issuer: &str, number: &str) -> Subject {
        // With its length, so that no other provider and number are the same bytes.
        Subject(hexadecimal(&Sha256::digest(format!("{} {issuer} {number}", issuer.len()))))
    }
}

impl Account {
    pub(crate) fn sign_in(&self) -> SignIn {
        if self.outside.is_some() { SignIn::Oidc } else { SignIn::Password }
    }

    /// Whether it is settled whom the provider means by it.
    pub(crate) fn is_bound(&self) -> bool {
        self.outside.as_ref().is_some_and(|outside| outside.subject.is_some())
    }

    fn is_of(&self, subject: &Subject) -> bool {
        self.outside.as_ref().is_some_and(|outside| outside.subject.as_ref() == Some(subject))
    }

    /// Lets the provider say who comes: it has no password any more, its sessions are over, and whom the provider means is settled anew. What was
    /// made by somebody whom it meant before, tokens and a second factor, is theirs and ends.
    pub(crate) fn hand_over(&mut self) {
        if self.is_bound() {
            self.tokens.clear();
            self.forget_second();
        }
        (self.password, self.keys, self.one_time) = (None, None, false);
        self.outside = Some(Outside::default());
        self.sign_out();
    }
}

/// The account of somebody whom the provider means, or else the one of that name if it is nobody's yet.
fn whose<'a>(all: &'a [Account], subject: &Subject, name: Option<&str>) -> Option<&'a Account> {
    let is_free = |account: &&Account| account.sign_in() == SignIn::Oidc && !account.is_bound() && Some(account.name.as_str()) == name;
    let found = all.iter().find(|account| account.is_of(subject)).or_else(|| all.iter().find(is_free));
    found.filter(|account| !account.disabled)
}

impl Accounts {
    /// The open account of somebody whom the provider means and calls so. The first time it is bound to them, once `account_for` was called.
    ///
    /// # Errors
    /// As [`Accounts::change`]; or it is not accounted for.
    pub(crate) fn of_subject(
        &self,
        subject: &Subject,
        name: Option<&str>,
        account_for: impl FnOnce(&Account) -> Result<(), Error>,
    ) -> Result<Option<Account>, Error> {
        match whose(&self.all()?, subject, name) {
            Some(account) if !account.is_bound() => {}
            known => return Ok(known.cloned()),
        }
        self.change(|all| {
            // Somebody else may have come first.
            let Some(account) = whose(all, subject, name).cloned() else { return Ok(None) };
            account_for(&account)?;
            let bound = all.iter_mut().find(|known| known.name == account.name);
            Ok(bound.map(|account| {
                account.outside = Some(Outside { subject: Some(subject.clone()) });
                account.clone()
            }))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    const ISSUER: &str = "https://sso.county.example";

    #[test]
    fn an_account_is_bound_at_the_first_sign_in_and_then_to_nobody_else() {
        let root = tempfile::tempdir().unwrap();
        let accounts = Accounts::of(root.path()).unwrap();
        let mut li = Account::new("li", "case_worker", Some("mz"), String::new()).unwrap();
        li.hand_over();
        assert_eq!(accounts.add(li, || Ok(())).unwrap(), None, "it has no password");
        assert!(accounts.add(Account::new("wu", "auditor", None, String::new()).unwrap(), || Ok(())).unwrap().is_some());
        let told = Cell::new(0);
        let come = |number: &str, name: Option<&str>| {
            let account_for = |_: &Account| {
                told.set(told.get() + 1);
                Ok(())
            };
            accounts.of_subject(&Subject::of(ISSUER, number), name, account_for).unwrap().map(|account| account.name)
        };
        assert_eq!(come("7", Some("wu")), None, "an account with a password is nobody's there");
        assert_eq!((come("7", Some("Li")), come("7", None), told.get()), (None, None, 0));
        assert_eq!((come("7", Some("li")).as_deref(), told.get()), (Some("li"), 1));
        assert_eq!((come("7", Some("another")).as_deref(), told.get()), (Some("li"), 1), "whoever it is keeps it under another name");
        assert_eq!(come("8", Some("li")), None, "whoever has the name now is somebody else");
        let kept = std::fs::read_to_string(root.path().join("accounts/accounts.json")).unwrap();
        assert!(!kept.contains(ISSUER) && kept.contains("\"subject\""));
        let close = |account: &mut Account| {
            account.disabled = true;
            Ok(())
        };
        accounts.change_one("li", close).unwrap();
        assert_eq!(come("7", Some("li")), None, "it is closed");
    }

    #[test]
    fn an_account_is_handed_over_and_taken_back() {
        let mut li = Account::new("li", "case_worker", Some("mz"), String::new()).unwrap();
        li.reset().unwrap();
        let before = li.mark();
        li.hand_over();
        assert!(li.hashed().is_none() && li.keys.is_none() && !li.one_time && li.mark() != before);
        assert!(li.set_password("four words of mine").is_err());
        li.outside = Some(Outside { subject: Some(Subject::of(ISSUER, "7")) });
        assert!(li.is_bound());
        li.hand_over();
        assert!(!li.is_bound(), "whom the provider means is settled anew");
        li.reset().unwrap();
        assert!(li.sign_in() == SignIn::Password && li.one_time);
    }

    #[test]
    fn two_providers_mean_two_people() {
        assert_ne!(Subject::of("https://a", "b c"), Subject::of("https://a b", "c"));
    }
}
