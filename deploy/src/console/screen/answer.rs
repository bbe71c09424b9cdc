//! The pages of an answer that was given, for the session that it was given to.

use super::{of_path, of_query, queries::Lists, sql::Whole};
use crate::{
    console::{
        api::Column,
        drawing::{self, Chosen, Drawable, Drawing},
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
    /// What can be drawn of it, and what is.
    pub(crate) drawable: Option<Drawable>,
    pub(crate) chosen: Chosen,
    pub(crate) drawing: Option<Drawing>,
}

#[derive(Debug, Template)]
#[template(path = "answer_part.html")]
struct Part {
    page: Page,
    answer: Leaves,
    lists: Lists,
}

impl Leaves {
    pub(super) async fn of(answer: &Answer, turned: &Turned) -> Result<Leaves, Problem> {
        let at = turned.page.clamp(1, answer.pages());
        let (leaf, head) = (answer.leaf(at).await?, answer.head(drawing::POINTS).await?);
        let drawable = Drawable::of(&head);
        let is_drawn = !turned.kind.is_empty();
        let chosen = drawable.as_ref().map(|drawable| drawable.chosen(&turned.kind, turned.x, turned.y)).unwrap_or_default();
        Ok(Leaves {
            id: answer.id.clone(),
            rows: answer.rows,
            at,
            pages: answer.pages(),
            first: (at - 1) * ROWS as u64 + 1,
            last: (at - 1) * ROWS as u64 + leaf.rows.len() as u64,
            columns: leaf.columns,
            cells: leaf.rows,
            drawing: drawable.as_ref().filter(|_| is_drawn).map(|_| drawing::drawn(&head, chosen)),
            drawable,
            chosen,
        })
    }

    /// The address of another page of it, with the same drawing.
    fn turned(&self, at: u64) -> String {
        let Chosen { kind, x, y } = self.chosen;
        let drawn = if self.drawing.is_some() { format!("&kind={kind}&x={x}&y={y}") } else { String::new() };
        format!("/sql/{}?page={at}{drawn}", self.id)
    }

    pub(super) fn before(&self) -> String {
        self.turned(self.at - 1)
    }

    pub(super) fn after(&self) -> String {
        self.turned(self.at + 1)
    }

    /// The kinds of drawings.
    pub(super) fn kinds(&self) -> &'static [&'static str] {
        &drawing::KINDS
    }

    /// As a part of the page, with the questions that are remembered now.
    pub(super) async fn part(self, visit: &Visit) -> Response {
        html(&Part { page: Page::of(&visit.guest, "sql"), answer: self, lists: Lists::of(visit).await })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Turned {
    page: u64,
    /// What is drawn of it, nothing when empty: a kind, and the places of two columns.
    kind: String,
    x: Option<usize>,
    y: Option<usize>,
}

pub(crate) async fn show(
    visit: Visit,
    id: Result<Path<String>, PathRejection>,
    turned: Result<Query<Turned>, QueryRejection>,
) -> Result<Response, Problem> {
    let (id, turned) = (of_path(id)?, of_query(turned)?);
    let gone = || Problem::because(Code::NotFound, "the answer is not kept any more", "run the question again");
    let answer = visit.guest.console.kept.find(visit.inside.key, &id).ok_or_else(gone)?;
    let leaves = Leaves::of(&answer, &turned).await?;
    match visit.guest.is_part {
        true => Ok(leaves.part(&visit).await),
        false => Ok(Whole { sql: answer.sql.clone(), answer: Some(leaves), ..Whole::default() }.page(&visit).await),
    }
}
