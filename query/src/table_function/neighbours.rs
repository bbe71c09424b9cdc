//! What is near an entity, and everything that is tied to it at all.

use super::{
    Ask, TableFunction,
    argument::{Argument, Arguments, Otherwise, Takes},
    edges::READS,
    graph::{SeenGraph, VISITED, ended, limits},
    made,
};
use crate::Error;
use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow_schema::DataType;
use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};
use wuwei_graph::csr;

/// Levels that a walk over a whole component goes.
const LEVELS: i64 = 64;
/// Neighbours by one relation through which walks go, if nothing else is said.
const MAX_DEGREE: i64 = 5_000;

pub(super) const ID: Argument = Argument { name: "id", takes: Takes::Entity, otherwise: Otherwise::Wanted };
pub(super) const TYPES: Argument = Argument { name: "types", takes: Takes::Relations, otherwise: Otherwise::Null };
pub(super) const AS_OF: Argument = Argument { name: "as_of", takes: Takes::Day, otherwise: Otherwise::Today };
pub(super) const DEGREE: Argument =
    Argument { name: "max_degree", takes: Takes::Count(1_000_000), otherwise: Otherwise::Number(MAX_DEGREE) };

const COLUMNS: &[(&str, DataType)] =
    &[("entity_id", DataType::Int64), ("entity", DataType::Utf8), ("hops", DataType::Int64), ("is_hub", DataType::Boolean)];

pub(super) const FUNCTION: TableFunction = TableFunction {
    name: "neighbours",
    zh: "一个实体在若干步之内的关联实体（不论关系方向），hops 最多 4；types 为关系名，逗号分隔，缺省为全部；as_of 为关系有效的日期，缺省为当日，NULL 为不限；凭一种关系的关联实体超过 max_degree 的，列出但不再沿该关系展开（is_hub 为真，未查看时为空）；旧实体号同样可用；只沿查询者可见的边行走",
    en: "Entities within some steps of one, whatever way relations lead: `hops` from it, 4 at most; `types` are names of relations with commas between, all by default; `as_of` the day on which they hold, today by default, NULL for any time; what has more neighbours by one relation than `max_degree` is listed and not walked through by it (`is_hub`; empty where its edges were not looked at); an old number of an entity will do; it walks over those edges that whoever asks sees",
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

/// An entity that was come to: its type, fewest hops, and whether it is a hub where that was looked at.
type Near = (Arc<str>, i64, Option<bool>);

async fn neighbours(ask: Arc<Ask>, given: Arguments) -> Result<RecordBatch, Error> {
    rows(&walked(&ask, &given, given.number(1).unwrap_or(1), [2, 3, 4]).await?.map(|(_, near)| near).unwrap_or_default())
}

async fn component(ask: Arc<Ask>, given: Arguments) -> Result<RecordBatch, Error> {
    let Some(((id, entity), mut near)) = walked(&ask, &given, LEVELS, [1, 2, 3]).await? else { return rows(&BTreeMap::new()) };
    if near.values().any(|(_, hops, _)| *hops == LEVELS) {
        let limit = format!("{LEVELS} steps from one entity");
        return Err(Error::Limit { limit, hint: "name relations by `types`, or begin in the middle" });
    }
    // Where nothing was come to there is nothing to tell, not even whether the entity is there.
    if !near.is_empty() {
        near.insert(id, (entity, 0, Some(false)));
    }
    rows(&near)
}

/// Where a walk with the arguments types, as_of and max_degree at these places began, and what it came to; none where nobody is asked for.
async fn walked(
    ask: &Arc<Ask>,
    given: &Arguments,
    hops: i64,
    [types, as_of, degree]: [usize; 3],
) -> Result<Option<((i64, Arc<str>), BTreeMap<i64, Near>)>, Error> {
    let Some(id) = given.number(0) else { return Ok(None) };
    let graph = given.graph().await?;
    let Some(start) = graph.node(ask, id).await? else { return Ok(None) };
    let view = graph.view(&given.names(types), given.text(as_of));
    let found = csr::neighbours(&graph.file, start, &view, &limits(given, degree, hops, VISITED));
    ended(found.hit, &format!("{VISITED} entities visited"))?;
    let hubs: HashSet<u32> = found.hubs.iter().map(|hub| hub.node).collect();
    let mut known = BTreeMap::new();
    let near = found.nodes.iter().map(|reached| {
        let (id, entity) = named(&graph, reached.node, &mut known);
        let was_looked_at = i64::from(reached.hops) < hops;
        (id, (entity, i64::from(reached.hops), was_looked_at.then(|| hubs.contains(&reached.node))))
    });
    let near = near.collect();
    Ok(Some((named(&graph, start, &mut known), near)))
}

/// Number and type of a node; types come again and again.
fn named<'g>(graph: &'g SeenGraph, node: u32, known: &mut BTreeMap<&'g str, Arc<str>>) -> (i64, Arc<str>) {
    let (id, entity) = graph.entity(node);
    (id, Arc::clone(known.entry(entity).or_insert_with(|| Arc::from(entity))))
}

fn rows(near: &BTreeMap<i64, Near>) -> Result<RecordBatch, Error> {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(near.keys().copied())),
        Arc::new(StringArray::from_iter_values(near.values().map(|near| &near.0))),
        Arc::new(Int64Array::from_iter_values(near.values().map(|near| near.1))),
        Arc::new(near.values().map(|near| near.2).collect::<BooleanArray>()),
    ];
    made(COLUMNS, columns)
}
