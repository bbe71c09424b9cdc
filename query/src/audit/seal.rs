//! Sealing: at a bound the open file becomes a segment that nothing is written to any more, and its seal says what it holds. The first entry
//! of the next file names the seal's hash, so whoever trusts an entry trusts every seal before it, also of segments that were removed.
//!
//! The order is such that a stop between any two steps leaves a file that is continued as if nothing had happened: until the last rename
//! `audit.jsonl` is the file that was, and everything beside it is made again; from then on it is the new one. It is there at every moment,
//! so one that is missing was taken away.

use super::{
    Entry,
    chain::{START, bound, entry_at, hash_of, hexadecimal, line},
    segment::{self, OPEN},
};
use crate::{
    Error,
    journal::{Held, force_folder, is_at},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{
    fs::{File, OpenOptions},
    io::{BufReader, Seek as _, Write as _},
    path::{Path, PathBuf},
};

/// When the open file is sealed: whichever comes first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Entries.
    pub(crate) entries: u64,
    /// Bytes.
    pub(crate) bytes: u64,
    /// Milliseconds between its first entry and the one that comes.
    pub(crate) span_ms: i64,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { entries: 65_536, bytes: 64 << 20, span_ms: 30 * 86_400_000 }
    }
}

/// What a sealed segment holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// Its number: 1, 2, 3 … without a gap.
    pub segment: u64,
    /// Number of its first entry.
    pub first: u64,
    /// Number of its last.
    pub last: u64,
    /// Bytes of its file.
    pub bytes: u64,
    /// SHA-256 of its file, for whoever has a copy and no other program.
    pub sha256: String,
    /// Hash of the entry before its first.
    pub begins: String,
    /// Hash of its last.
    pub head: String,
    /// Earliest and latest time of its entries; a clock may have been set back.
    pub from: i64,
    /// See `from`.
    pub until: i64,
    /// Hash of the seal before.
    pub before: String,
    /// When it was sealed, in milliseconds since 1970-01-01 UTC.
    pub at: i64,
}

/// Whether the file that is held has to be sealed before an entry of that time.
pub(super) fn is_due(held: &Held<'_>, bounds: Bounds, at: i64) -> Result<bool, Error> {
    let (Some(first), Some(last)) = (&held.first, &held.tail.last) else { return Ok(false) };
    let ((first, _), (last, _)) = (entry_at("line 1", first)?, entry_at("its last line", last)?);
    let entries = last.seq.saturating_sub(first.seq) + 1;
    let is_old = at.saturating_sub(first.at) >= bounds.span_ms && entries > 1;
    Ok(entries >= bounds.entries || held.bytes >= bounds.bytes || is_old)
}

/// Seals the file that is held and puts a new one in its place.
pub(super) fn seal(folder: &Path, held: &mut Held<'_>, at: i64) -> Result<u64, Error> {
    let mut sealing = Sealing::of(folder, held, at)?;
    STEPS.iter().try_for_each(|step| step(&mut sealing))?;
    Ok(sealing.seal.segment)
}

/// A segment that is being sealed.
pub(super) struct Sealing {
    folder: PathBuf,
    seal: Seal,
    /// The seal as it is written.
    text: String,
    /// The file that is sealed.
    open: File,
    /// The one that takes its place, this writer's alone as well.
    next: Option<File>,
}

type Step = fn(&mut Sealing) -> Result<(), Error>;

/// What is done one after the other; a test stops after each.
pub(super) const STEPS: [Step; 6] =
    [Sealing::write_seal, Sealing::name_segment, Sealing::write_next, Sealing::force, Sealing::turn, Sealing::force];

impl Sealing {
    pub(super) fn of(folder: &Path, held: &mut Held<'_>, at: i64) -> Result<Sealing, Error> {
        let (Some(first), Some(last)) = (&held.first, &held.tail.last) else { return Err(Error::Engine { detail: "nothing to seal" }) };
        let ((first, _), (last, head)) = (entry_at("line 1", first)?, entry_at("its last line", last)?);
        let before = match segment::before(&first) {
            None => (0, START.to_owned(), START.to_owned()),
            Some(number) => {
                let (seal, hash) = segment::seal(folder, number)?;
                (number, seal.head, hash)
            }
        };
        let (number, begins, before) = before;
        let bytes = held.bytes;
        let (sha256, from, until) = read(held)?;
        let seal = Seal { segment: number + 1, first: first.seq, last: last.seq, bytes, sha256, begins, head, from, until, before, at };
        let text = serde_json::to_string(&seal).map_err(|_| Error::Engine { detail: "a seal cannot be written" })? + "\n";
        let open = held.file().try_clone().map_err(Error::account("opening", folder.join(OPEN)))?;
        Ok(Sealing { folder: folder.to_owned(), seal, text, open, next: None })
    }

    fn write_seal(&mut self) -> Result<(), Error> {
        let (path, made) = (segment::seal_path(&self.folder, self.seal.segment), self.folder.join("seal.next"));
        let failed = Error::account("writing", &path);
        let written = File::create(&made).and_then(|mut file| file.write_all(self.text.as_bytes()).and_then(|()| file.sync_all()));
        written.and_then(|()| std::fs::rename(&made, &path)).map_err(failed)
    }

    /// The same file under its second name; where a file system gives none, a copy.
    fn name_segment(&mut self) -> Result<(), Error> {
        let (open, path) = (self.folder.join(OPEN), segment::path(&self.folder, self.seal.segment));
        let failed = |action| Error::account(action, &path);
        if path.exists() {
            let is_same = is_at(&self.open, &path).map_err(failed("reading"))?;
            let is_equal = || segment::sha256(&path).map(|found| found == self.seal.sha256);
            return match is_same || is_equal()? {
                true => Ok(()),
                false => {
                    Err(Error::Chain { place: segment::name(self.seal.segment), detail: "it stands already, and holds something else" })
                }
            };
        }
        if std::fs::hard_link(&open, &path).is_ok() {
            return Ok(());
        }
        let made = self.folder.join("segment.next");
        std::fs::copy(&open, &made).and_then(|_| File::open(&made)?.sync_all()).map_err(failed("copying"))?;
        std::fs::rename(&made, &path).map_err(failed("copying"))
    }

    /// The next file, with its first entry; it is locked before it has its name, so that nobody writes to it before the name is on disk.
    fn write_next(&mut self) -> Result<(), Error> {
        let path = self.folder.join("audit.next");
        let failed = Error::account("writing", &path);
        let mut entry = Entry::own("seal", "sealing a segment", format!("segment {} is sealed", self.seal.segment), self.seal.at);
        entry.seq = self.seal.last + 1;
        (entry.segment, entry.statement) = (Some(self.seal.segment), Some(hash_of(self.text.as_bytes())));
        let text = serde_json::to_string(&entry).map_err(|_| Error::Engine { detail: "an entry cannot be written" })?;
        let line = line(&bound(&self.seal.head, text.as_bytes()), &text);
        let write = |file: &mut File| file.lock().and_then(|()| file.set_len(0)).and_then(|()| file.write_all(line.as_bytes()));
        let opened = OpenOptions::new().create(true).append(true).open(&path);
        let next = opened.and_then(|mut file| write(&mut file).and_then(|()| file.sync_all()).map(|()| file)).map_err(failed)?;
        self.next = Some(next);
        Ok(())
    }

    fn force(&mut self) -> Result<(), Error> {
        force_folder(&self.folder)
    }

    fn turn(&mut self) -> Result<(), Error> {
        let open = self.folder.join(OPEN);
        std::fs::rename(self.folder.join("audit.next"), &open).map_err(Error::account("sealing", open))
    }
}

/// SHA-256 of the whole file, and the earliest and latest time in it. Lines that are none are for `verify` to show.
fn read(held: &mut Held<'_>) -> Result<(String, i64, i64), Error> {
    let failed = |source| Error::Account { action: "reading", path: PathBuf::from(OPEN), source };
    let bytes = held.bytes;
    let file = held.file();
    file.rewind().map_err(failed)?;
    let (mut hash, mut from, mut until) = (Sha256::new(), i64::MAX, i64::MIN);
    let lines = BufReader::with_capacity(1 << 20, std::io::Read::take(file, bytes));
    super::chain::each_line(lines, failed, |_, line| {
        hash.update(line);
        hash.update(b"\n");
        let entry = super::chain::parts(line).and_then(|(_, text)| serde_json::from_slice::<super::chain::Brief<'_>>(text).ok());
        if let Some(entry) = entry {
            (from, until) = (from.min(entry.at), until.max(entry.at));
        }
        Ok(())
    })?;
    Ok((hexadecimal(hash), from, until))
}
