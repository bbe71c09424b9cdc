//! What is kept for a client between two of its calls: tickets, which are good once, and prepared statements. Each is found by a handle of 128
//! random bits, by its owner alone; it lasts a while, and of each owner there are so many.

use crate::{
    account::token::random,
    clock,
    serve::problem::{Code, Problem},
};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// Things that are kept of all owners.
const MOST: usize = 8192;
/// Things of one owner's account, each as large as a message at most.
const OF_ONE: usize = 64;

/// What a thing is found by, with its owner.
pub(super) type Handle = [u8; 16];

/// Whose it is: an account, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) account: String,
    /// None where nothing of the hub is asked for.
    pub(super) purpose: Option<String>,
}

/// Things that are kept.
#[derive(Debug)]
pub(super) struct Kept<T> {
    lasts_ms: i64,
    all: Mutex<HashMap<Handle, Entry<T>>>,
}

#[derive(Debug)]
struct Entry<T> {
    owner: Owner,
    /// Until when, in milliseconds since 1970-01-01 UTC.
    until: i64,
    what: T,
}

impl<T: Clone> Kept<T> {
    /// Nothing yet; each thing lasts so long after it was last used.
    pub(super) fn new(lasts_ms: i64) -> Kept<T> {
        Kept { lasts_ms, all: Mutex::default() }
    }

    /// Keeps a thing for its owner.
    ///
    /// # Errors
    /// There are too many, or the system gives no random bytes.
    pub(super) fn put(&self, owner: Owner, what: T) -> Result<Handle, Problem> {
        self.put_at(owner, what, clock::now_ms())
    }

    fn put_at(&self, owner: Owner, what: T, now: i64) -> Result<Handle, Problem> {
        let handle = random()?;
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, entry| now < entry.until);
        if all.len() >= MOST || all.values().filter(|entry| entry.owner.account == owner.account).count() >= OF_ONE {
            return Err(Problem::later(Code::Busy, 60, "fetch what was asked for, and close prepared statements"));
        }
        all.insert(handle, Entry { owner, until: now + self.lasts_ms, what });
        Ok(handle)
    }

    /// Takes a thing away, for its owner; another's handle is as if it were none, and stays.
    pub(super) fn take(&self, owner: &Owner, handle: &[u8]) -> Option<T> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let handle = Handle::try_from(handle).ok()?;
        all.get(&handle).filter(|entry| entry.is_of(owner, clock::now_ms()))?;
        all.remove(&handle).map(|entry| entry.what)
    }

    /// A thing of its owner's, which lasts from now on.
    pub(super) fn find(&self, owner: &Owner, handle: &[u8]) -> Option<T> {
        self.change(owner, handle, |what| what.clone())
    }

    /// Changes a thing of its owner's; none when there is none.
    pub(super) fn change<R>(&self, owner: &Owner, handle: &[u8], change: impl FnOnce(&mut T) -> R) -> Option<R> {
        let (mut all, now) = (self.all.lock().unwrap_or_else(PoisonError::into_inner), clock::now_ms());
        let entry = all.get_mut(&Handle::try_from(handle).ok()?).filter(|entry| entry.is_of(owner, now))?;
        entry.until = now + self.lasts_ms;
        Some(change(&mut entry.what))
    }
}

impl<T> Entry<T> {
    fn is_of(&self, owner: &Owner, now: i64) -> bool {
        self.owner == *owner && now < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(account: &str, purpose: &str) -> Owner {
        Owner { account: account.to_owned(), purpose: Some(purpose.to_owned()) }
    }

    #[test]
    fn a_ticket_is_its_owner_s_once_and_for_a_while() {
        let (tickets, li) = (Kept::new(1_000), owner("li", "低保核对"));
        let handle = tickets.put(li.clone(), 7).unwrap();
        for other in [owner("wu", "低保核对"), owner("li", "统计"), Owner { purpose: None, ..li.clone() }] {
            assert_eq!(tickets.take(&other, &handle), None, "{other:?}");
        }
        assert_eq!(tickets.take(&li, b"short"), None);
        assert_eq!((tickets.take(&li, &handle), tickets.take(&li, &handle)), (Some(7), None), "once");
        let old = tickets.put_at(li.clone(), 8, clock::now_ms() - 1_001).unwrap();
        assert_eq!(tickets.take(&li, &old), None, "it lasted a second");
    }

    #[test]
    fn one_account_has_so_many_and_others_have_theirs() {
        let kept = Kept::new(60_000);
        let handles: Vec<Handle> = (0..OF_ONE).map(|at| kept.put(owner("li", "统计"), at).unwrap()).collect();
        assert_eq!(kept.put(owner("li", "低保核对"), 0).unwrap_err().code, Code::Busy, "whatever for");
        assert!(kept.put(owner("wu", "统计"), 0).is_ok());
        assert_eq!(kept.take(&owner("li", "统计"), &handles[3]), Some(3));
        assert!(kept.put(owner("li", "统计"), 0).is_ok());
    }
}
