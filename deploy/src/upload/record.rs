//! What is known of one upload, on disk before anybody is told of it: whose it is, how it is to be read, what is being done with it.

use super::{Untaken, Upload, proposal::Proposal, work::Live};
use crate::{Error, account::put, clock};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::UNIX_EPOCH,
};
use wuwei_ingest::Hint;

/// The record of an upload.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) id: String,
    /// The account whose it is.
    pub(super) owner: String,
    /// What its owner calls it.
    pub(super) name: String,
    /// Bytes that it has once it is whole.
    pub(super) bytes: u64,
    pub(super) sha256: Option<String>,
    pub(super) modified: Option<i64>,
    /// When it was made, RFC 3339.
    made: String,
    /// When this record was written last, in milliseconds since 1970-01-01 UTC.
    touched: i64,
    pub(super) reading: ReadAs,
    pub(super) work: Option<Work>,
    /// Whether its bytes are gone, since its rows are in the tables.
    pub(super) is_gone: bool,
    /// What somebody would have it mapped by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) mapping: Option<Proposal>,
}

/// How a file is to be read, where that is not seen from itself; as the options of `check` and `ingest`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ReadAs {
    pub(crate) department: Option<String>,
    pub(crate) extract: Option<String>,
    pub(crate) format: Option<String>,
    pub(crate) encoding: Option<String>,
    pub(crate) delimiter: Option<String>,
    pub(crate) quote: Option<String>,
    pub(crate) escape: Option<String>,
    pub(crate) heading_row: Option<u64>,
    pub(crate) sheet: Option<String>,
    pub(crate) shrunk: bool,
    pub(crate) late: bool,
    /// Extracts that are off by default and are taken all the same.
    pub(crate) with: Vec<String>,
}

/// What is done with an upload, or was done last.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Work {
    pub(super) what: What,
    pub(super) state: State,
    /// When it began, RFC 3339.
    pub(super) begun: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ended: Option<String>,
    /// Why it is not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    /// Of what kind that is, a name of [`crate::error::Kind`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<String>,
    /// Numbers of the jobs that came of it.
    #[serde(default)]
    pub(super) jobs: Vec<u64>,
}

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// Reading it only to say how.
    Check,
    /// Loading it.
    Publish,
}

/// How far that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// Others are before it.
    Waiting,
    Running,
    Done,
    /// The file is not one that can be read or loaded: its owner.
    Refused,
    /// The program could not: its operator.
    Failed,
    /// Whoever began it ended it.
    Stopped,
    /// The program ended meanwhile.
    Interrupted,
}

/// An upload, as its owner is told.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    pub(crate) upload: String,
    name: String,
    bytes: u64,
    /// Bytes that have come.
    received: u64,
    modified: Option<i64>,
    pub(crate) made: String,
    reading: ReadAs,
    #[serde(skip_serializing_if = "Option::is_none")]
    work: Option<ShownWork>,
    /// Whether its rows are in the tables, and its bytes gone.
    loaded: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    mapping: Option<Proposal>,
}

#[derive(Debug, Serialize)]
struct ShownWork {
    #[serde(flatten)]
    work: Work,
    /// Of what runs: `read`, `resolve`, `link`, `index`.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<&'static str>,
    /// Rows that have come so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u64>,
}

impl ReadAs {
    /// The same as the pipeline takes it, from whoever acts for `own`, if for one department.
    ///
    /// # Errors
    /// It is to be another department's.
    pub(crate) fn hint(&self, own: Option<&str>) -> Result<Hint, Error> {
        let ReadAs { department, extract, format, encoding, delimiter, quote, escape, heading_row, sheet, shrunk, late, with } =
            self.clone();
        if own.is_some() && department.is_some() && department.as_deref() != own {
            return Err(Untaken::Department.into());
        }
        let department = own.map(str::to_owned).or(department);
        let (until, heading_rows) = (None, None);
        Ok(Hint {
            department,
            extract,
            format,
            encoding,
            with,
            shrunk,
            late,
            until,
            delimiter,
            quote,
            escape,
            heading_row,
            heading_rows,
            sheet,
        })
    }

    /// The same of a file that is to be an extract of that department which nobody named: what it is, its headings say.
    pub(crate) fn hint_of(&self, department: &str) -> Result<Hint, Error> {
        ReadAs { department: None, extract: None, ..self.clone() }.hint(Some(department))
    }
}

impl State {
    pub(super) fn is_over(self) -> bool {
        !matches!(self, State::Waiting | State::Running)
    }
}

impl Record {
    pub(super) fn new(id: &str, owner: &str, name: String, bytes: u64, sha256: Option<String>, modified: Option<i64>) -> Record {
        let (id, owner) = (id.to_owned(), owner.to_owned());
        let (made, touched) = (clock::now(), clock::now_ms());
        Record {
            id,
            owner,
            name,
            bytes,
            sha256,
            modified,
            made,
            touched,
            reading: ReadAs::default(),
            work: None,
            is_gone: false,
            mapping: None,
        }
    }

    /// Whether there is one in a folder, be it one that is not understood.
    pub(super) fn is_in(folder: &Path) -> bool {
        folder.join(RECORD).exists()
    }

    /// The record in the folder of an upload, if there is one.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn read(folder: &Path) -> Result<Option<Record>, Error> {
        let path = folder.join(RECORD);
        match fs::read(&path) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::file("reading", path)(error)),
        }
    }
}

const RECORD: &str = "record.json";

impl Upload {
    pub(super) fn of(folder: PathBuf, record: Record) -> Upload {
        Upload { folder, record: Mutex::new(record), writing: Arc::default(), live: Mutex::default() }
    }

    /// Its number.
    pub(crate) fn id(&self) -> String {
        self.with(|record| record.id.clone())
    }

    pub(super) fn is_of(&self, owner: &str) -> bool {
        self.with(|record| record.owner == owner)
    }

    /// What its owner calls it.
    pub(crate) fn name(&self) -> String {
        self.with(|record| record.name.clone())
    }

    /// How it is to be read.
    pub(crate) fn reading(&self) -> ReadAs {
        self.with(|record| record.reading.clone())
    }

    /// Where its bytes are.
    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Bytes that have come.
    pub(super) fn received(&self) -> u64 {
        fs::metadata(self.data()).map_or(0, |about| about.len())
    }

    /// Bytes that it takes, or will.
    pub(super) fn takes(&self) -> u64 {
        self.with(|record| if record.is_gone { 0 } else { record.bytes })
    }

    /// When somebody last did something with it, in milliseconds since 1970-01-01 UTC.
    pub(super) fn touched(&self) -> i64 {
        let written = fs::metadata(self.data()).and_then(|about| about.modified()).ok();
        let written = written.and_then(|time| time.duration_since(UNIX_EPOCH).ok()).and_then(|since| i64::try_from(since.as_millis()).ok());
        self.with(|record| record.touched).max(written.unwrap_or(0))
    }

    /// What is being done with it.
    pub(super) fn live(&self) -> Option<Arc<Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn with<T>(&self, read: impl FnOnce(&Record) -> T) -> T {
        read(&self.record.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the record, on disk when this returns.
    ///
    /// # Errors
    /// It cannot be written, and has not changed.
    pub(super) fn change(&self, change: impl FnOnce(&mut Record)) -> Result<(), Error> {
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = record.clone();
        change(&mut changed);
        changed.touched = clock::now_ms();
        let path = self.folder.join(RECORD);
        let bytes = serde_json::to_vec_pretty(&changed).map_err(|_| Error::defect("an upload cannot be written down"))?;
        put(&path, &bytes).map_err(Error::file("writing", &path))?;
        *record = changed;
        Ok(())
    }

    /// What its owner is told of it.
    pub(crate) fn shown(&self) -> Shown {
        let (received, live) = (self.received(), self.live());
        self.with(|record| {
            let Record { id, name, bytes, modified, made, reading, work, is_gone, mapping, .. } = record.clone();
            let received = if is_gone { bytes } else { received };
            let live = live.filter(|_| work.as_ref().is_some_and(|work| work.state == State::Running));
            let (step, rows) = (live.as_ref().map(|live| live.step()), live.as_ref().map(|live| live.rows()));
            let work = work.map(|work| ShownWork { work, step, rows });
            Shown { upload: id, name, bytes, received, modified, made, reading, work, loaded: is_gone, mapping }
        })
    }

    /// Tells, after a start of the program, that what was being done was interrupted.
    pub(super) fn was_interrupted(&self) -> Result<(), Error> {
        if self.with(|record| record.work.as_ref().is_none_or(|work| work.state.is_over())) {
            return Ok(());
        }
        self.change(|record| {
            if let Some(work) = &mut record.work {
                (work.state, work.ended) = (State::Interrupted, Some(clock::now()));
            }
        })
    }
}
