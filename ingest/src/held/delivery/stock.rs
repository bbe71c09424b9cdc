//! The rows of a full delivery that were kept, until the file has ended. There are millions of them, and nearly nothing is ever asked of one:
//! they stand column by column, which costs a row a few moves and no wait for memory that was never touched.

use crate::held::HeldRow;

/// Rows by what is asked of them at the end; since when each is known is not.
#[derive(Debug, Default)]
pub(super) struct Stock {
    keys: Vec<i64>,
    hashes: Vec<i64>,
    firsts: Vec<i64>,
    lasts: Vec<i64>,
}

impl Stock {
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn push(&mut self, row: &HeldRow) {
        self.keys.push(row.key);
        self.hashes.push(row.hash);
        self.firsts.push(row.first);
        self.lasts.push(row.last);
    }

    pub(super) fn sorted_keys(&self) -> Vec<i64> {
        let mut keys = self.keys.clone();
        keys.sort_unstable();
        keys
    }

    /// Those with such a key, in their order.
    pub(super) fn rows(&self, is_asked: impl Fn(i64) -> bool) -> impl Iterator<Item = HeldRow> {
        let asked = (0..self.len()).filter(move |at| is_asked(self.keys[*at]));
        asked.map(|at| HeldRow { key: self.keys[at], hash: self.hashes[at], first: self.firsts[at], last: self.lasts[at], observed: 0 })
    }

    /// Those with such a key, which are among these no longer.
    pub(super) fn take(&mut self, is_asked: impl Fn(i64) -> bool) -> Vec<HeldRow> {
        let taken = self.rows(&is_asked).collect();
        let mut left = Stock::default();
        self.rows(|key| !is_asked(key)).for_each(|row| left.push(&row));
        *self = left;
        taken
    }
}
