//! How often one account asks, over all wires together: a bucket each, filled at a steady rate and as large as a minute of it, so that a program
//! in a loop is asked to come again before it keeps anybody waiting. How much is asked at a time is the turnstile's.

use super::problem::{Code, Problem};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// What a request takes of a bucket, which gets for each millisecond what an account may make of them in a minute.
const REQUEST: i64 = 60_000;
/// Buckets that are kept; when there are more, those that are full go, which is as if they had never been.
const KEPT: usize = 10_000;

#[derive(Debug)]
pub(crate) struct Rates {
    /// Requests a minute; none where there is no bound.
    a_minute: Option<i64>,
    buckets: Mutex<HashMap<String, Bucket>>,
}

/// What an account may still take, as it was when it asked last.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    level: i64,
    at_ms: i64,
}

impl Bucket {
    /// The same, now.
    fn filled(self, a_minute: i64, now_ms: i64) -> Bucket {
        let since = (now_ms - self.at_ms).max(0);
        Bucket { level: self.level.saturating_add(since.saturating_mul(a_minute)).min(a_minute * REQUEST), at_ms: now_ms }
    }
}

impl Rates {
    /// So many requests a minute for each account; of nought there is no bound.
    pub(super) fn new(a_minute: u32) -> Rates {
        Rates { a_minute: (a_minute > 0).then_some(i64::from(a_minute)), buckets: Mutex::default() }
    }

    /// Counts a request of an account.
    ///
    /// # Errors
    /// It makes too many, with when it may come again.
    pub(super) fn count(&self, account: &str, now_ms: i64) -> Result<(), Problem> {
        let Some(a_minute) = self.a_minute else { return Ok(()) };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= KEPT {
            buckets.retain(|_, bucket| bucket.filled(a_minute, now_ms).level < a_minute * REQUEST);
        }
        let full = Bucket { level: a_minute * REQUEST, at_ms: now_ms };
        let bucket = buckets.entry(account.to_owned()).or_insert(full);
        *bucket = bucket.filled(a_minute, now_ms);
        if bucket.level < REQUEST {
            let wait_ms = (REQUEST - bucket.level) / a_minute + 1;
            let seconds = u32::try_from(wait_ms / 1_000 + 1).unwrap_or(60);
            return Err(Problem::later(Code::TooOften, seconds, "ask for more at a time, and less often"));
        }
        bucket.level -= REQUEST;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_too_often_waits_a_while_and_nobody_else_does() {
        let rates = Rates::new(60);
        assert!((0..60).all(|at| rates.count("li", at).is_ok()));
        let refused = rates.count("li", 60).unwrap_err();
        assert_eq!(refused.code, Code::TooOften);
        assert!(rates.count("wu", 60).is_ok());
        assert!(rates.count("li", 1_100).is_ok() && rates.count("li", 1_100).is_err(), "one a second");
        assert!((0..60).all(|_| rates.count("li", 200_000).is_ok()), "a minute's worth is saved up");
        assert!(rates.count("li", 200_000).is_err(), "and no more");
        assert!(rates.count("li", 100_000).is_err(), "a clock that goes back gives none");
        let unbound = Rates::new(0);
        assert!((0..100_000).all(|_| unbound.count("li", 0).is_ok()));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let rates = Rates::new(60);
        (0..KEPT + 50).for_each(|at| rates.count(&at.to_string(), i64::try_from(at).unwrap() * 1_000).unwrap());
        assert!(rates.buckets.lock().unwrap().len() < KEPT / 2);
        assert!(rates.count("li", 0).is_ok());
    }
}
