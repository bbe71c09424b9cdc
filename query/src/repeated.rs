//! Rows that say what the row before them says are left out before they are grouped. Our tables lie in the order of what they are asked for (an edge
//! is there once for each record that asserts it, one after the other), so most rows of a `DISTINCT`, or of a `count(DISTINCT …)` by group, fall to
//! comparing two columns with themselves, one row on, instead of looking each row up in a hash table. What is left is grouped as before: nothing of
//! an answer hangs on it. No other rule about plans as they are run is made here.

use datafusion::{
    arrow::{
        array::{Array as _, ArrayRef, BooleanArray},
        buffer::BooleanBuffer,
        compute::{kernels::cmp::distinct, or},
        datatypes::DataType,
    },
    common::{
        Result,
        config::ConfigOptions,
        tree_node::{Transformed, TransformedResult as _, TreeNode as _},
    },
    logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility},
    physical_expr::{PhysicalExpr, ScalarFunctionExpr, expressions::Column},
    physical_optimizer::PhysicalOptimizerRule,
    physical_plan::{
        ChildrenPropertiesMode, ExecutionPlan, ReplaceChildrenOptions,
        aggregates::{AggregateExec, AggregateMode},
        filter::FilterExec,
    },
};
use std::{
    hash::{Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Puts the test below each first step of a grouping that computes nothing of its rows.
#[derive(Debug)]
pub(crate) struct WithoutRepeated;

impl PhysicalOptimizerRule for WithoutRepeated {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let options = Arc::new(config.clone());
        let changed = plan.transform_up(|plan| match plan.downcast_ref::<AggregateExec>().and_then(|step| grouped(step, &options)) {
            Some(input) => {
                let anew = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
                Ok(Transformed::yes(plan.replace_children(vec![input?], anew)?))
            }
            None => Ok(Transformed::no(plan)),
        });
        changed.data()
    }

    fn name(&self) -> &'static str {
        "without_repeated_rows"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The input of a step without rows that repeat the one before; none where the step is another.
fn grouped(step: &AggregateExec, options: &Arc<ConfigOptions>) -> Option<Result<Arc<dyn ExecutionPlan>>> {
    let is_first = matches!(step.mode(), AggregateMode::Partial | AggregateMode::Single | AggregateMode::SinglePartitioned);
    let by = step.group_expr();
    if !is_first || !step.aggr_expr().is_empty() || by.expr().is_empty() || !by.is_single() {
        return None;
    }
    let schema = step.input().schema();
    let is_plain =
        |by: &Arc<dyn PhysicalExpr>| by.downcast_ref::<Column>().is_some_and(|by| !schema.field(by.index()).data_type().is_nested());
    let by: Vec<_> = by.expr().iter().map(|(by, _)| Arc::clone(by)).collect();
    by.iter().all(is_plain).then(|| {
        let test = ScalarFunctionExpr::try_new(Arc::new(ScalarUDF::from(Anew::new())), by, &schema, Arc::clone(options))?;
        Ok(Arc::new(FilterExec::try_new(Arc::new(test), Arc::clone(step.input()))?) as Arc<dyn ExecutionPlan>)
    })
}

/// Whether a row of a batch differs from the one before it; the first does. Where few are found not to, no more are looked for.
#[derive(Debug)]
struct Anew {
    signature: Signature,
    rows: AtomicUsize,
    repeated: AtomicUsize,
}

/// Rows after which it is known whether they repeat each other, and the part of them that has to for it to be worth asking: to leave one out saves
/// a look into a hash table, to ask of one costs a few bytes that lie side by side.
const KNOWN: usize = 1 << 16;
const PART: usize = 8;

impl Anew {
    fn new() -> Anew {
        Anew { signature: Signature::variadic_any(Volatility::Volatile), rows: AtomicUsize::new(0), repeated: AtomicUsize::new(0) }
    }

    fn is_worth_it(&self) -> bool {
        let rows = self.rows.load(Ordering::Relaxed);
        rows < KNOWN || self.repeated.load(Ordering::Relaxed) * PART >= rows
    }
}

/// Of one kind there is one.
impl PartialEq for Anew {
    fn eq(&self, other: &Anew) -> bool {
        self.signature == other.signature
    }
}

impl Eq for Anew {}

impl Hash for Anew {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.signature.hash(state);
    }
}

impl ScalarUDFImpl for Anew {
    fn name(&self) -> &'static str {
        "says_anew"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if !self.is_worth_it() {
            return Ok(ColumnarValue::Scalar(true.into()));
        }
        let columns = ColumnarValue::values_to_arrays(&arguments.args)?;
        let anew = anew(&columns, arguments.number_rows)?;
        self.rows.fetch_add(anew.len(), Ordering::Relaxed);
        self.repeated.fetch_add(anew.len() - anew.true_count(), Ordering::Relaxed);
        Ok(ColumnarValue::Array(Arc::new(anew)))
    }
}

fn anew(columns: &[ArrayRef], rows: usize) -> Result<BooleanArray> {
    let Some(pairs) = rows.checked_sub(1) else { return Ok(BooleanArray::new(BooleanBuffer::new_unset(0), None)) };
    let mut differs: Option<BooleanArray> = None;
    for column in columns {
        let here = distinct(&column.slice(1, pairs), &column.slice(0, pairs))?;
        differs = Some(differs.map_or(Ok(here.clone()), |before| or(&before, &here))?);
    }
    let differs = differs.map_or_else(|| BooleanBuffer::new_set(pairs), |differs| differs.values().clone());
    Ok(BooleanArray::new(BooleanBuffer::collect_bool(rows, |row| row == 0 || differs.value(row - 1)), None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::{
        arrow::array::{Int64Array, RecordBatch, StringArray},
        datasource::MemTable,
        execution::SessionStateBuilder,
        physical_plan::displayable,
        prelude::{SessionConfig, SessionContext},
    };
    use proptest::prelude::*;

    /// A context with a table of those numbers and words.
    fn context(rows: &[(Option<i64>, Option<&str>)], with_rule: bool) -> SessionContext {
        let numbers: ArrayRef = Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>());
        let words: ArrayRef = Arc::new(rows.iter().map(|row| row.1).collect::<StringArray>());
        let batch = RecordBatch::try_from_iter_with_nullable([("number", numbers, true), ("word", words, true)]).unwrap();
        let halves = [batch.slice(0, rows.len() / 2), batch.slice(rows.len() / 2, rows.len().div_ceil(2))];
        let table = MemTable::try_new(batch.schema(), halves.map(|half| vec![half]).to_vec()).unwrap();
        let state = SessionStateBuilder::new().with_default_features().with_config(SessionConfig::new().with_target_partitions(2));
        let state = if with_rule { state.with_physical_optimizer_rule(Arc::new(WithoutRepeated)) } else { state };
        let context = SessionContext::new_with_state(state.build());
        context.register_table("t", Arc::new(table)).unwrap();
        context
    }

    async fn answer(context: &SessionContext, sql: &str) -> String {
        let batches = context.sql(sql).await.unwrap().collect().await.unwrap();
        datafusion::arrow::util::pretty::pretty_format_batches(&batches).unwrap().to_string()
    }

    #[tokio::test]
    async fn what_is_only_grouped_is_asked_for_repetitions_and_nothing_else() {
        let context = context(&[(Some(1), Some("a")); 9], true);
        for (sql, tests) in [
            ("SELECT DISTINCT number FROM t", 1),
            ("SELECT word, count(DISTINCT number) FROM t GROUP BY word", 1),
            ("SELECT word, count(*) FROM t GROUP BY word", 0),
            ("SELECT number FROM t WHERE word = 'a'", 0),
        ] {
            let plan = context.sql(sql).await.unwrap().create_physical_plan().await.unwrap();
            assert_eq!(displayable(plan.as_ref()).indent(false).to_string().matches("says_anew").count(), tests, "{sql}");
        }
    }

    #[test]
    fn rows_without_an_order_are_soon_not_asked_any_more() {
        let (test, rows) = (Anew::new(), 1 << 15);
        let alike: ArrayRef = Arc::new(Int64Array::from_iter_values((0..rows).map(|row| row / 9)));
        let unlike: ArrayRef = Arc::new(Int64Array::from_iter_values(0..rows));
        assert_eq!(anew(&[Arc::clone(&alike)], alike.len()).unwrap().true_count(), alike.len().div_ceil(9));
        assert_eq!(anew(&[alike, unlike], 1 << 15).unwrap().true_count(), 1 << 15);
        assert_eq!(anew(&[], 0).unwrap().len(), 0);
        test.rows.store(KNOWN, Ordering::Relaxed);
        assert!(!test.is_worth_it());
        test.repeated.store(KNOWN / PART, Ordering::Relaxed);
        assert!(test.is_worth_it());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn answers_are_what_they_are_without(rows in prop::collection::vec((prop::option::of(0_i64..3), prop::option::of(0_usize..2)), 1..60)) {
            let rows: Vec<_> = rows.iter().map(|(number, word)| (*number, word.map(|word| ["甲", "乙"][word]))).collect();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            for sql in [
                "SELECT DISTINCT number, word FROM t ORDER BY number, word",
                "SELECT word, count(DISTINCT number) FROM t GROUP BY word ORDER BY word",
                "SELECT count(DISTINCT word), sum(DISTINCT number) FROM t",
            ] {
                let [with, without] = [true, false].map(|rule| runtime.block_on(answer(&context(&rows, rule), sql)));
                prop_assert_eq!(with, without, "{}", sql);
            }
        }
    }
}
