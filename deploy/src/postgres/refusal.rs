//! Why a client of PostgreSQL gets no answer: the problems of the HTTP entrance, told as that wire tells them, with a code of SQLSTATE
//! (PostgreSQL 15, appendix A) and a hint. No text holds a value of a table.

use crate::{
    Error,
    serve::problem::{Code, Problem},
};
use wuwei_query::Error as Refused;

/// What is told instead of an answer.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    /// Whether the connection ends with it.
    pub(super) is_fatal: bool,
    pub(super) state: &'static str,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Refusal {
    pub(super) fn new(state: &'static str, message: impl Into<String>, hint: &str) -> Refusal {
        Refusal { is_fatal: false, state, message: message.into(), hint: Some(hint.to_owned()) }
    }

    /// What a client sent is none of the protocol.
    pub(super) fn protocol(message: &str) -> Refusal {
        Refusal::new("08P01", message, "speak protocol 3.0 of PostgreSQL").fatal()
    }

    /// The same, as the last that is said.
    pub(super) fn fatal(self) -> Refusal {
        Refusal { is_fatal: true, ..self }
    }

    /// A problem of a log-in or of the turnstile.
    pub(super) fn of(problem: &Problem) -> Refusal {
        told(problem, state(problem.code))
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        let known = match &error {
            Error::Query(refused) => in_particular(refused),
            _ => None,
        };
        let problem = Problem::from(error);
        let state = known.unwrap_or_else(|| state(problem.code));
        told(&problem, state)
    }
}

impl From<Refused> for Refusal {
    fn from(error: Refused) -> Refusal {
        Error::from(error).into()
    }
}

fn told(problem: &Problem, state: &'static str) -> Refusal {
    let (message, hint) = problem.told_over("PostgreSQL's wire");
    Refusal { is_fatal: false, state, message, hint }
}

/// The code of what the door refuses, where it is more precise than the problem's.
fn in_particular(refused: &Refused) -> Option<&'static str> {
    Some(match refused {
        Refused::Refused { rule: "syntax" | "one statement", .. } => "42601",
        Refused::Refused { rule: "select only", .. } => "25006",
        Refused::Refused { rule: "parameters", .. } => "42P02",
        Refused::Refused { rule: "table", .. } => "0A000",
        Refused::Refused { .. } => "54001",
        Refused::Unknown { what: "column", .. } => "42703",
        Refused::Unknown { .. } => "42P01",
        Refused::Limit { limit, .. } if limit.ends_with(" seconds") => "57014",
        _ => return None,
    })
}

fn state(code: Code) -> &'static str {
    match code {
        Code::PurposeMissing => "42501",
        Code::Unauthorized => "28P01",
        Code::OneTimePassword | Code::TooManyFailures => "28000",
        Code::Forbidden => "42501",
        Code::Refused => "42601",
        Code::UnknownName => "42P01",
        Code::NotPlanned => "42000",
        Code::Value => "22000",
        Code::Limit => "54000",
        Code::Busy | Code::TooOften => "53400",
        Code::Unaccounted => "58000",
        Code::Internal => "XX000",
        _ => "0A000",
    }
}
