//! What came since the resolution before, of rows that hold all that it reaches: only pairs are weighed that were not compared, and those that
//! were kept are taken as they are. The outcome is that of weighing everything by the same model, to the last bit.

use super::{
    ResolutionReport, Way,
    carried::Rows as Places,
    kept::{Kept, SAME_KEY},
    pairs::{Edge, Rows, Weighed, describe, weigh_units},
};
use crate::{
    block::Blocks,
    change::{Change, Since},
    cluster::Clusters,
    column::narrow,
    guard::Guard,
    weigh::Weights,
};

/// A pair that was kept, by record numbers.
pub(super) type Pair = (i64, i64, Kept);

/// The pairs that are kept now, those of before among them.
pub(super) fn weigh<'a>(
    rows: &Rows<'a>,
    clusters: &Clusters,
    weights: Weights<'a>,
    (change, pairs): (Change, &[Pair]),
    report: &mut ResolutionReport,
) -> (Weights<'a>, Weighed) {
    let &Rows { table, matching, measures, threads } = rows;
    let (blocks, refined) = Blocks::since(table, matching, measures, clusters, threads, &change);
    let since = |row: u32| change.since[row as usize];
    let key = |left: u32, right: u32, was: u32| match [since(left), since(right)] {
        [Since::Same, Since::Same] if !(refined.holds(left) && refined.holds(right)) => Some(was),
        // Compared anew.
        [Since::Fresh, _] | [_, Since::Fresh] => None,
        _ if blocks.settled(left, right) => None,
        _ if refined.holds(left) && refined.holds(right) => blocks.first_key(left, right).map(narrow),
        _ => Some(was),
    };
    // Those that say the very same are weighed anew.
    let places = Places::of(&table.records);
    let compared = pairs.iter().filter(|(_, _, pair)| pair.key != SAME_KEY);
    let before = compared.filter_map(|&(left, right, Kept { key: was, levels, weight, .. })| {
        let (left, right) = (places.row(left)?, places.row(right)?);
        Some(Edge { left, right, key: key(left, right, was)?, levels, weight })
    });
    let before: Vec<Edge> = before.collect();
    let (mut weighed, edges, _) = weigh_units(&blocks, measures, &weights, || Guard::new(table, matching), report);
    describe(&weights, report);
    (report.way, report.carried) = (Some(Way::Increment), before.len() as u64);
    let edges = edges.iter().flat_map(|(key, edges)| edges.iter().map(|edge| edge.of(*key)));
    weighed.edges = edges.chain(before).collect();
    weighed.edges.sort_unstable_by_key(|edge| (edge.left, edge.right));
    // A pair of a block that was refined otherwise may come from both.
    weighed.edges.dedup_by_key(|edge| (edge.left, edge.right));
    report.kept = weighed.edges.len() as u64;
    (weights, weighed)
}

#[cfg(test)]
mod tests;
