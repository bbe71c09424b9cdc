//! What a process takes from itself before it does what could break it: memory, time, files, the network. Each as far as the system can;
//! what it could not take is said, and `doctor` shows it. No file is opened here to be read, and nothing is given back.

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, PathBeneath, PathFd, Ruleset, RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _,
    RulesetError, RulesetStatus, Scope,
};
use rlimit::Resource;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What a process keeps.
#[derive(Debug)]
pub(crate) struct Bounds<'a> {
    /// Bytes of memory that it may write to.
    pub(crate) memory_bytes: u64,
    /// Seconds of the processor; none where somebody else has an eye on the clock.
    pub(crate) seconds: Option<u64>,
    /// The longest file that it may write.
    pub(crate) file_bytes: u64,
    /// Files that it may have open.
    pub(crate) open_files: u64,
    /// Files and folders that it may read. One that is not there is told by whoever opens it.
    pub(crate) read: &'a [PathBuf],
    /// The one folder that it may write to.
    pub(crate) write: Option<&'a Path>,
}

/// How far a process is confined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Confinement {
    /// Limits that the system refused to set.
    pub(crate) unset: Vec<String>,
    /// What Landlock holds: `whole`, `partly`, `not`.
    pub(crate) landlock: String,
}

/// Confines this process: from here on it does nothing with any other file, connects to nothing, and signals nobody. What is taken cannot
/// be taken back. It holds for the thread that calls, and those that are started after.
pub(crate) fn confine(bounds: &Bounds<'_>) -> Confinement {
    let seconds = bounds.seconds.unwrap_or(u64::MAX);
    let taken = [
        // Counts what is written to, be it on the heap or mapped; the whole address space would count the program itself as well.
        ("memory", Resource::DATA, bounds.memory_bytes, bounds.memory_bytes),
        // At the first the process is told, which ends it with a signal of its own; at the second it is killed.
        ("processor time", Resource::CPU, seconds, seconds.saturating_add(2)),
        ("core dumps", Resource::CORE, 0, 0),
        ("size of files written", Resource::FSIZE, bounds.file_bytes, bounds.file_bytes),
        ("open files", Resource::NOFILE, bounds.open_files, bounds.open_files),
    ];
    let refused = taken.into_iter().filter(|(_, resource, soft, hard)| lower(*resource, *soft, *hard).is_err());
    let unset = refused.map(|(name, ..)| name.to_owned()).collect();
    let landlock = match only(bounds) {
        Ok(RulesetStatus::FullyEnforced) => "whole",
        Ok(RulesetStatus::PartiallyEnforced) => "partly",
        Ok(RulesetStatus::NotEnforced) | Err(_) => "not",
    };
    Confinement { unset, landlock: landlock.to_owned() }
}

/// A limit may be lowered by anybody and raised by nobody.
fn lower(resource: Resource, soft: u64, hard: u64) -> std::io::Result<()> {
    let (_, most) = resource.get()?;
    resource.set(soft.min(most), hard.min(most))
}

fn only(bounds: &Bounds<'_>) -> Result<RulesetStatus, RulesetError> {
    let newest = ABI::V6;
    let rules = Ruleset::default()
        .handle_access(AccessFs::from_all(newest))?
        .handle_access(AccessNet::from_all(newest))?
        .scope(Scope::from_all(newest))?
        .create()?;
    let read = bounds.read.iter().map(|path| {
        let access = if path.is_dir() { AccessFs::ReadFile | AccessFs::ReadDir } else { AccessFs::ReadFile.into() };
        (path.as_path(), access)
    });
    let write = bounds.write.map(|path| (path, AccessFs::from_all(newest) & !AccessFs::Execute));
    let mut opened = read.chain(write).filter_map(|(path, access)| Some(PathBeneath::new(PathFd::new(path).ok()?, access)));
    let rules = opened.try_fold(rules, RulesetCreated::add_rule)?;
    Ok(rules.restrict_self()?.ruleset)
}
