//! Questions in SQL: typed, run, cancelled, remembered for the session, exported. An answer is shown in pages; an export asks anew, since
//! it hands out the whole.

use super::{answer::Leaves, of_form, of_query};
use crate::{
    console::{
        guest::Visit,
        page::{Page, html},
    },
    serve::problem::{Code, Problem},
};
use askama::Template;
use axum::{
    Form,
    extract::{
        Query,
        rejection::{FormRejection, QueryRejection},
    },
    response::Response,
};
use serde::Deserialize;

/// What a page needs: an Arrow stream, which is kept while its pages are turned.
const STREAM: &str = "application/vnd.apache.arrow.stream";
/// Forms of an export by name, with their media types; the first is for whoever has a spreadsheet.
pub(crate) const FORMS: [(&str, &str); 3] = [
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("csv", "text/csv"),
    ("parquet", "application/vnd.apache.parquet"),
];

#[derive(Debug, Template)]
#[template(path = "sql.html")]
struct Sql {
    page: Page,
    sql: String,
    questions: Vec<Remembered>,
    forms: [&'static str; 3],
    answer: Option<Leaves>,
    trouble: Option<super::Trouble>,
}

/// A question of this session, on one line.
#[derive(Debug)]
pub(super) struct Remembered {
    pub(super) number: usize,
    pub(super) line: String,
    pub(super) rows: Option<u64>,
}

impl Remembered {
    /// All of them, the newest first.
    pub(super) fn all(visit: &Visit) -> Vec<Remembered> {
        let line = |sql: &str| sql.split_whitespace().collect::<Vec<_>>().join(" ");
        let questions = visit.inside.signed.questions.iter().enumerate();
        questions.map(|(number, asked)| Remembered { number, line: line(&asked.sql), rows: asked.rows }).collect()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Recalled {
    /// The number of a question of this session.
    recall: Option<usize>,
    /// A table to ask about.
    table: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Typed {
    sql: String,
    /// The form of an export.
    #[serde(default, rename = "as")]
    form: String,
}

pub(crate) async fn show(visit: Visit, recalled: Result<Query<Recalled>, QueryRejection>) -> Result<Response, Problem> {
    let Recalled { recall, table } = of_query(recalled)?;
    let remembered = recall.and_then(|at| visit.inside.signed.questions.get(at)).map(|asked| asked.sql.clone());
    // What is no name of a table makes no question.
    let is_name = |table: &String| table.chars().all(|character| character.is_alphanumeric() || "._".contains(character));
    let about = table.filter(is_name).map(|table| format!("SELECT *\nFROM {table}\nLIMIT 100"));
    Ok(whole(&visit, remembered.or(about).unwrap_or_default(), None, None))
}

/// The page with everything on it.
pub(super) fn whole(visit: &Visit, sql: String, answer: Option<Leaves>, trouble: Option<super::Trouble>) -> Response {
    let questions = Remembered::all(visit);
    let page = Page::of(&visit.guest, "sql");
    html(&Sql { page, sql, questions, forms: FORMS.map(|(name, _)| name), answer, trouble })
}

pub(crate) async fn run(mut visit: Visit, typed: Result<Form<Typed>, FormRejection>) -> Result<Response, Problem> {
    let sql = of_form(typed)?.sql;
    let key = visit.inside.key;
    let asked = answered(&visit, &sql).await;
    let rows = asked.as_ref().ok().map(|leaves| leaves.rows);
    visit.guest.console.sessions.change(key, |signed| signed.remember(&sql, rows));
    visit.inside.signed.remember(&sql, rows);
    match asked {
        Ok(leaves) if visit.guest.is_part => Ok(leaves.part(&visit)),
        Ok(leaves) => Ok(whole(&visit, sql, Some(leaves), None)),
        Err(problem) if visit.guest.is_part => Err(problem),
        Err(problem) => Ok(whole(&visit, sql, None, Some(super::Trouble::of(&problem)))),
    }
}

async fn answered(visit: &Visit, sql: &str) -> Result<Leaves, Problem> {
    let response = visit.ask(sql, STREAM).await?;
    let hub = visit.guest.console.state.hub();
    let answer = visit.guest.console.kept.keep(visit.inside.key, sql, response, hub.spill()).await?;
    Leaves::of(&answer, 1).await
}

pub(crate) async fn export(visit: Visit, typed: Result<Form<Typed>, FormRejection>) -> Result<Response, Problem> {
    let Typed { sql, form } = of_form(typed)?;
    let media = FORMS.iter().find(|(name, _)| *name == form).map(|(_, media)| *media);
    visit.ask(&sql, media.ok_or(Problem::new(Code::NotAcceptable))?).await
}
