//! Who knocks, and what for: from headers to an account, from an account to a principal with a purpose, and from that to a session. The
//! answer to who is not known is the same whatever is wrong, and takes as long.

use super::{
    State, factor,
    problem::{Code, Problem},
    turnstile::Pass,
    wire::Peer,
};
use crate::{
    account::{Account, password, token},
    clock,
    hub::Hub,
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use std::{fmt, net::IpAddr, sync::Arc};
use wuwei_query::{Principal, Purpose, Session};

/// The header that says what an answer is needed for, in UTF-8, also percent-encoded.
pub(crate) const PURPOSE: &str = "wuwei-purpose";
/// The header with a code of the second factor, beside name and password.
const CODE: &str = "wuwei-code";

/// How name and password are written: with `=` at the end, as RFC 7617 has it, or without, as gRPC's clients in Go do.
const BASIC: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// Over which wire somebody comes, and from where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whence {
    /// `http`, `console`, `postgres` or `flight`.
    pub(crate) wire: &'static str,
    pub(crate) address: IpAddr,
}

impl fmt::Display for Whence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.wire, self.address)
    }
}

/// Somebody who signed in at the console, as a request carries it that the console itself sends: nothing from outside does.
#[derive(Debug, Clone)]
pub(crate) struct Signed(pub(crate) Account);

/// Somebody who is known, if only by a one-time password.
#[derive(Debug)]
pub(super) struct Owner(pub(super) Known);

/// Somebody who is known by what they chose themselves.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(super) account: Account,
    /// Whether they gave their password, not a token.
    by_password: bool,
    whence: Whence,
    pub(super) state: Arc<State>,
}

impl Known {
    /// As the audit shows them, with whence they come.
    ///
    /// # Errors
    /// The account has a name that no principal has.
    pub(super) fn principal(&self) -> Result<Principal, Problem> {
        Ok(self.account.principal()?.at(&self.whence.to_string()))
    }

    /// Over which wire they come, and from where.
    pub(super) fn whence(&self) -> Whence {
        self.whence
    }

    /// Refuses who came by a token: whoever finds one must not make it last by it.
    ///
    /// # Errors
    /// They did.
    pub(super) fn by_password(&self) -> Result<(), Problem> {
        match self.by_password {
            true => Ok(()),
            false => Err(Problem::because(
                Code::Forbidden,
                "a token makes no token, and sets no password or second factor",
                "give name and password",
            )),
        }
    }
}

/// Somebody who is known, and may ask for what they say it is for.
#[derive(Debug, Clone)]
pub(crate) struct Asker {
    known: Known,
    purpose: Purpose,
}

/// Somebody whose turn it is, before the tables of one epoch.
#[derive(Debug)]
pub(crate) struct Asking {
    pub(crate) hub: Arc<Hub>,
    pub(crate) session: Session,
    _pass: Pass,
}

impl Asker {
    /// Somebody who proved by another wire who they are, with what they say it is for.
    pub(crate) fn of(state: &Arc<State>, account: Account, whence: Whence, purpose: Purpose) -> Asker {
        Asker { known: Known { account, by_password: false, whence, state: Arc::clone(state) }, purpose }
    }

    /// Turns to the newest epoch, so that whoever wrote is answered from what they wrote.
    ///
    /// # Errors
    /// It cannot be opened.
    pub(super) async fn turn(&self) -> Result<(), Problem> {
        Ok(self.known.state.turn().await?)
    }

    /// Waits for its turn, and opens the door to do what a verb of the program does.
    ///
    /// # Errors
    /// Too much is asked at a time, or the door cannot be opened.
    pub(crate) async fn enter(&self, verb: &str) -> Result<Asking, Problem> {
        self.counted()?;
        let (principal, _) = admitted(&self.known, &self.purpose)?;
        let at_a_time = self.known.state.hub().definitions.policies.allowed(&principal).running();
        let pass = self.known.state.turnstile.enter(&self.known.account.name, at_a_time).await?;
        let (hub, session) = self.opened(verb)?;
        Ok(Asking { session, hub, _pass: pass })
    }

    /// Counts that they ask, over whichever wire.
    fn counted(&self) -> Result<(), Problem> {
        self.known.state.rates.count(&self.known.account.name, clock::now_ms())
    }

    /// Opens the door for what asks no table, which waits for no turn.
    ///
    /// # Errors
    /// Too much is asked, or the door cannot be opened.
    pub(crate) fn admit(&self, verb: &str) -> Result<(Arc<Hub>, Session), Problem> {
        self.counted()?;
        self.opened(verb)
    }

    fn opened(&self, verb: &str) -> Result<(Arc<Hub>, Session), Problem> {
        let (principal, purpose) = admitted(&self.known, &self.purpose)?;
        let hub = self.known.state.hub();
        let session = hub.session_of(principal, purpose)?;
        session.may_run(verb, clock::now_ms())?;
        Ok((hub, session))
    }
}

impl Asker {
    /// Opens the door to do what a verb of the program does that asks no question of the tables, and so waits for no turn.
    ///
    /// # Errors
    /// The policies do not let them, or the door cannot be opened.
    pub(super) fn admitted(&self, verb: &str) -> Result<(Arc<Hub>, Session), Problem> {
        let (hub, session) = self.session()?;
        session.may_run(verb, clock::now_ms())?;
        Ok((hub, session))
    }

    /// The door, before it is asked what they may do.
    ///
    /// # Errors
    /// The account was not made for this purpose, or the door cannot be opened.
    pub(super) fn session(&self) -> Result<(Arc<Hub>, Session), Problem> {
        self.counted()?;
        let (principal, purpose) = admitted(&self.known, &self.purpose)?;
        let hub = self.known.state.hub();
        let session = hub.session_of(principal, purpose)?;
        Ok((hub, session))
    }

    /// The name of the account.
    pub(super) fn name(&self) -> &str {
        &self.known.account.name
    }

    /// The department that they act for.
    pub(super) fn department(&self) -> Option<&str> {
        self.known.account.department.as_deref()
    }

    pub(super) fn state(&self) -> &Arc<State> {
        &self.known.state
    }
}

/// The seam to the door: what an account with a purpose is there.
fn admitted(known: &Known, purpose: &Purpose) -> Result<(Principal, Purpose), Problem> {
    let principal = known.principal()?;
    if !known.account.states(purpose.as_str()) {
        known.state.hub().audit().event("open", &principal, purpose, "refused: purpose", clock::now_ms())?;
        let hint = "state one that it may, or have it made anew";
        return Err(Problem::because(Code::Forbidden, "the account was not made for this purpose", hint));
    }
    Ok((principal, purpose.clone()))
}

impl FromRequestParts<Arc<State>> for Owner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Result<Owner, Problem> {
        let address = parts.extensions.get::<Peer>().ok_or(Problem::new(Code::Internal))?.0;
        if let Some(Signed(account)) = parts.extensions.get::<Signed>() {
            let whence = Whence { wire: "console", address };
            return Ok(Owner(Known { account: account.clone(), by_password: true, whence, state: Arc::clone(state) }));
        }
        let whence = Whence { wire: "http", address };
        let (account, by_password) = authenticated(state, &parts.headers, whence).await?;
        if by_password && account.has_second() {
            let missing =
                || Problem::because(Code::SecondFactor, "the header `Wuwei-Code` is missing", "give a code that was not used, or a token");
            let code = parts.headers.get(CODE).and_then(|value| value.to_str().ok()).ok_or_else(missing)?;
            factor::passed(state, whence, &account, code).await?;
        }
        Ok(Owner(Known { account, by_password, whence, state: Arc::clone(state) }))
    }
}

impl FromRequestParts<Arc<State>> for Known {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Result<Known, Problem> {
        let Owner(known) = Owner::from_request_parts(parts, state).await?;
        if known.account.one_time {
            let hint = "PUT /api/v1/account/password with {\"password\": \"…\"} sets another";
            return Err(Problem::because(Code::OneTimePassword, "this password was given out by the program", hint));
        }
        if known.by_password && state.lacks_second(&known.account) {
            let hint = "POST /api/v1/account/second-factor sets one up, or the console does";
            return Err(Problem::because(Code::SecondFactor, "this role signs in with a second factor, and none is set up", hint));
        }
        Ok(known)
    }
}

impl FromRequestParts<Arc<State>> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Result<Asker, Problem> {
        let known = Known::from_request_parts(parts, state).await?;
        Ok(Asker { known, purpose: purpose(&parts.headers)? })
    }
}

/// What headers say that an answer is needed for.
///
/// # Errors
/// They do not.
pub(crate) fn purpose(headers: &HeaderMap) -> Result<Purpose, Problem> {
    let missing = || {
        Problem::because(
            Code::PurposeMissing,
            "the header `Wuwei-Purpose` is missing or unreadable",
            "say in a few words what the answer is needed for",
        )
    };
    let given = headers.get(PURPOSE).ok_or_else(missing)?;
    let text = unescaped(given.as_bytes()).and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(missing)?;
    Ok(Purpose::parse(&text)?)
}

/// Bytes with `%E4` taken for what it says: browsers send no other header in Chinese.
fn unescaped(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut found = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'%' {
            let digits = std::str::from_utf8(bytes.get(at + 1..at + 3)?).ok()?;
            found.push(u8::from_str_radix(digits, 16).ok()?);
            at += 3;
        } else {
            found.push(*byte);
            at += 1;
        }
    }
    Some(found)
}

/// Scheme, in small letters, and secret of the header `Authorization`.
///
/// # Errors
/// There is none.
pub(crate) fn authorization(headers: &HeaderMap) -> Result<(String, &str), Problem> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, secret) = given.and_then(|given| given.split_once(' ')).ok_or_else(|| Problem::new(Code::Unauthorized))?;
    Ok((scheme.to_ascii_lowercase(), secret.trim()))
}

/// The account behind the header `Authorization`, and whether by its password.
async fn authenticated(state: &State, headers: &HeaderMap, whence: Whence) -> Result<(Account, bool), Problem> {
    let (scheme, secret) = authorization(headers)?;
    match scheme.as_str() {
        "bearer" => Ok((by_token(state, whence, secret)?, false)),
        "basic" => Ok((by_password(state, whence, secret).await?, true)),
        _ => Err(Problem::new(Code::Unauthorized)),
    }
}

/// The account that has this token.
///
/// # Errors
/// None has.
pub(crate) fn by_token(state: &State, whence: Whence, typed: &str) -> Result<Account, Problem> {
    let (accounts, now) = (state.accounts.all()?, clock::now_ms());
    // A token's number is no secret; only whoever has its secret learns whether it is there.
    let owner = token::parts(typed).and_then(|(id, secret)| {
        let has = |account: &&Account| account.tokens.iter().any(|token| token.id == id && token.is(secret) && token.holds(now));
        accounts.iter().filter(|account| !account.disabled).find(has)
    });
    match owner {
        Some(account) => {
            // Somebody else may have made the token: what the password is worth is another matter.
            let mut account = account.clone();
            account.one_time = false;
            Ok(account)
        }
        None => Err(failed(state, whence, None, None)),
    }
}

/// The account whose name and password these are, as `basic` writes them.
///
/// # Errors
/// They are nobody's, or too many tried.
pub(crate) async fn by_password(state: &State, whence: Whence, encoded: &str) -> Result<Account, Problem> {
    let decoded = BASIC.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    match decoded.as_deref().and_then(|decoded| decoded.split_once(':')) {
        Some((name, typed)) => by_name(state, whence, name, typed).await,
        None => Err(failed(state, whence, None, None)),
    }
}

/// The account of that name, if that is its password.
///
/// # Errors
/// It is not, there is no such account, or too many tried.
pub(crate) async fn by_name(state: &State, whence: Whence, name: &str, typed: &str) -> Result<Account, Problem> {
    state.logins.may_try(whence.address, Some(name))?;
    let account = state.accounts.all()?.iter().find(|account| account.name == name && !account.disabled).cloned();
    let (hashed, typed) = (account.as_ref().and_then(|account| account.hashed().map(str::to_owned)), typed.to_owned());
    let place = state.hashing.acquire().await;
    let is_right = tokio::task::spawn_blocking(move || password::is_right(&typed, hashed.as_deref())).await;
    drop(place);
    match account {
        Some(account) if is_right.unwrap_or(false) => Ok(account),
        account => Err(failed(state, whence, Some(name), account.as_ref())),
    }
}

/// Counts and accounts for a log-in that failed. What was typed as a name may be a password: the audit names known accounts only.
pub(crate) fn failed(state: &State, whence: Whence, name: Option<&str>, account: Option<&Account>) -> Problem {
    failed_by(state, whence, name, account, if name.is_some() { "failed: password" } else { "failed: token" })
}

/// The same, by what it failed.
pub(crate) fn failed_by(state: &State, whence: Whence, name: Option<&str>, account: Option<&Account>, by: &str) -> Problem {
    let address = whence.address;
    if let Err(too_many) = state.logins.may_try(address, name) {
        return too_many;
    }
    state.logins.failed(address, name);
    state.metrics.login_failed();
    let principal = account.map_or_else(|| Ok(Principal::parse("unknown")?), Account::principal);
    let principal = principal.map(|principal| principal.at(&whence.to_string())).map_err(Problem::from);
    match principal.and_then(|principal| account_for(state, "login", &principal, by)) {
        Ok(()) => Problem::new(Code::Unauthorized),
        Err(problem) => problem,
    }
}

/// Writes into the audit what is no look at data.
///
/// # Errors
/// It cannot be written; then nothing is done.
pub(crate) fn account_for(state: &State, kind: &str, principal: &Principal, outcome: &str) -> Result<(), Problem> {
    Ok(state.hub().audit().event(kind, principal, &Purpose::parse("account")?, outcome, clock::now_ms())?)
}

#[cfg(test)]
mod tests;
