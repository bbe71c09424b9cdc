//! csv-test-data: what is called bad is refused, as a file or by row; all else equals its JSON. Files called `header` have the headings
//! `foo,bar,baz`, whatever stands in them.

use super::Verdict;
use serde_json::{Value, json};
use std::path::Path;
use wuwei_ingest::{Hint, table};

const HEADINGS: [&str; 3] = ["foo", "bar", "baz"];

/// Judges one file.
pub(super) fn judge(path: &Path) -> Verdict {
    let name = path.file_name().map(|name| name.to_string_lossy().replace(".csv", ".json")).unwrap_or_default();
    let found = read(path, name.contains("header-"));
    let truth = path.parent().and_then(Path::parent).map(|folder| folder.join("json").join(&name));
    let expected = truth.and_then(|truth| std::fs::read_to_string(truth).ok());
    let expected: Option<Value> = expected.and_then(|text| serde_json::from_str(&text).ok());
    let passes = match (&expected, &found) {
        (None, found) => name.starts_with("bad") && found.is_err(),
        (Some(expected), Ok(found)) => expected == found,
        (Some(_), Err(_)) => false,
    };
    Verdict { passes, words: found.map_or_else(|reason| format!("refused: {reason}"), |found| found.to_string()) }
}

/// All rows, as objects when the headings are given; or why the file or one of its rows is refused.
fn read(path: &Path, has_headings: bool) -> Result<Value, String> {
    let reading = table(path, &Hint::default()).map_err(|error| error.to_string())?;
    let headings = reading.understood.headings.clone();
    if has_headings && headings != HEADINGS {
        return Err("the headings are others than stated".to_owned());
    }
    let mut rows: Vec<Vec<String>> = if headings.is_empty() || has_headings { Vec::new() } else { vec![headings] };
    for row in reading {
        let row = row.map_err(|error| error.to_string())?;
        match row.fault {
            Some(fault) => return Err(fault.reason),
            None => rows.push(row.cells),
        }
    }
    if has_headings {
        return Ok(rows.iter().map(|row| json!({"foo": row[0], "bar": row[1], "baz": row[2]})).collect());
    }
    Ok(json!(rows))
}
