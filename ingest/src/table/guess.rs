//! How a text is divided, when nobody says: each way that its characters allow is tried on the sample, and the one by which most rows have
//! the same number of cells, and cells look like cells, is taken. What was said beforehand is never tried otherwise.

use super::sample::{LOOKED_AT, Sample};
use crate::{
    Error,
    reader::csv::{
        class::{Class, class},
        dialect::{Dialect, shown},
    },
};
use std::collections::{BTreeMap, BTreeSet};
use wuwei_schema::Notice;

/// What was said of the dialect beforehand.
#[derive(Debug, Clone, Default)]
pub(crate) struct Said {
    pub(crate) delimiter: Option<String>,
    pub(crate) quote: Option<Option<u8>>,
    pub(crate) escape: Option<Option<u8>>,
}

/// A dialect on a sample.
#[derive(Debug, Clone)]
struct Trial {
    dialect: Dialect,
    /// Rows that are not blank, those of the usual width, those with quotes out of place, and cells in quotes.
    rows: usize,
    good: usize,
    torn: usize,
    width: usize,
    /// Cells of the first row.
    first: usize,
    quoted: usize,
    /// Share of cells that look like cells, per thousand.
    clean: usize,
    /// Share of cells that are numbers or moments, per thousand.
    measured: usize,
}

/// Single characters that stand between cells in some file, those first that do so most often, with how far they are believed.
const SINGLE: [(char, usize); 17] = [
    (',', 100),
    ('\t', 100),
    (';', 100),
    ('|', 100),
    ('\u{1}', 100),
    ('\u{1f}', 100),
    ('\u{1e}', 100),
    ('\u{7f}', 100),
    ('^', 95),
    ('~', 95),
    ('#', 90),
    ('!', 90),
    ('@', 85),
    ('&', 85),
    ('*', 85),
    (':', 70),
    (' ', 70),
];

/// Characters that make delimiters of several, alone or together.
const SEVERAL: &str = "|~^#!@&*$%:<>=+`";

/// The dialect of a sample, and why.
pub(crate) fn guess(sample: &Sample<'_>, said: &Said) -> Result<(Dialect, Vec<Notice>), Error> {
    let first = Dialect { delimiter: ",".to_owned(), quote: said.quote.unwrap_or(Some(b'"')), escape: said.escape.flatten() };
    // A delimiter that stands nowhere in the file is no use to anybody.
    let given = said.delimiter.clone().filter(|delimiter| sample.text.contains(delimiter.as_str()));
    let delimiters = given.clone().map_or_else(|| candidates(&sample.text), |delimiter| vec![delimiter]);
    let (mut trials, mut failure) = (Vec::new(), None);
    for delimiter in delimiters {
        for quote in quotes(sample, said) {
            for escape in escapes(sample, said, quote) {
                // One way that asks for too much speaks against that way only.
                match attempt(sample, Dialect { delimiter: delimiter.clone(), quote, escape }) {
                    Ok(trial) => trials.push(trial),
                    Err(error) => failure = Some(error),
                }
            }
        }
    }
    if let (true, Some(error)) = (trials.is_empty(), failure) {
        return Err(error);
    }
    let is_said = given.is_some();
    let fit = trials.iter().filter(|trial| trial.is_fit(ordinary(&trials, trial)) && (is_said || trial.is_table()));
    let best = fit.reduce(|best, next| if next.score() > best.score() { next } else { best });
    Ok(match best {
        Some(best) => {
            let found = Notice::new("cells-divided").with("count", best.good).with("rows", best.rows).with("cells", best.width);
            let mut why = vec![best.dialect.told(found)];
            if let Some(missing) = said.delimiter.as_ref().filter(|_| given.is_none()) {
                why.push(Notice::new("delimiter-nowhere").with("delimiter", shown(missing)));
            }
            (best.dialect.clone(), why)
        }
        None => (Dialect { delimiter: said.delimiter.clone().unwrap_or(first.delimiter), ..first }, vec![Notice::new("one-cell-a-row")]),
    })
}

/// The same delimiter with ordinary quotes.
fn ordinary<'a>(trials: &'a [Trial], trial: &Trial) -> Option<&'a Trial> {
    let ordinary = Dialect { delimiter: trial.dialect.delimiter.clone(), quote: Some(b'"'), escape: None };
    trials.iter().find(|other| other.dialect == ordinary && other.dialect != trial.dialect)
}

impl Trial {
    /// Rows of the usual width among all, weighted with how much their cells look like cells. Quotes that fit are better than none seen.
    fn score(&self) -> usize {
        let trust = SINGLE.iter().find(|(mark, _)| self.dialect.delimiter == mark.to_string()).map_or(100, |(_, trust)| *trust);
        let blank = if self.dialect.delimiter.len() > 1 && self.dialect.delimiter.contains(' ') { 99 } else { 100 };
        self.good * 1000 / self.rows.max(1) * (300 + self.clean * 7 / 10) * trust / 100 * blank / 100 * 2
            + usize::from(self.dialect.quote == Some(b'\''))
    }

    /// Whether the quotes are what they have to be to be believed, given the same delimiter with ordinary ones.
    fn is_fit(&self, ordinary: Option<&Trial>) -> bool {
        let Some(ordinary) = ordinary else { return true };
        match (self.dialect.quote, self.dialect.escape) {
            // A file that never encloses a cell and has quotes in its texts.
            (None, _) => ordinary.quoted == 0 && ordinary.torn > 2 && self.good > ordinary.good && self.good * 10 >= self.rows * 9,
            (Some(b'\''), _) => self.quoted > 1 && ordinary.quoted == 0 && self.good >= ordinary.good,
            (Some(_), Some(_)) => self.good > ordinary.good,
            (Some(_), None) => true,
        }
    }

    /// Whether this is a table at all: blanks and colons stand in every text.
    fn is_table(&self) -> bool {
        let is_common = self.dialect.delimiter == " " || self.dialect.delimiter == ":";
        let is_even = self.width > 2 && self.good > 2 && self.first == self.width;
        let is_enough = if is_common { is_even && self.measured > 250 } else { self.width > 1 };
        is_enough && self.good * 4 > self.rows
    }
}

fn attempt(sample: &Sample<'_>, dialect: Dialect) -> Result<Trial, Error> {
    let mut widths: BTreeMap<usize, usize> = BTreeMap::new();
    let (mut rows, mut torn, mut quoted, mut first) = (0, 0, 0, 0);
    let (mut cells, mut clean, mut measured) = (0, 0, 0);
    sample.each(&dialect, None, |record| {
        if record.is_blank() {
            return;
        }
        rows += 1;
        if record.broken.is_some() {
            torn += 1;
            return;
        }
        quoted += usize::from(record.is_quoted);
        *widths.entry(record.len()).or_default() += 1;
        first = if first == 0 { record.len() } else { first };
        if rows <= LOOKED_AT {
            for cell in record.cells() {
                let looks = class(cell);
                cells += 1;
                clean += usize::from(looks != Class::Text || !cell.contains([',', ';', '\t', '|']) || record.is_quoted);
                measured += usize::from(matches!(looks, Class::Number | Class::Moment));
            }
        }
    })?;
    let best = widths.iter().filter(|(width, _)| **width > 1).max_by_key(|(width, count)| (**count, **width == first, **width));
    let (width, good) = best.map_or((1, 0), |(width, count)| (*width, *count));
    let share = |count: usize| count * 1000 / cells.max(1);
    Ok(Trial { dialect, rows, good, torn, width, first, quoted, clean: share(clean), measured: share(measured) })
}

/// What may stand between cells: the characters of the text that do so anywhere. Where a character never stands but in a longer mark, only
/// that mark is tried.
fn candidates(text: &str) -> Vec<String> {
    let longer = several(text);
    // A blank after each comma, and not one without, belongs to the comma.
    let (spaced, is_spaced) =
        (", ".to_owned(), text.lines().take(3).filter(|line| line.contains(", ")).count() > 2 && text.contains(", \""));
    let is_part = |mark: char| {
        longer
            .iter()
            .chain(is_spaced.then_some(&spaced))
            .any(|several| text.matches(mark).count() == text.matches(several.as_str()).count() * several.matches(mark).count())
    };
    // What stands only where lines begin marks remarks, and so does a `#` with which all begins.
    let is_remark = |mark: char| mark == '#' && text.trim_start().starts_with(mark);
    let is_between = |mark: char| !is_remark(mark) && text.lines().any(|line| line.chars().skip(1).any(|character| character == mark));
    let single = SINGLE.iter().map(|(mark, _)| *mark).filter(|mark| text.contains(*mark) && is_between(*mark) && !is_part(*mark));
    let is_quoted = |mark: &&str| ['"', '\''].iter().any(|quote| text.contains(&format!("{mark}{quote}")));
    let blank = [", ", "; ", "| "].into_iter().filter(is_quoted).map(str::to_owned);
    single.map(String::from).chain(blank).chain(longer.iter().cloned()).collect()
}

/// Marks of two or three characters that stand equally often in the first lines.
fn several(text: &str) -> BTreeSet<String> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(20).collect();
    let Some(line) = lines.get(1).or_else(|| lines.first()) else { return BTreeSet::new() };
    let parts = line.split(|character: char| !SEVERAL.contains(character));
    let marks = parts.filter(|part| (2..=3).contains(&part.len())).map(str::to_owned);
    let is_even = |mark: &String| {
        let count = line.matches(mark.as_str()).count();
        lines.iter().filter(|line| line.matches(mark.as_str()).count() == count).count() * 4 >= lines.len() * 3
    };
    marks.filter(is_even).collect()
}

fn quotes(sample: &Sample<'_>, said: &Said) -> Vec<Option<u8>> {
    match said.quote {
        Some(quote) => vec![quote],
        None if sample.text.contains('\'') => vec![Some(b'"'), Some(b'\''), None],
        None => vec![Some(b'"'), None],
    }
}

/// A backslash where one stands before a quote; in cells between `'` a `"` where it always stands twice.
fn escapes(sample: &Sample<'_>, said: &Said, quote: Option<u8>) -> Vec<Option<u8>> {
    if let Some(escape) = said.escape {
        return vec![escape];
    }
    let text = &sample.text;
    let Some(quote) = quote.map(char::from) else { return vec![None] };
    let (double, all) = (text.matches("\"\"").count(), text.matches('"').count());
    let mut escapes = vec![None];
    if text.contains(&format!("\\{quote}")) {
        escapes.push(Some(b'\\'));
    }
    if quote == '\'' && double > 0 && all == double * 2 {
        escapes.insert(0, Some(b'"'));
    }
    escapes
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::UTF_8;
    use std::path::Path;

    fn found(text: &str) -> (String, Option<char>, Option<char>) {
        let (dialect, _) = guess(&Sample::take(text.as_bytes(), UTF_8, Path::new("a.txt")).unwrap(), &Said::default()).unwrap();
        (dialect.delimiter, dialect.quote.map(char::from), dialect.escape.map(char::from))
    }

    #[test]
    fn the_delimiter_is_what_divides_most_rows_alike() {
        for delimiter in [",", "\t", ";", "|", "||", "~|~", "\u{1}", "^", "#", "::"] {
            let text = ["编号|姓名|住址|日期", "1|王小明|东街1号|2026-01-02 10:00", "2|李四|西街2号|2026-01-03 11:00"].join("\n");
            assert_eq!(found(&text.replace('|', delimiter)).0, delimiter);
        }
        assert_eq!(found("a;b\n1,5;2,5\n3,5;4,0\n").0, ";");
        assert_eq!(found("a, \"b\"\n1, \"x, y\"\n2, \"z\"\n").0, ", ");
        assert_eq!(found("a,b\n1, x\n2, y\n").0, ",");
        assert_eq!(found("姓名\n王 小明\n李 四\n").0, ",");
        assert_eq!(found("a b c\n1 2 3\n4 5 6\n").0, " ");
        assert_eq!(found("A,B\n# one\n1,2\n# two\n3,4\n# three\n# four\n").0, ",", "remarks");
        assert_eq!(found("# one\na;b\n1;2# two\n3;4# three\n5;6# four\n").0, ";", "remarks behind rows");
    }

    #[test]
    fn quotes_and_escapes_are_what_is_written_so() {
        assert_eq!(found("a,b\n1,'x, y'\n2,'z'\n").1, Some('\''));
        assert_eq!(found("a,b\n1,Men's\n2,'x\n").1, Some('"'));
        assert_eq!(found("a,b\n1,\"8\\\" x\"\n2,\"y\"\n").2, Some('\\'));
        assert_eq!(found("a,b\n1,'5\"\" x'\n2,'y'\n"), (",".to_owned(), Some('\''), Some('"')));
        assert_eq!(found("a\tb\n1\tx \"y\"\n2\tx \"z\"\n3\tthe \"w\"\n").1, None);
        assert_eq!(found("a,b\n1,this \"x\" here\n").1, Some('"'));
    }
}
