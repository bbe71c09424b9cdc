//! The masked-id experiment: records with an identifier are weighed as if they had none, and the identifier then says what was right. So the
//! threshold is chosen, and judged, without a labelled file. Records without identifiers say less than those with, so each known pair is made
//! as silent as a pair drawn from the open ones.

use super::histogram::Histogram;
use crate::{
    block::{Blocks, Unit},
    column::Table,
    compare::{Comparisons, Measure},
    guard::Guard,
    parallel::parallel,
    weigh::{Weights, float, float64, odds, posterior},
};
use serde::Serialize;
use std::collections::BTreeMap;
use wuwei_schema::Matching;

/// What hiding identifiers says of a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Experiment {
    /// Pairs of one entity whose identifier was hidden.
    pub matches: u64,
    /// Pairs of two.
    pub others: u64,
    /// Of the open pairs above the threshold those that are right, as far as the hidden ones tell.
    pub precision: f64,
    /// Of the pairs of one entity that a key brings together those above the threshold.
    pub recall: f64,
}

/// Without identifiers and a threshold of the model, what is best for F1: the best threshold is half of the F1 that it reaches (Lipton, Elkan
/// and Naryanaswamy 2014).
const EVEN: f64 = 0.5;
/// With identifiers that are too few to choose by: a false merge shows one person's records to another person's case worker.
const CAREFUL: f64 = 0.99;
/// The precision that the open pairs should have, and the pairs of two below which nothing is chosen.
const PRECISION: f64 = 0.9995;
const LEAST: usize = 2_000;
/// Blocks of a key that are heard.
const BLOCKS: usize = 4_000;

/// How many open pairs of a key are silent in the same measures: a key hears what it is made of, so each has its own.
pub(super) type Silences = BTreeMap<(usize, u64), u64>;

/// Weights of known pairs with their identifiers hidden, by what they are; those that the guard refused weigh nothing.
#[derive(Debug, Default)]
struct Heard {
    matches: Vec<f64>,
    others: Vec<f64>,
}

/// The threshold, as a probability, and what the experiment says of it.
pub(super) fn choose<'a>(
    (table, matching): (&Table, &Matching),
    blocks: &Blocks,
    measures: &'a [Measure<'a>],
    weights: &Weights<'_>,
    (guard, doubted): (impl Fn() -> Guard<'a> + Sync, &[bool]),
    (open, silences): (impl Iterator<Item = f64>, &Silences),
    histogram: &mut Histogram,
) -> (f64, Option<Experiment>) {
    let drawn: Vec<Drawn> = (0..blocks.keys.len()).map(|key| Drawn::new(silences, key)).collect();
    let compared = silences.values().sum();
    let units = blocks.units();
    let state = || (Comparisons::new(measures), guard());
    let made = parallel(blocks.threads, units.len(), state, |(comparisons, guard), at| {
        let weigh = |pair: [u32; 2], dice: u64| weigh_masked(weights, drawn[units[at].key].draw(dice), (comparisons, guard), pair);
        hear(blocks, units[at], (table, doubted), weigh)
    });
    let mut heard = Heard::default();
    for unit in made {
        heard.matches.extend(unit.matches);
        heard.others.extend(unit.others);
    }
    heard.matches.iter().for_each(|&weight| histogram.matches.count(weight, 1));
    heard.others.iter().for_each(|&weight| histogram.others.count(weight, 1));
    let fallback = matching.threshold.unwrap_or(if matching.identify.is_empty() { EVEN } else { CAREFUL });
    if heard.others.len() < LEAST || heard.matches.len() < LEAST {
        return (fallback, None);
    }
    [&mut heard.matches, &mut heard.others].into_iter().for_each(|weights| weights.sort_unstable_by(f64::total_cmp));
    let mut heavy: Vec<f64> = open.collect();
    heavy.sort_unstable_by(f64::total_cmp);
    let judge = |threshold: f64| heard.judge(odds(threshold), &heavy, compared);
    // From even odds to one in four thousand, a quarter of a bit at a time.
    let steps = (0u32..=48).map(|step| posterior(f64::from(step) / 4.0));
    let chosen = matching.threshold.or_else(|| steps.into_iter().find(|&threshold| judge(threshold).precision >= PRECISION));
    let threshold = chosen.unwrap_or(fallback);
    (threshold, Some(judge(threshold)))
}

impl Heard {
    /// What would become of the open pairs of these sorted weights: pairs of two are as often above the threshold as known ones.
    fn judge(&self, enough: f64, open: &[f64], compared: u64) -> Experiment {
        let above = |weights: &[f64]| weights.len() - weights.partition_point(|&weight| weight < enough);
        let false_share = (float(above(&self.others)) + 0.5) / (float(self.others.len()) + 1.0);
        let (joined, others) = (float(above(open)), float64(compared.saturating_sub(open.len() as u64)));
        Experiment {
            matches: self.matches.len() as u64,
            others: self.others.len() as u64,
            precision: (1.0 - false_share * others / joined.max(1.0)).max(0.0),
            recall: float(above(&self.matches)) / float(self.matches.len()).max(1.0),
        }
    }
}

fn hear(blocks: &Blocks, unit: Unit, known: (&Table, &[bool]), mut weigh: impl FnMut([u32; 2], u64) -> f64) -> Heard {
    let mut heard = Heard::default();
    let stride = usize::try_from(blocks.keys[unit.key].report.blocks).unwrap_or(1) / BLOCKS + 1;
    blocks.known(unit, stride, known, |pair, dice, is_one| {
        let of = if is_one { &mut heard.matches } else { &mut heard.others };
        of.push(weigh(pair, dice));
    });
    heard
}

fn weigh_masked(
    weights: &Weights<'_>,
    silent: u64,
    (comparisons, guard): (&mut Comparisons<'_>, &mut Guard<'_>),
    [left, right]: [u32; 2],
) -> f64 {
    let weight = weights.weight(comparisons.pattern(left, right) | silent, left, right);
    if weight >= odds(EVEN) && guard.refuses(left, right) { f64::NEG_INFINITY } else { weight }
}

/// Silences to draw from, each as often as open pairs have it.
struct Drawn {
    upto: Vec<(u64, u64)>,
    total: u64,
}

impl Drawn {
    fn new(silences: &Silences, key: usize) -> Drawn {
        let mut total = 0;
        let upto = silences.range((key, 0)..(key + 1, 0)).map(|(&(_, silent), &count)| {
            total += count;
            (total, silent)
        });
        Drawn { upto: upto.collect(), total }
    }

    fn draw(&self, dice: u64) -> u64 {
        let wanted = dice % self.total.max(1);
        let at = self.upto.partition_point(|(upto, _)| *upto <= wanted);
        self.upto.get(at).map_or(0, |(_, silent)| *silent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_of_two_above_the_threshold_cost_precision_and_matches_below_it_recall() {
        let others = (0..10_000).map(|at| if at < 10 { 8.0 } else { -20.0 }).collect::<Vec<f64>>();
        let mut heard = Heard { matches: [vec![3.0; 100], vec![12.0; 900]].concat(), others };
        heard.others.sort_unstable_by(f64::total_cmp);
        let open = [vec![4.0; 500], vec![15.0; 500]].concat();
        let (low, high) = (heard.judge(1.0, &open, 101_000), heard.judge(10.0, &open, 101_000));
        assert!((low.precision - 0.895).abs() < 0.001, "10 of 10,000 others are heavy, so 105 of 100,000 open ones: {low:?}");
        assert!(high.precision > 0.98 && (low.recall, high.recall) == (1.0, 0.9), "{high:?}");
    }

    #[test]
    fn silences_are_drawn_as_often_as_open_pairs_have_them() {
        let silences = Silences::from([((0, 7), 30), ((0, 56), 10), ((1, 448), 5)]);
        let drawn = Drawn::new(&silences, 0);
        let seen = |silent: u64| (0..40).filter(|&dice| drawn.draw(dice) == silent).count();
        assert_eq!((seen(7), seen(56), seen(448)), (30, 10, 0), "another key's are not drawn");
        assert_eq!(Drawn::new(&silences, 2).draw(3), 0, "a key without pairs hears all");
    }
}
