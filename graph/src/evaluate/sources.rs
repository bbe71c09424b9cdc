//! What is found within and between sources: an index of pairs by the two places that their records came from.

use super::overlap::pairs;
use serde::Serialize;
use std::collections::BTreeMap;

/// Pairs of records of two sources, or of one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Between {
    /// The source with the smaller number.
    pub left: u32,
    /// The other, or the same.
    pub right: u32,
    /// Pairs that are one.
    pub pairs: u64,
    /// Pairs said to be one.
    pub said: u64,
    /// Pairs that are one and were said to be.
    pub both: u64,
}

/// Pairs by source.
#[derive(Debug, Default)]
pub(super) struct BySource(BTreeMap<(u32, u32), Between>);

impl BySource {
    /// Counts the pairs of a set of records, which is given by how many of them come from each source, each source once and in order.
    pub(super) fn count(&mut self, records: &[(u32, u64)], into: fn(&mut Between) -> &mut u64) {
        for (at, &(left, many)) in records.iter().enumerate() {
            self.add(left, left, pairs(many), into);
            for &(right, others) in &records[at + 1..] {
                self.add(left, right, many * others, into);
            }
        }
    }

    fn add(&mut self, left: u32, right: u32, many: u64, into: fn(&mut Between) -> &mut u64) {
        if many > 0 {
            *into(self.0.entry((left, right)).or_insert(Between { left, right, ..Between::default() })) += many;
        }
    }

    pub(super) fn done(self) -> Vec<Between> {
        self.0.into_values().collect()
    }
}

/// How many of these sorted sources there are of each.
pub(super) fn tally(sources: impl Iterator<Item = u32>) -> Vec<(u32, u64)> {
    let mut tally: Vec<(u32, u64)> = Vec::new();
    for source in sources {
        match tally.last_mut() {
            Some((last, many)) if *last == source => *many += 1,
            _ => tally.push((source, 1)),
        }
    }
    tally
}
