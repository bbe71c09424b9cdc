//! Bytes of an upload, as they come: each at the place that it is said to have, on disk when they are acknowledged. What breaks off goes on
//! where the file ends.

use super::{Untaken, Upload};
use crate::Error;
use sha2::{Digest as _, Sha256};
use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Write as _},
    sync::Arc,
};
use tokio::sync::OwnedMutexGuard;

/// Bytes that are read at a time, to see whether they are those that were meant.
const PIECE: usize = 1 << 20;

/// A place at the end of an upload, where bytes are written; nobody else writes there meanwhile.
#[derive(Debug)]
pub(crate) struct Appending {
    upload: Arc<Upload>,
    file: File,
    at: u64,
    bytes: u64,
    _place: OwnedMutexGuard<()>,
}

impl Appending {
    /// The place at `offset`.
    ///
    /// # Errors
    /// The upload ends elsewhere, is worked at or written to already, or cannot be opened.
    pub(crate) fn at(upload: &Arc<Upload>, offset: u64) -> Result<Appending, Error> {
        let place = upload.place()?;
        if upload.live().is_some() || upload.with(|record| record.is_gone) {
            return Err(Untaken::Whole.into());
        }
        let (received, bytes) = (upload.received(), upload.with(|record| record.bytes));
        if received != offset {
            return Err(Untaken::Place(received).into());
        }
        let file = OpenOptions::new().append(true).open(upload.data()).map_err(Error::file("opening", upload.data()))?;
        Ok(Appending { upload: Arc::clone(upload), file, at: offset, bytes, _place: place })
    }

    /// Whether so many bytes more belong to it.
    ///
    /// # Errors
    /// They do not.
    pub(crate) fn fits(&self, more: u64) -> Result<(), Error> {
        match self.at.checked_add(more) {
            Some(end) if end <= self.bytes => Ok(()),
            _ => Err(Untaken::TooMuch.into()),
        }
    }

    /// Writes bytes; it waits for the disk.
    ///
    /// # Errors
    /// They are too many, or cannot be written.
    pub(crate) fn write(mut self, piece: &[u8]) -> Result<Appending, Error> {
        self.fits(piece.len() as u64)?;
        self.file.write_all(piece).map_err(Error::file("writing", self.upload.data()))?;
        self.at += piece.len() as u64;
        Ok(self)
    }

    /// Brings to disk what was written. Whether the file is whole now.
    ///
    /// # Errors
    /// It cannot be brought to disk; or all has come and is not what was meant, in which case none of it stays.
    pub(crate) fn finish(self) -> Result<bool, Error> {
        let path = self.upload.data();
        self.file.sync_data().map_err(Error::file("forcing to disk", &path))?;
        if self.at < self.bytes {
            return Ok(false);
        }
        let meant = self.upload.with(|record| record.sha256.clone());
        let found = meant.as_ref().map(|_| hash(&self.upload)).transpose().map_err(Error::file("reading", &path))?;
        if found != meant {
            self.file.set_len(0).and_then(|()| self.file.sync_data()).map_err(Error::file("emptying", &path))?;
            return Err(Untaken::Other.into());
        }
        Ok(true)
    }
}

impl Upload {
    /// The place at its end, where one at a time may write.
    ///
    /// # Errors
    /// Somebody has it.
    pub(super) fn place(&self) -> Result<OwnedMutexGuard<()>, Error> {
        Arc::clone(&self.writing).try_lock_owned().map_err(|_| Untaken::Coming.into())
    }
}

/// The SHA-256 of what has come, in hexadecimal digits.
fn hash(upload: &Upload) -> std::io::Result<String> {
    let (mut file, mut piece, mut hash) = (File::open(upload.data())?, vec![0; PIECE], Sha256::new());
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(crate::account::token::hexadecimal(&hash.finalize())),
            count => hash.update(&piece[..count]),
        }
    }
}
