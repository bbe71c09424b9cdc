//! Which pairs are compared at all: records that share a blocking key. A block that would cost too many pairs is refined by further
//! properties, and cut, counted, when nothing refines it. A missing value never blocks.

use crate::{
    cluster::Clusters,
    column::{Column, NONE, Table, low, narrow},
    compare::Measure,
    key,
    parallel::parallel,
};
use serde::Serialize;
use wuwei_schema::{Form, Matching};

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

/// Rows with an identifier that are heard in one block.
const HEARD: usize = 24;

/// Pairs of a unit.
const UNIT: usize = 100_000;

/// All blocks of all keys.
#[derive(Debug)]
pub(crate) struct Blocks {
    pub(crate) keys: Vec<Key>,
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
    /// The block that each row is in, by number; 0 for none.
    blocks: Vec<u32>,
    /// How many blocks were numbered.
    numbered: u32,
    rows: Vec<u32>,
    ends: Vec<u32>,
}

/// Somebody who looks at pairs, block by block.
pub(crate) trait Visit {
    /// A block begins.
    fn enter(&mut self, rows: &[u32]);
    /// A pair: the places of its rows in the block, that of the smaller row first, and whether its key is the first that has the pair, under which
    /// alone it is compared.
    fn pair(&mut self, left: Placed, right: Placed, is_first: bool);
}

/// A row and its place in its block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed {
    pub(crate) row: u32,
    pub(crate) place: usize,
}

/// What has to be known of the rows of one block to tell its pairs, side by side: rows lie far apart in memory, and each is in many pairs.
#[derive(Debug, Default)]
struct Block {
    /// Of the exclusive properties, the first's rows without a value come first.
    open: usize,
    roots: Vec<u32>,
    held: Vec<Vec<u32>>,
    /// For each earlier key the blocks of all rows.
    earlier: Vec<Vec<u32>>,
}

impl Block {
    fn fill(&mut self, rows: &[u32], earlier: &[Key], standing: &Standing) {
        fn gather<T: Copy>(rows: &[u32], from: &[T], into: &mut Vec<T>) {
            into.clear();
            into.extend(rows.iter().map(|&row| from[row as usize]));
        }
        gather(rows, &standing.root, &mut self.roots);
        self.held.resize(standing.held.len(), Vec::new());
        self.held.iter_mut().zip(&standing.held).for_each(|(into, from)| gather(rows, from, into));
        self.earlier.resize(earlier.len(), Vec::new());
        self.earlier.iter_mut().zip(earlier).for_each(|(into, key)| gather(rows, &key.blocks, into));
        self.open = self.held.first().map_or(rows.len(), |held| held.partition_point(|&value| value == NONE));
    }

    fn pairs(&self, rows: &[u32], visitor: &mut impl Visit) {
        for (at, &one) in rows.iter().enumerate() {
            for (other_at, &other) in rows.iter().enumerate().skip(at + 1) {
                if at >= self.open && self.held.first().is_some_and(|held| held[at] != held[other_at]) {
                    break;
                }
                if self.settled(at, other_at) {
                    continue;
                }
                let is_first = !self.earlier.iter().any(|blocks| blocks[at] != 0 && blocks[at] == blocks[other_at]);
                let (one, other) = (Placed { row: one, place: at }, Placed { row: other, place: other_at });
                let (left, right) = if one.row < other.row { (one, other) } else { (other, one) };
                visitor.pair(left, right, is_first);
            }
        }
    }

    /// Already one, or never one.
    fn settled(&self, left: usize, right: usize) -> bool {
        let apart = |held: &Vec<u32>| held[left] != NONE && held[right] != NONE && held[left] != held[right];
        self.roots[left] == self.roots[right] || self.held.iter().any(apart)
    }
}

/// What tier 0 says of each row, laid out for the loop over pairs.
#[derive(Debug)]
struct Standing {
    root: Vec<u32>,
    held: Vec<Vec<u32>>,
}

impl Blocks {
    /// The blocks of every key; what is compared refines a block too big.
    pub(crate) fn new(table: &Table, matching: &Matching, measures: &[Measure<'_>], clusters: &Clusters, threads: usize) -> Blocks {
        let held = (0..clusters.exclusive()).map(|which| table.rows().map(|row| clusters.held(which, row)).collect()).collect();
        let standing = Standing { root: table.rows().map(|row| clusters.root(row)).collect(), held };
        let make = |(): &mut (), at: usize| {
            let parts = &matching.block[at];
            let touched = |name: &str| parts.iter().any(|part| part.property == name);
            let touches = measures.iter().map(|measure| measure.properties(measures).into_iter().any(touched)).collect();
            let exact = |column: &Column| parts.iter().any(|part| part.form == Form::Exact && part.property == column.name);
            let refiners: Vec<&Column> = measures.iter().filter_map(Measure::column).filter(|column| !exact(column)).collect();
            let made_of = key::parts(table, matching, parts);
            let report = KeyReport { key: key::name(parts), ..KeyReport::default() };
            let identifies = matching.identify.iter().flatten().any(|name| touched(name));
            let key = Key { touches, report, identifies, blocks: vec![0; table.len()], numbered: 0, rows: Vec::new(), ends: Vec::new() };
            key.fill(|row| key::key_of(&made_of, row), &standing, &refiners)
        };
        let keys = parallel(threads, matching.block.len(), || (), make);
        Blocks { keys, threads, standing }
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
        let mut block = Block::default();
        for at in (unit.from..unit.to).filter(|at| at % stride == 0) {
            let rows = this.block(at);
            block.fill(rows, &self.keys[..unit.key], &self.standing);
            visitor.enter(rows);
            block.pairs(rows, visitor);
        }
    }

    /// Calls `visit` with pairs of a unit of which an identifier beyond doubt says whether they are one, which is told too, as if it did not:
    /// of each block those of its first [`HEARD`] such rows, and each under its first key alone. Keys made of what identifies are no keys here.
    pub(crate) fn known(&self, unit: Unit, stride: usize, doubted: &[bool], mut visit: impl FnMut(u32, u32, bool)) {
        let this = &self.keys[unit.key];
        if this.identifies {
            return;
        }
        let earlier: Vec<&Key> = self.keys[..unit.key].iter().filter(|key| !key.identifies).collect();
        for at in (unit.from..unit.to).filter(|at| at % stride == 0) {
            let rows = this.block(at);
            let held = rows[self.standing.open(rows)..].iter().copied().filter(|&row| !doubted[row as usize]);
            let held: Vec<u32> = held.take(HEARD).collect();
            for (at, &left) in held.iter().enumerate() {
                for &right in &held[at + 1..] {
                    let (left, right) = (left.min(right), left.max(right));
                    let is_one = self.standing.root[left as usize] == self.standing.root[right as usize];
                    let is_known = is_one || !self.standing.same_held(left, right);
                    if is_known && !earlier.iter().any(|earlier| earlier.together(left, right)) {
                        visit(left, right, is_one);
                    }
                }
            }
        }
    }

    /// Number of pairs of all records that tier 0 leaves open.
    pub(crate) fn open_pairs(&self) -> u64 {
        let mut rows: Vec<u32> = (0u32..).take(self.standing.root.len()).collect();
        self.standing.arrange(&mut rows);
        self.standing.cost(&rows)
    }
}

impl Key {
    /// The rows of a block, by its place.
    fn block(&self, at: usize) -> &[u32] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.rows[start as usize..self.ends[at] as usize]
    }

    fn together(&self, left: u32, right: u32) -> bool {
        self.blocks[left as usize] != 0 && self.blocks[left as usize] == self.blocks[right as usize]
    }

    /// Rows of one hash are a block. They are sorted by half of it, so that a row takes eight bytes; the few that share half of it only are
    /// taken apart afterwards.
    fn fill(mut self, hash: impl Fn(u32) -> u64, standing: &Standing, refiners: &[&Column]) -> Key {
        let hashed = (0u32..).take(self.blocks.len()).map(|row| (hash(row), row)).filter(|(hash, _)| *hash != 0);
        let mut sorted: Vec<u64> = hashed.map(|(hash, row)| hash >> 32 << 32 | u64::from(row)).collect();
        sorted.sort_unstable();
        for run in sorted.chunk_by(|left, right| left >> 32 == right >> 32).filter(|run| run.len() > 1) {
            let mut rows: Vec<(u64, u32)> = run.iter().map(|&packed| (hash(low(packed)), low(packed))).collect();
            rows.sort_unstable();
            for block in rows.chunk_by(|left, right| left.0 == right.0).filter(|block| block.len() > 1) {
                self.add(block.iter().map(|&(_, row)| row).collect(), standing, refiners);
            }
        }
        self.rows.shrink_to_fit();
        self.ends.shrink_to_fit();
        self
    }

    /// Takes a block, or what refining makes of it. Gives the number of its pairs.
    fn add(&mut self, mut rows: Vec<u32>, standing: &Standing, refiners: &[&Column]) -> u64 {
        standing.arrange(&mut rows);
        let cost = standing.cost(&rows);
        self.numbered += 1;
        rows.iter().for_each(|&row| self.blocks[row as usize] = self.numbered);
        if cost == 0 {
            return cost;
        }
        if cost <= CAP {
            self.report.blocks += 1;
            self.report.pairs += cost;
            self.rows.extend(rows);
            self.ends.push(narrow(self.rows.len()));
            return cost;
        }
        rows.iter().for_each(|&row| self.blocks[row as usize] = 0);
        let Some((refiner, further)) = refiners.split_first() else {
            self.report.cut += 1;
            self.report.pairs_cut += cost;
            return cost;
        };
        self.report.refined += 1;
        rows.sort_unstable_by_key(|&row| (refiner.ids[row as usize], row));
        let mut left_over = cost;
        for part in rows.chunk_by(|left, right| refiner.ids[*left as usize] == refiner.ids[*right as usize]) {
            // What the refining property does not know may still be parted by the next.
            if part.len() > 1 {
                left_over -= self.add(part.to_vec(), standing, further);
            }
        }
        self.report.pairs_cut += left_over;
        cost
    }
}

impl Standing {
    /// Rows without an exclusive value first, then those with one, equal values together: pairs of two values need no visit.
    fn arrange(&self, rows: &mut [u32]) {
        if let Some(held) = self.held.first() {
            rows.sort_unstable_by_key(|&row| (held[row as usize], row));
        }
    }

    /// Number of pairs in an arranged block that are not already parted by an exclusive value or joined by tier 0.
    fn cost(&self, rows: &[u32]) -> u64 {
        let open = self.open(rows);
        let free = u64::try_from(open).unwrap_or(u64::MAX);
        let all = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let mut cost = free * free.saturating_sub(1) / 2 + free * (all - free);
        for run in rows[open..].chunk_by(|left, right| self.same_held(*left, *right)) {
            let mut roots: Vec<u32> = run.iter().map(|&row| self.root[row as usize]).collect();
            roots.sort_unstable();
            let joined: u64 = roots.chunk_by(|left, right| left == right).map(|same| pairs_of(same.len())).sum();
            cost += pairs_of(run.len()) - joined;
        }
        cost
    }

    fn open(&self, rows: &[u32]) -> usize {
        self.held.first().map_or(rows.len(), |held| rows.partition_point(|&row| held[row as usize] == NONE))
    }

    fn same_held(&self, left: u32, right: u32) -> bool {
        self.held.first().is_none_or(|held| held[left as usize] == held[right as usize])
    }
}

fn pairs_of(rows: usize) -> u64 {
    let rows = u64::try_from(rows).unwrap_or(u64::MAX);
    rows * rows.saturating_sub(1) / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county::{person, records};
    use wuwei_schema::KeyPart;

    /// 120 people of one surname on one phone, in three streets or in none, and some without a phone.
    fn crowded(streets: usize) -> Table {
        let cells = |id: usize| {
            let mut cells = vec![("name", format!("王{}", char::from_u32(0x5000 + u32::try_from(id).unwrap()).unwrap()))];
            cells.push(if id < 120 { ("phone", "12000000001".to_owned()) } else { ("sex", "1".to_owned()) });
            if streets > 0 {
                cells.push(("live_address", format!("东河路{}号", id % streets)));
            }
            cells
        };
        let rows: Vec<(i64, Vec<(&str, String)>)> = (1..).zip((0..130).map(cells)).collect();
        let rows: Vec<(i64, Vec<(&str, &str)>)> =
            rows.iter().map(|(id, cells)| (*id, cells.iter().map(|(name, value)| (*name, value.as_str())).collect())).collect();
        let rows: Vec<(i64, &[(&str, &str)])> = rows.iter().map(|(id, cells)| (*id, cells.as_slice())).collect();
        Table::read(&person(), &["name", "phone", "live_address"], std::iter::once(Ok(records(&rows)))).unwrap()
    }

    fn blocks(table: &Table) -> Blocks {
        let mut matching = person().matching.unwrap();
        let part = |property: &str, form| KeyPart { property: property.to_owned(), form };
        matching.block = vec![vec![part("phone", Form::Exact), part("name", Form::Surname)]];
        let measures = [Measure::Value(&table.columns[2])];
        Blocks::new(table, &matching, &measures, &Clusters::new(table.len(), Vec::new()), 2)
    }

    /// Counts.
    struct Seen(u64);

    impl Visit for Seen {
        fn enter(&mut self, _: &[u32]) {}

        fn pair(&mut self, left: Placed, right: Placed, is_first: bool) {
            self.0 += u64::from(left.row < right.row && is_first);
        }
    }

    #[test]
    fn a_block_too_big_is_refined_and_what_is_lost_is_counted() {
        let blocks = blocks(&crowded(3));
        let report = &blocks.keys[0].report;
        assert_eq!((report.refined, report.blocks, report.cut), (1, 3, 0));
        assert_eq!(report.pairs, 3 * 40 * 39 / 2);
        assert_eq!(report.pairs + report.pairs_cut, 120 * 119 / 2, "the ten without a phone are in no block");
        let mut seen = Seen(0);
        for unit in blocks.units() {
            blocks.pairs(unit, 1, &mut seen);
        }
        assert_eq!(seen.0, report.pairs);
    }

    #[test]
    fn a_block_that_nothing_refines_is_cut_and_counted() {
        let blocks = blocks(&crowded(0));
        let report = &blocks.keys[0].report;
        assert_eq!((report.cut, report.blocks, report.pairs, report.pairs_cut), (1, 0, 0, 120 * 119 / 2));
    }
}
