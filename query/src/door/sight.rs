//! How a table stands in the engine's catalogue for whoever asks: as it is, behind the barrier, or as cells or figures computed behind it.

use super::{Before, Door};
use crate::{
    Error,
    barrier::{Computed, Guarded, LEAST, Screen, without_small},
    error,
    guard::ours,
    reads::Reads,
    rights::{ROWS, Rights, Seen, Sight, Which},
};
use arrow_array::RecordBatch;
use datafusion::{
    catalog::TableProvider,
    common::Column,
    datasource::provider_as_source,
    functions_aggregate::expr_fn::count,
    logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit},
    physical_plan::ExecutionPlan,
};
use std::sync::Arc;

impl Door<'_> {
    /// The table as it is seen.
    pub(super) async fn guarded(
        &mut self,
        name: &str,
        sight: Sight,
        provider: Arc<dyn TableProvider>,
    ) -> Result<Arc<dyn TableProvider>, Error> {
        if self.before.rights.is_program() {
            return Ok(provider);
        }
        let Some(shape) = self.catalogue.shapes.get(name) else { return Err(Error::Engine { detail: "a table has no shape" }) };
        let schema = sight.schema(&provider.schema());
        let concerns = !self.before.protected.restricted.is_empty() && !shape.traces.is_empty();
        match sight {
            // What views are made of is behind the barrier already; only their own columns may have to be masked.
            Sight::Rows(seen) if provider.get_logical_plan().is_some() => {
                match seen.rows == Which::All && seen.clear.iter().all(Option::is_none) {
                    true => Ok(provider),
                    false => self.screened(name, provider, &seen).await,
                }
            }
            // Nothing is masked here, so nobody looks into its texts before the engine does.
            Sight::Rows(seen) if seen.is_everything() && !concerns => Ok(wuwei_lake::viewed(provider.as_ref()).unwrap_or(provider)),
            Sight::Rows(seen) => Ok(Arc::new(Guarded::new(provider, schema, shape, seen, Arc::clone(self.before.protected)))),
            Sight::Cells(columns) => {
                let seen = Arc::new(Seen::everything(provider.schema().fields().len()));
                let whole = Guarded::new(Arc::clone(&provider), provider.schema(), shape, seen, Arc::clone(self.before.protected));
                let whole = if concerns { Arc::new(whole) as Arc<dyn TableProvider> } else { provider };
                let plan = cells(name, whole, &columns).map_err(|error| error::planning(&error))?;
                let plan = self.physical(&self.optimized(&plan)?).await?;
                Ok(Arc::new(Computed::new(plan.schema(), plan, Arc::new(Ok), false)))
            }
        }
    }

    /// A view whose own columns are masked: it is computed whole, then screened.
    async fn screened(&mut self, name: &str, view: Arc<dyn TableProvider>, seen: &Arc<Seen>) -> Result<Arc<dyn TableProvider>, Error> {
        let (Some(shape), Some(plan)) = (self.catalogue.shapes.get(name), view.get_logical_plan()) else {
            return Err(Error::Engine { detail: "a view has no plan" });
        };
        let plan = self.optimized(&plan)?;
        self.behind.extend(Reads::of(&plan).map_err(|error| error::planning(&error))?);
        let plan = self.physical(&plan).await?;
        let count = plan.schema().fields().len();
        if count != shape.columns.len() {
            return Err(Error::Engine { detail: "a view has other columns than its contract" });
        }
        let schema = Sight::Rows(Arc::clone(seen)).schema(&plan.schema());
        let screen = Screen::new(&Arc::new(shape.clone()), seen, self.before.protected, (0..count).collect(), count, Arc::clone(&schema));
        Ok(Arc::new(Computed::new(schema, plan, Arc::new(move |batch| screen.shown(&batch)), false)))
    }

    /// The figures of an indicator, the same for whoever asks; those who see no rows of what is counted are told no small ones. They are always
    /// computed apart from the question, so that what they are made of is not taken for what the asker used: looking at the rate of use must
    /// not raise it.
    pub(super) async fn figures(&mut self, name: &str, sql: &str) -> Result<Arc<dyn TableProvider>, Error> {
        let rights = Rights::definer();
        let mut door = self.as_definer(Before { rights: &rights, protected: self.before.protected });
        let plan = door.view(name, sql).await?;
        let mut sees_rows = true;
        for table in ours(sql, &self.catalogue.tables, &["p"])?.tables {
            let sight = self.before.rights.sight(self.catalogue, &table)?;
            sees_rows &= table.starts_with("contract.") || matches!(&sight, Some(Sight::Rows(seen)) if seen.rows == Which::All);
        }
        let plan = door.optimized(&plan)?;
        let reads = Reads::of(&plan).map_err(|error| error::planning(&error))?;
        let plan = door.physical(&plan).await?;
        self.defined.extend(reads);
        let measure = self.catalogue.measure(name);
        let shown = move |figures: RecordBatch| if sees_rows { Ok(figures) } else { without_small(&figures, measure) };
        Ok(Arc::new(Computed::new(plan.schema(), plan, Arc::new(shown), true)))
    }

    /// To optimise takes most of the time of a question over few rows, so it is done once.
    fn optimized(&self, plan: &LogicalPlan) -> Result<LogicalPlan, Error> {
        self.state.optimize(plan).map_err(|error| error::planning(&error))
    }

    async fn physical(&self, optimized: &LogicalPlan) -> Result<Arc<dyn ExecutionPlan>, Error> {
        self.state.query_planner().create_physical_plan(optimized, &self.state).await.map_err(|error| error::planning(&error))
    }
}

/// How many rows there are by these columns, cells of fewer than ten left out.
fn cells(name: &str, table: Arc<dyn TableProvider>, columns: &[usize]) -> datafusion::common::Result<LogicalPlan> {
    let schema = table.schema();
    let column = |at: &usize| Expr::Column(Column::new_unqualified(schema.field(*at).name()));
    LogicalPlanBuilder::scan(name, provider_as_source(table), Some(columns.to_vec()))?
        .aggregate(columns.iter().map(column).collect::<Vec<_>>(), vec![count(lit(1)).alias(ROWS)])?
        .filter(Expr::Column(Column::new_unqualified(ROWS)).gt_eq(lit(i64::from(LEAST))))?
        .build()
}
