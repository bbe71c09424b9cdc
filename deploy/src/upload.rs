//! Files that are handed in over the wire, from their first byte until they are loaded: each in a folder of its own, under a number of ours,
//! with a record of what is known of it beside its bytes. Whose it is, how far it is and what is to become of it stands there, so that a
//! restart loses nothing. How bytes come is the entrance's, what a file is the pipeline's; what of it may be shown, the door's.

mod append;
mod handed;
mod look;
pub(crate) mod mapping;
mod proposal;
mod record;
mod work;
mod wrong;

pub(crate) use append::Appending;
pub(crate) use handed::hand_over;
pub(crate) use look::suggest;
pub(crate) use proposal::{Counts, Stands, Unsettled, file_name};
pub(crate) use record::{ReadAs, Shown, What};
pub(crate) use work::Order;
pub(crate) use wrong::Untaken;

use crate::{
    Error,
    account::token::{hexadecimal, random},
    clock,
    spill::private_folder,
};
use record::Record;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::Semaphore;
use work::Live;

/// Uploads of one account, those that are done with among them.
const OF_ONE: usize = 50;
/// All together may have so many times the bytes of one.
const ALL_TIMES: u64 = 8;
/// Days after which an upload that nobody touched goes.
const DAYS: i64 = 7;
const DAY_MS: i64 = 86_400_000;
/// Files that are read at once only to say how; of those that are loaded there is one at a time anyhow.
const CHECKS: usize = 2;

/// What is uploaded to a hub.
#[derive(Debug)]
pub(crate) struct Uploads {
    folder: PathBuf,
    /// Bytes that one may have.
    most: u64,
    all: Mutex<BTreeMap<String, Arc<Upload>>>,
    checks: Arc<Semaphore>,
    loads: Arc<Semaphore>,
    /// Held by the one process that takes uploads; none while another does.
    alone: Mutex<Option<File>>,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Upload {
    folder: PathBuf,
    record: Mutex<Record>,
    /// Held by whoever writes bytes.
    writing: Arc<tokio::sync::Mutex<()>>,
    /// What is being done with it.
    live: Mutex<Option<Arc<Live>>>,
}

/// What is said of a file before its first byte.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct New {
    /// What its owner calls it.
    pub(crate) name: String,
    /// How many bytes it has.
    pub(crate) bytes: u64,
    /// Its SHA-256 in hexadecimal digits, if its owner knows.
    #[serde(default)]
    pub(crate) sha256: Option<String>,
    /// When it was changed last, in milliseconds since 1970-01-01 UTC, as its owner's system says: by this they know it again.
    #[serde(default)]
    pub(crate) modified: Option<i64>,
}

impl Uploads {
    /// Those of the hub in `root`. What was being done when the program ended was interrupted, and is told so; what nobody touched for a
    /// week goes.
    ///
    /// # Errors
    /// Their folder cannot be read or written.
    pub(crate) fn open(root: &Path, most: u64) -> Result<Uploads, Error> {
        let folder = root.join("uploads");
        private_folder(&folder).map_err(Error::file("creating", &folder))?;
        let (checks, loads) = (Arc::new(Semaphore::new(CHECKS)), Arc::new(Semaphore::new(1)));
        let uploads = Uploads { folder, most, all: Mutex::default(), checks, loads, alone: Mutex::default() };
        if uploads.is_alone()? {
            uploads.clear(clock::now_ms());
        }
        Ok(uploads)
    }

    /// Whether this process takes the uploads of the hub; once it does, it goes on to.
    ///
    /// # Errors
    /// Their folder cannot be read or written.
    fn is_alone(&self) -> Result<bool, Error> {
        let mut alone = self.alone.lock().unwrap_or_else(PoisonError::into_inner);
        if alone.is_none() {
            let lock = self.folder.join("lock");
            let held = File::create(&lock).map_err(Error::file("creating", &lock))?;
            if held.try_lock().is_ok() {
                *self.locked() = found(&self.folder)?;
                *alone = Some(held);
            }
        }
        Ok(alone.is_some())
    }

    /// Bytes that one may have.
    pub(crate) fn most(&self) -> u64 {
        self.most
    }

    /// Makes one, of which no byte has come.
    ///
    /// # Errors
    /// It is none that can be taken, there is no room for it, or it cannot be written down.
    pub(crate) fn make(&self, owner: &str, new: &New) -> Result<Arc<Upload>, Error> {
        if !self.is_alone()? {
            return Err(Untaken::Elsewhere.into());
        }
        let name = named(&new.name).ok_or(Untaken::Name)?;
        let sha256 = new.sha256.as_ref().map(|text| text.to_ascii_lowercase());
        if sha256.as_ref().is_some_and(|text| text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit())) {
            return Err(Untaken::Hash.into());
        }
        if new.bytes == 0 {
            return Err(Untaken::Empty.into());
        }
        self.clear(clock::now_ms());
        self.check_room(owner, new.bytes)?;
        let id = hexadecimal(&random::<16>()?);
        let folder = self.folder.join(&id);
        private_folder(&folder).map_err(Error::file("creating", &folder))?;
        let record = Record::new(&id, owner, name, new.bytes, sha256, new.modified);
        let upload = Arc::new(Upload::of(folder, record));
        File::create(upload.data()).map_err(Error::file("creating", upload.data()))?;
        upload.change(|_| {})?;
        File::open(&self.folder).and_then(|folder| folder.sync_all()).map_err(Error::file("forcing to disk", &self.folder))?;
        self.locked().insert(id, Arc::clone(&upload));
        Ok(upload)
    }

    fn check_room(&self, owner: &str, bytes: u64) -> Result<(), Error> {
        if bytes > self.most {
            return Err(Untaken::Large(self.most >> 20).into());
        }
        let all = self.locked();
        if all.values().filter(|upload| upload.is_of(owner)).count() >= OF_ONE {
            return Err(Untaken::Many.into());
        }
        let sum: u64 = all.values().map(|upload| upload.takes()).sum();
        if sum.saturating_add(bytes) > self.most.saturating_mul(ALL_TIMES) {
            return Err(Untaken::Full.into());
        }
        Ok(())
    }

    /// Those of an account, the newest first.
    ///
    /// # Errors
    /// Their folder cannot be read.
    pub(crate) fn of(&self, owner: &str) -> Result<Vec<Shown>, Error> {
        self.is_alone()?;
        let all = self.locked();
        let mut own: Vec<Shown> = all.values().filter(|upload| upload.is_of(owner)).map(|upload| upload.shown()).collect();
        own.sort_by(|left, right| (&right.made, &right.upload).cmp(&(&left.made, &left.upload)));
        Ok(own)
    }

    /// The one of that number, if it is that account's: another's is not there.
    ///
    /// # Errors
    /// Their folder cannot be read.
    pub(crate) fn find(&self, owner: &str, id: &str) -> Result<Option<Arc<Upload>>, Error> {
        self.is_alone()?;
        Ok(self.locked().get(id).filter(|upload| upload.is_of(owner)).cloned())
    }

    /// Takes one back: its bytes go, and nobody knows of it any more.
    ///
    /// # Errors
    /// Something is being done with it, bytes of it are coming, or it cannot be removed.
    pub(crate) fn abandon(&self, upload: &Upload) -> Result<(), Error> {
        let _place = upload.place()?;
        // Whoever finds it meanwhile is told that something is being done with it.
        upload.occupy()?;
        if let Err(error) = fs::remove_dir_all(&upload.folder) {
            upload.free();
            return Err(Error::file("removing", &upload.folder)(error));
        }
        self.locked().remove(&upload.id());
        Ok(())
    }

    /// Ends all that can be ended, for a program that stops; whether nothing is left that runs.
    pub(crate) fn stop_all(&self) -> bool {
        let live: Vec<Arc<Live>> = self.locked().values().filter_map(|upload| upload.live()).collect();
        live.iter().for_each(|live| live.interrupt());
        live.is_empty()
    }

    /// Removes what nobody touched for long.
    fn clear(&self, now_ms: i64) {
        let is_old = |upload: &&Arc<Upload>| upload.live().is_none() && now_ms - upload.touched() > DAYS * DAY_MS;
        let old: Vec<Arc<Upload>> = self.locked().values().filter(is_old).cloned().collect();
        for upload in old {
            // What cannot be removed now is removed the next time.
            drop(self.abandon(&upload));
        }
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<Upload>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What lies in the folder. One without a record was given no number yet: nobody knows of it.
fn found(folder: &Path) -> Result<BTreeMap<String, Arc<Upload>>, Error> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(Error::file("reading", folder))? {
        let path = entry.map_err(Error::file("reading", folder))?.path();
        if !path.is_dir() {
            continue;
        }
        match Record::read(&path)? {
            Some(record) => {
                let upload = Upload::of(path, record);
                upload.was_interrupted()?;
                upload.let_go();
                all.insert(upload.id(), Arc::new(upload));
            }
            None if !Record::is_in(&path) => fs::remove_dir_all(&path).map_err(Error::file("removing", &path))?,
            // Somebody else's, or a later program's: it is left alone.
            None => {}
        }
    }
    Ok(all)
}

/// A name as a text: it is never a path of ours. Folders before it, what commands a terminal and what turns the direction of writing are
/// no part of it (Unicode, bidirectional formatting characters).
fn named(given: &str) -> Option<String> {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let turns = |character: char| matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let name: String = last.chars().filter(|character| !turns(*character)).collect();
    let name = crate::output::one_line(name.trim());
    (!name.is_empty() && name != "." && name != ".." && name.chars().count() <= 200).then_some(name)
}

#[cfg(test)]
mod tests;
