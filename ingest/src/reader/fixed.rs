//! Rows of a text whose columns are so many bytes each: cut out before they are decoded. Lines end as they like, or not at all, when every
//! record has the same length. A record that is shorter or longer, or a cut that falls into a character, refuses its row: from there on
//! nobody can say which byte belongs to which column. A character that the width of its column cut off is another thing: what stands before
//! it is read.

mod lines;
mod survey;

use super::{
    Columns, Reader, Row,
    page::{Ending, Page, trimmed},
};
use crate::{Error, sniff::Stamp};
use encoding_rs::Encoding;
use lines::{Lines, Record};
use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};
pub(crate) use survey::{Candidate, survey};

/// How a file is to be read.
#[derive(Debug, Clone)]
pub(crate) struct FixedLayout {
    pub(crate) encoding: &'static Encoding,
    pub(crate) widths: Vec<usize>,
    /// Whether anything ends a line.
    pub(crate) has_lines: bool,
    /// The line of the headings; 0 when there is none.
    pub(crate) heading_row: u64,
}

/// A cell of a record, and the one after it.
struct Slice<'a> {
    bytes: &'a [u8],
    next: &'a [u8],
}

/// What a cell is when it is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Whole,
    /// Its last character is cut off by the width of the column.
    Cut,
    /// Its last character goes on in the next column.
    Torn,
}

impl Slice<'_> {
    /// Appends the text, without the blanks that fill the column up on either side.
    fn read(&self, page: Page, text: &mut String) -> Cell {
        let start = self.bytes.iter().position(|byte| *byte != b' ').unwrap_or(self.bytes.len());
        let bytes = trimmed(&self.bytes[start..]);
        match page.decode(bytes, text) {
            Ending::Half if bytes.len() + start == self.bytes.len() && self.goes_on(page, bytes) => Cell::Torn,
            Ending::Half => Cell::Cut,
            Ending::Whole | Ending::Broken => Cell::Whole,
        }
    }

    /// Whether the half character and the first byte of the next cell are one, and that cell without it is none.
    fn goes_on(&self, page: Page, bytes: &[u8]) -> bool {
        let is = |bytes: &[u8], ending| page.decode(bytes, &mut String::new()) == ending;
        let Some(first) = self.next.first() else { return false };
        let halves = (1..=3.min(bytes.len())).map(|size| &bytes[bytes.len() - size..]).filter(|half| is(half, Ending::Half));
        let joins = halves.into_iter().any(|half| is(&[half, &[*first]].concat(), Ending::Whole));
        joins && !is(self.next, Ending::Whole)
    }
}

/// The cells of a record of the right length.
fn slices<'a>(record: &'a [u8], widths: &'a [usize]) -> impl Iterator<Item = Slice<'a>> {
    let mut at = 0;
    let next = widths.iter().skip(1).copied().chain([0]);
    widths.iter().zip(next).map(move |(width, next)| {
        let start = at;
        at += width;
        let part = |from: usize, to: usize| record.get(from..to).unwrap_or_default();
        Slice { bytes: part(start, at), next: part(at, at + next) }
    })
}

/// The reader.
pub(super) struct Fixed {
    lines: Lines<File>,
    record: Record,
    page: Page,
    widths: Vec<usize>,
    heading_row: u64,
    columns: Columns,
    cell: String,
    path: PathBuf,
    stamp: Stamp,
}

impl Fixed {
    pub(super) fn open(path: &Path, stamp: &Stamp, layout: &FixedLayout, names: Arc<[String]>) -> Result<Fixed, Error> {
        let file = File::open(path).map_err(|error| Error::file(path, &error))?;
        let places = (0..layout.widths.len()).map(Some).collect();
        Ok(Fixed {
            lines: Lines::new(file, layout.widths.iter().sum(), layout.has_lines),
            record: Record::default(),
            page: Page::Coded(layout.encoding),
            widths: layout.widths.clone(),
            heading_row: layout.heading_row,
            columns: Columns { places, names },
            cell: String::new(),
            path: path.to_owned(),
            stamp: stamp.clone(),
        })
    }

    fn fill(&mut self, row: &mut Row) {
        row.reset(self.record.number, self.columns.names.len());
        let (found, expected) = (self.record.length, self.widths.iter().sum::<usize>() as u64);
        if self.record.is_blank() {
            return;
        }
        if found != expected {
            row.refuse("row_length", || format!("该行有{found}字节，应为{expected}字节，无法确定各列的起止，请检查该行是否缺少或多出内容"));
        }
        for (place, slice) in slices(&self.record.bytes, &self.widths).enumerate() {
            self.cell.clear();
            if slice.read(self.page, &mut self.cell) == Cell::Torn {
                row.refuse("row_shifted", || format!("{}的末尾切开了一个汉字，该行的列可能错位，请检查该行", self.columns.call(place)));
            }
            row.put(place, &self.cell, &self.columns);
        }
    }
}

impl Reader for Fixed {
    fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
        while self.lines.next(&mut self.record).map_err(|error| Error::file(&self.path, &error))? {
            if self.record.number > self.heading_row {
                self.fill(row);
                return Ok(true);
            }
        }
        self.stamp.check(&self.path)?;
        Ok(false)
    }
}
