//! Tier 1: every pair that a blocking key brings together is compared and weighed once. What the weights join is another room's.

use super::{
    KEPT, PropertyWeight, ResolutionReport, Way,
    experiment::{self, Silences},
    histogram::{self, Bins, Histogram},
    kept::Levels,
    linkage::Linkage,
    since::{self, Pair},
};
use crate::{
    Error,
    block::{Blocks, Other, Unit, Visit},
    change::Change,
    cluster::Clusters,
    column::{Sample, Table, narrow},
    compare::{Comparisons, MOST, Measure, measures, silence},
    copies::Copies,
    decision::Decided,
    guard::Guard,
    model::MatchModel,
    parallel::parallel,
    train::train,
    weigh::{Most, Weights, odds},
};
use hashbrown::{HashMap, HashSet};
use wuwei_schema::Matching;

/// A pair worth keeping.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Edge {
    pub(super) left: u32,
    pub(super) right: u32,
    pub(super) key: u32,
    pub(super) levels: Levels,
    pub(super) weight: f64,
}

/// What weighing left behind.
#[derive(Debug, Default)]
pub(super) struct Weighed {
    /// By left and right.
    pub(super) edges: Vec<Edge>,
    /// The keys, by number.
    pub(super) keys: Vec<String>,
    /// What each pattern of an edge is in words.
    pub(super) spelled: std::collections::BTreeMap<Levels, String>,
    /// Of rows with copies, by row, the levels and the weight of two of them where they weigh enough to be kept; empty where nothing was weighed.
    pub(super) copies: Vec<(u32, Levels, f64)>,
    /// Pairs compared, key by key.
    pub(super) compared: Vec<u64>,
    pub(super) histogram: Histogram,
}

/// What is known before pairs are weighed.
pub(super) struct Known<'a> {
    pub(super) copies: &'a Copies,
    /// Rows whose identifier may be somebody else's.
    pub(super) doubted: &'a [bool],
    pub(super) decided: &'a Decided,
    /// What was learned before, by which pairs are weighed instead of learning anew.
    pub(super) model: Option<&'a MatchModel>,
    /// Rows by which it is learned what is usual.
    pub(super) sample: &'a Sample,
}

/// Compares and weighs what the blocking keys bring together, and joins what weighs enough. Of what a resolution left behind only what it has
/// not compared yet. Tells what was learned for it.
pub(super) fn weigh_pairs(
    table: &Table,
    matching: &Matching,
    clusters: &mut Clusters,
    known: &Known<'_>,
    threads: usize,
    earlier: Option<(Change, &[Pair])>,
    report: &mut ResolutionReport,
) -> Result<(Weighed, Option<MatchModel>), Error> {
    let measures = measures(table, matching);
    if measures.len() > MOST {
        return Err(Error::Limit { what: "compared properties", count: measures.len(), limit: MOST });
    }
    if measures.is_empty() || matching.block.is_empty() {
        return Ok((Weighed::default(), None));
    }
    parallel(threads, measures.len(), || (), |(): &mut (), at| measures[at].column().map(|column| column.sketches().len()));
    report.way = Some(if known.model.is_some() { Way::Weighed } else { Way::Learned });
    let rows = Rows { table, matching, measures: &measures, threads };
    let since = match (known.model, earlier) {
        (Some(model), Some(earlier)) => Some(since::weigh(&rows, clusters, model.weights(&measures)?, earlier, report)),
        _ => None,
    };
    let (weights, mut weighed) = match since {
        Some(found) => {
            (report.threshold, report.experiment) = known.model.map_or((1.0, None), |model| (model.threshold, model.experiment));
            found
        }
        None => weigh_all(&rows, clusters, known, report)?,
    };
    weighed.copies = weigh_copies(&measures, &weights, known.copies);
    let enough = odds(report.threshold);
    let heavy = weighed.edges.iter().filter(|edge| edge.weight >= enough && !known.decided.doubts(edge.left, edge.right));
    let linkage = Linkage { table, guard: || Guard::new(table, matching), measures: &measures, weights: &weights, threads };
    linkage.join(&heavy.collect::<Vec<_>>(), clusters, report);
    let patterns = weighed.edges.iter().map(|edge| edge.levels).chain(weighed.copies.iter().map(|(_, levels, _)| *levels));
    let patterns: HashSet<Levels> = patterns.collect();
    weighed.spelled = patterns.into_iter().map(|levels| (levels, weights.spell(levels))).collect();
    let learned = known.model.is_none().then(|| MatchModel::of(&report.entity, &weights, report.threshold, report.experiment));
    Ok((weighed, learned))
}

/// The rows that are weighed, and how many threads do it.
pub(super) struct Rows<'a> {
    pub(super) table: &'a Table,
    pub(super) matching: &'a Matching,
    pub(super) measures: &'a [Measure<'a>],
    pub(super) threads: usize,
}

/// Weighs all that the keys bring together, by the model or by what is learned of it, and chooses the threshold.
fn weigh_all<'a>(
    rows: &Rows<'a>,
    clusters: &Clusters,
    known: &Known<'_>,
    report: &mut ResolutionReport,
) -> Result<(Weights<'a>, Weighed), Error> {
    let &Rows { table, matching, measures, threads } = rows;
    let blocks = Blocks::new(table, matching, measures, clusters, threads);
    let weights = match known.model {
        Some(model) => model.weights(measures)?,
        None => train(table, matching, measures, &blocks, clusters, (&known.copies.count, known.sample)),
    };
    describe(&weights, report);
    let guard = || Guard::new(table, matching);
    let (mut weighed, edges, silences) = weigh_units(&blocks, measures, &weights, guard, report);
    histogram::hear_copies(&mut weighed.histogram, (measures, &weights), known.copies, threads);
    (report.threshold, report.experiment) = match known.model {
        Some(model) => (model.threshold, model.experiment),
        None => {
            let open = (edges.iter().flat_map(|unit| unit.1.iter().map(|edge| edge.weight)), &silences);
            experiment::choose((table, matching), &blocks, measures, &weights, (guard, known.doubted), open, &mut weighed.histogram)
        }
    };
    report.keys = blocks.told();
    // What says who is in which block is gone before edges are held twice: with a hundred million records either takes gigabytes.
    weighed.edges = in_order(edges, threads);
    Ok((weights, weighed))
}

/// Weighs every pair once. The edges of each unit are by left and right.
pub(super) fn weigh_units<'a>(
    blocks: &Blocks,
    measures: &'a [Measure<'a>],
    weights: &Weights<'_>,
    guard: impl Fn() -> Guard<'a> + Sync,
    report: &mut ResolutionReport,
) -> (Weighed, Vec<Keyed>, Silences) {
    let units = blocks.units();
    let state = || (Comparisons::new(measures), guard());
    let weigh = |(comparisons, guard): &mut (_, _), at: usize| weigh_unit(blocks, units[at], weights, comparisons, guard);
    let made = parallel(blocks.threads, units.len(), state, weigh);
    let mut weighed = Weighed { compared: vec![0; blocks.keys.len()], ..Weighed::default() };
    let (mut silences, mut edges) = (Silences::new(), Vec::with_capacity(made.len()));
    for (unit, made) in units.iter().zip(made) {
        made.silences.into_iter().for_each(|(silent, count)| *silences.entry(silent).or_insert(0) += count);
        weighed.compared[unit.key] += made.compared;
        report.compared += made.compared;
        report.refused += made.refused;
        weighed.histogram.pairs.add(&made.weights);
        edges.push((narrow(unit.key), made.edges));
    }
    report.kept = edges.iter().map(|unit| unit.1.len()).sum::<usize>() as u64;
    weighed.keys = blocks.keys.iter().map(|key| key.report.key.clone()).collect();
    (weighed, edges, silences)
}

/// An edge of a unit, which is of one key: while all that says who is in which block is held, each byte of it counts.
pub(super) struct Light {
    left: u32,
    right: u32,
    levels: Levels,
    weight: f64,
}

/// The edges of a unit, by left and right, and its key.
pub(super) type Keyed = (u32, Vec<Light>);

impl Light {
    pub(super) fn of(&self, key: u32) -> Edge {
        let &Light { left, right, levels, weight } = self;
        Edge { left, right, key, levels, weight }
    }
}

/// What a thread makes of one unit.
#[derive(Default)]
struct Made {
    edges: Vec<Light>,
    silences: Silences,
    weights: Bins,
    compared: u64,
    refused: u64,
}

/// The edges of all units by left and right. Those of each unit are in that order, so that each range of rows is looked up, and sorted by a
/// thread of its own.
fn in_order(units: Vec<Keyed>, threads: usize) -> Vec<Edge> {
    let count: usize = units.iter().map(|unit| unit.1.len()).sum();
    let rows = units.iter().filter_map(|unit| unit.1.last()).map(|edge| edge.left as usize + 1).max().unwrap_or_default();
    let ranges = (count / RANGE + 1).min(rows.max(1));
    let first = |range: usize| narrow(rows * range / ranges);
    let sorted = parallel(
        threads,
        ranges,
        || (),
        |(): &mut (), range| {
            let (from, to) = (first(range), first(range + 1));
            let part = |(key, edges): &'_ Keyed| {
                let [from, to] = [from, to].map(|row| edges.partition_point(|edge| edge.left < row));
                (*key, from..to)
            };
            let parts = units.iter().map(part).zip(&units);
            let mut sorted: Vec<Edge> =
                parts.flat_map(|((key, part), (_, edges))| edges[part].iter().map(move |edge| edge.of(key))).collect();
            sorted.sort_unstable_by_key(|edge| (edge.left, edge.right));
            sorted
        },
    );
    drop(units);
    let mut edges = Vec::with_capacity(count);
    sorted.into_iter().for_each(|sorted| edges.extend(sorted));
    edges
}

/// About so many edges are sorted at once.
const RANGE: usize = 1 << 16;

fn weigh_unit<'a>(blocks: &Blocks, unit: Unit, weights: &Weights<'_>, comparisons: &mut Comparisons<'a>, guard: &mut Guard<'a>) -> Made {
    let (most, rows, patterns, made) = (weights.most(), Vec::new(), HashMap::new(), Made::default());
    let mut weigher = Weigher { key: unit.key, weights, most, comparisons, guard, rows, patterns, made };
    blocks.pairs(unit, 1, &mut weigher);
    weigher.done()
}

/// Weighs the pairs of a unit.
struct Weigher<'w, 'a> {
    key: usize,
    weights: &'w Weights<'w>,
    most: Most,
    comparisons: &'w mut Comparisons<'a>,
    guard: &'w mut Guard<'a>,
    /// Of the block that was entered.
    rows: Vec<u32>,
    patterns: HashMap<u64, Pattern>,
    made: Made,
}

/// How many pairs have a pattern, and what they weigh where that is too light whatever values they agree in: most are, so they are not looked
/// up, and count as their pattern does on average.
struct Pattern {
    count: u64,
    light: Option<f64>,
}

impl Weigher<'_, '_> {
    fn weigh(&mut self, levels: u64, left: u32, right: u32) {
        let weight = self.weights.weight(levels, left, right);
        let is_refused = weight >= odds(KEPT) && self.guard.refuses(left, right);
        self.made.weights.count(if is_refused { f64::NEG_INFINITY } else { weight }, 1);
        self.made.refused += u64::from(is_refused);
        if weight >= odds(KEPT) && !is_refused {
            self.made.edges.push(Light { left, right, levels, weight });
        }
    }

    /// What was made of the unit.
    fn done(self) -> Made {
        let mut made = self.made;
        for (levels, Pattern { count, light }) in self.patterns {
            made.compared += count;
            *made.silences.entry((self.key, silence(levels))).or_insert(0) += count;
            if let Some(weight) = light {
                made.weights.count(weight, count);
            }
        }
        made.edges.sort_unstable_by_key(|edge| (edge.left, edge.right));
        made
    }
}

impl Visit for Weigher<'_, '_> {
    const LATER: bool = false;

    fn enter(&mut self, rows: &[u32], ends: &[usize]) {
        self.rows.clear();
        self.rows.extend(rows);
        self.comparisons.enter(rows, ends);
    }

    fn pairs(&mut self, one: usize, others: &[Other]) {
        let mut heavy: Vec<(u64, u32, u32)> = Vec::new();
        for (&levels, other) in self.comparisons.patterns(one, others).iter().zip(others) {
            let pattern = self.patterns.entry(levels).or_insert_with(|| {
                let most = self.most.weight(levels);
                Pattern { count: 0, light: (most < odds(KEPT)).then(|| self.weights.average(levels).min(most)) }
            });
            pattern.count += 1;
            if pattern.light.is_none() {
                let (left, right) = (self.rows[one], self.rows[other.place]);
                heavy.push((levels, left.min(right), left.max(right)));
            }
        }
        heavy.into_iter().for_each(|(levels, left, right)| self.weigh(levels, left, right));
    }
}

/// What two records are worth that say the very same: as much as a record with itself.
fn weigh_copies(measures: &[Measure<'_>], weights: &Weights<'_>, copies: &Copies) -> Vec<(u32, Levels, f64)> {
    let mut comparisons = Comparisons::new(measures);
    let copied = copies.count.iter().zip(0u32..).filter(|(count, _)| **count > 1);
    let weighed = copied.map(|(_, row)| {
        let levels = comparisons.pattern(row, row);
        (row, levels, weights.weight(levels, row, row))
    });
    weighed.filter(|(_, _, weight)| *weight >= odds(KEPT)).collect()
}

impl Weighed {
    /// Levels and weight of two copies of a row, where they are kept.
    pub(super) fn copy(&self, row: u32) -> Option<(Levels, f64)> {
        let at = self.copies.binary_search_by_key(&row, |copy| copy.0).ok()?;
        Some((self.copies[at].1, self.copies[at].2))
    }
}

pub(super) fn describe(weights: &Weights<'_>, report: &mut ResolutionReport) {
    report.prior_bits = weights.prior;
    let terms = weights.terms.iter().map(|term| PropertyWeight {
        property: term.name.clone(),
        learned: term.learned,
        m: term.m.clone(),
        u: term.u.clone(),
        bits: (0..=term.measure.max_level()).map(|level| term.bits(level)).collect(),
    });
    report.weights = terms.collect();
}
