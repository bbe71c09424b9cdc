//! `wuwei ingest`: loads files and folders of files, each whole or not at all.

use super::jobs::listed;
use crate::{
    Error,
    cli::{Common, LimitArgs},
    hub::Hub,
    jobs::{Job, Outcome},
    output,
    pipeline::{self, Account},
    worker::Worker,
};
use serde::Serialize;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use wuwei_ingest::Hint;

/// What became of files handed in together.
#[derive(Debug, Serialize)]
pub(super) struct Loaded {
    pub(super) ingest: Account,
    pub(super) jobs: Vec<Job>,
}

pub(super) async fn run(common: &Common, paths: &[PathBuf], hint: &Hint, limits: LimitArgs) -> Result<(), Error> {
    let mut hub = Hub::open(common).await?;
    let loaded = load(&mut hub, &files(paths)?, hint, limits).await?;
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
pub(super) async fn load(hub: &mut Hub, files: &[PathBuf], hint: &Hint, limits: LimitArgs) -> Result<Loaded, Error> {
    let definitions = Arc::clone(&hub.definitions);
    let bar = output::progress(files.len(), "ingest");
    let mut jobs = Vec::with_capacity(files.len());
    let start = |file: &PathBuf| Worker::start(&definitions, file, hint, limits);
    let mut next = files.first().map(start);
    for (at, file) in files.iter().enumerate() {
        bar.set_message(pipeline::name_of(file));
        // The file after this one is looked at while this one is written down.
        let after = files.get(at + 1).map(start);
        let Some(worker) = std::mem::replace(&mut next, after).transpose()? else { break };
        let job = pipeline::ingest(hub, worker).await?;
        if job.outcome == Outcome::Refused {
            bar.suspend(|| {
                output::note(&format!("{}: {}", output::one_line(&file.display().to_string()), job.reason.as_deref().unwrap_or_default()))
            });
        }
        jobs.push(job);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(Loaded { ingest: Account::of(&jobs), jobs })
}

/// The files meant: a folder means all files below it, in the order of their names, but for hidden ones, the truth that `synth` wrote, and
/// those of a hub.
pub(super) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() { below(path, &mut found)? } else { found.push(path.clone()) }
    }
    if found.is_empty() {
        return Err(Error::asked("the folders given hold no file", "give the folder that the extracts are in"));
    }
    Ok(found)
}

fn below(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Error> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Error::file("reading", folder))? {
        entries.push(entry.map_err(Error::file("reading", folder))?.path());
    }
    entries.sort();
    for path in entries {
        let name = pipeline::name_of(&path);
        let is_ours = name == "truth" || Hub::is_at(&path);
        match (path.is_symlink() || name.starts_with('.') || is_ours, path.is_dir()) {
            (true, _) => {}
            (false, true) => below(&path, found)?,
            (false, false) => found.push(path),
        }
    }
    Ok(())
}

fn text(loaded: &Loaded) -> String {
    let Account { files, published, refused, read, accepted, new, retired, rejected, skipped } = &loaded.ingest;
    format!(
        "{}\n{files} files: {published} published, {refused} refused\n{read} read = {accepted} accepted + {rejected} rejected + {skipped} skipped\n\
         {new} rows are new, {retired} held before stand no more",
        listed(&loaded.jobs)
    )
}
