//! Log-ins that failed, lately: who fails too often is not listened to for a while. A right token always comes in, so nobody locks out a
//! program by failing in its name.

use super::problem::{Code, Problem};
use crate::clock;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

/// Failures within [`WINDOW_MS`] of one address for one name; of all addresses for one name; of one address.
const OF_BOTH: u32 = 10;
const OF_NAME: u32 = 50;
const OF_ADDRESS: u32 = 60;
const WINDOW_MS: i64 = 60_000;
/// Keys that are kept; when there are more, those that are over go.
const KEYS: usize = 10_000;

/// What failures are counted by. A name is as it was typed, whether there is such an account or not.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Both(IpAddr, String),
    Name(String),
    Address(IpAddr),
}

impl Key {
    fn most(&self) -> u32 {
        match self {
            Key::Both(..) => OF_BOTH,
            Key::Name(_) => OF_NAME,
            Key::Address(_) => OF_ADDRESS,
        }
    }
}

/// Failures by key: since when, and how many.
#[derive(Debug, Default)]
pub(crate) struct Logins(Mutex<HashMap<Key, (i64, u32)>>);

impl Logins {
    /// Whether somebody may try.
    ///
    /// # Errors
    /// Too many failed.
    pub(crate) fn may_try(&self, address: IpAddr, name: Option<&str>) -> Result<(), Problem> {
        let (failed, now) = (self.0.lock().unwrap_or_else(PoisonError::into_inner), clock::now_ms());
        let is_over = |key: &Key| failed.get(key).is_some_and(|(since, count)| now - since < WINDOW_MS && *count >= key.most());
        match keys(address, name).iter().any(is_over) {
            true => Err(Problem::later(Code::TooManyFailures, 60, "check the authorization, then wait")),
            false => Ok(()),
        }
    }

    /// Counts a failure.
    pub(super) fn failed(&self, address: IpAddr, name: Option<&str>) {
        let (mut failed, now) = (self.0.lock().unwrap_or_else(PoisonError::into_inner), clock::now_ms());
        if failed.len() > KEYS {
            failed.retain(|_, (since, _)| now - *since < WINDOW_MS);
        }
        for key in keys(address, name) {
            let count = failed.entry(key).or_insert((now, 0));
            *count = if now - count.0 < WINDOW_MS { (count.0, count.1.saturating_add(1)) } else { (now, 1) };
        }
    }
}

fn keys(address: IpAddr, name: Option<&str>) -> Vec<Key> {
    let of_name = name.into_iter().flat_map(|name| [Key::Both(address, name.to_owned()), Key::Name(name.to_owned())]);
    of_name.chain([Key::Address(address)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_fails_too_often_waits_and_nobody_else_does() {
        let (logins, here, there) = (Logins::default(), IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        for _ in 0..OF_BOTH {
            assert!(logins.may_try(here, Some("li")).is_ok());
            logins.failed(here, Some("li"));
        }
        assert_eq!(logins.may_try(here, Some("li")).unwrap_err().code, Code::TooManyFailures);
        assert!(logins.may_try(there, Some("li")).is_ok() && logins.may_try(here, Some("wu")).is_ok());
        (0..OF_ADDRESS).for_each(|at| logins.failed(here, Some(&at.to_string())));
        assert!(logins.may_try(here, Some("wu")).is_err(), "nor does who tries all names");
    }
}
