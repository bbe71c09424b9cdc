//! A pattern as a subquery: for each way to walk its paths a SELECT over the tables that they join, all of them together.

use super::{
    expand::{Way, branches},
    from::From,
    pattern::GraphTable,
    scope::Scope,
    shortest,
    sql::{Sql, joined, name, sql},
};
use crate::{Error, guard::Names};

pub(super) fn subquery(pattern: &GraphTable, tables: &dyn Names) -> Result<Sql, Error> {
    let scope = Scope::of(pattern, tables)?;
    let mut selects = Vec::new();
    for ways in branches(&scope, pattern.graph.at)? {
        selects.push(select(pattern, &scope, &ways)?);
    }
    Ok(sql("(?)", &[&joined(&selects, "UNION ALL")]))
}

fn select(pattern: &GraphTable, scope: &Scope<'_>, ways: &[Way]) -> Result<Sql, Error> {
    let mut from = From::of(scope);
    for way in ways {
        from.walk(way)?;
        let length = way.hops.iter().filter(|hop| hop.alias.is_some()).count();
        let variable = scope.chains.get(way.chain).and_then(|chain| chain.variable.clone());
        from.lengths.extend(variable.map(|variable| (variable, sql(&length.to_string(), &[]))));
    }
    for chain in (0..scope.chains.len()).filter(|chain| scope.chains[*chain].is_shortest) {
        shortest::join(&mut from, scope, chain)?;
    }
    for words in scope.vertices.values().flat_map(|vertex| &vertex.conditions) {
        from.holds(words)?;
    }
    if !pattern.condition.is_empty() {
        from.holds(&pattern.condition)?;
    }
    let mut columns = Vec::new();
    for column in &pattern.columns {
        columns.push(sql("? AS ?", &[&from.resolved(&column.expression)?, &name(&column.name.text)]));
    }
    Ok(sql("SELECT ? ?", &[&joined(&columns, ","), &from.finished()]))
}
