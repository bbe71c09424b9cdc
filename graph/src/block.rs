//! Which pairs are compared at all: records that share a blocking key. A block that would cost too many pairs is refined by further
//! properties, and cut, counted, when nothing refines it. A missing value never blocks.

mod hashes;
mod laying;
mod seats;
mod since;
mod standing;

use hashes::{Hashes, PARTS};
use laying::{Laid, Laying};
use seats::Seats;
pub(crate) use since::half;
use standing::{Standing, pairs_of};

use crate::{
    cluster::Clusters,
    column::{Column, NONE, Table, mix, narrow},
    compare::Measure,
    key,
    parallel::parallel,
};
use serde::Serialize;
use std::{ops::Range, sync::atomic::AtomicU32};
use wuwei_schema::{Form, KeyPart, Matching};

/// Pairs that one block may cost.
pub(crate) const CAP: u64 = 2_000;

/// What one blocking key brought, and what was left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct KeyReport {
    /// The key, e.g. `name:pinyin+birth_date`.
    pub key: String,
    /// Blocks with a pair to compare.
    pub blocks: u64,
    /// Pairs in them, those of earlier keys included.
    pub pairs: u64,
    /// Blocks that were too big and were refined.
    pub refined: u64,
    /// Blocks that nothing refined.
    pub cut: u64,
    /// Pairs that are not compared under this key, because their block was cut or they differ in what refined it.
    pub pairs_cut: u64,
}

/// Blocks of one key that are worked on together: about so many pairs, whatever the number of threads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unit {
    pub(crate) key: usize,
    from: usize,
    to: usize,
}

/// Rows for which no thread is begun.
const FEW: usize = 1024;

/// Rows with an identifier that are heard in one block.
const HEARD: usize = 24;

/// Rows of blocks that are looked up together, at least: so that no look waits for another.
const TOGETHER: usize = 96;

/// Pairs of a unit.
const UNIT: usize = 100_000;

/// All blocks of all keys, or those in which a pair may stand that was not compared before.
#[derive(Debug)]
pub(crate) struct Blocks {
    pub(crate) keys: Vec<Key>,
    seats: Seats,
    /// Rows of which some pair may not have been compared before; empty where everything is new.
    fresh: Vec<bool>,
    /// How many threads work on them.
    pub(crate) threads: usize,
    standing: Standing,
}

/// The blocks of one key.
#[derive(Debug)]
pub(crate) struct Key {
    /// Whether the key fixes something of what is measured there.
    pub(crate) touches: Vec<bool>,
    pub(crate) report: KeyReport,
    /// Whether it is made of a property that identifies.
    identifies: bool,
    /// The block that each row is in, by number; 0 for none. Once all keys have theirs, [`Seats`] has them.
    seats: Vec<AtomicU32>,
    rows: Vec<u32>,
    ends: Vec<u32>,
    /// Of each block how much of it is shown.
    shown: Vec<Shown>,
}

/// How much of a block is shown to who looks at pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// Nothing: it is only known who is in it.
    Nothing,
    /// Pairs with a fresh row.
    Fresh,
    /// All of it.
    Whole,
}

/// Somebody who looks at pairs, block by block.
pub(crate) trait Visit {
    /// Whether it looks at pairs too that an earlier key has, under which alone they are compared.
    const LATER: bool;
    /// Some blocks begin: their rows one after the other, and where each block ends among them.
    fn enter(&mut self, rows: &[u32], ends: &[usize]);
    /// Pairs of the row in one place among them. Each pair is shown once, from either side.
    fn pairs(&mut self, one: usize, others: &[Other]);
}

/// The other row of a pair.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Other {
    /// Its place among the rows that were entered.
    pub(crate) place: usize,
    /// Whether its key is the first that has the pair.
    pub(crate) is_first: bool,
}

/// What has to be known of the rows of some blocks to tell their pairs, side by side: rows lie far apart in memory, and each is in many pairs.
#[derive(Debug, Default)]
struct Block {
    roots: Vec<u32>,
    held: Vec<Vec<u32>>,
    /// For each earlier key the blocks of all rows.
    earlier: Vec<Vec<u32>>,
    /// Whose pairs alone are shown; empty where all are.
    fresh: Vec<bool>,
}

impl Block {
    fn fill(&mut self, rows: &[u32], (seats, earlier): (&Seats, usize), (standing, fresh): (&Standing, &[bool])) {
        standing.gather(rows, &mut self.roots, &mut self.held);
        self.earlier.resize(earlier, Vec::new());
        self.earlier.iter_mut().for_each(Vec::clear);
        for &row in rows {
            self.earlier.iter_mut().zip(seats.of(row)).for_each(|(into, &block)| into.push(block));
        }
        self.fresh.clear();
        if !fresh.is_empty() {
            self.fresh.extend(rows.iter().map(|&row| fresh[row as usize]));
        }
    }

    /// The pairs of the block in these places, where of the first exclusive property rows without a value come first.
    fn pairs<V: Visit>(&self, places: Range<usize>, others: &mut Vec<Other>, visitor: &mut V) {
        let open = self.held.first().map_or(places.len(), |held| held[places.clone()].partition_point(|&value| value == NONE));
        for at in places.clone() {
            others.clear();
            for place in at + 1..places.end {
                if at >= places.start + open && self.held.first().is_some_and(|held| held[at] != held[place]) {
                    break;
                }
                if self.settled(at, place) || (!self.fresh.is_empty() && !self.fresh[at] && !self.fresh[place]) {
                    continue;
                }
                let is_first = !self.earlier.iter().any(|blocks| blocks[at] != 0 && blocks[at] == blocks[place]);
                if is_first || V::LATER {
                    others.push(Other { place, is_first });
                }
            }
            if !others.is_empty() {
                visitor.pairs(at, others);
            }
        }
    }

    /// Already one, or never one.
    fn settled(&self, left: usize, right: usize) -> bool {
        let apart = |held: &Vec<u32>| held[left] != NONE && held[right] != NONE && held[left] != held[right];
        self.roots[left] == self.roots[right] || self.held.iter().any(apart)
    }
}

impl Blocks {
    /// What is to be told of the keys; nothing else is left of them.
    pub(crate) fn told(self) -> Vec<KeyReport> {
        self.keys.into_iter().map(|key| key.report).collect()
    }

    /// The blocks of every key; what is compared refines a block too big.
    pub(crate) fn new(table: &Table, matching: &Matching, measures: &[Measure<'_>], clusters: &Clusters, threads: usize) -> Blocks {
        let standing = Standing::of(table, clusters);
        // One key after the other, and each by all threads: so no thread waits for another's longer key, and only one is held unsorted.
        let threads_of_key = if table.len() < FEW { 1 } else { threads };
        let lay_out = |parts: &Vec<KeyPart>| {
            let hashes = Hashes::of(&key::parts(table, matching, parts), table, threads_of_key);
            let (refiners, seats) = (refiners(parts, measures), unseated(table));
            let laid = parallel(
                threads_of_key,
                PARTS,
                || (),
                |(): &mut (), part| {
                    let mut laying = Laying::new(&standing, &refiners, &seats, narrow(part), narrow(PARTS));
                    hashes.each_block(part, |rows| laying.add(rows, Shown::Whole));
                    laying.laid
                },
            );
            Key::of(parts, matching, measures, laid, seats)
        };
        let mut keys: Vec<Key> = matching.block.iter().map(lay_out).collect();
        Blocks { seats: Seats::take(&mut keys, table.rows(), threads), keys, fresh: Vec::new(), threads, standing }
    }

    /// All blocks, in units.
    pub(crate) fn units(&self) -> Vec<Unit> {
        let mut units = Vec::new();
        for (key, blocks) in self.keys.iter().enumerate() {
            let (mut from, mut start, mut cost) = (0, 0, 0);
            for (at, end) in blocks.ends.iter().map(|&end| end as usize).enumerate() {
                cost += (end - start) * (end - start) / 2;
                start = end;
                if cost >= UNIT || at + 1 == blocks.ends.len() {
                    units.push(Unit { key, from, to: at + 1 });
                    (from, cost) = (at + 1, 0);
                }
            }
        }
        units
    }

    /// Shows every pair of a unit. Of every `stride` blocks one is visited.
    pub(crate) fn pairs(&self, unit: Unit, stride: usize, visitor: &mut impl Visit) {
        let this = &self.keys[unit.key];
        let (mut block, mut others, mut ends, mut apart) = (Block::default(), Vec::new(), Vec::new(), Vec::new());
        let mut next = unit.from.next_multiple_of(stride);
        while next < unit.to {
            let at = next;
            ends.clear();
            apart.clear();
            while next < unit.to && this.shown[next] == this.shown[at] && ends.last().is_none_or(|&end| end < TOGETHER) {
                let rows = this.block(next);
                ends.push(ends.last().copied().unwrap_or_default() + rows.len());
                // Blocks that are visited one after the other stand so already.
                if stride > 1 {
                    apart.extend(&this.rows[rows]);
                }
                next += stride;
            }
            let size = ends.last().copied().unwrap_or_default();
            let rows = if stride > 1 { apart.as_slice() } else { &this.rows[this.block(at).start..][..size] };
            let fresh = if this.shown[at] == Shown::Fresh { self.fresh.as_slice() } else { &[] };
            block.fill(rows, (&self.seats, unit.key), (&self.standing, fresh));
            visitor.enter(rows, &ends);
            let mut from = 0;
            for &end in &ends {
                block.pairs(from..end, &mut others, visitor);
                from = end;
            }
        }
    }

    /// Calls `visit` with pairs of a unit of which an identifier beyond doubt says whether they are one, which is told too, as if it did not:
    /// of each block those of [`HEARD`] such rows, and each under its first key alone. Keys made of what identifies are no keys here. What is
    /// thrown by dice is told a number that the content of both makes.
    pub(crate) fn known(&self, unit: Unit, stride: usize, (table, doubted): (&Table, &[bool]), mut visit: impl FnMut([u32; 2], u64, bool)) {
        let this = &self.keys[unit.key];
        if this.identifies {
            return;
        }
        let earlier: Vec<usize> = (0..unit.key).filter(|&key| !self.keys[key].identifies).collect();
        for at in (unit.from..unit.to).filter(|at| at % stride == 0) {
            let rows = &this.rows[this.block(at)];
            let held: Vec<u32> = rows[self.standing.open(rows)..].iter().copied().filter(|&row| !doubted[row as usize]).collect();
            let held = self.heard(table, &held);
            for (at, &(one, left)) in held.iter().enumerate() {
                for &(other, right) in &held[at + 1..] {
                    let is_one = self.standing.are_one(left, right);
                    let is_known = is_one || !self.standing.same_held(left, right);
                    if is_known && !self.seats.are_together(left, right, &earlier) {
                        visit([left, right], mix(one.wrapping_add(other), 1), is_one);
                    }
                }
            }
        }
    }

    /// Of rows of which those of one identifier stand together some, with their content, chosen by it: identifier by identifier.
    fn heard(&self, table: &Table, held: &[u32]) -> Vec<(u64, u32)> {
        if held.len() < 2 {
            return Vec::new();
        }
        let mut runs: Vec<Vec<(u64, u32)>> = held
            .chunk_by(|left, right| self.standing.same_held(*left, *right))
            .map(|run| {
                let mut run: Vec<(u64, u32)> = run.iter().map(|&row| (table.content(row), row)).collect();
                run.sort_unstable();
                run
            })
            .collect();
        runs.sort_unstable();
        runs.into_iter().flatten().take(HEARD).collect()
    }

    /// Number of pairs of all records that tier 0 leaves open.
    pub(crate) fn open_pairs(&self) -> u64 {
        self.standing.cost_of_all()
    }
}

impl Key {
    /// Where the rows of a block are, by its place.
    fn block(&self, at: usize) -> Range<usize> {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        start as usize..self.ends[at] as usize
    }

    /// Made of what was laid out of it.
    fn of(parts: &[KeyPart], matching: &Matching, measures: &[Measure<'_>], laid: Vec<Laid>, seats: Vec<AtomicU32>) -> Key {
        let touched = |name: &str| parts.iter().any(|part| part.property == name);
        let touches = measures.iter().map(|measure| measure.properties(measures).into_iter().any(touched)).collect();
        let identifies = matching.identify.iter().flatten().any(|name| touched(name));
        let Laid { report, rows, ends, shown } = Laid::of(laid, key::name(parts));
        Key { touches, report, identifies, seats, rows, ends, shown }
    }
}

/// In no block yet.
fn unseated(table: &Table) -> Vec<AtomicU32> {
    table.rows().map(|_| AtomicU32::new(0)).collect()
}

/// What refines a block of a key that is too big: what is compared, but for what the key has whole.
fn refiners<'a>(parts: &[KeyPart], measures: &[Measure<'a>]) -> Vec<&'a Column> {
    let exact = |column: &Column| parts.iter().any(|part| part.form == Form::Exact && part.property == column.name);
    measures.iter().filter_map(Measure::column).filter(|column| !exact(column)).collect()
}

#[cfg(test)]
mod tests;
