//! Where the weights come from, without labels: u from value frequencies and random pairs, m from pairs that an identifier joins or, where
//! there are few, by expectation maximisation (Dempster, Laird and Rubin 1977) on the counts of level patterns, the prior from both.

use crate::{
    block::Blocks,
    cluster::Clusters,
    column::{Column, NONE, Table, mix},
    compare::{Comparison, SILENT, level, pattern},
    guard::Guard,
    weigh::{Learned, Term, Weights, float, float64, odds, posterior},
};
use hashbrown::HashMap;

/// Random pairs compared for u, pairs of one identifier for m, and blocked pairs for the patterns: more teach nothing more.
const RANDOM: usize = 60_000;
const LABELLED: usize = 100_000;
const BLOCKED: u64 = 2_000_000;

/// From so many labelled pairs on, a property's m is theirs.
const ENOUGH: f64 = 300.0;
const ROUNDS: usize = 60;
/// Added to every count, so that what was not seen is rare and not impossible.
const PRIOR: f64 = 0.5;

/// Level patterns under one key, each with how many pairs have it, and how many of these no earlier key has.
struct Seen {
    touches: Vec<bool>,
    patterns: Vec<(u64, f64, f64)>,
}

/// Learns what each level is worth.
pub(crate) fn train<'a>(table: &'a Table, compared: &[usize], blocks: &Blocks, clusters: &Clusters, guard: &mut Guard<'_>) -> Weights<'a> {
    let columns: Vec<&Column> = compared.iter().map(|&at| &table.columns[at]).collect();
    let whose = profiles(table, compared, clusters);
    let term = |column: &&'a Column| {
        let carriers = carriers(column, &whose);
        let u = unrelated(column, &carriers);
        Term::new(column, carriers, u)
    };
    let mut terms: Vec<Term<'a>> = columns.iter().map(term).collect();
    label(table, clusters, &mut terms);
    let seen = observe(blocks, &columns, guard);
    estimate(&seen, &mut terms);
    let mut weights = Weights { prior: 0.0, terms };
    weights.prior = prior(&seen, &weights, float64(blocks.open_pairs()));
    weights
}

/// Who each record speaks of, as far as it is known before: its entity of tier 0, or the first record that says the very same. Rarity is
/// counted in these: a landlord of forty records does not make his name a common one.
fn profiles(table: &Table, compared: &[usize], clusters: &Clusters) -> Vec<u32> {
    let mut first: HashMap<u64, u32> = HashMap::new();
    let said = |row: u32| compared.iter().fold(1, |key, &at| mix(key, u64::from(table.columns[at].ids[row as usize])));
    let whose = |row: u32| if clusters.size(row) > 1 { clusters.root(row) } else { *first.entry(said(row)).or_insert(row) };
    table.rows().map(whose).collect()
}

/// How many profiles carry each value.
fn carriers(column: &Column, profiles: &[u32]) -> Vec<u32> {
    let stated = column.ids.iter().zip(profiles).filter(|&(&id, _)| id != NONE);
    let mut pairs: Vec<u64> = stated.map(|(&id, &profile)| u64::from(id) << 32 | u64::from(profile)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut counts = vec![0; column.values.len()];
    pairs.iter().for_each(|pair| counts[usize::try_from(pair >> 32).unwrap_or(0)] += 1);
    counts
}

/// u: exact agreement is counted from the frequencies, the other levels from random pairs of different values.
fn unrelated(column: &Column, counts: &[u32]) -> Vec<f64> {
    let top = usize::from(column.kind.max_level());
    let stated: u64 = counts[1..].iter().map(|&count| u64::from(count)).sum();
    let same: u64 = counts[1..].iter().map(|&count| u64::from(count) * u64::from(count).saturating_sub(1)).sum();
    let exact = (float64(same) + PRIOR) / (float64(stated) * (float64(stated) - 1.0).max(0.0) + 1.0);
    let mut levels = vec![PRIOR; top];
    let mut comparison = Comparison::new(column);
    for (left, right) in random_pairs(column) {
        levels[usize::from(comparison.values(left, right)).min(top - 1)] += 1.0;
    }
    let sum: f64 = levels.iter().sum();
    let exact = exact.clamp(1e-12, 0.999);
    levels.iter().map(|count| count / sum * (1.0 - exact)).chain([exact]).collect()
}

/// Pairs of different values, drawn from the rows by a fixed sequence.
fn random_pairs(column: &Column) -> impl Iterator<Item = (u32, u32)> {
    let rows: Vec<u32> = column.ids.iter().copied().filter(|&id| id != NONE).collect();
    let draws = if rows.len() < 2 { 0u64 } else { 2 * RANDOM as u64 };
    let draw = move |seed: u64| rows[usize::try_from(mix(seed, 1) % rows.len() as u64).unwrap_or(0)];
    (0..draws).map(move |at| (draw(2 * at), draw(2 * at + 1))).filter(|(left, right)| left != right).take(RANDOM)
}

/// m of the properties of which tier 0 brought enough pairs: neighbours in the rings of its clusters.
fn label(table: &Table, clusters: &Clusters, terms: &mut [Term<'_>]) {
    let mut comparisons: Vec<Comparison<'_>> = terms.iter().map(|term| Comparison::new(term.column)).collect();
    let mut counts: Vec<Vec<f64>> = terms.iter().map(|term| vec![PRIOR; term.m.len()]).collect();
    let joined: Vec<u32> = table.rows().filter(|&row| clusters.root(row) == row && clusters.size(row) > 1).collect();
    let stride = joined.len().div_ceil(LABELLED / 4).max(1);
    for &root in joined.iter().step_by(stride) {
        let mut members: Vec<u32> = clusters.members(root).collect();
        members.sort_unstable();
        for pair in members.windows(2) {
            let pattern = pattern(&mut comparisons, pair[0], pair[1]);
            for (at, counts) in counts.iter_mut().enumerate() {
                if let Some(count) = counts.get_mut(usize::from(level(pattern, at))) {
                    *count += 1.0;
                }
            }
        }
    }
    for (term, counts) in terms.iter_mut().zip(counts) {
        let sum: f64 = counts.iter().sum();
        if sum >= ENOUGH {
            term.m = counts.iter().map(|count| count / sum).collect();
            term.learned = Learned::Identifiers;
        }
    }
}

/// The patterns of the blocked pairs, key by key. What the guard refuses is no pair of one entity whatever its pattern, so it is left out.
fn observe(blocks: &Blocks, columns: &[&Column], guard: &mut Guard<'_>) -> Vec<Seen> {
    let mut comparisons: Vec<Comparison<'_>> = columns.iter().map(|column| Comparison::new(column)).collect();
    let keys = blocks.keys.iter().enumerate().map(|(at, key)| {
        let stride = usize::try_from(key.report.pairs / BLOCKED + 1).unwrap_or(1);
        let mut counts: HashMap<u64, (u64, u64)> = HashMap::new();
        blocks.pairs(at, stride, |left, right, first| {
            if !guard.refuses(left, right) {
                let count = counts.entry(pattern(&mut comparisons, left, right)).or_default();
                *count = (count.0 + 1, count.1 + u64::from(first));
            }
        });
        let scaled = |count: u64| float64(count) * float(stride);
        let mut patterns: Vec<(u64, f64, f64)> =
            counts.into_iter().map(|(pattern, (all, first))| (pattern, scaled(all), scaled(first))).collect();
        patterns.sort_unstable_by_key(|&(pattern, ..)| pattern);
        Seen { touches: key.touches.clone(), patterns }
    });
    keys.collect()
}

/// Expectation maximisation: u is fixed, m of what no identifier taught and the share of matches under each key are learned. A property
/// that a key fixes is not learned from that key's pairs. All pairs of a key teach, not only those it has first: these differ in what the
/// earlier keys fix.
fn estimate(seen: &[Seen], terms: &mut [Term<'_>]) {
    let mut shares = vec![0.2; seen.len()];
    let open: Vec<bool> = terms.iter().map(|term| term.learned == Learned::Assumed).collect();
    if !open.contains(&true) {
        return;
    }
    for _ in 0..ROUNDS {
        let mut counts: Vec<Vec<f64>> = terms.iter().map(|term| vec![PRIOR; term.m.len()]).collect();
        for (key, share) in seen.iter().zip(&mut shares) {
            let (mut matches, mut all) = (PRIOR, 2.0 * PRIOR);
            for &(pattern, count, _) in &key.patterns {
                let untouched = terms.iter().enumerate().filter(|(at, _)| !key.touches[*at]);
                let said = untouched.map(|(at, term)| (at, term, level(pattern, at))).filter(|(_, _, level)| *level != SILENT);
                let bits = said
                    .clone()
                    .fold(odds(*share), |sum, (_, term, level)| sum + (term.m[usize::from(level)] / term.u[usize::from(level)]).log2());
                let expected = posterior(bits) * count;
                matches += expected;
                all += count;
                said.for_each(|(at, _, level)| counts[at][usize::from(level)] += expected);
            }
            *share = matches / all;
        }
        for ((term, counts), _) in terms.iter_mut().zip(counts).zip(&open).filter(|(_, open)| **open) {
            let sum: f64 = counts.iter().sum();
            if sum >= 20.0 {
                term.m = counts.iter().map(|count| count / sum).collect();
                term.learned = Learned::Estimated;
            }
        }
    }
}

/// The log-odds that an open pair is one: the share that explains itself, pairs outside every block counting as two.
fn prior(seen: &[Seen], weights: &Weights<'_>, open: f64) -> f64 {
    let patterns: Vec<(f64, f64)> =
        seen.iter().flat_map(|key| &key.patterns).map(|&(pattern, _, first)| (weights.average(pattern), first)).collect();
    let mut matches = patterns.iter().map(|(_, count)| count).sum::<f64>() * 0.1;
    for _ in 0..ROUNDS {
        let prior = odds(((matches + PRIOR) / (open + 1.0)).min(0.5));
        matches = patterns.iter().map(|(bits, count)| posterior(prior + bits) * count).sum();
    }
    odds(((matches + PRIOR) / (open + 1.0)).min(0.5))
}
