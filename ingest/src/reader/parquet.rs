//! Rows of a Parquet file, a batch at a time: each value as text, days and moments in ISO 8601, whole numbers and decimals exact. What the
//! footer claims is held against the file before a page is read. A value within another is the column of its path (`guardian/name`), the
//! elements of a list stand in one cell with U+001F between them, in columns that may hold several.

mod footer;
mod text;

use super::{Columns, Reader, Row, flat::list_in_list, records::CELL_MAX};
use crate::{BETWEEN, Error, Extract, recognise::Line, sniff::Stamp};
pub(crate) use footer::footer;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use std::{
    fs::File,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

/// Rows read at a time.
const ROWS: usize = 1024;

/// The names of the columns, as a heading that stands in no row.
pub(crate) fn heading(path: &Path) -> Result<Line, Error> {
    let names = text::names(footer(path)?.schema()).map_err(|limit| footer::limited(path, limit))?;
    Ok(Line { number: 0, width: names.len(), cells: names.into_iter().enumerate().collect(), ..Line::default() })
}

/// The reader.
pub(super) struct Parquet {
    batches: ParquetRecordBatchReader,
    /// The present batch, column by column, and the row in it.
    batch: Vec<Vec<String>>,
    at: usize,
    count: usize,
    number: u64,
    columns: Columns,
    /// Of each column of the extract, whether a cell may hold several.
    repeats: Vec<bool>,
    path: PathBuf,
    stamp: Stamp,
}

impl Parquet {
    pub(super) fn open(path: &Path, stamp: &Stamp, places: Vec<Option<usize>>, extract: &Extract) -> Result<Parquet, Error> {
        let metadata = footer(path)?;
        let file = File::open(path).map_err(|error| Error::file(path, &error))?;
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata).with_batch_size(ROWS);
        let batches = guarded(path, || builder.build())?;
        let columns = Columns { places, names: extract.columns.clone().into() };
        let repeats = extract.columns.iter().map(|name| extract.repeats(name)).collect();
        let (path, stamp) = (path.to_owned(), stamp.clone());
        Ok(Parquet { batches, batch: Vec::new(), at: 0, count: 0, number: 0, columns, repeats, path, stamp })
    }

    /// Turns to the next batch that has rows; false at the end.
    fn turn(&mut self) -> Result<bool, Error> {
        while self.at == self.count {
            let batches = &mut self.batches;
            let Some(batch) = guarded(&self.path, || batches.next().transpose().map_err(Into::into))? else { return Ok(false) };
            self.batch.clear();
            for column in batch.columns() {
                guarded(&self.path, || text::texts(column, &mut self.batch))?;
            }
            (self.at, self.count) = (0, batch.num_rows());
        }
        Ok(true)
    }
}

/// Runs what the library does, which dies of some files.
fn guarded<T>(path: &Path, action: impl FnOnce() -> Result<T, parquet::errors::ParquetError>) -> Result<T, Error> {
    let outcome = catch_unwind(AssertUnwindSafe(action));
    outcome.ok().and_then(Result::ok).ok_or_else(|| footer::damaged(path, "its pages", "they are not those of a Parquet file"))
}

/// A list in a column that holds one value, and one that a cell cannot hold, refuse their row.
fn refuse_list(row: &mut Row, text: &str, column: &str, may_repeat: bool) {
    if text.contains(text::TWICE) {
        list_in_list(row, column);
    } else if !may_repeat {
        let count = text.split(BETWEEN).count();
        row.refuse("member_repeated", || format!("{column}在该记录中有{count}个，约定只有一个"));
    }
}

impl Reader for Parquet {
    fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
        if !self.turn()? {
            self.stamp.check(&self.path)?;
            return Ok(false);
        }
        self.number += 1;
        row.reset(self.number, self.columns.names.len());
        for place in 0..self.batch.len() {
            let Some(text) = self.batch[place].get(self.at) else { continue };
            if text.len() > CELL_MAX {
                return Err(footer::limited(&self.path, format!("a cell has more than {CELL_MAX} bytes")));
            }
            row.put(place, text, &self.columns);
            if text.contains([BETWEEN, text::TWICE]) {
                let may_repeat = self.columns.places.get(place).copied().flatten().is_some_and(|column| self.repeats[column]);
                refuse_list(row, text, &self.columns.call(place), may_repeat);
            }
        }
        self.at += 1;
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
