//! How good a resolution is, when the truth is known: precision, recall and F1 of pairs, of records (B-cubed, Bagga and Baldwin 1998) and
//! of whole clusters, with intervals; who was joined that is not one; what is found within and between sources. From counts of how truth
//! and result overlap, so it takes two sorts and no loop over pairs: some 70 bytes a record. What a source is called, and who is asking, is
//! not known here.

mod bootstrap;
mod evidence;
mod linkable;
mod overlap;
mod sources;
mod sums;
#[cfg(test)]
mod tests;

use crate::column::hash;
use hashbrown::HashMap;
use overlap::Overlap;
use serde::Serialize;

pub use bootstrap::{Interval, Intervals};
pub use evidence::{Conflicts, Evidence, conflicts};
pub use linkable::Linkable;
pub use sources::Between;

/// One resolution held against the truth. Records without a known truth do not count.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scores {
    /// Records whose truth is known.
    pub records: u64,
    /// What they really are: true entities.
    pub entities: u64,
    /// What they were taken for: clusters.
    pub clusters: u64,
    /// Of pairs of records: those said to be one, those that are.
    pub pairwise: Score,
    /// The average over records of how pure and how complete its cluster is.
    pub bcubed: Score,
    /// Of clusters: those that are a true entity, whole and nothing else.
    pub cluster: Score,
    /// Over-merging: clusters by how many true entities they hold, from two on.
    pub merged: Vec<Mixed>,
    /// Over-splitting: true entities by how many clusters hold them, from two on.
    pub split: Vec<Mixed>,
    /// Pairs within and between sources: each two of them once, where any pair is one or was said to be. Whoever shows them knows their names.
    #[serde(skip)]
    pub sources: Vec<Between>,
    /// The pairs that what is written lets anybody find, where that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linkable: Option<Linkable>,
}

/// Precision, recall and their harmonic mean, from 0 to 1; of nothing said, or nothing to be said, all is right.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Score {
    /// What is said and true, of what is said.
    pub precision: f64,
    /// What is said and true, of what is true.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
    /// Where each would lie for other people of the same kind.
    pub interval: Intervals,
}

/// Clusters that hold so many true entities, or true entities that so many clusters hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Mixed {
    /// How many one of them holds, or is held by: 2 and more.
    pub of: u64,
    /// How many such there are.
    pub count: u64,
    /// The records in them.
    pub records: u64,
}

/// A record whose truth is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Labelled {
    /// What it really is: [`Labelled::name`] of the truth's name for it.
    pub truth: u64,
    /// The entity that it was taken for.
    pub entity: i64,
    /// Where it came from, as a number of the caller's.
    pub source: u32,
}

impl Labelled {
    /// A truth's name as a number. Of 30 million names two are the same once in 40,000 truths.
    pub fn name(name: &str) -> u64 {
        hash(name)
    }
}

/// Compares links, as (record, entity found), with the truth, as (record, name of what it really is).
pub fn evaluate(truth: impl Iterator<Item = (i64, String)>, links: impl Iterator<Item = (i64, i64)>) -> Scores {
    let known: HashMap<i64, u64> = truth.map(|(record, name)| (record, Labelled::name(&name))).collect();
    let labelled = |(record, entity)| known.get(&record).map(|&truth| Labelled { truth, entity, source: 0 });
    judge(&links.filter_map(labelled).collect::<Vec<_>>(), None)
}

/// Scores of records; with what each of them says, in the same order, also those of linkable pairs. In whatever order the records come,
/// the scores are the same.
pub fn judge(labelled: &[Labelled], evidence: Option<&Evidence>) -> Scores {
    let components = evidence.map(|evidence| linkable::components(labelled, evidence));
    let overlap = Overlap::new(labelled, components.as_deref());
    let drawn = bootstrap::resample(&overlap.groups);
    let [pairwise, bcubed, cluster] = overlap.total.rates();
    let score = |[precision, recall, f1]: [f64; 3], at: usize| Score { precision, recall, f1, interval: drawn.rates[at] };
    Scores {
        records: labelled.len() as u64,
        entities: overlap.entities,
        clusters: overlap.clusters,
        pairwise: score(pairwise, 0),
        bcubed: score(bcubed, 1),
        cluster: score(cluster, 2),
        linkable: components.map(|_| Linkable::new(&overlap.total, drawn.linkable)),
        merged: overlap.merged,
        split: overlap.split,
        sources: overlap.sources,
    }
}
