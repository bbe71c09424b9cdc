//! A line to cells. It is stricter than CSV libraries are where they are silent: a quote where none may stand is marked, not smoothed over.
//! Two things only are taken as they stand: a `"` between a digit and a point of the compass is a measure (`37.8"N`), and a `'` that
//! encloses cells may be an apostrophe in them. Lines are put together in `records`.

use super::{
    dialect::Dialect,
    record::{Broken, Piece, Record},
};
use memchr::{memchr, memchr_iter, memchr2, memmem};

/// A cell that goes on in the next line.
#[derive(Debug, Clone, Copy)]
pub(super) enum Open {
    /// In quotes.
    Quoted(Quoted),
    /// Its line break is escaped; it is cut again from its start.
    Plain { start: usize },
}

/// A cell in quotes, as far as it was seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quoted {
    /// Where its text begins.
    pub(super) start: usize,
    /// Where the search goes on.
    seek: usize,
    /// Where the part begins that is not in the spare text yet, and where the cell begins there.
    rest: usize,
    spare: Option<usize>,
}

/// Cuts the text of a record, from its start or from where it was open; what is handed back is open at the end of the text.
pub(super) fn cut(dialect: &Dialect, record: &mut Record, open: Option<Open>) -> Option<Open> {
    let text = std::mem::take(&mut record.text);
    let still = match open {
        None if is_plain(dialect, &text) => {
            split(dialect, &text, &mut record.pieces);
            None
        }
        None => walk(dialect, &text, record, 0, None),
        Some(Open::Plain { start }) => walk(dialect, &text, record, start, None),
        Some(Open::Quoted(cell)) => walk(dialect, &text, record, cell.start, Some(cell)),
    };
    record.text = text;
    still
}

/// Cells between delimiters, whatever quotes there are.
pub(super) fn cut_plainly(dialect: &Dialect, record: &mut Record) {
    record.spare.clear();
    record.pieces.clear();
    split(dialect, &record.text, &mut record.pieces);
}

/// The cells of a line when quotes mean nothing.
pub(super) fn plain_cells<'a>(dialect: &'a Dialect, line: &'a str) -> impl Iterator<Item = &'a str> {
    line.split(dialect.delimiter.as_str())
}

/// How many cells a line has when quotes mean nothing.
pub(super) fn count_plainly(dialect: &Dialect, line: &str) -> usize {
    memmem::find_iter(line.as_bytes(), &dialect.delimiter).count() + 1
}

fn is_plain(dialect: &Dialect, text: &str) -> bool {
    let has = |mark: Option<u8>| mark.is_some_and(|mark| memchr(mark, text.as_bytes()).is_some());
    !has(dialect.quote) && !has(dialect.escape)
}

fn split(dialect: &Dialect, text: &str, pieces: &mut Vec<Piece>) {
    let mut start = 0;
    let mut push = |end: usize| {
        pieces.push(Piece { start, end, is_spare: false, at: start });
        start = end + dialect.delimiter.len();
    };
    match dialect.delimiter.as_bytes() {
        [byte] => memchr_iter(*byte, text.as_bytes()).for_each(&mut push),
        several => memmem::find_iter(text.as_bytes(), several).for_each(&mut push),
    }
    push(text.len());
}

/// Cell by cell, from the start of one, or from inside it.
fn walk(dialect: &Dialect, text: &str, record: &mut Record, mut at: usize, mut inside: Option<Quoted>) -> Option<Open> {
    loop {
        let opens = || dialect.quote.is_some_and(|quote| text.as_bytes().get(at) == Some(&quote));
        let end = if let Some(cell) = inside.take() {
            quoted(dialect, text, record, cell)
        } else if opens() {
            record.is_quoted = true;
            quoted(dialect, text, record, Quoted { start: at + 1, seek: at + 1, rest: at + 1, spare: None })
        } else {
            plain(dialect, text, record, at)
        };
        match end {
            Err(open) => return Some(open),
            Ok(end) if end == text.len() => return None,
            Ok(end) => at = end + dialect.delimiter.len(),
        }
    }
}

/// The end of a cell in quotes, or that it is open.
fn quoted(dialect: &Dialect, text: &str, record: &mut Record, mut cell: Quoted) -> Result<usize, Open> {
    let bytes = text.as_bytes();
    let quote = dialect.quote.unwrap_or_default();
    loop {
        let ahead = &bytes[cell.seek..];
        let found = dialect.escape.map_or_else(|| memchr(quote, ahead), |escape| memchr2(quote, escape, ahead));
        let Some(at) = found.map(|found| found + cell.seek) else {
            cell.seek = bytes.len();
            return Err(Open::Quoted(cell));
        };
        let next = bytes.get(at + 1).copied();
        let is_escape = dialect.escape.map_or(next == Some(quote), |escape| bytes[at] == escape);
        if is_escape && next.is_some_and(|next| next == quote || Some(next) == dialect.escape) {
            cell.spare.get_or_insert(record.spare.len());
            record.spare.push_str(&text[cell.rest..at]);
            (cell.rest, cell.seek) = (at + 1, at + 2);
            continue;
        }
        if bytes[at] != quote {
            cell.seek = at + 1;
            continue;
        }
        if let Some(end) = closes(dialect, text, at + 1) {
            finish(record, text, cell, at);
            return Ok(end);
        }
        if quote == b'\'' {
            cell.seek = at + 1;
            continue;
        }
        record.broken.get_or_insert(Broken::Torn);
        let end = memmem::find(&bytes[at..], dialect.delimiter.as_bytes()).map_or(bytes.len(), |length| at + length);
        finish(record, text, cell, end);
        return Ok(end);
    }
}

/// Where the cell ends when a quote before `after` closes it: at a delimiter or the end of the line, blanks before it not counted.
fn closes(dialect: &Dialect, text: &str, after: usize) -> Option<usize> {
    let is_end = |at: usize| at == text.len() || text.as_bytes()[at..].starts_with(dialect.delimiter.as_bytes());
    let blanks = text.as_bytes()[after..].iter().take_while(|byte| **byte == b' ').count();
    [after, after + blanks].into_iter().find(|at| is_end(*at))
}

fn finish(record: &mut Record, text: &str, cell: Quoted, end: usize) {
    record.pieces.push(match cell.spare {
        None => Piece { start: cell.start, end, is_spare: false, at: cell.start },
        Some(start) => {
            record.spare.push_str(&text[cell.rest..end]);
            Piece { start, end: record.spare.len(), is_spare: true, at: cell.start }
        }
    });
}

/// The end of a cell without quotes, or that its line break is escaped.
fn plain(dialect: &Dialect, text: &str, record: &mut Record, start: usize) -> Result<usize, Open> {
    let mut end = start;
    let escape = dialect.escape.filter(|escape| *escape == b'\\');
    loop {
        end = memmem::find(&text.as_bytes()[end..], dialect.delimiter.as_bytes()).map_or(text.len(), |length| end + length);
        let escapes = text.as_bytes()[start..end].iter().rev().take_while(|byte| Some(**byte) == escape).count();
        match escapes % 2 {
            1 if end == text.len() => return Err(Open::Plain { start }),
            1 => end += dialect.delimiter.len(),
            _ => break,
        }
    }
    let cell = &text[start..end];
    let holds = |mark: Option<u8>| mark.is_some_and(|mark| memchr(mark, cell.as_bytes()).is_some());
    if holds(dialect.escape) {
        let from = record.spare.len();
        let torn = unescape(dialect, cell, &mut record.spare);
        record.pieces.push(Piece { start: from, end: record.spare.len(), is_spare: true, at: start });
        record.broken = record.broken.or(Some(Broken::Torn).filter(|_| torn));
    } else {
        record.pieces.push(Piece { start, end, is_spare: false, at: start });
        if holds(dialect.quote) && !is_literal(dialect.quote, cell.as_bytes()) {
            record.broken.get_or_insert(Broken::Torn);
        }
    }
    Ok(end)
}

/// Takes escapes out of a cell without quotes; true when a quote stands in it that nothing escapes.
fn unescape(dialect: &Dialect, cell: &str, out: &mut String) -> bool {
    let mut characters = cell.chars().peekable();
    let is = |character: char, mark: Option<u8>| mark.is_some_and(|mark| character == char::from(mark));
    let mut is_torn = false;
    while let Some(character) = characters.next() {
        let marks = |next: &char| {
            let breaks = matches!(next, '\n' | '\r') || dialect.delimiter.starts_with(*next);
            is(*next, dialect.quote) || is(*next, dialect.escape) || breaks && dialect.escape == Some(b'\\')
        };
        match characters.next_if(|next| is(character, dialect.escape) && marks(next)) {
            Some(next) => out.push(next),
            None => {
                is_torn |= is(character, dialect.quote) && dialect.quote != Some(b'\'');
                out.push(character);
            }
        }
    }
    is_torn
}

/// Whether the quotes in a cell without quotes are characters like any other: apostrophes, or marks of inches and seconds between a digit
/// and a blank or a point of the compass. Anywhere else such a mark may as well open a cell that lost its delimiter, or be half of a pair.
fn is_literal(quote: Option<u8>, cell: &[u8]) -> bool {
    let is_measure = |at: usize| {
        let before = at.checked_sub(1).and_then(|before| cell.get(before));
        let after = match cell.get(at + 1..).unwrap_or_default() {
            [b' ', next, ..] => *next != b'"',
            [b'N' | b'S' | b'E' | b'W' | b'x'] => true,
            [b'N' | b'S' | b'E' | b'W' | b'x', next, ..] => !next.is_ascii_alphabetic(),
            _ => false,
        };
        before.is_some_and(u8::is_ascii_digit) && after
    };
    quote == Some(b'\'') || memchr_iter(b'"', cell).all(is_measure)
}
