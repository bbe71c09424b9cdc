//! How many events there were where: by cells of half a kilometre where whoever looks sees coordinates, else by the place that events lie in,
//! else by the township of their address. What is fewer than ten is not told, nor what would tell of fewer than ten by subtraction.

mod counts;
mod question;
mod tiles;

use super::{of_query, plain, search::kind_of};
use crate::{
    clock,
    console::{
        api::Rows,
        guest::Visit,
        page::{Page, html},
    },
    serve::problem::Problem,
};
use askama::Template;
use axum::{
    extract::{Query, rejection::QueryRejection},
    response::Response,
};
use counts::{Count, LEAST, View, view};
use question::{Source, Where, sources};
use serde::Deserialize;
use std::collections::BTreeMap;
use tiles::{Map, map};

/// Counts that a page is made of at most.
const MOST: usize = 60_000;
/// Years that are offered, this one the last.
const YEARS: i32 = 5;
const QUARTERS: [u8; 4] = [1, 2, 3, 4];

#[derive(Debug, Template)]
#[template(path = "density.html")]
struct Density {
    page: Page,
    /// Event types that can be counted, with what they are called.
    offered: Vec<(String, String)>,
    what: String,
    years: Vec<String>,
    year: String,
    quarters: [u8; 4],
    quarter: u8,
    /// Kinds of which there are ten at least.
    kinds: Vec<String>,
    kind: String,
    /// Key of what the places are.
    by: &'static str,
    map: Option<Map>,
    rows: Vec<Row>,
    total: Option<u64>,
    withheld: usize,
    /// Whether there are more counts than a page is made of.
    is_cut: bool,
}

/// A place in the table.
#[derive(Debug)]
struct Row {
    name: String,
    events: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    what: String,
    year: String,
    quarter: String,
    kind: String,
}

pub(crate) async fn show(visit: Visit, wanted: Result<Query<Wanted>, QueryRejection>) -> Result<Response, Problem> {
    let wanted = of_query(wanted)?;
    let page = Page::of(&visit.guest, "density");
    let sources = sources(&visit).await?;
    let years = years(&clock::today());
    let year = years.iter().find(|year| **year == wanted.year).or(years.first()).cloned().unwrap_or_default();
    let quarter = wanted.quarter.parse().ok().filter(|quarter| QUARTERS.contains(quarter)).unwrap_or_default();
    let offered = sources.iter().map(|source| (source.entity.clone(), kind_of(&page, &visit, &source.entity))).collect();
    let source = sources.iter().find(|source| source.entity == wanted.what).or(sources.first());
    let mut screen = Density {
        what: source.map(|source| source.entity.clone()).unwrap_or_default(),
        by: source.map_or("density.by_place", |source| source.at.word()),
        page,
        offered,
        years,
        year,
        quarters: QUARTERS,
        quarter,
        kinds: Vec::new(),
        kind: String::new(),
        map: None,
        rows: Vec::new(),
        total: None,
        withheld: 0,
        is_cut: false,
    };
    if let Some(source) = source {
        let counts = counted(&visit, source, &screen.year).await?;
        screen.is_cut = counts.len() > MOST;
        if !screen.is_cut {
            fill(&mut screen, source, &counts, &wanted.kind);
        }
    }
    Ok(html(&screen))
}

/// The newest first.
fn years(today: &str) -> Vec<String> {
    let this: i32 = today.get(..4).and_then(|year| year.parse().ok()).unwrap_or_default();
    (0..YEARS).map(|back| (this - back).to_string()).collect()
}

/// The finest counts of a year: all that is told is made of them, so that no two pages differ by less.
async fn counted(visit: &Visit, source: &Source, year: &str) -> Result<Vec<Count>, Problem> {
    let Rows { rows, .. } = visit.rows(&source.question(year, MOST + 1)).await?;
    let count = |row: &Vec<serde_json::Value>| match row.as_slice() {
        [place, kind, quarter, events] => Some(Count {
            place: plain(place),
            kind: plain(kind),
            quarter: quarter.as_u64().and_then(|quarter| u8::try_from(quarter).ok())?,
            events: events.as_u64()?,
        }),
        _ => None,
    };
    Ok(rows.iter().filter_map(count).collect())
}

fn fill(screen: &mut Density, source: &Source, counts: &[Count], kind: &str) {
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    counts.iter().for_each(|count| *kinds.entry(&count.kind).or_default() += count.events);
    let known = kinds.into_iter().filter(|(kind, events)| !kind.is_empty() && *events >= LEAST);
    screen.kinds = known.map(|(kind, _)| kind.to_owned()).collect();
    screen.kind = screen.kinds.iter().find(|known| *known == kind).cloned().unwrap_or_default();
    let chosen = Some(screen.kind.as_str()).filter(|kind| !kind.is_empty());
    let View { places, total } = view(counts, chosen, Some(screen.quarter).filter(|quarter| *quarter > 0));
    screen.total = total;
    screen.withheld = places.values().filter(|events| events.is_none()).count();
    screen.map = (!places.is_empty()).then(|| map(&places, source.at == Where::Coordinates));
    let row = |(place, events): (&String, &Option<u64>)| Row { name: source.at.name(place), events: *events };
    screen.rows = places.iter().map(row).collect();
    // The most first, then what is not told, each by its name.
    screen.rows.sort_by(|left, right| right.events.cmp(&left.events).then_with(|| left.name.cmp(&right.name)));
}

#[cfg(test)]
mod tests {
    #[test]
    fn this_year_stands_first() {
        assert_eq!(super::years("2026-11-29"), ["2026", "2025", "2024", "2023", "2022"]);
    }
}
