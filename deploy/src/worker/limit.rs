//! What reading one file may cost, and what its reader may touch: the file, and the memo file of a table beside it.

use crate::confined::limit::{self, Bounds, Confinement};
use serde::{Deserialize, Serialize};
use std::{path::Path, time::Duration};
use wuwei_ingest::memo_beside;

/// What reading one file may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Limits {
    /// Memory in MiB.
    pub(crate) memory_mb: u64,
    /// Processor time in seconds.
    pub(crate) seconds: u64,
}

/// Enough for the largest workbook that is opened at all; text needs a hundredth.
pub(crate) const MEMORY_MB: u64 = 1024;

/// Processor time that every file has, in seconds; each MB of it adds [`SECONDS_A_MB`]. An unoptimised build takes a thirtieth of it.
const SECONDS: u64 = 60;
const SECONDS_A_MB: u64 = 10;

/// How much longer than its processor time a reader may keep its parent waiting: others use the machine as well.
const PATIENCE: u32 = 4;

impl Limits {
    /// For a file of so many bytes, where nobody said otherwise.
    pub(crate) fn of(bytes: u64, memory_mb: Option<u64>, seconds: Option<u64>) -> Limits {
        let by_size = SECONDS.saturating_add((bytes / 1_000_000).saturating_mul(SECONDS_A_MB));
        Limits { memory_mb: memory_mb.unwrap_or(MEMORY_MB), seconds: seconds.unwrap_or(by_size) }
    }

    /// How long the parent waits for a process that does nothing.
    pub(super) fn patience(&self) -> Duration {
        Duration::from_secs(self.seconds).saturating_mul(PATIENCE)
    }
}

/// The three standard ones, the file a few times over, and the rules.
const OPEN_FILES: u64 = 16;

/// Confines this process to the limits and to reading that one file.
pub(super) fn confine(limits: &Limits, file: &Path) -> Confinement {
    let read: Vec<_> = std::iter::once(file.to_owned()).chain(memo_beside(file)).collect();
    limit::confine(&Bounds {
        memory_bytes: limits.memory_mb.saturating_mul(1 << 20),
        seconds: Some(limits.seconds),
        file_bytes: 0,
        open_files: OPEN_FILES,
        read: &read,
        write: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_grows_with_the_file_and_what_was_asked_counts() {
        assert_eq!(Limits::of(0, None, None), Limits { memory_mb: 1024, seconds: 60 });
        assert_eq!(Limits::of(4_000_000_000, None, None).seconds, 40_060);
        assert_eq!(Limits::of(u64::MAX, Some(64), Some(1)), Limits { memory_mb: 64, seconds: 1 });
        assert!(Limits::of(u64::MAX, None, Some(u64::MAX)).patience() > Duration::from_secs(1));
    }
}
