//! Screens: what each page asks the API, and how the answer is laid out for its template. Nothing is decided here about who may see what.

pub(crate) mod account;
pub(crate) mod admin;
pub(crate) mod answer;
pub(crate) mod audit;
pub(crate) mod density;
pub(crate) mod department;
pub(crate) mod file;
pub(crate) mod graph;
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
    /// Of the request, for the operator.
    pub(crate) number: String,
}

impl Trouble {
    /// Why something was not done, for the page on which it was tried.
    pub(crate) fn of(problem: &Problem) -> Trouble {
        let (status, code, _) = problem.code.about();
        let (detail, hint) = problem.told();
        let (key, kind) = (format!("problem.{code}"), problem.kind().to_owned());
        Trouble { key, kind, status, detail, hint: hint.map(str::to_owned), number: String::new() }
    }
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
