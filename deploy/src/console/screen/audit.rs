//! Who looked at whom, when and what for, with the alarms that were raised; and the proof that every entry stands as it was written.

use super::{Trouble, of_query};
use crate::{
    clock,
    console::{
        guest::Visit,
        link,
        page::{Page, html},
    },
    serve::problem::{Code, Problem},
};
use askama::Template;
use axum::{
    extract::{Query, rejection::QueryRejection},
    response::Response,
};
use serde::Deserialize;

/// Entries of a page.
const ROWS: &str = "100";
/// How an outcome may begin, to choose from.
const OUTCOMES: [&str; 4] = ["asked", "answered", "refused", "failed"];

/// What is looked for, as it was typed; what is blank is not asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Sought {
    person: String,
    principal: String,
    table: String,
    kind: String,
    purpose: String,
    outcome: String,
    since: String,
    until: String,
    before: String,
}

impl Sought {
    fn pairs(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("person", &self.person),
            ("principal", &self.principal),
            ("table", &self.table),
            ("kind", &self.kind),
            ("purpose", &self.purpose),
            ("outcome", &self.outcome),
            ("since", &self.since),
            ("until", &self.until),
            ("before", &self.before),
        ];
        all.into_iter().map(|(name, typed)| (name, typed.trim())).filter(|(_, typed)| !typed.is_empty()).collect()
    }

    /// The page of the same search before an entry.
    fn before(&self, number: u64) -> String {
        let number = number.to_string();
        let others = self.pairs().into_iter().filter(|(name, _)| *name != "before");
        link::with("/audit", &others.chain([("before", number.as_str())]).collect::<Vec<_>>())
    }
}

/// What the API found.
#[derive(Debug, Default, Deserialize)]
struct Hits {
    hits: Vec<Hit>,
    more: bool,
}

#[derive(Debug, Deserialize)]
struct Hit {
    seq: u64,
    at: i64,
    principal: String,
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    department: Option<String>,
    #[serde(default)]
    origin: Option<String>,
    purpose: String,
    kind: String,
    #[serde(default)]
    statement: Option<String>,
    #[serde(default)]
    tables: Vec<String>,
    #[serde(default)]
    columns: Vec<String>,
    outcome: String,
    #[serde(default)]
    of: Option<u64>,
    #[serde(default)]
    rows: Option<u64>,
    #[serde(default)]
    persons: Vec<i64>,
    #[serde(default)]
    more: Option<u64>,
    hash: String,
    #[serde(default)]
    possible: bool,
}

impl Hit {
    /// When, where the program runs.
    fn time(&self) -> String {
        clock::local(&clock::time(self.at))
    }

    /// How it ended, in one word where there is one.
    fn ended(&self) -> &str {
        self.outcome.split_once(": ").map_or(&self.outcome, |(ended, _)| ended)
    }

    /// Over which wire, and from where.
    fn from(&self, page: &Page) -> String {
        let origin = self.origin.as_deref().unwrap_or_default();
        match origin.split_once(' ') {
            Some((wire, address)) => format!("{} {address}", page.of_key("wire", wire)),
            None => page.of_key("wire", origin),
        }
    }

    /// Why, as the audit has it.
    fn why(&self) -> &str {
        self.outcome.split_once(": ").map_or("", |(_, why)| why)
    }

    fn count(&self) -> u64 {
        self.persons.len() as u64 + self.more.unwrap_or_default()
    }

    /// The page of all that whoever asked looked at.
    fn whose(&self) -> String {
        link::with("/audit", &[("principal", &self.principal)])
    }

    /// The page that begins with the entry that this one closes.
    fn closes(&self) -> String {
        format!("/audit?before={}", self.of.unwrap_or_default() + 1)
    }

    fn is_alarm(&self) -> bool {
        self.kind == "alarm"
    }
}

#[derive(Debug, Template)]
#[template(path = "audit.html")]
struct AuditPage {
    page: Page,
    sought: Sought,
    /// Why nothing was looked for.
    wrong: Option<Trouble>,
    /// What a look may be of, and how its outcome may begin, each with whether that is looked for.
    kinds: Vec<(String, bool)>,
    outcomes: [(&'static str, bool); 4],
    hits: Vec<Hit>,
    older: Option<String>,
}

pub(crate) async fn search(visit: Visit, sought: Result<Query<Sought>, QueryRejection>) -> Result<Response, Problem> {
    let sought = of_query(sought)?;
    let asked = [sought.pairs(), vec![("limit", ROWS)]].concat();
    let (found, wrong) = match visit.get::<Hits>(&link::with("/api/v1/audit", &asked)).await {
        Ok(found) => (found, None),
        // A number or date that is none: the form is shown again with what was typed.
        Err(problem) if [Code::BadRequest, Code::NotPossible].contains(&problem.code) => (Hits::default(), Some(Trouble::of(&problem))),
        Err(problem) => return Err(problem),
    };
    let older = found.hits.last().filter(|_| found.more).map(|last| sought.before(last.seq));
    let page = Page::of(&visit.guest, "audit");
    let kinds = kinds(&page, &sought.kind);
    let outcomes = OUTCOMES.map(|outcome| (outcome, sought.outcome == outcome));
    Ok(html(&AuditPage { page, sought, wrong, kinds, outcomes, hits: found.hits, older }))
}

/// The kinds that there are words for, and the one that is looked for.
fn kinds(page: &Page, sought: &str) -> Vec<(String, bool)> {
    let mut kinds: Vec<(String, bool)> = page.language.keys("looked").map(|kind| (kind.to_owned(), kind == sought)).collect();
    if !sought.is_empty() && kinds.iter().all(|(_, is_sought)| !is_sought) {
        kinds.push((sought.to_owned(), true));
    }
    kinds
}

#[derive(Debug, Deserialize)]
struct Verified {
    entries: u64,
    segments: u64,
    removed: u64,
    checkpoint: String,
    since: Option<u64>,
}

#[derive(Debug, Template)]
#[template(path = "audit_proof.html")]
struct Proof {
    page: Page,
    since: String,
    proven: Option<Verified>,
    /// Whether the chain is not as it was written.
    is_broken: bool,
    wrong: Option<Trouble>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Since {
    since: String,
}

/// Proves the chain, from a checkpoint on if one is given.
pub(crate) async fn verify(visit: Visit, since: Result<Query<Since>, QueryRejection>) -> Result<Response, Problem> {
    let since = of_query(since)?.since.trim().to_owned();
    let asked: Vec<(&str, &str)> = [("since", since.as_str())].into_iter().filter(|(_, since)| !since.is_empty()).collect();
    let (proven, is_broken, wrong) = match visit.get::<Verified>(&link::with("/api/v1/audit/verify", &asked)).await {
        Ok(proven) => (Some(proven), false, None),
        Err(problem) if problem.code == Code::Unaccounted => (None, true, None),
        Err(problem) if problem.code == Code::NotPossible => (None, false, Some(Trouble::of(&problem))),
        Err(problem) => return Err(problem),
    };
    Ok(html(&Proof { page: Page::of(&visit.guest, "audit"), since, proven, is_broken, wrong }))
}
