//! What is near an entity, and everything that is tied to it at all.

use super::{
    Ask, TableFunction,
    argument::{Argument, Arguments, Otherwise, Takes},
    edges::{Edges, READS},
    made,
    walk::{MAX_DEGREE, Walk},
};
use crate::Error;
use arrow_array::{BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow_schema::DataType;
use std::sync::Arc;

/// Levels that a walk over a whole component goes.
const LEVELS: usize = 64;

pub(super) const ID: Argument = Argument { name: "id", takes: Takes::Entity, otherwise: Otherwise::Wanted };
pub(super) const TYPES: Argument = Argument { name: "types", takes: Takes::Relations, otherwise: Otherwise::Null };
pub(super) const AS_OF: Argument = Argument { name: "as_of", takes: Takes::Day, otherwise: Otherwise::Today };
pub(super) const DEGREE: Argument =
    Argument { name: "max_degree", takes: Takes::Count(1_000_000), otherwise: Otherwise::Number(MAX_DEGREE) };

const COLUMNS: &[(&str, DataType)] =
    &[("entity_id", DataType::Int64), ("entity", DataType::Utf8), ("hops", DataType::Int64), ("is_hub", DataType::Boolean)];

pub(super) const FUNCTION: TableFunction = TableFunction {
    name: "neighbours",
    zh: "一个实体在若干步之内的关联实体（不论关系方向），hops 最多 4；types 为关系名，逗号分隔，缺省为全部；as_of 为关系有效的日期，缺省为当日，NULL 为不限；边数超过 max_degree 的实体列出但不再展开（is_hub 为真，未查看时为空）；只沿查询者可见的边行走",
    en: "Entities within some steps of one, whatever way relations lead: `hops` from it, 4 at most; `types` are names of relations with commas between, all by default; `as_of` the day on which they hold, today by default, NULL for any time; what has more edges than `max_degree` is listed and not walked through (`is_hub`; empty where its edges were not looked at); it walks over those edges that whoever asks sees",
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

async fn neighbours(ask: Arc<Ask>, given: Arguments) -> Result<RecordBatch, Error> {
    let hops = given.number(1).and_then(|hops| usize::try_from(hops).ok()).unwrap_or(1);
    let Some(id) = given.number(0) else { return rows(None, 1) };
    let mut walk = begun(ask, &given, id, [2, 3, 4]);
    while walk.level < hops && !walk.frontier.is_empty() {
        walk.step().await?;
    }
    rows(Some(walk), 1)
}

async fn component(ask: Arc<Ask>, given: Arguments) -> Result<RecordBatch, Error> {
    let Some(id) = given.number(0) else { return rows(None, 0) };
    let mut walk = begun(ask, &given, id, [1, 2, 3]);
    while !walk.frontier.is_empty() {
        if walk.level == LEVELS {
            let limit = format!("{LEVELS} steps from one entity");
            return Err(Error::Limit { limit, hint: "name relations by `types`, or begin in the middle" });
        }
        walk.step().await?;
    }
    rows(Some(walk), 0)
}

/// A walk with the arguments types, as_of and max_degree at these places.
pub(super) fn begun(ask: Arc<Ask>, given: &Arguments, id: i64, [types, as_of, degree]: [usize; 3]) -> Walk {
    let edges = Edges { ask, relations: given.names(types), as_of: given.text(as_of).map(str::to_owned) };
    let degree = given.number(degree).and_then(|degree| usize::try_from(degree).ok()).unwrap_or(usize::MAX);
    Walk::from(edges, id, degree)
}

/// The entities of a walk from a level on. Where nothing was reached there is nothing to tell, not even whether the entity is there.
fn rows(walk: Option<Walk>, from: usize) -> Result<RecordBatch, Error> {
    let visited: Vec<_> = walk.map(|walk| walk.visited).filter(|visited| visited.len() > 1).into_iter().flatten().collect();
    let visited: Vec<_> = visited.into_iter().filter(|(_, visited)| visited.level >= from).collect();
    let columns: Vec<arrow_array::ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(visited.iter().map(|(id, _)| *id))),
        Arc::new(StringArray::from_iter_values(visited.iter().map(|(_, visited)| &visited.entity))),
        Arc::new(Int64Array::from_iter_values(visited.iter().map(|(_, visited)| visited.level as i64))),
        Arc::new(visited.iter().map(|(_, visited)| visited.is_hub).collect::<BooleanArray>()),
    ];
    made(COLUMNS, columns)
}
