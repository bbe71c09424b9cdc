//! 一人一档 and 一户一档: all that whoever asks may see of one entity or household, each value with who says it. How it is laid out is in
//! `file/`.

mod asserted;
mod layout;
pub(crate) mod reveal;
mod said;
mod told;
mod why;
mod withheld;

use super::{
    Trouble,
    corrections::{self, New},
    of_path, of_query,
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
        Path, Query,
        rejection::{FormRejection, PathRejection, QueryRejection},
    },
    response::Response,
};
pub(crate) use layout::coded;
use layout::{File, Home};
use reveal::Revealing;
use serde::Deserialize;
use told::{Entity, Household};
pub(crate) use why::{Apart, apart};

#[derive(Debug, Template)]
#[template(path = "person.html")]
struct PersonPage {
    page: Page,
    file: File,
    revealing: Revealing,
    /// What was shown of it for another purpose, or why nothing was.
    revealed: Option<reveal::Shown>,
    trouble: Option<Trouble>,
    forms: [&'static str; 2],
}

/// Forms in which a file is taken along, with their media types.
const FORMS: [(&str, &str); 2] =
    [("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), ("json", "application/json")];

#[derive(Debug, Template)]
#[template(path = "household.html")]
struct HouseholdPage {
    page: Page,
    home: Home,
    trouble: Option<Trouble>,
}

pub(crate) async fn person(visit: Visit, id: Result<Path<i64>, PathRejection>) -> Result<Response, Problem> {
    shown(&visit, of_path(id)?, None, None).await
}

async fn shown(visit: &Visit, id: i64, revealed: Option<reveal::Shown>, trouble: Option<Trouble>) -> Result<Response, Problem> {
    let told: Entity = visit.get(&format!("/api/v1/people/{id}")).await?;
    let page = Page::of(&visit.guest, "person");
    let revealing = Revealing::of(&page, visit, &told)?;
    let file = layout::file(&page, visit, told);
    Ok(html(&PersonPage { page, file, revealing, revealed, trouble, forms: FORMS.map(|(form, _)| form) }))
}

#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    r#as: String,
}

/// The file, to be taken along.
pub(crate) async fn export(
    visit: Visit,
    id: Result<Path<i64>, PathRejection>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Problem> {
    let (id, Wanted { r#as }) = (of_path(id)?, of_query(wanted)?);
    let form = FORMS.into_iter().find(|(form, _)| *form == r#as);
    let (_, media) = form.ok_or(Problem::new(Code::NotAcceptable))?;
    visit.fetch(&format!("/api/v1/people/{id}/export"), media).await
}

pub(crate) async fn household(visit: Visit, id: Result<Path<i64>, PathRejection>) -> Result<Response, Problem> {
    home(&visit, of_path(id)?, None).await
}

async fn home(visit: &Visit, id: i64, trouble: Option<Trouble>) -> Result<Response, Problem> {
    let told: Household = visit.get(&format!("/api/v1/households/{id}")).await?;
    let page = Page::of(&visit.guest, "household");
    let home = layout::home(&page, visit, told);
    Ok(html(&HouseholdPage { page, home, trouble }))
}

/// Asks a department to put its record of somebody right, and shows that it was asked, or why not.
pub(crate) async fn correct_person(
    visit: Visit,
    id: Result<Path<i64>, PathRejection>,
    new: Result<Form<New>, FormRejection>,
) -> Result<Response, Problem> {
    let id = of_path(id)?;
    match corrections::ask(&visit, new).await? {
        None => Ok(visit.guest.sent(&format!("/person/{id}#corrections"))),
        trouble => shown(&visit, id, None, trouble).await,
    }
}

/// The same of a household.
pub(crate) async fn correct_household(
    visit: Visit,
    id: Result<Path<i64>, PathRejection>,
    new: Result<Form<New>, FormRejection>,
) -> Result<Response, Problem> {
    let id = of_path(id)?;
    match corrections::ask(&visit, new).await? {
        None => Ok(visit.guest.sent(&format!("/household/{id}#corrections"))),
        trouble => home(&visit, id, trouble).await,
    }
}
