//! A file of the graph while it is written, section by section. Where bytes go to is not known here.

use super::header::Header;
use crate::Error;
use arrow_buffer::{ArrowNativeType, Buffer};
use std::hash::Hasher as _;
use twox_hash::XxHash3_64;

/// Numbers as the bytes they are in memory. Who reads them on a machine that is not little endian is told so.
pub(super) fn bytes<T: ArrowNativeType>(numbers: Vec<T>) -> Buffer {
    Buffer::from_vec(numbers)
}

/// The file, of which the header is written last: what is not finished is none.
pub(super) struct File<W, const N: usize, const S: usize> {
    header: Header<N, S>,
    write: W,
    written: [(u64, XxHash3_64); S],
}

impl<W, const N: usize, const S: usize> File<W, N, S> {
    /// What is written is put with its position.
    pub(super) fn new(header: Header<N, S>, write: W) -> File<W, N, S> {
        let written = header.sections.map(|section| (section.position, XxHash3_64::default()));
        File { header, write, written }
    }

    /// Appends to a section.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn put<E>(&mut self, section: usize, bytes: &[u8]) -> Result<(), E>
    where
        W: FnMut(u64, &[u8]) -> Result<(), E>,
    {
        let (position, hasher) = &mut self.written[section];
        hasher.write(bytes);
        let at = std::mem::replace(position, *position + bytes.len() as u64);
        (self.write)(at, bytes)
    }

    /// Fills what is between sections and writes the header; says how long the file is.
    ///
    /// # Errors
    /// It cannot be written, or a section is not as long as it was said to be.
    pub(super) fn finish<E: From<Error>>(mut self) -> Result<u64, E>
    where
        W: FnMut(u64, &[u8]) -> Result<(), E>,
    {
        let begins = self.header.sections.map(|section| section.position);
        for (at, (end, hasher)) in self.written.iter().enumerate() {
            let section = &mut self.header.sections[at];
            if *end != section.position + section.length {
                return Err(Error::Changed.into());
            }
            section.checksum = hasher.finish();
            if let Some(gap) = begins.get(at + 1).and_then(|next| usize::try_from(next - end).ok()) {
                (self.write)(*end, &vec![0; gap])?;
            }
        }
        let header = self.header.bytes();
        let gap = begins.first().map_or(0, |first| first.saturating_sub(header.len() as u64));
        (self.write)(header.len() as u64, &vec![0; usize::try_from(gap).unwrap_or_default()])?;
        (self.write)(0, &header)?;
        Ok(self.written.last().map_or(0, |(end, _)| *end))
    }
}
