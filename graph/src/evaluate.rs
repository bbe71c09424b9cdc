//! How good a resolution is, when the truth is known: precision, recall and F1 of pairs, of records (B-cubed, Bagga and Baldwin 1998) and
//! of whole clusters. From counts of how truth and result overlap, so it takes a sort and no loop over pairs.

use crate::{
    column::narrow,
    weigh::{float, float64},
};
use hashbrown::HashMap;
use serde::Serialize;

/// Three ways to look at one resolution. Records without a known truth do not count.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Scores {
    /// Records whose truth is known.
    pub records: u64,
    /// Of pairs of records: those said to be one, those that are.
    pub pairwise: Score,
    /// The average over records of how pure and how complete its entity is.
    pub bcubed: Score,
    /// Of entities: those that are a true one, whole and nothing else.
    pub cluster: Score,
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
}

impl Score {
    fn new(precision: f64, recall: f64) -> Score {
        let sum = precision + recall;
        Score { precision, recall, f1: if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 } }
    }

    fn of_counts(both: u64, said: u64, truth: u64) -> Score {
        let share = |of: u64| if of == 0 { 1.0 } else { float64(both) / float64(of) };
        Score::new(share(said), share(truth))
    }
}

/// Compares links, as (record, entity found), with the truth, as (record, name of what it really is).
pub fn evaluate(truth: impl Iterator<Item = (i64, String)>, links: impl Iterator<Item = (i64, i64)>) -> Scores {
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut known: HashMap<i64, u32> = HashMap::new();
    for (record, name) in truth {
        let next = narrow(numbers.len());
        known.insert(record, *numbers.entry(name).or_insert(next));
    }
    score(links.filter_map(|(record, entity)| known.get(&record).map(|&truth| (entity, truth))).collect())
}

/// Scores of records given as (entity found, true entity).
fn score(mut overlap: Vec<(i64, u32)>) -> Scores {
    overlap.sort_unstable();
    let records = overlap.len();
    let cells: Vec<(i64, u32, usize)> =
        overlap.chunk_by(|left, right| left == right).map(|same| (same[0].0, same[0].1, same.len())).collect();
    let (mut found, mut real): (HashMap<i64, usize>, HashMap<u32, usize>) = (HashMap::new(), HashMap::new());
    for &(entity, truth, count) in &cells {
        *found.entry(entity).or_insert(0) += count;
        *real.entry(truth).or_insert(0) += count;
    }
    let both = cells.iter().map(|cell| pairs(cell.2)).sum();
    let whole = cells.iter().filter(|&&(entity, truth, count)| found[&entity] == count && real[&truth] == count).count() as u64;
    // In the order of the cells, so that the sum is the same in every run.
    let average = |size: &dyn Fn(&(i64, u32, usize)) -> usize| {
        let sum: f64 = cells.iter().map(|cell| float(cell.2) * float(cell.2) / float(size(cell))).sum();
        if records == 0 { 1.0 } else { sum / float(records) }
    };
    Scores {
        records: records as u64,
        pairwise: Score::of_counts(both, found.values().map(|&size| pairs(size)).sum(), real.values().map(|&size| pairs(size)).sum()),
        bcubed: Score::new(average(&|cell| found[&cell.0]), average(&|cell| real[&cell.1])),
        cluster: Score::of_counts(whole, found.len() as u64, real.len() as u64),
    }
}

fn pairs(size: usize) -> u64 {
    let size = size as u64;
    size * size.saturating_sub(1) / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All pairs, one by one.
    fn naive(records: &[(i64, u32)]) -> (Score, Score) {
        let (mut both, mut said, mut truth) = (0, 0, 0);
        for (at, left) in records.iter().enumerate() {
            for right in &records[at + 1..] {
                both += u64::from(left == right);
                said += u64::from(left.0 == right.0);
                truth += u64::from(left.1 == right.1);
            }
        }
        let mean = |of: fn(&(i64, u32), &(i64, u32)) -> bool| {
            let share = |left: &(i64, u32)| {
                let of = records.iter().filter(|right| of(left, right)).count();
                records.iter().filter(|right| left == *right).count() as f64 / of as f64
            };
            if records.is_empty() { 1.0 } else { records.iter().map(share).sum::<f64>() / records.len() as f64 }
        };
        (Score::of_counts(both, said, truth), Score::new(mean(|a, b| a.0 == b.0), mean(|a, b| a.1 == b.1)))
    }

    #[test]
    fn a_resolution_that_is_the_truth_scores_one_and_one_that_joins_all_finds_all() {
        let perfect = score(vec![(1, 0), (1, 0), (3, 1)]);
        assert_eq!((perfect.pairwise.f1, perfect.bcubed.f1, perfect.cluster.f1), (1.0, 1.0, 1.0));
        let heap = score(vec![(1, 0), (1, 0), (1, 1), (1, 1)]);
        assert_eq!((heap.pairwise.precision, heap.pairwise.recall), (2.0 / 6.0, 1.0));
        assert_eq!(heap.cluster.precision, 0.0);
    }

    proptest! {
        #[test]
        fn counts_give_what_looking_at_every_pair_gives(records in proptest::collection::vec((0i64..5, 0u32..5), 0..40)) {
            let (pairwise, bcubed) = naive(&records);
            let scores = score(records);
            prop_assert_eq!(scores.pairwise, pairwise);
            for (fast, slow) in [(scores.bcubed.precision, bcubed.precision), (scores.bcubed.recall, bcubed.recall)] {
                prop_assert!((fast - slow).abs() < 1e-12);
            }
        }
    }
}
