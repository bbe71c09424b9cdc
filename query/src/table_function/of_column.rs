//! `neighbours_of`: what is tied to each entity of a column, as a list to `unnest`, since a function behind FROM takes no column.

use super::{
    Ask,
    argument::{Argument, Otherwise, Takes},
    edges::held,
    graph::{Opening, SeenGraph},
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
    collections::{BTreeMap, BTreeSet},
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};
use wuwei_graph::csr;

/// What the function is called.
pub(crate) const NAME: &str = "neighbours_of";

pub(crate) fn documented() -> Documented {
    let id = Argument { name: "id", takes: Takes::Entity, otherwise: Otherwise::Wanted };
    Documented {
        name: NAME,
        arguments: format!("{}, {}", id.told(), TYPES.told()),
        returns: "list of struct(entity_id bigint, entity text, relation text, direction text)".to_owned(),
        zh: "一列实体各自的直接关联实体（不论关系起止时间），用 unnest 展开；types 为关系名，逗号分隔；direction 为 out（由其出发）或 in；只有查询者可见的边",
        en: "What is tied to each entity of a column, at any time, as a list to unnest; `types` are names of relations with commas between; `direction` is out, from it, or in; along those edges that whoever asks sees",
        example: "SELECT x.name, x.n['entity_id'] AS other, x.n['relation'] AS relation FROM (SELECT p.name, unnest(neighbours_of(p.entity_id, 'spouse')) AS n FROM entity.person p) x",
        shows: None,
    }
}

/// The function, before one asker who sees these relations.
pub(crate) fn neighbours_of(ask: &Arc<Ask>, graph: &Arc<Opening>, relations: Vec<String>) -> Arc<ScalarUDF> {
    let signature = [vec![DataType::Int64], vec![DataType::Int64, DataType::Utf8]].map(TypeSignature::Exact).to_vec();
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
        let relations = match given.args.get(1) {
            None | Some(ColumnarValue::Scalar(ScalarValue::Utf8(None))) => Vec::new(),
            Some(ColumnarValue::Scalar(ScalarValue::Utf8(Some(names)))) => self.known(names)?,
            Some(_) => return plan_err!("neighbours_of takes names of relations as one literal text"),
        };
        let lists = async { of_each(ids.as_primitive::<Int64Type>(), &self.ask, &(self.graph)().await?, &relations).await };
        Ok(ColumnarValue::Array(lists.await.map_err(|error| DataFusionError::External(Box::new(error)))?))
    }
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

/// Another entity: its number and type, the relation, and whether it leads there or comes from there.
type Near<'g> = (i64, &'g str, &'g str, &'static str);

/// The list of each entity, in order and each once; NULL where there is no entity.
async fn of_each(ids: &Int64Array, ask: &Arc<Ask>, graph: &SeenGraph, relations: &[String]) -> Result<ArrayRef, Error> {
    let nodes = graph.nodes(ask, &ids.iter().flatten().collect()).await?;
    let view = graph.view(relations, None);
    let (mut near, mut count) = (BTreeMap::<i64, BTreeSet<Near<'_>>>::new(), 0);
    for (id, node) in nodes {
        let of = near.entry(id).or_default();
        for edge in csr::edges_of(&graph.file, node, &view) {
            let ends = [(edge.source, edge.target, "out"), (edge.target, edge.source, "in")];
            for (_, other, direction) in ends.into_iter().filter(|(own, ..)| *own == node) {
                let (id, entity) = graph.entity(other);
                count += usize::from(of.insert((id, entity, graph.relation(edge.relation), direction)));
            }
            held(count)?;
        }
    }
    let none = BTreeSet::new();
    let lists: Vec<&BTreeSet<Near<'_>>> = ids.iter().map(|id| id.and_then(|id| near.get(&id)).unwrap_or(&none)).collect();
    held(lists.iter().map(|list| list.len()).sum())?;
    let all: Vec<&Near<'_>> = lists.iter().copied().flatten().collect();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(all.iter().map(|near| near.0))),
        Arc::new(StringArray::from_iter_values(all.iter().map(|near| near.1))),
        Arc::new(StringArray::from_iter_values(all.iter().map(|near| near.2))),
        Arc::new(StringArray::from_iter_values(all.iter().map(|near| near.3))),
    ];
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
    let text = |name| Field::new(name, DataType::Utf8, true);
    Fields::from(vec![Field::new("entity_id", DataType::Int64, true), text("entity"), text("relation"), text("direction")])
}
