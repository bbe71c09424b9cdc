//! Which files an audit is made of, and all of them as they stood at one moment. `audit.jsonl` is open; `segment-000001.jsonl` and so on are
//! sealed, each by `segment-000001.seal`, which stays when the segment is removed; `segment-000001.index` is derived and may be missing.

use super::{
    Entry,
    chain::{START, each_line, entry_of, hash_of, hexadecimal},
    seal::Seal,
};
use crate::{
    Error,
    journal::{Journal, Stood},
};
use sha2::{Digest as _, Sha256};
use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Take},
    path::{Path, PathBuf},
};

/// The file that is written to.
pub(super) const OPEN: &str = "audit.jsonl";

/// Every file of an audit, as they stood at one moment; what is appended or sealed later is not seen, and what is removed is.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) folder: PathBuf,
    /// The seals with their hashes, first to last.
    pub(super) sealed: Vec<(Seal, String)>,
    /// The hash of the last seal, as the open file names it.
    pub(super) named: String,
    /// Number of the last entry.
    pub(super) last: u64,
    open: File,
    bytes: u64,
}

impl Standing {
    pub(super) fn of(journal: &Journal) -> Result<Standing, Error> {
        let folder = journal.path().parent().unwrap_or(Path::new(".")).to_owned();
        // The lock is held until the seals are read, so that none is added meanwhile.
        let Stood { file, first, tail, bytes } = journal.stand()?;
        let first = first.and_then(|line| entry_of(line.as_bytes())).map(|(entry, _)| entry);
        let last = tail.last.and_then(|line| entry_of(line.as_bytes())).map_or(0, |(entry, _)| entry.seq);
        let count = first.as_ref().and_then(before).unwrap_or_default();
        let sealed = (1..=count).map(|number| seal(&folder, number)).collect::<Result<_, _>>()?;
        let named = first.as_ref().filter(|_| count > 0).and_then(|entry| entry.statement.clone()).unwrap_or_else(|| START.to_owned());
        file.unlock().map_err(Error::account("reading", journal.path()))?;
        Ok(Standing { folder, sealed, named, last, open: file, bytes })
    }

    /// Whether the first segment is not there: then some entry has to say that it was removed.
    pub(super) fn is_cut(&self) -> bool {
        !self.sealed.is_empty() && !path(&self.folder, 1).exists()
    }

    /// The lines of the open file, from a place on.
    pub(super) fn open(&self, from: u64) -> Result<BufReader<Take<File>>, Error> {
        let mut open = self.open.try_clone().map_err(failed(&self.folder.join(OPEN)))?;
        open.seek(SeekFrom::Start(from)).map_err(failed(&self.folder.join(OPEN)))?;
        Ok(BufReader::with_capacity(PIECE, open.take(self.bytes.saturating_sub(from))))
    }

    /// The lines of a sealed segment, from a place on; none where it was removed.
    pub(super) fn sealed(&self, number: u64, from: u64) -> Result<Option<BufReader<File>>, Error> {
        let path = path(&self.folder, number);
        let Some(mut file) = found(&path)? else { return Ok(None) };
        file.seek(SeekFrom::Start(from)).map_err(failed(&path))?;
        Ok(Some(BufReader::with_capacity(PIECE, file)))
    }

    /// Calls back with every line of the open file and the place where it begins, from a place on.
    pub(super) fn each_open(&self, from: u64, each: impl FnMut(u64, &[u8]) -> Result<(), Error>) -> Result<(), Error> {
        each_line(self.open(from)?, failed(&self.folder.join(OPEN)), each)
    }

    /// The same of a sealed segment; false where it was removed.
    pub(super) fn each_sealed(&self, number: u64, from: u64, each: impl FnMut(u64, &[u8]) -> Result<(), Error>) -> Result<bool, Error> {
        let Some(lines) = self.sealed(number, from)? else { return Ok(false) };
        each_line(lines, failed(&path(&self.folder, number)), each).map(|()| true)
    }

    /// The line that begins at a place of a sealed segment; none where it was removed meanwhile.
    pub(super) fn line_of(&self, number: u64, place: u64) -> Result<Option<Vec<u8>>, Error> {
        let Some(mut lines) = self.sealed(number, place)? else { return Ok(None) };
        let mut line = Vec::new();
        lines.read_until(b'\n', &mut line).map_err(failed(&path(&self.folder, number)))?;
        line.pop_if(|last| *last == b'\n');
        Ok(Some(line))
    }
}

/// Bytes that are read at a time.
const PIECE: usize = 1 << 16;

fn failed(path: &Path) -> impl Fn(std::io::Error) -> Error + use<'_> {
    |source| Error::Account { action: "reading", path: path.to_owned(), source }
}

/// A file that may have been removed.
pub(super) fn found(path: &Path) -> Result<Option<File>, Error> {
    match File::open(path) {
        Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some).map_err(failed(path)),
    }
}

/// The segment that was sealed when this entry began a file.
pub(super) fn before(first: &Entry) -> Option<u64> {
    first.segment.filter(|_| first.kind == "seal")
}

/// The seal of a segment, and its hash.
pub(super) fn seal(folder: &Path, number: u64) -> Result<(Seal, String), Error> {
    let path = seal_path(folder, number);
    let broken = |detail| Error::Chain { place: format!("segment-{number:06}.seal"), detail };
    let mut bytes = Vec::new();
    found(&path)?.ok_or_else(|| broken("it is missing"))?.read_to_end(&mut bytes).map_err(failed(&path))?;
    let seal: Seal = serde_json::from_slice(&bytes).map_err(|_| broken("it is no seal"))?;
    match seal.segment == number {
        true => Ok((seal, hash_of(&bytes))),
        false => Err(broken("it is the seal of another segment")),
    }
}

pub(super) fn name(number: u64) -> String {
    format!("segment-{number:06}.jsonl")
}

pub(super) fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(name(number))
}

pub(super) fn seal_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("segment-{number:06}.seal"))
}

pub(super) fn index_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("segment-{number:06}.index"))
}

/// SHA-256 of a file.
pub(super) fn sha256(path: &Path) -> Result<String, Error> {
    let mut hash = Sha256::new();
    let mut file = File::open(path).map_err(Error::account("reading", path))?;
    let mut piece = vec![0; 1 << 18];
    loop {
        match file.read(&mut piece).map_err(Error::account("reading", path))? {
            0 => return Ok(hexadecimal(hash)),
            count => hash.update(&piece[..count]),
        }
    }
}
