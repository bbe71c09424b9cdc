//! Calls of table functions in a statement: each is replaced by a table of its name and number, and its arguments are kept.

use super::{
    ALL, Inside, TableFunction,
    argument::{Given, Written, parameters, values},
    provider::Called,
};
use crate::{Error, rights::Visible};
use arrow_schema::DataType;
use datafusion::sql::sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, Ident, ObjectName, Statement, TableAlias, TableFactor, UnaryOperator, Value, VisitMut as _,
    VisitorMut,
};
use std::{collections::BTreeMap, fmt, ops::ControlFlow};

/// Calls in one statement.
const CALLS: usize = 8;

/// A call.
pub(crate) struct Call {
    /// The table that stands for it.
    pub(crate) name: String,
    function: &'static TableFunction,
    written: Vec<Written>,
}

impl Call {
    /// The types of parameters among its arguments, by number.
    pub(crate) fn parameters(&self) -> BTreeMap<usize, DataType> {
        parameters(self.function.arguments, &self.written)
    }

    /// What makes its rows.
    pub(super) fn called(&self, inside: &Inside, given: &Given<'_>) -> Result<Called, Error> {
        let arguments = values(self.function.arguments, &self.written, given)?;
        Ok(Called::new(self.function, inside.clone(), arguments))
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a statement calls for rows.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    pub(crate) behind_from: Vec<Call>,
    /// Whether `neighbours_of` is called.
    pub(crate) of_column: bool,
}

impl Calls {
    pub(crate) fn are_none(&self) -> bool {
        self.behind_from.is_empty() && !self.of_column
    }

    /// The tables that they read, each with its columns.
    pub(crate) fn reads(&self) -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
        let of_column = self.of_column.then_some(super::READS).into_iter().flatten().copied();
        self.behind_from.iter().flat_map(|call| call.function.reads.iter().copied()).chain(of_column)
    }

    /// Those that they read as far as whoever asks sees them.
    pub(crate) fn reads_as_seen(&self, visible: &Visible<'_>) -> Result<Vec<(String, Vec<String>)>, Error> {
        let mut reads = Vec::new();
        for as_seen in self.behind_from.iter().filter_map(|call| call.function.reads_as_seen) {
            reads.extend(as_seen(visible)?);
        }
        Ok(reads)
    }
}

/// Takes the calls out of a statement; what calls something unknown stays as it is, for the guard to refuse.
pub(crate) fn calls(statement: &mut Statement) -> Result<Calls, Error> {
    let mut calls = Calls::default();
    match statement.visit(&mut calls) {
        ControlFlow::Break(error) => Err(*error),
        ControlFlow::Continue(()) => Ok(calls),
    }
}

impl VisitorMut for Calls {
    type Break = Box<Error>;

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<Box<Error>> {
        self.take(factor).map_or_else(|error| ControlFlow::Break(Box::new(error)), ControlFlow::Continue)
    }

    fn pre_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<Box<Error>> {
        if let Expr::Function(function) = expression
            && let [name] = function.name.0.as_slice()
        {
            self.of_column |= name.as_ident().is_some_and(|name| crate::guard::folded(name) == super::NEIGHBOURS_OF);
        }
        ControlFlow::Continue(())
    }
}

impl Calls {
    fn take(&mut self, factor: &mut TableFactor) -> Result<(), Error> {
        let TableFactor::Table { name, alias, args, .. } = factor else { return Ok(()) };
        let Some(function) = function(name) else { return Ok(()) };
        let Some(given) = args.take().filter(|given| given.settings.is_none()) else { return Ok(()) };
        if self.behind_from.len() == CALLS {
            return refused(function, &format!("it is called with more than {} others", CALLS - 1), "ask in several steps".to_owned());
        }
        let written = written(function, &given.args)?;
        let table = format!("{} {}", function.name, self.behind_from.len() + 1);
        *name = ObjectName::from(vec![Ident::with_quote('"', &table)]);
        let called = || TableAlias { explicit: true, name: Ident::new(function.name), columns: Vec::new(), at: None };
        alias.get_or_insert_with(called);
        self.behind_from.push(Call { name: table, function, written });
        Ok(())
    }
}

fn function(name: &ObjectName) -> Option<&'static TableFunction> {
    let [part] = name.0.as_slice() else { return None };
    let name = part.as_ident().map(crate::guard::folded)?;
    ALL.into_iter().find(|function| function.name == name)
}

/// What was written for each argument: first by place, then by name.
fn written(function: &TableFunction, given: &[FunctionArg]) -> Result<Vec<Written>, Error> {
    let mut all = vec![Written::Nothing; function.arguments.len()];
    let takes = || function.arguments.iter().map(|argument| argument.told()).collect::<Vec<_>>().join(", ");
    for (place, argument) in given.iter().enumerate() {
        let (at, value) = match argument {
            FunctionArg::Unnamed(value) => (Some(place), value),
            FunctionArg::Named { name, arg, .. } => (place_of(function, &crate::guard::folded(name)), arg),
            FunctionArg::ExprNamed { name: Expr::Identifier(name), arg, .. } => (place_of(function, &crate::guard::folded(name)), arg),
            FunctionArg::ExprNamed { arg, .. } => (None, arg),
        };
        let Some(cell) = at.and_then(|at| all.get_mut(at)).filter(|cell| **cell == Written::Nothing) else {
            return refused(function, "an argument is none of it, or is given twice", format!("it takes {}", takes()));
        };
        let FunctionArgExpr::Expr(value) = value else { return refused(function, "`*` is no argument", format!("it takes {}", takes())) };
        let Some(value) = literal(value) else {
            let hint = "write a number, a text or a parameter; join the function's rows with those of a table".to_owned();
            return refused(function, "an argument is neither a literal nor a parameter", hint);
        };
        *cell = value;
    }
    let is_missing = |(argument, written): (&super::Argument, &Written)| {
        argument.otherwise == super::argument::Otherwise::Wanted && *written == Written::Nothing
    };
    match function.arguments.iter().zip(&all).any(is_missing) {
        true => refused(function, "an argument is missing", format!("it takes {}", takes())),
        false => Ok(all),
    }
}

fn place_of(function: &TableFunction, name: &str) -> Option<usize> {
    function.arguments.iter().position(|argument| argument.name == name)
}

fn literal(value: &Expr) -> Option<Written> {
    let of = |value: &Value| match value {
        Value::Number(digits, _) => digits.parse().ok().map(Written::Number),
        Value::SingleQuotedString(text) => Some(Written::Text(text.clone())),
        Value::Null => Some(Written::Null),
        Value::Placeholder(name) => name.strip_prefix('$')?.parse().ok().map(Written::Parameter),
        _ => None,
    };
    match value {
        Expr::Value(value) => of(&value.value),
        Expr::TypedString(typed) => of(&typed.value.value),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match literal(expr)? {
            Written::Number(number) => Some(Written::Number(-number)),
            _ => None,
        },
        _ => None,
    }
}

fn refused<T>(function: &TableFunction, detail: &str, hint: String) -> Result<T, Error> {
    Err(Error::Refused { rule: "function", detail: format!("{}: {detail}", function.name), hint })
}
