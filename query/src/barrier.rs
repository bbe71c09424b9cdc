//! The barrier: a table of which only permitted rows and masked values come out, before any expression of the asker's sees them. In the
//! plan it is a leaf. What stands below it is planned and run behind it, so that no rule of the engine hands a filter, a limit or a bound of
//! a join down to clear values, or statistics of hidden rows up. Who may see what is decided in `rights`.

mod computed;
mod screen;

use crate::{
    rights::{Seen, Which},
    shape::Shape,
};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use async_trait::async_trait;
pub(crate) use computed::{Computed, LEAST, tells_of_few, without_small};
use datafusion::{
    arrow::compute::{BatchCoalescer, concat_batches},
    catalog::{Session, TableProvider},
    common::{DFSchema, Result, ScalarValue, internal_err, project_schema, tree_node::TreeNodeRecursion},
    execution::{SendableRecordBatchStream, TaskContext},
    logical_expr::{BinaryExpr, Expr, Operator, TableProviderFilterPushDown, TableType, expr::InList, expr_rewriter::unnormalize_col},
    physical_expr::{EquivalenceProperties, PhysicalExpr},
    physical_optimizer::{PhysicalOptimizerRule as _, filter_pushdown::FilterPushdown},
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties as _, Partitioning, PlanProperties, ReplaceChildrenOptions,
        collect, execution_plan::reset_plan_states, filter::FilterExec, stream::RecordBatchStreamAdapter,
    },
};
use futures::{StreamExt as _, stream::BoxStream};
pub(crate) use screen::{Protected, Screen};
use std::{fmt, sync::Arc, task::Poll};

/// A table behind the barrier.
#[derive(Debug)]
pub(crate) struct Guarded {
    inner: Arc<dyn TableProvider>,
    schema: SchemaRef,
    shape: Arc<Shape>,
    seen: Arc<Seen>,
    protected: Arc<Protected>,
}

impl Guarded {
    /// `schema` is the table's as it is seen.
    pub(crate) fn new(
        inner: Arc<dyn TableProvider>,
        schema: SchemaRef,
        shape: &Shape,
        seen: Arc<Seen>,
        protected: Arc<Protected>,
    ) -> Guarded {
        Guarded { inner, schema, shape: Arc::new(shape.clone()), seen, protected }
    }

    /// Whether a filter may be asked of clear values: then it leaves out no row that would pass it behind the barrier, it cannot fail, and
    /// it is asked again there. It is a column against a literal, or one of several. Where values may be masked only equality will do, with what is no mask.
    fn may_pass(&self, filter: &Expr) -> bool {
        let may = |column: &Expr, literals: &[&Expr], operator: Operator| {
            let Expr::Column(column) = column else { return false };
            let Ok(at) = self.schema.index_of(&column.name) else { return false };
            let is_clear =
                self.seen.clear[at].is_none() && (self.seen.minors == Which::All || !self.protected.covers_minors(&self.shape, at));
            let hidden = self.seen.clear[at].as_ref().is_some_and(Which::is_none);
            let literal = |literal: &&Expr| match literal {
                Expr::Literal(ScalarValue::Utf8(Some(text)) | ScalarValue::Utf8View(Some(text)), _) => {
                    is_clear || !text.is_empty() && !text.contains('*')
                }
                Expr::Literal(value, _) => is_clear && !value.is_null(),
                _ => false,
            };
            let compares = matches!(operator, Operator::Eq)
                || is_clear && matches!(operator, Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq);
            !hidden && compares && literals.iter().all(literal)
        };
        match filter {
            // A short list comes as this: what passes one of two that may be asked passes one of them behind the barrier.
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => self.may_pass(left) && self.may_pass(right),
            Expr::BinaryExpr(BinaryExpr { left, op, right }) => may(left, &[right], *op),
            Expr::InList(InList { expr, list, negated: false }) => may(expr, &list.iter().collect::<Vec<_>>(), Operator::Eq),
            _ => false,
        }
    }
}

#[async_trait]
impl TableProvider for Guarded {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let may = |filter: &&Expr| {
            if self.may_pass(filter) { TableProviderFilterPushDown::Inexact } else { TableProviderFilterPushDown::Unsupported }
        };
        Ok(filters.iter().map(may).collect())
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let wanted = projection.cloned().unwrap_or_else(|| (0..self.schema.fields().len()).collect());
        let filters: Vec<Expr> = filters.iter().filter(|filter| self.may_pass(filter)).cloned().map(unnormalize_col).collect();
        let mut read = wanted.clone();
        let asked =
            filters.iter().flat_map(Expr::column_refs).filter_map(|column| self.schema.index_of(&column.name).ok()).collect::<Vec<_>>();
        for column in self.protected.needed(&self.shape, &self.seen).into_iter().chain(asked) {
            if !read.contains(&column) {
                read.push(column);
            }
        }
        let schema = project_schema(&self.schema, Some(&wanted))?;
        let mut input = self.inner.scan(session, Some(&read), &filters, None).await?;
        if let Some(filter) = filters.into_iter().reduce(Expr::and) {
            let known = DFSchema::try_from(input.schema())?;
            input = Arc::new(FilterExec::try_new(session.create_physical_expr(filter, &known)?, input)?);
            input = FilterPushdown::new().optimize(input, session.config_options())?;
        }
        let screen = Screen::new(&self.shape, &self.seen, &self.protected, read, wanted.len(), Arc::clone(&schema));
        Ok(Arc::new(Barrier::new(schema, input, Arc::new(move |batch| screen.shown(&batch)))))
    }
}

/// What becomes of a batch on its way out.
pub(crate) type Shown = dyn Fn(RecordBatch) -> Result<RecordBatch> + Send + Sync;

/// The leaf. It has no children, no statistics and no order. Its rows come in one stream, in batches of one size: how large batches are and
/// how files are shared out would tell how many rows were left out between, and the last bits of a sum hang on both.
pub(crate) struct Barrier {
    input: Arc<dyn ExecutionPlan>,
    shown: Arc<Shown>,
    /// Whether all rows are shown together, not batch by batch.
    is_whole: bool,
    properties: Arc<PlanProperties>,
}

impl Barrier {
    pub(crate) fn new(schema: SchemaRef, input: Arc<dyn ExecutionPlan>, shown: Arc<Shown>) -> Barrier {
        let below = input.properties();
        let one = Partitioning::UnknownPartitioning(1);
        let properties = PlanProperties::new(EquivalenceProperties::new(schema), one, below.emission_type, below.boundedness);
        Barrier { input, shown, is_whole: false, properties: Arc::new(properties) }
    }

    /// The same over all rows together.
    fn whole(self) -> Barrier {
        Barrier { is_whole: true, ..self }
    }

    /// What is shown, in whatever batches it was read.
    fn shown(&self, context: &Arc<TaskContext>) -> Result<BoxStream<'static, Result<RecordBatch>>> {
        let (shown, input) = (Arc::clone(&self.shown), Arc::clone(&self.input));
        if self.is_whole {
            let (schema, context) = (input.schema(), Arc::clone(context));
            let all = async move { shown(concat_batches(&schema, &collect(input, context).await?)?) };
            return Ok(futures::stream::once(all).boxed());
        }
        let parts = 0..input.output_partitioning().partition_count();
        let parts = parts.map(|part| input.execute(part, Arc::clone(context))).collect::<Result<Vec<_>>>()?;
        Ok(futures::stream::iter(parts).flatten().map(move |batch| batch.and_then(|batch| shown(batch))).boxed())
    }
}

/// The rows of a stream in batches of `size`, the last one shorter.
fn in_batches(
    mut rows: BoxStream<'static, Result<RecordBatch>>,
    schema: SchemaRef,
    size: usize,
) -> impl futures::Stream<Item = Result<RecordBatch>> {
    // Rows without columns are only counted.
    let gathers = !schema.fields().is_empty();
    let mut coalescer = Some(BatchCoalescer::new(schema, size));
    futures::stream::poll_fn(move |context| {
        loop {
            let Some(gathered) = &mut coalescer else { return Poll::Ready(None) };
            if let Some(batch) = gathered.next_completed_batch() {
                return Poll::Ready(Some(Ok(batch)));
            }
            let pushed = match rows.poll_next_unpin(context) {
                next if !gathers => return next,
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(batch))) => gathered.push_batch(batch).map_err(Into::into),
                Poll::Ready(Some(Err(error))) => Err(error),
                Poll::Ready(None) => {
                    let last = gathered.finish_buffered_batch().map(|()| gathered.next_completed_batch());
                    coalescer = None;
                    return Poll::Ready(last.map_err(Into::into).transpose());
                }
            };
            if let Err(error) = pushed {
                coalescer = None;
                return Poll::Ready(Some(Err(error)));
            }
        }
    })
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier").finish_non_exhaustive()
    }
}

impl DisplayAs for Barrier {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Barrier")
    }
}

impl ExecutionPlan for Barrier {
    fn name(&self) -> &'static str {
        "Barrier"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(&self, _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>, _: ReplaceChildrenOptions) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        if children.is_empty() { Ok(self) } else { internal_err!("a barrier has no children") }
    }

    fn reset_state(self: Arc<Self>) -> Result<Arc<dyn ExecutionPlan>> {
        let input = reset_plan_states(Arc::clone(&self.input))?;
        let (shown, properties) = (Arc::clone(&self.shown), Arc::clone(&self.properties));
        Ok(Arc::new(Barrier { input, shown, is_whole: self.is_whole, properties }))
    }

    fn execute(&self, _: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let rows = in_batches(self.shown(&context)?, self.schema(), context.session_config().batch_size());
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows)))
    }
}
