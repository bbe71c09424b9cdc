//! A file of lines that is only ever appended to, by one writer at a time over all processes. What the lines say is not known here.

use crate::Error;
use std::{
    fs::{File, OpenOptions},
    io::{BufRead as _, BufReader, Read, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

/// How a line is put on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Forced to disk before `append` returns.
    Forced,
    /// Left to the system.
    Relaxed,
}

/// What a file ends with.
pub(crate) struct Tail {
    /// The last whole line.
    pub(crate) last: Option<String>,
    /// Bytes after it: of a line that a crash cut short, so its writer was never told that it stands. They are dropped.
    pub(crate) torn: u64,
}

/// A file of lines.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    durability: Durability,
}

/// The file while it is this writer's alone.
pub(crate) struct Held<'a> {
    journal: &'a Journal,
    file: File,
    /// Its first whole line.
    pub(crate) first: Option<String>,
    pub(crate) tail: Tail,
    /// Bytes of its whole lines.
    pub(crate) bytes: u64,
}

/// The file as it stood at one moment, for a reader.
pub(crate) struct Stood {
    pub(crate) file: File,
    pub(crate) first: Option<String>,
    pub(crate) tail: Tail,
    pub(crate) bytes: u64,
}

impl Journal {
    /// Opens the file, making it when it is not there.
    pub(crate) fn open(path: PathBuf, durability: Durability) -> Result<Journal, Error> {
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(Error::account("making the folder", folder))?;
        OpenOptions::new().create(true).append(true).open(&path).map_err(Error::account("opening", &path))?;
        if durability == Durability::Forced {
            force_folder(folder)?;
        }
        Ok(Journal { path, durability })
    }

    /// The file as another process keeps it, to be read.
    pub(crate) fn to_read(path: PathBuf) -> Journal {
        Journal { path, durability: Durability::Relaxed }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Appends the lines that are made of what the file ends with; each must end with a newline.
    pub(crate) fn append(&self, lines: impl FnOnce(&Tail) -> Result<String, Error>) -> Result<(), Error> {
        let mut held = self.hold()?;
        let lines = lines(&held.tail)?;
        held.write(&lines)
    }

    /// Waits until the file is this writer's alone. It is opened anew each time: one that was moved away is missed, not written to, and one
    /// that another writer put another file in place of while this one waited is let go for that.
    pub(crate) fn hold(&self) -> Result<Held<'_>, Error> {
        let failed = |action: &'static str| Error::account(action, &self.path);
        loop {
            let mut file = OpenOptions::new().read(true).append(true).open(&self.path).map_err(failed("opening"))?;
            file.lock().map_err(failed("locking"))?;
            if is_at(&file, &self.path).map_err(failed("opening"))? {
                let tail = tail(&mut file).map_err(failed("reading"))?;
                let bytes = file.metadata().map_err(failed("reading"))?.len().saturating_sub(tail.torn);
                let first = first(&mut file, bytes).map_err(failed("reading"))?;
                return Ok(Held { journal: self, file, first, tail, bytes });
            }
        }
    }

    /// The file as it stands, while nobody writes; the lock goes with what is returned.
    pub(crate) fn stand(&self) -> Result<Stood, Error> {
        let failed = |action: &'static str| Error::account(action, &self.path);
        loop {
            let mut file = File::open(&self.path).map_err(failed("opening"))?;
            file.lock_shared().map_err(failed("locking"))?;
            if is_at(&file, &self.path).map_err(failed("opening"))? {
                let tail = tail(&mut file).map_err(failed("reading"))?;
                let bytes = file.metadata().map_err(failed("reading"))?.len().saturating_sub(tail.torn);
                let first = first(&mut file, bytes).map_err(failed("reading"))?;
                return Ok(Stood { file, first, tail, bytes });
            }
        }
    }

    /// Whether it can be opened to be written.
    pub(crate) fn check(&self) -> Result<(), Error> {
        OpenOptions::new().append(true).open(&self.path).map(drop).map_err(Error::account("opening", &self.path))
    }

    /// The whole lines that stood then, oldest first, from a byte on at which one begins.
    pub(crate) fn lines_of(&self, stood: Stood, from: u64) -> Result<impl Iterator<Item = Result<String, Error>> + use<'_>, Error> {
        let failed = |action: &'static str| Error::account(action, &self.path);
        let Stood { mut file, bytes, .. } = stood;
        file.seek(SeekFrom::Start(from)).map_err(failed("reading"))?;
        Ok(BufReader::new(file.take(bytes.saturating_sub(from))).lines().map(move |line| line.map_err(failed("reading"))))
    }
}

impl Held<'_> {
    /// Writes whole lines at the end, in place of what a crash left of one.
    pub(crate) fn write(&mut self, lines: &str) -> Result<(), Error> {
        let failed = |action: &'static str| Error::account(action, &self.journal.path);
        self.mend()?;
        self.file.write_all(lines.as_bytes()).map_err(failed("writing"))?;
        match self.journal.durability {
            Durability::Forced => self.file.sync_data().map_err(failed("forcing to disk")),
            Durability::Relaxed => Ok(()),
        }
    }

    /// Drops what a crash left of a line; returns how many bytes.
    pub(crate) fn mend(&mut self) -> Result<u64, Error> {
        let torn = std::mem::take(&mut self.tail.torn);
        if torn > 0 {
            self.file.set_len(self.bytes).map_err(Error::account("repairing", &self.journal.path))?;
        }
        Ok(torn)
    }

    /// The file itself, to be read whole.
    pub(crate) fn file(&mut self) -> &mut File {
        &mut self.file
    }
}

/// Forces the names in a folder to disk.
pub(crate) fn force_folder(folder: &Path) -> Result<(), Error> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::account("forcing to disk", folder))
}

/// Whether an open file is the one that has that name now.
#[cfg(unix)]
pub(crate) fn is_at(file: &File, path: &Path) -> std::io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let (open, named) = (file.metadata()?, std::fs::metadata(path)?);
    Ok((open.dev(), open.ino()) == (named.dev(), named.ino()))
}

/// Whether an open file is the one that has that name now: elsewhere an open file keeps its name.
#[cfg(not(unix))]
pub(crate) fn is_at(_: &File, _: &Path) -> std::io::Result<bool> {
    Ok(true)
}

fn first(file: &mut File, bytes: u64) -> std::io::Result<Option<String>> {
    if bytes == 0 {
        return Ok(None);
    }
    file.rewind()?;
    let mut line = Vec::new();
    BufReader::new(Read::take(file, bytes)).read_until(b'\n', &mut line)?;
    Ok(Some(String::from_utf8_lossy(&line).trim_end_matches('\n').to_owned()))
}

/// Bytes first looked at from the end; doubled until a whole line is in them.
const LOOK_BACK: u64 = 8 * 1024;

fn tail(file: &mut File) -> std::io::Result<Tail> {
    let length = file.metadata()?.len();
    let mut look = LOOK_BACK;
    loop {
        let start = length.saturating_sub(look);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::with_capacity(usize::try_from(length - start).unwrap_or_default());
        (&*file).take(length - start).read_to_end(&mut bytes)?;
        let end = bytes.iter().rposition(|byte| *byte == b'\n');
        let begin = end.and_then(|end| bytes[..end].iter().rposition(|byte| *byte == b'\n')).map(|before| before + 1);
        match (begin, end, start) {
            (Some(begin), Some(end), _) => return Ok(whole(&bytes[begin..end], bytes.len() - end - 1)),
            (None, Some(end), 0) => return Ok(whole(&bytes[..end], bytes.len() - end - 1)),
            (None, None, 0) => return Ok(Tail { last: None, torn: length }),
            _ => look = look.saturating_mul(2),
        }
    }
}

fn whole(line: &[u8], torn: usize) -> Tail {
    Tail { last: Some(String::from_utf8_lossy(line).into_owned()), torn: torn as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal(folder: &tempfile::TempDir) -> Journal {
        Journal::open(folder.path().join("deep").join("lines"), Durability::Forced).unwrap()
    }

    fn all(journal: &Journal) -> Vec<String> {
        journal.lines_of(journal.stand().unwrap(), 0).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn a_line_cut_short_is_dropped_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let journal = journal(&folder);
        let long = "x".repeat(20_000);
        journal.append(|tail| Ok(format!("{}{long}\n", tail.torn))).unwrap();
        OpenOptions::new().append(true).open(journal.path()).unwrap().write_all(b"torn").unwrap();
        assert_eq!(all(&journal).len(), 1, "a torn line is not shown");
        journal
            .append(|tail| {
                assert_eq!((tail.torn, tail.last.as_ref().unwrap().len()), (4, 20_001));
                Ok("second\n".to_owned())
            })
            .unwrap();
        assert_eq!(all(&journal)[1..], ["second"]);
    }

    #[test]
    fn a_file_of_one_torn_line_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let journal = journal(&folder);
        std::fs::write(journal.path(), b"{\"ha").unwrap();
        journal.append(|tail| Ok(format!("{}\n", tail.torn))).unwrap();
        assert_eq!(all(&journal), ["4"]);
        assert_eq!(journal.stand().unwrap().tail.last.unwrap(), "4");
    }

    #[test]
    fn two_writers_never_mix_their_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        let count = |tail: &Tail| Ok(format!("{}\n", tail.last.as_ref().map_or(1, |last| last.parse::<u64>().unwrap() + 1)));
        std::thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    let journal = Journal::open(path.clone(), Durability::Relaxed).unwrap();
                    (0..25).for_each(|_| journal.append(count).unwrap());
                });
            }
        });
        let journal = Journal::open(path.clone(), Durability::Relaxed).unwrap();
        assert_eq!(all(&journal), (1..=100).map(|n: u64| n.to_string()).collect::<Vec<_>>());
    }
}
