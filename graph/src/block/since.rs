//! The blocks in which a pair may stand that was not compared before. Blocks that nothing has changed are not laid out at all, and a block that
//! was never too big shows only pairs with a fresh row. Where a block is or may have been too big, refining it may part it otherwise than
//! before: all its pairs are shown.

use super::{Blocks, CAP, Key, Laying, Seats, Shown, Standing, hashes::each_block, pairs_of, refiners, unseated};
use crate::{
    change::{Change, Since},
    cluster::Clusters,
    column::{Table, low},
    compare::Measure,
    key::{self, Part},
    parallel::parallel,
};
use hashbrown::HashMap;
use wuwei_schema::Matching;

impl Blocks {
    /// The blocks of every key that a change reaches.
    pub(crate) fn since(
        table: &Table,
        matching: &Matching,
        measures: &[Measure<'_>],
        clusters: &Clusters,
        threads: usize,
        change: &Change,
    ) -> (Blocks, Refined) {
        let standing = Standing::of(table, clusters);
        let keys = matching.block.len();
        let hash = |(): &mut (), at: usize| Hashed::new(key::parts(table, matching, &matching.block[at]), table, change);
        let mut hashed: Vec<Hashed<'_>> = parallel(threads, keys, || (), hash);
        let refined = |(): &mut (), at: usize| hashed[at].whole(&standing, change);
        let refined: Vec<u32> = parallel(threads, keys, || (), refined).into_iter().flatten().collect();
        // Which key has their pairs first is asked of all keys, so all their blocks have to be known.
        for key in &mut hashed {
            refined.iter().for_each(|&row| key.wanted.add(key.halves[row as usize]));
        }
        let lay_out = |(): &mut (), at: usize| {
            let parts = &matching.block[at];
            let (refiners, seats) = (refiners(parts, measures), unseated(table));
            let mut laying = Laying::new(&standing, &refiners, &seats, 0, 1);
            hashed[at].each_wanted(|hash, rows| {
                let shown = hashed[at].shown(hash, &rows, &standing, change);
                laying.add(rows, shown);
            });
            let laid = vec![laying.laid];
            Key::of(parts, matching, measures, laid, seats)
        };
        let mut keys = parallel(threads, keys, || (), lay_out);
        let seats = Seats::take(&mut keys, table.rows(), threads);
        let fresh = change.since.iter().map(|since| *since == Since::Fresh).collect();
        (Blocks { keys, seats, fresh, threads, standing }, Refined::of(table.len(), &refined))
    }

    /// Whether tier 0 says that two rows are one, or never one.
    pub(crate) fn settled(&self, left: u32, right: u32) -> bool {
        self.standing.settled(left, right)
    }

    /// The first key that has two rows in one block, of rows whose blocks are all laid out.
    pub(crate) fn first_key(&self, left: u32, right: u32) -> Option<usize> {
        self.seats.first(left, right)
    }
}

/// Rows of blocks that are, or may have been, too big: under which key a pair of two of them is compared may be another now.
#[derive(Debug)]
pub(crate) struct Refined(Vec<bool>);

impl Refined {
    fn of(rows: usize, refined: &[u32]) -> Refined {
        let mut is = vec![false; rows];
        refined.iter().for_each(|&row| is[row as usize] = true);
        Refined(is)
    }

    pub(crate) fn holds(&self, row: u32) -> bool {
        self.0[row as usize]
    }
}

/// One key of all rows.
struct Hashed<'a> {
    made_of: Vec<Part<'a>>,
    /// Half of the hash of each row; 0 for none.
    halves: Vec<u32>,
    /// How many records that are gone had each hash.
    gone: HashMap<u64, u64>,
    /// The halves of blocks to lay out.
    wanted: Wanted,
}

impl<'a> Hashed<'a> {
    fn new(made_of: Vec<Part<'a>>, table: &Table, change: &Change) -> Hashed<'a> {
        let halves: Vec<u32> = key::keys(&made_of, table.rows()).map(half).collect();
        let mut wanted = Wanted::default();
        let moved = halves.iter().zip(&change.since).filter(|(_, since)| **since != Since::Same);
        moved.for_each(|(&half, _)| wanted.add(half));
        let mut gone: HashMap<u64, u64> = HashMap::new();
        let before = key::parts_over(&made_of, &change.gone);
        for hash in key::keys(&before, change.gone.rows()).filter(|hash| *hash != 0) {
            *gone.entry(hash).or_default() += 1;
            wanted.add(half(hash));
        }
        Hashed { made_of, halves, gone, wanted }
    }

    fn each_wanted(&self, each: impl FnMut(u64, Vec<u32>)) {
        let wanted = self.halves.iter().zip(0u32..).filter(|(half, _)| self.wanted.holds(**half));
        let packed = wanted.map(|(&half, row)| u64::from(half) << 32 | u64::from(row)).collect();
        each_block(packed, |row| key::key_of(&self.made_of, row), each);
    }

    /// The rows of blocks all of whose pairs have to be shown.
    fn whole(&self, standing: &Standing, change: &Change) -> Vec<u32> {
        let mut found = Vec::new();
        self.each_wanted(|hash, rows| {
            if self.shown(hash, &rows, standing, change) == Shown::Whole {
                found.extend(rows);
            }
        });
        found
    }

    fn shown(&self, hash: u64, rows: &[u32], standing: &Standing, change: &Change) -> Shown {
        let gone = self.gone.get(&hash).copied().unwrap_or_default();
        let (same, moved): (Vec<u32>, Vec<u32>) = rows.iter().partition(|&&row| change.since[row as usize] == Since::Same);
        if moved.is_empty() && gone == 0 {
            return Shown::Nothing;
        }
        let others = moved.len() as u64 + gone;
        if pairs_of(same.len() + moved.len()) + gone * (same.len() as u64 + others) <= CAP {
            return Shown::Fresh;
        }
        // Before, those that stand otherwise now may have been free of any identifier and alone, which leaves no pair out.
        let cost = |mut rows: Vec<u32>| standing.arrange(&mut rows);
        let count = same.len() as u64;
        let before = cost(same) + others * count + others * others.saturating_sub(1) / 2;
        if before > CAP || cost(rows.to_vec()) > CAP { Shown::Whole } else { Shown::Fresh }
    }
}

/// Half of a hash, which is 0 only where there is none.
pub(crate) fn half(hash: u64) -> u32 {
    if hash == 0 { 0 } else { low(hash >> 32).max(1) }
}

/// A set of halves, in which some more are than were added.
#[derive(Debug)]
struct Wanted(Vec<u64>);

/// Bits of a half that tell.
const TOLD: u32 = 26;

impl Default for Wanted {
    fn default() -> Wanted {
        Wanted(vec![0; 1 << (TOLD - 6)])
    }
}

impl Wanted {
    fn add(&mut self, half: u32) {
        if half != 0 {
            self.0[place(half)] |= 1 << (half & 63);
        }
    }

    fn holds(&self, half: u32) -> bool {
        half != 0 && self.0[place(half)] >> (half & 63) & 1 == 1
    }
}

fn place(half: u32) -> usize {
    (half >> 6 & ((1 << (TOLD - 6)) - 1)) as usize
}
