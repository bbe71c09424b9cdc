//! Names as they are spelled: what SQL makes of one, and what departments mean by it.

use super::Names;
use crate::Error;
use datafusion::sql::sqlparser::ast::{Expr, Ident, Statement, visit_expressions_mut};
use std::{collections::BTreeSet, ops::ControlFlow};

/// A name as SQL takes it: without quotes, capitals of ASCII are small letters.
pub(crate) fn folded(name: &Ident) -> String {
    match name.quote_style {
        None => name.value.to_ascii_lowercase(),
        Some(_) => name.value.clone(),
    }
}

/// Headings of departments are often in capitals, which SQL would turn into small letters: an unquoted name that is, as spelled, a column
/// of a table in the statement is taken as spelled.
pub(super) fn as_spelled(statement: &mut Statement, named: &BTreeSet<String>, tables: &dyn Names) -> Result<(), Error> {
    let mut columns: BTreeSet<String> = BTreeSet::new();
    for name in named {
        columns.extend(tables.schema(name)?.iter().flat_map(|schema| schema.fields()).map(|field| field.name().clone()));
    }
    let quote = |name: &mut Ident| {
        if name.quote_style.is_none() && name.value.contains(|c: char| c.is_ascii_uppercase()) && columns.contains(name.value.as_str()) {
            name.quote_style = Some('"');
        }
    };
    let _: ControlFlow<()> = visit_expressions_mut(statement, |expression| {
        match expression {
            Expr::Identifier(name) => quote(name),
            Expr::CompoundIdentifier(names) => names.iter_mut().for_each(quote),
            _ => {}
        }
        ControlFlow::Continue(())
    });
    Ok(())
}
