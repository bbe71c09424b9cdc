//! Records of several lines that may as well be several rows: the quotes that make one of them may be two too many, each in a row of its
//! own, or one too many before one that opens a cell. Width and quotes fit either way, so the rest of the table is asked: how its lines
//! end, what its columns look like, and whether the record that follows reads well. Where nothing decides, neither reading is believed.

use super::{cut::plain_cells, record::Record, records::Records};
use crate::Error;
use std::io::Read;

const BREAKS: [char; 2] = ['\n', '\r'];

/// Records that are read ahead to learn what the columns look like, and their bytes.
const AHEAD: usize = 64;
const AHEAD_BYTES: u64 = 1 << 20;

/// Rows from which the looks of columns are known well enough to do without reading ahead.
const KNOWN: usize = 8;

impl<R: Read> Records<R> {
    /// Whether neither reading can be believed.
    pub(super) fn is_twofold(&mut self, record: &Record) -> Result<bool, Error> {
        if record.lines < 2 || self.width != Some(record.len()) || record.len() < 2 {
            return Ok(false);
        }
        if self.may_be_rows(record) {
            self.look_ahead()?;
            return Ok(self.may_be_rows(record));
        }
        Ok(self.ends_in_opening(record) && (self.ends_otherwise(record) || !self.is_next_good()?))
    }

    /// Two quotes too many: all lines of the record have the cells of a row, or all between its first and last, and some of them look like
    /// rows of this table.
    pub(super) fn may_be_rows(&self, record: &Record) -> bool {
        if record.lines < 2 || self.width != Some(record.len()) || record.len() < 2 || self.has_other_breaks(record) {
            return false;
        }
        let lines = self.lines_of(record);
        let is_row = |line: &Vec<&str>| line.len() == record.len();
        let inside = lines.get(1..lines.len() - 1).unwrap_or_default();
        // In two columns any line of prose with a comma has the cells of a row.
        let is_wide = record.len() > 2 || ![",", ";"].contains(&self.dialect.delimiter.as_str());
        let are_rows = lines.iter().all(is_row) || is_wide && !inside.is_empty() && inside.iter().all(is_row);
        let quote = |character: char| self.dialect.quote.map(char::from) == Some(character);
        let is_strange = |line: &Vec<&str>| self.looks.is_strange(line.iter().map(|cell| cell.trim_matches(quote)));
        let later = || lines.iter().skip(1).filter(|line| is_row(line));
        are_rows && !later().all(is_strange)
    }

    /// Rows here end in two characters, and no line inside the record does: its line breaks were typed into a cell.
    fn has_other_breaks(&self, record: &Record) -> bool {
        self.end == Some("\r\n") && record.end == "\r\n" && !record.text.contains("\r\n")
    }

    /// The lines of a record as rows of their own: all that stands before its first line break and after its last as it was cut, and what
    /// is between as if quotes meant nothing; blank lines are not asked.
    fn lines_of<'a>(&'a self, record: &'a Record) -> Vec<Vec<&'a str>> {
        let (text, pieces) = (record.text.as_str(), &record.pieces);
        let Some((first, last)) = text.find(BREAKS).zip(text.rfind(BREAKS)) else { return Vec::new() };
        let cell_at = |place: usize| pieces.iter().rposition(|piece| piece.at <= place).unwrap_or(0);
        let (broken, closed) = (cell_at(first), cell_at(last));
        let cells: Vec<&str> = record.cells().collect();
        let mut head = cells[..broken].to_vec();
        head.extend(plain_cells(&self.dialect, &text[pieces[broken].at..first]));
        let mut tail: Vec<&str> = match pieces.get(closed + 1) {
            None => plain_cells(&self.dialect, &text[last + 1..]).collect(),
            Some(next) => {
                let mut own: Vec<&str> = plain_cells(&self.dialect, &text[last + 1..next.at]).collect();
                own.pop();
                own
            }
        };
        tail.extend(&cells[closed + 1..]);
        let count = usize::try_from(record.lines).unwrap_or(usize::MAX);
        let inside = record.each_line().take(count - 1).skip(1).filter(|line| !line.trim().is_empty());
        [head].into_iter().chain(inside.map(|line| plain_cells(&self.dialect, line).collect())).chain([tail]).collect()
    }

    /// A quote closes a cell with line breaks where one could as well open a cell: one was too many before it.
    fn ends_in_opening(&self, record: &Record) -> bool {
        let may_open = |cell: &str| cell.ends_with(&self.dialect.delimiter) || cell.ends_with(BREAKS);
        record.cells().any(|cell| cell.contains(BREAKS) && may_open(cell))
    }

    fn ends_otherwise(&self, record: &Record) -> bool {
        !record.end.is_empty() && self.end != Some(record.end)
    }

    /// Whether the record that follows is one of this table, or none follows: after a quote too many it is not.
    fn is_next_good(&mut self) -> Result<bool, Error> {
        let place = self.lines.place();
        let mut scratch = std::mem::take(&mut self.scratch);
        let mut is_good = true;
        while self.probe(&mut scratch)? {
            if !scratch.is_blank() {
                is_good = scratch.broken.is_none() && self.width == Some(scratch.len());
                break;
            }
        }
        self.scratch = scratch;
        self.lines.go(place);
        Ok(is_good)
    }

    /// Where few rows were read so far, the next ones tell what the columns look like.
    fn look_ahead(&mut self) -> Result<(), Error> {
        if self.looks.rows() >= KNOWN {
            return Ok(());
        }
        let place = self.lines.place();
        let mut scratch = std::mem::take(&mut self.scratch);
        for _ in 0..AHEAD {
            if self.lines.place().byte - place.byte > AHEAD_BYTES || !self.probe(&mut scratch)? {
                break;
            }
            self.learn(&scratch);
        }
        self.scratch = scratch;
        self.lines.go(place);
        Ok(())
    }

    /// Learns from a record that is a row beyond doubt.
    pub(super) fn learn(&mut self, record: &Record) {
        let is_sure = record.lines == 1 && record.broken.is_none() && self.width == Some(record.len());
        if is_sure && self.looks.is_open() && !record.is_blank() {
            self.looks.learn(record.cells());
        }
    }
}
