//! An error as one process tells it another: the same sentence comes out that went in. What only the process can know that it happened in
//! is told as a failure of the engine.

use super::Error;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

/// Why a question was not answered, in texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Told {
    /// [`Error::Denied`]: what, hint.
    Denied(String, String),
    /// [`Error::Policy`]: file, detail, hint.
    Policy(String, String, String),
    /// [`Error::Refused`]: rule, detail, hint.
    Refused(String, String, String),
    /// [`Error::Unknown`]: what, name, hint.
    Unknown(String, String, String),
    /// [`Error::Plan`]: detail.
    Plan(String),
    /// [`Error::Value`].
    Value,
    /// [`Error::Limit`]: limit, hint.
    Limit(String, String),
    /// [`Error::Indicator`]: file, detail, hint.
    Indicator(String, String, String),
    /// The disk is full: where.
    Full(String),
    /// [`Error::Engine`]: detail.
    Engine(String),
}

impl From<Error> for Told {
    fn from(error: Error) -> Told {
        match error {
            Error::Denied { what, hint } => Told::Denied(what, hint),
            Error::Policy { file, detail, hint } => Told::Policy(file, detail, hint),
            Error::Refused { rule, detail, hint } => Told::Refused(rule.to_owned(), detail, hint),
            Error::Unknown { what, name, hint } => Told::Unknown(what.to_owned(), name, hint),
            Error::Plan { detail } => Told::Plan(detail),
            Error::Value => Told::Value,
            Error::Limit { limit, hint } => Told::Limit(limit, hint.to_owned()),
            Error::Indicator { file, detail, hint } => Told::Indicator(file, detail, hint),
            Error::Lake(wuwei_lake::Error::Full { place }) => Told::Full(place),
            Error::Engine { detail } => Told::Engine(detail.to_owned()),
            Error::Lake(_) => Told::Engine("a table cannot be read".to_owned()),
            Error::Index(_) => Told::Engine("the index cannot be read".to_owned()),
            Error::Account { .. } | Error::Chain { .. } => Told::Engine("an account cannot be read".to_owned()),
            Error::Purpose | Error::Principal | Error::Figure { .. } | Error::Checkpoint | Error::Retention { .. } => {
                Told::Engine("what was asked is no question".to_owned())
            }
        }
    }
}

impl From<Told> for Error {
    fn from(told: Told) -> Error {
        match told {
            Told::Denied(what, hint) => Error::Denied { what, hint },
            Told::Policy(file, detail, hint) => Error::Policy { file, detail, hint },
            Told::Refused(rule, detail, hint) => Error::Refused { rule: fixed(&rule), detail, hint },
            Told::Unknown(what, name, hint) => Error::Unknown { what: fixed(&what), name, hint },
            Told::Plan(detail) => Error::Plan { detail },
            Told::Value => Error::Value,
            Told::Limit(limit, hint) => Error::Limit { limit, hint: fixed(&hint) },
            Told::Indicator(file, detail, hint) => Error::Indicator { file, detail, hint },
            Told::Full(place) => Error::Lake(wuwei_lake::Error::Full { place }),
            Told::Engine(detail) => Error::Engine { detail: fixed(&detail) },
        }
    }
}

/// Texts that are known, and how long one may be.
const MOST: usize = 256;
const LONGEST: usize = 200;

/// A text of the program's own, which stands in it once: there are only so many, so what is kept here stays small. More of them come from no
/// process of ours, and are left out.
fn fixed(text: &str) -> &'static str {
    static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    known(&mut KNOWN.lock().unwrap_or_else(PoisonError::into_inner), text)
}

fn known(texts: &mut BTreeSet<&'static str>, text: &str) -> &'static str {
    if let Some(same) = texts.get(text) {
        return same;
    }
    if texts.len() >= MOST || text.len() > LONGEST {
        return "…";
    }
    let kept: &'static str = Box::leak(text.into());
    texts.insert(kept);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_in_the_same_words() {
        let hint = || "h".to_owned();
        for error in [
            Error::Denied { what: "w".to_owned(), hint: hint() },
            Error::Refused { rule: "size", detail: "it has 9 bytes".to_owned(), hint: hint() },
            Error::Unknown { what: "table", name: "a.b".to_owned(), hint: hint() },
            Error::Plan { detail: "d".to_owned() },
            Error::Value,
            Error::Limit { limit: "2 rows".to_owned(), hint: "less" },
            Error::Lake(wuwei_lake::Error::Full { place: "spill".to_owned() }),
            Error::Engine { detail: "internal error" },
        ] {
            let (text, reason) = (error.to_string(), error.reason());
            let told: Told = serde_json::from_str(&serde_json::to_string(&Told::from(error)).unwrap()).unwrap();
            let again = Error::from(told);
            assert_eq!((again.to_string(), again.reason()), (text, reason));
        }
    }

    #[test]
    fn texts_without_end_are_not_kept() {
        let mut texts = BTreeSet::new();
        assert_eq!(known(&mut texts, &"x".repeat(LONGEST + 1)), "…");
        (0..2 * MOST).for_each(|at| assert!(!known(&mut texts, &format!("text {at}")).is_empty()));
        assert_eq!((known(&mut texts, "one more"), texts.len()), ("…", MOST));
        assert_eq!(known(&mut texts, "text 0"), "text 0");
    }
}
