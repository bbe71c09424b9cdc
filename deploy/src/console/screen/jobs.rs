//! What was handed in, what became of it, and the rows that were sent back, to be mended.

use super::of_path;
use crate::{
    clock,
    console::{
        guest::Visit,
        page::{Page, html},
        words::Language,
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
    #[serde(default)]
    remarks: Vec<String>,
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
    jobs: Vec<Job>,
}

#[derive(Debug, Template)]
#[template(path = "job.html")]
struct JobPage {
    page: Page,
    job: Job,
    department: String,
    /// What was refused, by rule: whether only a cell was, the words of the rule, its name, how many.
    rules: Vec<(bool, String, String, u64)>,
    /// Whether there is a workbook to mend.
    mends: bool,
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
    let sum = |of: fn(&Job) -> u64| jobs.iter().map(of).sum();
    Ok(html(&Jobs {
        page: Page::of(&visit.guest, "jobs"),
        read: sum(|job| job.read),
        accepted: sum(|job| job.accepted),
        rejected: sum(|job| job.rejected),
        skipped: sum(|job| job.skipped),
        jobs,
    }))
}

pub(crate) async fn one(visit: Visit, number: Result<Path<u64>, PathRejection>) -> Result<Response, Problem> {
    let job: Job = visit.get(&format!("/api/v1/jobs/{}", of_path(number)?)).await?;
    let page = Page::of(&visit.guest, "jobs");
    let rule = |(rule, rows): (&String, &u64)| {
        let (name, is_cell) = rule.strip_prefix("cell:").map_or((rule.as_str(), false), |rule| (rule, true));
        let words = if page.language == Language::Chinese { wuwei_ingest::rule_words(rule).to_owned() } else { name.replace('_', " ") };
        (is_cell, words, name.to_owned(), *rows)
    };
    let rules = job.rejects_by_rule.iter().map(rule).collect();
    let department = job.department.as_deref().map(|code| super::search::department(&page, &visit, code)).unwrap_or_default();
    let mends = job.rejected > 0 && job.batch.is_some() && visit.inside.signed.verbs.contains(&"rejects");
    Ok(html(&JobPage { page, department, rules, mends, job }))
}

/// The workbook of refused rows.
pub(crate) async fn rejects(visit: Visit, number: Result<Path<u64>, PathRejection>) -> Result<Response, Problem> {
    visit.fetch(&format!("/api/v1/jobs/{}/rejects", of_path(number)?)).await
}
