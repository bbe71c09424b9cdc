//! What can go wrong with a question, by who can mend it. No text here ever holds a value of a table or a literal of the question: the
//! engine's own messages do (`Cannot cast string '…'`), so they are translated, not passed on.

mod told;

use datafusion::{common::SchemaError, error::DataFusionError};
use std::{borrow::Cow, path::PathBuf};
pub use told::Told;
use wuwei_schema::nearest;

/// Why a question was not answered, or an indicator or the audit is not in order.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No purpose, or none that can be written down: whoever asks.
    #[error("a purpose is missing, longer than 200 characters or not one line; hint: say in a few words what the answer is needed for")]
    Purpose,
    /// Nobody is named who asks, or not in the form of it: whoever asks.
    #[error("whoever asks is not named; hint: write ROLE:NAME@DEPARTMENT, as case_worker:li@mz, without `wuwei`, which is the program")]
    Principal,
    /// The policies permit no question at all, or not this verb: whoever asks, or the admin who keeps the policies.
    #[error("{what}; hint: {hint}")]
    Denied {
        /// What is not permitted.
        what: String,
        /// What is.
        hint: String,
    },
    /// A policy file: the admin who wrote it.
    #[error("policy file `{file}`: {detail}; hint: {hint}")]
    Policy {
        /// The file's name.
        file: String,
        /// What is wrong.
        detail: String,
        /// What to write.
        hint: String,
    },
    /// The statement is not one that is answered: whoever asks.
    #[error("the question is refused by rule `{rule}`: {detail}; hint: {hint}")]
    Refused {
        /// The guard's rule.
        rule: &'static str,
        /// What is against it.
        detail: String,
        /// What to ask instead.
        hint: String,
    },
    /// A table or column that is not there: whoever asks.
    #[error("there is no {what} `{name}`; hint: {hint}")]
    Unknown {
        /// Table, column or the like.
        what: &'static str,
        /// The name given.
        name: String,
        /// The nearest known name.
        hint: String,
    },
    /// The statement makes no sense to the planner: whoever asks.
    #[error("the question cannot be planned: {detail}; hint: columns and what they mean are in contract.column_comment")]
    Plan {
        /// Why, with literals left out.
        detail: String,
    },
    /// An expression met a value that it is not defined for: whoever asks.
    #[error("an expression is not defined for a value that it met; hint: use try_cast for casts and nullif for divisors")]
    Value,
    /// The answer would take more than one question may: whoever asks.
    #[error("the question passes the limit of {limit}; hint: {hint}")]
    Limit {
        /// Which limit, with its unit.
        limit: String,
        /// How to ask for less.
        hint: &'static str,
    },
    /// A file of the audit or of the use log cannot be read or written: the operator. Nothing is answered until it can.
    #[error("{action} `{}`: {source}; hint: nothing is answered without its account; check permissions and the space left", path.display())]
    Account {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The audit is not what was written: the auditor.
    #[error("the audit is broken at {place}: {detail}; hint: keep the file as it is and compare it with a copy")]
    Chain {
        /// Which line.
        place: String,
        /// What is wrong there.
        detail: &'static str,
    },
    /// A checkpoint of the audit that is none: whoever asks.
    #[error("the checkpoint is not of the form NUMBER:HASH; hint: give it as `wuwei audit verify` printed it")]
    Checkpoint,
    /// A date before which the audit may not be removed: the operator.
    #[error("the audit of the last {limit} days is never removed; hint: give an earlier date; law and order ask for it")]
    Retention {
        /// Days.
        limit: i64,
    },
    /// An indicator file: the engineer who wrote it.
    #[error("indicator file `{file}`: {detail}; hint: {hint}")]
    Indicator {
        /// The file's name.
        file: String,
        /// What is wrong.
        detail: String,
        /// What to write.
        hint: String,
    },
    /// An indicator counts more than there is: the engineer who wrote it. It is never cut to fit.
    #[error("indicator `{indicator}` is defective: {detail}; hint: correct its SQL, the numerator must be a part of the denominator")]
    Figure {
        /// The indicator.
        indicator: String,
        /// What is wrong.
        detail: &'static str,
    },
    /// The lake.
    #[error(transparent)]
    Lake(#[from] wuwei_lake::Error),
    /// The index: the operator.
    #[error(transparent)]
    Index(#[from] wuwei_search::Error),
    /// The engine failed: us, or the operator when it is the disk.
    #[error("the engine failed: {detail}; hint: ask again, and report it if it stays")]
    Engine {
        /// What kind of failure.
        detail: &'static str,
    },
}

impl Error {
    /// A table or column that is not among the known.
    pub(crate) fn unknown<'a>(what: &'static str, name: &str, known: impl Iterator<Item = &'a str>) -> Error {
        let hint = match nearest(name, known) {
            near if near.starts_with("did you mean") => near,
            _ => "contract.table_comment and contract.column_comment list what there is".to_owned(),
        };
        Error::Unknown { what, name: name.to_owned(), hint }
    }

    /// A failed access to a file of accounts.
    pub(crate) fn account(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Error {
        let path = path.into();
        move |source| Error::Account { action, path, source }
    }

    /// The same failure of an account, for another who waited for it.
    pub(crate) fn again(&self) -> Error {
        match self {
            Error::Account { action, path, source } => {
                Error::Account { action, path: path.clone(), source: std::io::Error::new(source.kind(), source.to_string()) }
            }
            Error::Chain { place, detail } => Error::Chain { place: place.clone(), detail },
            Error::Engine { detail } => Error::Engine { detail },
            _ => Error::Engine { detail: "an account failed" },
        }
    }

    /// The rule or kind of failure in a word, for the audit.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Error::Refused { rule, .. } => rule,
            Error::Unknown { .. } => "unknown name",
            Error::Plan { .. } => "plan",
            Error::Value => "value",
            Error::Limit { .. } => "limit",
            Error::Purpose | Error::Principal => "purpose",
            Error::Denied { .. } | Error::Policy { .. } => "policy",
            Error::Account { .. } | Error::Chain { .. } => "account",
            Error::Checkpoint | Error::Retention { .. } => "audit",
            Error::Indicator { .. } | Error::Figure { .. } => "indicator",
            Error::Lake(_) | Error::Index(_) | Error::Engine { .. } => "engine",
        }
    }
}

/// What the engine says of a statement, before any row is read.
pub(crate) fn planning(error: &DataFusionError) -> Error {
    match error.find_root() {
        DataFusionError::SchemaError(schema, _) => schema_error(schema),
        // What the engine prints of an expression holds the literals that the asker wrote.
        DataFusionError::Plan(message) | DataFusionError::NotImplemented(message) if !message.contains("Literal(") => {
            Error::Plan { detail: without_literals(message) }
        }
        other => running(other),
    }
}

/// What the engine says while it computes. Its words may hold values, so none of them is kept.
pub(crate) fn running(error: &DataFusionError) -> Error {
    match error.find_root() {
        full if wuwei_lake::is_full(full) => Error::Lake(wuwei_lake::Error::Full { place: "spill".to_owned() }),
        DataFusionError::ArrowError(..) | DataFusionError::Execution(_) => Error::Value,
        DataFusionError::ResourcesExhausted(_) => {
            Error::Limit { limit: "memory".to_owned(), hint: "filter or aggregate before joining and sorting" }
        }
        DataFusionError::Plan(_) | DataFusionError::NotImplemented(_) => {
            Error::Plan { detail: "it asks for what the engine does not do".to_owned() }
        }
        DataFusionError::External(fault) => match fault.downcast_ref() {
            Some(error) => inside(error),
            None if fault.is::<wuwei_lake::Error>() => Error::Engine { detail: "internal error" },
            // A pattern that is none.
            None => Error::Value,
        },
        DataFusionError::ParquetError(_) | DataFusionError::ObjectStore(_) | DataFusionError::IoError(_) => {
            Error::Engine { detail: "a table's file cannot be read" }
        }
        _ => Error::Engine { detail: "internal error" },
    }
}

/// What a question inside another one was refused by, which the other is refused by then.
fn inside(error: &Error) -> Error {
    match error {
        Error::Limit { limit, hint } => Error::Limit { limit: limit.clone(), hint },
        Error::Unknown { what, name, hint } => Error::Unknown { what, name: name.clone(), hint: hint.clone() },
        Error::Refused { rule, detail, hint } => Error::Refused { rule, detail: detail.clone(), hint: hint.clone() },
        Error::Plan { detail } => Error::Plan { detail: detail.clone() },
        Error::Value => Error::Value,
        Error::Index(wuwei_search::Error::Stale { what, .. }) => {
            let (detail, hint) = (format!("the index {what}"), "run `wuwei index`".to_owned());
            Error::Refused { rule: "index", detail, hint }
        }
        _ => Error::Engine { detail: "a question inside it failed" },
    }
}

fn schema_error(error: &SchemaError) -> Error {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            Error::unknown("column", field.name(), valid_fields.iter().map(|column| column.name()))
        }
        SchemaError::AmbiguousReference { field } => Error::Plan { detail: format!("column `{}` is in more than one table", field.name()) },
        SchemaError::DuplicateQualifiedField { name, .. } | SchemaError::DuplicateUnqualifiedField { name } => {
            Error::Plan { detail: format!("column `{name}` comes twice, give one an alias") }
        }
    }
}

/// One line of a message of the planner, with what may be a literal left out: quoted text that is no plain name, and long numbers.
fn without_literals(message: &str) -> String {
    let mut kept = String::new();
    for (at, piece) in message.split('\'').enumerate() {
        let is_name = piece.chars().all(|c| c.is_ascii_alphabetic() || "_.()*".contains(c));
        kept.push_str(if at % 2 == 0 || is_name { piece } else { "…" });
    }
    let words = kept.split_whitespace().map(|word| {
        let long_number = word.chars().filter(char::is_ascii_digit).count() > 4;
        if long_number { Cow::Borrowed("…") } else { Cow::Owned(word.to_owned()) }
    });
    words.collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_the_planner_loses_its_literals() {
        let message = "Invalid function 'read_csv'.\nDid you mean 'reverse'? near '张小明' and 990101198503070017.";
        assert_eq!(without_literals(message), "Invalid function read_csv. Did you mean reverse? near … and …");
    }

    #[test]
    fn a_value_in_the_engine_s_words_stays_there() {
        let engine = DataFusionError::Execution("Cannot cast string '99010119850307001X' to value of Int64 type".to_owned());
        assert!(!running(&engine).to_string().contains("9901"));
        assert!(!planning(&engine).to_string().contains("9901"));
        let printed = DataFusionError::NotImplemented("no InSubquery(expr: Literal(Utf8(\"张小明\")))".to_owned());
        assert!(planning(&printed).to_string().contains("what the engine does not do"));
        let pattern = DataFusionError::External("unclosed group in 张小明".into());
        assert!(matches!(running(&pattern), Error::Value));
    }
}
