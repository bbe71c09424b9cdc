//! Questions of others are planned and run in processes of their own: one that freezes the planner, overflows its stack or takes all memory
//! ends that process, is one failed question, and harms nobody else's. Who may ask what, and what is written down of it, is decided and done
//! at the door, by the process that waits ([`wuwei_query::Elsewhere`]): a process that a question has taken over can write no account, reach
//! no other folder and say nothing that is not checked.
//!
//! The program starts itself with a hidden verb. Over the new process's standard input goes the [`Setup`], then question after question;
//! over its standard output come, in [frames](frame), how it is confined, that it is ready, what a question reads, its columns, its rows, or
//! why there are none. It works by the definitions of whoever started it, at that one's epoch, reads the tables, the graph and the accounts, and writes
//! to a folder of its own what memory does not hold. One is kept [ready](pool), since to open a hub takes longer than most questions.

mod answerer;
mod child;
mod frame;
mod pool;
mod question;

pub use child::run;
pub(crate) use pool::{Answerers, Counts};

use crate::{
    confined::limit::{self, Bounds, Confinement},
    definitions::{Rules, Written},
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use wuwei_query::{Epoch, Limits};

/// What a process answers from, by which definitions, within which limits.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Setup {
    /// The hub's folder.
    pub(crate) root: PathBuf,
    pub(crate) epoch: Epoch,
    pub(crate) written: Written,
    pub(crate) rules: Rules,
    /// Of any question.
    pub(crate) limits: Limits,
    /// Where it puts what memory does not hold; each process has its own.
    pub(crate) spill: PathBuf,
}

/// What a process has for itself, in bytes: definitions, tables' logs and footers, whom to keep back, rows on their way. Of what one of a
/// small hub holds when it is ready it is five times as much (measured in an unoptimised build).
const HEADROOM: u64 = 512 << 20;

/// Files that one may have open: those of tables, and what sorts spill.
const OPEN_FILES: u64 = 4096;

/// Confines this process. What questions take besides what their pool counts may be half as much again; the pool is what they are told of.
fn confine(setup: &Setup) -> Confinement {
    let pool = setup.limits.memory_bytes as u64;
    // How many processors there are is asked of the system again and again.
    let system = ["/proc/self", "/sys/fs/cgroup"].map(PathBuf::from);
    let read: Vec<PathBuf> =
        ["tables", "graph", "index", "audit"].map(|folder| setup.root.join(folder)).into_iter().chain(system).collect();
    limit::confine(&Bounds {
        memory_bytes: wuwei_query::stacks_bytes() + HEADROOM + pool + pool / 2,
        seconds: None,
        file_bytes: setup.limits.spill_bytes,
        open_files: OPEN_FILES,
        read: &read,
        write: Some(&setup.spill),
    })
}
