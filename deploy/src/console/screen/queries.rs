//! Questions to go back to, beside the box where they are typed: those that the account keeps, those that the program carries for
//! everybody, and those of this session.

use super::{of_form, sql::Whole};
use crate::{
    console::{
        guest::Visit,
        link,
        page::{Page, html},
        words::Named,
    },
    serve::problem::{Code, Problem},
};
use askama::Template;
use axum::{Form, extract::rejection::FormRejection, response::Response};
use serde::Deserialize;

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    pub(super) kept: Vec<String>,
    pub(super) carried: Vec<Carried>,
    /// The newest first.
    pub(super) remembered: Vec<Remembered>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Carried {
    pub(super) name: String,
    #[serde(flatten)]
    pub(super) label: Named,
}

/// A question of this session, on one line.
#[derive(Debug)]
pub(super) struct Remembered {
    pub(super) number: usize,
    pub(super) line: String,
    pub(super) rows: Option<u64>,
}

#[derive(Deserialize)]
struct Listed {
    queries: Vec<Name>,
    carried: Vec<Carried>,
}

#[derive(Deserialize)]
struct Name {
    name: String,
}

#[derive(Deserialize)]
struct Query {
    sql: String,
}

#[derive(Debug, Template)]
#[template(path = "past.html")]
struct Past {
    page: Page,
    lists: Lists,
}

impl Lists {
    /// Those of whoever is signed in; where the API tells none, those of the session.
    pub(super) async fn of(visit: &Visit) -> Lists {
        let line = |sql: &str| sql.split_whitespace().collect::<Vec<_>>().join(" ");
        let questions = visit.inside.signed.questions.iter().enumerate();
        let remembered = questions.map(|(number, asked)| Remembered { number, line: line(&asked.sql), rows: asked.rows }).collect();
        match visit.get::<Listed>("/api/v1/queries").await {
            Ok(Listed { queries, carried }) => Lists { kept: queries.into_iter().map(|query| query.name).collect(), carried, remembered },
            Err(_) => Lists { remembered, ..Lists::default() },
        }
    }

    /// The address of a page with that question.
    pub(super) fn path(&self, name: &str) -> String {
        link::with("/sql", &[("query", name)])
    }
}

/// The text of the question of that name.
pub(super) async fn of(visit: &Visit, name: &str) -> Result<String, Problem> {
    Ok(visit.get::<Query>(&path(name)).await?.sql)
}

fn path(name: &str) -> String {
    format!("/api/v1/queries/{}", link::escaped(name))
}

#[derive(Deserialize)]
pub(crate) struct Kept {
    sql: String,
    name: String,
}

#[derive(Deserialize)]
pub(crate) struct Forgotten {
    name: String,
}

/// Keeps what is typed under a name.
pub(crate) async fn keep(visit: Visit, kept: Result<Form<Kept>, FormRejection>) -> Result<Response, Problem> {
    let Kept { sql, name } = of_form(kept)?;
    let name = name.trim();
    if name.is_empty() {
        let nameless = Problem::because(Code::NotPossible, "the query has no name", "give it one, and save it again");
        return Whole::troubled(sql, nameless, &visit).await;
    }
    match visit.put(&path(name), &serde_json::json!({ "sql": sql })).await {
        Ok(()) => Ok(changed(&visit, Some(name)).await),
        Err(problem) => Whole::troubled(sql, problem, &visit).await,
    }
}

pub(crate) async fn forget(visit: Visit, forgotten: Result<Form<Forgotten>, FormRejection>) -> Result<Response, Problem> {
    visit.delete(&path(&of_form(forgotten)?.name)).await?;
    Ok(changed(&visit, None).await)
}

async fn changed(visit: &Visit, name: Option<&str>) -> Response {
    match visit.guest.is_part {
        true => html(&Past { page: Page::of(&visit.guest, "sql"), lists: Lists::of(visit).await }),
        false => visit.guest.sent(&name.map_or_else(|| "/sql".to_owned(), |name| link::with("/sql", &[("query", name)]))),
    }
}
