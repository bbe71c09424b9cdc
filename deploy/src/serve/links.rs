//! Links by which the accounts of a demo come in, each once and within half an hour: whoever starts a demo is all of its people, and has six
//! passwords to choose otherwise. A link is 256 random bits, kept in memory as their SHA-256 and nowhere else. Only a hub whose people are
//! invented has any.

use crate::{
    Error,
    account::token::{hexadecimal, random},
    clock,
};
use sha2::{Digest as _, Sha256};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// How long one may be used.
pub(crate) const MINUTES: i64 = 30;

/// Accounts by the hash of their links, with when that is over.
#[derive(Debug, Default)]
pub(crate) struct Links(Mutex<HashMap<[u8; 32], (String, i64)>>);

impl Links {
    /// Makes one, and gives what stands in it.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub(super) fn make(&self, account: &str) -> Result<String, Error> {
        let word = hexadecimal(&random::<32>()?);
        let until = clock::now_ms() + MINUTES * 60_000;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(Sha256::digest(&word).into(), (account.to_owned(), until));
        Ok(word)
    }

    /// Whose it is.
    pub(crate) fn whose(&self, word: &str) -> Option<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lasting(all.get::<[u8; 32]>(&Sha256::digest(word).into()).cloned(), clock::now_ms())
    }

    /// The same, and uses it up.
    pub(crate) fn take(&self, word: &str) -> Option<String> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lasting(all.remove::<[u8; 32]>(&Sha256::digest(word).into()), clock::now_ms())
    }
}

fn lasting(found: Option<(String, i64)>, now: i64) -> Option<String> {
    found.filter(|(_, until)| now < *until).map(|(account, _)| account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_good_once_and_soon() {
        let links = Links::default();
        let (li, wu) = (links.make("li").unwrap(), links.make("wu").unwrap());
        assert_eq!(
            (li.len(), links.whose(&li).as_deref(), links.whose(&li).as_deref()),
            (64, Some("li"), Some("li")),
            "a look uses nothing up"
        );
        assert_eq!((links.take(&li).as_deref(), links.take(&li), links.whose(&li)), (Some("li"), None, None));
        assert_eq!((links.take("guessed"), links.take(&wu).as_deref()), (None, Some("wu")));
        assert_eq!(lasting(Some(("li".to_owned(), 7)), 7), None, "and is over by itself");
    }
}
