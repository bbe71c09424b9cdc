//! What people and programs see: text or JSON on standard output, complaints and progress on standard error. No verb prints otherwise.

use crate::{Error, cli::Common, console::words::Language};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::{
    io::{IsTerminal as _, Write as _},
    time::Duration,
};
use unicode_width::UnicodeWidthStr as _;
use wuwei_schema::{Label, Notice};

/// Prints a result: as one JSON object when `--json` was given, else as the text that `text` makes of it.
///
/// # Errors
/// Standard output cannot be written; a reader that has gone away is no error.
pub fn print<T: Serialize>(common: &Common, result: &T, text: impl FnOnce(&T) -> String) -> Result<(), Error> {
    let shown = if common.json {
        serde_json::to_string_pretty(result).map_err(|error| Error::Output(error.to_string()))?
    } else {
        tame(text(result))
    };
    write_out(shown.trim_end().as_bytes(), true)
}

/// Writes bytes to standard output as they are.
///
/// # Errors
/// Standard output cannot be written; a reader that has gone away is no error.
pub fn write_out(bytes: &[u8], newline: bool) -> Result<(), Error> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(bytes).and_then(|()| if newline { out.write_all(b"\n") } else { Ok(()) }).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(Error::from),
    }
}

/// The one sentence that ends a failed command.
pub fn complain(error: &Error) {
    note(&format!("wuwei: {error}"));
}

/// A line on standard error; nobody can be told when that fails.
pub fn note(line: &str) {
    drop(writeln!(std::io::stderr().lock(), "{}", tame(line.to_owned())));
}

/// A text that commands no terminal: cells and file names come from others.
pub(crate) fn tame(text: String) -> String {
    let commands = |character: char| character.is_control() && !matches!(character, '\n' | '\t');
    if text.contains(commands) { text.replace(commands, "\u{fffd}") } else { text }
}

/// A text on one line: names of files may hold line breaks.
pub(crate) fn one_line(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

/// What is said of a defect of the program: where it is, and no value.
pub fn broken(place: Option<&std::panic::Location<'_>>) -> String {
    let place = place.map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    format!("wuwei: a defect of the program at {place}; hint: report this line; nothing was published by this command's last step")
}

/// A bar over `all` steps on standard error, when that is a terminal; otherwise nothing.
pub fn progress(all: usize, what: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(all as u64);
    if let Ok(style) = ProgressStyle::with_template("{prefix:>10} {bar:30} {pos}/{len} {elapsed} {msg}") {
        bar.set_style(style);
    }
    bar.set_prefix(what.to_owned());
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// A label in the reader's language: Chinese where the locale is, English otherwise.
pub fn said(label: &Label) -> &str {
    words(&label.zh, &label.en)
}

/// What is told by a code, in the reader's language.
pub(crate) fn told(notice: &Notice) -> String {
    if is_chinese() { Language::Chinese.told(notice) } else { Language::English.told(notice) }
}

/// Words in the reader's language.
pub fn words<'a>(zh: &'a str, en: &'a str) -> &'a str {
    if is_chinese() { zh } else { en }
}

fn is_chinese() -> bool {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    locale.is_some_and(|locale| locale.starts_with("zh"))
}

/// Rows under headings, each on one line, columns aligned by what characters are wide.
pub fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = headings.iter().map(|heading| heading.width()).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| one_line(cell)).collect()).collect();
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let mut text = String::new();
    line(&mut text, headings.iter().copied(), &widths);
    line(&mut text, widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>().iter().map(String::as_str), &widths);
    for row in &rows {
        line(&mut text, row.iter().map(String::as_str), &widths);
    }
    text
}

fn line<'a>(text: &mut String, cells: impl Iterator<Item = &'a str>, widths: &[usize]) {
    let mut line = String::new();
    for (cell, width) in cells.zip(widths) {
        line.push_str(cell);
        line.push_str(&" ".repeat(width.saturating_sub(cell.width()) + 2));
    }
    text.push_str(line.trim_end());
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_commands_no_terminal() {
        assert_eq!(tame("a\u{1b}[31m\r\u{9b}王\t\n".to_owned()), "a\u{fffd}[31m\u{fffd}\u{fffd}王\t\n");
    }

    #[test]
    fn wide_characters_take_two_places() {
        let shown = table(&["name", "n"], &[vec!["王小明".to_owned(), "1".to_owned()], vec!["Lee".to_owned(), "22".to_owned()]]);
        assert_eq!(shown, "name    n\n------  --\n王小明  1\nLee     22\n");
    }
}
