//! `wuwei ingest`: loads files, folders of files and archives of files, each file whole or not at all.

use super::jobs::listed;
use crate::{
    Error,
    cli::{Common, LimitArgs},
    given::{Given, Inbox, Next, Room, files},
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
    let jobs = each(hub, &mut inbox, |step| match step {
        Step::Begins { given, all } => {
            bar.set_length(all as u64);
            bar.set_message(given.name.clone());
        }
        Step::Ended { given, job } => {
            if job.outcome == Outcome::Refused {
                let called = if job.file == given.name { given.called.display().to_string() } else { job.file.clone() };
                let why = job.reason.as_deref().unwrap_or_default();
                bar.suspend(|| output::note(&format!("{}: {why}", output::one_line(&called))));
            }
            bar.inc(1);
        }
    });
    let jobs = jobs.await?;
    bar.finish_and_clear();
    Ok(Loaded { ingest: Account::of(&jobs), jobs })
}

/// What happens while files are loaded.
#[derive(Debug)]
pub(crate) enum Step<'a> {
    /// One is read, of so many that are known by now.
    Begins { given: &'a Given, all: usize },
    /// What became of one; parts of a delivery with the last of them.
    Ended { given: &'a Given, job: &'a Job },
}

/// Loads what is in the inbox, file by file, and tells.
pub(crate) async fn each(hub: &mut Hub, inbox: &mut Inbox<'_>, mut told: impl FnMut(Step<'_>)) -> Result<Vec<Job>, Error> {
    let (mut jobs, mut landing) = (Vec::new(), Landing::default());
    hub.jobs.are_of(inbox.department());
    while let Some((given, next)) = inbox.next().await? {
        told(Step::Begins { given: &given, all: jobs.len() + 1 + inbox.waiting() });
        let worker = match next {
            Next::File(worker) => Ok(*worker),
            Next::Refused(error) => Err(error),
            Next::Archive(_) => continue,
        };
        let has_more = inbox.continues(&given);
        for job in landing.file(hub, given.name.clone(), worker, has_more).await? {
            told(Step::Ended { given: &given, job: &job });
            jobs.push(job);
        }
    }
    jobs.extend(landing.end(hub)?);
    Ok(jobs)
}

fn text(loaded: &Loaded) -> String {
    let Account { files, published, refused, read, accepted, new, retired, rejected, skipped } = &loaded.ingest;
    format!(
        "{}\n{files} files: {published} published, {refused} refused\n{read} read = {accepted} accepted + {rejected} rejected + {skipped} skipped\n\
         {new} rows are new, {retired} held before stand no more",
        listed(&loaded.jobs)
    )
}
