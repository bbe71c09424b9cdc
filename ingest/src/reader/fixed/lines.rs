//! Records of a text as bytes: one a line, or one after so many bytes where nothing ends a line. Of a line that is too long no more is held
//! than a record needs; its length is counted all the same.

use crate::decode::PIECE;
use std::io::{self, BufRead, BufReader, Read};

/// The mark with which DOS ended a text; some programs fill the last block of the file with it.
const END: u8 = 0x1a;

/// A record as the file has it.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// Counted from 1.
    pub(super) number: u64,
    /// Its first bytes, as many as a record should have.
    pub(super) bytes: Vec<u8>,
    /// How many it has, line ends not counted.
    pub(super) length: u64,
}

impl Record {
    pub(super) fn is_blank(&self) -> bool {
        self.length <= self.bytes.len() as u64 && self.bytes.iter().all(|byte| matches!(byte, b' ' | b'\t' | 0))
    }
}

/// The records of a file.
#[derive(Debug)]
pub(super) struct Lines<R> {
    source: BufReader<R>,
    width: usize,
    has_lines: bool,
    number: u64,
}

impl<R: Read> Lines<R> {
    /// Records that should have `width` bytes; with `has_lines`, each is a line.
    pub(super) fn new(source: R, width: usize, has_lines: bool) -> Lines<R> {
        Lines { source: BufReader::with_capacity(PIECE, source), width, has_lines, number: 0 }
    }

    /// The same, cut after so many bytes.
    pub(super) fn of_width(self, width: usize) -> Lines<R> {
        Lines { width, ..self }
    }

    /// The next record, in place of what `record` holds; false at the end.
    pub(super) fn next(&mut self, record: &mut Record) -> io::Result<bool> {
        record.bytes.clear();
        record.length = 0;
        if self.number == 0 && self.source.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
            self.source.consume(3);
        }
        let has_more = if self.has_lines { self.line(record)? } else { self.piece(record)? };
        // In the midst of a text the mark is a line that is none of the table's.
        let is_mark = record.length > 0 && record.length == record.bytes.len() as u64 && record.bytes.iter().all(|byte| *byte == END);
        let is_end = is_mark && self.source.fill_buf()?.is_empty();
        self.number += 1;
        record.number = self.number;
        Ok(has_more && !is_end)
    }

    fn piece(&mut self, record: &mut Record) -> io::Result<bool> {
        let count = self.source.by_ref().take(self.width as u64).read_to_end(&mut record.bytes)?;
        record.length = count as u64;
        Ok(count > 0)
    }

    fn line(&mut self, record: &mut Record) -> io::Result<bool> {
        let (mut last, mut has_more) = (0, false);
        loop {
            let piece = match self.source.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                piece => piece?,
            };
            let end = memchr::memchr(b'\n', piece);
            let text = &piece[..end.unwrap_or(piece.len())];
            let room = self.width.saturating_sub(record.bytes.len()).min(text.len());
            record.bytes.extend_from_slice(&text[..room]);
            record.length += text.len() as u64;
            last = text.last().copied().unwrap_or(last);
            has_more |= !piece.is_empty();
            let (taken, is_done) = (text.len() + usize::from(end.is_some()), end.is_some() || piece.is_empty());
            self.source.consume(taken);
            if is_done {
                break;
            }
        }
        if last == b'\r' {
            record.length -= 1;
            record.bytes.truncate(usize::try_from(record.length).unwrap_or(usize::MAX));
        }
        Ok(has_more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(bytes: &[u8], width: usize, has_lines: bool) -> Vec<(String, u64)> {
        let (mut lines, mut record, mut all) = (Lines::new(bytes, width, has_lines), Record::default(), Vec::new());
        while lines.next(&mut record).unwrap() {
            all.push((String::from_utf8_lossy(&record.bytes).into_owned(), record.length));
        }
        all
    }

    #[test]
    fn lines_end_in_either_way_and_the_last_may_end_in_none() {
        for text in
            ["abc\r\ndef\r\n", "abc\ndef", "abc\ndef\n\u{1a}", "abc\ndef\n\u{1a}\u{1a}", "abc\ndef\r\n\u{1a}\r\n", "\u{feff}abc\r\ndef"]
        {
            assert_eq!(records(text.as_bytes(), 3, true), [("abc".to_owned(), 3), ("def".to_owned(), 3)], "{text:?}");
        }
        assert_eq!(records(b"abcdef", 3, false), [("abc".to_owned(), 3), ("def".to_owned(), 3)]);
        assert_eq!(records(b"abcdef\x1a\x1a", 3, false), [("abc".to_owned(), 3), ("def".to_owned(), 3)]);
    }

    #[test]
    fn the_mark_of_an_end_in_the_midst_ends_nothing() {
        assert_eq!(records(b"abc\n\x1a\ndef\n\x1a", 3, true), [("abc".to_owned(), 3), ("\u{1a}".to_owned(), 1), ("def".to_owned(), 3)]);
    }

    #[test]
    fn a_line_that_is_too_long_is_counted_and_not_held() {
        let text = format!("{}\nabc\n", "x".repeat(300_000));
        assert_eq!(records(text.as_bytes(), 3, true), [("xxx".to_owned(), 300_000), ("abc".to_owned(), 3)]);
        assert_eq!(records(b"abcd", 3, false), [("abc".to_owned(), 3), ("d".to_owned(), 1)]);
    }
}
