//! What runs by itself, when it does next, and what came of it last. The file that `serve --schedules` was given says what runs; nothing of it
//! is changed here.

use crate::{
    clock,
    console::{
        guest::Visit,
        page::{Page, html},
    },
    serve::problem::Problem,
};
use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use wuwei_schema::Notice;

#[derive(Debug, Template)]
#[template(path = "admin_schedules.html")]
struct Shown {
    page: Page,
    told: Told,
}

#[derive(Debug, Deserialize)]
struct Told {
    /// None where the program was given none.
    file: Option<String>,
    schedules: Vec<Schedule>,
}

#[derive(Debug, Deserialize)]
struct Schedule {
    name: String,
    cron: String,
    run: String,
    next: Option<String>,
    #[serde(default)]
    last: Option<Ran>,
}

#[derive(Debug, Deserialize)]
struct Ran {
    begun: String,
    state: String,
    #[serde(default)]
    results: Vec<Notice>,
    #[serde(default)]
    said: Option<String>,
}

impl Schedule {
    fn next(&self) -> String {
        self.next.as_deref().map(clock::local).unwrap_or_default()
    }
}

impl Ran {
    fn begun(&self) -> String {
        clock::local(&self.begun)
    }

    /// What it says in its own words: why it failed, or of before there were codes.
    fn own_words(&self) -> Option<&str> {
        self.said.as_deref().filter(|_| self.results.is_empty() || self.state == "failed")
    }
}

pub(crate) async fn show(visit: Visit) -> Result<Response, Problem> {
    let told = visit.get("/api/v1/schedules").await?;
    Ok(html(&Shown { page: Page::of(&visit.guest, "admin"), told }))
}
