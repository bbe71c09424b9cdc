//! The rows of a table that nobody described: cut by the records, counted, and refused where something speaks against them.

use super::heading::Head;
use crate::{
    Error,
    reader::csv::{fault, record::Record, records::Records},
    recognise::{Again, Names},
};
use std::io::Read;
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

/// The rows of a text under its headings.
#[derive(Debug)]
pub(super) struct Rows<R> {
    records: Records<R>,
    record: Record,
    pub(super) head: Head,
    names: Names,
    pub(super) count: TableCount,
    /// The row where another table seems to begin, and whether what stands before the present row may be its title.
    next_table: Option<u64>,
    is_gap: bool,
    is_title: bool,
}

impl<R: Read> Rows<R> {
    /// The rows under that head.
    pub(super) fn under(head: Head, mut records: Records<R>) -> Result<Rows<R>, Error> {
        let mut record = Record::default();
        while record.number < head.last && records.next(&mut record)? {}
        records.expect(head.width);
        let (count, next_table, is_gap, is_title) = (TableCount::default(), None, false, false);
        let names = Names::of(head.names.iter().map(|parts| parts.join("/")));
        Ok(Rows { records, record, head, names, count, next_table, is_gap, is_title })
    }

    /// The next row; false at the end.
    pub(super) fn next(&mut self, row: &mut TableRow) -> Result<bool, Error> {
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
        if record.broken.is_some() || self.next_table.is_some() {
            return false;
        }
        let again = self.names.again(record.cells());
        if again != Again::No || self.is_gap && self.is_heading() {
            self.next_table = Some(record.number);
        }
        self.is_title = self.is_gap && self.is_lone();
        self.is_gap = self.is_title;
        again == Again::Whole
    }

    /// Names where the values of the table look otherwise.
    fn is_heading(&self) -> bool {
        let votes = self.head.profile.votes(self.record.cells());
        votes.values == 0 && votes.names > 1 && votes.names * 2 >= self.head.profile.strict()
    }

    /// Only the first cell holds anything.
    fn is_lone(&self) -> bool {
        let mut cells = self.record.cells().map(|cell| !cell.trim().is_empty());
        self.head.width > 1 && cells.next() == Some(true) && cells.all(|is_filled| !is_filled)
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
        // The first test is quick and nearly always enough.
        let may_be = memchr::memchr2(0, 0xc2, self.record.text().as_bytes()).is_some();
        if self.record.is_damaged || may_be && self.record.cells().any(|cell| cell.contains(is_none)) {
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
