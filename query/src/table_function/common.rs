//! What two entities are both tied to.

use super::{
    Ask, TableFunction,
    argument::{Argument, Arguments, Otherwise, Takes},
    edges::{Edge, Edges, READS},
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

#[derive(Default)]
struct Near {
    entity: Arc<str>,
    relations: [BTreeSet<Arc<str>>; 2],
}

async fn common(ask: Arc<Ask>, given: Arguments) -> Result<RecordBatch, Error> {
    let mut near = BTreeMap::<i64, Near>::new();
    if let (Some(a), Some(b)) = (given.number(0), given.number(1)) {
        let edges = Edges { ask, relations: given.names(2), as_of: given.text(3).map(str::to_owned) };
        let take = |edge: Edge| {
            for (of, end) in [a, b].into_iter().enumerate() {
                for (from, to, entity) in [(edge.source, edge.target, &edge.target_type), (edge.target, edge.source, &edge.source_type)] {
                    if from == end && to != a && to != b {
                        let near = near.entry(to).or_default();
                        near.entity = Arc::clone(entity);
                        near.relations[of].insert(Arc::clone(&edge.relation));
                    }
                }
            }
            super::edges::held(near.len())
        };
        edges.each(&BTreeSet::from([a, b]), take).await?;
    }
    rows(near)
}

fn rows(mut near: BTreeMap<i64, Near>) -> Result<RecordBatch, Error> {
    near.retain(|_, near| near.relations.iter().all(|relations| !relations.is_empty()));
    let relations = |of: usize| {
        let joined = |near: &Near| near.relations[of].iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(",");
        Arc::new(StringArray::from_iter_values(near.values().map(joined))) as ArrayRef
    };
    let columns = vec![
        Arc::new(Int64Array::from_iter_values(near.keys().copied())) as ArrayRef,
        Arc::new(StringArray::from_iter_values(near.values().map(|near| &near.entity))),
        relations(0),
        relations(1),
    ];
    made(FUNCTION.columns, columns)
}
