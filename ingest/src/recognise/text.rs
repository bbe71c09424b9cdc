//! Texts with delimiters: known by their headings, divided as some extract states it or as is usual. A file that fits a statement is never
//! guessed at; only where no headings are found so is its dialect looked for, and the headings then have to fit all the same.

use super::{Fit, Hint, Layout, TextLayout, Understood, choose, fixed, headings::Line, understood};
use crate::{
    Departments, Encoding as Stated, Error, Extract, Format, Quote, decode,
    reader::csv::{
        self,
        dialect::{Dialect, shown},
    },
    sniff::Declared,
    table::{self, Said},
};
use encoding_rs::{Encoding, UTF_8};
use std::path::Path;
use wuwei_schema::Notice;

/// Delimiters that are tried besides those that extracts state.
const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

pub(super) fn text<'a>(
    path: &Path,
    found: &'static Encoding,
    either: bool,
    departments: &'a Departments,
    hint: &Hint,
) -> Result<(Fit<'a>, Understood, Layout), Error> {
    let (said, format) = (table::said(hint)?, hint.declared()?);
    if format == Some(Declared::Fixed) {
        return fixed::fixed(path, found, departments, hint)?.ok_or_else(|| fixed::none(path));
    }
    let tried = tried(departments, &said);
    let (dialect, fit, why) = match choose_among(path, found, &tried, departments, hint) {
        Err(none @ Error::Unmapped { .. }) => match guessed(path, found, &said, departments, hint)? {
            Some(guessed) => guessed,
            None if format.is_some() => return Err(none),
            None => return fixed::fixed(path, found, departments, hint)?.ok_or(none),
        },
        chosen => chosen.map(|(dialect, fit)| (stated(dialect, &fit, &said), fit, Vec::new()))?,
    };
    let extract = fit.extract;
    let encoding = if either && extract.encoding == Stated::Utf8 { UTF_8 } else { found };
    let mark = |byte: u8| char::from(byte).to_string();
    let mut understood = understood(&fit, Format::Csv);
    understood.encoding = Some(decode::label(encoding).to_owned());
    understood.delimiter = Some(dialect.delimiter.clone());
    (understood.quote, understood.escape) = (dialect.quote.map(mark), dialect.escape.map(mark));
    understood.evidence.extend(why);
    understood.evidence.extend(unexpected(&fit, encoding, either, &dialect));
    let (heading_row, width, places) = (fit.line.number, fit.line.width, fit.places.clone());
    let layout = Layout::Text(TextLayout { encoding, dialect, heading_row, width, places });
    Ok((fit, understood, layout))
}

/// How the text may be divided: as was said, or else as extracts state it and as is usual.
fn tried(departments: &Departments, said: &Said) -> Vec<Dialect> {
    let mut delimiters: Vec<u8> = departments.extracts().map(|(_, extract)| extract.delimiter).chain(DELIMITERS).collect();
    delimiters.sort_unstable();
    delimiters.dedup();
    let usual = delimiters.into_iter().map(|delimiter| char::from(delimiter).to_string());
    let delimiters = said.delimiter.clone().map_or_else(|| usual.collect(), |delimiter| vec![delimiter]);
    let (quote, escape) = (said.quote.unwrap_or(Some(b'"')), said.escape.flatten());
    delimiters.into_iter().map(|delimiter| Dialect { delimiter, quote, escape }).collect()
}

fn choose_among<'a>(
    path: &Path,
    encoding: &'static Encoding,
    tried: &[Dialect],
    departments: &'a Departments,
    hint: &Hint,
) -> Result<(Dialect, Fit<'a>), Error> {
    let is_said = |line: &Line| hint.heading_row.is_none_or(|row| line.number == row);
    let head =
        |dialect: &Dialect| -> Result<Vec<Line>, Error> { Ok(csv::head(path, encoding, dialect)?.into_iter().filter(is_said).collect()) };
    let heads = tried.iter().map(head).collect::<Result<Vec<_>, _>>()?;
    let (at, fit) = choose(path, &heads, Format::Csv, departments, hint)?;
    let dialect = tried[at].clone();
    if is_doubled(&fit.line) {
        let doubled = Dialect { delimiter: dialect.delimiter.repeat(2), ..dialect.clone() };
        return choose_among(path, encoding, &[doubled], departments, hint).or(Ok((dialect, fit)));
    }
    Ok((dialect, fit))
}

/// Every other cell is nothing: the delimiter is two of the characters.
fn is_doubled(line: &Line) -> bool {
    line.cells.len() > 1 && line.width + 1 == line.cells.len() * 2 && line.cells.iter().all(|(place, _)| place % 2 == 0)
}

/// The dialect by which headings were found, with the quotes that the extract states, unless they were said.
fn stated(dialect: Dialect, fit: &Fit<'_>, said: &Said) -> Dialect {
    let has_none = said.quote.is_none() && fit.extract.quote == Quote::None && !fit.line.is_quoted;
    Dialect { quote: dialect.quote.filter(|_| !has_none), ..dialect }
}

type Guessed<'a> = (Dialect, Fit<'a>, Vec<Notice>);

/// The dialect that most rows agree on, if headings are found by it.
fn guessed<'a>(
    path: &Path,
    encoding: &'static Encoding,
    said: &Said,
    departments: &'a Departments,
    hint: &Hint,
) -> Result<Option<Guessed<'a>>, Error> {
    let (dialect, why) = table::guess_dialect(path, encoding, said, hint)?;
    match choose_among(path, encoding, &[dialect], departments, hint) {
        Err(Error::Unmapped { .. }) => Ok(None),
        chosen => chosen.map(|(dialect, fit)| Some((dialect, fit, why))),
    }
}

/// What is other than the department states.
fn unexpected(fit: &Fit<'_>, encoding: &'static Encoding, either: bool, dialect: &Dialect) -> Vec<Notice> {
    let extract = fit.extract;
    let mut unexpected: Vec<Notice> = other_encoding(extract, encoding).filter(|_| !either).into_iter().collect();
    if dialect.delimiter.as_bytes() != [extract.delimiter] {
        let expected = shown(&char::from(extract.delimiter).to_string());
        unexpected.push(Notice::new("delimiter-unexpected").with("extract", &extract.name).with("delimiter", expected));
    }
    unexpected
}

/// Another encoding than the department's file states.
pub(super) fn other_encoding(extract: &Extract, encoding: &'static Encoding) -> Option<Notice> {
    let is_expected = encoding.name().to_lowercase().starts_with(extract.encoding.name());
    let [expected, encoding] = [extract.encoding.name().to_uppercase(), decode::label(encoding).to_owned()];
    let told = || Notice::new("encoding-unexpected").with("extract", &extract.name).with("expected", expected).with("encoding", encoding);
    (!is_expected).then(told)
}

/// Another format than the department's file states.
pub(super) fn other_format(extract: &Extract, format: Format) -> Option<Notice> {
    let told = Notice::new("format-unexpected").with("extract", &extract.name);
    (format != extract.format).then(|| told.with("expected_format", extract.format.name()).with("format", format.name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        open,
        reader::sample::{Folder, departments, told},
    };

    const TEXT: &str = "证件号码,姓名,住址\n990101198503070017,王小明,东街,1号\n";

    /// How a file of the sample department is divided.
    fn divided(text: &str, hint: &Hint) -> Result<String, Error> {
        let folder = Folder::new();
        let departments = departments();
        let understood = open(&folder.write("a.txt", text), &departments, hint)?.understood;
        Ok(format!("{:?} {:?} {}", understood.delimiter.unwrap_or_default(), understood.quote.unwrap_or_default(), understood.heading_row))
    }

    #[test]
    fn a_dialect_that_nobody_stated_is_found_by_its_headings() {
        for delimiter in ["||", "\u{1}", "^", "~|~"] {
            let text = TEXT.replace("东街,1号", "东街1号").replace(',', delimiter);
            assert_eq!(divided(&text, &Hint::default()).unwrap(), format!("{delimiter:?} \"\\\"\" 1"));
        }
        let folder = Folder::new();
        let path = folder.write("a.txt", TEXT.replace("东街,1号", "\"东街||1号\"").replace(',', "||"));
        assert_eq!(told(&path).unwrap(), ["2: 990101198503070017|王小明|东街||1号"]);
    }

    #[test]
    fn what_is_said_of_the_form_is_followed() {
        let hint = Hint { delimiter: Some("|".to_owned()), quote: Some("none".to_owned()), ..Hint::default() };
        assert_eq!(divided(&TEXT.replace(',', "|"), &hint).unwrap(), "\"|\" \"\" 1");
        let twice = TEXT.replace("\n9", "\n证件号码,姓名,住址\n9");
        assert_eq!(divided(&twice, &Hint { heading_row: Some(2), ..Hint::default() }).unwrap(), "\",\" \"\\\"\" 2");
        let elsewhere = Hint { heading_row: Some(3), ..Hint::default() };
        assert!(divided(&twice, &elsewhere).unwrap_err().to_string().contains("is no extract that is known"));
    }
}
