//! The head of a file of the graph, and that of one that lies over it: what kind of file it is, some numbers that tell how long its sections are,
//! and where these lie. What is in them does not enter. Nothing here is trusted: lengths are checked before anything is taken.
//!
//! | bytes | of a header with N numbers and S sections |
//! |---|---|
//! | 0–7 | what kind of file it is |
//! | 8–15 | version, number of sections (u32 each) |
//! | then 8 N | numbers (u64 each) |
//! | then 24 S | of each section its position, its length and the XXH3-64 of its bytes (u64 each) |
//! | then 8 | the XXH3-64 of all before it |
//!
//! All is little endian. The first section has names, which are as long as they are; how long others are follows from the numbers. They begin at
//! multiples of 64.

use crate::Error;
use arrow_buffer::{ArrowNativeType, Buffer, ScalarBuffer};
use std::hash::Hasher as _;
use twox_hash::XxHash3_64;

/// Where a section may begin.
const LINE: u64 = 64;

/// A part of the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) position: u64,
    pub(super) length: u64,
    pub(super) checksum: u64,
}

impl Section {
    /// Its bytes, where the file has them.
    pub(super) fn of<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let from = usize::try_from(self.position).ok()?;
        bytes.get(from..from.checked_add(usize::try_from(self.length).ok()?)?)
    }

    /// Its bytes as numbers.
    ///
    /// # Errors
    /// When the file does not have them where numbers can lie.
    pub(super) fn typed<T: ArrowNativeType>(&self, file: &Buffer) -> Result<ScalarBuffer<T>, Error> {
        match (usize::try_from(self.position), usize::try_from(self.length)) {
            (Ok(position), Ok(length)) if self.of(file).is_some() && self.position.is_multiple_of(LINE) => {
                Ok(ScalarBuffer::from(file.slice_with_length(position, length)))
            }
            _ => Err(Error::Damaged { what: "where its sections lie" }),
        }
    }
}

/// A kind of file.
#[derive(Debug)]
pub(super) struct Form<const N: usize, const S: usize> {
    pub(super) magic: &'static [u8; 8],
    pub(super) version: u32,
    /// How long sections are by the length of the first and the numbers; none where there can be no such file.
    pub(super) lengths: fn(u64, &[u64; N]) -> Option<[u64; S]>,
    /// What sections are, in words.
    pub(super) sections: [&'static str; S],
}

/// What a file says of itself.
#[derive(Debug, Clone)]
pub(super) struct Header<const N: usize, const S: usize> {
    form: &'static Form<N, S>,
    pub(super) numbers: [u64; N],
    pub(super) sections: [Section; S],
}

impl<const N: usize, const S: usize> Header<N, S> {
    /// Bytes before its checksum.
    const SIGNED: usize = 16 + 8 * N + 24 * S;

    /// The header of a file of that size, sections one after the other, without their checksums; none where there can be no such file.
    pub(super) fn new(form: &'static Form<N, S>, names: usize, numbers: [u64; N]) -> Option<Header<N, S>> {
        let mut position = (Self::SIGNED as u64 + 8).next_multiple_of(LINE);
        let sections = (form.lengths)(names as u64, &numbers)?.map(|length| {
            let section = Section { position, length, checksum: 0 };
            position = (position + length).next_multiple_of(LINE);
            section
        });
        Some(Header { form, numbers, sections })
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.form.magic.to_vec();
        bytes.extend(self.form.version.to_le_bytes());
        bytes.extend(u32::try_from(S).unwrap_or_default().to_le_bytes());
        bytes.extend(self.numbers.into_iter().flat_map(u64::to_le_bytes));
        for section in &self.sections {
            bytes.extend([section.position, section.length, section.checksum].into_iter().flat_map(u64::to_le_bytes));
        }
        let checksum = checksum(&bytes);
        bytes.extend(checksum.to_le_bytes());
        bytes
    }

    /// Reads a header and holds it against the length of the file: the sections are where [`Header::new`] puts them, to the last byte.
    pub(super) fn read(form: &'static Form<N, S>, file: &[u8]) -> Result<Header<N, S>, Error> {
        let damaged = |what| Error::Damaged { what };
        if cfg!(target_endian = "big") {
            return Err(damaged("it is little endian, this machine is not"));
        }
        let signed = file.get(..Self::SIGNED).ok_or(damaged("it is shorter than its header"))?;
        if !signed.starts_with(form.magic) {
            return Err(damaged("it does not begin as one"));
        }
        if signed[8..12] != form.version.to_le_bytes() {
            return Err(damaged("it is of another version"));
        }
        let word = |at: usize| file.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes);
        if word(Self::SIGNED) != checksum(signed) {
            return Err(damaged("its header"));
        }
        let (numbers, from) = (std::array::from_fn(|at| word(16 + 8 * at)), 16 + 8 * N);
        let names = usize::try_from(word(from + 8)).ok().filter(|names| *names <= file.len()).ok_or(damaged("its size"))?;
        let mut header = Header::new(form, names, numbers).ok_or(damaged("its size"))?;
        for (at, section) in header.sections.iter_mut().enumerate() {
            let from = from + 24 * at;
            if (word(from), word(from + 8)) != (section.position, section.length) {
                return Err(damaged("where its sections lie"));
            }
            section.checksum = word(from + 16);
        }
        let end = header.sections.last().map_or(0, |last| last.position + last.length);
        if file.len() as u64 == end { Ok(header) } else { Err(damaged("it is longer or shorter than its header says")) }
    }

    /// The XXH3-64 of the header, and so, since it has theirs, of all sections.
    pub(super) fn checksum(&self) -> u64 {
        checksum(self.bytes().get(..Self::SIGNED).unwrap_or_default())
    }

    /// The bytes of the first section, as they were written.
    ///
    /// # Errors
    /// They are not.
    pub(super) fn names<'a>(&self, file: &'a [u8]) -> Result<&'a [u8], Error> {
        let (damaged, section) = (Error::Damaged { what: "its names" }, self.sections.first().copied().unwrap_or_default());
        section.of(file).filter(|bytes| checksum(bytes) == section.checksum).ok_or(damaged)
    }

    /// Reads all of a file: it is as it was written.
    ///
    /// # Errors
    /// When a byte is not.
    pub(super) fn verify(&self, file: &[u8]) -> Result<(), Error> {
        for (section, what) in self.sections.iter().zip(self.form.sections) {
            if section.of(file).map(checksum) != Some(section.checksum) {
                return Err(Error::Damaged { what });
            }
        }
        let mut from = Self::SIGNED as u64 + 8;
        for section in &self.sections {
            let gap = Section { position: from, length: section.position - from, checksum: 0 };
            if gap.of(file).is_none_or(|gap| gap.iter().any(|byte| *byte != 0)) {
                return Err(Error::Damaged { what: "there is something between its sections" });
            }
            from = section.position + section.length;
        }
        Ok(())
    }
}

/// The XXH3-64 of bytes.
pub(super) fn checksum(bytes: &[u8]) -> u64 {
    let mut hasher = XxHash3_64::default();
    hasher.write(bytes);
    hasher.finish()
}
