//! The graph around an entity, as a picture made here: who and what it is tied to, which of it no longer holds, and of each tie the row that
//! says so. From each entity one goes on to its file, or to the picture around it. How two hang together is in `path`.

mod draw;
mod layout;
pub(crate) mod path;
mod told;

use super::{of_path, of_query, search::kind_of};
use crate::{
    clock,
    console::{
        guest::Visit,
        link,
        page::{Page, html},
    },
    serve::problem::Problem,
};
use askama::Template;
use axum::{
    extract::{
        Path, Query,
        rejection::{PathRejection, QueryRejection},
    },
    response::Response,
};
use draw::{Drawing, SHAPES, draw, file, relation};
use std::collections::{BTreeMap, BTreeSet};
use told::{Node, Picture, Tie};

/// Steps from the entity that one may choose, and entities that are drawn at most.
const HOPS: [u8; 4] = [1, 2, 3, 4];
const MOST: [usize; 3] = [60, 150, 300];
/// Before the name of a relation that is chosen, in an address.
const CHOSEN: &str = "r-";

#[derive(Debug, Template)]
#[template(path = "graph.html")]
struct GraphPage {
    page: Page,
    id: i64,
    caption: String,
    kind: String,
    file: String,
    drawing: Option<Drawing>,
    shapes: [(&'static str, &'static str); 5],
    wanted: Wanted,
    /// The choices, as the query of an address: they stay while one goes from picture to picture.
    query: String,
    relations: Vec<Choice>,
    hops: [u8; 4],
    most: [usize; 3],
    rows: Vec<Row>,
    hubs: Vec<Hub>,
    /// Whether there is more than is drawn.
    more: bool,
}

/// What is chosen.
#[derive(Debug)]
struct Wanted {
    hops: u8,
    most: usize,
    /// A day; blank for any.
    as_of: String,
    relations: BTreeSet<String>,
    /// Relations that were there before some were chosen.
    known: BTreeSet<String>,
}

/// A relation that may be chosen.
#[derive(Debug)]
struct Choice {
    name: String,
    label: String,
    is_chosen: bool,
}

/// A tie, in the table.
#[derive(Debug)]
struct Row {
    relation: String,
    from: End,
    to: End,
    since: String,
    until: String,
    department: String,
    extract: String,
    place: String,
}

#[derive(Debug, Clone)]
struct End {
    caption: String,
    kind: String,
    file: String,
}

/// An entity with more neighbours than are walked through.
#[derive(Debug)]
struct Hub {
    end: End,
    relations: Vec<(String, u64)>,
}

pub(crate) async fn show(
    visit: Visit,
    id: Result<Path<i64>, PathRejection>,
    query: Result<Query<BTreeMap<String, String>>, QueryRejection>,
) -> Result<Response, Problem> {
    let (id, mut wanted) = (of_path(id)?, Wanted::of(&visit, &of_query(query)?));
    let picture: Picture = visit.get(&wanted.asked(id)).await?;
    let page = Page::of(&visit.guest, "graph");
    wanted.known.extend(picture.edges.iter().map(|tie| tie.relation.clone()));
    let ends: BTreeMap<i64, End> = picture.nodes.iter().map(|node| (node.entity_id, end(&page, &visit, node))).collect();
    let middle = picture.nodes.first();
    let choice =
        |name: &String| Choice { label: relation(&page, &visit, name), is_chosen: wanted.relations.contains(name), name: name.clone() };
    Ok(html(&GraphPage {
        id: middle.map_or(id, |node| node.entity_id),
        caption: middle.and_then(|node| node.caption.clone()).unwrap_or_else(|| id.to_string()),
        kind: middle.map(|node| kind_of(&page, &visit, &node.entity)).unwrap_or_default(),
        file: middle.map_or_else(|| format!("/person/{id}"), file),
        drawing: (!picture.nodes.is_empty()).then(|| draw(&page, &visit, &picture, &clock::today())),
        shapes: SHAPES,
        query: wanted.query(),
        relations: wanted.known.iter().map(choice).collect(),
        hops: HOPS,
        most: MOST,
        rows: picture.edges.iter().filter_map(|tie| row(&page, &visit, &ends, tie)).collect(),
        hubs: picture.nodes.iter().filter(|node| !node.hubs.is_empty()).filter_map(|node| hub(&page, &visit, &ends, node)).collect(),
        // That it ends after so many steps was asked for.
        more: picture.hit.is_some_and(|hit| hit != "hops"),
        page,
        wanted,
    }))
}

impl Wanted {
    /// What an address chooses, as far as it can be chosen.
    fn of(visit: &Visit, query: &BTreeMap<String, String>) -> Wanted {
        let text = |name: &str| query.get(name).map(|text| text.trim()).unwrap_or_default();
        let model = &visit.guest.console.state.hub();
        let is_relation = |name: &&str| model.definitions.model.relation(name).is_some();
        let hops = text("hops").parse().ok().filter(|hops| HOPS.contains(hops));
        let most = text("most").parse().ok().filter(|most| MOST.contains(most));
        let chosen = query.keys().filter_map(|name| name.strip_prefix(CHOSEN)).filter(is_relation);
        let relations: BTreeSet<String> = chosen.map(str::to_owned).collect();
        let known = text("known").split(',').filter(is_relation).map(str::to_owned).chain(relations.clone()).collect();
        Wanted { hops: hops.unwrap_or(2), most: most.unwrap_or(MOST[1]), as_of: text("as_of").to_owned(), relations, known }
    }

    /// Where the API is asked for it.
    fn asked(&self, id: i64) -> String {
        let (hops, most) = (self.hops.to_string(), self.most.to_string());
        let as_of = if self.as_of.is_empty() { "any" } else { &self.as_of };
        let types = self.relations.iter().cloned().collect::<Vec<_>>().join(",");
        let mut query = vec![("hops", hops.as_str()), ("limit", most.as_str()), ("as_of", as_of), ("max_degree", "40")];
        if !types.is_empty() {
            query.push(("types", &types));
        }
        link::with(&format!("/api/v1/entities/{id}/graph"), &query)
    }

    fn query(&self) -> String {
        let (hops, most) = (self.hops.to_string(), self.most.to_string());
        let chosen: Vec<String> = self.relations.iter().map(|name| format!("{CHOSEN}{name}")).collect();
        let mut query = vec![("hops", hops.as_str()), ("most", most.as_str())];
        query.extend([("as_of", self.as_of.as_str())].into_iter().filter(|(_, day)| !day.is_empty()));
        query.extend(chosen.iter().map(|name| (name.as_str(), "1")));
        link::with("", &query)
    }

    /// What is known, with commas between.
    fn names(&self) -> String {
        self.known.iter().cloned().collect::<Vec<_>>().join(",")
    }
}

fn end(page: &Page, visit: &Visit, node: &Node) -> End {
    let caption = node.caption.clone().unwrap_or_else(|| node.entity_id.to_string());
    End { caption, kind: kind_of(page, visit, &node.entity), file: file(node) }
}

fn row(page: &Page, visit: &Visit, ends: &BTreeMap<i64, End>, tie: &Tie) -> Option<Row> {
    Some(Row {
        relation: relation(page, visit, &tie.relation),
        from: ends.get(&tie.source)?.clone(),
        to: ends.get(&tie.target)?.clone(),
        since: tie.since.clone().unwrap_or_default(),
        until: tie.until.clone().unwrap_or_default(),
        department: tie.department.clone(),
        extract: tie.extract.clone(),
        place: place(tie.sheet.as_deref(), tie.row),
    })
}

/// Sheet and row, as far as there are sheets.
fn place(sheet: Option<&str>, row: i64) -> String {
    sheet.filter(|sheet| !sheet.is_empty()).map_or_else(|| row.to_string(), |sheet| format!("{sheet}:{row}"))
}

fn hub(page: &Page, visit: &Visit, ends: &BTreeMap<i64, End>, node: &Node) -> Option<Hub> {
    let relations = node.hubs.iter().map(|stub| (relation(page, visit, &stub.relation), stub.neighbours)).collect();
    Some(Hub { end: ends.get(&node.entity_id)?.clone(), relations })
}
