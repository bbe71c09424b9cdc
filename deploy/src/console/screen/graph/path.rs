//! How two entities hang together: one shortest way between them, each step with the row that says so. Who is meant may be typed as a number,
//! or as words, of which those that are found can be chosen.

use super::{
    draw::{file, relation},
    place,
    told::{self, Node, Step},
};
use crate::{
    console::{
        guest::Visit,
        link,
        page::{Page, html},
        screen::{
            of_query,
            search::{kind_of, meant},
        },
    },
    serve::problem::Problem,
};
use askama::Template;
use axum::{
    extract::{Query, rejection::QueryRejection},
    response::Response,
};
use serde::Deserialize;

/// Entities that are offered for words.
const OFFERED: usize = 8;
/// Steps of a way at most.
const STEPS: &str = "8";

#[derive(Debug, Template)]
#[template(path = "path.html")]
struct PathPage {
    page: Page,
    /// From where, and to where.
    sides: [Side; 2],
    as_of: String,
    /// The way, when both are known; blank where there is none in sight.
    way: Option<Vec<Stop>>,
}

/// One end, as it was typed.
#[derive(Debug)]
struct Side {
    typed: String,
    number: Option<i64>,
    /// Whether words were looked for that nobody has.
    is_nobody: bool,
    /// Whom the words may mean: type, caption, and the page with that one chosen.
    offered: Vec<(String, String, String)>,
}

/// An entity on the way, and how one came to it.
#[derive(Debug)]
struct Stop {
    id: i64,
    kind: String,
    caption: String,
    file: String,
    by: Option<By>,
}

#[derive(Debug)]
struct By {
    relation: String,
    forward: bool,
    /// Edges beside the one that is told.
    more: u64,
    when: String,
    row: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    from: String,
    to: String,
    as_of: String,
}

pub(crate) async fn show(visit: Visit, wanted: Result<Query<Wanted>, QueryRejection>) -> Result<Response, Problem> {
    let Wanted { from, to, as_of } = of_query(wanted)?;
    let (from, to, as_of) = (from.trim(), to.trim(), as_of.trim());
    let page = Page::of(&visit.guest, "graph");
    let chosen = |from: &str, to: &str| link::with("/path", &[("from", from), ("to", to), ("as_of", as_of)]);
    let sides = [side(&page, &visit, from, |id| chosen(id, to)).await?, side(&page, &visit, to, |id| chosen(from, id)).await?];
    let way = match (sides[0].number, sides[1].number) {
        (Some(one), Some(other)) => Some(way(&page, &visit, [one, other], as_of).await?),
        _ => None,
    };
    Ok(html(&PathPage { page, sides, as_of: as_of.to_owned(), way }))
}

async fn side(page: &Page, visit: &Visit, typed: &str, chosen: impl Fn(&str) -> String) -> Result<Side, Problem> {
    let number = typed.parse::<i64>().ok();
    let looks = number.is_none() && !typed.is_empty() && visit.inside.signed.verbs.contains(&"people");
    let found = if looks { meant(page, visit, typed, OFFERED).await? } else { Vec::new() };
    let is_nobody = looks && found.is_empty();
    let offered = found.into_iter().map(|(id, kind, caption)| (kind, caption, chosen(&id.to_string()))).collect();
    Ok(Side { typed: typed.to_owned(), number, is_nobody, offered })
}

async fn way(page: &Page, visit: &Visit, [one, other]: [i64; 2], as_of: &str) -> Result<Vec<Stop>, Problem> {
    let as_of = if as_of.is_empty() { "any" } else { as_of };
    let path = link::with(&format!("/api/v1/entities/{one}/path/{other}"), &[("hops", STEPS), ("as_of", as_of)]);
    let told::Path { nodes, steps } = visit.get(&path).await?;
    let steps = std::iter::once(None).chain(steps.iter().map(Some));
    Ok(nodes.iter().zip(steps).map(|(node, step)| stop(page, visit, node, step)).collect())
}

fn stop(page: &Page, visit: &Visit, node: &Node, step: Option<&Step>) -> Stop {
    let by = step.map(|step| By {
        relation: relation(page, visit, &step.relation),
        forward: step.forward,
        more: step.edges.saturating_sub(1),
        when: match (&step.since, &step.until) {
            (None, None) => String::new(),
            (since, until) => format!("{} – {}", since.as_deref().unwrap_or_default(), until.as_deref().unwrap_or_default()),
        },
        row: format!("{} · {}:{}", step.department, step.extract, place(step.sheet.as_deref(), step.row)),
    });
    let caption = node.caption.clone().unwrap_or_else(|| node.entity_id.to_string());
    Stop { id: node.entity_id, kind: kind_of(page, visit, &node.entity), caption, file: file(node), by }
}
