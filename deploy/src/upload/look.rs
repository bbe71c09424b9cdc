//! How an upload is understood and what would be refused of it, as `check` says it; and for one that nobody described, what its columns are
//! likely to be, as `suggest` says it. Nothing is loaded. The values of first rows are shown only to whoever would see those rows, once
//! loaded, whole and in clear.

use super::{
    Untaken, Upload,
    mapping::{Mapped, mapping},
    proposal::Counts,
    work::Live,
};
use crate::{
    Error, clock,
    command::check::{Checked, Refused, checked},
    definitions::Definitions,
    given::{Given, Inbox, Next, Room},
    hub::Hub,
    worker::{Opened, Worker},
};
use serde::Serialize;
use serde_json::Value;
use std::{fs, sync::Arc};
use wuwei_ingest::{Hint, Settled, Suggestion};
use wuwei_query::Session;
use wuwei_schema::Label;

/// Files of an archive that are told of; all of them are read.
const MOST_FILES: usize = 200;

/// What was found.
#[derive(Debug, Serialize)]
pub(super) struct Looked {
    /// When, RFC 3339.
    checked: String,
    files: Vec<Said>,
    /// Files of an archive that are beyond those told of.
    more: usize,
    /// What in an archive nobody packed on purpose.
    left_out: Vec<String>,
}

/// What is said of a file.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Said {
    Checked(Box<Known>),
    Refused(Refused),
}

#[derive(Debug, Serialize)]
struct Known {
    #[serde(flatten)]
    checked: Checked,
    department_label: Label,
    extract_label: Label,
    /// Whether it is off by default, and loaded only when somebody who answers for it says so.
    is_off: bool,
    mapping: Vec<Mapped>,
}

impl Looked {
    /// The account of what in it is of that extract; none where nothing is.
    pub(super) fn counts(&self, extract: &str) -> Option<Counts> {
        let known = self.files.iter().filter_map(|said| match said {
            Said::Checked(known) if known.checked.extract == extract => Some(&known.checked.report),
            _ => None,
        });
        let counts = known.map(|report| [report.read, report.accepted, report.rejected, report.skipped]);
        let sum = counts.reduce(|left, right| std::array::from_fn(|at| left[at] + right[at]));
        sum.map(|[read, accepted, rejected, skipped]| Counts { read, accepted, rejected, skipped })
    }
}

/// Looks at the whole of it; first rows are shown of what the session shows, if there is one.
///
/// # Errors
/// It is no file that can be read, or is no longer wanted.
pub(super) async fn look(hub: &Hub, session: Option<&Session>, upload: &Upload, hint: &Hint, live: &Arc<Live>) -> Result<Looked, Error> {
    let room = tempfile::tempdir_in(hub.spill()).map_err(Error::file("creating", hub.spill()))?;
    let given = vec![Given::named(&upload.data(), &upload.name())];
    let definitions = &*hub.definitions;
    let mut inbox = Inbox::of(definitions, given, hint, Room::Hub(room.path().to_owned())).watched(&live.watch);
    let mut looked = Looked { checked: clock::now(), files: Vec::new(), more: 0, left_out: Vec::new() };
    let mut is_archive = false;
    let shows = |opened: &Opened<'_>| session.map_or(Ok(false), |session| shows(session, opened));
    while let Some((given, next)) = inbox.next().await? {
        let said = match next {
            Next::File(worker) => checked(definitions, *worker, shows).await,
            Next::Refused(error) => Err(error),
            Next::Archive(left_out) => {
                (is_archive, looked.left_out) = (true, left_out);
                continue;
            }
        };
        let said = match said {
            Ok(checked) => Said::Checked(Box::new(known(definitions, checked)?)),
            Err(error) if is_archive && error.is_of_the_file() => Said::Refused(Refused::of(given.name, &error)),
            Err(error) => return Err(error),
        };
        if looked.files.len() < MOST_FILES {
            looked.files.push(said);
        } else {
            looked.more += 1;
        }
    }
    Ok(looked)
}

/// Whether whoever asks would see the rows of such a file, each column of them in clear.
fn shows(session: &Session, opened: &Opened<'_>) -> Result<bool, Error> {
    let columns: Vec<&str> = opened.extract.kept().map(|(_, column)| column.as_str()).collect();
    Ok(session.sees_whole(&wuwei_ingest::raw_table(opened.extract), &columns)?)
}

fn known(definitions: &Definitions, checked: Checked) -> Result<Known, Error> {
    let known = definitions.departments.extracts().find(|(_, extract)| extract.name == checked.extract);
    let (department, extract) = known.ok_or_else(|| Error::defect("a file is of an extract that is not known"))?;
    Ok(Known {
        department_label: department.label.clone(),
        extract_label: extract.label.clone(),
        is_off: !extract.load,
        mapping: mapping(extract, &definitions.model),
        checked,
    })
}

/// What the columns of an upload are likely to be, by its first rows and by what somebody settled.
///
/// # Errors
/// It has not come whole, or is no file that can be looked at so.
pub(crate) async fn suggest(hub: &Hub, upload: &Upload, hint: &Hint, settled: &Settled) -> Result<Suggestion, Error> {
    upload.check_whole()?;
    let given = Given::named(&upload.data(), &upload.name());
    Worker::suggest(&hub.definitions, &given, hint, settled, crate::cli::LimitArgs::default()).await
}

const LOOKED: &str = "checked.json";

impl Upload {
    /// What was found when it was looked at last.
    ///
    /// # Errors
    /// Nobody has looked at it, or what was found cannot be read.
    pub(crate) fn looked(&self) -> Result<Value, Error> {
        let path = self.folder.join(LOOKED);
        match fs::read(&path) {
            Ok(found) => serde_json::from_slice(&found).map_err(|_| Untaken::Unseen.into()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Untaken::Unseen.into()),
            Err(error) => Err(Error::file("reading", path)(error)),
        }
    }

    pub(super) fn keep_looked(&self, looked: &Looked) -> Result<(), Error> {
        let path = self.folder.join(LOOKED);
        let bytes = serde_json::to_vec(looked).map_err(|_| Error::defect("what a file is cannot be written down"))?;
        crate::account::put(&path, &bytes).map_err(Error::file("writing", &path))
    }

    /// Forgets what was found, since it is to be read otherwise, or is gone.
    pub(super) fn forget_looked(&self) -> Result<(), Error> {
        let path = self.folder.join(LOOKED);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::file("removing", path)(error)),
            _ => Ok(()),
        }
    }

    /// Whether all of its bytes have come, and are there.
    ///
    /// # Errors
    /// They have not, or are not any more.
    pub(super) fn check_whole(&self) -> Result<(), Error> {
        let _place = self.place()?;
        let (bytes, is_gone) = self.with(|record| (record.bytes, record.is_gone));
        if is_gone {
            return Err(Untaken::Loaded.into());
        }
        match self.received() {
            received if received == bytes => Ok(()),
            read => Err(Untaken::Part { read, all: bytes }.into()),
        }
    }
}
