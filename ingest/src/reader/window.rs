//! The part of a text that is held in memory while one record of it is read, whatever the size of the file: it grows while the record
//! lasts and is forgotten after it. What the text means (JSON, XML) is not known here.

use crate::{
    Error,
    decode::{Decoded, PIECE},
};
use encoding_rs::Encoding;
use memchr::memchr;
use std::{
    fs::File,
    io::{self, Read},
    ops::Range,
    path::Path,
};

/// Bytes of a record, with all that is written around its values.
const RECORD_MAX: usize = 16 << 20;

/// Why a text cannot be read on. Where, the window knows: it stands there.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The system cannot read the file.
    Io(io::Error),
    /// Something stands where it may not: in words for the log, and in Chinese for the owner of the file.
    Wrong(&'static str, &'static str),
    /// The text ends in the midst of something.
    Cut,
    /// It asks for more than is given to any.
    Limit(&'static str),
    /// Records begin here beside those that are read.
    Beside,
    /// It is well formed and not read all the same: what it is, and the way out.
    Refused(&'static str, &'static str),
}

impl Trouble {
    /// The error that ends the reading of the whole file.
    pub(super) fn error(self, path: &Path, place: Place) -> Error {
        let damaged = |detail: &str| Error::Damaged {
            path: path.display().to_string(),
            place: format!("line {} column {}", place.line, place.column),
            detail: detail.to_owned(),
        };
        match self {
            Trouble::Io(error) => Error::file(path, &error),
            Trouble::Wrong(detail, _) => damaged(detail),
            Trouble::Cut => damaged("it ends in the midst of its content, as if it were cut off"),
            Trouble::Limit(limit) => Error::Limit {
                path: path.display().to_string(),
                place: format!("line {} column {}", place.line, place.column),
                limit: limit.to_owned(),
                hint: "check that it is a list of records, and export it again",
            },
            Trouble::Beside => Error::Unmapped {
                path: path.display().to_string(),
                detail: format!(
                    "records begin at line {} column {} too, beside the place whose records are read",
                    place.line, place.column
                ),
                hint: "state the place that is read with `rows` in the department's file, or send the others as a file of their own"
                    .to_owned(),
            },
            Trouble::Refused(found, hint) => {
                Error::Format { path: path.display().to_string(), found: found.to_owned(), hint: hint.to_owned() }
            }
        }
    }
}

/// A place in a text as an editor shows it, from 1; columns are characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u64,
    pub(crate) column: u64,
}

impl Place {
    /// Where one stands after that text.
    fn after(self, text: &str) -> Place {
        let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64;
        let last = &text[memchr::memrchr(b'\n', text.as_bytes()).map_or(0, |at| at + 1)..];
        let characters = last.bytes().filter(|byte| byte & 0xc0 != 0x80).count() as u64;
        Place { line: self.line + lines, column: characters + if lines == 0 { self.column } else { 1 } }
    }
}

/// A text, of which the present record is held. Places in it stay good until it is released.
#[derive(Debug)]
pub(super) struct Window<R> {
    text: Decoded<R>,
    piece: String,
    held: String,
    /// The next byte.
    pub(super) at: usize,
    /// Where ends what may be seen: all that is held, or the present line.
    end: usize,
    is_line: bool,
    /// Where the present record began.
    start: usize,
    /// Where the text that is held begins.
    before: Place,
}

impl Window<File> {
    pub(super) fn open(path: &Path, encoding: &'static Encoding) -> Result<Window<File>, Error> {
        Ok(Window::new(File::open(path).map_err(|error| Error::file(path, &error))?, encoding))
    }
}

impl<R: Read> Window<R> {
    pub(super) fn new(source: R, encoding: &'static Encoding) -> Window<R> {
        let before = Place { line: 1, column: 1 };
        let text = Decoded::new(source, encoding);
        Window { text, piece: String::new(), held: String::new(), at: 0, end: 0, is_line: false, start: 0, before }
    }

    /// The next byte, if there is one.
    #[inline]
    pub(super) fn peek(&mut self) -> Result<Option<u8>, Trouble> {
        Ok(if self.have(1)? { Some(self.held.as_bytes()[self.at]) } else { None })
    }

    /// Whether so many bytes follow.
    #[inline]
    pub(super) fn have(&mut self, count: usize) -> Result<bool, Trouble> {
        while self.end - self.at < count {
            if !self.more()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether these bytes follow.
    pub(super) fn follows(&mut self, bytes: &[u8]) -> Result<bool, Trouble> {
        Ok(self.have(bytes.len())? && self.rest().starts_with(bytes))
    }

    /// What follows, as far as it is held.
    #[inline]
    pub(super) fn rest(&self) -> &[u8] {
        &self.held.as_bytes()[self.at..self.end]
    }

    /// Where ends what is held and may be seen.
    pub(super) fn end(&self) -> usize {
        self.end
    }

    /// A part of what is held.
    #[inline]
    pub(super) fn text(&self, range: Range<usize>) -> &str {
        &self.held[range]
    }

    /// The first place from `from` on that `look` finds something of up to `longest` bytes at; none before the end.
    #[inline]
    pub(super) fn find(&mut self, from: usize, longest: usize, look: impl Fn(&[u8]) -> Option<usize>) -> Result<Option<usize>, Trouble> {
        let mut from = from;
        loop {
            if let Some(found) = look(&self.held.as_bytes()[from..self.end]) {
                return Ok(Some(from + found));
            }
            from = from.max((self.end + 1).saturating_sub(longest));
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    /// Passes over white space; the byte after it.
    #[inline]
    pub(super) fn space(&mut self) -> Result<Option<u8>, Trouble> {
        loop {
            match self.rest().iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) {
                Some(count) => {
                    self.at += count;
                    return Ok(Some(self.held.as_bytes()[self.at]));
                }
                None => self.at = self.end,
            }
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    /// Where the next byte stands.
    pub(super) fn place(&self) -> Place {
        let mut at = self.at.min(self.held.len());
        while !self.held.is_char_boundary(at) {
            at -= 1;
        }
        self.before.after(&self.held[..at])
    }

    /// How many characters of the record come before the next byte, and that one.
    pub(super) fn column(&self) -> usize {
        let read = &self.held.as_bytes()[self.start..self.at.min(self.held.len())];
        read.iter().filter(|byte| **byte & 0xc0 != 0x80).count() + 1
    }

    /// A record ends here, or something that is none: what was read may be forgotten.
    #[inline]
    pub(super) fn release(&mut self) {
        if self.at >= PIECE {
            self.before = self.place();
            self.held.drain(..self.at);
            (self.end, self.at) = (self.end - self.at, 0);
        }
        self.start = self.at;
    }

    /// Shows the next line and nothing beyond it; false at the end.
    pub(super) fn line(&mut self) -> Result<bool, Trouble> {
        if self.is_line {
            self.at = self.held.len().min(self.end + 1);
            (self.end, self.is_line) = (self.held.len(), false);
        }
        self.release();
        let found = self.find(self.at, 1, |bytes| memchr(b'\n', bytes))?;
        (self.end, self.is_line) = (found.unwrap_or(self.held.len()), true);
        Ok(found.is_some() || self.at < self.end)
    }

    /// Whether the line that is shown is the last and nothing ends it.
    pub(super) fn is_open_line(&self) -> bool {
        self.is_line && self.end == self.held.len()
    }

    /// Reads on; false at the end of what may be seen.
    #[cold]
    fn more(&mut self) -> Result<bool, Trouble> {
        if self.is_line {
            return Ok(false);
        }
        if self.held.len() - self.start > RECORD_MAX {
            return Err(Trouble::Limit("a record has more than 16777216 bytes"));
        }
        while self.text.next(&mut self.piece).map_err(Trouble::Io)? {
            if !self.piece.is_empty() {
                self.held.push_str(&self.piece);
                self.end = self.held.len();
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::UTF_8;

    #[test]
    fn places_are_those_of_an_editor_however_much_was_forgotten() {
        let text = format!("王小明\n{}x\n王y", " ".repeat(2 * PIECE));
        let mut window = Window::new(text.as_bytes(), UTF_8);
        assert_eq!(window.find(0, 1, |bytes| memchr(b'x', bytes)).unwrap(), text.find('x'));
        window.at = text.find('x').unwrap();
        assert_eq!(window.place(), Place { line: 2, column: 2 * PIECE as u64 + 1 });
        window.release();
        assert_eq!(window.place(), Place { line: 2, column: 2 * PIECE as u64 + 1 });
        window.at += "x\n王".len();
        assert_eq!((window.place(), window.peek().unwrap()), (Place { line: 3, column: 2 }, Some(b'y')));
    }

    #[test]
    fn a_line_shows_nothing_beyond_its_end() {
        let mut window = Window::new(&b"ab\n\ncd"[..], UTF_8);
        let mut lines = Vec::new();
        while window.line().unwrap() {
            assert!(!window.have(3).unwrap());
            lines.push((String::from_utf8(window.rest().to_vec()).unwrap(), window.is_open_line()));
        }
        assert_eq!(lines, [("ab".to_owned(), false), (String::new(), false), ("cd".to_owned(), true)]);
    }

    #[test]
    fn a_record_cannot_fill_the_memory() {
        let mut window = Window::new(io::repeat(b'x'), UTF_8);
        assert!(matches!(window.find(0, 1, |bytes| memchr(b'"', bytes)), Err(Trouble::Limit(_))));
        assert!(window.end() <= RECORD_MAX + 2 * PIECE);
    }
}
