//! What a process that reads a stranger's file takes from itself before it opens it: memory, time, files, the network. Each as far as the
//! system can; what it could not take is said, and `doctor` shows it. No file is opened here to be read, and nothing is given back.

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, PathBeneath, PathFd, Ruleset, RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _,
    RulesetError, RulesetStatus, Scope,
};
use rlimit::Resource;
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

/// How far a process is confined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Confinement {
    /// Limits that the system refused to set.
    pub(crate) unset: Vec<String>,
    /// What Landlock holds: `whole`, `partly`, `not`.
    pub(crate) landlock: String,
}

/// Confines this process to the limits and to reading that one file, with the memo file of a table beside it. What is taken cannot be taken back.
pub(super) fn confine(limits: &Limits, file: &Path) -> Confinement {
    let memory = limits.memory_mb.saturating_mul(1 << 20);
    let taken = [
        // Counts what is written to, be it on the heap or mapped; the whole address space would count the program itself as well.
        ("memory", Resource::DATA, memory, memory),
        // At the first the process is told, which ends it with a signal of its own; at the second it is killed.
        ("processor time", Resource::CPU, limits.seconds, limits.seconds.saturating_add(2)),
        ("core dumps", Resource::CORE, 0, 0),
        ("size of files written", Resource::FSIZE, 0, 0),
        ("open files", Resource::NOFILE, OPEN_FILES, OPEN_FILES),
    ];
    let refused = taken.into_iter().filter(|(_, resource, soft, hard)| lower(*resource, *soft, *hard).is_err());
    let unset = refused.map(|(name, ..)| name.to_owned()).collect();
    let landlock = match only_reading(file) {
        Ok(RulesetStatus::FullyEnforced) => "whole",
        Ok(RulesetStatus::PartiallyEnforced) => "partly",
        Ok(RulesetStatus::NotEnforced) | Err(_) => "not",
    };
    Confinement { unset, landlock: landlock.to_owned() }
}

/// The three standard ones, the file a few times over, and the rules.
const OPEN_FILES: u64 = 16;

/// A limit may be lowered by anybody and raised by nobody.
fn lower(resource: Resource, soft: u64, hard: u64) -> std::io::Result<()> {
    let (_, most) = resource.get()?;
    resource.set(soft.min(most), hard.min(most))
}

/// From here on the process may read the file, and its memos, and do nothing else with any file, connect to nothing, and signal nobody.
fn only_reading(file: &Path) -> Result<RulesetStatus, RulesetError> {
    let newest = ABI::V6;
    let rules = Ruleset::default()
        .handle_access(AccessFs::from_all(newest))?
        .handle_access(AccessNet::from_all(newest))?
        .scope(Scope::from_all(newest))?
        .create()?;
    // A file that is not there is told by whoever opens it.
    let files = std::iter::once(file.to_owned()).chain(memo_beside(file)).filter_map(|file| PathFd::new(file).ok());
    let rules = files.map(|file| PathBeneath::new(file, AccessFs::ReadFile)).try_fold(rules, RulesetCreated::add_rule)?;
    Ok(rules.restrict_self()?.ruleset)
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
