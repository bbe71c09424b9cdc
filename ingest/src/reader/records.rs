//! Text to records: cells between delimiters, quoted or not, blank lines too. It is stricter than CSV libraries are where they are silent:
//! blank lines are counted (a spreadsheet counts them), a quote where none may stand is marked instead of smoothed over, an unclosed one is
//! an error with its row. Columns have no names here.

use crate::{Error, decode::Decoded};
use encoding_rs::Encoding;
use memchr::{memchr, memchr3};
use std::{fs::File, io::Read, path::Path};

/// Bytes of a cell.
pub(crate) const CELL_MAX: usize = 1 << 20;

/// Cells of a record.
pub(crate) const COLUMNS_MAX: usize = 4096;

/// Bytes of a record, all its cells together.
const RECORD_MAX: usize = 16 << 20;

/// One record: its cells, one after the other.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    text: String,
    ends: Vec<usize>,
    /// Its number as a spreadsheet shows it, from 1.
    pub(crate) number: u64,
    /// A quote stands inside a cell without quotes, or text follows a closing one: where the cell ends is a guess (RFC 4180, 2.5).
    pub(crate) is_torn: bool,
    /// A cell stands in quotes.
    pub(crate) is_quoted: bool,
}

impl Record {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn cells(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.text[start..*end])
    }

    /// Nothing but white space, or the end mark of an old system.
    pub(crate) fn is_blank(&self) -> bool {
        self.text.chars().all(|character| character.is_whitespace() || matches!(character, '\u{1a}' | '\u{feff}'))
    }

    /// Line breaks inside its cells.
    pub(crate) fn breaks(&self) -> usize {
        self.text.bytes().filter(|byte| *byte == b'\n').count()
    }

    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        (self.is_torn, self.is_quoted) = (false, false);
    }
}

/// Where in a cell the next character stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Plain,
    Quoted,
    /// After a quote inside quotes: the end of the cell, or a quote written twice.
    Closed,
}

/// The records of a text.
#[derive(Debug)]
pub(crate) struct Records<R> {
    text: Decoded<R>,
    piece: String,
    at: usize,
    state: State,
    /// A carriage return ended the last record; the line feed after it belongs to it.
    after_return: bool,
    number: u64,
    delimiter: u8,
    quotes: bool,
    path: String,
}

impl Records<File> {
    pub(crate) fn open(path: &Path, encoding: &'static Encoding, delimiter: u8, quotes: bool) -> Result<Records<File>, Error> {
        let file = File::open(path).map_err(|error| Error::file(path, &error))?;
        Ok(Records::new(file, encoding, delimiter, quotes, path))
    }
}

impl<R: Read> Records<R> {
    /// `quotes` false: a quote is a character like any other.
    pub(crate) fn new(source: R, encoding: &'static Encoding, delimiter: u8, quotes: bool, path: &Path) -> Records<R> {
        let text = Decoded::new(source, encoding);
        let path = path.display().to_string();
        Records { text, piece: String::new(), at: 0, state: State::Start, after_return: false, number: 0, delimiter, quotes, path }
    }

    /// The next record, in place of what `record` holds; false at the end.
    pub(crate) fn next(&mut self, record: &mut Record) -> Result<bool, Error> {
        record.clear();
        self.number += 1;
        record.number = self.number;
        loop {
            while self.at == self.piece.len() {
                self.at = 0;
                if !self.text.next(&mut self.piece).map_err(|error| Error::file(Path::new(&self.path), &error))? {
                    return self.finish(record);
                }
            }
            if self.step(record) {
                return Ok(true);
            }
            self.check(record)?;
        }
    }

    /// Takes what the state can take of the piece; true at the end of a record.
    fn step(&mut self, record: &mut Record) -> bool {
        let byte = self.piece.as_bytes()[self.at];
        if std::mem::take(&mut self.after_return) && byte == b'\n' {
            self.at += 1;
            return false;
        }
        match self.state {
            State::Start if byte == b'"' && self.quotes => {
                (self.state, record.is_quoted) = (State::Quoted, true);
                self.at += 1;
            }
            State::Start | State::Plain => {
                self.state = State::Plain;
                let start = record.text.len();
                self.take(record, memchr3(self.delimiter, b'\n', b'\r', &self.piece.as_bytes()[self.at..]));
                record.is_torn |= self.quotes && memchr(b'"', &record.text.as_bytes()[start..]).is_some();
                return self.end_cell(record);
            }
            State::Quoted => {
                self.take(record, memchr(b'"', &self.piece.as_bytes()[self.at..]));
                if self.at < self.piece.len() {
                    (self.state, self.at) = (State::Closed, self.at + 1);
                }
            }
            State::Closed if byte == b'"' => {
                record.text.push('"');
                (self.state, self.at) = (State::Quoted, self.at + 1);
            }
            State::Closed if byte == self.delimiter || byte == b'\n' || byte == b'\r' => return self.end_cell(record),
            State::Closed if byte == b' ' => self.at += 1,
            State::Closed => (self.state, record.is_torn) = (State::Plain, true),
        }
        false
    }

    /// Takes so many bytes of the piece, or all that is left of it.
    fn take(&mut self, record: &mut Record, length: Option<usize>) {
        let end = length.map_or(self.piece.len(), |length| self.at + length);
        record.text.push_str(&self.piece[self.at..end]);
        self.at = end;
    }

    /// Takes the delimiter or line end that the piece goes on with, if it does; true at a line end.
    fn end_cell(&mut self, record: &mut Record) -> bool {
        let Some(byte) = self.piece.as_bytes().get(self.at).copied() else { return false };
        self.at += 1;
        record.ends.push(record.text.len());
        self.state = State::Start;
        self.after_return = byte == b'\r';
        byte != self.delimiter
    }

    fn finish(&mut self, record: &mut Record) -> Result<bool, Error> {
        match std::mem::replace(&mut self.state, State::Start) {
            State::Start if record.ends.is_empty() => return Ok(false),
            State::Quoted => return Err(Error::Quote { path: self.path.clone(), row: self.number }),
            State::Start | State::Plain | State::Closed => record.ends.push(record.text.len()),
        }
        Ok(true)
    }

    /// Nothing in a record grows without end; most often an unclosed quote makes it.
    fn check(&self, record: &Record) -> Result<(), Error> {
        let cell = record.text.len() - record.ends.last().copied().unwrap_or(0);
        let limit = match () {
            () if cell > CELL_MAX && self.state == State::Quoted => return Err(Error::Quote { path: self.path.clone(), row: self.number }),
            () if cell > CELL_MAX => format!("a cell has more than {CELL_MAX} bytes"),
            () if record.len() > COLUMNS_MAX => format!("it has more than {COLUMNS_MAX} cells"),
            () if record.text.len() > RECORD_MAX => format!("it has more than {RECORD_MAX} bytes"),
            () => return Ok(()),
        };
        Err(Error::Limit {
            path: self.path.clone(),
            place: format!("row {}", self.number),
            limit,
            hint: "check that it is a table with one row a line",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::UTF_8;
    use proptest::prelude::*;

    fn records(text: &str, delimiter: u8, quotes: bool) -> Result<Vec<Record>, Error> {
        let mut records = Records::new(text.as_bytes(), UTF_8, delimiter, quotes, Path::new("a.csv"));
        let (mut all, mut record) = (Vec::new(), Record::default());
        while records.next(&mut record)? {
            all.push(record.clone());
        }
        Ok(all)
    }

    fn cells(text: &str) -> Vec<Vec<String>> {
        records(text, b',', true).unwrap().iter().map(|record| record.cells().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn cells_are_what_stands_between_delimiters() {
        assert_eq!(cells("a,b\n1,\n"), [["a", "b"], ["1", ""]]);
        assert_eq!(cells("a,b\r\n1,2"), [["a", "b"], ["1", "2"]]);
        assert_eq!(cells("a,b\r1,2\r"), [["a", "b"], ["1", "2"]]);
        assert_eq!(cells("\"a,\"\"x\"\"\",\"b\nc\"\n"), [["a,\"x\"", "b\nc"]]);
        assert_eq!(cells("\"\",\n"), [["", ""]]);
        assert_eq!(cells("\"a\" ,b\n"), [["a", "b"]]);
        assert_eq!(cells(""), Vec::<Vec<String>>::new());
        assert_eq!(records("\"a|b\n", b'|', false).unwrap()[0].cells().collect::<Vec<_>>(), ["\"a", "b"]);
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_does_it() {
        let numbers =
            |text: &str| records(text, b',', true).unwrap().iter().map(|record| (record.number, record.is_blank())).collect::<Vec<_>>();
        assert_eq!(numbers("a\n\n\"b\nc\"\n\r\nd"), [(1, false), (2, true), (3, false), (4, true), (5, false)]);
        assert_eq!(numbers("a\n\u{1a}"), [(1, false), (2, true)]);
    }

    #[test]
    fn a_quote_where_none_may_stand_is_marked_and_the_cell_kept() {
        let all = records("\"老\"王,b\n\"c\",d\n5\"屏,b\n", b',', true).unwrap();
        assert_eq!(all.iter().map(|record| record.is_torn).collect::<Vec<_>>(), [true, false, true]);
        assert_eq!(all[2].cells().collect::<Vec<_>>(), ["5\"屏", "b"]);
        assert!(!records("5\"屏|b\n", b'|', false).unwrap()[0].is_torn);
    }

    #[test]
    fn an_unclosed_quote_is_named_by_its_row_at_the_end_or_at_the_limit() {
        assert!(matches!(records("a,b\n1,2\n3,\"4\n5,6\n", b',', true), Err(Error::Quote { row: 3, .. })));
        let long = format!("a\n\"{}", "x\n".repeat(CELL_MAX));
        assert!(matches!(records(&long, b',', true), Err(Error::Quote { row: 2, .. })));
    }

    #[test]
    fn nothing_grows_without_end() {
        assert!(matches!(records(&"x".repeat(CELL_MAX + 200_000), b',', true), Err(Error::Limit { .. })));
        assert!(matches!(records(&",".repeat(COLUMNS_MAX + 10), b',', true), Err(Error::Limit { .. })));
    }

    proptest! {
        #[test]
        fn what_a_csv_writer_writes_is_read_back(rows in proptest::collection::vec(proptest::collection::vec("[a\",;\r\n 王㛃]{0,6}", 2..5), 1..6)) {
            for style in [csv::QuoteStyle::Necessary, csv::QuoteStyle::Always] {
                let mut writer = csv::WriterBuilder::new().flexible(true).quote_style(style).from_writer(Vec::new());
                rows.iter().for_each(|row| writer.write_record(row).unwrap());
                let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
                prop_assert_eq!(&cells(&text), &rows);
                prop_assert!(records(&text, b',', true).unwrap().iter().all(|record| !record.is_torn));
            }
        }
    }
}
