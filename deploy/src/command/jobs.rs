//! `wuwei jobs`: what was loaded or refused, and why.

use crate::{
    Error,
    cli::Common,
    jobs::{Job, Jobs, Outcome},
    output,
};
use serde::Serialize;

#[derive(Serialize)]
struct Listed {
    jobs: Vec<Job>,
}

pub(super) fn run(common: &Common) -> Result<(), Error> {
    let listed_jobs = Listed { jobs: Jobs::of(&common.data).all()? };
    output::print(common, &listed_jobs, |all| listed(&all.jobs))
}

/// Jobs as a table.
pub(super) fn listed(jobs: &[Job]) -> String {
    let row = |job: &Job| {
        let outcome = match job.outcome {
            Outcome::Published => "published",
            Outcome::Unchanged => "unchanged",
            Outcome::Late => "late",
            Outcome::Refused => "refused",
        };
        let why = job.reason.clone().unwrap_or_default();
        let counts = [job.read, job.accepted, job.new, job.retired, job.rejected, job.skipped].map(|count| count.to_string());
        let [read, accepted, new, retired, rejected, skipped] = counts;
        let extract = job.extract.clone().unwrap_or_default();
        vec![job.job.to_string(), job.file.clone(), extract, outcome.to_owned(), read, accepted, new, retired, rejected, skipped, why]
    };
    let headings = ["job", "file", "extract", "outcome", "read", "accepted", "new", "retired", "rejected", "skipped", "why"];
    output::table(&headings, &jobs.iter().map(row).collect::<Vec<_>>())
}
