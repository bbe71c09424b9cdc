//! What two entities are both tied to.

use super::{
    Ask, TableFunction,
    argument::{Argument, Arguments, Otherwise, Takes},
    edges::{READS, held},
    graph::{Said, SeenGraph, rows},
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
    zh: "与两个实体都有关系的实体，relations_a、relations_b 为各自的关系名，其后为各自一条依据的来源行（_a、_b）",
    en: "Entities to which two are both tied, with the relations of each to them, and of each one row that says so (`_a`, `_b`)",
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
        ("department_a", DataType::Utf8),
        ("extract_a", DataType::Utf8),
        ("batch_a", DataType::Utf8),
        ("sheet_a", DataType::Utf8),
        ("row_a", DataType::Int64),
        ("department_b", DataType::Utf8),
        ("extract_b", DataType::Utf8),
        ("batch_b", DataType::Utf8),
        ("sheet_b", DataType::Utf8),
        ("row_b", DataType::Int64),
    ],
    reads: READS,
    reads_as_seen: None,
    rows: |inside, given| Box::pin(common(inside.ask, given)),
    example: "SELECT c.entity_id, c.entity, c.relations_a, c.relations_b FROM common_neighbours(1001, 1002) c",
};

/// The relations to a node, and the row that asserts the first edge.
type Tied<'g> = (BTreeSet<&'g str>, Said<'g>);

/// What is tied to both: its type, and how to either.
type Shared<'g> = (&'g str, [Tied<'g>; 2]);

async fn common(ask: Arc<Ask>, given: Arguments) -> Result<RecordBatch, Error> {
    let (Some(a), Some(b)) = (given.number(0), given.number(1)) else { return table(&BTreeMap::new()) };
    let graph = given.graph().await?;
    let (Some(a), Some(b)) = (graph.node(&ask, a).await?, graph.node(&ask, b).await?) else { return table(&BTreeMap::new()) };
    let view = graph.view(&given.names(2), given.text(3));
    let (of_a, mut of_b) = (near(&graph, a, &view)?, near(&graph, b, &view)?);
    let shared = of_a.into_iter().filter(|(node, _)| ![a, b].contains(node));
    let shared = shared.filter_map(|(node, to_a)| {
        let (id, entity) = graph.entity(node);
        Some((id, (entity, [to_a, of_b.remove(&node)?])))
    });
    table(&shared.collect())
}

/// The nodes next to one, and how they are tied to it.
fn near<'g>(graph: &'g SeenGraph, node: u32, view: &View<'_>) -> Result<BTreeMap<u32, Tied<'g>>, Error> {
    let mut near = BTreeMap::<u32, Tied<'g>>::new();
    for edge in csr::edges_of(&graph.file, node, view) {
        let other = if edge.source == node { edge.target } else { edge.source };
        near.entry(other).or_insert_with(|| (BTreeSet::new(), graph.said(&edge))).0.insert(graph.relation(edge.relation));
        held(near.len())?;
    }
    Ok(near)
}

fn table(shared: &BTreeMap<i64, Shared<'_>>) -> Result<RecordBatch, Error> {
    let names = |(names, _): &Tied<'_>| names.iter().copied().collect::<Vec<_>>().join(",");
    let relations = |of: usize| Arc::new(StringArray::from_iter_values(shared.values().map(|shared| names(&shared.1[of])))) as ArrayRef;
    let mut columns = vec![
        Arc::new(Int64Array::from_iter_values(shared.keys().copied())) as ArrayRef,
        Arc::new(StringArray::from_iter_values(shared.values().map(|shared| shared.0))),
        relations(0),
        relations(1),
    ];
    columns.extend([0, 1].into_iter().flat_map(|of| rows(shared.values().map(move |shared| Some(shared.1[of].1)))));
    made(FUNCTION.columns, columns)
}
