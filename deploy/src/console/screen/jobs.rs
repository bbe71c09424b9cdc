//! What was handed in, what became of it, and the rows that were sent back, to be mended.

use super::{
    of_path,
    search::{Department, department_of},
};
use crate::{
    clock,
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
use serde::Deserialize;
use std::collections::BTreeMap;
use wuwei_schema::Notice;

#[derive(Debug, Deserialize)]
struct Listed {
    jobs: Vec<Job>,
}

#[derive(Debug, Deserialize)]
struct Job {
    job: u64,
    ended: String,
    file: String,
    outcome: String,
    #[serde(default)]
    department: Option<String>,
    #[serde(default)]
    extract: Option<String>,
    #[serde(default)]
    batch: Option<String>,
    read: u64,
    accepted: u64,
    #[serde(default)]
    new: u64,
    #[serde(default)]
    retired: u64,
    #[serde(default)]
    spared: u64,
    rejected: u64,
    skipped: u64,
    #[serde(default)]
    rejects_by_rule: BTreeMap<String, u64>,
    /// Whether there is a workbook to mend.
    #[serde(default)]
    mends: bool,
    #[serde(default)]
    remarks: Vec<Notice>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    kind: Option<String>,
}

#[derive(Debug, Template)]
#[template(path = "jobs.html")]
struct Jobs {
    page: Page,
    read: u64,
    accepted: u64,
    rejected: u64,
    skipped: u64,
    /// Each with the department that it is of, where that is known.
    jobs: Vec<(Option<Department>, Job)>,
}

#[derive(Debug, Template)]
#[template(path = "job.html")]
struct JobPage {
    page: Page,
    job: Job,
    department: String,
    /// What was refused, by rule: whether only a cell was, the words of the rule, its name, how many.
    rules: Vec<(bool, String, String, u64)>,
    /// Whether whoever looks may fetch the workbook to mend, and hand it in.
    mends: bool,
    hands_in: bool,
}

impl Job {
    /// When it ended, where the program runs.
    fn time(&self) -> String {
        clock::local(&self.ended)
    }
}

/// All, the newest first.
pub(crate) async fn all(visit: Visit) -> Result<Response, Problem> {
    let mut jobs = visit.get::<Listed>("/api/v1/jobs").await?.jobs;
    jobs.reverse();
    let page = Page::of(&visit.guest, "jobs");
    let from = |job: Job| (job.department.as_deref().map(|code| department_of(&page, &visit, code)), job);
    let sum = |of: fn(&Job) -> u64| jobs.iter().map(of).sum();
    Ok(html(&Jobs {
        read: sum(|job| job.read),
        accepted: sum(|job| job.accepted),
        rejected: sum(|job| job.rejected),
        skipped: sum(|job| job.skipped),
        jobs: jobs.into_iter().map(from).collect(),
        page,
    }))
}

pub(crate) async fn one(visit: Visit, number: Result<Path<u64>, PathRejection>) -> Result<Response, Problem> {
    let job: Job = visit.get(&format!("/api/v1/jobs/{}", of_path(number)?)).await?;
    let page = Page::of(&visit.guest, "jobs");
    let rule = |(rule, rows): (&String, &u64)| {
        let (name, is_cell) = rule.strip_prefix("cell:").map_or((rule.as_str(), false), |rule| (rule, true));
        let words = page.language.rule(rule).to_owned();
        (is_cell, words, name.to_owned(), *rows)
    };
    let rules = job.rejects_by_rule.iter().map(rule).collect();
    let department = job.department.as_deref().map(|code| super::search::department(&page, &visit, code)).unwrap_or_default();
    let verbs = &visit.inside.signed.verbs;
    let mends = job.mends && verbs.contains(&"rejects");
    let hands_in = verbs.contains(&"ingest");
    Ok(html(&JobPage { page, department, rules, mends, hands_in, job }))
}

/// The workbook of refused rows.
pub(crate) async fn rejects(visit: Visit, number: Result<Path<u64>, PathRejection>) -> Result<Response, Problem> {
    visit.fetch(&format!("/api/v1/jobs/{}/rejects", of_path(number)?), "*/*").await
}
