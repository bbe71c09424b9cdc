//! The ways in which a path may be walked: a quantifier stands for one path of each of its lengths, and what is planned has no quantifiers.

use super::{
    scope::{Chain, Scope},
    wrong,
};
use crate::Error;
use datafusion::sql::sqlparser::tokenizer::Location;

/// Ways of all paths of a pattern together.
const WAYS: usize = 16;

/// One way to walk a path.
#[derive(Debug, Clone)]
pub(super) struct Way {
    /// Which path it is of.
    pub(super) chain: usize,
    pub(super) hops: Vec<Hop>,
}

/// A single edge of it; none where a quantifier lets an edge be left out, and both ends are one.
#[derive(Debug, Clone)]
pub(super) struct Hop {
    pub(super) link: String,
    /// What the edge is called; none where it is left out.
    pub(super) alias: Option<String>,
    pub(super) left: String,
    pub(super) right: String,
}

/// Every combination of ways of the paths of which more than the shortest is wanted.
pub(super) fn branches(scope: &Scope<'_>, at: Location) -> Result<Vec<Vec<Way>>, Error> {
    let mut branches: Vec<Vec<Way>> = vec![Vec::new()];
    for (chain, of) in scope.chains.iter().enumerate().filter(|(_, chain)| !chain.is_shortest) {
        let ways = ways(scope, chain, of);
        branches = branches.iter().flat_map(|before| ways.iter().map(|way| before.iter().chain([way]).cloned().collect())).collect();
        if branches.len() > WAYS {
            return wrong(at, format!("quantifiers make more than {WAYS} different paths"), "ask for fewer lengths, or in several steps");
        }
    }
    Ok(branches)
}

/// Every way of one path.
pub(super) fn ways(scope: &Scope<'_>, chain: usize, of: &Chain) -> Vec<Way> {
    let mut ways = vec![Way { chain, hops: Vec::new() }];
    for (link, ends) in of.links.iter().zip(of.vertices.windows(2)) {
        let [left, right] = ends else { continue };
        let repeated: Vec<Vec<Hop>> = match scope.links.get(link).and_then(|link| link.hops) {
            None => vec![vec![Hop { link: link.clone(), alias: Some(link.clone()), left: left.clone(), right: right.clone() }]],
            Some((least, most)) => (least..=most).map(|length| hops(link, left, right, length)).collect(),
        };
        let with = |way: &Way, more: &Vec<Hop>| Way { chain, hops: way.hops.iter().chain(more).cloned().collect() };
        ways = ways.iter().flat_map(|way| repeated.iter().map(|more| with(way, more)).collect::<Vec<_>>()).collect();
        // Whoever counts the ways refuses so many; there is no need to have them all.
        ways.truncate(WAYS + 1);
    }
    ways
}

/// An edge so many times in a row, with vertices between of which nothing is said.
fn hops(link: &str, left: &str, right: &str, length: usize) -> Vec<Hop> {
    if length == 0 {
        return vec![Hop { link: link.to_owned(), alias: None, left: left.to_owned(), right: right.to_owned() }];
    }
    let vertex = |at: usize| match at {
        0 => left.to_owned(),
        at if at == length => right.to_owned(),
        at => format!("{link} between {at}"),
    };
    let hop = |at: usize| Hop { link: link.to_owned(), alias: Some(format!("{link} {}", at + 1)), left: vertex(at), right: vertex(at + 1) };
    (0..length).map(hop).collect()
}
