//! What is near an entity, and everything that is tied to it at all.

use super::{
    Ask, TableFunction,
    argument::{Argument, Arguments, Otherwise, Takes},
    edges::{READS, with_row},
    graph::{LOOKED_AT, SeenGraph, VISITED, ended, limits, rows},
    made, schema_of,
};
use crate::Error;
use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow_schema::DataType;
use std::{collections::HashSet, sync::Arc};
use wuwei_graph::csr::{self, Edge, Neighbourhood};

/// Levels that a walk over a whole component goes.
const LEVELS: i64 = 64;
/// Neighbours by one relation through which walks go, if nothing else is said.
const MAX_DEGREE: i64 = 5_000;

pub(super) const ID: Argument = Argument { name: "id", takes: Takes::Entity, otherwise: Otherwise::Wanted };
pub(super) const TYPES: Argument = Argument { name: "types", takes: Takes::Relations, otherwise: Otherwise::Null };
pub(super) const AS_OF: Argument = Argument { name: "as_of", takes: Takes::Day, otherwise: Otherwise::Today };
pub(super) const DEGREE: Argument =
    Argument { name: "max_degree", takes: Takes::Count(1_000_000), otherwise: Otherwise::Number(MAX_DEGREE) };

const COLUMNS: &[(&str, DataType)] = with_row![
    ("entity_id", DataType::Int64),
    ("entity", DataType::Utf8),
    ("hops", DataType::Int64),
    ("is_hub", DataType::Boolean),
    ("from_id", DataType::Int64),
    ("relation", DataType::Utf8),
    ("is_forward", DataType::Boolean),
];

pub(super) const FUNCTION: TableFunction = TableFunction {
    name: "neighbours",
    zh: "一个实体在若干步之内的关联实体（不论关系方向），hops 最多 4；types 为关系名，逗号分隔，缺省为全部；as_of 为关系有效的日期，缺省为当日，NULL 为不限；凭一种关系的关联实体超过 max_degree 的，列出但不再沿该关系展开（is_hub 为真，未查看时为空）；旧实体号同样可用；from_id、relation、is_forward 为最先到达该实体的那条边：由哪一端、凭何关系、是否由那一端出发，其后各列为说明此边的来源行，可据 batch、row 查 raw 下的原始数据；只沿查询者可见的边行走",
    en: "Entities within some steps of one, whatever way relations lead: `hops` from it, 4 at most; `types` are names of relations with commas between, all by default; `as_of` the day on which they hold, today by default, NULL for any time; what has more neighbours by one relation than `max_degree` is listed and not walked through by it (`is_hub`; empty where its edges were not looked at); an old number of an entity will do; `from_id`, `relation` and `is_forward` are the edge by which it was first come to: from which end, by which relation, whether it leads from there; behind them stands the row that says so, to be looked up in `raw` by `batch` and `row`; it walks over those edges that whoever asks sees",
    arguments: &[ID, Argument { name: "hops", takes: Takes::Count(4), otherwise: Otherwise::Number(1) }, TYPES, AS_OF, DEGREE],
    columns: COLUMNS,
    reads: READS,
    reads_as_seen: None,
    rows: |inside, given| Box::pin(neighbours(inside.ask, given)),
    example: "SELECT n.entity_id, n.hops, p.name FROM neighbours(id => 1001, hops => 2, types => 'spouse,parent') n JOIN entity.person p ON p.entity_id = n.entity_id",
};

pub(super) const COMPONENT: TableFunction = TableFunction {
    name: "component",
    zh: "与一个实体连通的全部实体（含其自身，hops 为 0），参数同 neighbours；最多 64 步、200000 个实体，超出时报明是哪一项",
    en: "All that is tied to an entity, itself too with 0 hops; arguments as of `neighbours`; 64 steps and 200,000 entities at most, and which of them ended it is said",
    arguments: &[ID, TYPES, AS_OF, DEGREE],
    columns: COLUMNS,
    reads: READS,
    reads_as_seen: None,
    rows: |inside, given| Box::pin(component(inside.ask, given)),
    example: "SELECT count(*) FROM component(1001, types => 'spouse,parent,guardian') c",
};

/// What a walk came to, in the graph that it went over.
struct Walked {
    graph: SeenGraph,
    start: u32,
    found: Neighbourhood,
    hops: i64,
}

async fn neighbours(ask: Arc<Ask>, given: Arguments) -> Result<RecordBatch, Error> {
    match walked(&ask, &given, given.number(1).unwrap_or(1), [2, 3, 4]).await? {
        Some(walked) => walked.rows(None),
        None => Ok(RecordBatch::new_empty(schema_of(COLUMNS))),
    }
}

async fn component(ask: Arc<Ask>, given: Arguments) -> Result<RecordBatch, Error> {
    let Some(walked) = walked(&ask, &given, LEVELS, [1, 2, 3]).await? else { return Ok(RecordBatch::new_empty(schema_of(COLUMNS))) };
    if walked.found.nodes.last().is_some_and(|last| i64::from(last.hops) == LEVELS) {
        let limit = format!("{LEVELS} steps from one entity");
        return Err(Error::Limit { limit, hint: "name relations by `types`, or begin in the middle" });
    }
    // Where nothing was come to there is nothing to tell, not even whether the entity is there.
    walked.rows(Some(walked.start).filter(|_| !walked.found.nodes.is_empty()))
}

/// What a walk with the arguments types, as_of and max_degree at these places came to; none where nobody is asked for.
async fn walked(ask: &Arc<Ask>, given: &Arguments, hops: i64, [types, as_of, degree]: [usize; 3]) -> Result<Option<Walked>, Error> {
    let Some(id) = given.number(0) else { return Ok(None) };
    let graph = given.graph().await?;
    let Some(start) = graph.node(ask, id).await? else { return Ok(None) };
    let view = graph.view(&given.names(types), given.text(as_of));
    let found = csr::neighbours(&graph.file, start, &view, &limits(given, degree, hops, VISITED));
    ended(found.hit, LOOKED_AT, &format!("{VISITED} entities visited"))?;
    Ok(Some(Walked { graph, start, found, hops }))
}

/// An entity that was come to: its number and type, fewest hops, whether it is a hub where that was looked at, and by which edge.
type Near<'g> = (i64, &'g str, i64, Option<bool>, Option<&'g Edge>);

impl Walked {
    /// By number; with the node that is none of what was come to.
    fn rows(&self, start: Option<u32>) -> Result<RecordBatch, Error> {
        let Walked { graph, found, hops, .. } = self;
        let hubs: HashSet<u32> = found.hubs.iter().map(|hub| hub.node).collect();
        let reached = found.nodes.iter().map(|reached| {
            let (id, entity) = graph.entity(reached.node);
            let was_looked_at = i64::from(reached.hops) < *hops;
            (id, entity, i64::from(reached.hops), was_looked_at.then(|| hubs.contains(&reached.node)), Some(&reached.by))
        });
        let start = start.map(|node| {
            let (id, entity) = graph.entity(node);
            (id, entity, 0, Some(false), None)
        });
        let mut near: Vec<Near<'_>> = reached.chain(start).collect();
        near.sort_unstable_by_key(|near| near.0);
        // An edge leads either from the nearer end to the farther or back.
        let is_forward = |near: &Near<'_>| near.4.map(|by| graph.entity(by.target).0 == near.0);
        let from = |near: &Near<'_>| near.4.map(|by| graph.entity(if is_forward(near) == Some(true) { by.source } else { by.target }).0);
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from_iter_values(near.iter().map(|near| near.0))),
            Arc::new(StringArray::from_iter_values(near.iter().map(|near| near.1))),
            Arc::new(Int64Array::from_iter_values(near.iter().map(|near| near.2))),
            Arc::new(near.iter().map(|near| near.3).collect::<BooleanArray>()),
            Arc::new(near.iter().map(from).collect::<Int64Array>()),
            Arc::new(near.iter().map(|near| Some(graph.relation(near.4?.relation))).collect::<StringArray>()),
            Arc::new(near.iter().map(is_forward).collect::<BooleanArray>()),
        ];
        columns.extend(rows(near.iter().map(|near| Some(graph.said(near.4?)))));
        made(COLUMNS, columns)
    }
}
