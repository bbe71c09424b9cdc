//! How the graph lies in bytes: a header that says what follows, then sections from multiples of 64, all little endian. What a walk makes of
//! them does not enter. Nothing here is trusted: lengths are checked before anything is taken, and nothing is reserved on a length's word.
//!
//! | bytes | header |
//! |---|---|
//! | 0–7 | `WUWEICSR` |
//! | 8–15 | version, number of sections (u32 each) |
//! | 16–39 | nodes, slots, build (u64 each) |
//! | 40–159 | of each section its position, its length and the XXH3-64 of its bytes (u64 each) |
//! | 160–167 | the XXH3-64 of all before it |
//!
//! Sections: *names*; *entities*, the entity number of each node (i64); *offsets*, where the slots of each node begin, and one more (u32);
//! *slots*, 12 bytes an end of an edge; *evidence*, 8 bytes a slot, apart since walks do not need it. What a walk looks at of a slot is side by
//! side, so that it meets one line of the cache, not five.

use crate::Error;
use std::hash::Hasher as _;
use twox_hash::XxHash3_64;

const MAGIC: &[u8; 8] = b"WUWEICSR";
const VERSION: u32 = 1;
const SIGNED: usize = 160;

/// Bytes of the header.
pub(crate) const HEAD: u64 = 168;

/// Where the first section begins.
const BODY: u64 = 192;

/// Sections, in their order.
pub(crate) const NAMES: usize = 0;
pub(crate) const ENTITIES: usize = 1;
pub(crate) const OFFSETS: usize = 2;
pub(crate) const SLOTS: usize = 3;
pub(crate) const EVIDENCE: usize = 4;
const SECTIONS: usize = COUNT as usize;
const COUNT: u32 = 5;

/// Bytes of a slot and of its evidence.
const SLOT: u64 = 12;
const ROW: u64 = 8;

/// A part of the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) position: u64,
    pub(crate) length: u64,
    pub(crate) checksum: u64,
}

impl Section {
    /// Its bytes, where the file has them.
    pub(crate) fn of<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let from = usize::try_from(self.position).ok()?;
        bytes.get(from..from.checked_add(usize::try_from(self.length).ok()?)?)
    }
}

/// What the file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) nodes: u32,
    pub(crate) slots: u32,
    pub(crate) build: u64,
    pub(crate) sections: [Section; SECTIONS],
}

impl Header {
    /// The header of a graph of that size, sections one after the other, without their checksums.
    pub(crate) fn new(names: usize, nodes: u32, slots: u32, build: u64) -> Header {
        let (wide, many) = (u64::from(nodes), u64::from(slots));
        let mut position = BODY;
        let sections = [names as u64, wide * 8, (wide + 1) * 4, many * SLOT, many * ROW].map(|length| {
            let section = Section { position, length, checksum: 0 };
            position = (position + length).next_multiple_of(64);
            section
        });
        Header { nodes, slots, build, sections }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend([VERSION, COUNT].into_iter().flat_map(u32::to_le_bytes));
        bytes.extend([u64::from(self.nodes), u64::from(self.slots), self.build].into_iter().flat_map(u64::to_le_bytes));
        for section in &self.sections {
            bytes.extend([section.position, section.length, section.checksum].into_iter().flat_map(u64::to_le_bytes));
        }
        let checksum = checksum(&bytes);
        bytes.extend(checksum.to_le_bytes());
        bytes
    }

    /// Reads a header and holds it against the length of the file: the sections are where [`Header::new`] puts them, to the last byte.
    pub(crate) fn read(file: &[u8]) -> Result<Header, Error> {
        let damaged = |what| Error::Damaged { what };
        if cfg!(target_endian = "big") {
            return Err(damaged("it is little endian, this machine is not"));
        }
        let signed = file.get(..SIGNED).ok_or(damaged("it is shorter than its header"))?;
        if !signed.starts_with(MAGIC) {
            return Err(damaged("it does not begin as one"));
        }
        if signed[8..12] != VERSION.to_le_bytes() {
            return Err(damaged("it is of another version"));
        }
        let word = |at: usize| file.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes);
        if word(SIGNED) != checksum(signed) {
            return Err(damaged("its header"));
        }
        let size = |at: usize| u32::try_from(word(at)).map_err(|_| damaged("its size"));
        let names = usize::try_from(word(48)).map_err(|_| damaged("its size"))?;
        let (nodes, slots) = (size(16)?, size(24)?);
        if names > file.len() || nodes == u32::MAX {
            return Err(damaged("its size"));
        }
        let mut header = Header::new(names, nodes, slots, word(32));
        for (at, section) in header.sections.iter_mut().enumerate() {
            let from = 40 + 24 * at;
            if (word(from), word(from + 8)) != (section.position, section.length) {
                return Err(damaged("where its sections lie"));
            }
            section.checksum = word(from + 16);
        }
        let end = header.sections[EVIDENCE];
        if file.len() as u64 != end.position + end.length {
            return Err(damaged("it is longer or shorter than its header says"));
        }
        Ok(header)
    }
}

pub(crate) fn checksum(bytes: &[u8]) -> u64 {
    let mut hasher = XxHash3_64::default();
    hasher.write(bytes);
    hasher.finish()
}

/// A node type and its nodes, which have one number after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Type {
    /// The name.
    pub name: String,
    /// Its first node.
    pub first: u32,
    /// One more than its last.
    pub end: u32,
}

/// A sheet of a file of an extract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Whose it is, a number of [`Graph::departments`](super::Graph::departments).
    pub department: u8,
    /// The extract.
    pub extract: String,
    /// The file: first 16 hexadecimal digits of its SHA-256.
    pub batch: String,
    /// The sheet; empty where it has none.
    pub sheet: String,
}

/// What numbers in the other sections mean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) types: Vec<Type>,
    pub(crate) relations: Vec<String>,
    pub(crate) departments: Vec<String>,
    pub(crate) sources: Vec<Source>,
}

impl Names {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(&mut bytes, self.types.len());
        for kind in &self.types {
            put_text(&mut bytes, &kind.name);
            bytes.extend([kind.first, kind.end].into_iter().flat_map(u32::to_le_bytes));
        }
        for names in [&self.relations, &self.departments] {
            put(&mut bytes, names.len());
            names.iter().for_each(|name| put_text(&mut bytes, name));
        }
        put(&mut bytes, self.sources.len());
        for source in &self.sources {
            put(&mut bytes, usize::from(source.department));
            [&source.extract, &source.batch, &source.sheet].into_iter().for_each(|text| put_text(&mut bytes, text));
        }
        bytes
    }

    /// Reads names; types have to follow each other over all nodes.
    pub(crate) fn read(bytes: &[u8], nodes: u32) -> Option<Names> {
        let rest = &mut &*bytes;
        let types = many(rest, |rest| Some(Type { name: text(rest)?, first: number(rest)?, end: number(rest)? }))?;
        let relations = many(rest, text)?;
        let departments = many(rest, text)?;
        let sources = many(rest, |rest| {
            let department = u8::try_from(number(rest)?).ok().filter(|number| usize::from(*number) < departments.len())?;
            Some(Source { department, extract: text(rest)?, batch: text(rest)?, sheet: text(rest)? })
        })?;
        let end = types.iter().try_fold(0, |from, kind| (kind.first == from && kind.end >= from).then_some(kind.end))?;
        let whole = rest.is_empty() && end == nodes && relations.len() <= 256 && departments.len() <= 256;
        whole.then_some(Names { types, relations, departments, sources })
    }
}

fn put(bytes: &mut Vec<u8>, number: usize) {
    bytes.extend(u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put(bytes, text.len());
    bytes.extend(text.as_bytes());
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    let (number, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(u32::from_le_bytes(*number))
}

fn text(rest: &mut &[u8]) -> Option<String> {
    let length = number(rest)? as usize;
    let (text, after) = rest.split_at_checked(length)?;
    *rest = after;
    String::from_utf8(text.to_vec()).ok()
}

/// As many as their number says; each takes bytes, so a number that lies ends with them.
fn many<T>(rest: &mut &[u8], one: impl Fn(&mut &[u8]) -> Option<T>) -> Option<Vec<T>> {
    let count = number(rest)?;
    (0..count).map(|_| one(rest)).collect()
}
