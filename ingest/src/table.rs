//! A text with delimiters that belongs to no department yet, as a table: headings and rows, read by the same reader as extracts are. Nothing
//! is mapped and nothing is guessed of values; a row that cannot be relied on is handed out with its reason, and none is passed over
//! unmentioned: rows read = accepted + rejected + skipped.

mod guess;
mod heading;
mod profile;
mod rows;
mod sample;
mod search;
mod whole;

use crate::{
    Error, Format, Hint, Understood, decode,
    reader::csv::{
        dialect::{self, Dialect},
        records::Records,
    },
    sniff::{Content, Declared, Stamp, sniff},
};
use encoding_rs::{Encoding, UTF_8};
pub(crate) use guess::Said;
use guess::guess;
use heading::{Head, find};
use rows::Rows;
pub use rows::{TableCount, TableRow};
use sample::{Sample, Seen};
use std::{
    fmt,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};
use wuwei_schema::Notice;

/// A table being read: an iterator of rows.
pub struct TableReading {
    /// How the file was understood.
    pub understood: Understood,
    /// For each column, the parts of its name from above; no columns where the table has no headings.
    pub headings: Vec<Vec<String>>,
    /// Rows above the headings, which are not read.
    pub above: Vec<u64>,
    rows: Rows<File>,
    path: PathBuf,
    stamp: Stamp,
    has_ended: bool,
}

impl fmt::Debug for TableReading {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TableReading")
            .field("understood", &self.understood)
            .field("count", &self.rows.count)
            .finish_non_exhaustive()
    }
}

/// Opens a text as a table. What the hint says of its form is followed; the rest is found, and told in the evidence.
///
/// # Errors
/// [`Error`] when the file is no text that can be read; what is wrong with one row is its fault.
pub fn table(path: &Path, hint: &Hint) -> Result<TableReading, Error> {
    let sniffed = sniff(path, hint)?;
    let Content::Text { encoding, either } = sniffed.content else {
        let hint = "save the sheet as CSV, or write a department file for it".to_owned();
        return Err(Error::Format { path: path.display().to_string(), found: "no text with delimiters".to_owned(), hint });
    };
    let mut evidence = sniffed.evidence;
    // Without a department there is no prior for GB18030 where UTF-8 holds as well.
    if let (true, Some(why)) = (either && encoding != UTF_8, evidence.first_mut()) {
        *why = Notice::new("encoding-utf8-unsaid");
    }
    let encoding = if either { UTF_8 } else { encoding };
    let file = || File::open(path).map_err(|error| Error::file(path, &error));
    let (dialect, why, rows) = rows(file()?, file()?, encoding, hint, path)?;
    let mut understood = understood(encoding, &dialect, &rows.head);
    let rest = rest(path, encoding, &dialect, rows.head.width, hint)?;
    understood.evidence = [&evidence[..], &why, &rest, &rows.head.evidence].concat();
    let (headings, above) = (rows.head.names.clone(), rows.head.above.clone());
    Ok(TableReading { understood, headings, above, rows, path: path.to_owned(), stamp: sniffed.stamp, has_ended: false })
}

/// The rows of a text that is read twice: its first part to find how it is divided, then all of it.
fn rows<R: Read>(
    first: R,
    whole: R,
    encoding: &'static Encoding,
    hint: &Hint,
    path: &Path,
) -> Result<(Dialect, Vec<Notice>, Rows<R>), Error> {
    let sample = Sample::take(first, encoding, path)?;
    let (dialect, why) = guess(&sample, &said(hint)?)?;
    let head = head(&sample, &dialect, hint)?;
    let rows = Rows::under(head, Records::new(whole, encoding, &dialect, path))?;
    Ok((dialect, why, rows))
}

/// What is odd about the part of a file that is not looked at when its dialect is found, unless somebody answers for that.
fn rest(path: &Path, encoding: &'static Encoding, dialect: &Dialect, width: usize, hint: &Hint) -> Result<Vec<Notice>, Error> {
    let is_said = hint.delimiter.is_some() && hint.quote.is_some();
    let is_long = std::fs::metadata(path).is_ok_and(|data| data.len() > sample::SAMPLE as u64 / 2);
    if is_said || !is_long || width < 2 {
        return Ok(Vec::new());
    }
    whole::evidence(Records::open(path, encoding, dialect)?, dialect, width, path)
}

/// The dialect of a text, and why.
pub(crate) fn guess_dialect(path: &Path, encoding: &'static Encoding, said: &Said, hint: &Hint) -> Result<(Dialect, Vec<Notice>), Error> {
    let file = File::open(path).map_err(|error| Error::file(path, &error))?;
    let sample = Sample::take(file, encoding, path)?;
    let (dialect, mut why) = guess(&sample, said)?;
    if !sample.is_whole {
        let width = head(&sample, &dialect, hint)?.width;
        why.extend(rest(path, encoding, &dialect, width, hint)?);
    }
    Ok((dialect, why))
}

/// The first and the last row of the headings among the first rows of a sheet; none where values begin at once.
pub(crate) fn heading_rows(rows: impl Iterator<Item = (u64, Vec<String>)>, width: usize) -> Option<(u64, u64)> {
    let seen = |(number, cells)| Seen { number, width, cells, is_blank: false, is_broken: false, is_ended: false };
    let records: Vec<Seen> = rows.map(seen).collect();
    let head = find(&records, heading::Place::default(), |_, _| None);
    let first = records.get(head.above.len()).filter(|_| !head.names.is_empty())?;
    Some((first.number, head.last))
}

/// What the hint says of the dialect, checked.
pub(crate) fn said(hint: &Hint) -> Result<Said, Error> {
    let delimiter = hint.delimiter.as_deref().map(dialect::delimiter).transpose()?;
    let delimiter = match (hint.declared()?, delimiter) {
        (Some(Declared::Tsv), None) => Some("\t".to_owned()),
        (Some(Declared::Tsv), Some(other)) if other != "\t" => {
            let hint = "tsv is divided by a tab; name csv, or leave the delimiter out".to_owned();
            return Err(Error::Unknown { what: "tsv with the delimiter", name: other, hint });
        }
        (_, delimiter) => delimiter,
    };
    Ok(Said {
        delimiter,
        quote: hint.quote.as_deref().map(dialect::quote).transpose()?,
        escape: hint.escape.as_deref().map(dialect::escape).transpose()?,
    })
}

/// The head of the table. Records are cut once without knowing the width, and once more with it: a quote too many then ends where it should.
fn head(sample: &Sample<'_>, dialect: &Dialect, hint: &Hint) -> Result<Head, Error> {
    let place = heading::Place { row: hint.heading_row, rows: hint.heading_rows };
    let again = |record: &Seen, width: usize| {
        let others = ["\t", ";", "|", " ", ","].into_iter().filter(|other| *other != dialect.delimiter);
        others.map(|other| redivide(record, other, dialect)).find(|names| names.len() == width)
    };
    let first = find(&sample.records(dialect, None)?, place, again);
    Ok(find(&sample.records(dialect, Some(first.width))?, place, again))
}

/// The line of a heading, divided at another delimiter.
fn redivide(record: &Seen, delimiter: &str, dialect: &Dialect) -> Vec<String> {
    let line = record.cells.join(&dialect.delimiter);
    let quote = |character: char| dialect.quote.map(char::from) == Some(character);
    line.split(delimiter).map(|name| name.trim_matches(quote).to_owned()).collect()
}

fn understood(encoding: &'static Encoding, dialect: &Dialect, head: &Head) -> Understood {
    let mark = |byte: u8| char::from(byte).to_string();
    Understood {
        format: Format::Csv,
        encoding: Some(decode::label(encoding).to_owned()),
        delimiter: Some(dialect.delimiter.clone()),
        quote: dialect.quote.map(mark),
        escape: dialect.escape.map(mark),
        sheets: Vec::new(),
        repairs: None,
        heading_row: if head.names.is_empty() { 0 } else { head.last },
        headings: head.names.iter().map(|parts| parts.join("/")).collect(),
        evidence: Vec::new(),
        remarks: Vec::new(),
    }
}

impl TableReading {
    /// The account so far; complete once the iterator has ended.
    pub fn account(&self) -> TableCount {
        self.rows.count
    }

    /// Cells of a row.
    pub fn width(&self) -> usize {
        self.rows.head.width
    }

    /// The next row, in place of what `row` holds; false at the end.
    ///
    /// # Errors
    /// What ends the reading of the whole file.
    pub fn next_row(&mut self, row: &mut TableRow) -> Result<bool, Error> {
        if self.rows.next(row)? {
            return Ok(true);
        }
        self.stamp.check(&self.path)?;
        Ok(false)
    }
}

impl Iterator for TableReading {
    type Item = Result<TableRow, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_ended {
            return None;
        }
        let mut row = TableRow::default();
        let found = self.next_row(&mut row);
        self.has_ended = !matches!(found, Ok(true));
        found.map(|found| found.then_some(row)).transpose()
    }
}

#[cfg(test)]
mod account;
#[cfg(test)]
mod tests;
