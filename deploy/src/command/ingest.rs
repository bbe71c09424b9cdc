//! `wuwei ingest`: loads files, folders of files and archives of files, each file whole or not at all.

use super::jobs::listed;
use crate::{
    Error,
    cli::{Common, LimitArgs},
    given::{Inbox, Next, Room, files},
    hub::Hub,
    jobs::{Job, Outcome},
    output,
    pipeline::{Account, Landing},
};
use serde::Serialize;
use std::{path::PathBuf, sync::Arc};
use wuwei_ingest::Hint;

/// What became of files handed in together.
#[derive(Debug, Serialize)]
pub(crate) struct Loaded {
    pub(crate) ingest: Account,
    pub(crate) jobs: Vec<Job>,
}

pub(super) async fn run(common: &Common, paths: &[PathBuf], hint: &Hint, limits: LimitArgs) -> Result<(), Error> {
    let mut hub = Hub::open(common, "ingest").await?;
    // Whoever acts for a department hands in what is its own.
    let own = hub.department().map(str::to_owned);
    if own.is_some() && hint.department.is_some() && hint.department != own {
        return Err(Error::asked("a file of another department is not yours to hand in", "leave --department out"));
    }
    let hint = Hint { department: own.or_else(|| hint.department.clone()), ..hint.clone() };
    let loaded = load(&mut hub, &files(paths)?, &hint, limits).await?;
    output::print(common, &loaded, text)?;
    loaded.complete()
}

impl Loaded {
    /// An error when a file was refused.
    pub(super) fn complete(&self) -> Result<(), Error> {
        match self.ingest.refused {
            0 => Ok(()),
            refused => Err(Error::Refused { refused, all: self.ingest.files }),
        }
    }
}

/// Loads each file; one that is refused does not keep the others out.
pub(crate) async fn load(hub: &mut Hub, files: &[PathBuf], hint: &Hint, limits: LimitArgs) -> Result<Loaded, Error> {
    let definitions = Arc::clone(&hub.definitions);
    let mut inbox = Inbox::new(&definitions, files, hint, limits, Room::Hub(hub.spill().to_owned()));
    let bar = output::progress(inbox.waiting(), "ingest");
    let (mut jobs, mut landing) = (Vec::with_capacity(files.len()), Landing::default());
    while let Some((given, next)) = inbox.next().await? {
        bar.set_length((jobs.len() + 1 + inbox.waiting()) as u64);
        bar.set_message(given.name.clone());
        let worker = match next {
            Next::File(worker) => Ok(*worker),
            Next::Refused(error) => Err(error),
            Next::Archive(_) => continue,
        };
        let has_more = inbox.continues(&given);
        for job in landing.file(hub, given.name.clone(), worker, has_more).await? {
            if job.outcome == Outcome::Refused {
                let called = if job.file == given.name { given.called.display().to_string() } else { job.file.clone() };
                let why = job.reason.as_deref().unwrap_or_default();
                bar.suspend(|| output::note(&format!("{}: {why}", output::one_line(&called))));
            }
            jobs.push(job);
            bar.inc(1);
        }
    }
    jobs.extend(landing.end(hub)?);
    bar.finish_and_clear();
    Ok(Loaded { ingest: Account::of(&jobs), jobs })
}

fn text(loaded: &Loaded) -> String {
    let Account { files, published, refused, read, accepted, new, retired, rejected, skipped } = &loaded.ingest;
    format!(
        "{}\n{files} files: {published} published, {refused} refused\n{read} read = {accepted} accepted + {rejected} rejected + {skipped} skipped\n\
         {new} rows are new, {retired} held before stand no more",
        listed(&loaded.jobs)
    )
}
