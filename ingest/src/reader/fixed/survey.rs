//! Whether a text can be of a given fixed width, over all of it: how many of its records have the length, and in how many of them no cut
//! falls into a character. No heading tells it; a single record of the length would be chance.

use super::{
    Cell,
    lines::{Lines, Record},
    slices,
};
use crate::{Error, reader::page::Page};
use encoding_rs::Encoding;
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// Widths that a file may have, and how its records bear them out.
#[derive(Debug, Default)]
pub(crate) struct Candidate {
    /// Records that are not blank, the heading not counted.
    pub(crate) records: u64,
    /// Those of the right length.
    pub(crate) right: u64,
    /// Those of the right length in which a cut falls into a character.
    pub(crate) torn: u64,
    /// Cells that end in half a character, cut off by the width of their column.
    pub(crate) cut: u64,
    pub(crate) has_lines: bool,
    /// The line of the headings, 0 when there is none.
    pub(crate) heading_row: u64,
}

impl Candidate {
    /// Nine in ten are as they should be, and the rest is for the rows' own faults.
    pub(crate) fn is_likely(&self) -> bool {
        self.right * 10 >= self.records * 9 && self.is_possible()
    }

    /// Half of them are, which is enough where somebody said so.
    pub(crate) fn is_possible(&self) -> bool {
        self.right > 0 && self.right * 2 >= self.records && self.torn * 2 <= self.right
    }
}

/// How a file bears out these widths of these columns.
pub(crate) fn survey(path: &Path, encoding: &'static Encoding, widths: &[usize], columns: &[String]) -> Result<Candidate, Error> {
    let walk = || -> io::Result<Candidate> {
        let has_lines = has_lines(File::open(path)?, widths.iter().sum())?;
        let mut candidate = Candidate { has_lines, ..Candidate::default() };
        candidate.walk(File::open(path)?, Page::Coded(encoding), widths, columns)?;
        Ok(candidate)
    };
    walk().map_err(|error| Error::file(path, &error))
}

/// Whether a line ends within the first records, or the file does.
fn has_lines(file: File, width: usize) -> io::Result<bool> {
    let mut head = Vec::new();
    file.take(width as u64 * 2 + 4096).read_to_end(&mut head)?;
    Ok(head.contains(&b'\n') || head.len() <= width + 8)
}

impl Candidate {
    fn walk(&mut self, source: impl Read, page: Page, widths: &[usize], columns: &[String]) -> io::Result<()> {
        let width: usize = widths.iter().sum();
        let (mut lines, mut record, mut text) = (Lines::new(source, width.max(4096), self.has_lines), Record::default(), String::new());
        if !self.has_lines {
            lines = lines.of_width(width);
        }
        while lines.next(&mut record)? {
            if record.is_blank() {
                continue;
            }
            if record.number == 1 && is_heading(&record.bytes, page, widths, columns) {
                self.heading_row = 1;
                continue;
            }
            self.records += 1;
            if record.length == width as u64 {
                self.right += 1;
                self.cells(&record.bytes, page, widths, &mut text);
            }
        }
        Ok(())
    }

    fn cells(&mut self, record: &[u8], page: Page, widths: &[usize], text: &mut String) {
        if record.is_ascii() {
            return;
        }
        let (mut is_torn, mut cut) = (false, 0);
        for slice in slices(record, widths) {
            text.clear();
            match slice.read(page, text) {
                Cell::Whole => {}
                Cell::Cut => cut += 1,
                Cell::Torn => is_torn = true,
            }
        }
        match is_torn {
            true => self.torn += 1,
            false => self.cut += cut,
        }
    }
}

/// Whether a line holds the headings, each in its column or one after the other between blanks.
fn is_heading(line: &[u8], page: Page, widths: &[usize], columns: &[String]) -> bool {
    let mut whole = String::new();
    page.decode(line, &mut whole);
    let by_width = slices(line, widths).zip(columns).all(|(slice, column)| {
        let mut text = String::new();
        slice.read(page, &mut text);
        !text.is_empty() && column.starts_with(text.trim())
    });
    by_width || whole.split_whitespace().eq(columns.iter().map(String::as_str))
}
