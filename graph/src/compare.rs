//! Two records side by side: the level at which each property agrees. What a level is worth is weighed elsewhere.

use crate::column::{Column, NONE, mix};

/// The level of a property that one of the two says nothing of.
pub(crate) const SILENT: u8 = 7;

/// Bits of a level in a packed pattern, and the most properties a pattern holds.
const BITS: usize = 3;
pub(crate) const MOST: usize = 64 / BITS;

/// Compares the values of one column and remembers what it found, in a table of fixed size.
#[derive(Debug)]
pub(crate) struct Comparison<'a> {
    pub(crate) column: &'a Column,
    known: Vec<(u32, u32, u8)>,
}

/// Pairs remembered per column; a pair that comes again soon is not compared again.
const REMEMBERED: usize = 1 << 15;

impl<'a> Comparison<'a> {
    pub(crate) fn new(column: &'a Column) -> Comparison<'a> {
        Comparison { column, known: Vec::new() }
    }

    /// The level at which two rows agree.
    pub(crate) fn rows(&mut self, left: u32, right: u32) -> u8 {
        self.values(self.column.ids[left as usize], self.column.ids[right as usize])
    }

    /// Whether two rows carry the same value, or neither any.
    pub(crate) fn same(&self, left: u32, right: u32) -> bool {
        self.column.ids[left as usize] == self.column.ids[right as usize]
    }

    /// The level at which two values agree.
    pub(crate) fn values(&mut self, left: u32, right: u32) -> u8 {
        if left == NONE || right == NONE {
            return SILENT;
        }
        let kind = &self.column.kind;
        if left == right {
            return kind.max_level();
        }
        if self.known.is_empty() {
            self.known = vec![(NONE, NONE, 0); REMEMBERED];
        }
        let (left, right) = (left.min(right), left.max(right));
        let slot = &mut self.known[place(left, right)];
        if (slot.0, slot.1) != (left, right) {
            *slot = (left, right, kind.agreement(self.column.values.get(left), self.column.values.get(right)));
        }
        slot.2
    }
}

#[expect(clippy::cast_possible_truncation, reason = "only the upper bits of the hash are kept")]
fn place(left: u32, right: u32) -> usize {
    (mix(u64::from(left), u64::from(right)) >> (64 - REMEMBERED.trailing_zeros())) as usize
}

/// The levels of two rows in all columns, three bits each, first column lowest.
pub(crate) fn pattern(comparisons: &mut [Comparison<'_>], left: u32, right: u32) -> u64 {
    let levels = comparisons.iter_mut().enumerate();
    levels.fold(0, |packed, (at, comparison)| packed | u64::from(comparison.rows(left, right)) << (at * BITS))
}

/// The level of one column in a pattern.
pub(crate) fn level(pattern: u64, column: usize) -> u8 {
    (pattern >> (column * BITS) & 7) as u8
}
