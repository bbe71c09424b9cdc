//! Lines to records, blank ones too (a spreadsheet counts them), and one row that went astray does not take the next ones along.
//!
//! A record that takes several lines is believed when its quotes are in order and it has the width of the table. Otherwise a quote may be
//! missing or superfluous in its first line, and the lines after it may be rows of their own: the records begin again at the first later
//! line from which a record reads well ([`super::recover`]), and what lies before it is refused, a row at a time. Columns have no names here.

use super::{
    cut::{Open, cut, cut_plainly},
    dialect::Dialect,
    lines::{Lines, Place},
    looks::Looks,
    record::{Broken, Record},
};
use crate::Error;
use encoding_rs::Encoding;
use std::{collections::VecDeque, fs::File, io::Read, path::Path};

/// Bytes of a cell.
pub(crate) const CELL_MAX: usize = 1 << 20;

/// Cells of a record.
pub(crate) const COLUMNS_MAX: usize = 4096;

/// Lines that are refused as one row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    pub(super) place: Place,
    pub(super) lines: u64,
    pub(super) broken: Broken,
}

/// Cuts one line by itself; whether nothing in it is out of place.
pub(crate) fn cut_line(dialect: &Dialect, line: &str, record: &mut Record) -> bool {
    record.clear();
    record.text.push_str(line);
    cut(dialect, record, None).is_none() && record.broken.is_none()
}

/// The records of a text.
#[derive(Debug)]
pub(crate) struct Records<R> {
    pub(super) lines: Lines<R>,
    pub(super) dialect: Dialect,
    /// Cells that a record has to have; none when that is not known yet.
    pub(super) width: Option<usize>,
    /// Rows that are refused and not handed out yet, and where the records go on after them.
    pub(super) refused: VecDeque<Unit>,
    pub(super) resume: Place,
    pub(super) scratch: Record,
    /// How the first line ends.
    pub(super) end: Option<&'static str>,
    /// What the columns look like.
    pub(super) looks: Looks,
    number: u64,
}

impl Records<File> {
    pub(crate) fn open(path: &Path, encoding: &'static Encoding, dialect: &Dialect) -> Result<Records<File>, Error> {
        let file = File::open(path).map_err(|error| Error::file(path, &error))?;
        Ok(Records::new(file, encoding, dialect, path))
    }
}

impl<R: Read> Records<R> {
    pub(crate) fn new(source: R, encoding: &'static Encoding, dialect: &Dialect, path: &Path) -> Records<R> {
        let lines = Lines::new(source, encoding, path);
        let resume = lines.place();
        let (dialect, refused, scratch, looks) = (dialect.clone(), VecDeque::new(), Record::default(), Looks::default());
        Records { lines, dialect, width: None, refused, resume, scratch, end: None, looks, number: 0 }
    }

    /// From here on a record has so many cells.
    pub(crate) fn expect(&mut self, width: usize) {
        self.width = Some(width);
    }

    /// The next record, in place of what `record` holds; false at the end.
    pub(crate) fn next(&mut self, record: &mut Record) -> Result<bool, Error> {
        if self.refused.is_empty() {
            self.lines.keep();
            let place = self.lines.place();
            if !self.attempt(record)? {
                return Ok(false);
            }
            if record.lines > 1 || record.broken.is_some() {
                if let Some(broken) = self.doubt(record)? {
                    self.recover(place, record, broken)?;
                }
            } else if self.looks.is_open() {
                self.learn(record);
            }
        }
        if let Some(unit) = self.refused.pop_front() {
            self.refuse(unit, record)?;
        }
        self.number += 1;
        record.number = self.number;
        Ok(true)
    }

    /// Reads a record from where the lines are, as if all was well; false at the end.
    pub(super) fn attempt(&mut self, record: &mut Record) -> Result<bool, Error> {
        self.read(record, COLUMNS_MAX)
    }

    /// The same, only to see whether a record reads well: it is left as soon as it does not.
    pub(super) fn probe(&mut self, record: &mut Record) -> Result<bool, Error> {
        self.read(record, 0)
    }

    /// A record whose quotes are out of place goes on for so many cells at most: it may never end.
    fn read(&mut self, record: &mut Record, torn_max: usize) -> Result<bool, Error> {
        record.clear();
        record.line = self.lines.place().line;
        let Some(mut line) = self.lines.next(&mut record.text)? else { return Ok(false) };
        self.end.get_or_insert(line.end);
        (record.lines, record.is_damaged, record.is_usual) = (1, line.is_damaged, line.is_usual);
        let mut open = cut(&self.dialect, record, None);
        while let Some(cell) = open {
            let (Open::Plain { start } | Open::Quoted(super::cut::Quoted { start, .. })) = cell;
            let is_endless = record.text.len() - start > CELL_MAX || record.broken.is_some() && record.len() > torn_max;
            if is_endless {
                return self.leave_open(record);
            }
            record.text.push_str(line.end);
            match self.lines.next(&mut record.text)? {
                None => return self.leave_open(record),
                Some(next) => line = next,
            }
            record.lines += 1;
            record.is_damaged |= line.is_damaged;
            record.is_usual = false;
            open = cut(&self.dialect, record, Some(cell));
        }
        record.end = line.end;
        self.check(record).map(|()| true)
    }

    fn leave_open(&self, record: &mut Record) -> Result<bool, Error> {
        record.broken = Some(Broken::Unclosed);
        if record.lines == 1 {
            cut_plainly(&self.dialect, record);
        }
        self.check(record).map(|()| true)
    }

    /// A row that is refused: its lines, and cells nobody may rely on.
    fn refuse(&mut self, unit: Unit, record: &mut Record) -> Result<(), Error> {
        self.lines.go(unit.place);
        record.clear();
        record.line = unit.place.line;
        let mut end = "";
        for _ in 0..unit.lines {
            record.text.push_str(end);
            let Some(line) = self.lines.next(&mut record.text)? else { break };
            end = line.end;
            record.is_damaged |= line.is_damaged;
        }
        (record.lines, record.broken) = (unit.lines, Some(unit.broken));
        cut_plainly(&self.dialect, record);
        record.pieces.truncate(COLUMNS_MAX);
        if self.refused.is_empty() {
            self.lines.go(self.resume);
        }
        Ok(())
    }

    /// Nothing in a record grows without end; one that is refused is cut short.
    fn check(&self, record: &mut Record) -> Result<(), Error> {
        let is_long = |cell: &str| cell.len() > CELL_MAX;
        if record.broken.is_some() {
            record.pieces.truncate(COLUMNS_MAX);
        }
        let limit = match () {
            () if record.len() > COLUMNS_MAX => format!("it has more than {COLUMNS_MAX} cells"),
            () if record.text.len() > CELL_MAX && record.broken.is_none() && record.cells().any(is_long) => {
                format!("a cell has more than {CELL_MAX} bytes")
            }
            () => return Ok(()),
        };
        Err(Error::Limit {
            path: self.lines.path().to_owned(),
            place: format!("line {}", record.line),
            limit,
            hint: "check that it is a table with one row a line",
        })
    }
}

#[cfg(test)]
mod tests;
