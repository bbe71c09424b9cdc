//! What a question would do, as the API tells it before it is run: what it reads, what is kept back of that, the limits that hold, the steps.

use super::{
    of_form,
    sql::{Typed, Whole},
};
use crate::{
    console::{
        guest::Visit,
        page::{Page, html},
    },
    serve::problem::Problem,
};
use askama::Template;
use axum::{Form, extract::rejection::FormRejection, response::Response};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(crate) struct Foreseen {
    pub(super) reads: Vec<Read>,
    pub(super) columns: Vec<Named>,
    pub(super) limits: Limits,
    pub(super) steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Read {
    pub(super) table: String,
    pub(super) columns: Vec<String>,
    pub(super) cells: bool,
    #[serde(default)]
    pub(super) withheld: Option<Withheld>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Withheld {
    pub(super) departments: Vec<String>,
    pub(super) elsewhere: bool,
    pub(super) minors: bool,
    pub(super) masked: Vec<Masked>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Masked {
    pub(super) class: String,
    pub(super) columns: Vec<String>,
    pub(super) clear_of: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Named {
    pub(super) name: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Limits {
    pub(super) seconds: u64,
    pub(super) rows: u64,
    pub(super) memory_mb: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Step {
    pub(super) depth: usize,
    pub(super) operator: String,
    #[serde(default)]
    pub(super) table: Option<String>,
    pub(super) columns: Vec<String>,
    pub(super) functions: Vec<String>,
}

#[derive(Debug, Template)]
#[template(path = "plan.html")]
struct Part {
    page: Page,
    plan: Foreseen,
}

impl Read {
    pub(super) fn is_masked(&self, column: &str) -> bool {
        self.withheld.iter().flat_map(|withheld| &withheld.masked).any(|masked| masked.columns.iter().any(|known| known == column))
    }
}

impl Step {
    /// How far it stands from the left, of twelve places.
    pub(super) fn place(&self) -> usize {
        self.depth.min(12)
    }
}

pub(crate) async fn show(visit: Visit, typed: Result<Form<Typed>, FormRejection>) -> Result<Response, Problem> {
    let sql = of_form(typed)?.sql;
    match visit.plan::<Foreseen>(&sql).await {
        Ok(plan) if visit.guest.is_part => Ok(html(&Part { page: Page::of(&visit.guest, "sql"), plan })),
        Ok(plan) => Ok(Whole { sql, plan: Some(plan), ..Whole::default() }.page(&visit).await),
        Err(problem) => Whole::troubled(sql, problem, &visit).await,
    }
}
