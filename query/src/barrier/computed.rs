//! Tables that are computed behind the barrier: views whose columns are masked, cells of counts, figures of which small ones are left out.
//! What the asker's question adds is done with the result, never with what it is made of.

use super::{Barrier, Shown};
use crate::Measure;
use arrow_array::{BooleanArray, Float64Array, RecordBatch, cast::AsArray as _, types::Float64Type};
use arrow_schema::{DataType, SchemaRef};
use async_trait::async_trait;
use datafusion::{
    arrow::compute::{cast, filter_record_batch},
    catalog::{Session, TableProvider},
    common::{Result, exec_datafusion_err},
    logical_expr::{Expr, TableType},
    physical_expr::expressions::Column,
    physical_plan::{ExecutionPlan, execution_plan::reset_plan_states, projection::ProjectionExec},
};
use std::{fmt, sync::Arc};

/// The least number of people or rows that is told to those who see no rows.
pub(crate) const LEAST: u32 = 10;

/// A plan's answer as a table.
pub(crate) struct Computed {
    schema: SchemaRef,
    plan: Arc<dyn ExecutionPlan>,
    shown: Arc<Shown>,
    is_whole: bool,
}

impl Computed {
    /// `shown` is done to each batch, or to all rows together when `whole`; what it gives has `schema`.
    pub(crate) fn new(schema: SchemaRef, plan: Arc<dyn ExecutionPlan>, shown: Arc<Shown>, whole: bool) -> Computed {
        Computed { schema, plan, shown, is_whole: whole }
    }
}

impl fmt::Debug for Computed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Computed").finish_non_exhaustive()
    }
}

#[async_trait]
impl TableProvider for Computed {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    async fn scan(&self, _: &dyn Session, projection: Option<&Vec<usize>>, _: &[Expr], _: Option<usize>) -> Result<Arc<dyn ExecutionPlan>> {
        // A question may read the table twice, and a plan runs once.
        let plan = reset_plan_states(Arc::clone(&self.plan))?;
        let barrier = Barrier::new(Arc::clone(&self.schema), plan, Arc::clone(&self.shown));
        let barrier: Arc<dyn ExecutionPlan> = Arc::new(if self.is_whole { barrier.whole() } else { barrier });
        let Some(projection) = projection else { return Ok(barrier) };
        let column = |at: &usize| {
            let name = self.schema.field(*at).name();
            (Arc::new(Column::new(name, *at)) as _, name.clone())
        };
        let columns: Vec<(Arc<dyn datafusion::physical_expr::PhysicalExpr>, String)> = projection.iter().map(column).collect();
        Ok(Arc::new(ProjectionExec::try_new(columns, barrier)?))
    }
}

/// Figures of an indicator that counts people, for those who see no rows: what counts fewer than ten, or all but fewer than ten, is left out,
/// and then the sum of all departments and areas too, from which it could be found by subtraction. Of what comes to each of something the
/// people are above the line; of a change there are none to be counted.
///
/// # Errors
/// It has no such columns.
pub(crate) fn without_small(figures: &RecordBatch, measure: Measure) -> Result<RecordBatch> {
    let number = |name: &str| -> Result<Float64Array> {
        let column = figures.column_by_name(name).ok_or_else(|| exec_datafusion_err!("a figure lacks a column"))?;
        Ok(cast(column, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
    };
    let (numerator, denominator) = (number("numerator")?, number("denominator")?);
    let department = figures.column_by_name("department").ok_or_else(|| exec_datafusion_err!("a figure lacks its place"))?;
    // Data quality is told by department alone.
    let has_area = |row: usize| figures.column_by_name("area").is_some_and(|area| area.is_valid(row));
    let small = |row: usize| tells_of_few(measure, numerator.value(row), denominator.value(row));
    let any = (0..figures.num_rows()).any(small);
    let kept: BooleanArray =
        (0..figures.num_rows()).map(|row| Some(!any || !small(row) && (department.is_valid(row) || has_area(row)))).collect();
    Ok(filter_record_batch(figures, &kept)?)
}

/// Whether a figure on people tells of fewer than ten.
pub(crate) fn tells_of_few(measure: Measure, numerator: f64, denominator: f64) -> bool {
    let is_small = |count: f64| count > 0.0 && count < f64::from(LEAST);
    match measure {
        Measure::Rate => is_small(numerator) || is_small(denominator) || is_small(denominator - numerator),
        Measure::Mean => is_small(numerator),
        Measure::Change => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Int64Array, StringArray};

    #[test]
    fn a_small_figure_goes_and_with_it_the_sum() {
        let figures = |rows: &[(Option<&str>, i64, i64)]| {
            RecordBatch::try_from_iter([
                ("department", Arc::new(rows.iter().map(|row| row.0).collect::<StringArray>()) as _),
                ("area", Arc::new(rows.iter().map(|row| row.0.filter(|place| place.starts_with("99"))).collect::<StringArray>()) as _),
                ("numerator", Arc::new(rows.iter().map(|row| Some(row.1)).collect::<Int64Array>()) as _),
                ("denominator", Arc::new(rows.iter().map(|row| Some(row.2)).collect::<Int64Array>()) as _),
            ])
            .unwrap()
        };
        let left = |rows: &[(Option<&str>, i64, i64)]| without_small(&figures(rows), Measure::Rate).unwrap().num_rows();
        assert_eq!(left(&[(None, 40, 90), (Some("ga"), 20, 45), (Some("mz"), 20, 45)]), 3);
        assert_eq!(left(&[(None, 40, 90), (Some("ga"), 37, 60), (Some("mz"), 3, 30)]), 1, "the small one, and the sum");
        assert_eq!(left(&[(None, 0, 60), (Some("ga"), 0, 60)]), 2, "nothing is no small number");
        assert_eq!(left(&[(None, 58, 60)]), 0, "two are left over");
        assert_eq!(left(&[(None, 40, 90), (Some("990101001"), 37, 60), (Some("990101002"), 3, 30)]), 1, "of areas as well");
        let mean = without_small(&figures(&[(None, 700, 2)]), Measure::Mean).unwrap();
        assert_eq!(mean.num_rows(), 1, "two workers are no secret, and the people are many");
    }
}
