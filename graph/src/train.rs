//! Where the weights come from, without labels: u from value frequencies and random pairs, m from pairs that an identifier joins or, where
//! there are few, by expectation maximisation (Dempster, Laird and Rubin 1977) on the counts of level patterns, key by key and then of all pairs; the
//! prior from both.

use crate::{
    block::{Blocks, Other, Visit},
    cluster::Clusters,
    column::{Column, NONE, Sample, Table, mix, part},
    compare::{Comparisons, Measure, level},
    guard::Guard,
    parallel::parallel,
    weigh::{Learned, Term, Weights, float, float64, odds, posterior},
};
use hashbrown::HashMap;
use wuwei_schema::Matching;

/// Random pairs compared for the u of each measure, pairs of one identifier for m, and blocked pairs for the patterns of each key: more
/// teach nothing more.
const RANDOM: u64 = 60_000;
const USUAL: usize = 5_000;
const LABELLED: usize = 100_000;
const BLOCKED: u64 = 400_000;

/// From so many labelled pairs on, a property's m is theirs.
const ENOUGH: f64 = 300.0;
const ROUNDS: usize = 60;
/// Added to every count, so that what was not seen is rare and not impossible.
const PRIOR: f64 = 0.5;

/// Level patterns under one key, each with how many pairs have it, and how many of these no earlier key has.
#[derive(Debug)]
pub(crate) struct Seen {
    touches: Vec<bool>,
    patterns: Vec<(u64, f64, f64)>,
}

/// Learns what each level is worth. `copies` says for how many records each row speaks, the sample which rows are looked at for all.
pub(crate) fn train<'a>(
    table: &'a Table,
    matching: &Matching,
    measures: &'a [Measure<'a>],
    blocks: &Blocks,
    clusters: &Clusters,
    (copies, sample): (&[u32], &Sample),
) -> Weights<'a> {
    let make = |(): &mut (), at: usize| {
        let measure = measures[at];
        let carriers = measure.column().map_or_else(Vec::new, |column| carriers(column, clusters));
        let u = unrelated((table, sample), measures, at, &carriers, clusters);
        Term::new(measure, measure.name(measures), carriers, u)
    };
    let mut terms: Vec<Term<'a>> = parallel(blocks.threads, measures.len(), || (), make);
    label((table, sample), measures, clusters, copies, &mut terms);
    let mut weights = Weights { prior: 0.0, terms };
    let seen = observe(blocks, measures, &weights, || Guard::new(table, matching));
    estimate(&seen, &mut weights.terms);
    let open = float64(blocks.open_pairs());
    settle(&seen, &mut weights.terms, open);
    weights.prior = prior(&seen, &weights, open);
    weights
}

/// How many carry each value: entities of tier 0 and records beside them, so that a landlord of forty records does not make his name a
/// common one.
fn carriers(column: &Column, clusters: &Clusters) -> Vec<u32> {
    let stated = column.ids.iter().zip(0u32..).filter(|&(&id, _)| id != NONE);
    let mut pairs: Vec<u64> = stated.map(|(&id, row)| u64::from(id) << 32 | u64::from(clusters.root(row))).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut counts = vec![0; column.values.len()];
    pairs.iter().for_each(|pair| counts[usize::try_from(pair >> 32).unwrap_or(0)] += 1);
    counts
}

/// u: exact agreement is counted from the frequencies, the other levels from random pairs that do not agree exactly. Pairs that tier 0 joined are
/// of one, and do not count.
fn unrelated(of: (&Table, &Sample), measures: &[Measure<'_>], at: usize, carriers: &[u32], clusters: &Clusters) -> Vec<f64> {
    let measure = measures[at];
    let top = usize::from(measure.max_level());
    let mut levels = vec![PRIOR; top + 1];
    for level in random_levels(of, measures, at, clusters) {
        if let Some(count) = levels.get_mut(usize::from(level)) {
            *count += 1.0;
        }
    }
    if measure.column().is_some() {
        levels.truncate(top);
    }
    let sum: f64 = levels.iter().sum();
    let exact = exact(carriers);
    let rest = if measure.column().is_some() { 1.0 - exact } else { 1.0 };
    levels.iter().map(|count| count / sum * rest).chain(measure.column().map(|_| exact)).collect()
}

/// The probability that two carriers carry the same value.
fn exact(carriers: &[u32]) -> f64 {
    let counts = || carriers.iter().skip(1).map(|&count| u64::from(count));
    let (stated, same): (u64, u64) = (counts().sum(), counts().map(|count| count * count.saturating_sub(1)).sum());
    let exact = (float64(same) + PRIOR) / (float64(stated) * (float64(stated) - 1.0).max(0.0) + 1.0);
    exact.clamp(1e-12, 0.999)
}

/// The levels of one measure between rows drawn by a fixed sequence from those that say something of it.
fn random_levels((table, sample): (&Table, &Sample), measures: &[Measure<'_>], at: usize, clusters: &Clusters) -> Vec<u8> {
    let says = |column: &Column, row: u32| column.ids[row as usize] != NONE;
    let rows = |says: &dyn Fn(u32) -> bool| -> Vec<u32> {
        let some: Vec<u32> = sample.rows.iter().map(|(_, row)| *row).filter(|&row| says(row)).collect();
        if some.len() >= USUAL || sample.rows.len() == table.len() {
            return some;
        }
        let mut all: Vec<u32> = table.rows().filter(|&row| says(row)).collect();
        table.by_content(&mut all);
        all
    };
    let (lefts, rights) = match measures[at] {
        Measure::Value(column) => (rows(&|row| says(column, row)), None),
        Measure::Order(one, other) => {
            let columns = [measures[one].column(), measures[other].column()];
            (rows(&|row| columns.iter().flatten().any(|column| says(column, row))), None)
        }
        Measure::Fit(part, whole) => (rows(&|row| says(part, row) && !says(whole, row)), Some(rows(&|row| says(whole, row)))),
    };
    let rights = rights.as_ref().unwrap_or(&lefts);
    if lefts.len().min(rights.len()) < 2 {
        return Vec::new();
    }
    let draw = |rows: &[u32], seed: u64| rows[usize::try_from(mix(seed, 1) % rows.len() as u64).unwrap_or(0)];
    let mut comparisons = Comparisons::new(measures);
    let pairs = (0..RANDOM)
        .map(|at| (draw(&lefts, 2 * at), draw(rights, 2 * at + 1)))
        .filter(|(left, right)| clusters.root(*left) != clusters.root(*right));
    pairs.map(|(left, right)| comparisons.level(at, left, right)).collect()
}

/// m of the properties of which tier 0 brought enough pairs: neighbours in the rings of its clusters, which go by content. A row with copies stands
/// beside one of them, so that agreement in everything is seen too, but not thirty times.
fn label((table, sample): (&Table, &Sample), measures: &[Measure<'_>], clusters: &Clusters, copies: &[u32], terms: &mut [Term<'_>]) {
    let mut comparisons = Comparisons::new(measures);
    let mut counts: Vec<Vec<f64>> = terms.iter().map(|term| vec![PRIOR; term.m.len()]).collect();
    for row in joined((table, sample), clusters) {
        let mut members: Vec<u32> = clusters.members(row).collect();
        members.extend(members.clone().into_iter().filter(|&row| copies[row as usize] > 1));
        table.by_content(&mut members);
        for pair in members.windows(2) {
            let pattern = comparisons.pattern(pair[0], pair[1]);
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
            term.learn(counts.iter().map(|count| count / sum).collect(), Learned::Identifiers);
        }
    }
}

/// A row each of the clusters that tier 0 joined, or of enough of them, those of many rows as likely as those of few.
fn joined((table, sample): (&Table, &Sample), clusters: &Clusters) -> Vec<u32> {
    let roots: Vec<u32> = table.rows().filter(|&row| clusters.root(row) == row && clusters.size(row) > 1).collect();
    if roots.len() <= LABELLED {
        return roots;
    }
    let mut places: Vec<(u32, u64)> = sample.rows.iter().map(|&(content, row)| (row, content)).collect();
    places.sort_unstable();
    let content = |row: u32| places.binary_search_by_key(&row, |place| place.0).map_or(u64::MAX, |at| places[at].1);
    // Its smallest content speaks for a cluster: the more rows it has, the likelier one of them is in the sample.
    let wanted = float(LABELLED) / 4.0 / float(roots.len());
    let is_chosen = |&(first, row): &(u64, u32)| {
        let size = clusters.size(row);
        let is_first = || clusters.members(row).all(|member| (content(member), member) >= (first, row));
        let is_in_sample = 1.0 - (1.0 - sample.share).powf(f64::from(size));
        size > 1 && part(mix(first, 2)) < wanted / is_in_sample && is_first()
    };
    sample.rows.iter().filter(|row| is_chosen(row)).map(|(_, row)| *row).collect()
}

/// The patterns of the blocked pairs, key by key. What the guard refuses is no pair of one entity whatever its pattern, so it is left out; a
/// pattern that speaks for two anyway is not worth asking it.
fn observe<'a>(blocks: &Blocks, measures: &'a [Measure<'a>], before: &Weights<'_>, guard: impl Fn() -> Guard<'a> + Sync) -> Vec<Seen> {
    let units = blocks.units();
    let stride = |key: usize| usize::try_from(blocks.keys[key].report.pairs / BLOCKED + 1).unwrap_or(1);
    let counted = parallel(
        blocks.threads,
        units.len(),
        || (Comparisons::new(measures), guard()),
        |(comparisons, guard), at| {
            let mut observer = Observer { comparisons, guard, before, rows: Vec::new(), counts: HashMap::new() };
            blocks.pairs(units[at], stride(units[at].key), &mut observer);
            observer.counts
        },
    );
    let mut sums: Vec<HashMap<u64, (u64, u64)>> = blocks.keys.iter().map(|_| HashMap::new()).collect();
    for (unit, counts) in units.iter().zip(counted) {
        for (pattern, (_, all, first)) in counts {
            let sum = sums[unit.key].entry(pattern).or_default();
            *sum = (sum.0 + all, sum.1 + first);
        }
    }
    let seen = sums.into_iter().enumerate().map(|(key, counts)| {
        let scaled = |count: u64| float64(count) * float(stride(key));
        let mut patterns: Vec<(u64, f64, f64)> =
            counts.into_iter().map(|(pattern, (all, first))| (pattern, scaled(all), scaled(first))).collect();
        patterns.sort_unstable_by_key(|&(pattern, ..)| pattern);
        Seen { touches: blocks.keys[key].touches.clone(), patterns }
    });
    seen.collect()
}

/// Counts the patterns of the pairs it is shown: whether the guard is asked, how many there are, and how many of them under their first key.
struct Observer<'o, 'a> {
    comparisons: &'o mut Comparisons<'a>,
    guard: &'o mut Guard<'a>,
    before: &'o Weights<'o>,
    rows: Vec<u32>,
    counts: HashMap<u64, (bool, u64, u64)>,
}

impl Visit for Observer<'_, '_> {
    const LATER: bool = true;

    fn enter(&mut self, rows: &[u32], ends: &[usize]) {
        self.rows.clear();
        self.rows.extend(rows);
        self.comparisons.enter(rows, ends);
    }

    fn pairs(&mut self, one: usize, others: &[Other]) {
        for (&pattern, other) in self.comparisons.patterns(one, others).iter().zip(others) {
            let count = self.counts.entry(pattern).or_insert_with(|| (self.before.average(pattern) >= 0.0, 0, 0));
            let (left, right) = (self.rows[one], self.rows[other.place]);
            if !(count.0 && self.guard.refuses(left.min(right), left.max(right))) {
                *count = (count.0, count.1 + 1, count.2 + u64::from(other.is_first));
            }
        }
    }
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
        let bits = |term: &Term<'_>| term.m.iter().zip(&term.u).map(|(m, u)| (m / u).log2()).collect();
        let bits: Vec<Vec<f64>> = terms.iter().map(bits).collect();
        for (key, share) in seen.iter().zip(&mut shares) {
            let (mut matches, mut all, prior) = (PRIOR, 2.0 * PRIOR, odds(*share));
            for &(pattern, count, _) in &key.patterns {
                let untouched = bits.iter().enumerate().filter(|(at, _)| !key.touches[*at]);
                let said =
                    untouched.map(|(at, bits)| (at, bits, usize::from(level(pattern, at)))).filter(|(_, bits, level)| *level < bits.len());
                let weight = said.clone().fold(prior, |sum, (_, bits, level)| sum + bits[level]);
                let expected = posterior(weight) * count;
                matches += expected;
                all += count;
                said.for_each(|(at, _, level)| counts[at][level] += expected);
            }
            *share = matches / all;
        }
        for ((term, counts), _) in terms.iter_mut().zip(counts).zip(&open).filter(|(_, open)| **open) {
            let sum: f64 = counts.iter().sum();
            if sum >= 20.0 {
                term.learn(counts.iter().map(|count| count / sum).collect(), Learned::Estimated);
            }
        }
    }
}

/// The same on all compared pairs together, each weighed by all that it says, once keys have taught what to look for. Pairs of one key tell what they
/// are like that agree in the key: where all that is the same was thrown out before, those of the same name differ in something else, and those of
/// the same birth date in the name. Here each counts once more under its first key, so that what a key fixes is heard of too. And random pairs, of
/// which u is, are not all of two: the share of matches is taken out of it, which matters where an entity has dozens of records.
fn settle(seen: &[Seen], terms: &mut [Term<'_>], open: f64) {
    let random: Vec<Vec<f64>> = terms.iter().map(|term| term.u.clone()).collect();
    let share = |matches: f64| ((matches + PRIOR) / (open + 1.0)).min(0.5);
    let mut matches = seen.iter().flat_map(|key| &key.patterns).map(|(_, _, first)| first).sum::<f64>() * 0.1;
    for _ in 0..ROUNDS {
        let counts;
        (matches, counts) = expect(seen, terms, share(matches));
        for ((term, counts), random) in terms.iter_mut().zip(counts).zip(&random) {
            let sum: f64 = counts.iter().sum();
            let is_taught = sum >= 20.0 && term.learned != Learned::Identifiers;
            let m: Vec<f64> = if is_taught { counts.iter().map(|count| count / sum).collect() } else { term.m.clone() };
            let apart = random.iter().zip(&m).map(|(random, m)| (random - share(matches) * m).max(random * LEFT));
            let apart: Vec<f64> = apart.collect();
            let sum: f64 = apart.iter().sum();
            term.u = apart.iter().map(|u| u / sum).collect();
            term.learn(m, if is_taught { Learned::Estimated } else { term.learned });
        }
    }
}

/// What is left of the share of a level among random pairs, at least, when matches are taken out: that it is all theirs is never certain.
const LEFT: f64 = 0.05;

/// How many of all compared pairs are matches, where that share of the open ones is, and how often these have which level: once under the first key
/// of each, and once under every key that does not fix the property.
fn expect(seen: &[Seen], terms: &[Term<'_>], share: f64) -> (f64, Vec<Vec<f64>>) {
    let mut counts: Vec<Vec<f64>> = terms.iter().map(|term| vec![PRIOR; term.m.len()]).collect();
    let mut matches = 0.0;
    for (key, &(pattern, all, first)) in seen.iter().flat_map(|key| key.patterns.iter().map(move |pattern| (key, pattern))) {
        let levels = terms.iter().enumerate().map(|(at, term)| (at, term, usize::from(level(pattern, at))));
        let said = levels.filter(|(_, term, level)| *level < term.m.len());
        let bits = said.clone().fold(odds(share), |sum, (_, term, level)| sum + (term.m[level] / term.u[level]).log2());
        let expected = posterior(bits);
        matches += expected * first;
        for (at, _, level) in said {
            counts[at][level] += expected * if key.touches[at] { first } else { first + all };
        }
    }
    (matches, counts)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county::{person, records};

    /// Of each copy one property has a slip: who is found by the name has it in the phone, and the other way round.
    #[test]
    fn where_all_that_is_the_same_was_thrown_out_a_key_does_not_teach_that_nothing_agrees() {
        let rows: [(i64, &[(&str, &str)]); 2] =
            [(1, &[("name", "王小明"), ("phone", "12000000001")]), (2, &[("name", "李丽"), ("phone", "12000000002")])];
        let table = Table::read(&person(), &["name", "phone"], std::iter::once(Ok(records(&rows)))).unwrap();
        let measures: Vec<Measure<'_>> = table.columns.iter().map(Measure::Value).collect();
        let by_chance = [vec![0.99, 0.002, 0.002, 0.002, 0.002, 0.001, 0.001], vec![0.998, 0.001, 0.001]];
        let terms = measures.iter().zip(&table.columns).zip(by_chance);
        let mut terms: Vec<Term<'_>> = terms.map(|((measure, column), u)| Term::new(*measure, String::new(), column.counts(), u)).collect();
        let pattern = |name: u64, phone: u64| name | phone << 3;
        let seen = |fixes: usize, patterns: [(u64, f64); 2]| Seen {
            touches: vec![fixes == 0, fixes == 1],
            patterns: patterns.map(|(pattern, count)| (pattern, count, count)).to_vec(),
        };
        let seen = [seen(0, [(pattern(6, 1), 300.0), (pattern(6, 0), 500.0)]), seen(1, [(pattern(4, 2), 300.0), (pattern(0, 2), 500.0)])];
        let exact = |terms: &[Term<'_>]| [terms[0].m[6], terms[1].m[2]];
        estimate(&seen, &mut terms);
        assert!(exact(&terms).iter().all(|m| *m < 0.05), "{:?}", exact(&terms));
        settle(&seen, &mut terms, 1e6);
        assert!(exact(&terms).iter().all(|m| *m > 0.2), "{:?}", exact(&terms));
        assert!(terms.iter().all(|term| (term.u.iter().sum::<f64>() - 1.0).abs() < 1e-9 && term.u.iter().all(|u| *u > 0.0)));
    }
}
