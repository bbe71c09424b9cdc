//! Questions in SQL: typed, run, cancelled, remembered for the session, exported. An answer is shown in pages; an export asks anew, since
//! it hands out the whole.

use super::{
    Trouble,
    answer::{Leaves, Turned},
    of_form, of_query,
    plan::Foreseen,
    queries::{self, Lists},
};
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
    whole: Whole,
    lists: Lists,
    forms: [&'static str; 3],
}

/// What stands on the page besides what can be recalled: a question, and what became of it.
#[derive(Debug, Default)]
pub(super) struct Whole {
    pub(super) sql: String,
    /// The name under which it is kept.
    pub(super) name: String,
    pub(super) answer: Option<Leaves>,
    pub(super) plan: Option<Foreseen>,
    pub(super) trouble: Option<Trouble>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Recalled {
    /// The number of a question of this session.
    recall: Option<usize>,
    /// The name of one that is kept.
    query: Option<String>,
    /// A table to ask about.
    table: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Typed {
    pub(super) sql: String,
    /// The form of an export.
    #[serde(default, rename = "as")]
    form: String,
}

pub(crate) async fn show(visit: Visit, recalled: Result<Query<Recalled>, QueryRejection>) -> Result<Response, Problem> {
    let Recalled { recall, query, table } = of_query(recalled)?;
    if let Some(name) = query {
        let sql = queries::of(&visit, &name).await?;
        return Ok(Whole { sql, name, ..Whole::default() }.page(&visit).await);
    }
    let remembered = recall.and_then(|at| visit.inside.signed.questions.get(at)).map(|asked| asked.sql.clone());
    // What is no name of a table makes no question.
    let is_name = |table: &String| table.chars().all(|character| character.is_alphanumeric() || "._".contains(character));
    let about = table.filter(is_name).map(|table| format!("SELECT *\nFROM {table}\nLIMIT 100"));
    Ok(Whole { sql: remembered.or(about).unwrap_or_default(), ..Whole::default() }.page(&visit).await)
}

impl Whole {
    pub(super) async fn page(self, visit: &Visit) -> Response {
        let lists = Lists::of(visit).await;
        html(&Sql { page: Page::of(&visit.guest, "sql"), whole: self, lists, forms: FORMS.map(|(name, _)| name) })
    }

    /// The page of a question that is not answered; where a part was asked for, only why.
    pub(super) async fn troubled(sql: String, problem: Problem, visit: &Visit) -> Result<Response, Problem> {
        if visit.guest.is_part {
            return Err(problem);
        }
        Ok(Whole { sql, trouble: Some(Trouble::of(&problem)), ..Whole::default() }.page(visit).await)
    }
}

pub(crate) async fn run(mut visit: Visit, typed: Result<Form<Typed>, FormRejection>) -> Result<Response, Problem> {
    let sql = of_form(typed)?.sql;
    let key = visit.inside.key;
    let asked = answered(&visit, &sql).await;
    let rows = asked.as_ref().ok().map(|leaves| leaves.rows);
    visit.guest.console.sessions.change(key, |signed| signed.remember(&sql, rows));
    visit.inside.signed.remember(&sql, rows);
    match asked {
        Ok(leaves) if visit.guest.is_part => Ok(leaves.part(&visit).await),
        Ok(leaves) => Ok(Whole { sql, answer: Some(leaves), ..Whole::default() }.page(&visit).await),
        Err(problem) => Whole::troubled(sql, problem, &visit).await,
    }
}

async fn answered(visit: &Visit, sql: &str) -> Result<Leaves, Problem> {
    let response = visit.ask(sql, STREAM).await?;
    let hub = visit.guest.console.state.hub();
    let answer = visit.guest.console.kept.keep(visit.inside.key, sql, response, hub.spill()).await?;
    Leaves::of(&answer, &Turned::default()).await
}

pub(crate) async fn export(visit: Visit, typed: Result<Form<Typed>, FormRejection>) -> Result<Response, Problem> {
    let Typed { sql, form } = of_form(typed)?;
    let media = FORMS.iter().find(|(name, _)| *name == form).map(|(_, media)| *media);
    visit.ask(&sql, media.ok_or(Problem::new(Code::NotAcceptable))?).await
}
