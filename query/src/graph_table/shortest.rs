//! `ANY SHORTEST`: for each pair of vertices the least of the lengths by which one comes from one to the other. Which of several paths of that
//! length it is makes no difference to what can be asked of it.

use super::{
    expand::{Way, ways},
    from::From,
    scope::{Part, Scope, parts},
    sql::{Sql, column, joined, sql},
};
use crate::Error;

/// Joins the shortest paths of a path to what is joined already.
pub(super) fn join(from: &mut From<'_>, scope: &Scope<'_>, chain: usize) -> Result<(), Error> {
    let Some(of) = scope.chains.get(chain) else { return Ok(()) };
    let [first, last] = of.vertices.as_slice() else { return Ok(()) };
    let mut lengths = Vec::new();
    for way in ways(scope, chain, of) {
        lengths.push(of_length(scope, &way, [first, last])?);
    }
    let paths = sql(
        "(SELECT near, near_type, far, far_type, min(steps) AS steps FROM (?) AS paths GROUP BY near, near_type, far, far_type)",
        &[&joined(&lengths, "UNION ALL")],
    );
    let alias = format!("path {chain}");
    from.path(&alias, &paths, [first, last]);
    from.lengths.extend(of.variable.clone().map(|variable| (variable, column(&alias, "steps"))));
    Ok(())
}

/// The ends of the paths of one length. What is said of an end alone holds already here, so that not every path of the graph is walked.
fn of_length(scope: &Scope<'_>, way: &Way, ends: [&String; 2]) -> Result<Sql, Error> {
    let mut from = From::of(scope);
    from.walk(way)?;
    for end in ends {
        for words in scope.vertices.get(end).into_iter().flat_map(|vertex| &vertex.conditions) {
            let is_own = parts(words)?.iter().all(|part| match part {
                Part::Word(_) => true,
                Part::Property(element, _) => element.text == *end,
                Part::Length(_) => false,
            });
            if is_own {
                from.holds(words)?;
            }
        }
    }
    let length = sql(&way.hops.iter().filter(|hop| hop.alias.is_some()).count().to_string(), &[]);
    let [(near, near_type), (far, far_type)] = ends.map(|end| from.end(end));
    Ok(sql(
        "SELECT DISTINCT ? AS near, ? AS near_type, ? AS far, ? AS far_type, ? AS steps ?",
        &[&near, &near_type, &far, &far_type, &length, &from.finished()],
    ))
}
