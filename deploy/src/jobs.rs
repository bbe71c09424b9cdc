//! The record of what was loaded or refused: one line of JSON a file handed in, appended and forced to disk. It names files, rows and
//! rules, never a value of a person.

use crate::Error;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
};

/// What became of one file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Job {
    /// 1, 2, 3 … in the order of handing in.
    pub job: u64,
    /// When it ended, RFC 3339.
    pub ended: String,
    /// The file's name.
    pub file: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Department it was recognised as of.
    pub department: Option<String>,
    /// Extract it was recognised as.
    pub extract: Option<String>,
    /// First 16 hexadecimal digits of the file's SHA-256: the `batch` of its records.
    pub batch: Option<String>,
    /// Rows below the heading.
    pub read: u64,
    /// Rows that became records.
    pub accepted: u64,
    /// Rows refused.
    pub rejected: u64,
    /// Blank rows, totals and remarks.
    pub skipped: u64,
    /// Refused rows and emptied cells by rule.
    pub rejects_by_rule: BTreeMap<String, u64>,
    /// Why the file was refused.
    pub reason: Option<String>,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Its records are in the hub.
    Published,
    /// They were already.
    Unchanged,
    /// Nothing of it is in the hub.
    Refused,
}

/// The file of jobs of a hub.
#[derive(Debug)]
pub struct Jobs {
    path: PathBuf,
}

impl Jobs {
    /// The jobs of the hub in `root`.
    pub fn of(root: &Path) -> Jobs {
        Jobs { path: root.join("jobs.jsonl") }
    }

    /// Every job, oldest first. A last line that a crash cut short is passed over: its file was not acknowledged.
    ///
    /// # Errors
    /// The file is there but cannot be read.
    pub fn all(&self) -> Result<Vec<Job>, Error> {
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            opened => opened.map_err(Error::file("reading", &self.path))?,
        };
        let mut jobs = Vec::new();
        for line in BufReader::new(file).split(b'\n') {
            let line = line.map_err(Error::file("reading", &self.path))?;
            jobs.extend(serde_json::from_slice::<Job>(&line).ok());
        }
        Ok(jobs)
    }

    /// Gives the job the next number and appends it, on disk before this returns.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn append(&self, mut job: Job) -> Result<Job, Error> {
        let all = self.all()?;
        job.job = all.last().map_or(1, |last| last.job + 1);
        let mut line = serde_json::to_vec(&job).map_err(|error| Error::Output(error.to_string()))?;
        if !self.ends_whole()? {
            line.insert(0, b'\n');
        }
        line.push(b'\n');
        let write = || {
            let mut file = OpenOptions::new().create(true).append(true).open(&self.path)?;
            file.write_all(&line)?;
            file.sync_data()
        };
        write().map_err(Error::file("writing", &self.path))?;
        Ok(job)
    }

    fn ends_whole(&self) -> Result<bool, Error> {
        match std::fs::read(&self.path) {
            Ok(bytes) => Ok(bytes.last().is_none_or(|byte| *byte == b'\n')),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
            Err(error) => Err(Error::file("reading", &self.path)(error)),
        }
    }
}

impl Job {
    /// A job of a file of which nothing is known but that it was refused.
    pub fn refused(ended: String, file: String, reason: String) -> Job {
        Job { outcome: Outcome::Refused, reason: Some(reason), ..Job::empty(ended, file) }
    }

    /// A job with nothing counted yet.
    pub fn empty(ended: String, file: String) -> Job {
        Job {
            job: 0,
            ended,
            file,
            outcome: Outcome::Unchanged,
            department: None,
            extract: None,
            batch: None,
            read: 0,
            accepted: 0,
            rejected: 0,
            skipped: 0,
            rejects_by_rule: BTreeMap::new(),
            reason: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_cut_by_a_crash_harms_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let jobs = Jobs::of(folder.path());
        let refused = |file: &str| Job::refused("2026-01-01T00:00:00Z".to_owned(), file.to_owned(), "no".to_owned());
        assert_eq!(jobs.append(refused("a.csv")).unwrap().job, 1);
        OpenOptions::new().append(true).open(folder.path().join("jobs.jsonl")).unwrap().write_all(b"{\"job\":2,\"fi").unwrap();
        assert_eq!(jobs.append(refused("b.csv")).unwrap().job, 2);
        let files: Vec<String> = jobs.all().unwrap().into_iter().map(|job| job.file).collect();
        assert_eq!(files, ["a.csv", "b.csv"]);
    }
}
