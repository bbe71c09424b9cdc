//! Where in a sealed segment the entries stand that tell of a person, and which names it holds at all. It is derived from the segment: made
//! when that is sealed, made again where it is missing or not that of the seal. So a question for one person among millions of entries reads
//! a few kilobytes a segment.
//!
//! The file is a line with the SHA-256 of the next, a line of JSON (`Head`), and blocks of 256 pairs of 16 bytes: number and place of a line,
//! ordered. The head keeps of each block its first number and the beginning of its hash, so that what is read is checked, and nothing else.

use super::{
    Entry,
    chain::{each_line, entry_of, hash_of},
    segment,
};
use crate::Error;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeSet,
    fs::File,
    io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

/// Bytes of a pair, and pairs of a block.
const PAIR: usize = 16;
const BLOCK: usize = 256;
/// Hexadecimal digits that are kept of a block's hash.
const DIGITS: usize = 16;
/// The number under which entries stand that list fewer than they showed.
pub(super) const MORE: i64 = i64::MIN;

/// What an index begins with.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Head {
    /// Hash of the seal of its segment.
    seal: String,
    pairs: usize,
    /// Of each block the first number and the beginning of its hash.
    blocks: Vec<(i64, String)>,
    pub(super) principals: BTreeSet<String>,
    pub(super) kinds: BTreeSet<String>,
    pub(super) purposes: BTreeSet<String>,
    pub(super) tables: BTreeSet<String>,
}

/// An index that is open.
#[derive(Debug)]
pub(super) struct Index {
    pub(super) head: Head,
    file: File,
    /// Where the blocks begin.
    begin: u64,
}

/// Under which number a record stands; a person stands under their own, which is not negative.
pub(super) fn of_record(record: i64) -> i64 {
    !record
}

/// The numbers under which an entry stands.
fn numbers(entry: &Entry) -> impl Iterator<Item = i64> {
    let records = entry.records.iter().copied().map(of_record);
    entry.persons.iter().copied().chain(records).chain(entry.more.map(|_| MORE))
}

/// Makes the index of a sealed segment.
pub(super) fn make(folder: &Path, number: u64) -> Result<(), Error> {
    let (_, seal) = segment::seal(folder, number)?;
    let (path, made) = (segment::path(folder, number), folder.join(format!("index-{number:06}-{}.next", std::process::id())));
    let failed = |source| Error::Account { action: "reading", path: path.clone(), source };
    let (mut head, mut pairs) = (Head { seal, ..Head::default() }, Vec::new());
    let lines = BufReader::with_capacity(1 << 18, File::open(&path).map_err(failed)?);
    each_line(lines, failed, |place, line| {
        if let Some((entry, _)) = entry_of(line) {
            pairs.extend(numbers(&entry).map(|number| (number, place)));
            head.principals.insert(entry.principal);
            head.kinds.insert(entry.kind);
            head.purposes.insert(entry.purpose);
            head.tables.extend(entry.tables);
        }
        Ok(())
    })?;
    pairs.sort_unstable();
    let blocks: Vec<Vec<u8>> = pairs.chunks(BLOCK).map(bytes).collect();
    head.pairs = pairs.len();
    head.blocks = pairs.chunks(BLOCK).zip(&blocks).map(|(pairs, bytes)| (pairs[0].0, digest(bytes))).collect();
    let text = serde_json::to_string(&head).map_err(|_| Error::Engine { detail: "an index cannot be written" })?;
    let write = |mut file: File| {
        file.write_all(format!("{}\n{text}\n", hash_of(text.as_bytes())).as_bytes())?;
        blocks.iter().try_for_each(|block| file.write_all(block))?;
        file.sync_all()
    };
    let written = File::create(&made).and_then(write).and_then(|()| std::fs::rename(&made, segment::index_path(folder, number)));
    written.map_err(Error::account("writing", segment::index_path(folder, number)))
}

fn bytes(pairs: &[(i64, u64)]) -> Vec<u8> {
    pairs.iter().flat_map(|(number, place)| number.to_le_bytes().into_iter().chain(place.to_le_bytes())).collect()
}

fn digest(block: &[u8]) -> String {
    hash_of(block)[..DIGITS].to_owned()
}

/// Whether the index of a segment is missing, or all of it is what was written for that seal.
pub(super) fn is_whole(folder: &Path, number: u64, seal: &str) -> Result<bool, Error> {
    let path = segment::index_path(folder, number);
    if !path.exists() {
        return Ok(true);
    }
    let Some(mut index) = Index::open(folder, number, seal)? else { return Ok(false) };
    let length = index.file.metadata().map_err(Error::account("reading", &path))?.len();
    let expected = index.begin + (index.head.pairs * PAIR) as u64;
    Ok(length == expected && (0..index.head.blocks.len()).all(|block| index.block(block).is_some()))
}

impl Index {
    /// The index of a segment, if it is there and is that of the seal.
    pub(super) fn open(folder: &Path, number: u64, seal: &str) -> Result<Option<Index>, Error> {
        let file = segment::found(&segment::index_path(folder, number))?;
        Ok(file.and_then(Index::read).filter(|index| index.head.seal == seal))
    }

    fn read(file: File) -> Option<Index> {
        let (mut hash, mut text, mut lines) = (String::new(), String::new(), BufReader::new(&file));
        let begin = lines.read_line(&mut hash).ok()? + lines.read_line(&mut text).ok()?;
        drop(lines);
        let text = text.strip_suffix('\n').filter(|text| hash_of(text.as_bytes()) == hash.trim_end())?;
        let head: Head = serde_json::from_str(text).ok()?;
        (head.pairs.div_ceil(BLOCK) == head.blocks.len()).then_some(Index { head, file, begin: begin as u64 })
    }

    /// The places of the lines that stand under one of these numbers, in order; none where the file is not what was written.
    pub(super) fn places(&mut self, numbers: &BTreeSet<i64>) -> Option<BTreeSet<u64>> {
        let mut places = BTreeSet::new();
        for number in numbers {
            // The first block that may hold it is the one before the first that begins with it.
            let first = self.head.blocks.partition_point(|(begins, _)| begins < number).saturating_sub(1);
            let behind = self.head.blocks.partition_point(|(begins, _)| begins <= number);
            for block in first..behind {
                let pairs = self.block(block)?;
                places.extend(pairs.into_iter().filter(|(found, _)| found == number).map(|(_, place)| place));
            }
        }
        Some(places)
    }

    fn block(&mut self, at: usize) -> Option<Vec<(i64, u64)>> {
        let count = self.head.pairs.checked_sub(at * BLOCK)?.min(BLOCK);
        let mut bytes = vec![0; count * PAIR];
        self.file.seek(SeekFrom::Start(self.begin + (at * BLOCK * PAIR) as u64)).ok()?;
        self.file.read_exact(&mut bytes).ok()?;
        if digest(&bytes) != self.head.blocks.get(at)?.1 {
            return None;
        }
        let (pairs, _) = bytes.as_chunks::<PAIR>();
        Some(pairs.iter().map(pair).collect())
    }
}

fn pair(bytes: &[u8; PAIR]) -> (i64, u64) {
    let half = |at: usize| std::array::from_fn(|byte| bytes[at + byte]);
    (i64::from_le_bytes(half(0)), u64::from_le_bytes(half(8)))
}
