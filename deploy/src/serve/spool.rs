//! Where an answer waits until all of it is written and accounted for: a small one in memory, a large one in a file without a name, which
//! goes when nobody has it open. So an answer leaves whole or not at all, and none takes more memory than another.

use crate::Error;
use axum::body::Body;
use std::{
    fs::File,
    io::{self, Read, Seek as _, Write},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

/// Bytes that wait in memory.
const IN_MEMORY: usize = 256 * 1024;
/// Bytes that an answer may have.
const MOST: u64 = 8 << 30;
/// Bytes that are read at a time.
const PIECE: usize = 64 * 1024;

/// An answer that is being written, for whoever writes it and whoever sends it.
#[derive(Debug, Clone)]
pub(crate) struct Spool(Arc<Mutex<Written>>);

#[derive(Debug)]
struct Written {
    folder: PathBuf,
    buffer: Vec<u8>,
    file: Option<File>,
    bytes: u64,
}

impl Spool {
    /// An empty one, with its file, if it needs one, in that folder.
    pub(crate) fn new(folder: PathBuf) -> Spool {
        Spool(Arc::new(Mutex::new(Written { folder, buffer: Vec::new(), file: None, bytes: 0 })))
    }

    /// What was written, to be sent, and how many bytes it has.
    ///
    /// # Errors
    /// The file cannot be written or read.
    pub(super) fn body(&self) -> Result<(Body, u64), Error> {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        written.settle().map_err(|error| Error::Output(error.to_string()))?;
        let bytes = written.bytes;
        match written.file.take() {
            None => Ok((Body::from(std::mem::take(&mut written.buffer)), bytes)),
            Some(file) => Ok((Body::from_stream(futures::stream::try_unfold(file, piece)), bytes)),
        }
    }
}

impl Spool {
    /// What was written, to be read from its beginning.
    ///
    /// # Errors
    /// The file cannot be written or read.
    pub(crate) fn reader(&self) -> Result<Box<dyn Read + Send>, Error> {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        written.settle().map_err(|error| Error::Output(error.to_string()))?;
        Ok(match written.file.take() {
            None => Box::new(io::Cursor::new(std::mem::take(&mut written.buffer))),
            Some(file) => Box::new(file),
        })
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        written.bytes += bytes.len() as u64;
        if written.bytes > MOST {
            return Err(io::Error::other("an answer has too many bytes"));
        }
        written.buffer.extend_from_slice(bytes);
        if written.buffer.len() > IN_MEMORY {
            written.spill()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn spill(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile_in(&self.folder)?),
        };
        file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    /// All of it in one place, to be read from its beginning.
    fn settle(&mut self) -> io::Result<()> {
        if self.file.is_some() {
            self.spill()?;
        }
        self.file.as_mut().map_or(Ok(()), |file| file.rewind())
    }
}

async fn piece(file: File) -> io::Result<Option<(Vec<u8>, File)>> {
    let read = move || {
        let (mut file, mut piece) = (file, Vec::with_capacity(PIECE));
        let count = (&mut file).take(PIECE as u64).read_to_end(&mut piece)?;
        Ok((count > 0).then_some((piece, file)))
    };
    tokio::task::spawn_blocking(read).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sent(pieces: usize) -> (Vec<u8>, u64) {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(folder.path().to_owned());
        for at in 0..pieces {
            spool.write_all(format!("{at:09}\n").as_bytes()).unwrap();
        }
        let (body, bytes) = spool.body().unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the file has no name");
        (axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec(), bytes)
    }

    #[tokio::test]
    async fn what_is_sent_is_what_was_written_small_or_large() {
        for pieces in [0, 1, IN_MEMORY / 10, IN_MEMORY / 10 + 1, 100_000] {
            let (sent, bytes) = sent(pieces).await;
            assert_eq!((sent.len(), bytes), (pieces * 10, pieces as u64 * 10));
            let lines = String::from_utf8(sent).unwrap();
            assert!(lines.lines().enumerate().all(|(at, line)| line == format!("{at:09}")));
        }
    }
}
