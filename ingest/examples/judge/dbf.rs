//! dBASE tables: every record that the header counts ends somewhere, the columns are those of the summary beside the file, and what its
//! README expects of some files holds.

use super::{Outcome, Verdict, outcome, shows};
use std::path::Path;
use wuwei_ingest::{Departments, Hint, open};

/// What the README expects beyond that: of which file, rows accepted, rejected and skipped, and what is told of it.
const EXPECTED: [(&str, Option<[u64; 3]>, &str); 7] = [
    ("dbase_83_missing_memo.dbf", Some([67, 0, 0]), "memos-missing"),
    ("no_memofile.dbf", Some([2, 0, 1]), "memos-missing"),
    ("invalid_value.dbf", Some([1, 1, 1]), ""),
    ("cp936.dbf", Some([1, 0, 0]), "encoding=GB18030"),
    ("stations_with_deleted.dbf", Some([5, 0, 1]), "records-deleted"),
    ("memotest.dbf", Some([2, 0, 1]), "memos-beside"),
    ("KUNDEN-schema-only.DBF", Some([0, 0, 0]), ""),
];

/// Judges one file.
pub(super) fn judge(path: &Path) -> Verdict {
    let bytes = std::fs::read(path).unwrap_or_default();
    let (count, names) = header(&bytes);
    if names.is_empty() {
        let none = Departments::default();
        let refused = open(path, &none, &Hint::default()).err();
        return Verdict { passes: refused.is_some(), words: refused.map_or_else(|| "opened".to_owned(), |error| error.to_string()) };
    }
    match outcome(path, "dbf", &distinct(&names)) {
        Ok(outcome) => verdict(path, count, &names, &outcome),
        Err(error) => Verdict { passes: false, words: error.to_string() },
    }
}

fn verdict(path: &Path, count: u64, names: &[String], outcome: &Outcome) -> Verdict {
    let (report, evidence) = (&outcome.report, outcome.understood.codes());
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let found = [report.accepted, report.rejected, report.skipped];
    let expected = EXPECTED.iter().find(|(file, ..)| *file == name);
    let as_expected = expected.is_none_or(|(_, rows, words)| rows.is_none_or(|rows| rows == found) && evidence.contains(words));
    let (records, fields) = summary(path).unwrap_or((count, names.to_vec()));
    let passes = report.read == count && records == count && fields == names && as_expected;
    let shown = if shows() { format!("{}\n\t{evidence}", outcome.first) } else { String::new() };
    let encoding = outcome.understood.encoding.as_deref().unwrap_or_default();
    let rules: String = report
        .rejects_by_rule
        .iter()
        .filter(|(rule, _)| !rule.starts_with("cell:"))
        .map(|(rule, count)| format!(" {rule} {count}"))
        .collect();
    Verdict {
        passes,
        words: format!(
            "{} columns, {} accepted, {} rejected, {} skipped, {encoding}{rules}{shown}",
            names.len(),
            found[0],
            found[1],
            found[2]
        ),
    }
}

/// Records and columns by the header alone, the column of flags left out.
fn header(bytes: &[u8]) -> (u64, Vec<String>) {
    let number =
        |at: usize, size: usize| bytes.get(at..at + size).unwrap_or_default().iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    let (count, first, name, step) = match bytes.first() {
        Some(2) => (number(1, 2), 8, 11, 16),
        Some(version) if version & 7 == 4 => (number(4, 4), 68, 32, 48),
        _ => (number(4, 4), 32, 11, 32),
    };
    let columns = bytes.get(first..).unwrap_or_default().chunks_exact(step).take_while(|column| column[0] != 0x0d && column[0] != 0);
    let columns = columns.filter(|column| column[name] != b'0').map(|column| {
        let end = column[..name].iter().position(|byte| *byte == 0).unwrap_or(name);
        String::from_utf8_lossy(&column[..end]).into_owned()
    });
    (count, columns.collect())
}

/// The names as an extract has to state them: one that stands twice is numbered.
fn distinct(names: &[String]) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    for name in names {
        let count = names[..distinct.len()].iter().filter(|known| *known == name).count() + 1;
        distinct.push(if count == 1 { name.clone() } else { format!("{name}_{count}") });
    }
    distinct
}

/// Records and columns as the summary beside the file states them.
fn summary(path: &Path) -> Option<(u64, Vec<String>)> {
    let stem = path.file_stem()?.to_string_lossy().into_owned();
    let text = std::fs::read_to_string(path.with_file_name(format!("{stem}_summary.txt"))).ok()?;
    let records = text.lines().find_map(|line| line.strip_prefix("Records:")?.trim().parse().ok())?;
    let columns = text.lines().skip_while(|line| !line.starts_with("---")).skip(1);
    let columns = columns.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "_NullFlags").map(str::to_owned);
    Some((records, columns.collect()))
}
