//! How many have which weight: the open pairs, those of the masked-id experiment, and records with themselves. People choose thresholds by it.

use crate::{
    compare::{Comparisons, Measure},
    copies::Copies,
    parallel::parallel,
    weigh::Weights,
};

/// Bins a bit, and the weights between which they lie; what is beyond is in the first or last.
const BITS: f64 = 4.0;
const LOWEST: f64 = -60.0;
const HIGHEST: f64 = 100.0;

/// Records that are weighed with themselves, and those that one thread weighs at once.
const RECORDS: usize = 1_000_000;
const ROWS: usize = 1 << 14;

/// Counts by weight.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    pub(super) pairs: Bins,
    pub(super) matches: Bins,
    pub(super) others: Bins,
    pub(super) records: Bins,
}

/// Counts of one thing by weight, from the lowest.
#[derive(Debug, Default)]
pub(super) struct Bins(Vec<u64>);

impl Histogram {
    /// The bins that hold anything: lower end, and pairs, matches, others, records.
    pub(super) fn bins(&self) -> impl Iterator<Item = (f64, [u64; 4])> {
        let all = [&self.pairs, &self.matches, &self.others, &self.records];
        let most = all.iter().map(|bins| bins.0.len()).max().unwrap_or_default();
        let bin = move |at: usize| (lower_end(at), all.map(|bins| bins.0.get(at).copied().unwrap_or_default()));
        (0..most).map(bin).filter(|(_, counts)| *counts != [0; 4])
    }
}

impl Bins {
    pub(super) fn count(&mut self, weight: f64, count: u64) {
        let at = place(weight);
        if self.0.len() <= at {
            self.0.resize(at + 1, 0);
        }
        self.0[at] += count;
    }

    pub(super) fn add(&mut self, other: &Bins) {
        self.0.resize(self.0.len().max(other.0.len()), 0);
        self.0.iter_mut().zip(&other.0).for_each(|(sum, count)| *sum += count);
    }
}

/// Weighs records with themselves, evenly from all: what does not reach the threshold so can be linked to nothing.
pub(super) fn hear_copies(histogram: &mut Histogram, (measures, weights): (&[Measure<'_>], &Weights<'_>), copies: &Copies, threads: usize) {
    let stride = copies.count.len().div_ceil(RECORDS).max(1);
    let rows = stride * ROWS;
    let hear = |comparisons: &mut Comparisons<'_>, at: usize| {
        let mut bins = Bins::default();
        for (&count, row) in copies.count.iter().zip(0u32..).skip(at * rows).take(rows).step_by(stride) {
            let weight = weights.weight(comparisons.pattern(row, row), row, row);
            bins.count(weight, u64::from(count));
        }
        bins
    };
    let heard = parallel(threads, copies.count.len().div_ceil(rows), || Comparisons::new(measures), hear);
    heard.iter().for_each(|bins| histogram.records.add(bins));
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is clamped to some hundreds, and not negative")]
fn place(weight: f64) -> usize {
    ((weight.clamp(LOWEST, HIGHEST) - LOWEST) * BITS).floor() as usize
}

fn lower_end(place: usize) -> f64 {
    LOWEST + crate::weigh::float(place) / BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bin_holds_what_lies_between_its_ends() {
        let mut histogram = Histogram::default();
        [f64::NEG_INFINITY, -1e9, 0.0, 0.24, 0.25, -0.01, 1e9].into_iter().for_each(|weight| histogram.pairs.count(weight, 1));
        histogram.matches.count(0.1, 2);
        let mut more = Bins::default();
        more.count(HIGHEST, 5);
        histogram.pairs.add(&more);
        let bins: Vec<(f64, [u64; 4])> = histogram.bins().collect();
        assert_eq!(
            bins,
            [(LOWEST, [2, 0, 0, 0]), (-0.25, [1, 0, 0, 0]), (0.0, [2, 2, 0, 0]), (0.25, [1, 0, 0, 0]), (HIGHEST, [6, 0, 0, 0])]
        );
    }
}
