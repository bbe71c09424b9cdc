//! What is around an entity, as a picture shows it: entities, hubs as stubs with a count, and every edge between them with the row that asserts
//! it. No function of SQL, since it has a shape that rows have not.

use super::{
    Ask, Opening,
    argument::is_day,
    edges::{Edge, Edges, held, pair},
    graph::limits_of,
};
use crate::Error;
use serde::Serialize;
use std::{collections::BTreeSet, sync::Arc};
use wuwei_graph::csr::{self, Budget, Extract};

/// What is wanted.
#[derive(Debug, Clone)]
pub struct Around {
    /// The number that the entity has or had.
    pub entity_id: i64,
    /// Steps from it.
    pub hops: u8,
    /// Relations; all where none is named.
    pub relations: Vec<String>,
    /// The day on which edges hold.
    pub as_of: AsOf,
    /// Neighbours by one relation above which an entity is a hub: it is counted, not walked through.
    pub max_degree: u32,
    /// Entities besides the first.
    pub most: usize,
}

/// A day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AsOf {
    /// That of the question, in Beijing.
    Today,
    /// ISO 8601, as exact as one likes.
    Day(String),
    /// Any.
    Any,
}

impl AsOf {
    /// Whether it is none, or a date that the graph tells from others.
    pub fn is_known(&self) -> bool {
        !matches!(self, AsOf::Day(day) if !is_day(day))
    }
}

/// Entities and edges.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Surroundings {
    /// The day on which the edges hold; none where they are of any time.
    pub as_of: Option<String>,
    /// The first is the one asked for, under its number of today, the others by steps from it. None where nothing in sight is tied to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<Neighbour>,
    /// In order of their ends.
    pub edges: Vec<Tie>,
    /// What there was too much of to show all.
    pub hit: Option<Budget>,
}

/// An entity.
#[derive(Debug, Clone, Serialize)]
pub struct Neighbour {
    /// Its number.
    pub entity_id: i64,
    /// Its type.
    pub entity: String,
    /// Fewest steps from the first.
    pub hops: u8,
    /// By which relations it is a hub.
    pub hubs: Vec<Stub>,
}

/// What stands for the neighbours of a hub.
#[derive(Debug, Clone, Serialize)]
pub struct Stub {
    /// The relation.
    pub relation: String,
    /// How many in sight, each once for each direction.
    pub neighbours: u32,
}

/// An edge, as `graph.edge` has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[expect(missing_docs, reason = "they are columns of a table, whose contract tells what they mean")]
pub struct Tie {
    pub source: i64,
    pub target: i64,
    pub relation: String,
    pub since: Option<String>,
    pub until: Option<String>,
    pub department: String,
    pub extract: String,
    pub batch: String,
    pub sheet: Option<String>,
    pub row: i64,
    /// Whether nothing else here ties its two sides together.
    pub is_bridge: bool,
}

/// What is around an entity on a day.
pub(crate) async fn surroundings(
    ask: &Arc<Ask>,
    graph: &Arc<Opening>,
    wanted: Around,
    as_of: Option<String>,
) -> Result<Surroundings, Error> {
    let graph = graph().await?;
    let Some(start) = graph.node(ask, wanted.entity_id).await? else { return Ok(Surroundings { as_of, ..Surroundings::default() }) };
    let limits = limits_of(wanted.max_degree, wanted.hops, wanted.most);
    let Extract { graph: members, hit } = csr::extract(&graph.file, start, &graph.view(&wanted.relations, as_of.as_deref()), &limits);
    let node = |member: &csr::Member| {
        let (entity_id, entity) = graph.entity(member.node);
        let stub = |(relation, neighbours): &(u8, u32)| Stub { relation: graph.relation(*relation).to_owned(), neighbours: *neighbours };
        Neighbour { entity_id, entity: entity.to_owned(), hops: member.hops, hubs: member.hubs.iter().map(stub).collect() }
    };
    // Of who is alone nothing is told, not even that it is there.
    let nodes: Vec<Neighbour> = members.node_weights().filter(|_| members.node_count() > 1).map(node).collect();
    let id = |node: u32| graph.entity(node).0;
    let extract = Extract { graph: members, hit };
    let bridges: BTreeSet<(i64, i64)> = extract.bridges().into_iter().map(|(one, other)| pair(id(one), id(other))).collect();
    // Only those that were taken out: between two hubs there may be thousands.
    let taken: BTreeSet<_> =
        extract.graph.edge_weights().map(|edge| (id(edge.source), id(edge.target), graph.relation(edge.relation))).collect();
    let pairs = taken.iter().map(|(source, target, _)| pair(*source, *target)).collect();
    let mut edges = Vec::new();
    let take = |edge: Edge| {
        if taken.contains(&(edge.source, edge.target, &*edge.relation)) {
            let is_bridge = bridges.contains(&pair(edge.source, edge.target));
            edges.push(tie(edge, is_bridge));
        }
        held(edges.len())
    };
    Edges { ask: Arc::clone(ask), relations: wanted.relations, as_of: as_of.clone() }.between(&pairs, take).await?;
    edges.sort();
    Ok(Surroundings { as_of, nodes, edges, hit })
}

fn tie(edge: Edge, is_bridge: bool) -> Tie {
    let text = |text: Arc<str>| text.as_ref().to_owned();
    let Edge { relation, source, target, source_type: _, target_type: _, since, until, department, extract, batch, sheet, row } = edge;
    let [relation, department, extract, batch] = [relation, department, extract, batch].map(text);
    let [since, until, sheet] = [since, until, sheet].map(|known| known.map(text));
    Tie { source, target, relation, since, until, department, extract, batch, sheet, row, is_bridge }
}
