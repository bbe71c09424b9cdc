//! Who may come in by an entrance: local accounts with a role, a password, a second factor and tokens, in one file of the hub. Secrets are
//! only here as what cannot be turned back into them, or sealed. What an account may see is for policies, how it proves itself over a wire for
//! `serve`.

pub(crate) mod keeping;
pub(crate) mod outside;
pub(crate) mod password;
pub(crate) mod queries;
pub(crate) mod scram;
pub(crate) mod second;
mod store;
pub(crate) mod token;
pub(crate) mod totp;
mod wrong;

use crate::{Error, clock};
use outside::{Outside, SignIn};
use scram::Keys;
use second::Second;
use serde::{Deserialize, Serialize};
pub(crate) use store::Accounts;
pub(crate) use store::put;
use token::Token;
pub(crate) use wrong::Wrong;
use wuwei_query::Principal;

/// What an account may be. What each may see, the policies say.
pub(crate) const ROLES: [&str; 7] = ["engineer", "liaison", "case_worker", "reviewer", "analyst", "auditor", "admin"];

/// The role that looks after accounts, and the name of the first account of a hub.
pub(crate) const ADMIN: &str = "admin";

/// Longest name, in characters.
const NAME_LENGTH: usize = 64;

/// One account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Account {
    /// As the audit shows it.
    pub(crate) name: String,
    /// One of [`ROLES`].
    pub(crate) role: String,
    /// Code of the department that it acts for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) department: Option<String>,
    /// The beginning of the addresses that it answers for, within its department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) area: Option<String>,
    /// The purposes that it may state; when empty, all that are registered for its role and department.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) purposes: Vec<String>,
    /// When it was made, RFC 3339.
    pub(crate) made: String,
    /// Whether it is closed.
    #[serde(default)]
    pub(crate) disabled: bool,
    /// How often its sessions were ended.
    #[serde(default)]
    sign_outs: u32,
    /// Whom the provider knows it as, when that says who comes; it has no password then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outside: Option<Outside>,
    /// Whether the provider vouched for a second factor, in the session for which this is a copy.
    #[serde(skip)]
    pub(crate) vouched: bool,
    /// Its second factor, and the secret of one that is being set up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    second: Option<Second>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pending: Option<String>,
    /// Argon2id, as a PHC string; none when there is no password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    /// The same password for PostgreSQL's clients; none when it was set before there were such keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keys: Option<Keys>,
    /// Under which salt, in hexadecimal digits, its keys are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    salt: Option<String>,
    /// Whether the password was given out by the program, and is good for nothing but to set another.
    #[serde(default)]
    pub(crate) one_time: bool,
    /// Its tokens.
    #[serde(default)]
    pub(crate) tokens: Vec<Token>,
}

/// What of an account may be shown.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) department: Option<String>,
    pub(crate) area: Option<String>,
    pub(crate) purposes: Vec<String>,
    pub(crate) made: String,
    pub(crate) disabled: bool,
    pub(crate) one_time: bool,
    pub(crate) sign_in: SignIn,
    /// Whether the provider's word was taken once, and whose is settled.
    pub(crate) bound: bool,
    pub(crate) second_factor: bool,
    pub(crate) recovery_codes: usize,
    pub(crate) tokens: Vec<ShownToken>,
}

/// What of a token may be shown.
#[derive(Debug, Serialize)]
pub(crate) struct ShownToken {
    pub(crate) id: String,
    pub(crate) label: String,
    /// The day from which on it holds no more, ISO 8601.
    pub(crate) expires: String,
}

/// By what somebody proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Proven {
    Password,
    /// A token, by its number.
    Token(String),
}

/// Tokens that an account may have.
const TOKENS: usize = 100;

impl Account {
    /// Whether it can be the name of one.
    pub(crate) fn is_name(name: &str) -> bool {
        let plain = |character: char| character.is_alphanumeric() || "._-".contains(character);
        // The program's own name is in the audit for what it does itself.
        !name.is_empty() && name.chars().count() <= NAME_LENGTH && name.chars().all(plain) && name != "wuwei"
    }

    /// An account without a password.
    ///
    /// # Errors
    /// The name or the role cannot be one.
    pub(crate) fn new(name: &str, role: &str, department: Option<&str>, made: String) -> Result<Account, Error> {
        if !Account::is_name(name) {
            return Err(Wrong::Name.into());
        }
        if !ROLES.contains(&role) {
            return Err(Wrong::Role.into());
        }
        Ok(Account {
            name: name.to_owned(),
            role: role.to_owned(),
            department: department.map(str::to_owned),
            area: None,
            purposes: Vec::new(),
            made,
            disabled: false,
            sign_outs: 0,
            outside: None,
            vouched: false,
            second: None,
            pending: None,
            password: None,
            keys: None,
            salt: None,
            one_time: false,
            tokens: Vec::new(),
        })
    }

    /// Gives it a password that the program thought of, for its owner to change; it is shown once and kept nowhere. From then on that is how
    /// it comes in.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub(crate) fn reset(&mut self) -> Result<String, Error> {
        let password = password::invent()?;
        self.password = Some(password::hash(&password)?);
        self.keys = Some(Keys::of(&password, &self.salted()?));
        self.outside = None;
        self.one_time = true;
        Ok(password)
    }

    /// Sets the password that its owner chose.
    ///
    /// # Errors
    /// It is too short or too long, or it is the provider that says who comes.
    pub(crate) fn set_password(&mut self, chosen: &str) -> Result<(), Error> {
        if self.sign_in() == SignIn::Oidc {
            return Err(Wrong::NoPassword.into());
        }
        password::check(chosen, &self.name)?;
        self.password = Some(password::hash(chosen)?);
        self.keys = Some(Keys::of(chosen, &self.salted()?));
        self.one_time = false;
        Ok(())
    }

    /// The salt of its keys, which is made with the first of them.
    fn salted(&mut self) -> Result<Vec<u8>, Error> {
        let salt = match self.salt.take() {
            Some(salt) => salt,
            None => scram::salt()?,
        };
        Ok(scram::bytes(self.salt.insert(salt)))
    }

    /// The salt that a client has to prove under; none when it has no keys.
    pub(crate) fn salt(&self) -> Option<Vec<u8>> {
        self.salt.as_deref().map(scram::bytes)
    }

    /// What a client may have proven: its password, or a token that holds, with the server's signature.
    pub(crate) fn proven(&self, said: &str, proof: &[u8], now_ms: i64) -> Option<(Proven, [u8; 32])> {
        let by_password = self.keys.as_ref().and_then(|keys| keys.signature(said, proof)).map(|signature| (Proven::Password, signature));
        let by_token = |token: &Token| Some((Proven::Token(token.id.clone()), token.keys.as_ref()?.signature(said, proof)?));
        self.tokens.iter().filter(|token| token.holds(now_ms)).filter_map(by_token).fold(by_password, |found, one| found.or(Some(one)))
    }

    /// Gives it a token, of which `shown` is what its owner was shown. Those that hold no more go.
    ///
    /// # Errors
    /// It has too many, or the system gives no random bytes.
    pub(crate) fn keep(&mut self, mut token: Token, shown: &str) -> Result<(), Error> {
        token.keys = Some(Keys::of(shown, &self.salted()?));
        let now = clock::now_ms();
        self.tokens.retain(|known| known.holds(now));
        if self.tokens.len() >= TOKENS {
            return Err(Wrong::Tokens.into());
        }
        self.tokens.push(token);
        Ok(())
    }

    /// Takes a token back, if it is there.
    pub(crate) fn forget(&mut self, id: &str) {
        self.tokens.retain(|token| token.id != id);
    }

    /// Without secrets.
    pub(crate) fn shown(&self) -> Shown {
        let token = |token: &Token| ShownToken { id: token.id.clone(), label: token.label.clone(), expires: clock::date(token.expires) };
        Shown {
            name: self.name.clone(),
            role: self.role.clone(),
            department: self.department.clone(),
            area: self.area.clone(),
            purposes: self.purposes.clone(),
            made: self.made.clone(),
            disabled: self.disabled,
            one_time: self.one_time,
            sign_in: self.sign_in(),
            bound: self.is_bound(),
            second_factor: self.has_second(),
            recovery_codes: self.recovery_left(),
            tokens: self.tokens.iter().map(token).collect(),
        }
    }

    /// The PHC string of its password.
    pub(crate) fn hashed(&self) -> Option<&str> {
        self.password.as_deref()
    }

    /// Whoever it is for the door: the one place where an account becomes a principal.
    ///
    /// # Errors
    /// The file of accounts was written by somebody else.
    pub(crate) fn principal(&self) -> Result<Principal, Error> {
        let area = self.area.as_ref().map(|area| format!("/{area}")).unwrap_or_default();
        let department = self.department.as_ref().map(|code| format!("@{code}{area}")).unwrap_or_default();
        Ok(Principal::parse(&format!("{}:{}{department}", self.role, self.name))?)
    }

    /// Whether it may state that purpose, if its role may.
    pub(crate) fn states(&self, purpose: &str) -> bool {
        self.purposes.is_empty() || self.purposes.iter().any(|known| known == purpose)
    }

    /// What changes when its sessions are over: with its password, or because they were ended.
    pub(crate) fn mark(&self) -> String {
        format!("{} {}", self.sign_outs, self.password.as_deref().unwrap_or_default())
    }

    /// Is what another is from now on, by what proves whose it is. Its sessions and tokens end.
    pub(crate) fn becomes(&mut self, other: Account) {
        (self.role, self.department, self.area, self.purposes) = (other.role, other.department, other.area, other.purposes);
        self.tokens.clear();
        self.sign_out();
    }

    /// Ends its sessions, wherever they are.
    pub(crate) fn sign_out(&mut self) {
        self.sign_outs = self.sign_outs.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_plain_and_nobody_is_the_program() {
        for wrong in ["", "wuwei", "a b", "a\nb", "a:b", "a@b", &"x".repeat(65)] {
            assert!(Account::new(wrong, "engineer", None, String::new()).is_err(), "{wrong:?}");
        }
        assert!(Account::new("li", "king", None, String::new()).is_err());
        let li = Account::new("李.wei-2", "case_worker", Some("mz"), String::new()).unwrap();
        let principal = li.principal().unwrap();
        assert_eq!((principal.role(), principal.name(), principal.department()), (Some("case_worker"), "李.wei-2", Some("mz")));
    }
}
