//! How far a change reaches among signs: the rows that tier 0 may see otherwise, those that share a block with one of them, and whatever hangs
//! together with these. All others are compared with nobody anew, and belong to whom they belonged. Too many are no harm but work.

use crate::{
    block::CAP,
    column::narrow,
    parallel::{available, parallel},
    sign::Signs,
};
use hashbrown::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

/// The rows that a change may reach, ascending.
pub(super) struct Near {
    /// Those to be resolved again.
    pub(super) rows: Vec<u32>,
    /// Of them those that tier 0 may see otherwise.
    pub(super) reached: Vec<u32>,
}

/// What holds rows together besides what they say.
pub(super) struct Bonds<'a> {
    /// Of each row a number of the entity that it was of; 0 where it was of none.
    pub(super) entity: &'a [u32],
    /// Of what is gone.
    pub(super) gone: &'a [u32],
    /// Pairs heavy enough to be joined.
    pub(super) pairs: Vec<(u32, u32)>,
    /// Rows of such pairs of which the other row is gone.
    pub(super) bereft: &'a [u32],
}

/// Steps from row to row, after which it is given up.
const STEPS: usize = 24;

/// The rows that a change reaches: rows that are new or decided on, and records that are gone. Nothing where this takes too many steps.
pub(super) fn near(signs: &Signs, gone: &Signs, fresh: &[u32], bonds: &Bonds<'_>) -> Option<Near> {
    let mut is_near = Mask(vec![false; signs.records.len()]);
    let ties: Vec<Link<'_>> = signs.ties.iter().zip(&gone.ties).map(|(here, there)| Link::of(here, there)).collect();
    let last = is_near.add(fresh.iter().copied());
    spread(&ties, &[], &mut is_near, last)?;
    let reached = is_near.rows();
    let keys: Vec<Link<'_>> = signs.keys.iter().zip(&gone.keys).map(|(here, there)| Link::of(here, there)).collect();
    meet(&keys, &reached);
    let mates = carriers(&keys, &Mask(vec![false; signs.records.len()]));
    let blocks: Vec<(Vec<u32>, Link<'_>)> =
        keys.iter().zip(&gone.keys).map(|(key, gone)| (crowded(key, gone, &mates), Link::of(key.of, &[]))).collect();
    let (crowded, more): (Vec<Vec<u32>>, Vec<Link<'_>>) = blocks.into_iter().unzip();
    is_near.add(mates.into_iter());
    let crowded = crowded.concat();
    if !crowded.is_empty() {
        meet(&more, &crowded);
        let mates = carriers(&more, &is_near);
        is_near.add(mates.into_iter());
    }
    is_near.add(bonds.bereft.iter().copied());
    let entity = Link::of(bonds.entity, bonds.gone);
    let all: Vec<Link<'_>> = signs.ties.iter().map(|tie| Link::of(tie, &[])).chain([entity]).collect();
    let last = is_near.rows();
    spread(&all, &bonds.pairs, &mut is_near, last)?;
    Some(Near { rows: is_near.rows(), reached })
}

/// Rows that are marked.
struct Mask(Vec<bool>);

impl Mask {
    /// Marks rows, and tells which were not.
    fn add(&mut self, rows: impl Iterator<Item = u32>) -> Vec<u32> {
        rows.filter(|&row| !std::mem::replace(&mut self.0[row as usize], true)).collect()
    }

    fn rows(&self) -> Vec<u32> {
        (0u32..).zip(&self.0).filter(|(_, is)| **is).map(|(row, _)| row).collect()
    }
}

/// Numbers by which rows hang together, 0 for none, and those that were met.
struct Link<'a> {
    of: &'a [u32],
    met: Mutex<Met>,
}

impl<'a> Link<'a> {
    fn of(of: &'a [u32], met: &[u32]) -> Link<'a> {
        let words = (of.len() / 32).next_power_of_two().min(MOST);
        let mut link = Met { bits: vec![0; words], exactly: HashSet::new() };
        for &number in met {
            link.add(number);
        }
        Link { of, met: Mutex::new(link) }
    }

    fn met(&self) -> std::sync::MutexGuard<'_, Met> {
        self.met.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A set of numbers: most that are not in it are told by one bit.
struct Met {
    bits: Vec<u64>,
    exactly: HashSet<u32>,
}

/// Words of bits, so that they do not leave what is near to a processor.
const MOST: usize = 1 << 18;

impl Met {
    fn add(&mut self, number: u32) {
        if number != 0 {
            let word = self.word(number);
            self.bits[word] |= 1 << (number & 63);
            self.exactly.insert(number);
        }
    }

    fn word(&self, number: u32) -> usize {
        (number >> 6) as usize & (self.bits.len() - 1)
    }

    fn holds(&self, number: u32) -> bool {
        number != 0 && self.bits[self.word(number)] >> (number & 63) & 1 == 1 && self.exactly.contains(&number)
    }
}

/// Meets what rows carry.
fn meet(links: &[Link<'_>], rows: &[u32]) {
    let meet = |(): &mut (), at: usize| {
        let (link, mut met) = (&links[at], links[at].met());
        rows.iter().for_each(|&row| met.add(link.of[row as usize]));
    };
    parallel(available(), links.len(), || (), meet);
}

/// Rows that one thread looks at.
const ROWS: usize = 1 << 16;

/// The rows not marked that carry anything that was met.
fn carriers(links: &[Link<'_>], marked: &Mask) -> Vec<u32> {
    let met: Vec<_> = links.iter().map(|link| (link.of, link.met())).collect();
    let met: Vec<(&[u32], &Met)> = met.iter().map(|(of, met)| (*of, &**met)).filter(|(_, met)| !met.exactly.is_empty()).collect();
    let look = |(): &mut (), at: usize| -> Vec<u32> {
        let rows = at * ROWS..marked.0.len().min((at + 1) * ROWS);
        let marked = &marked.0[rows.clone()];
        let mut carry = marked.to_vec();
        // Column by column, which is read as it lies.
        for (of, met) in &met {
            for (carries, &number) in carry.iter_mut().zip(&of[rows.clone()]) {
                *carries = *carries || met.holds(number);
            }
        }
        let found = carry.iter().zip(marked).zip(rows).filter(|((carries, marked), _)| **carries && !**marked);
        found.map(|(_, row)| narrow(row)).collect()
    };
    parallel(available(), marked.0.len().div_ceil(ROWS), || (), look).concat()
}

/// Marks whatever hangs together with the last rows that were marked, and with what was met; nothing where this takes too many steps.
fn spread(links: &[Link<'_>], pairs: &[(u32, u32)], marked: &mut Mask, mut last: Vec<u32>) -> Option<()> {
    for _ in 0..STEPS {
        meet(links, &last);
        let carriers = carriers(links, marked);
        last = marked.add(carriers.into_iter());
        for &(left, right) in pairs {
            if marked.0[left as usize] != marked.0[right as usize] {
                last.extend(marked.add([left, right].into_iter()));
            }
        }
        if last.is_empty() {
            return Some(());
        }
    }
    None
}

/// The rows of blocks that are, or may have been, too big: refining them may part them otherwise than before.
fn crowded(key: &Link<'_>, gone: &[u32], mates: &[u32]) -> Vec<u32> {
    let met = key.met();
    let mut counts: HashMap<u32, (u64, u64)> = HashMap::new();
    for half in mates.iter().map(|&row| key.of[row as usize]).filter(|half| met.holds(*half)) {
        counts.entry(half).or_default().0 += 1;
    }
    gone.iter().filter(|half| **half != 0).for_each(|&half| counts.entry(half).or_default().1 += 1);
    let most = |&(rows, gone): &(u64, u64)| rows * rows.saturating_sub(1) / 2 + gone * (rows + gone);
    counts.retain(|_, counts| most(counts) > CAP);
    mates.iter().copied().filter(|&row| counts.contains_key(&key.of[row as usize])).collect()
}
