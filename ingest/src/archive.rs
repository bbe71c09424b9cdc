//! Files that arrive packed together in a ZIP archive. Each entry is a file of its own: it is handed out piece by piece to whoever writes it
//! down under a name of their own, so that no name of the archive reaches the disk, and is then opened like any other. What an archive may
//! ask for is limited before and while it is unpacked; one that plays tricks is refused whole, in a sentence. What stands in the files is
//! not asked here.

mod document;
mod entry;

use crate::{
    Error,
    decode::{PIECE, read_some},
    sniff::Stamp,
};
pub(crate) use document::{Document, document};
pub(crate) use entry::count;
use entry::{Verdict, judge, shown};
use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};
use zip::{ZipArchive, read::ZipFile};

/// What an archive may ask for.
#[derive(Debug, Clone, Copy)]
pub struct ArchiveLimits {
    /// Entries, folders too.
    pub entries: u64,
    /// Bytes of all entries unpacked.
    pub bytes: u64,
    /// Times the packed size, of an entry and of the whole.
    pub ratio: u64,
    /// Bytes that a ratio is not asked of: a small file may well be all zeros.
    pub exempt: u64,
    /// Bytes of a name; no file system takes more.
    pub name: usize,
}

impl Default for ArchiveLimits {
    fn default() -> ArchiveLimits {
        ArchiveLimits { entries: 2_000, bytes: 4 << 30, ratio: 100, exempt: 1 << 20, name: 1024 }
    }
}

/// Whoever takes the files of an archive, one after the other.
pub trait Unpack {
    /// A file begins, under the name that the archive calls it by, folders too: to be shown, never to be opened.
    ///
    /// # Errors
    /// Nobody takes it.
    fn file(&mut self, name: &str) -> io::Result<()>;

    /// The next bytes of the file that began last.
    ///
    /// # Errors
    /// Nobody takes them.
    fn bytes(&mut self, piece: &[u8]) -> io::Result<()>;
}

/// Takes a ZIP archive apart. Returns what is in it that nobody packed on purpose (`__MACOSX`, `.DS_Store`, `Thumbs.db`) and that is not
/// unpacked; none when the file is no archive, or one that is a document (XLSX).
///
/// What was handed out before a refusal is not to be used.
///
/// # Errors
/// The archive is damaged, exceeds a limit, has no file, or has an entry that is encrypted, packed by a method that is not read, a link,
/// named so that it would lie elsewhere, twice, or on top of another; or nobody takes what is in it.
pub fn unpack(path: &Path, limits: &ArchiveLimits, into: &mut impl Unpack) -> Result<Option<Vec<String>>, Error> {
    let stamp = Stamp::of(path)?;
    let failed = |error: io::Error| Error::file(path, &error);
    let mut file = File::open(path).map_err(failed)?;
    let mut magic = [0; 4];
    if read_some(&mut file, &mut magic).map_err(failed)? < magic.len() || !is_packed(&magic) {
        return Ok(None);
    }
    let refusal = Refusal { path, limits, packed: stamp.bytes };
    let stated = count(&mut file).map_err(failed)?;
    if stated > limits.entries.max(u64::from(u16::MAX)) {
        return Err(refusal.limit("the archive", format!("it has more than {} entries", limits.entries)));
    }
    let zip =
        ZipArchive::new(BufReader::new(file)).map_err(|_| refusal.damaged("its end", "the list of its entries is missing or broken"))?;
    if document(|part| zip.file_names_raw().any(|name| part.is(name))).is_some() {
        return Ok(None);
    }
    let ignored = Unpacking { zip, into, refusal, unpacked: 0 }.all()?;
    stamp.check(path)?;
    Ok(Some(ignored))
}

/// Whether a file begins as a ZIP archive does.
pub(crate) fn is_packed(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// The sentences.
struct Refusal<'a> {
    path: &'a Path,
    limits: &'a ArchiveLimits,
    /// Bytes of the archive.
    packed: u64,
}

impl Refusal<'_> {
    fn limit(&self, place: &str, limit: String) -> Error {
        let hint = "hand the files in one by one, or in smaller archives";
        Error::Limit { path: self.path.display().to_string(), place: place.to_owned(), limit, hint }
    }

    fn damaged(&self, place: &str, detail: &str) -> Error {
        Error::Damaged { path: self.path.display().to_string(), place: place.to_owned(), detail: detail.to_owned() }
    }

    fn trick(&self, what: &str, hint: &str) -> Error {
        Error::Format { path: self.path.display().to_string(), found: format!("a ZIP archive {what}"), hint: hint.to_owned() }
    }
}

struct Unpacking<'a, U> {
    zip: ZipArchive<BufReader<File>>,
    into: &'a mut U,
    refusal: Refusal<'a>,
    /// Bytes so far.
    unpacked: u64,
}

impl<U: Unpack> Unpacking<'_, U> {
    fn all(mut self) -> Result<Vec<String>, Error> {
        self.check_list()?;
        let (mut ignored, mut files) = (Vec::new(), 0);
        for at in 0..self.zip.len() {
            let unreadable = |_| {
                self.refusal.trick(&format!("whose entry {} cannot be unpacked", at + 1), "pack the files again as ZIP, without a password")
            };
            let verdict = judge(&self.zip.by_index_raw(at).map_err(unreadable)?, self.refusal.limits);
            match verdict {
                Verdict::Folder => {}
                Verdict::Ignored(name) => ignored.push(name),
                Verdict::Refused { what, hint } => return Err(self.refusal.trick(&what, hint)),
                Verdict::File(name) => {
                    files += 1;
                    self.entry(at, &name)?;
                }
            }
        }
        if files == 0 {
            return Err(self.refusal.trick("without any file in it", "pack the extracts into it, and hand it in again"));
        }
        Ok(ignored)
    }

    /// What can be refused before anything is unpacked.
    fn check_list(&mut self) -> Result<(), Error> {
        let (refusal, limits) = (&self.refusal, self.refusal.limits);
        if self.zip.len() as u64 > limits.entries {
            return Err(refusal.limit("the archive", format!("it has more than {} entries", limits.entries)));
        }
        if self.zip.has_duplicate_names() {
            return Err(refusal.trick("with two entries of one name", "pack the files again"));
        }
        if self.zip.decompressed_size().is_some_and(|size| size > u128::from(limits.bytes)) {
            return Err(refusal.limit("the archive", format!("it unpacks to more than {} bytes", limits.bytes)));
        }
        match self.zip.has_overlapping_entries() {
            Ok(false) => Ok(()),
            Ok(true) => Err(self.refusal.trick("whose entries lie on top of each other", "pack the files again")),
            Err(_) => Err(self.refusal.damaged("its entries", "one of them is not where the list says")),
        }
    }

    fn entry(&mut self, at: usize, name: &str) -> Result<(), Error> {
        let place = format!("entry `{}`", shown(name));
        let damaged = |refusal: &Refusal<'_>| refusal.damaged(&place, "it cannot be unpacked");
        let mut part = self.zip.by_index(at).map_err(|_| damaged(&self.refusal))?;
        let untaken = |refusal: &Refusal<'_>, error: io::Error| Error::file(refusal.path, &error);
        self.into.file(name).map_err(|error| untaken(&self.refusal, error))?;
        if part.size() == 0 && part.compressed_size() == 0 {
            // Not even the mark of an end, which whoever unpacks would miss.
            return Ok(());
        }
        let (mut buffer, mut size) = (vec![0; PIECE], 0);
        loop {
            let count = read_some(&mut part, &mut buffer).map_err(|_| damaged(&self.refusal))?;
            if count == 0 {
                return Ok(());
            }
            size += count as u64;
            self.unpacked += count as u64;
            check(&self.refusal, &place, &part, size, self.unpacked)?;
            self.into.bytes(&buffer[..count]).map_err(|error| untaken(&self.refusal, error))?;
        }
    }
}

/// Whether the entry and the whole are still within the limits.
fn check<R: Read>(refusal: &Refusal<'_>, place: &str, part: &ZipFile<'_, R>, size: u64, unpacked: u64) -> Result<(), Error> {
    let limits = refusal.limits;
    if unpacked > limits.bytes {
        return Err(refusal.limit("the archive", format!("it unpacks to more than {} bytes", limits.bytes)));
    }
    let more = || format!("it unpacks to more than {} times its size", limits.ratio);
    if size > limits.exempt && size > limits.ratio.saturating_mul(part.compressed_size()) {
        return Err(refusal.limit(place, more()));
    }
    // Many small bombs are one as well.
    if unpacked > limits.exempt && unpacked > limits.ratio.saturating_mul(refusal.packed) {
        return Err(refusal.limit("the archive", more()));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
