//! Which connections there are, so that a client can have its question given up from another one: by the key that it was given.

use crate::account::token::random;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use subtle::ConstantTimeEq as _;
use tokio::sync::Notify;

type Keys = HashMap<u32, (u32, Arc<Notify>)>;

/// The connections that there are.
#[derive(Debug, Default)]
pub(super) struct Running(Arc<Mutex<Keys>>);

/// One of them, until it is dropped.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) process: u32,
    pub(super) secret: u32,
    /// Whoever waits for it is told when a question is to be given up.
    pub(super) told: Arc<Notify>,
    all: Arc<Mutex<Keys>>,
}

impl Running {
    /// A key for one more; none when the system gives no random bytes.
    pub(super) fn key(&self) -> Option<Key> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let secret = u32::from_be_bytes(random().ok()?);
        let mut process = u32::from_be_bytes(random().ok()?) >> 1;
        while all.contains_key(&process) {
            process = u32::from_be_bytes(random().ok()?) >> 1;
        }
        let told = Arc::new(Notify::new());
        all.insert(process, (secret, Arc::clone(&told)));
        Some(Key { process, secret, told, all: Arc::clone(&self.0) })
    }

    /// Has the question of that connection given up, if the secret is its own. Nothing is told of either.
    pub(super) fn cancel(&self, process: u32, secret: u32) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, told)) = all.get(&process)
            && bool::from(known.ct_eq(&secret))
        {
            told.notify_waiters();
        }
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.process);
    }
}
