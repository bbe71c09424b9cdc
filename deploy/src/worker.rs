//! Files of others are read in a process of their own: a file that makes a reader need all memory, run for ever or break ends that process,
//! is one refused file, and harms nothing else. Who publishes what was read is not known here.
//!
//! The program starts itself with a hidden verb. Over the new process's standard input goes the [`Job`], later the first record number and what is held;
//! over its standard output comes, in [frames](frame), how it is [confined](crate::confined), how the file was [understood](Understanding), batches of
//! rows by table, and the account; or, of an archive, its files; or of what kind it is that it is not read, with one sentence. It has no environment, no other descriptor, and nothing to write to. What
//! comes from it is checked as if the file itself had written it: a reader that a file has taken over can say nothing worse than a
//! well-formed file could.

mod account;
mod child;
mod death;
mod frame;
mod limit;
mod parent;
mod watch;

pub use child::run;
pub(crate) use limit::Limits;
pub(crate) use parent::{Opened, Read, Reading, Worker};
pub(crate) use watch::Watch;

use crate::definitions::Written;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use wuwei_ingest::{Hint, Settled, Understood};

/// What the process is to read, by which definitions, within which limits.
#[derive(Debug, Serialize, Deserialize)]
struct Job {
    path: OsString,
    /// What sentences call it, where it was unpacked from an archive: then it is none itself.
    packed_as: Option<String>,
    /// What its rows call it.
    name: String,
    hint: Hint,
    written: Written,
    limits: Limits,
    task: Task,
    /// What somebody said of columns, where that is asked.
    settled: Settled,
}

/// What is asked of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Task {
    /// Its rows, by what is known of it.
    Read,
    /// What its columns are likely to be.
    Suggest,
}

/// Why the file is not read.
#[derive(Debug, Serialize, Deserialize)]
struct Refused {
    /// A name of [`crate::error::Kind`], where it has one.
    kind: Option<String>,
    sentence: String,
}

/// Whose the file is and how it is to be read.
#[derive(Debug, Serialize, Deserialize)]
struct Understanding {
    department: String,
    extract: String,
    batch: String,
    understood: Understood,
}
