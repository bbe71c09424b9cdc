//! The whole flow: file → tables → who is who → what is tied to what, as a table and as a graph → index. Each step reads one epoch and publishes
//! the next, whole or not at all; each after the first is a function of table versions and can be run again from nothing.

mod anew;
mod graph;
mod held;
mod identify;
mod index;
mod kept;
mod land;
mod past;
mod stages;
mod unchanged;

pub(crate) use graph::{open as open_graph, verify as verify_graph};
pub(crate) use index::{Build, index};
pub(crate) use kept::Learning;
pub(crate) use land::Landing;
pub(crate) use past::times;
pub(crate) use stages::{Linked, Resolved, Stage, State, link, resolve};

use crate::{Error, hub::Hub, output};
use serde::Serialize;
use std::collections::BTreeMap;

/// What became of each stage, by its name.
pub(crate) type Stages = BTreeMap<&'static str, State>;

/// Runs every stage that is out of date, in order.
///
/// # Errors
/// A stage failed; what was published before it stays.
pub(crate) async fn refresh(hub: &mut Hub) -> Result<Stages, Error> {
    let bar = output::progress(3, "refresh");
    let begins = |stage: Stage| {
        bar.set_message(stage.name());
        bar.inc(1);
        Ok(())
    };
    let stages = refresh_telling(hub, begins).await?;
    bar.finish_and_clear();
    Ok(stages)
}

/// The same, and tells before each stage; who is told may end it there.
///
/// # Errors
/// As [`refresh`], or whoever is told ends it.
pub(crate) async fn refresh_telling(hub: &mut Hub, mut begins: impl FnMut(Stage) -> Result<(), Error>) -> Result<Stages, Error> {
    let mut stages = Stages::new();
    for stage in [Stage::Resolve, Stage::Link, Stage::Index] {
        begins(stage)?;
        stages.insert(stage.name(), stages::run(hub, stage).await?);
    }
    Ok(stages)
}

/// Rows of several files together.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Account {
    /// Files handed in.
    pub(crate) files: usize,
    /// Of which published now.
    pub(crate) published: usize,
    /// Of which refused.
    pub(crate) refused: usize,
    /// Rows read.
    pub(crate) read: u64,
    /// Rows that became records.
    pub(crate) accepted: u64,
    /// Of which new: the others are held just so, are older than what is held, or only say that something is no more.
    pub(crate) new: u64,
    /// Rows held before that stand no more.
    pub(crate) retired: u64,
    /// Rows refused.
    pub(crate) rejected: u64,
    /// Blank rows, totals and remarks.
    pub(crate) skipped: u64,
}

impl Account {
    /// The account of these jobs.
    pub(crate) fn of(jobs: &[crate::jobs::Job]) -> Account {
        let mut account = Account { files: jobs.len(), ..Account::default() };
        for job in jobs {
            account.published += usize::from(job.outcome == crate::jobs::Outcome::Published);
            account.refused += usize::from(job.outcome == crate::jobs::Outcome::Refused);
            account.read += job.read;
            account.accepted += job.accepted;
            account.new += job.new;
            account.retired += job.retired;
            account.rejected += job.rejected;
            account.skipped += job.skipped;
        }
        account
    }
}
