//! csv-spectrum: every file loads, and equals its JSON cell by cell. The line breaks of the collection's files were made those of its
//! repository, so those of the JSON are taken to be the same.

use super::Verdict;
use serde_json::{Map, Value};
use std::path::Path;
use wuwei_ingest::{Hint, table};

/// Judges one file.
pub(super) fn judge(path: &Path) -> Verdict {
    let truth = path.with_extension("json");
    let truth = truth.parent().and_then(Path::parent).map(|folder| folder.join("json")).zip(truth.file_name());
    let expected = truth.and_then(|(folder, name)| std::fs::read_to_string(folder.join(name)).ok());
    let expected: Option<Value> = expected.and_then(|text| serde_json::from_str(&text.replace("\\r\\n", "\\n")).ok());
    match rows(path) {
        Ok(found) if Some(&found) == expected.as_ref() => Verdict { passes: true, words: String::new() },
        Ok(found) => Verdict { passes: false, words: found.to_string() },
        Err(reason) => Verdict { passes: false, words: reason },
    }
}

/// The rows of a file as objects; or why one of them is refused.
fn rows(path: &Path) -> Result<Value, String> {
    let reading = table(path, &Hint::default()).map_err(|error| error.to_string())?;
    let headings = reading.understood.headings.clone();
    let object = |cells: Vec<String>| headings.iter().cloned().zip(cells.into_iter().map(Value::String)).collect::<Map<_, _>>();
    let mut rows = Vec::new();
    for row in reading {
        let row = row.map_err(|error| error.to_string())?;
        match row.fault {
            Some(fault) => return Err(fault.reason),
            None => rows.push(Value::Object(object(row.cells))),
        }
    }
    Ok(Value::Array(rows))
}
