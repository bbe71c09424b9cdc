//! 一人一档 and 一户一档: all that whoever asks may see of one entity or household, each value with who says it. How it is laid out is in
//! `file/`.

mod layout;
mod open;
mod said;
mod told;
mod why;
mod withheld;

use super::of_path;
use crate::{
    console::{
        guest::Visit,
        page::{Page, html},
    },
    serve::problem::Problem,
};
use askama::Template;
use axum::{
    extract::{Path, rejection::PathRejection},
    response::Response,
};
pub(crate) use layout::coded;
use layout::{File, Home};
use told::{Entity, Household};

#[derive(Debug, Template)]
#[template(path = "person.html")]
struct PersonPage {
    page: Page,
    file: File,
}

#[derive(Debug, Template)]
#[template(path = "household.html")]
struct HouseholdPage {
    page: Page,
    home: Home,
}

pub(crate) async fn person(visit: Visit, id: Result<Path<i64>, PathRejection>) -> Result<Response, Problem> {
    let id = of_path(id)?;
    let told: Entity = visit.get(&format!("/api/v1/people/{id}")).await?;
    let page = Page::of(&visit.guest, "person");
    let file = layout::file(&page, &visit, told);
    Ok(html(&PersonPage { page, file }))
}

pub(crate) async fn household(visit: Visit, id: Result<Path<i64>, PathRejection>) -> Result<Response, Problem> {
    let id = of_path(id)?;
    let told: Household = visit.get(&format!("/api/v1/households/{id}")).await?;
    let page = Page::of(&visit.guest, "household");
    let home = layout::home(&page, &visit, told);
    Ok(html(&HouseholdPage { page, home }))
}
