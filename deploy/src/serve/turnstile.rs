//! How much is asked at a time: so many questions run, some wait a while, the rest are asked to come again. Memory is bounded by it.

use super::problem::{Code, Problem};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// Questions that wait.
const WAITING: usize = 128;
/// Questions of one account, running and waiting.
const OF_ONE: usize = 32;
/// How long one waits.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(crate) struct Turnstile {
    places: Arc<Semaphore>,
    patience: Duration,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    running: AtomicUsize,
    waiting: AtomicUsize,
    by_account: Mutex<HashMap<String, OfOne>>,
}

/// The questions of one account.
#[derive(Debug)]
struct OfOne {
    count: usize,
    places: Arc<Semaphore>,
}

/// Leave to ask, until it is dropped.
#[derive(Debug)]
pub(crate) struct Pass {
    _own: OwnedSemaphorePermit,
    _place: OwnedSemaphorePermit,
    _running: Counted,
    _of_account: OfAccount,
}

impl Turnstile {
    /// One for so many at a time.
    pub(super) fn new(running: usize) -> Turnstile {
        Turnstile { places: Arc::new(Semaphore::new(running)), patience: PATIENCE, counts: Arc::default() }
    }

    /// Waits for leave. Of one account so many run at a time as its role may have.
    ///
    /// # Errors
    /// Too many wait, or the account has too many questions, or it takes too long.
    pub(crate) async fn enter(&self, account: &str, at_a_time: Option<usize>) -> Result<Pass, Problem> {
        let (of_account, own) = OfAccount::count(&self.counts, account, at_a_time.unwrap_or(OF_ONE))?;
        // The account's own place first: who waits for that keeps nobody else from one.
        let own = self.place(&own).await?;
        let place = self.place(&self.places).await?;
        let running = Counted::more(&self.counts, |counts| &counts.running);
        Ok(Pass { _own: own, _place: place, _running: running, _of_account: of_account })
    }

    async fn place(&self, places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Problem> {
        match Arc::clone(places).try_acquire_owned() {
            Ok(place) => Ok(place),
            Err(_) => self.wait(places).await,
        }
    }

    /// Questions that run, and that wait.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.counts.running.load(Ordering::Relaxed), self.counts.waiting.load(Ordering::Relaxed))
    }

    async fn wait(&self, places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Problem> {
        let waiting = Counted::more(&self.counts, |counts| &counts.waiting);
        if self.counts.waiting.load(Ordering::Relaxed) > WAITING {
            return Err(busy("too many questions wait already"));
        }
        let place = timeout(self.patience, Arc::clone(places).acquire_owned()).await;
        drop(waiting);
        match place {
            Ok(Ok(place)) => Ok(place),
            _ => Err(busy("the questions before it took too long")),
        }
    }
}

fn busy(why: &str) -> Problem {
    Problem::later(Code::Busy, 2, why)
}

/// Counted until it is dropped.
#[derive(Debug)]
struct Counted {
    counts: Arc<Counts>,
    which: fn(&Counts) -> &AtomicUsize,
}

impl Counted {
    fn more(counts: &Arc<Counts>, which: fn(&Counts) -> &AtomicUsize) -> Counted {
        which(counts).fetch_add(1, Ordering::Relaxed);
        Counted { counts: Arc::clone(counts), which }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        (self.which)(&self.counts).fetch_sub(1, Ordering::Relaxed);
    }
}

/// One question of an account, until it is dropped.
#[derive(Debug)]
struct OfAccount {
    counts: Arc<Counts>,
    account: String,
}

impl OfAccount {
    /// Counts one, and says where it has its place.
    fn count(counts: &Arc<Counts>, account: &str, at_a_time: usize) -> Result<(OfAccount, Arc<Semaphore>), Problem> {
        let mut all = counts.by_account.lock().unwrap_or_else(PoisonError::into_inner);
        let none = || OfOne { count: 0, places: Arc::new(Semaphore::new(at_a_time.min(OF_ONE))) };
        let own = all.entry(account.to_owned()).or_insert_with(none);
        if own.count >= OF_ONE {
            return Err(busy("this account asks too much at a time"));
        }
        own.count += 1;
        Ok((OfAccount { counts: Arc::clone(counts), account: account.to_owned() }, Arc::clone(&own.places)))
    }
}

impl Drop for OfAccount {
    fn drop(&mut self) {
        let mut all = self.counts.by_account.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = all.get_mut(&self.account) {
            own.count -= 1;
            if own.count == 0 {
                all.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn some_run_some_wait_and_one_that_waits_too_long_is_asked_to_come_again() {
        let turnstile = Turnstile { patience: Duration::from_millis(20), ..Turnstile::new(1) };
        let first = turnstile.enter("li", None).await.unwrap();
        assert_eq!(turnstile.enter("wu", None).await.unwrap_err().code, Code::Busy, "after its patience");
        assert_eq!(turnstile.counts(), (1, 0));
        let turnstile = Turnstile { patience: PATIENCE, ..turnstile };
        let second = async { turnstile.enter("wu", None).await.map(drop) };
        let leaves = async {
            tokio::task::yield_now().await;
            assert_eq!(turnstile.counts(), (1, 1));
            drop(first);
        };
        assert!(tokio::join!(second, leaves).0.is_ok());
        assert_eq!(turnstile.counts(), (0, 0));
    }

    #[tokio::test]
    async fn one_account_does_not_take_all_places() {
        let turnstile = Turnstile::new(100);
        let mut all = Vec::new();
        for _ in 0..OF_ONE {
            all.push(turnstile.enter("li", None).await.unwrap());
        }
        assert!(turnstile.enter("li", None).await.is_err());
        assert!(turnstile.enter("wu", None).await.is_ok());
        all.clear();
        assert!(turnstile.enter("li", None).await.is_ok());
    }

    #[tokio::test]
    async fn a_role_s_accounts_run_no_more_at_a_time_than_it_may() {
        let turnstile = Turnstile { patience: Duration::from_millis(20), ..Turnstile::new(3) };
        let first = turnstile.enter("li", Some(1)).await.unwrap();
        assert_eq!(turnstile.enter("li", Some(1)).await.unwrap_err().code, Code::Busy, "though there are places");
        assert!(turnstile.enter("wu", Some(1)).await.is_ok());
        drop(first);
        assert!(turnstile.enter("li", Some(1)).await.is_ok());
    }
}
