//! What one true entity, or several, add to each measure. All measures are quotients of these sums, so that the sums of a sample of true
//! entities give the measures of the sample. What is said wrongly belongs to no single entity: of each wrong pair each side has half, of each
//! cluster each entity the share of its records (Binette et al. 2022, arXiv 2210.01230, who so estimate precision from sampled entities).

use crate::weigh::float64;
use std::ops::AddAssign;

/// Sums over true entities.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sums {
    /// Pairs that are one and were said to be.
    pub(super) both: u64,
    /// Pairs said to be one.
    pub(super) said: f64,
    /// Pairs that are one.
    pub(super) pairs: u64,
    pub(super) records: f64,
    /// Over records: the share of its cluster that is its entity.
    pub(super) pure: f64,
    /// Over records: the share of its entity that is in its cluster.
    pub(super) complete: f64,
    /// Clusters that are a true entity, whole and nothing else.
    pub(super) whole: f64,
    pub(super) clusters: f64,
    pub(super) entities: f64,
    /// Linkable pairs.
    pub(super) linkable: u64,
    /// Of them those that were said to be one.
    pub(super) linked: u64,
}

impl AddAssign<&Sums> for Sums {
    fn add_assign(&mut self, other: &Sums) {
        self.both += other.both;
        self.said += other.said;
        self.pairs += other.pairs;
        self.records += other.records;
        self.pure += other.pure;
        self.complete += other.complete;
        self.whole += other.whole;
        self.clusters += other.clusters;
        self.entities += other.entities;
        self.linkable += other.linkable;
        self.linked += other.linked;
    }
}

impl Sums {
    /// Precision, recall and F1 of pairs, of records and of clusters.
    pub(super) fn rates(&self) -> [[f64; 3]; 3] {
        [
            rate(share(float64(self.both), self.said), share(float64(self.both), float64(self.pairs))),
            rate(share(self.pure, self.records), share(self.complete, self.records)),
            rate(share(self.whole, self.clusters), share(self.whole, self.entities)),
        ]
    }

    /// Recall of linkable pairs.
    pub(super) fn linkable_recall(&self) -> f64 {
        share(float64(self.linked), float64(self.linkable))
    }
}

/// A part of a whole; all of nothing. Shares of clusters are rounded, so a sample's may pass 1 by the last digit.
pub(super) fn share(part: f64, of: f64) -> f64 {
    if of > 0.0 { (part / of).min(1.0) } else { 1.0 }
}

fn rate(precision: f64, recall: f64) -> [f64; 3] {
    let sum = precision + recall;
    [precision, recall, if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 }]
}
