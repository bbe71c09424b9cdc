//! The audit: who looked at what, when and what for. One JSON line an entry, each bound to all before it by SHA-256, on disk before the
//! first row of an answer leaves the process that reads it. It holds names of tables and columns and a fingerprint of the question, never the question's text,
//! which may name a person. (A fingerprint of a short number can be found by trying all numbers: the file is the auditor's, not anybody's.)
//!
//! `chain` is the form of a line; at a bound the file is sealed (`seal`) and becomes a `segment`. Every edit, removal and exchange of lines
//! shows (`verify`); that the files' owner wrote them anew or cut their end is shown only by a checkpoint kept elsewhere. Several processes
//! append to one audit, one at a time; those of one process that wait meanwhile are written together.

mod alarm;
mod chain;
mod entry;
mod index;
mod prune;
mod seal;
mod search;
mod segment;
mod table;
#[cfg(test)]
mod tests;
mod verify;

use crate::{
    Error, Principal, Purpose,
    journal::{Durability, Held, Journal},
};
pub use alarm::{Raised, Watched};
use chain::{START, bound, entry_at, line};
pub use entry::Entry;
pub(crate) use entry::LISTED;
pub use prune::{Pruned, RETENTION_DAYS, RETENTION_FLOOR_DAYS};
pub(crate) use seal::Bounds;
pub use seal::Seal;
pub use search::{Hit, Hits, Wanted};
use segment::{OPEN, Standing};
use std::{
    path::Path,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
pub(crate) use table::entries;
pub use verify::{Chain, Checkpoint};

/// Entries that are written together at most.
const TOGETHER: usize = 1_024;

/// The files of entries.
#[derive(Debug)]
pub struct Audit {
    journal: Journal,
    bounds: Bounds,
    /// The greatest number seen in this process; a file that ends before it has been cut.
    seen: AtomicU64,
    queue: Mutex<Queue>,
    written: Condvar,
}

/// Entries that wait to be written, and whether somebody writes.
#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Waiting>,
    is_writing: bool,
}

/// An entry that waits, and where whoever waits for it looks.
#[derive(Debug)]
struct Waiting {
    entry: Entry,
    given: Arc<OnceLock<Result<u64, Error>>>,
}

/// Whose turn it is to write. However it ends, nobody goes on waiting for it: what was not written by then is an error.
struct Turn<'a> {
    audit: &'a Audit,
    given: Vec<Arc<OnceLock<Result<u64, Error>>>>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        for given in &self.given {
            // One that was written has its number, which stays.
            drop(given.set(Err(Error::Engine { detail: "an entry was not written" })));
        }
        locked(&self.audit.queue).is_writing = false;
        self.audit.written.notify_all();
    }
}

impl Audit {
    /// Opens `audit.jsonl` in a folder, making both when they are not there.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn open(folder: &Path) -> Result<Audit, Error> {
        Audit::bounded(folder, Bounds::default())
    }

    pub(crate) fn bounded(folder: &Path, bounds: Bounds) -> Result<Audit, Error> {
        let journal = Journal::open(folder.join(OPEN), Durability::Forced)?;
        let audit = Audit { journal, bounds, seen: AtomicU64::new(0), queue: Mutex::default(), written: Condvar::new() };
        // A last line that is no entry is for `verify` to show; `append` refuses it.
        audit.seen.store(audit.entries().unwrap_or(0), Ordering::Relaxed);
        Ok(audit)
    }

    /// The audit in a folder as another process keeps it, for whoever only reads it.
    pub(crate) fn to_read(folder: &Path) -> Audit {
        let journal = Journal::to_read(folder.join(OPEN));
        Audit { journal, bounds: Bounds::default(), seen: AtomicU64::new(0), queue: Mutex::default(), written: Condvar::new() }
    }

    /// The folder it is in.
    pub(crate) fn folder(&self) -> &Path {
        self.journal.path().parent().unwrap_or(Path::new("."))
    }

    /// Number of entries, by the last one.
    ///
    /// # Errors
    /// The file cannot be read, or its last line is no entry.
    pub fn entries(&self) -> Result<u64, Error> {
        let last = self.journal.stand()?.tail.last;
        Ok(last.map(|line| entry_at("its last line", &line)).transpose()?.map_or(0, |(entry, _)| entry.seq))
    }

    /// Whether it can be written, as far as that can be seen without writing.
    ///
    /// # Errors
    /// It cannot be opened to be written, its last line is no entry, or entries are missing.
    pub fn check(&self) -> Result<(), Error> {
        let seen = self.seen.load(Ordering::Relaxed);
        self.journal.check()?;
        let entries = self.entries()?;
        if entries < seen { Err(missing(entries)) } else { Ok(()) }
    }

    /// Proves that every entry stands as it was written, from the first that is kept to the last.
    ///
    /// # Errors
    /// The first place that does not, or a file cannot be read.
    pub fn verify(&self) -> Result<Chain, Error> {
        self.proven(None)
    }

    /// Proves besides that the audit goes on from what a checkpoint stands for.
    ///
    /// # Errors
    /// As [`Audit::verify`]; or it does not, or the checkpoint's entry was removed since.
    pub fn verify_since(&self, known: &Checkpoint) -> Result<Chain, Error> {
        self.proven(Some(known))
    }

    fn proven(&self, known: Option<&Checkpoint>) -> Result<Chain, Error> {
        // What was seen before is asked for: others append meanwhile.
        let seen = self.seen.load(Ordering::Relaxed);
        let chain = verify::verify(&Standing::of(&self.journal)?, known)?;
        if chain.entries < seen { Err(missing(chain.entries)) } else { Ok(chain) }
    }

    /// Accounts for what is no look at data: a log-in that failed, a token that was made. Neither text may hold what somebody typed.
    ///
    /// # Errors
    /// It cannot be accounted for, and must not be done.
    pub fn event(&self, kind: &str, principal: &Principal, purpose: &Purpose, outcome: &str, at_ms: i64) -> Result<(), Error> {
        self.append(Entry { outcome: outcome.to_owned(), ..Entry::asked(kind, principal, purpose, at_ms) }).map(drop)
    }

    /// Appends an entry and gives it its number. It is on disk when this returns. Whoever comes while another writes waits, and the first
    /// of those that wait writes for all: forcing to disk takes as long for many entries as for one.
    pub(crate) fn append(&self, entry: Entry) -> Result<u64, Error> {
        let given = Arc::new(OnceLock::new());
        let mut queue = locked(&self.queue);
        queue.waiting.push(Waiting { entry, given: Arc::clone(&given) });
        loop {
            if let Some(given) = given.get() {
                return given.as_ref().copied().map_err(Error::again);
            }
            if queue.is_writing {
                queue = self.written.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            queue.is_writing = true;
            let count = queue.waiting.len().min(TOGETHER);
            let together: Vec<Waiting> = queue.waiting.drain(..count).collect();
            drop(queue);
            let turn = Turn { audit: self, given: together.iter().map(|waiting| Arc::clone(&waiting.given)).collect() };
            self.write_together(together);
            drop(turn);
            queue = locked(&self.queue);
        }
    }

    fn write_together(&self, together: Vec<Waiting>) {
        let (mut entries, mut given) = (Vec::new(), Vec::new());
        for waiting in together {
            entries.push(waiting.entry);
            given.push(waiting.given);
        }
        let written = self.write(entries);
        for (at, given) in given.into_iter().enumerate() {
            let of_this = written.as_ref().map(|first| first + at as u64).map_err(Error::again);
            // Nobody else gives it.
            drop(given.set(of_this));
        }
    }

    /// Writes entries one after the other; returns the number of the first.
    fn write(&self, mut entries: Vec<Entry>) -> Result<u64, Error> {
        let at = entries.first().map_or(0, |entry| entry.at);
        let mut torn = 0;
        loop {
            let mut held = self.journal.hold()?;
            torn += held.mend()?;
            let (mut seq, mut head) = self.end(&held)?;
            if seal::is_due(&held, self.bounds, at)? {
                let segment = seal::seal(self.folder(), &mut held, at)?;
                drop(held);
                // Derived: whoever misses it makes it.
                drop(index::make(self.folder(), segment));
                continue;
            }
            let repair = (torn > 0).then(|| repaired(torn, at));
            let first = seq + 1 + u64::from(repair.is_some());
            let mut lines = String::new();
            for entry in repair.into_iter().chain(std::mem::take(&mut entries)) {
                seq += 1;
                let text =
                    serde_json::to_string(&Entry { seq, ..entry }).map_err(|_| Error::Engine { detail: "an entry cannot be written" })?;
                head = bound(&head, text.as_bytes());
                lines.push_str(&line(&head, &text));
            }
            held.write(&lines)?;
            self.seen.fetch_max(seq, Ordering::Relaxed);
            return Ok(first);
        }
    }

    /// Number and hash of the entry to continue from.
    fn end(&self, held: &Held<'_>) -> Result<(u64, String), Error> {
        let (seq, head) = match &held.tail.last {
            None if segment::seal_path(self.folder(), 1).exists() => return Err(missing(0)),
            None => (0, START.to_owned()),
            Some(line) => entry_at("its last line", line).map(|(entry, hash)| (entry.seq, hash))?,
        };
        if seq < self.seen.load(Ordering::Relaxed) { Err(missing(seq)) } else { Ok((seq, head)) }
    }
}

/// SHA-256 in hexadecimal digits: what the audit keeps of a text that may name a person.
pub(crate) fn fingerprint(text: &str) -> String {
    chain::hash_of(text.as_bytes())
}

fn missing(after: u64) -> Error {
    Error::Chain { place: format!("entry {} in {OPEN}", after + 1), detail: "entries that stood here are missing" }
}

/// A crash's half line was dropped: that, too, is told.
fn repaired(torn: u64, at: i64) -> Entry {
    Entry::own("repair", "repair after a crash", format!("{torn} bytes of an unacknowledged line were dropped"), at)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
