//! What is told of a text that is no SQL: where the parser stopped, and nothing of what stands there. The parser's own sentences repeat the
//! question's words.

use crate::Error;
use datafusion::sql::sqlparser::{parser::ParserError, tokenizer::Location};

/// A text of which not even the words can be told apart.
pub(super) fn unread(at: Location) -> Error {
    wrong(format!("it cannot be read at line {}, column {}", at.line, at.column), "check quotes and brackets")
}

/// A text whose words are no statement.
pub(super) fn unparsed(error: &ParserError) -> Error {
    let detail = match (error, place(error)) {
        (ParserError::RecursionLimitExceeded, _) => "it is nested too deep".to_owned(),
        (_, Some((line, column))) => format!("it is not SQL at line {line}, column {column}"),
        (_, None) => "it is not SQL, or ends too early".to_owned(),
    };
    wrong(detail, "one SELECT, brackets at most 50 deep")
}

/// Line and column of the parser's sentence, which ends with them where they are known. What it found stands before.
fn place(error: &ParserError) -> Option<(u64, u64)> {
    let (ParserError::ParserError(said) | ParserError::TokenizerError(said)) = error else { return None };
    let (line, column) = said.rsplit_once(" at Line: ")?.1.split_once(", Column: ")?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

fn wrong(detail: String, hint: &str) -> Error {
    Error::Refused { rule: "syntax", detail, hint: hint.to_owned() }
}
