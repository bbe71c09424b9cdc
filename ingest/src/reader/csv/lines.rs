//! Bytes to lines of text, with the way back: what was read since the last [`Lines::keep`] can be read once more, which is how a row that
//! went astray is prevented from taking the next ones along. Lines are cut on the bytes of the file, since no encoding but UTF-16 has a line
//! break inside a character, and each line is decoded by itself: what is broken in one harms no other. What a line means is not asked here.

use super::super::damage::is_usual_gb18030;
use crate::{
    Error,
    decode::{Decoded, PIECE, append},
};
use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use memchr::memchr2;
use std::{
    io::{self, Read},
    path::Path,
};

/// Bytes of a line.
pub(crate) const LINE_MAX: usize = 16 << 20;

/// A place between two lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Bytes of the text before it.
    pub(crate) byte: u64,
    /// The line that begins there, from 1.
    pub(crate) line: u64,
}

/// What a line was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line {
    /// How it ends; nothing where the text ends.
    pub(crate) end: &'static str,
    /// Some bytes of it are no character.
    pub(crate) is_damaged: bool,
    /// It is sound for sure: its bytes are those of ordinary Chinese, which no other program's damage looks like.
    pub(crate) is_usual: bool,
}

/// The lines of a text.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    source: Source<R>,
    /// Bytes from the one that is kept to the last one read.
    window: Vec<u8>,
    /// Bytes of the text before the window.
    passed: u64,
    /// Bytes of the window before the next line, and before what is kept.
    at: usize,
    kept: usize,
    line: u64,
    has_ended: bool,
    path: String,
}

/// Bytes as they are, or of UTF-16 as UTF-8.
#[derive(Debug)]
enum Source<R> {
    Plain { source: R, encoding: &'static Encoding },
    Wide { text: Decoded<R>, piece: String },
}

impl<R: Read> Lines<R> {
    pub(crate) fn new(source: R, encoding: &'static Encoding, path: &Path) -> Lines<R> {
        let is_wide = encoding == UTF_16LE || encoding == UTF_16BE;
        let source = if is_wide {
            Source::Wide { text: Decoded::new(source, encoding), piece: String::new() }
        } else {
            Source::Plain { source, encoding }
        };
        let path = path.display().to_string();
        Lines { source, window: Vec::new(), passed: 0, at: 0, kept: 0, line: 1, has_ended: false, path }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn place(&self) -> Place {
        Place { byte: self.passed + self.at as u64, line: self.line }
    }

    /// Nothing before the next line will be asked for again.
    pub(crate) fn keep(&mut self) {
        self.kept = self.at;
    }

    /// Goes back, or forth, to a place that was passed since the last [`Lines::keep`].
    pub(crate) fn go(&mut self, place: Place) {
        let at = usize::try_from(place.byte.saturating_sub(self.passed)).unwrap_or(usize::MAX);
        self.at = at.clamp(self.kept, self.window.len());
        self.line = place.line;
    }

    /// Appends the next line to `text`, without its end; none at the end of the text.
    pub(crate) fn next(&mut self, text: &mut String) -> Result<Option<Line>, Error> {
        let Some((length, end)) = self.find()? else { return Ok(None) };
        let bytes = &self.window[self.at..self.at + length];
        let encoding = match &self.source {
            Source::Plain { encoding, .. } => encoding,
            Source::Wide { .. } => UTF_8,
        };
        let start = text.len();
        let is_damaged = append(encoding, bytes, text) || self.is_wide() && text[start..].contains(char::REPLACEMENT_CHARACTER);
        let is_usual = encoding == GB18030 && !is_damaged && is_usual_gb18030(bytes, &text[start..]);
        self.at += length + end.len();
        self.line += 1;
        Ok(Some(Line { end, is_damaged, is_usual }))
    }

    /// UTF-16 was decoded before it was cut, and what was broken in it is a character by now.
    fn is_wide(&self) -> bool {
        matches!(self.source, Source::Wide { .. })
    }

    /// The length of the next line and how it ends.
    fn find(&mut self) -> Result<Option<(usize, &'static str)>, Error> {
        let mut seen = 0;
        loop {
            let ahead = &self.window[self.at..];
            if let Some(place) = memchr2(b'\n', b'\r', &ahead[seen..]).map(|place| place + seen) {
                let end = match (ahead[place], ahead.get(place + 1)) {
                    (b'\n', _) => Some("\n"),
                    (_, Some(b'\n')) => Some("\r\n"),
                    (_, Some(_)) => Some("\r"),
                    // Whether a line feed follows is in the next bytes.
                    (_, None) => Some("\r").filter(|_| self.has_ended),
                };
                if let Some(end) = end {
                    return Ok(Some((place, end)));
                }
                seen = place;
            } else {
                seen = ahead.len();
            }
            if seen > LINE_MAX {
                return Err(self.too_long());
            }
            if !self.fill()? {
                return Ok(Some((self.window.len() - self.at, "")).filter(|(length, _)| *length > 0)).map(|found| match found {
                    Some((length, _)) if self.window.last() == Some(&b'\r') => Some((length - 1, "\r")),
                    other => other,
                });
            }
        }
    }

    /// Reads on; false at the end of the text.
    fn fill(&mut self) -> Result<bool, Error> {
        if self.kept > PIECE.max(self.window.len() / 2) {
            self.window.drain(..self.kept);
            self.passed += self.kept as u64;
            (self.at, self.kept) = (self.at - self.kept, 0);
        }
        let before = self.window.len();
        let failed = |error: io::Error| Error::file(Path::new(&self.path), &error);
        while !self.has_ended && self.window.len() == before {
            match &mut self.source {
                Source::Plain { source, encoding } => {
                    let count = source.take(PIECE as u64).read_to_end(&mut self.window).map_err(failed)?;
                    self.has_ended = count == 0;
                    if self.passed == 0 && before == 0 {
                        drop_marks(&mut self.window, encoding);
                    }
                }
                Source::Wide { text, piece } => {
                    self.has_ended = !text.next(piece).map_err(failed)?;
                    self.window.extend_from_slice(piece.as_bytes());
                }
            }
        }
        Ok(self.window.len() > before)
    }

    fn too_long(&self) -> Error {
        Error::Limit {
            path: self.path.clone(),
            place: format!("line {}", self.line),
            limit: format!("it has more than {LINE_MAX} bytes"),
            hint: "check that it is a table with one row a line",
        }
    }
}

/// Byte order marks are no text; some files have two.
fn drop_marks(bytes: &mut Vec<u8>, encoding: &'static Encoding) {
    let mark: &[u8] = if encoding == UTF_8 { b"\xef\xbb\xbf" } else { b"\x84\x31\x95\x33" };
    while bytes.starts_with(mark) {
        bytes.drain(..mark.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8], encoding: &'static Encoding) -> Vec<(String, &'static str)> {
        let mut lines = Lines::new(bytes, encoding, Path::new("a.csv"));
        let mut all = Vec::new();
        let mut text = String::new();
        while let Some(line) = lines.next(&mut text).unwrap() {
            all.push((std::mem::take(&mut text), line.end));
        }
        all
    }

    fn plain(text: &str) -> Vec<(String, &'static str)> {
        lines(text.as_bytes(), UTF_8)
    }

    #[test]
    fn lines_end_as_any_system_ends_them() {
        let is = |all: &[(&str, &'static str)]| all.iter().map(|(text, end)| ((*text).to_owned(), *end)).collect::<Vec<_>>();
        assert_eq!(plain("a\nb\r\nc\rd"), is(&[("a", "\n"), ("b", "\r\n"), ("c", "\r"), ("d", "")]));
        assert_eq!(plain("a\r"), is(&[("a", "\r")]));
        assert_eq!(plain("\r\r\n\n"), is(&[("", "\r"), ("", "\r\n"), ("", "\n")]));
        assert_eq!(plain(""), is(&[]));
        assert_eq!(plain("\u{feff}\u{feff}a"), is(&[("a", "")]));
    }

    #[test]
    fn what_is_broken_in_one_line_harms_no_other() {
        assert_eq!(lines(b"\x81\n\xc0\xee", GB18030), [("\u{fffd}".to_owned(), "\n"), ("李".to_owned(), "")]);
        let mut reading = Lines::new(&b"a\n\xff\n"[..], UTF_8, Path::new("a.csv"));
        let mut text = String::new();
        assert!(!reading.next(&mut text).unwrap().unwrap().is_damaged);
        assert!(reading.next(&mut text).unwrap().unwrap().is_damaged);
    }

    #[test]
    fn there_is_a_way_back_to_what_is_kept() {
        let text = "line\r\n".repeat(60_000);
        let mut reading = Lines::new(text.as_bytes(), UTF_8, Path::new("a.csv"));
        let mut line = String::new();
        let mut count = 0;
        while reading.next(&mut line).unwrap().is_some() {
            count += 1;
            if count % 1000 == 0 {
                let place = reading.place();
                reading.keep();
                (0..50).for_each(|_| assert!(count > 59_000 || reading.next(&mut line).unwrap().is_some()));
                reading.go(place);
                assert_eq!(reading.place(), Place { byte: count * 6, line: count + 1 });
            }
            line.clear();
        }
        assert_eq!(count, 60_000);
    }
}
