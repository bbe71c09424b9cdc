//! Ways to the provider that were begun and have not come back. Each has a state, a nonce and a verifier of 256 random bits of its own, is good for
//! one way back within ten minutes, and only for the browser that holds its cookie. Their number is bounded, in all and of one address.

use super::Failure;
use crate::{
    Error,
    account::token::{hexadecimal, random},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

/// Milliseconds that a way there and back may take.
pub(super) const LASTS_MS: i64 = 600_000;
/// Ways that are kept, and of one address: many may come by one proxy.
const MOST: usize = 4096;
const OF_ONE: usize = 1024;

type Hash = [u8; 32];

/// What is kept of a way until it comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Begun {
    /// What the token has to say.
    pub(super) nonce: String,
    /// What proves at the provider that who asks for the token is who left (RFC 7636).
    pub(super) verifier: String,
    /// Where somebody wanted to go.
    pub(super) next: String,
    browser: Hash,
    address: IpAddr,
    at_ms: i64,
}

/// What goes along: to the provider, and into the browser.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) challenge: String,
    pub(super) cookie: String,
}

#[derive(Debug, Default)]
pub(super) struct Waiting(Mutex<HashMap<Hash, Begun>>);

impl Waiting {
    /// Begins one.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub(super) fn begin(&self, next: &str, address: IpAddr, now_ms: i64) -> Result<Ticket, Error> {
        let [state, nonce, verifier, cookie] = [secret()?, secret()?, secret()?, secret()?];
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        let begun = Begun { nonce: nonce.clone(), verifier, next: next.to_owned(), browser: hash(&cookie), address, at_ms: now_ms };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, begun| begun.lasts(now_ms));
        while all.values().filter(|begun| begun.address == address).count() >= OF_ONE {
            drop_oldest(&mut all, |begun| begun.address == address);
        }
        while all.len() >= MOST {
            drop_oldest(&mut all, |_| true);
        }
        all.insert(hash(&state), begun);
        Ok(Ticket { state, nonce, challenge, cookie })
    }

    /// Ends the one of that state, whatever comes of it.
    ///
    /// # Errors
    /// There is none, it took too long, or another browser began it.
    pub(super) fn take(&self, state: &str, cookie: Option<&str>, now_ms: i64) -> Result<Begun, Failure> {
        let begun = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&hash(state));
        let is_its = |begun: &Begun| begun.lasts(now_ms) && cookie.is_some_and(|cookie| hash(cookie) == begun.browser);
        begun.filter(is_its).ok_or(Failure::Stale)
    }
}

impl Begun {
    fn lasts(&self, now_ms: i64) -> bool {
        (0..LASTS_MS).contains(&(now_ms - self.at_ms))
    }
}

fn drop_oldest(all: &mut HashMap<Hash, Begun>, of: impl Fn(&Begun) -> bool) {
    let oldest = all.iter().filter(|(_, begun)| of(begun)).min_by_key(|(_, begun)| begun.at_ms).map(|(hash, _)| *hash);
    if let Some(hash) = oldest {
        all.remove(&hash);
    }
}

fn secret() -> Result<String, Error> {
    Ok(hexadecimal(&random::<32>()?))
}

fn hash(text: &str) -> Hash {
    Sha256::digest(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn a_way_comes_back_once_to_its_own_browser_and_in_time() {
        let waiting = Waiting::default();
        let begin = || waiting.begin("/tables", HERE, 1_000).unwrap();
        let one = begin();
        let begun = waiting.take(&one.state, Some(&one.cookie), 2_000).unwrap();
        assert_eq!((begun.next.as_str(), begun.nonce.as_str()), ("/tables", one.nonce.as_str()));
        assert_eq!(BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&begun.verifier)), one.challenge);
        assert!((43..=128).contains(&begun.verifier.len()), "RFC 7636, 4.1");
        assert!(waiting.take(&one.state, Some(&one.cookie), 2_000).is_err(), "once");
        let (two, three) = (begin(), begin());
        assert!(waiting.take(&two.state, Some(&three.cookie), 2_000).is_err(), "another browser");
        assert!(waiting.take(&two.state, Some(&two.cookie), 2_000).is_err(), "and it is over by that");
        assert!(waiting.take(&three.state, None, 2_000).is_err(), "no browser of ours");
        let late = begin();
        assert!(waiting.take(&late.state, Some(&late.cookie), 1_000 + LASTS_MS).is_err());
        assert!(waiting.take("guessed", Some(&late.cookie), 2_000).is_err());
    }

    #[test]
    fn who_begins_many_pushes_out_their_own() {
        let waiting = Waiting::default();
        let other = waiting.begin("/", IpAddr::from([127, 0, 0, 2]), 0).unwrap();
        let first = waiting.begin("/", HERE, 1).unwrap();
        for at in 0..OF_ONE {
            waiting.begin("/", HERE, 2 + i64::try_from(at).unwrap()).unwrap();
        }
        assert!(waiting.take(&first.state, Some(&first.cookie), 9_999).is_err());
        assert!(waiting.take(&other.state, Some(&other.cookie), 9_999).is_ok());
        assert!(waiting.0.lock().unwrap().len() <= MOST);
    }
}
