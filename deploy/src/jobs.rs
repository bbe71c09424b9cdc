//! The record of what was loaded or refused: one line of JSON a file handed in, appended and forced to disk. It names files, rows and
//! rules, never a value of a person.

use crate::{
    Error,
    error::{Kind, Sentence},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};
use wuwei_schema::Notice;

/// What became of one file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    /// 1, 2, 3 … in the order of handing in.
    pub(crate) job: u64,
    /// When it ended, RFC 3339.
    pub(crate) ended: String,
    /// The file's name.
    pub(crate) file: String,
    /// What became of it.
    pub(crate) outcome: Outcome,
    /// Department it was recognised as of, or handed in for.
    pub(crate) department: Option<String>,
    /// Extract it was recognised as.
    pub(crate) extract: Option<String>,
    /// First 16 hexadecimal digits of the file's SHA-256: the `batch` of its records.
    pub(crate) batch: Option<String>,
    /// Rows below the heading.
    pub(crate) read: u64,
    /// Rows that became records.
    pub(crate) accepted: u64,
    /// Of which new: the others are held just so, are older than what is held, or only say that something is no more.
    #[serde(default)]
    pub(crate) new: u64,
    /// Rows held before that stand no more.
    #[serde(default)]
    pub(crate) retired: u64,
    /// Rows held that a full delivery lacks and that stand all the same, since rows refused may be they.
    #[serde(default)]
    pub(crate) spared: u64,
    /// Rows refused.
    pub(crate) rejected: u64,
    /// Blank rows, totals and remarks.
    pub(crate) skipped: u64,
    /// Refused rows and emptied cells by rule.
    pub(crate) rejects_by_rule: BTreeMap<String, u64>,
    /// What its owner should know of it.
    #[serde(default)]
    pub(crate) remarks: Vec<Notice>,
    /// Why the file was refused, or is not loaded.
    pub(crate) reason: Option<String>,
    /// Of what kind that is, a name of [`Kind`].
    #[serde(default)]
    pub(crate) kind: Option<String>,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Its records are in the hub.
    Published,
    /// They were already.
    Unchanged,
    /// A full delivery older than what is held: written down as delivered, and not loaded.
    Late,
    /// A file without a row: written down, and not loaded.
    Empty,
    /// Nothing of it is in the hub.
    Refused,
}

/// The file of jobs of a hub.
#[derive(Debug)]
pub(crate) struct Jobs {
    path: PathBuf,
    /// Whose files are handed in.
    department: Option<String>,
}

impl Jobs {
    /// The jobs of the hub in `root`.
    pub(crate) fn of(root: &Path) -> Jobs {
        Jobs { path: root.join("jobs.jsonl"), department: None }
    }

    /// Whose files are handed in from now on, where that is said of them: one that is refused unread is theirs too.
    pub(crate) fn are_of(&mut self, department: Option<&str>) {
        self.department = department.map(str::to_owned);
    }

    /// Every job, oldest first. A last line that a crash cut short is passed over: its file was not acknowledged.
    ///
    /// # Errors
    /// The file is there but cannot be read.
    pub(crate) fn all(&self) -> Result<Vec<Job>, Error> {
        Ok(parse(&self.read()?).collect())
    }

    /// Gives the job the next number and appends it, on disk before this returns.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn append(&self, mut job: Job) -> Result<Job, Error> {
        let failed = || Error::file("writing", &self.path);
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path).map_err(failed())?;
        // Until it is closed, so that two processes give no number twice.
        file.lock().map_err(failed())?;
        let before = self.read()?;
        job.department = job.department.or_else(|| self.department.clone());
        job.job = parse(&before).last().map_or(1, |last| last.job + 1);
        let is_torn = before.last().is_some_and(|byte| *byte != b'\n');
        let mut line = if is_torn { vec![b'\n'] } else { Vec::new() };
        serde_json::to_writer(&mut line, &job).map_err(|_| Error::defect("a job cannot be written down"))?;
        line.push(b'\n');
        file.write_all(&line).and_then(|()| file.sync_data()).map_err(failed())?;
        if before.is_empty() {
            // The file may be new: its name must be on disk as well.
            let folder = self.path.parent().unwrap_or(Path::new("."));
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed())?;
        }
        Ok(job)
    }

    fn read(&self) -> Result<Vec<u8>, Error> {
        match std::fs::read(&self.path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read.map_err(Error::file("reading", &self.path)),
        }
    }
}

/// The jobs of whole lines.
fn parse(lines: &[u8]) -> impl Iterator<Item = Job> {
    lines.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok())
}

impl Job {
    /// A job of a file of which nothing is known but that it was refused.
    pub(crate) fn refused(ended: String, file: String, why: &Error) -> Job {
        let why = Sentence::of(why.kind(), &why.to_string());
        Job { outcome: Outcome::Refused, ..Job::empty(ended, file) }.because(Some(why))
    }

    /// The job with why the file was refused, or is not loaded.
    pub(crate) fn because(self, why: Option<Sentence>) -> Job {
        let kind = why.as_ref().and_then(Sentence::kind).map(|kind| kind.name().to_owned());
        Job { reason: why.map(|why| why.to_string()), kind, ..self }
    }

    /// Why the file was refused, or is not loaded.
    pub(crate) fn why(&self) -> Option<Sentence> {
        Some(Sentence::of(self.kind.as_deref().and_then(Kind::named), self.reason.as_deref()?))
    }

    /// A job with nothing counted yet.
    pub(crate) fn empty(ended: String, file: String) -> Job {
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
            new: 0,
            retired: 0,
            spared: 0,
            rejected: 0,
            skipped: 0,
            rejects_by_rule: BTreeMap::new(),
            remarks: Vec::new(),
            reason: None,
            kind: None,
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
        let refused = |file: &str| Job::refused("2026-01-01T00:00:00Z".to_owned(), file.to_owned(), &Error::asked("no", "no"));
        assert_eq!(jobs.append(refused("a.csv")).unwrap().job, 1);
        OpenOptions::new().append(true).open(folder.path().join("jobs.jsonl")).unwrap().write_all(b"{\"job\":2,\"fi").unwrap();
        assert_eq!(jobs.append(refused("b.csv")).unwrap().job, 2);
        let files: Vec<String> = jobs.all().unwrap().into_iter().map(|job| job.file).collect();
        assert_eq!(files, ["a.csv", "b.csv"]);
    }

    #[test]
    fn a_line_of_before_there_were_kinds_is_read_and_a_kind_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let jobs = Jobs::of(folder.path());
        let shrunk = Error::Shrunk { file: "a.csv".to_owned(), count: 9, known: 9 };
        let job = jobs.append(Job::refused("2026-01-01T00:00:00Z".to_owned(), "a.csv".to_owned(), &shrunk)).unwrap();
        assert_eq!(job.kind.as_deref(), Some("shrunk"));
        let path = folder.path().join("jobs.jsonl");
        let line = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, line.clone() + &line.replace(",\"kind\":\"shrunk\"", "")).unwrap();
        let kinds: Vec<_> = jobs.all().unwrap().iter().map(|job| job.why().unwrap().kind()).collect();
        assert_eq!(kinds, [Some(Kind::Shrunk), None]);
    }
}
