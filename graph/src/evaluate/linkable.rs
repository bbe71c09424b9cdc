//! Which pairs anybody could find, from truth and records alone: no weight, similarity, blocking key or threshold of ours takes part.
//!
//! Two records of one true entity are *linkable* if what both of them state alike singles it out: an identifier, or two or three compared
//! properties, that no record of anybody else states so, and (identifiers apart) of which chance would bring together less than
//! [`BY_CHANCE`] other entities, were properties independent: n · Π (entities stating the value / n) of n entities. The second condition is
//! what makes it honest in a small county: a name that only one of its people has is still a name alone, and never enough. Chains count: who
//! is linkable over a third record is. So a slip in one property excuses nobody while the others single the person out; pairs that only a
//! likeness could join are not linkable, and what is found of them is told apart.

use super::{
    Labelled,
    bootstrap::Interval,
    evidence::{Evidence, Stated},
    sums::Sums,
};
use crate::{
    column::{NONE, mix, narrow},
    weigh::float,
};
use serde::Serialize;

/// So many other entities may be expected to state the same by chance.
const BY_CHANCE: f64 = 0.01;

/// How a resolution fares with the pairs that can be found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Linkable {
    /// Linkable pairs.
    pub pairs: u64,
    /// Of them those found.
    pub found: u64,
    /// The share found.
    pub recall: f64,
    /// Where it would lie for other people of the same kind.
    pub interval: Interval,
    /// Pairs that are one, but not linkable.
    pub other_pairs: u64,
    /// Of these those found all the same, by a likeness.
    pub other_found: u64,
}

impl Linkable {
    pub(super) fn new(sums: &Sums, interval: Interval) -> Linkable {
        let (other_pairs, other_found) = (sums.pairs - sums.linkable, sums.both - sums.linked);
        Linkable { pairs: sums.linkable, found: sums.linked, recall: sums.linkable_recall(), interval, other_pairs, other_found }
    }
}

/// For each record the number of its component: linkable records of one true entity have the same.
pub(super) fn components(labelled: &[Labelled], evidence: &Evidence) -> Vec<u32> {
    let mut truths: Vec<u64> = labelled.iter().map(|record| record.truth).collect();
    truths.sort_unstable();
    truths.dedup();
    let entities = float(truths.len());
    drop(truths);
    let mut parents: Vec<u32> = (0..narrow(labelled.len())).collect();
    let columns = |places: &[usize]| places.iter().map(|&at| &evidence.columns[at]).collect::<Vec<_>>();
    for list in &evidence.identify {
        join(&mut parents, labelled, &columns(list), |_| true);
    }
    let rarity: Vec<Vec<f64>> = evidence.compare.iter().map(|&at| shares(labelled, &evidence.columns[at], entities)).collect();
    for combination in combinations(evidence.compare.len()) {
        let places: Vec<usize> = combination.iter().map(|&at| evidence.compare[at]).collect();
        let stated = columns(&places);
        join(&mut parents, labelled, &stated, |row| {
            let shares = combination.iter().zip(&stated).map(|(&at, column)| rarity[at][column.ids[row] as usize]);
            entities * shares.product::<f64>() <= BY_CHANCE
        });
    }
    (0..narrow(labelled.len())).map(|row| root(&mut parents, row)).collect()
}

/// Two or three of so many.
fn combinations(of: usize) -> Vec<Vec<usize>> {
    let two = (0..of).flat_map(|first| (first + 1..of).map(move |second| vec![first, second]));
    let three = two.clone().flat_map(|pair| (pair[1] + 1..of).map(move |third| vec![pair[0], pair[1], third]));
    two.chain(three).collect()
}

/// Of each value the share of true entities with a record that states it.
fn shares(labelled: &[Labelled], column: &Stated, entities: f64) -> Vec<f64> {
    let mut stated: Vec<(u32, u64)> = column.ids.iter().copied().zip(labelled.iter().map(|record| record.truth)).collect();
    stated.sort_unstable();
    stated.dedup();
    let mut counts = vec![0usize; column.distinct()];
    stated.iter().for_each(|&(id, _)| counts[id as usize] += 1);
    counts.into_iter().map(|count| float(count) / entities).collect()
}

/// Joins records that state the same in all these columns, where nobody else does and it is `telling`.
fn join(parents: &mut [u32], labelled: &[Labelled], columns: &[&Stated], telling: impl Fn(usize) -> bool) {
    let mut stated: Vec<(u64, u32)> = Vec::new();
    for row in 0..labelled.len() {
        let whole = columns.iter().try_fold(0, |key, column| (column.ids[row] != NONE).then(|| mix(key, u64::from(column.ids[row]))));
        stated.extend(whole.map(|key| (key, narrow(row))));
    }
    stated.sort_unstable();
    for alike in stated.chunk_by(|left, right| left.0 == right.0).filter(|alike| alike.len() > 1) {
        let (first, whose) = (alike[0].1, labelled[alike[0].1 as usize].truth);
        if alike.iter().all(|&(_, row)| labelled[row as usize].truth == whose) && telling(first as usize) {
            for &(_, row) in &alike[1..] {
                let (left, right) = (root(parents, first), root(parents, row));
                parents[left.max(right) as usize] = left.min(right);
            }
        }
    }
}

fn root(parents: &mut [u32], mut row: u32) -> u32 {
    while parents[row as usize] != row {
        // Halves the way for those that come after.
        parents[row as usize] = parents[parents[row as usize] as usize];
        row = parents[row as usize];
    }
    row
}
