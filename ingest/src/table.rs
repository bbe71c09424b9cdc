//! A text with delimiters that belongs to no department yet, as a table: headings and rows, read by the same reader as extracts are. Nothing
//! is mapped and nothing is guessed of values; a row that cannot be relied on is handed out with its reason, and none is passed over
//! unmentioned: rows read = accepted + rejected + skipped.

mod class;
mod guess;
mod heading;
mod profile;
mod sample;

use crate::{
    Error, Format, Hint, Understood, decode,
    reader::csv::{
        dialect::{self, Dialect},
        fault,
        record::Record,
        records::Records,
    },
    sniff::{Content, Sniffed, sniff},
};
use encoding_rs::{Encoding, UTF_8};
use guess::{Said, guess};
use heading::{Head, find};
use sample::{Sample, Seen};
use std::{
    fmt,
    fs::File,
    path::{Path, PathBuf},
};
use wuwei_schema::Fault;

/// A row of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableRow {
    /// As a spreadsheet shows it, from 1.
    pub number: u64,
    /// The line of the file where it begins, from 1.
    pub line: u64,
    /// How many lines it takes.
    pub lines: u64,
    /// Its cells; of a row with a fault they are not to be relied on.
    pub cells: Vec<String>,
    /// Why it cannot be relied on.
    pub fault: Option<Fault>,
}

/// What became of the rows of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TableCount {
    /// Rows read, below the headings.
    pub read: u64,
    /// Rows handed out without a fault.
    pub accepted: u64,
    /// Rows handed out with one.
    pub rejected: u64,
    /// Blank rows and repeated headings, which are not handed out.
    pub skipped: u64,
}

/// A table being read: an iterator of rows.
pub struct TableReading {
    /// How the file was understood.
    pub understood: Understood,
    /// For each column, the parts of its name from above; no columns where the table has no headings.
    pub headings: Vec<Vec<String>>,
    /// Rows above the headings, which are not read.
    pub above: Vec<u64>,
    records: Records<File>,
    record: Record,
    head: Head,
    count: TableCount,
    path: PathBuf,
    sniffed: Sniffed,
    /// The row where another table seems to begin, and whether what stands before the present row may be its title.
    next_table: Option<u64>,
    is_gap: bool,
    is_title: bool,
    has_ended: bool,
}

impl fmt::Debug for TableReading {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TableReading").field("understood", &self.understood).field("count", &self.count).finish_non_exhaustive()
    }
}

/// Opens a text as a table. What the hint says of its form is followed; the rest is found, and told in the evidence.
///
/// # Errors
/// [`Error`] when the file is no text that can be read; what is wrong with one row is its fault.
pub fn table(path: &Path, hint: &Hint) -> Result<TableReading, Error> {
    let sniffed = sniff(path, hint.encoding.as_deref())?;
    let Content::Text { encoding, either } = sniffed.content else {
        let hint = "save the sheet as CSV, or write a department file for it".to_owned();
        return Err(Error::Format { path: path.display().to_string(), found: "no text with delimiters".to_owned(), hint });
    };
    // Without a department there is no prior for GB18030 where UTF-8 holds as well.
    let encoding = if either { UTF_8 } else { encoding };
    let sample = Sample::take(path, encoding)?;
    let (dialect, why) = guess(&sample, &said(hint)?)?;
    let head = head(&sample, &dialect, hint)?;
    let mut understood = understood(encoding, &dialect, &head);
    understood.evidence = [&sniffed.evidence[..], &why, &head.evidence].concat();
    let mut records = Records::open(path, encoding, &dialect)?;
    let mut record = Record::default();
    while record.number < head.last && records.next(&mut record)? {}
    records.expect(head.width);
    let (headings, above) = (head.names.clone(), head.above.clone());
    let (count, path) = (TableCount::default(), path.to_owned());
    let (next_table, is_gap, is_title, has_ended) = (None, false, false, false);
    Ok(TableReading { understood, headings, above, records, record, head, count, path, sniffed, next_table, is_gap, is_title, has_ended })
}

/// What the hint says of the dialect, checked.
pub(crate) fn said(hint: &Hint) -> Result<Said, Error> {
    Ok(Said {
        delimiter: hint.delimiter.as_deref().map(dialect::delimiter).transpose()?,
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
        repairs: false,
        heading_row: if head.names.is_empty() { 0 } else { head.last },
        headings: head.names.iter().map(|parts| parts.join("/")).collect(),
        evidence: Vec::new(),
    }
}

impl TableReading {
    /// The account so far; complete once the iterator has ended.
    pub fn account(&self) -> TableCount {
        self.count
    }

    /// Cells of a row.
    pub fn width(&self) -> usize {
        self.head.width
    }

    /// The next row; none at the end.
    ///
    /// # Errors
    /// What ends the reading of the whole file.
    pub fn next_row(&mut self, row: &mut TableRow) -> Result<bool, Error> {
        while self.records.next(&mut self.record)? {
            self.count.read += 1;
            if self.is_skipped() {
                self.count.skipped += 1;
                continue;
            }
            self.fill(row);
            let counted = if row.fault.is_some() { &mut self.count.rejected } else { &mut self.count.accepted };
            *counted += 1;
            return Ok(true);
        }
        self.sniffed.stamp.check(&self.path)?;
        Ok(false)
    }

    /// Blank rows, but not those of a single column, and headings that stand there again, after which another table may begin.
    fn is_skipped(&mut self) -> bool {
        let record = &self.record;
        if self.head.width > 1 && record.is_blank() {
            self.is_gap = true;
            return true;
        }
        self.is_title = false;
        if record.broken.is_some() || self.head.names.is_empty() || self.next_table.is_some() {
            return false;
        }
        let filled = record.cells().filter(|cell| !cell.trim().is_empty()).count();
        let is_title =
            self.is_gap && filled == 1 && self.head.width > 1 && record.cells().next().is_some_and(|cell| !cell.trim().is_empty());
        let is_repeated = is_repeated(&self.head.names, record);
        let votes = self.head.profile.votes(record.cells());
        if is_repeated || self.is_gap && votes.values == 0 && votes.names > 1 && votes.names * 2 >= self.head.profile.strict() {
            self.next_table = Some(record.number);
        }
        (self.is_gap, self.is_title) = (is_title, is_title);
        is_repeated
    }

    fn fill(&self, row: &mut TableRow) {
        let record = &self.record;
        (row.number, row.line, row.lines) = (record.number, record.line, record.lines);
        row.cells.iter_mut().for_each(String::clear);
        row.cells.resize_with(record.len(), String::new);
        row.cells.iter_mut().zip(record.cells()).for_each(|(cell, text)| cell.push_str(text));
        let fault = fault(record, self.head.width).or_else(|| self.doubt());
        row.fault = fault.map(|(rule, reason)| Fault { rule, reason, proposal: None });
    }

    /// What speaks against a row that is cut as it should be.
    fn doubt(&self) -> Option<(&'static str, String)> {
        let is_none = |character| matches!(character, '\0' | '\u{80}'..='\u{9f}');
        if self.record.is_damaged || self.record.cells().any(|cell| cell.contains(is_none)) {
            return Some(("undecodable", "该行含有无法解码或已损坏的字符，请从原系统重新导出".to_owned()));
        }
        if self.is_title {
            return Some(("row_title", "空行之后该行只有第一格有内容，像是标题或说明，不作为数据".to_owned()));
        }
        self.next_table.map(|row| {
            let reason = format!("第{row}行再次出现表头，其后可能是另一张表，请每个文件只放一张表");
            ("table_next", reason)
        })
    }
}

/// Whether a row is the headings again: all names, in their places.
fn is_repeated(names: &[Vec<String>], record: &Record) -> bool {
    let mut cells = record.cells();
    let same = names.iter().all(|parts| {
        let cell = cells.next().unwrap_or_default().trim();
        parts.last().map_or(cell.is_empty(), |name| name == cell)
    });
    same && cells.all(|cell| cell.trim().is_empty())
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
mod tests;
