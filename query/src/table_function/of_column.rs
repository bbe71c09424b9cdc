//! `neighbours_of`: what is tied to each entity of a column, as a list to `unnest`, since a function behind FROM takes no column.

use super::{
    Ask,
    argument::{Argument, Otherwise, Takes, is_day},
    edges::{held, with_row},
    graph::{Opening, Said, SeenGraph, VISITED, ended, limits_of, rows},
    neighbours::TYPES,
};
use crate::{Error, functions::Documented};
use arrow_array::{ArrayRef, Int64Array, ListArray, StringArray, StructArray, cast::AsArray as _, types::Int64Type};
use arrow_cast::cast;
use arrow_schema::{DataType, Field, Fields};
use async_trait::async_trait;
use datafusion::{
    arrow::buffer::OffsetBuffer,
    common::{DataFusionError, Result, ScalarValue, plan_err},
    logical_expr::{
        ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
        async_udf::{AsyncScalarUDF, AsyncScalarUDFImpl},
    },
};
use std::{
    collections::BTreeMap,
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};
use wuwei_graph::csr::{self, Limits};

/// What the function is called.
pub(crate) const NAME: &str = "neighbours_of";

const AS_OF: Argument = Argument { name: "as_of", takes: Takes::Day, otherwise: Otherwise::Null };
const HOPS: Argument = Argument { name: "hops", takes: Takes::Count(4), otherwise: Otherwise::Number(1) };

/// Neighbours by one relation through which walks of more steps go.
const MAX_DEGREE: u32 = 5_000;
/// Edges that walks from all entities of a batch of rows look at.
const LOOKED_AT: usize = 20_000_000;

pub(crate) fn documented() -> Documented {
    let id = Argument { name: "id", takes: Takes::Entity, otherwise: Otherwise::Wanted };
    Documented {
        name: NAME,
        arguments: [id, TYPES, AS_OF, HOPS].each_ref().map(Argument::told).join(", "),
        returns: "list of struct(entity_id bigint, entity text, relation text, direction text, hops bigint, from_id bigint, department text, extract text, batch text, sheet text, row bigint)".to_owned(),
        zh: "一列实体各自的关联实体，用 unnest 展开；types 为关系名，逗号分隔；as_of 为关系有效的日期，缺省为不限；hops 为步数，最多 4，缺省为 1，超过 5000 个关联实体的不再沿该关系展开；from_id 为其在前一步的实体，relation、direction 为两者之间的关系，direction 为 out（由 from_id 出发）或 in，其后为说明此关系的来源行；步数多于 1 的只列最先到达的一条边；只有查询者可见的边",
        en: "What is tied to each entity of a column, as a list to unnest; `types` are names of relations with commas between; `as_of` the day on which they hold, any by default; `hops` how many steps from it, 4 at most, 1 by default, not through what has more than 5,000 neighbours by a relation, by that relation; `from_id` is the entity one step before, `relation` and `direction` how the two are tied: out, from that one, or in, and behind it stands the row that says so; of what is farther than a step the edge by which it was first come to; along those edges that whoever asks sees",
        example: "SELECT x.name, x.n['entity_id'] AS other, x.n['relation'] AS relation FROM (SELECT p.name, unnest(neighbours_of(p.entity_id, 'spouse')) AS n FROM entity.person p) x",
        shows: None,
    }
}

/// The function, before one asker who sees these relations.
pub(crate) fn neighbours_of(ask: &Arc<Ask>, graph: &Arc<Opening>, relations: Vec<String>) -> Arc<ScalarUDF> {
    let all = [DataType::Int64, DataType::Utf8, DataType::Utf8, DataType::Int64];
    let signature = (1..=all.len()).map(|count| TypeSignature::Exact(all[..count].to_vec())).collect();
    // Of one question, in which an epoch does not change.
    let signature = Signature::one_of(signature, Volatility::Stable);
    Arc::new(
        AsyncScalarUDF::new(Arc::new(NeighboursOf { signature, relations, ask: Arc::clone(ask), graph: Arc::clone(graph) }))
            .into_scalar_udf(),
    )
}

struct NeighboursOf {
    signature: Signature,
    relations: Vec<String>,
    ask: Arc<Ask>,
    graph: Arc<Opening>,
}

impl fmt::Debug for NeighboursOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)
    }
}

impl PartialEq for NeighboursOf {
    fn eq(&self, other: &NeighboursOf) -> bool {
        Arc::ptr_eq(&self.ask, &other.ask)
    }
}

impl Eq for NeighboursOf {}

impl Hash for NeighboursOf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        NAME.hash(state);
    }
}

impl ScalarUDFImpl for NeighboursOf {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::List(item()))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        plan_err!("neighbours_of reads edges, so it stands in a select list or a condition only")
    }
}

#[async_trait]
impl AsyncScalarUDFImpl for NeighboursOf {
    async fn invoke_async_with_args(&self, given: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let ids = cast(&given.args[0].to_array(given.number_rows)?, &DataType::Int64)?;
        let relations = text(&given.args, 1, "names of relations")?.map(|names| self.known(names)).transpose()?.unwrap_or_default();
        let as_of = text(&given.args, 2, "a day")?.filter(|day| !day.is_empty());
        if as_of.is_some_and(|day| !is_day(day)) {
            return not_taken("a date such as '2026-11-29', from 1901 to 2078, as the day");
        }
        let hops = match given.args.get(3) {
            None | Some(ColumnarValue::Scalar(ScalarValue::Int64(None))) => 1,
            Some(ColumnarValue::Scalar(ScalarValue::Int64(Some(hops @ 1..=4)))) => u8::try_from(*hops).unwrap_or(1),
            Some(_) => return not_taken("a whole number from 1 to 4 as the number of steps"),
        };
        let wanted = Wanted { relations, as_of: as_of.map(str::to_owned), hops };
        let lists = async { of_each(ids.as_primitive::<Int64Type>(), &self.ask, &(self.graph)().await?, &wanted).await };
        Ok(ColumnarValue::Array(lists.await.map_err(|error| DataFusionError::External(Box::new(error)))?))
    }
}

/// A literal text among the arguments; none where it is left out or NULL.
fn text<'a>(given: &'a [ColumnarValue], at: usize, what: &str) -> Result<Option<&'a str>> {
    match given.get(at) {
        None | Some(ColumnarValue::Scalar(ScalarValue::Utf8(None))) => Ok(None),
        Some(ColumnarValue::Scalar(ScalarValue::Utf8(Some(text)))) => Ok(Some(text)),
        Some(_) => not_taken(&format!("{what} as one literal text")),
    }
}

/// What stands in place of what it takes is another thing.
fn not_taken<T>(takes: &str) -> Result<T> {
    let hint = "contract.function says what each function takes".to_owned();
    let error = Error::Refused { rule: "function", detail: format!("`{NAME}` takes {takes}"), hint };
    Err(DataFusionError::External(Box::new(error)))
}

/// What is asked for of each.
struct Wanted {
    relations: Vec<String>,
    as_of: Option<String>,
    hops: u8,
}

impl NeighboursOf {
    fn known(&self, names: &str) -> Result<Vec<String>> {
        let mut relations = Vec::new();
        for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            if !self.relations.iter().any(|known| known == name) {
                let error = Error::unknown("relation", name, self.relations.iter().map(String::as_str));
                return Err(DataFusionError::External(Box::new(error)));
            }
            relations.push(name.to_owned());
        }
        Ok(relations)
    }
}

/// Another entity: its number and type, the relation, whether it leads there or comes from there, how many steps from the first it is, and the
/// entity a step before.
type Near<'g> = (i64, &'g str, &'g str, &'static str, i64, i64);

/// What is near one, each once, with a row that says so.
type List<'g> = BTreeMap<Near<'g>, Said<'g>>;

/// The list of each entity, in order and each once; NULL where there is no entity.
async fn of_each(ids: &Int64Array, ask: &Arc<Ask>, graph: &SeenGraph, wanted: &Wanted) -> Result<ArrayRef, Error> {
    let nodes = graph.nodes(ask, &ids.iter().flatten().collect()).await?;
    let view = graph.view(&wanted.relations, wanted.as_of.as_deref());
    let (mut near, mut count, mut looked_at) = (BTreeMap::<i64, List<'_>>::new(), 0, LOOKED_AT);
    for (id, node) in nodes {
        let of = near.entry(id).or_default();
        for edge in csr::edges_of(&graph.file, node, &view) {
            take(of, graph, &edge, edge.source == node, 1);
            if edge.source == edge.target {
                take(of, graph, &edge, edge.source != node, 1);
            }
            held(count + of.len())?;
        }
        if wanted.hops > 1 {
            let limits = Limits { visited: looked_at, ..limits_of(MAX_DEGREE, wanted.hops, VISITED) };
            let found = csr::neighbours(&graph.file, node, &view, &limits);
            looked_at -= found.visited;
            ended(found.hit, LOOKED_AT, &format!("{VISITED} entities visited"))?;
            for reached in found.nodes.iter().filter(|reached| reached.hops > 1) {
                take(of, graph, &reached.by, reached.by.target == reached.node, reached.hops);
            }
        }
        count += of.len();
        held(count)?;
    }
    let none = List::new();
    let lists: Vec<&List<'_>> = ids.iter().map(|id| id.and_then(|id| near.get(&id)).unwrap_or(&none)).collect();
    held(lists.iter().map(|list| list.len()).sum())?;
    listed(ids, &lists)
}

/// Takes an edge up that leads, or else comes from, what is that many steps away.
fn take<'g>(of: &mut List<'g>, graph: &'g SeenGraph, edge: &csr::Edge, is_out: bool, hops: u8) {
    let (from, to, direction) = if is_out { (edge.source, edge.target, "out") } else { (edge.target, edge.source, "in") };
    let (id, entity) = graph.entity(to);
    let near = (id, entity, graph.relation(edge.relation), direction, i64::from(hops), graph.entity(from).0);
    of.entry(near).or_insert_with(|| graph.said(edge));
}

fn listed(ids: &Int64Array, lists: &[&List<'_>]) -> Result<ArrayRef, Error> {
    let all: Vec<&Near<'_>> = lists.iter().flat_map(|list| list.keys()).collect();
    let mut columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(all.iter().map(|near| near.0))),
        Arc::new(StringArray::from_iter_values(all.iter().map(|near| near.1))),
        Arc::new(StringArray::from_iter_values(all.iter().map(|near| near.2))),
        Arc::new(StringArray::from_iter_values(all.iter().map(|near| near.3))),
        Arc::new(Int64Array::from_iter_values(all.iter().map(|near| near.4))),
        Arc::new(Int64Array::from_iter_values(all.iter().map(|near| near.5))),
    ];
    columns.extend(rows(lists.iter().flat_map(|list| list.values()).map(|said| Some(*said))));
    let odd = |_| Error::Engine { detail: "lists do not fit their function" };
    let structs = StructArray::try_new(fields(), columns, None).map_err(odd)?;
    let offsets = OffsetBuffer::from_lengths(lists.iter().map(|list| list.len()));
    let lists = ListArray::try_new(item(), offsets, Arc::new(structs), arrow_array::Array::nulls(ids).cloned()).map_err(odd)?;
    Ok(Arc::new(lists))
}

fn item() -> Arc<Field> {
    Arc::new(Field::new_list_field(DataType::Struct(fields()), true))
}

fn fields() -> Fields {
    const COLUMNS: &[(&str, DataType)] = with_row![
        ("entity_id", DataType::Int64),
        ("entity", DataType::Utf8),
        ("relation", DataType::Utf8),
        ("direction", DataType::Utf8),
        ("hops", DataType::Int64),
        ("from_id", DataType::Int64),
    ];
    COLUMNS.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true)).collect()
}
