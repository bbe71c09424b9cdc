//! Whom an answer shows: which of its columns hold numbers of persons or of their records, as a plan tells, and which numbers came. A number
//! that is computed with is none any more; one out of `graph` counts whatever it is of, since the answer need not say. What shows a person
//! without any number (a name alone) is told by tables and columns only.

use crate::{
    Catalogue, Entry,
    audit::LISTED,
    reads::{Number, Reads},
    shape::Trace,
    table_function,
};
use arrow_array::{ArrayRef, RecordBatch, cast::AsArray as _, types::Int64Type};
use arrow_cast::cast;
use arrow_schema::DataType;
use datafusion::{
    common::JoinType,
    logical_expr::{Distinct, Expr, LogicalPlan},
};
use std::collections::BTreeSet;
use wuwei_schema::Category;

/// Numbers that are held and counted at most, of either kind; those beyond are as if there were no more.
const COUNTED: usize = 100_000;

/// The columns of an answer that hold numbers, and those that came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Revealed {
    columns: BTreeSet<(usize, Number)>,
    persons: BTreeSet<i64>,
    records: BTreeSet<i64>,
}

impl Revealed {
    /// By what a plan reads; nothing came yet.
    pub(crate) fn of(reads: &Reads) -> Revealed {
        Revealed { columns: reads.shown.clone(), ..Revealed::default() }
    }

    /// Persons that are known to be shown.
    pub(crate) fn persons(persons: impl IntoIterator<Item = i64>) -> Revealed {
        let mut revealed = Revealed::default();
        persons.into_iter().for_each(|person| hold(&mut revealed.persons, person));
        revealed
    }

    /// Takes the numbers of rows that leave.
    pub(crate) fn add(&mut self, batch: &RecordBatch) {
        for (at, number) in self.columns.clone() {
            let Some(column) = batch.columns().get(at) else { continue };
            let of = match number {
                Number::Person => &mut self.persons,
                Number::Record => &mut self.records,
            };
            take(column, of);
        }
    }

    /// Tells it in an entry.
    pub(crate) fn tell(&self, entry: Entry) -> Entry {
        let first = |numbers: &BTreeSet<i64>| numbers.iter().copied().take(LISTED).collect::<BTreeSet<_>>();
        let (persons, records) = (first(&self.persons), first(&self.records));
        let more = (self.persons.len() - persons.len() + self.records.len() - records.len()) as u64;
        Entry { persons, records, more: Some(more).filter(|more| *more > 0), ..entry }
    }
}

/// The columns of an optimised plan's answer that hold numbers.
pub(crate) fn shown(plan: &LogicalPlan, catalogue: &Catalogue) -> BTreeSet<(usize, Number)> {
    let mut shown = BTreeSet::new();
    for at in 0..plan.schema().fields().len() {
        let mut found = BTreeSet::new();
        column(plan, at, catalogue, &mut found);
        shown.extend(found.into_iter().map(|number| (at, number)));
    }
    shown
}

fn hold(numbers: &mut BTreeSet<i64>, number: i64) {
    numbers.insert(number);
    if numbers.len() > COUNTED {
        numbers.pop_last();
    }
}

/// The numbers of a column, also as texts or in lists.
fn take(column: &ArrayRef, of: &mut BTreeSet<i64>) {
    if let Some(list) = column.as_list_opt::<i32>() {
        return take(list.values(), of);
    }
    if let Some(parts) = column.as_struct_opt() {
        let numbers = parts.column_names().into_iter().zip(parts.columns()).filter(|(name, _)| name.ends_with("_id"));
        return numbers.for_each(|(_, column)| take(column, of));
    }
    if let Ok(numbers) = cast(column, &DataType::Int64) {
        numbers.as_primitive::<Int64Type>().iter().flatten().for_each(|number| hold(of, number));
    }
}

/// What the numbers in a column of a plan are of.
fn column(plan: &LogicalPlan, at: usize, catalogue: &Catalogue, found: &mut BTreeSet<Number>) {
    match plan {
        LogicalPlan::TableScan(scan) => {
            let name = crate::reads::full_name(&scan.table_name);
            found.extend(stored(catalogue, &name, scan.projected_schema.field(at).name()));
        }
        LogicalPlan::Projection(projection) => of_expression(projection.expr.get(at), &projection.input, catalogue, found),
        LogicalPlan::Aggregate(aggregate) => {
            let expressions = aggregate.group_expr.iter().flat_map(grouped).chain(&aggregate.aggr_expr);
            // Grouping sets add a column of their own behind the groups; what stands behind it is looked for by its name.
            let named = aggregate.schema.field(at).name();
            let mut of_name = expressions.clone().filter(|expression| expression.schema_name().to_string() == *named).peekable();
            let plain = expressions.clone().nth(at).filter(|_| of_name.peek().is_none());
            of_name.chain(plain).for_each(|expression| of_expression(Some(expression), &aggregate.input, catalogue, found));
        }
        LogicalPlan::Window(window) => {
            let count = window.input.schema().fields().len();
            match at.checked_sub(count) {
                None => column(&window.input, at, catalogue, found),
                Some(behind) => of_expression(window.window_expr.get(behind), &window.input, catalogue, found),
            }
        }
        LogicalPlan::Join(join) => {
            let count = match join.join_type {
                JoinType::RightSemi | JoinType::RightAnti | JoinType::RightMark => 0,
                _ => join.left.schema().fields().len(),
            };
            let side = if at < count { (&join.left, at) } else { (&join.right, at - count) };
            // A mark stands behind the columns of its side.
            if side.1 < side.0.schema().fields().len() && !(at >= count && matches!(join.join_type, JoinType::LeftMark)) {
                column(side.0, side.1, catalogue, found);
            }
        }
        LogicalPlan::Union(union) => union.inputs.iter().for_each(|input| column(input, at, catalogue, found)),
        LogicalPlan::Distinct(Distinct::On(on)) => of_expression(on.select_expr.get(at), &on.input, catalogue, found),
        LogicalPlan::Unnest(unnest) => {
            let below = unnest.dependency_indices.get(at).copied();
            below.into_iter().for_each(|at| column(&unnest.input, at, catalogue, found));
        }
        LogicalPlan::Subquery(subquery) => column(&subquery.subquery, at, catalogue, found),
        LogicalPlan::Filter(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::Limit(_)
        | LogicalPlan::Repartition(_)
        | LogicalPlan::SubqueryAlias(_)
        | LogicalPlan::Distinct(_) => plan.inputs().iter().for_each(|input| column(input, at, catalogue, found)),
        _ => {}
    }
}

/// The expressions of a group, those of grouping sets one by one.
fn grouped(expression: &Expr) -> Vec<&Expr> {
    match expression {
        Expr::GroupingSet(set) => set.distinct_expr(),
        other => vec![other],
    }
}

/// What the values of an expression are, where it hands on what a column holds.
fn of_expression(expression: Option<&Expr>, input: &LogicalPlan, catalogue: &Catalogue, found: &mut BTreeSet<Number>) {
    let mut each = |inner: &Expr| of_expression(Some(inner), input, catalogue, found);
    match expression {
        Some(Expr::Column(named)) => {
            if let Some(at) = input.schema().maybe_index_of_column(named) {
                column(input, at, catalogue, found);
            }
        }
        Some(Expr::Alias(alias)) => each(&alias.expr),
        Some(Expr::Cast(cast)) => each(&cast.expr),
        Some(Expr::TryCast(cast)) => each(&cast.expr),
        Some(Expr::Case(case)) => {
            case.when_then_expr.iter().for_each(|(_, then)| each(then));
            case.else_expr.iter().for_each(|otherwise| each(otherwise));
        }
        Some(Expr::ScalarFunction(function)) if function.name() == table_function::NEIGHBOURS_OF => {
            found.insert(Number::Person);
        }
        // Of what is taken apart only the parts that are numbers of somebody are, not how many steps or which row.
        Some(Expr::ScalarFunction(function)) if function.name() == "get_field" && !is_number(&function.args) => {}
        Some(Expr::ScalarFunction(function)) if HANDS_ON.contains(&function.name()) => function.args.iter().for_each(each),
        Some(Expr::AggregateFunction(function)) if HANDS_ON.contains(&function.func.name()) => function.params.args.iter().for_each(each),
        Some(Expr::WindowFunction(function)) if HANDS_ON.contains(&function.fun.name()) => function.params.args.iter().for_each(each),
        Some(Expr::ScalarSubquery(subquery)) => column(&subquery.subquery, 0, catalogue, found),
        _ => {}
    }
}

/// Whether what `get_field` takes out of a struct may be the number of somebody.
fn is_number(args: &[Expr]) -> bool {
    match args.last() {
        Some(Expr::Literal(name, _)) => name.try_as_str().flatten().is_none_or(|name| name.ends_with("_id")),
        _ => true,
    }
}

/// Functions whose value is one that they were given, or a list of them.
const HANDS_ON: [&str; 17] = [
    "coalesce",
    "nullif",
    "nvl",
    "greatest",
    "least",
    "min",
    "max",
    "median",
    "first_value",
    "last_value",
    "nth_value",
    "lag",
    "lead",
    "array_agg",
    "make_array",
    "arrow_cast",
    "get_field",
];

/// What a column of a table holds the numbers of.
fn stored(catalogue: &Catalogue, table: &str, name: &str) -> Vec<Number> {
    if let Some(number) = table_function::number(table, name) {
        return vec![number];
    }
    let (Some(shape), Some(found)) = (catalogue.shapes.get(table), catalogue.tables.get(table)) else { return Vec::new() };
    let Ok(at) = found.schema.index_of(name) else { return Vec::new() };
    // A table of no one type may speak of anybody.
    let is_of_people = catalogue.model().entity(&shape.kind).is_none_or(|entity| entity.category == Category::Person);
    let number = |trace: &Trace| match trace {
        Trace::Entity(column) if *column == at => Some(Number::Person),
        Trace::Record(column) if *column == at => Some(Number::Record),
        Trace::Records(first, last) if *first == at || *last == at => Some(Number::Record),
        _ => None,
    };
    shape.traces.iter().filter(|_| is_of_people).filter_map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Int64Array, ListArray, StringArray};
    use std::sync::Arc;

    #[test]
    fn numbers_are_taken_out_of_every_form_and_no_more_are_listed_than_an_entry_holds() {
        let mut found = BTreeSet::new();
        take(&(Arc::new(Int64Array::from(vec![Some(3), None, Some(1)])) as ArrayRef), &mut found);
        take(&(Arc::new(StringArray::from(vec!["7", "none"])) as ArrayRef), &mut found);
        let list = ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(9), None])]);
        take(&(Arc::new(list) as ArrayRef), &mut found);
        assert_eq!(found, BTreeSet::from([1, 3, 7, 9]));
        let many = Revealed::persons((0..LISTED as i64 + 7).rev()).tell(Entry::default());
        assert_eq!((many.persons.len(), many.persons.last().copied(), many.more), (LISTED, Some(LISTED as i64 - 1), Some(7)));
    }
}
