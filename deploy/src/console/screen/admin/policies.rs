//! Who sees what: of a role with a purpose every table, which rows of it and what in clear, and what they may do, as the policies answer; with
//! the registered purposes, the limits, the alarms and the policies as they are written.

use super::Purpose;
use crate::{
    console::{
        guest::Visit,
        link,
        page::{Page, html},
        screen::{
            of_query,
            search::{department, kind_of},
        },
        words::Named,
    },
    serve::problem::Problem,
};
use askama::Template;
use axum::{
    extract::{Query, rejection::QueryRejection},
    response::Response,
};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Policies {
    second_factor: Vec<String>,
    purposes: Vec<Purpose>,
    limits: Vec<Limit>,
    alarms: Vec<Alarm>,
    written: Vec<Written>,
    #[serde(default)]
    tables: Vec<Seen>,
    #[serde(default)]
    verbs: Vec<String>,
}

/// The policies of a file, in Cedar.
#[derive(Debug, Deserialize)]
struct Written {
    file: String,
    policies: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Limit {
    roles: Vec<String>,
    seconds: Option<u64>,
    rows: Option<u64>,
    memory_mb: Option<u64>,
    running: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Alarm {
    name: String,
    counts: String,
    within: String,
    at: u64,
    roles: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Seen {
    namespace: String,
    name: String,
    #[serde(flatten)]
    meaning: Named,
    rows: String,
    clear: String,
}

/// Tables of which the same is seen.
#[derive(Debug)]
struct Alike {
    rows: String,
    clear: String,
    count: usize,
    /// By namespace.
    tables: Vec<(String, Vec<Seen>)>,
}

/// A role with a purpose that it may state, and of which department if that matters.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Chosen {
    role: String,
    purpose: String,
    department: String,
}

#[derive(Debug, Template)]
#[template(path = "admin_policies.html")]
struct Shown {
    page: Page,
    chosen: Chosen,
    /// The address of each role and purpose, and whether it is the one that is shown.
    pairs: Vec<(Pair, String, bool)>,
    /// Each with the types and departments that it needs, by their names.
    purposes: Vec<(Purpose, String, String)>,
    told: Policies,
    seen: Vec<Alike>,
}

#[derive(Debug)]
struct Pair {
    role: String,
    purpose: String,
    department: String,
}

fn pairs(purposes: &[Purpose]) -> Vec<Pair> {
    let of = |purpose: &Purpose| {
        let department = purpose.departments.first().cloned().unwrap_or_default();
        let pair = |role: &String| Pair { role: role.clone(), purpose: purpose.name.clone(), department: department.clone() };
        purpose.roles.iter().map(pair).collect::<Vec<_>>()
    };
    purposes.iter().flat_map(of).collect()
}

impl Pair {
    fn query(&self) -> Vec<(&'static str, &str)> {
        let all = [("role", self.role.as_str()), ("purpose", self.purpose.as_str()), ("department", self.department.as_str())];
        all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }
}

pub(crate) async fn show(visit: Visit, chosen: Result<Query<Chosen>, QueryRejection>) -> Result<Response, Problem> {
    let chosen = of_query(chosen)?;
    let asked = Pair { role: chosen.role.clone(), purpose: chosen.purpose.clone(), department: chosen.department.clone() };
    let mut told: Policies = visit.get(&link::with("/api/v1/policies", &asked.query())).await?;
    let shown = |pair: &Pair| pair.role == chosen.role && pair.purpose == chosen.purpose;
    let pairs = pairs(&told.purposes).into_iter().map(|pair| {
        let (path, is_shown) = (link::with("/admin/policies", &pair.query()), shown(&pair));
        (pair, path, is_shown)
    });
    let pairs = pairs.collect();
    let page = Page::of(&visit.guest, "policies");
    let purposes = std::mem::take(&mut told.purposes).into_iter().map(|purpose| {
        let types = named(&page, &purpose.types, |kind| kind_of(&page, &visit, kind));
        let sources = named(&page, &purpose.sources, |code| department(&page, &visit, code));
        (purpose, types, sources)
    });
    let purposes = purposes.collect();
    let seen = alike(std::mem::take(&mut told.tables));
    Ok(html(&Shown { page, chosen, pairs, purposes, told, seen }))
}

/// The tables by what is seen of them, as whoever reviews policies compares them.
fn alike(mut tables: Vec<Seen>) -> Vec<Alike> {
    let key = |seen: &Seen| (seen.rows.clone(), seen.clear.clone(), seen.namespace.clone(), seen.name.clone());
    tables.sort_by_key(key);
    let mut all: Vec<Alike> = Vec::new();
    for seen in tables {
        if all.last().is_none_or(|last| (&last.rows, &last.clear) != (&seen.rows, &seen.clear)) {
            all.push(Alike { rows: seen.rows.clone(), clear: seen.clear.clone(), count: 0, tables: Vec::new() });
        }
        let Some(last) = all.last_mut() else { continue };
        last.count += 1;
        match last.tables.last_mut().filter(|(namespace, _)| *namespace == seen.namespace) {
            Some((_, known)) => known.push(seen),
            None => last.tables.push((seen.namespace.clone(), vec![seen])),
        }
    }
    all
}

/// What a purpose needs, by name; all of them where it needs all.
fn named(page: &Page, what: &[String], name: impl Fn(&str) -> String) -> String {
    let one = |what: &String| if what == "*" { page.t("admin.all").to_owned() } else { name(what) };
    what.iter().map(one).collect::<Vec<_>>().join(page.t("sign.and"))
}
