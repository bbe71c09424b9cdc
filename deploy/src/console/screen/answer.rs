//! The pages of an answer that was given, for the session that it was given to.

use super::{of_path, of_query, sql::Remembered};
use crate::{
    console::{
        api::Column,
        guest::Visit,
        kept::{Answer, ROWS},
        page::{Page, html},
    },
    serve::problem::{Code, Problem},
};
use askama::Template;
use axum::{
    extract::{
        Path, Query,
        rejection::{PathRejection, QueryRejection},
    },
    response::Response,
};
use serde::Deserialize;

/// One page of an answer.
#[derive(Debug)]
pub(crate) struct Leaves {
    pub(crate) id: String,
    pub(crate) rows: u64,
    pub(crate) at: u64,
    pub(crate) pages: u64,
    /// The numbers of the first and the last row of the page.
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) columns: Vec<Column>,
    pub(crate) cells: Vec<Vec<Option<String>>>,
}

#[derive(Debug, Template)]
#[template(path = "answer_part.html")]
struct Part {
    page: Page,
    answer: Leaves,
    questions: Vec<Remembered>,
}

impl Leaves {
    pub(super) async fn of(answer: &Answer, at: u64) -> Result<Leaves, Problem> {
        let at = at.clamp(1, answer.pages());
        let leaf = answer.leaf(at).await?;
        Ok(Leaves {
            id: answer.id.clone(),
            rows: answer.rows,
            at,
            pages: answer.pages(),
            first: (at - 1) * ROWS as u64 + 1,
            last: (at - 1) * ROWS as u64 + leaf.rows.len() as u64,
            columns: leaf.columns,
            cells: leaf.rows,
        })
    }

    /// As a part of the page, with the questions that are remembered now.
    pub(super) fn part(self, visit: &Visit) -> Response {
        html(&Part { page: Page::of(&visit.guest, "sql"), answer: self, questions: Remembered::all(visit) })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Turned {
    page: u64,
}

pub(crate) async fn show(
    visit: Visit,
    id: Result<Path<String>, PathRejection>,
    turned: Result<Query<Turned>, QueryRejection>,
) -> Result<Response, Problem> {
    let (id, at) = (of_path(id)?, of_query(turned)?.page);
    let gone = || Problem::because(Code::NotFound, "the answer is not kept any more", "run the question again");
    let answer = visit.guest.console.kept.find(visit.inside.key, &id).ok_or_else(gone)?;
    let leaves = Leaves::of(&answer, at).await?;
    match visit.guest.is_part {
        true => Ok(leaves.part(&visit)),
        false => Ok(super::sql::whole(&visit, answer.sql.clone(), Some(leaves), None)),
    }
}
