//! Which block each row is in, under every key: row by row, since whoever looks at a block asks for all keys of rows that lie far apart in
//! memory, and each look there is a wait.

use super::Key;
use crate::{column::narrow, parallel::parallel};
use std::{
    ops::Range,
    sync::atomic::{AtomicU32, Ordering},
};

/// Rows of a part: a part is laid out by one thread.
const PART: u32 = 1 << 16;

/// Block numbers of all rows, key by key; 0 where a row is in no block.
#[derive(Debug)]
pub(super) struct Seats {
    keys: usize,
    parts: Vec<Vec<u32>>,
}

impl Seats {
    /// Takes what the keys have of each row.
    pub(super) fn take(keys: &mut [Key], rows: Range<u32>, threads: usize) -> Seats {
        let columns: Vec<Vec<AtomicU32>> = keys.iter_mut().map(|key| std::mem::take(&mut key.seats)).collect();
        let part = |(): &mut (), at: usize| -> Vec<u32> {
            let from = narrow(at) * PART;
            let rows = from as usize..rows.end.min(from.saturating_add(PART)) as usize;
            let mut of = Vec::with_capacity(rows.len() * columns.len());
            rows.for_each(|row| of.extend(columns.iter().map(|column| column[row].load(Ordering::Relaxed))));
            of
        };
        let parts = parallel(threads, rows.end.div_ceil(PART) as usize, || (), part);
        Seats { keys: columns.len(), parts }
    }

    /// The blocks of a row, key by key.
    pub(super) fn of(&self, row: u32) -> &[u32] {
        let start = (row % PART) as usize * self.keys;
        &self.parts[(row / PART) as usize][start..start + self.keys]
    }

    /// Whether one of these keys has both in one block.
    pub(super) fn are_together(&self, left: u32, right: u32, keys: &[usize]) -> bool {
        let (left, right) = (self.of(left), self.of(right));
        keys.iter().any(|&key| left[key] != 0 && left[key] == right[key])
    }

    /// The first key that has both in one block.
    pub(super) fn first(&self, left: u32, right: u32) -> Option<usize> {
        self.of(left).iter().zip(self.of(right)).position(|(left, right)| *left != 0 && left == right)
    }
}
