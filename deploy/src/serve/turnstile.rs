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
    by_account: Mutex<HashMap<String, usize>>,
}

/// Leave to ask, until it is dropped.
#[derive(Debug)]
pub(crate) struct Pass {
    _place: OwnedSemaphorePermit,
    _running: Counted,
    _of_account: OfAccount,
}

impl Turnstile {
    /// One for so many at a time.
    pub(super) fn new(running: usize) -> Turnstile {
        Turnstile { places: Arc::new(Semaphore::new(running)), patience: PATIENCE, counts: Arc::default() }
    }

    /// Waits for leave.
    ///
    /// # Errors
    /// Too many wait, or the account has too many questions, or it takes too long.
    pub(crate) async fn enter(&self, account: &str) -> Result<Pass, Problem> {
        let of_account = OfAccount::count(&self.counts, account)?;
        let place = match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => place,
            Err(_) => self.wait().await?,
        };
        let running = Counted::more(&self.counts, |counts| &counts.running);
        Ok(Pass { _place: place, _running: running, _of_account: of_account })
    }

    /// Questions that run, and that wait.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.counts.running.load(Ordering::Relaxed), self.counts.waiting.load(Ordering::Relaxed))
    }

    async fn wait(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let waiting = Counted::more(&self.counts, |counts| &counts.waiting);
        if self.counts.waiting.load(Ordering::Relaxed) > WAITING {
            return Err(busy("too many questions wait already"));
        }
        let place = timeout(self.patience, Arc::clone(&self.places).acquire_owned()).await;
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
    fn count(counts: &Arc<Counts>, account: &str) -> Result<OfAccount, Problem> {
        let mut all = counts.by_account.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.entry(account.to_owned()).or_default();
        if *count >= OF_ONE {
            return Err(busy("this account asks too much at a time"));
        }
        *count += 1;
        Ok(OfAccount { counts: Arc::clone(counts), account: account.to_owned() })
    }
}

impl Drop for OfAccount {
    fn drop(&mut self) {
        let mut all = self.counts.by_account.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
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
        let first = turnstile.enter("li").await.unwrap();
        assert_eq!(turnstile.enter("wu").await.unwrap_err().code, Code::Busy, "after its patience");
        assert_eq!(turnstile.counts(), (1, 0));
        let turnstile = Turnstile { patience: PATIENCE, ..turnstile };
        let second = async { turnstile.enter("wu").await.map(drop) };
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
            all.push(turnstile.enter("li").await.unwrap());
        }
        assert!(turnstile.enter("li").await.is_err());
        assert!(turnstile.enter("wu").await.is_ok());
        all.clear();
        assert!(turnstile.enter("li").await.is_ok());
    }
}
