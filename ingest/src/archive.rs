//! Files that arrive packed together in a ZIP archive. Each entry is a file of its own: it is unpacked under a name that we give it, so
//! that no name of theirs reaches the disk, and is then opened like any other. What an archive may ask for is limited before and while it
//! is unpacked; one that plays tricks is refused whole, in a sentence. What stands in the files is not asked here.

mod entry;

use crate::{
    Error,
    decode::{PIECE, read_some},
};
pub(crate) use entry::count;
use entry::{Verdict, judge};
use std::{
    fs::File,
    io::{self, BufReader, Read, Write},
    path::{Path, PathBuf},
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
}

impl Default for ArchiveLimits {
    fn default() -> ArchiveLimits {
        ArchiveLimits { entries: 2_000, bytes: 4 << 30, ratio: 100, exempt: 1 << 20 }
    }
}

/// One file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpacked {
    /// As the archive calls it, folders too; to be shown, never to be opened.
    pub name: String,
    /// Where it lies now.
    pub path: PathBuf,
}

/// What was in an archive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Archive {
    /// Its files, in its order.
    pub files: Vec<Unpacked>,
    /// What is in it that nobody packed on purpose: `__MACOSX`, `.DS_Store`, `Thumbs.db`; not unpacked.
    pub ignored: Vec<String>,
}

/// Unpacks a ZIP archive into a folder that exists; none when the file is no archive, or one that is a document (XLSX).
///
/// What was unpacked before a refusal stays in the folder; it is the caller's to remove, whatever the outcome.
///
/// # Errors
/// The archive is damaged, exceeds a limit, or has an entry that is encrypted, a link, named so that it would lie elsewhere, twice, or on
/// top of another; or the folder cannot be written.
pub fn unpack(path: &Path, into: &Path, limits: &ArchiveLimits) -> Result<Option<Archive>, Error> {
    let mut file = File::open(path).map_err(|error| Error::file(path, &error))?;
    let failed = |error: io::Error| Error::file(path, &error);
    let mut magic = [0; 4];
    if file.read(&mut magic).map_err(failed)? < magic.len() || ![*b"PK\x03\x04", *b"PK\x05\x06"].contains(&magic) {
        return Ok(None);
    }
    let refusal = Refusal { path, limits };
    let stated = count(&mut file).map_err(failed)?;
    if stated > limits.entries.max(u64::from(u16::MAX)) {
        return Err(refusal.limit("the archive", format!("it has more than {} entries", limits.entries)));
    }
    let zip =
        ZipArchive::new(BufReader::new(file)).map_err(|_| refusal.damaged("its end", "the list of its entries is missing or broken"))?;
    if is_document(&zip) { Ok(None) } else { Unpacking { zip, into, refusal, unpacked: 0 }.all().map(Some) }
}

/// Whether an archive is a document of one of the office programs, which are archives too.
fn is_document(zip: &ZipArchive<BufReader<File>>) -> bool {
    const PARTS: [&[u8]; 6] = [b"xl/", b"word/", b"ppt/", b"content.xml", b"[Content_Types].xml", b"visio/"];
    zip.file_names_raw().any(|name| PARTS.iter().any(|part| name.starts_with(part)))
}

/// The sentences.
struct Refusal<'a> {
    path: &'a Path,
    limits: &'a ArchiveLimits,
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

struct Unpacking<'a> {
    zip: ZipArchive<BufReader<File>>,
    into: &'a Path,
    refusal: Refusal<'a>,
    /// Bytes so far.
    unpacked: u64,
}

impl Unpacking<'_> {
    fn all(mut self) -> Result<Archive, Error> {
        self.check_list()?;
        let mut archive = Archive::default();
        for at in 0..self.zip.len() {
            let unreadable = |_| {
                self.refusal.trick(&format!("whose entry {} cannot be unpacked", at + 1), "pack the files again as ZIP, without a password")
            };
            let verdict = judge(&self.zip.by_index_raw(at).map_err(unreadable)?);
            match verdict {
                Verdict::Folder => {}
                Verdict::Ignored(name) => archive.ignored.push(name),
                Verdict::Refused { what, hint } => return Err(self.refusal.trick(&what, hint)),
                Verdict::File(name) => {
                    let path = self.into.join(format!("{:05}", archive.files.len() + 1));
                    self.entry(at, &name, &path)?;
                    archive.files.push(Unpacked { name, path });
                }
            }
        }
        Ok(archive)
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

    fn entry(&mut self, at: usize, name: &str, path: &Path) -> Result<(), Error> {
        let place = format!("entry `{name}`");
        let damaged = |refusal: &Refusal<'_>| refusal.damaged(&place, "it cannot be unpacked");
        let mut part = self.zip.by_index(at).map_err(|_| damaged(&self.refusal))?;
        let mut file = File::create_new(path).map_err(|error| Error::file(path, &error))?;
        let (mut buffer, mut size) = (vec![0; PIECE], 0);
        loop {
            let count = read_some(&mut part, &mut buffer).map_err(|_| damaged(&self.refusal))?;
            if count == 0 {
                return Ok(());
            }
            size += count as u64;
            self.unpacked += count as u64;
            check(&self.refusal, &place, &part, size, self.unpacked)?;
            file.write_all(&buffer[..count]).map_err(|error| Error::file(path, &error))?;
        }
    }
}

/// Whether the entry and the whole are still within the limits.
fn check<R: Read>(refusal: &Refusal<'_>, place: &str, part: &ZipFile<'_, R>, size: u64, unpacked: u64) -> Result<(), Error> {
    let limits = refusal.limits;
    if unpacked > limits.bytes {
        return Err(refusal.limit("the archive", format!("it unpacks to more than {} bytes", limits.bytes)));
    }
    if size > limits.exempt && size > limits.ratio.saturating_mul(part.compressed_size()) {
        return Err(refusal.limit(place, format!("it unpacks to more than {} times its size", limits.ratio)));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
