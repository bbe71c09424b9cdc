//! What came since the resolution before: only pairs are weighed that it has not compared, and those that it kept are taken as they are. The
//! outcome is that of weighing everything by the same model, to the last bit.

use super::{
    ResolutionReport, Way, carried,
    pairs::{Rows, Weighed, describe, weigh_units},
};
use crate::{
    Error,
    block::Blocks,
    change::{Change, Since},
    cluster::Clusters,
    column::narrow,
    guard::Guard,
    weigh::Weights,
};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

/// Batches of `graph.pair`.
pub(super) type Pairs<'a> = &'a mut dyn Iterator<Item = Result<RecordBatch, ArrowError>>;

/// The pairs that are kept now, those of before among them; nothing where these cannot be read back, so that all have to be weighed.
pub(super) fn weigh<'a>(
    rows: &Rows<'a>,
    clusters: &Clusters,
    weights: Weights<'a>,
    (change, pairs): (Change, Pairs<'_>),
    report: &mut ResolutionReport,
) -> Result<Option<(Weights<'a>, Weighed)>, Error> {
    let &Rows { table, matching, measures, threads } = rows;
    let (blocks, refined) = Blocks::since(table, matching, measures, clusters, threads, &change);
    let keys: Vec<String> = blocks.keys.iter().map(|key| key.report.key.clone()).collect();
    let since = |row: u32| change.since[row as usize];
    let key = |left: u32, right: u32, was: u32| match [since(left), since(right)] {
        [Since::Same, Since::Same] if !(refined.holds(left) && refined.holds(right)) => Some(was),
        // Compared anew.
        [Since::Fresh, _] | [_, Since::Fresh] => None,
        _ if blocks.settled(left, right) => None,
        _ if refined.holds(left) && refined.holds(right) => blocks.first_key(left, right).map(narrow),
        _ => Some(was),
    };
    let Some(before) = carried::edges(pairs, (&report.entity, &table.records), (&weights, &keys), key)? else { return Ok(None) };
    let (mut weighed, _) = weigh_units(&blocks, measures, &weights, || Guard::new(table, matching), report);
    describe(&weights, report);
    (report.way, report.carried) = (Some(Way::Increment), before.len() as u64);
    weighed.edges.extend(before);
    weighed.edges.sort_unstable_by_key(|edge| (edge.left, edge.right));
    // A pair of a block that was refined otherwise may come from both.
    weighed.edges.dedup_by_key(|edge| (edge.left, edge.right));
    report.kept = weighed.edges.len() as u64;
    Ok(Some((weights, weighed)))
}

#[cfg(test)]
mod tests;
