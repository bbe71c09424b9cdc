//! What an extract's columns are for, and an empty file of it to fill in, for whoever hands it in.

use super::known;
use crate::{
    console::{
        guest::Visit,
        link,
        page::{Page, html},
        screen::{of_path, of_query, search::department},
        words::Named,
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

/// Forms of the empty file, with their media types.
const FORMS: [(&str, &str); 2] = [("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), ("csv", "text/csv")];

#[derive(Debug, Deserialize)]
struct Told {
    extract: String,
    department: String,
    label: Named,
    columns: Vec<Column>,
}

#[derive(Debug, Deserialize)]
struct Column {
    heading: String,
    meaning: String,
    advice: Vec<String>,
}

#[derive(Debug, Template)]
#[template(path = "department_template.html")]
struct Shown {
    page: Page,
    /// The department's name.
    name: String,
    told: Told,
    forms: [&'static str; 2],
}

/// Where the API has the template, in the language of the page.
fn path(visit: &Visit, extract: &str) -> String {
    link::with(&format!("/api/v1/extracts/{}/template", link::escaped(extract)), &[("language", visit.guest.language.tag())])
}

pub(crate) async fn show(visit: Visit, which: Result<Path<(String, String)>, PathRejection>) -> Result<Response, Problem> {
    let (code, extract) = of_path(which)?;
    let told: Told = visit.get(&path(&visit, &extract)).await?;
    if told.department != known(&visit, Ok(Path(code)))? {
        return Err(Problem::new(Code::NotFound));
    }
    let page = Page::of(&visit.guest, "departments");
    let name = department(&page, &visit, &told.department);
    Ok(html(&Shown { page, name, told, forms: FORMS.map(|(form, _)| form) }))
}

#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    r#as: String,
}

/// The empty file.
pub(crate) async fn file(
    visit: Visit,
    which: Result<Path<(String, String)>, PathRejection>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Problem> {
    let ((_, extract), Wanted { r#as }) = (of_path(which)?, of_query(wanted)?);
    let form = FORMS.into_iter().find(|(form, _)| *form == r#as);
    let (_, media) = form.ok_or(Problem::new(Code::NotAcceptable))?;
    visit.fetch(&path(&visit, &extract), media).await
}
