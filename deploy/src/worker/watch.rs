//! Somebody who waits for a file that is being read: how far it is, and that it is not wanted any more.

use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::watch;

/// How far the reading of a file is, and whether it goes on.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    rows: AtomicU64,
    stop: watch::Sender<bool>,
}

impl Watch {
    /// Rows that have come so far, those that were refused among them.
    pub(crate) fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    pub(super) fn count(&self, rows: usize) {
        self.rows.fetch_add(rows as u64, Ordering::Relaxed);
    }

    /// Ends the reading at the next word of its process.
    pub(crate) fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Whether somebody ended it.
    pub(crate) fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// Waits until somebody ends it, for ever if nobody does.
    pub(crate) async fn stopped(&self) {
        // The sender lives as long as this.
        drop(self.stop.subscribe().wait_for(|stop| *stop).await);
    }
}
