//! Conservation, as a property: of files made up with every kind of dirt, each row that is accepted is one that was written, and each row
//! that was written is accepted, or its line is reported. Ten thousand files and more a run, in memory; the seed of a bad one is told.

use super::{TableRow, rows, rows::Rows};
use crate::{Hint, decode::encode};
use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use std::{io::Cursor, path::Path};

const FILES: u64 = 12_000;

/// Stands for a character that is broken.
const BROKEN: char = '\u{f8ff}';

/// Numbers that look random and are the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % bound as u64).unwrap()
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }
}

/// A file: its text, the rows that were meant, and for each the line it begins in and whether it was harmed.
struct Made {
    text: String,
    encoding: &'static Encoding,
    delimiter: String,
    /// Where the last row begins.
    last: usize,
    rows: Vec<(Vec<String>, u64, bool)>,
}

fn make(random: &mut Random) -> Made {
    let delimiter = random.of(&[",", "\t", ";", "|", "||", "\u{1}"]).to_owned();
    let encoding = [UTF_8, UTF_8, GB18030, GB18030, UTF_16LE, UTF_16BE][random.below(6)];
    let end = random.of(&["\n", "\r\n", "\r"]);
    let (width, always) = (2 + random.below(7), random.one_in(3));
    let mut made = Made { text: String::new(), encoding, delimiter, last: 0, rows: Vec::new() };
    if random.one_in(4) {
        made.text.push('\u{feff}');
    }
    let headings: Vec<String> = (0..width).map(|at| format!("{}{at}", random.of(&["姓名", "住址", "日期", "name"]))).collect();
    let mut line = 1 + write(&mut made, &headings, always, end);
    for _ in 0..random.below(12) {
        if random.one_in(12) {
            made.text += end;
            line += 1;
        }
        let row: Vec<String> = (0..width).map(|_| cell(random, &made.delimiter)).collect();
        let start = made.text.len();
        made.last = start;
        let lines = write(&mut made, &row, always, end);
        let harmed = random.one_in(6) && harm(random, &mut made, start, end);
        made.rows.push((row, line, harmed));
        line += lines;
    }
    if random.one_in(4) {
        made.text.truncate(made.text.len() - end.len());
    }
    if random.one_in(8) {
        cut(random, &mut made);
    }
    made
}

/// Cuts the file off in its last row.
fn cut(random: &mut Random, made: &mut Made) {
    let Some((cells, _, harmed @ false)) = made.rows.last_mut() else { return };
    let lengths: Vec<usize> = made.text.char_indices().map(|(at, _)| at).collect();
    let most = cells.last().map_or(0, |cell| cell.chars().count());
    let left = lengths[lengths.len() - 1 - random.below(most.max(1))];
    made.text.truncate(left);
    *harmed = true;
    // What is left of it may be nothing at all.
    if made.text.get(made.last..).unwrap_or_default().replace(&made.delimiter, "").trim().is_empty() {
        made.rows.pop();
    }
}

fn cell(random: &mut Random, delimiter: &str) -> String {
    let words = ["王小明", "李四", "东街1号", "2026-01-02", "12012345678", "x", "", "O'Neil", "37.5", "說明", " a "];
    let mut text = random.of(&words).to_owned();
    match random.below(24) {
        0 => text += "\"老\"",
        1 => text += delimiter,
        2 => text += "\n第二行",
        3 => text = format!("{text}{delimiter}{delimiter}"),
        _ => {}
    }
    text
}

/// Writes a row as RFC 4180 has it; how many lines it takes.
fn write(made: &mut Made, row: &[String], always: bool, end: &str) -> u64 {
    let quoted = |cell: &String| {
        let must = cell.contains(['"', '\n', '\r']) || cell.contains(made.delimiter.as_str());
        if must || always { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
    };
    let line = row.iter().map(quoted).collect::<Vec<_>>().join(&made.delimiter);
    made.text += &line;
    made.text += end;
    1 + line.matches('\n').count() as u64
}

/// Harms the last row: a quote, a delimiter or a zero too many, a delimiter too few. True when something was done.
fn harm(random: &mut Random, made: &mut Made, start: usize, end: &str) -> bool {
    let delimiter = made.delimiter.clone();
    let row = made.text.split_off(start);
    let body = row.strip_suffix(end).unwrap();
    let places: Vec<usize> = body.char_indices().map(|(at, _)| at).chain([body.len()]).collect();
    let at = places[random.below(places.len())];
    let harmed = match random.below(5) {
        0 => format!("{}\"{}", &body[..at], &body[at..]),
        1 => format!("{}{delimiter}{}", &body[..at], &body[at..]),
        2 => format!("{}\0{}", &body[..at], &body[at..]),
        3 => format!("{}{BROKEN}{}", &body[..at], &body[at..]),
        _ => body.replacen(&delimiter, "", 1),
    };
    made.text += &harmed;
    made.text += end;
    harmed != body
}

/// The bytes of the file; where a character was broken stands what is none.
fn bytes(made: &Made) -> Vec<u8> {
    let broken: &[u8] = match made.encoding {
        wide if wide == UTF_16LE => b"\x00\xd8",
        wide if wide == UTF_16BE => b"\xd8\x00",
        _ => b"\xff",
    };
    made.text.split(BROKEN).map(|part| encode(part, made.encoding)).collect::<Vec<_>>().join(broken)
}

/// Whether cells are those that were meant. A mark too many may have become part of a cell, and the end of a file may be missing; a cell in
/// the place of another it may not be.
fn is_meant(cells: &[String], meant: &[String], harmed: bool, delimiter: &str) -> bool {
    let bare = |cell: &String| cell.replace('"', "").replace(delimiter, "");
    let last = meant.len() - 1;
    let is_same = |(at, (cell, meant)): (usize, (&String, &String))| {
        cell == meant || harmed && (bare(cell) == bare(meant) || at == last && bare(meant).starts_with(&bare(cell)))
    };
    let more = cells.get(meant.len()..).unwrap_or_default();
    cells.len() >= meant.len() && more.iter().all(String::is_empty) && cells.iter().zip(meant).enumerate().all(is_same)
}

/// The rows of a file whose form is said.
fn read(made: &Made) -> Rows<Cursor<Vec<u8>>> {
    let said = |text: &str| Some(text.to_owned());
    let hint = Hint { delimiter: said(&made.delimiter), quote: said("\""), heading_row: Some(1), ..Hint::default() };
    let hint = Hint { heading_rows: Some(1), escape: said("double"), ..hint };
    let bytes = || Cursor::new(bytes(made));
    rows(bytes(), bytes(), made.encoding, &hint, Path::new("a.csv")).unwrap().2
}

/// What is wrong with the account of a file, if anything is.
fn fault(made: &Made) -> Option<String> {
    let mut reading = read(made);
    let (mut accepted, mut reported, mut row) = (Vec::new(), Vec::new(), TableRow::default());
    while reading.next(&mut row).unwrap() {
        match row.fault {
            Some(_) => reported.push(row.line..row.line + row.lines),
            None => accepted.push((row.line, row.cells.clone())),
        }
    }
    let count = reading.count;
    if count.read != count.accepted + count.rejected + count.skipped {
        return Some(format!("{count:?}"));
    }
    for (line, cells) in &accepted {
        let meant = made.rows.iter().find(|(_, at, _)| at == line);
        if !meant.is_some_and(|(meant, _, harmed)| is_meant(cells, meant, *harmed, &made.delimiter)) {
            return Some(format!("line {line} is silently wrong: {cells:?} for {meant:?}"));
        }
    }
    let is_blank = |cells: &[String]| cells.iter().all(|cell| cell.replace(&made.delimiter, "").trim().is_empty());
    let is_there = |line: u64| accepted.iter().any(|(at, _)| *at == line) || reported.iter().any(|lines| lines.contains(&line));
    let lost = made.rows.iter().find(|(cells, line, _)| !is_there(*line) && !is_blank(cells));
    lost.map(|(cells, line, _)| format!("line {line} is lost: {cells:?}"))
}

#[test]
fn no_row_is_silently_wrong_and_none_is_lost() {
    let (mut sound, mut refused) = (0, 0);
    for seed in 0..FILES {
        let made = make(&mut Random(seed));
        if let Some(fault) = fault(&made) {
            panic!("seed {seed}: {fault}\n{:?}", made.text);
        }
        if made.rows.iter().all(|(.., harmed)| !harmed) {
            sound += made.rows.len() as u64;
            refused += read(&made).count.rejected;
        }
    }
    // What keeps the promise by refusing everything is no reader.
    assert!(sound > FILES && refused * 500 < sound, "{refused} of {sound} sound rows are refused");
}
