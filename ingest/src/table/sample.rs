//! The first part of a text, on which its dialect and its headings are found: a bounded number of whole lines, as text.

use crate::{
    Error,
    reader::csv::{dialect::Dialect, lines::Lines, record::Record, records::Records},
};
use encoding_rs::{Encoding, UTF_8};
use std::{io::Read, path::Path};

/// Bytes that are looked at.
pub(super) const SAMPLE: usize = 1 << 20;

/// Records whose cells are looked at.
pub(crate) const LOOKED_AT: usize = 400;

/// The first lines of a file.
#[derive(Debug)]
pub(crate) struct Sample<'a> {
    pub(crate) text: String,
    /// There is nothing beyond it.
    pub(crate) is_whole: bool,
    path: &'a Path,
}

/// A record of the sample.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) number: u64,
    pub(crate) width: usize,
    /// Cells of the first records only.
    pub(crate) cells: Vec<String>,
    pub(crate) is_blank: bool,
    pub(crate) is_broken: bool,
    /// All cells but the last stand in quotes, and the last is nothing.
    pub(crate) is_ended: bool,
}

impl<'a> Sample<'a> {
    pub(crate) fn take(source: impl Read, encoding: &'static Encoding, path: &'a Path) -> Result<Sample<'a>, Error> {
        let mut lines = Lines::new(source, encoding, path);
        let mut text = String::new();
        let mut is_whole = false;
        while text.len() < SAMPLE && !is_whole {
            match lines.next(&mut text)? {
                Some(line) => text.push_str(line.end),
                None => is_whole = true,
            }
            lines.keep();
        }
        Ok(Sample { text, is_whole, path })
    }

    /// The records of the sample in that dialect, one after the other.
    pub(crate) fn each(&self, dialect: &Dialect, width: Option<usize>, mut see: impl FnMut(&Record)) -> Result<(), Error> {
        let mut records = Records::new(self.text.as_bytes(), UTF_8, dialect, self.path);
        if let Some(width) = width {
            records.expect(width);
        }
        let mut record = Record::default();
        while records.next(&mut record)? {
            see(&record);
        }
        Ok(())
    }

    pub(crate) fn records(&self, dialect: &Dialect, width: Option<usize>) -> Result<Vec<Seen>, Error> {
        let mut all: Vec<Seen> = Vec::new();
        self.each(dialect, width, |record| all.push(seen(record, dialect, all.len() < LOOKED_AT)))?;
        Ok(all)
    }
}

fn seen(record: &Record, dialect: &Dialect, with_cells: bool) -> Seen {
    let quoted = dialect.quote.map_or(0, |quote| record.quoted(quote));
    Seen {
        number: record.number,
        width: record.len(),
        cells: if with_cells { record.cells().map(str::to_owned).collect() } else { Vec::new() },
        is_blank: record.is_blank(),
        is_broken: record.broken.is_some(),
        is_ended: quoted > 0 && quoted + 1 >= record.len() && record.cells().last().is_some_and(|cell| cell.trim().is_empty()),
    }
}
