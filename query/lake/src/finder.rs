//! Where a value stands in a data file. Beside each larger file lies a finder (`….finder` beside `….parquet`): of each column that is looked
//! up by its whole values, a hash and the row of every cell, sorted, so that one person's rows among millions are a few reads and not a
//! scan. Without statistics or Bloom filters to rely on, since numbers of people stand in no order and a Bloom filter still leaves whole row
//! groups to decode.
//!
//! It is derived, and never believed further than that: a finder that is missing, cut short or damaged is as if it were not there, and what
//! it finds is compared again by whoever asked. Here is how it is written; [`crate::found`] reads it.
//!
//! The file: segments, then a footer. A segment is of one column and at most 2^20 rows: entries of 8 bytes, the upper 44 bits of the value's
//! hash and 20 of the row within the segment, sorted, in blocks of 511 with a check sum. The footer has the first entry of every block, and
//! what [`crate::rising`] keeps of columns that rise.

use crate::{
    Error,
    rising::{Run, Runs},
    store::Durable,
};
use arrow_array::{Array as _, RecordBatch, cast::AsArray as _, types::Int64Type};
use arrow_schema::{DataType, Schema};
use bytes::Bytes;
use object_store::{buffered::BufWriter, path::Path};
use std::sync::Arc;
use tokio::io::AsyncWriteExt as _;
use twox_hash::XxHash3_64;

/// What the metadata of a field says when its column is looked up by whole values; of whole numbers that rise it says another word.
pub(crate) const LOOKUP: &str = "lookup";
const EXACT: &str = "exact";
const RISING: &str = "rising";

/// How the name of a finder ends, where that of its data file ends with `.parquet`.
pub(crate) const ENDING: &str = ".finder";

pub(crate) const MAGIC: [u8; 8] = *b"WWFIND02";
/// Bits of an entry that say the row within its segment.
pub(crate) const ROW_BITS: u32 = 20;
/// Entries of a block, which a check sum makes 4 KiB.
pub(crate) const BLOCK: usize = 511;

/// Rows from which on a file has a finder: reading fewer costs about as much as looking.
const LEAST_ROWS: u64 = 16 * 1024;

/// Whether a column is looked up by whole values. Only text and whole numbers are.
pub(crate) fn is_looked_up(field: &arrow_schema::Field) -> bool {
    is_by_hash(field) || is_rising(field)
}

fn is_by_hash(field: &arrow_schema::Field) -> bool {
    let typed = matches!(field.data_type(), DataType::Utf8 | DataType::Utf8View | DataType::Int64);
    typed && field.metadata().get(LOOKUP).is_some_and(|how| how == EXACT)
}

fn is_rising(field: &arrow_schema::Field) -> bool {
    field.data_type() == &DataType::Int64 && field.metadata().get(LOOKUP).is_some_and(|how| how == RISING)
}

/// The hash that entries have of a value: of a text's bytes, of a number's eight, least first.
pub(crate) fn hash(value: &[u8]) -> u64 {
    XxHash3_64::oneshot(value)
}

/// The check sum of a block or a footer; it tells a block from the same one elsewhere.
pub(crate) fn checked(bytes: &[u8], place: u64) -> u64 {
    XxHash3_64::oneshot_with_seed(place, bytes)
}

/// The finder of a file that is being written.
pub(crate) struct Finder {
    columns: Vec<Column>,
    rising: Vec<Rising>,
    /// Rows before the segment, and in it.
    before: u64,
    within: u64,
    sink: BufWriter,
    /// Bytes that went into the sink.
    written: u64,
}

struct Column {
    at: usize,
    name: String,
    entries: Vec<u64>,
    segments: Vec<Segment>,
}

struct Rising {
    at: usize,
    name: String,
    runs: Runs,
}

/// What the footer says of a segment.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) first_row: u64,
    pub(crate) entries: u64,
    pub(crate) offset: u64,
    /// The first entry of each block.
    pub(crate) fences: Vec<u64>,
}

impl Finder {
    /// For rows of that schema; none when no column is looked up.
    pub(crate) fn new(store: &Arc<Durable>, data: &Path, schema: &Schema) -> Option<Finder> {
        let fields = || schema.fields().iter().enumerate();
        let column = |(at, field): (usize, &Arc<arrow_schema::Field>)| {
            is_by_hash(field).then(|| Column { at, name: field.name().clone(), entries: Vec::new(), segments: Vec::new() })
        };
        let rises = |(at, field): (usize, &Arc<arrow_schema::Field>)| {
            is_rising(field).then(|| Rising { at, name: field.name().clone(), runs: Runs::default() })
        };
        let (columns, rising): (Vec<Column>, Vec<Rising>) = (fields().filter_map(column).collect(), fields().filter_map(rises).collect());
        let location = beside(data)?;
        let sink = || BufWriter::new(Arc::<Durable>::clone(store), location);
        let is_any = !columns.is_empty() || !rising.is_empty();
        is_any.then(|| Finder { columns, rising, before: 0, within: 0, sink: sink(), written: 0 })
    }

    /// Enters the rows of a batch.
    pub(crate) async fn write(&mut self, batch: &RecordBatch) -> std::io::Result<()> {
        for column in &mut self.rising {
            if let Some(numbers) = batch.column(column.at).as_primitive_opt::<Int64Type>() {
                column.runs.enter(numbers);
            }
        }
        let mut from = 0;
        while from < batch.num_rows() {
            let room = usize::try_from((1 << ROW_BITS) - self.within).unwrap_or(usize::MAX);
            let part = batch.slice(from, room.min(batch.num_rows() - from));
            for column in &mut self.columns {
                column.enter(&part, self.within);
            }
            self.within += part.num_rows() as u64;
            from += part.num_rows();
            if self.within == 1 << ROW_BITS {
                self.seal().await?;
            }
        }
        Ok(())
    }

    /// Bytes of the segment that is still in memory.
    pub(crate) fn buffered(&self) -> usize {
        self.columns.iter().map(|column| column.entries.capacity() * size_of::<u64>()).sum()
    }

    /// Ends the segment.
    pub(crate) async fn seal(&mut self) -> std::io::Result<()> {
        for column in &mut self.columns {
            if column.entries.is_empty() {
                continue;
            }
            let sorted = sorted(std::mem::take(&mut column.entries));
            let (bytes, fences) = blocks(&sorted, self.written);
            let entries = sorted.len() as u64;
            column.segments.push(Segment { first_row: self.before, entries, offset: self.written, fences });
            self.written += bytes.len() as u64;
            self.sink.put(Bytes::from(bytes)).await?;
        }
        (self.before, self.within) = (self.before + self.within, 0);
        Ok(())
    }

    /// Ends the finder; a file with few rows has none. When this returns it is on the disk under its name.
    pub(crate) async fn finish(mut self) -> std::io::Result<()> {
        if self.before + self.within < LEAST_ROWS {
            return Ok(());
        }
        self.seal().await?;
        let footer = self.footer();
        self.sink.put(Bytes::from(footer)).await?;
        self.sink.shutdown().await
    }

    fn footer(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let number = |number: u64, bytes: &mut Vec<u8>| bytes.extend(number.to_le_bytes());
        number(self.before, &mut bytes);
        number(self.columns.len() as u64, &mut bytes);
        for column in &self.columns {
            number(column.name.len() as u64, &mut bytes);
            bytes.extend(column.name.as_bytes());
            number(column.segments.len() as u64, &mut bytes);
            for segment in &column.segments {
                let stated = [segment.first_row, segment.entries, segment.offset, segment.fences.len() as u64];
                stated.into_iter().chain(segment.fences.iter().copied()).for_each(|stated| number(stated, &mut bytes));
            }
        }
        let rising: Vec<_> = self.rising.iter().filter_map(|column| Some((&column.name, column.runs.all()?))).collect();
        number(rising.len() as u64, &mut bytes);
        for (name, runs) in rising {
            number(name.len() as u64, &mut bytes);
            bytes.extend(name.as_bytes());
            number(runs.len() as u64, &mut bytes);
            for Run { first_row, rows, last, fences } in runs {
                let stated = [*first_row, *rows, last.cast_unsigned(), fences.len() as u64];
                stated.into_iter().chain(fences.iter().map(|fence| fence.cast_unsigned())).for_each(|stated| number(stated, &mut bytes));
            }
        }
        let (length, sum) = (bytes.len() as u64, checked(&bytes, self.written));
        number(sum, &mut bytes);
        number(length, &mut bytes);
        bytes.extend(MAGIC);
        bytes
    }
}

impl std::fmt::Debug for Finder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Finder").field("rows", &(self.before + self.within)).finish_non_exhaustive()
    }
}

impl Column {
    fn enter(&mut self, batch: &RecordBatch, within: u64) {
        let cells = batch.column(self.at);
        let mut enter = |row: usize, value: &[u8]| self.entries.push(hash(value) >> ROW_BITS << ROW_BITS | (within + row as u64));
        if let Some(texts) = cells.as_string_opt::<i32>() {
            let filled = texts.iter().enumerate().filter_map(|(row, text)| Some((row, text?)));
            filled.for_each(|(row, text)| enter(row, text.as_bytes()));
        } else if let Some(numbers) = cells.as_primitive_opt::<Int64Type>() {
            let filled = (0..numbers.len()).filter(|row| numbers.is_valid(*row));
            filled.for_each(|row| enter(row, &numbers.value(row).to_le_bytes()));
        }
    }
}

/// Entries from which on it pays to part them first, and the bits by which they are parted.
const MANY: usize = 1 << 14;
const UPPER_BITS: u32 = 11;

/// The entries in order. The upper bits of hashes are spread evenly: put where these say, only few have to be compared with each other.
fn sorted(mut entries: Vec<u64>) -> Vec<u64> {
    if entries.len() < MANY {
        entries.sort_unstable();
        return entries;
    }
    let part = |entry: &u64| usize::try_from(entry >> (u64::BITS - UPPER_BITS)).unwrap_or_default();
    let mut begins = vec![0; 1 << UPPER_BITS];
    entries.iter().for_each(|entry| begins[part(entry)] += 1);
    let mut before = 0;
    for begin in &mut begins {
        (*begin, before) = (before, before + *begin);
    }
    let mut parted = vec![0; entries.len()];
    for entry in entries {
        let next = &mut begins[part(&entry)];
        parted[*next] = entry;
        *next += 1;
    }
    parted.chunk_by_mut(|left, right| part(left) == part(right)).for_each(<[u64]>::sort_unstable);
    parted
}

/// The blocks of sorted entries, and the first entry of each.
fn blocks(entries: &[u64], offset: u64) -> (Vec<u8>, Vec<u64>) {
    let mut bytes = Vec::with_capacity(entries.len() / BLOCK * 8 + entries.len() * 8 + 8);
    for block in entries.chunks(BLOCK) {
        let begin = bytes.len();
        bytes.extend(block.iter().flat_map(|entry| entry.to_le_bytes()));
        let sum = checked(&bytes[begin..], offset + begin as u64);
        bytes.extend(sum.to_le_bytes());
    }
    (bytes, entries.chunks(BLOCK).map(|block| block[0]).collect())
}

/// Where the finder of a data file lies.
pub(crate) fn beside(data: &Path) -> Option<Path> {
    Path::parse(format!("{}{ENDING}", data.as_ref().strip_suffix(".parquet")?)).ok()
}

/// A failure to write one, as that of its table.
pub(crate) fn unwritten(table: &str) -> impl Fn(std::io::Error) -> Error {
    move |fault| Error::delta(table, object_store::Error::Generic { store: "finder", source: Box::new(fault) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn entries_are_sorted_however_they_are_spread(count in 0..3 * MANY, factor: u64, bits in 1..64_u32) {
            let entries: Vec<u64> = (0..count as u64).map(|row| (row.wrapping_mul(factor) ^ factor) >> (64 - bits) << (64 - bits) | row).collect();
            let mut expected = entries.clone();
            expected.sort_unstable();
            prop_assert_eq!(sorted(entries), expected);
        }
    }
}
