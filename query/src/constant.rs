//! The one-row relation `p` of views, and the rule that what stands in it is constant. No other table of the catalogue is made here.
//!
//! A cross join copies its one row beside every row of the other side and compares texts row by row, and nothing of it reaches a scan: two
//! thirds of an indicator's time were spent so. As constants they are compared at once, and go below like any literal.

use crate::{Error, error, indicator::Before, session::day};
use datafusion::{
    catalog::TableProvider,
    common::{Column, Result, ScalarValue, tree_node::Transformed},
    datasource::ViewTable,
    logical_expr::{Expr, Filter, Join, JoinType, LogicalPlan, LogicalPlanBuilder, Projection, lit},
    optimizer::{ApplyOrder, Optimizer, OptimizerConfig, OptimizerRule},
};
use std::sync::Arc;

/// Milliseconds by which Beijing is ahead of UTC, and of a year.
pub(crate) const BEIJING_MS: i64 = 8 * 3_600_000;
const YEAR_MS: i64 = 365 * 86_400_000;

/// The relation `p`: `asof` TIMESTAMP, `win_days` BIGINT, `today`, `year_ago`, `before_from` and `before_until` VARCHAR (ISO 8601, the days
/// before the pilot null without one), `duplicate_yuan` DOUBLE.
pub(crate) fn parameters(
    at_ms: i64,
    win_days: i64,
    before: &Before,
    duplicate_yuan: f64,
) -> std::result::Result<Arc<dyn TableProvider>, Error> {
    let text = |text: String| lit(ScalarValue::Utf8(Some(text).filter(|text| !text.is_empty())));
    let row = [
        lit(ScalarValue::TimestampMillisecond(Some(at_ms), None)).alias("asof"),
        lit(win_days).alias("win_days"),
        text(day(at_ms + BEIJING_MS)).alias("today"),
        text(day(at_ms + BEIJING_MS - YEAR_MS)).alias("year_ago"),
        text(before.from.clone()).alias("before_from"),
        text(before.until.clone()).alias("before_until"),
        lit(duplicate_yuan).alias("duplicate_yuan"),
    ];
    let plan = LogicalPlanBuilder::empty(true).project(row).and_then(LogicalPlanBuilder::build).map_err(|error| error::planning(&error))?;
    Ok(Arc::new(ViewTable::new(plan, None)))
}

/// The engine's rules, this one first, so that the others see constants.
pub(crate) fn rules() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    std::iter::once(Arc::new(OneRow) as _).chain(Optimizer::new().rules).collect()
}

/// A join with one row of literals is a projection that adds them.
#[derive(Debug)]
struct OneRow;

impl OptimizerRule for OneRow {
    fn name(&self) -> &'static str {
        "join_with_one_row_of_constants"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Join(join) = plan else { return Ok(Transformed::no(plan)) };
        if join.join_type != JoinType::Inner || !join.on.is_empty() {
            return Ok(Transformed::no(LogicalPlan::Join(join)));
        }
        let left = join.left.schema().fields().len();
        match (literals(&join.left), literals(&join.right)) {
            (_, Some(row)) => added(&join, &join.right, (left, row)).map(Transformed::yes),
            (Some(row), None) => added(&join, &join.left, (0, row)).map(Transformed::yes),
            (None, None) => Ok(Transformed::no(LogicalPlan::Join(join))),
        }
    }
}

/// The join without that side, whose columns, from `at` on, are these literals.
fn added(join: &Join, side: &Arc<LogicalPlan>, (at, row): (usize, Vec<Expr>)) -> Result<LogicalPlan> {
    let rest = if Arc::ptr_eq(side, &join.right) { &join.left } else { &join.right };
    let columns = join.schema.iter().enumerate().map(|(index, (qualifier, field))| {
        let literal = index.checked_sub(at).and_then(|index| row.get(index));
        match literal {
            Some(literal) => literal.clone().alias_qualified(qualifier.cloned(), field.name()),
            None => Expr::Column(Column::new(qualifier.cloned(), field.name())),
        }
    });
    let plan = LogicalPlan::Projection(Projection::try_new(columns.collect(), Arc::clone(rest))?);
    match &join.filter {
        Some(filter) => Ok(LogicalPlan::Filter(Filter::try_new(filter.clone(), Arc::new(plan))?)),
        None => Ok(plan),
    }
}

/// The one row of a relation of literals.
fn literals(plan: &LogicalPlan) -> Option<Vec<Expr>> {
    match plan {
        LogicalPlan::SubqueryAlias(alias) => literals(&alias.input),
        LogicalPlan::Projection(projection) => match projection.input.as_ref() {
            LogicalPlan::EmptyRelation(empty) if empty.produce_one_row => projection.expr.iter().map(literal).collect(),
            _ => None,
        },
        _ => None,
    }
}

fn literal(expr: &Expr) -> Option<Expr> {
    match expr {
        Expr::Literal(..) => Some(expr.clone()),
        Expr::Alias(alias) => literal(&alias.expr),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::{execution::SessionStateBuilder, prelude::SessionContext};

    async fn plan(sql: &str) -> String {
        let state = SessionStateBuilder::new().with_default_features().with_optimizer_rules(rules()).build();
        SessionContext::new_with_state(state).sql(sql).await.unwrap().into_optimized_plan().unwrap().to_string()
    }

    #[tokio::test]
    async fn a_row_of_constants_is_no_join() {
        let p = "(SELECT 3 AS x, 'b' AS y) p";
        for sql in [
            format!("SELECT t.a, p.y FROM (VALUES (1), (5)) t(a) CROSS JOIN {p} WHERE t.a < p.x"),
            format!("SELECT t.a, p.y FROM {p} CROSS JOIN (VALUES (1), (5)) t(a) WHERE t.a < p.x"),
            format!("SELECT t.a, p.y FROM (VALUES (1), (5)) t(a) JOIN {p} ON t.a < p.x"),
        ] {
            let plan = plan(&sql).await;
            assert!(!plan.contains("Join") && plan.contains("< Int64(3)"), "{plan}");
        }
        assert!(plan(&format!("SELECT * FROM (VALUES (1)) t(a) LEFT JOIN {p} ON t.a < p.x")).await.contains("Join"));
    }
}
