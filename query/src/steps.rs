//! The steps of a plan, for whoever wants to know what a question would do before it is run. They are told in closed words: what is done, to
//! which table, with which of the catalogue's columns and which functions. No literal, alias, number of rows or order of the physical plan is
//! told, and the barrier is no step: of a table behind it the plan has a leaf, whatever is kept back of it.

use crate::reads::{Reads, full_name};
use datafusion::{
    common::{Result, tree_node::TreeNode as _, tree_node::TreeNodeRecursion},
    logical_expr::{Expr, LogicalPlan},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One step. What it works on stands below it, one deeper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// 0 for the last step, whose rows are the answer.
    pub depth: usize,
    /// What is done.
    pub operator: Operator,
    /// The table that is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Columns of the catalogue by which it is done.
    pub columns: Vec<String>,
    /// Functions that it calls.
    pub functions: Vec<String>,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// Reads a table.
    Read,
    /// Takes the rows of a function.
    Call,
    /// Takes rows that were written into the question.
    Values,
    /// Keeps some rows.
    Filter,
    /// Computes columns.
    Compute,
    /// Brings rows of two sides together.
    Join,
    /// Makes one row of many.
    Aggregate,
    /// Computes over neighbouring rows.
    Window,
    /// Orders.
    Sort,
    /// Takes the first rows.
    Limit,
    /// Puts rows one below the other.
    Union,
    /// Keeps one of those that are alike.
    Distinct,
    /// Makes rows of lists.
    Unnest,
    /// Something else.
    Other,
}

/// The steps of an optimised plan that reads these columns.
pub(crate) fn steps(plan: &LogicalPlan, reads: &Reads) -> Result<Vec<Step>> {
    let known = reads.columns.iter().filter_map(|column| column.splitn(3, '.').nth(2)).collect();
    let mut steps = Vec::new();
    add(plan, 0, &known, &mut steps)?;
    Ok(steps)
}

fn add(plan: &LogicalPlan, depth: usize, known: &BTreeSet<&str>, steps: &mut Vec<Step>) -> Result<()> {
    let Used { columns, functions, subqueries } = Used::of(plan, known)?;
    let is_step = match plan {
        LogicalPlan::SubqueryAlias(_) | LogicalPlan::Subquery(_) | LogicalPlan::Repartition(_) => false,
        // To name, order and leave out columns is nothing to tell.
        LogicalPlan::Projection(_) => !functions.is_empty(),
        _ => true,
    };
    let below = depth + usize::from(is_step);
    if is_step {
        let (operator, table, columns) = match plan {
            LogicalPlan::TableScan(scan) => {
                read(&full_name(&scan.table_name), scan.projected_schema.fields().iter().map(|field| field.name()))
            }
            other => (operator(other), None, columns.into_iter().collect()),
        };
        steps.push(Step { depth, operator, table, columns, functions: functions.into_iter().collect() });
    }
    for input in plan.inputs().into_iter().chain(&subqueries) {
        add(input, below, known, steps)?;
    }
    Ok(())
}

/// The step of a leaf: what is no table of the catalogue has no name here.
fn read<'a>(table: &str, columns: impl Iterator<Item = &'a String>) -> (Operator, Option<String>, Vec<String>) {
    match table {
        crate::door::PARAMETERS => (Operator::Values, None, Vec::new()),
        call if crate::table_function::is_call(call) => (Operator::Call, None, Vec::new()),
        table => (Operator::Read, Some(table.to_owned()), columns.cloned().collect()),
    }
}

fn operator(plan: &LogicalPlan) -> Operator {
    match plan {
        LogicalPlan::Filter(_) => Operator::Filter,
        LogicalPlan::Projection(_) => Operator::Compute,
        LogicalPlan::Join(_) => Operator::Join,
        LogicalPlan::Aggregate(_) => Operator::Aggregate,
        LogicalPlan::Window(_) => Operator::Window,
        LogicalPlan::Sort(_) => Operator::Sort,
        LogicalPlan::Limit(_) => Operator::Limit,
        LogicalPlan::Union(_) => Operator::Union,
        LogicalPlan::Distinct(_) => Operator::Distinct,
        LogicalPlan::Unnest(_) => Operator::Unnest,
        LogicalPlan::Values(_) | LogicalPlan::EmptyRelation(_) => Operator::Values,
        _ => Operator::Other,
    }
}

/// What the expressions of one node use.
#[derive(Default)]
struct Used {
    columns: BTreeSet<String>,
    functions: BTreeSet<String>,
    subqueries: Vec<LogicalPlan>,
}

impl Used {
    /// Only columns that are `known`: the planner's own may be called by what they are computed from.
    fn of(plan: &LogicalPlan, known: &BTreeSet<&str>) -> Result<Used> {
        let mut used = Used::default();
        plan.apply_expressions(|expression| {
            expression.apply(|part| {
                used.add(part, known);
                Ok(TreeNodeRecursion::Continue)
            })
        })?;
        Ok(used)
    }

    fn add(&mut self, part: &Expr, known: &BTreeSet<&str>) {
        match part {
            Expr::Column(column) if known.contains(column.name.as_str()) => {
                self.columns.insert(column.name.clone());
            }
            Expr::ScalarFunction(call) => {
                self.functions.insert(call.func.name().to_owned());
            }
            Expr::AggregateFunction(call) => {
                self.functions.insert(call.func.name().to_owned());
            }
            Expr::WindowFunction(call) => {
                self.functions.insert(call.fun.name().to_owned());
            }
            Expr::ScalarSubquery(inner) => self.subqueries.push(inner.subquery.as_ref().clone()),
            Expr::Exists(exists) => self.subqueries.push(exists.subquery.subquery.as_ref().clone()),
            Expr::InSubquery(inside) => self.subqueries.push(inside.subquery.subquery.as_ref().clone()),
            _ => {}
        }
    }
}
