//! Intervals by the cluster bootstrap: true entities are drawn with replacement, as many as there are, and each measure is computed of the
//! drawn. Records or pairs would be the wrong unit: those of one entity go right or wrong together (Binette et al. 2022). Entities come in at
//! most [`GROUPS`] groups of equal size, put together by chance; groups drawn instead of entities give the same variance (random groups,
//! Wolter 2007, chapter 2), so that millions of entities take as long as thousands.

use super::sums::Sums;
use crate::column::mix;
use serde::Serialize;

/// So many groups at most: the variance is then estimated within some 3 %.
pub(super) const GROUPS: usize = 2000;
/// So many samples.
const SAMPLES: u64 = 1000;
const SEED: u64 = 0x5eed_0f75_a3b1_e500;

/// Between these two lie 95 of 100 samples. Where nothing went wrong no sample is wrong either, and the interval has no width: of n entities
/// without an error, up to 3/n may still be wrong (rule of three).
pub type Interval = [f64; 2];

/// Intervals of a score.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Intervals {
    /// Of the precision.
    pub precision: Interval,
    /// Of the recall.
    pub recall: Interval,
    /// Of the F1.
    pub f1: Interval,
}

#[derive(Debug)]
pub(super) struct Drawn {
    /// Of pairs, of records and of clusters.
    pub(super) rates: [Intervals; 3],
    /// Of the recall of linkable pairs.
    pub(super) linkable: Interval,
}

/// The intervals of what these groups of true entities sum up to; the same in every run.
pub(super) fn resample(groups: &[Sums]) -> Drawn {
    let samples: Vec<Sums> = (0..SAMPLES).map(|sample| draw(groups, sample)).collect();
    let between = |measure: &dyn Fn(&Sums) -> f64| middle(samples.iter().map(measure).collect());
    let rates = [0, 1, 2].map(|kind| {
        let [precision, recall, f1] = [0, 1, 2].map(|figure| between(&|sums| sums.rates()[kind][figure]));
        Intervals { precision, recall, f1 }
    });
    Drawn { rates, linkable: between(&Sums::linkable_recall) }
}

fn draw(groups: &[Sums], sample: u64) -> Sums {
    let stream = mix(SEED, sample);
    let mut sums = Sums::default();
    for at in 0..groups.len() as u64 {
        let wide = u128::from(mix(stream, at)) * groups.len() as u128;
        sums += &groups[usize::try_from(wide >> 64).unwrap_or(0)];
    }
    sums
}

/// The percentiles that leave 2.5 % out on either side.
fn middle(mut values: Vec<f64>) -> Interval {
    values.sort_unstable_by(f64::total_cmp);
    let cut = values.len() / 40;
    [values[cut], values[values.len() - 1 - cut]]
}
