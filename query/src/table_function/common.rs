//! What two entities are both tied to.

use super::{
    Ask, TableFunction,
    argument::{Argument, Arguments, Otherwise, Takes},
    edges::{READS, held},
    graph::SeenGraph,
    made,
    neighbours::{AS_OF, TYPES},
};
use crate::Error;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::DataType;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use wuwei_graph::csr::{self, View};

pub(super) const FUNCTION: TableFunction = TableFunction {
    name: "common_neighbours",
    zh: "与两个实体都有关系的实体，relations_a、relations_b 为各自的关系名",
    en: "Entities to which two are both tied, with the relations of each to them",
    arguments: &[
        Argument { name: "a", takes: Takes::Entity, otherwise: Otherwise::Wanted },
        Argument { name: "b", takes: Takes::Entity, otherwise: Otherwise::Wanted },
        TYPES,
        AS_OF,
    ],
    columns: &[
        ("entity_id", DataType::Int64),
        ("entity", DataType::Utf8),
        ("relations_a", DataType::Utf8),
        ("relations_b", DataType::Utf8),
    ],
    reads: READS,
    reads_as_seen: None,
    rows: |inside, given| Box::pin(common(inside.ask, given)),
    example: "SELECT c.entity_id, c.entity, c.relations_a, c.relations_b FROM common_neighbours(1001, 1002) c",
};

/// The relations to either.
type Shared = (Arc<str>, [String; 2]);

async fn common(ask: Arc<Ask>, given: Arguments) -> Result<RecordBatch, Error> {
    let (Some(a), Some(b)) = (given.number(0), given.number(1)) else { return rows(&BTreeMap::new()) };
    let graph = given.graph().await?;
    let (Some(a), Some(b)) = (graph.node(&ask, a).await?, graph.node(&ask, b).await?) else { return rows(&BTreeMap::new()) };
    let view = graph.view(&given.names(2), given.text(3));
    let [of_a, of_b] = [a, b].map(|node| near(&graph, node, &view));
    let (of_a, of_b) = (of_a?, of_b?);
    let shared = of_a.into_iter().filter(|(node, _)| ![a, b].contains(node));
    let shared = shared.filter_map(|(node, to_a)| {
        let (id, entity) = graph.entity(node);
        Some((
            id,
            (Arc::from(entity), [to_a, of_b.get(&node)?.clone()].map(|relations| relations.into_iter().collect::<Vec<_>>().join(","))),
        ))
    });
    rows(&shared.collect())
}

/// The nodes next to one, with the relations by which they are.
fn near<'g>(graph: &'g SeenGraph, node: u32, view: &View<'_>) -> Result<BTreeMap<u32, BTreeSet<&'g str>>, Error> {
    let mut near = BTreeMap::<u32, BTreeSet<&str>>::new();
    for edge in csr::edges_of(&graph.file, node, view) {
        let other = if edge.source == node { edge.target } else { edge.source };
        near.entry(other).or_default().insert(graph.relation(edge.relation));
        held(near.len())?;
    }
    Ok(near)
}

fn rows(shared: &BTreeMap<i64, Shared>) -> Result<RecordBatch, Error> {
    let relations = |of: usize| Arc::new(StringArray::from_iter_values(shared.values().map(|shared| &shared.1[of]))) as ArrayRef;
    let columns = vec![
        Arc::new(Int64Array::from_iter_values(shared.keys().copied())) as ArrayRef,
        Arc::new(StringArray::from_iter_values(shared.values().map(|shared| &shared.0))),
        relations(0),
        relations(1),
    ];
    made(FUNCTION.columns, columns)
}
