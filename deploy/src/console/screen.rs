//! Screens: what each page asks the API, and how the answer is laid out for its template. Nothing is decided here about who may see what.

pub(crate) mod account;
pub(crate) mod admin;
pub(crate) mod answer;
pub(crate) mod audit;
pub(crate) mod corrections;
pub(crate) mod density;
pub(crate) mod department;
pub(crate) mod file;
pub(crate) mod graph;
pub(crate) mod invited;
pub(crate) mod jobs;
pub(crate) mod names;
pub(crate) mod oidc;
pub(crate) mod overview;
pub(crate) mod plan;
pub(crate) mod queries;
pub(crate) mod reference;
pub(crate) mod review;
pub(crate) mod search;
pub(crate) mod second_factor;
pub(crate) mod sql;
pub(crate) mod tables;
pub(crate) mod upload;

use super::page::Page;
use crate::serve::problem::{Code, Problem};
use askama::Template;
use axum::{
    Form,
    extract::{
        Path, Query,
        rejection::{FormRejection, PathRejection, QueryRejection},
    },
};
use serde_json::Value;

/// Why there is no page.
#[derive(Debug)]
pub(crate) struct Trouble {
    pub(crate) key: String,
    /// What is wrong and what to do, a key of `refusal`.
    pub(crate) kind: String,
    pub(crate) status: u16,
    pub(crate) detail: String,
    pub(crate) hint: Option<String>,
    /// The line of a text with the place marked under it, where something is wrong there.
    pub(crate) excerpt: Option<String>,
    /// Line and column of a question, where something is wrong there.
    pub(crate) place: Option<(u32, u32)>,
    /// Of the request, for the operator.
    pub(crate) number: String,
}

impl Trouble {
    /// Why something was not done, for the page on which it was tried.
    pub(crate) fn of(problem: &Problem) -> Trouble {
        let (status, code, _) = problem.code.about();
        let (detail, hint) = problem.told();
        let (key, kind) = (format!("problem.{code}"), problem.kind().to_owned());
        let (hint, excerpt) = hint.map_or((None, None), |hint| match hint.split_once('\n') {
            Some((hint, excerpt)) => (Some(hint.to_owned()), Some(excerpt.to_owned())),
            None => (Some(hint.to_owned()), None),
        });
        Trouble { key, kind, status, place: place(&detail), detail, hint, excerpt, number: String::new() }
    }
}

impl Trouble {
    /// Whether its own sentence tells what of the request is wrong. What is not there, or not for whoever asks, is told by its kind, and the
    /// sentence is for those who use the command line.
    pub(crate) fn is_of_the_request(&self) -> bool {
        ![401, 403, 404].contains(&self.status)
    }
}

/// What was tried: it was done, or why not, where whoever tried can mend that, to be told on the page on which it was tried.
///
/// # Errors
/// What nobody who tries can mend.
fn tried<T>(done: Result<T, Problem>) -> Result<Result<T, Trouble>, Problem> {
    match done {
        Err(problem) if problem.code.about().0 < 500 => Ok(Err(Trouble::of(&problem))),
        done => done.map(Ok),
    }
}

/// The place that a sentence ends with: `at line 1, column 8`.
fn place(detail: &str) -> Option<(u32, u32)> {
    let (line, column) = detail.rsplit_once(" at line ")?.1.split_once(", column ")?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

#[derive(Debug, Template)]
#[template(path = "problem.html")]
pub(crate) struct TroublePage {
    pub(crate) page: Page,
    pub(crate) trouble: Trouble,
}

#[derive(Debug, Template)]
#[template(path = "problem_part.html")]
pub(crate) struct TroublePart {
    pub(crate) page: Page,
    pub(crate) trouble: Trouble,
}

/// What was filled in, or a problem that does not say it back.
pub(crate) fn of_form<T>(form: Result<Form<T>, FormRejection>) -> Result<T, Problem> {
    form.map(|Form(form)| form).map_err(|_| wrong())
}

/// The query of an address, or a problem that does not say it back.
pub(crate) fn of_query<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, Problem> {
    query.map(|Query(query)| query).map_err(|_| wrong())
}

/// A part of a path, or that there is no such page.
pub(crate) fn of_path<T>(path: Result<Path<T>, PathRejection>) -> Result<T, Problem> {
    path.map(|Path(path)| path).map_err(|_| Problem::new(Code::NotFound))
}

fn wrong() -> Problem {
    Problem::because(Code::BadRequest, "the form or address is not what is expected", "go back and try again")
}

/// A value of an answer, as it is read.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_place_is_read_off_the_end_of_a_sentence() {
        assert_eq!(place("it is not SQL at line 12, column 8"), Some((12, 8)));
        assert_eq!(["it is not SQL, or ends too early", "at line 1, column 2 of it", ""].map(place), [None; 3]);
    }
}
