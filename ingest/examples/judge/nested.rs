//! JSON and XML of any shape: what is well formed is let in and said so, with what in it would refuse a row; anything else is refused with
//! its place, and a document type whatever it says.

use super::Verdict;
use std::path::Path;
use wuwei_ingest::{
    Error,
    judge::{self, Judged},
};

/// Judges a file of JSONTestSuite: `y_` has to be let in, `n_` refused, `i_` is for each to decide. Any other is one to be let in.
pub(super) fn json(path: &Path) -> Verdict {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    verdict(judge::json(path), |is_let_in| name.starts_with("i_") || is_let_in != name.starts_with("n_"))
}

/// Judges an XML document: one with a document type, or in a folder of errors, has to be refused.
pub(super) fn xml(path: &Path) -> Verdict {
    let bytes = std::fs::read(path).unwrap_or_default();
    let is_error = path.parent().is_some_and(|folder| folder.to_string_lossy().contains("errors"));
    let is_refused = is_error || bytes.windows(9).any(|window| window == b"<!DOCTYPE");
    verdict(judge::xml(path), |is_let_in| is_let_in != is_refused)
}

fn verdict(judged: Result<Judged, Error>, is_right: impl Fn(bool) -> bool) -> Verdict {
    match judged {
        Ok(Judged { count, faults }) if faults.is_empty() => Verdict { passes: is_right(true), words: format!("let in, {count} parts") },
        Ok(Judged { faults, .. }) => {
            Verdict { passes: is_right(true), words: format!("let in, and would refuse a row: {}", faults.join(", ")) }
        }
        Err(error) => {
            let words = error.to_string();
            let has_place = words.contains(" at line ") || !matches!(error, Error::Damaged { .. } | Error::Limit { .. });
            Verdict { passes: is_right(false) && has_place && words.contains("; hint: "), words: format!("refused: {words}") }
        }
    }
}
