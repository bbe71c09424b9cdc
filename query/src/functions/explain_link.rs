//! `explain_link`: what adds up to the weight of two records, as `wuwei explain` tells it. The records are read through the door of whoever asks, so
//! what is hidden from them is hidden here; what was learned has to be theirs to see, as for the functions of linkage.

use super::Documented;
use crate::{Error, linkage::Linkage};
use arrow_array::{
    Array, ArrayRef, Int64Array, ListArray, RecordBatch, StructArray, UInt32Array, cast::AsArray as _, new_null_array, types::Int64Type,
};
use arrow_cast::cast;
use arrow_schema::{DataType, Field};
use async_trait::async_trait;
use datafusion::{
    arrow::compute::{concat, interleave, take},
    common::{DataFusionError, Result},
    logical_expr::{
        ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
        async_udf::{AsyncScalarUDF, AsyncScalarUDFImpl},
    },
};
use futures::future::BoxFuture;
use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};
use wuwei_graph::{MatchModel, functions};
use wuwei_schema::EntityType;

/// What the function is called.
pub(crate) const NAME: &str = "explain_link";

/// Records asked for in one question.
const TOGETHER: usize = 2_000;

/// A question of whoever asks, answered inside another one of theirs.
pub(crate) type Ask = dyn Fn(String) -> BoxFuture<'static, Result<Vec<RecordBatch>, Error>> + Send + Sync;

/// The function, before one asker.
pub(crate) fn explain_link(linkage: &Arc<Linkage>, ask: Arc<Ask>) -> Arc<ScalarUDF> {
    // Of one question, in which an epoch does not change.
    let signature = Signature::exact(vec![DataType::Int64; 2], Volatility::Stable);
    let function = ExplainLink { signature, linkage: Arc::clone(linkage), ask };
    Arc::new(AsyncScalarUDF::new(Arc::new(function)).into_scalar_udf())
}

pub(super) fn documented() -> Documented {
    Documented {
        name: NAME,
        arguments: "left bigint, right bigint".to_owned(),
        returns: "list of struct(place, property, level, exact, bits, rarity, sum)".to_owned(),
        zh: "两条记录匹配权重的各项：先验与逐项比较的等级、比特数、其中稀有度、累计，与 wuwei explain 相同；任一条不存在、不可见、两条类型不同或同一条时为空；限本机操作员",
        en: "What adds up to the match weight of two records, as `wuwei explain` tells it: the prior, then of each comparison its level, bits, what of them rarity makes, and the sum so far; NULL where one is not there or not seen, they are of two types, or one and the same; for whoever may see what resolving learned",
        example: "SELECT explain_link(p.\"left\", p.\"right\") FROM graph.pair p ORDER BY p.weight LIMIT 1",
        shows: None,
    }
}

/// The columns of a type's records that it reads.
pub(crate) fn read(entity: &EntityType) -> impl Iterator<Item = String> + use<> {
    let fields = functions::feature_fields(entity);
    std::iter::once("record_id".to_owned()).chain(fields.iter().map(|field| field.name().clone()).collect::<Vec<_>>())
}

struct ExplainLink {
    signature: Signature,
    linkage: Arc<Linkage>,
    ask: Arc<Ask>,
}

impl fmt::Debug for ExplainLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExplainLink").finish_non_exhaustive()
    }
}

impl PartialEq for ExplainLink {
    fn eq(&self, other: &ExplainLink) -> bool {
        Arc::ptr_eq(&self.linkage, &other.linkage) && Arc::ptr_eq(&self.ask, &other.ask)
    }
}

impl Eq for ExplainLink {}

impl Hash for ExplainLink {
    fn hash<H: Hasher>(&self, state: &mut H) {
        NAME.hash(state);
    }
}

impl ScalarUDFImpl for ExplainLink {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(terms_type())
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Err(DataFusionError::Plan("explain_link reads records, so it stands in a select list or a condition only".to_owned()))
    }
}

#[async_trait]
impl AsyncScalarUDFImpl for ExplainLink {
    async fn invoke_async_with_args(&self, given: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let numbers = |at: usize| -> Result<Int64Array> {
            let column = given.args[at].to_array(given.number_rows)?;
            column.as_primitive_opt::<Int64Type>().cloned().ok_or_else(|| DataFusionError::Plan("records are numbers".to_owned()))
        };
        let (left, right) = (numbers(0)?, numbers(1)?);
        // The smaller number is the left record: where two properties stand in each other's place its value counts.
        let pair =
            |(left, right): (Option<i64>, Option<i64>)| Some([left?.min(right?), left?.max(right?)]).filter(|[left, right]| left != right);
        let pairs: Vec<Option<[i64; 2]>> = left.iter().zip(&right).map(pair).collect();
        Ok(ColumnarValue::Array(self.explained(&pairs).await?))
    }
}

impl ExplainLink {
    /// The terms of each pair; NULL of those that are not compared.
    async fn explained(&self, pairs: &[Option<[i64; 2]>]) -> Result<ArrayRef> {
        let mut found: Vec<ArrayRef> = vec![new_null_array(&terms_type(), 1)];
        let mut places = vec![(0, 0); pairs.len()];
        for (entity, model) in self.linkage.weighed() {
            let open: Vec<usize> = (0..pairs.len()).filter(|at| places[*at].0 == 0 && pairs[*at].is_some()).collect();
            let ids: BTreeSet<i64> = open.iter().filter_map(|at| pairs[*at]).flatten().collect();
            let Some((numbers, records)) = self.records(entity, &ids).await? else { continue };
            let row = |id: i64| numbers.get(&id).copied();
            let known: Vec<(usize, [u32; 2])> =
                open.into_iter().filter_map(|at| pairs[at].and_then(|[left, right]| Some((at, [row(left)?, row(right)?])))).collect();
            places_of(&known, found.len(), &mut places);
            found.push(Arc::new(terms(entity, model, &records, &known)?));
        }
        let arrays: Vec<&dyn Array> = found.iter().map(AsRef::as_ref).collect();
        Ok(interleave(&arrays, &places)?)
    }

    /// The records of a type that have these numbers, as features are made of them: each number with its row.
    async fn records(&self, entity: &EntityType, ids: &BTreeSet<i64>) -> Result<Option<(HashMap<i64, u32>, StructArray)>> {
        let fields = functions::feature_fields(entity);
        let columns: Vec<String> = fields.iter().map(|field| format!(", \"{}\"", field.name())).collect();
        let all: Vec<String> = ids.iter().map(i64::to_string).collect();
        let mut batches = Vec::new();
        for some in all.chunks(TOGETHER) {
            let question =
                format!("SELECT record_id{} FROM record.{} WHERE record_id IN ({})", columns.concat(), entity.name, some.join(", "));
            match (self.ask)(question).await {
                Ok(answer) => batches.extend(answer),
                // A type of which whoever asks sees nothing has no records.
                Err(Error::Unknown { .. }) => return Ok(None),
                Err(error) => return Err(DataFusionError::External(Box::new(error))),
            }
        }
        let whole = |at: usize, kind: &DataType| -> Result<ArrayRef> {
            let columns = batches.iter().map(|batch| Ok(cast(batch.column(at), kind)?)).collect::<Result<Vec<ArrayRef>>>()?;
            Ok(concat(&columns.iter().map(AsRef::as_ref).collect::<Vec<_>>())?)
        };
        if batches.is_empty() {
            return Ok(None);
        }
        let numbers = whole(0, &DataType::Int64)?;
        let rows = numbers.as_primitive::<Int64Type>().iter().zip(0..).filter_map(|(id, row)| Some((id?, row))).collect();
        let columns = (1..=fields.len()).map(|at| whole(at, &DataType::Utf8)).collect::<Result<Vec<_>>>()?;
        Ok(Some((rows, StructArray::try_new(fields, columns, None)?)))
    }
}

/// Where the terms of each known pair stand: in that array, one after the other.
fn places_of(known: &[(usize, [u32; 2])], array: usize, places: &mut [(usize, usize)]) {
    known.iter().enumerate().for_each(|(place, (at, _))| places[*at] = (array, place));
}

fn terms(entity: &EntityType, model: &MatchModel, records: &StructArray, known: &[(usize, [u32; 2])]) -> Result<ListArray> {
    let side = |side: usize| -> Result<StructArray> {
        let rows = UInt32Array::from_iter_values(known.iter().map(|(_, pair)| pair[side]));
        let taken = take(records, &rows, None)?;
        functions::features(entity, Some(model), taken.as_struct()).map_err(plan)
    };
    functions::terms(entity, model, &side(0)?, &side(1)?).map_err(plan)
}

/// None of its words holds a value.
#[expect(clippy::needless_pass_by_value, reason = "an error is handed on")]
fn plan(error: wuwei_graph::Error) -> DataFusionError {
    DataFusionError::Plan(error.to_string())
}

fn terms_type() -> DataType {
    DataType::List(Arc::new(Field::new_list_field(DataType::Struct(functions::term_fields()), true)))
}
