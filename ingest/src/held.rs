//! What the hub holds of an extract already: the rows that stand, and the deletions that do. Rows are known by two hashes, of their key and of
//! all that is kept of them; where they are kept is not asked, and what a delivery makes of them is told in `delivery`.

mod delivery;
mod hash;

pub(crate) use delivery::{Delivery, Retired, Step, Terms};
pub(crate) use hash::RowHash;

use std::io::{self, Read, Write};

/// A row that stands: 40 bytes each, so an extract of ten million rows takes 400 MB while a file of it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeldRow {
    /// Hash of its key.
    pub key: i64,
    /// Hash of the cells that are kept of it besides its key; [`DELETED`] where it says only that its key is no more.
    pub hash: i64,
    /// Its first record.
    pub first: i64,
    /// Its last record.
    pub last: i64,
    /// When the source knew it, as `20260131`; 0 when unknown, [`LATER`] when the hub knows better.
    pub observed: i64,
}

/// The hash of a row that says only that its key is no more. It is held like any other, lest an older row that comes afterwards stands
/// again.
pub const DELETED: i64 = 0;

/// The date of a row that came after the delivery whose mended rows are read: whatever they say of their own time, it is later.
pub const LATER: i64 = i64::MAX;

/// Rows of an extract that stand.
#[derive(Debug, Default, Clone)]
pub struct Held {
    /// Sorted.
    rows: Vec<HeldRow>,
}

impl Held {
    /// What a row takes at most while a file is held against it: itself, a mark, and what stands no more on its way out.
    pub const BYTES_A_ROW: usize = size_of::<HeldRow>() + 1 + size_of::<Retired>();

    /// Of an extract of which nothing is held.
    pub fn none() -> Held {
        Held::default()
    }

    /// Of these rows, in any order.
    pub fn of(mut rows: Vec<HeldRow>) -> Held {
        rows.sort_unstable();
        Held { rows }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Hands the rows to another process: their number and 40 bytes a row, little-endian.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_to(&self, mut out: impl Write) -> io::Result<()> {
        out.write_all(&(self.rows.len() as u64).to_le_bytes())?;
        for HeldRow { key, hash, first, last, observed } in &self.rows {
            for number in [key, hash, first, last, observed] {
                out.write_all(&number.to_le_bytes())?;
            }
        }
        out.flush()
    }

    /// Takes what [`Held::write_to`] wrote.
    ///
    /// # Errors
    /// Those of `from`, when it ends before the last row, or when there is no memory for so many.
    pub fn read_from(mut from: impl Read) -> io::Result<Held> {
        let mut number = [0; 8];
        let mut next = || from.read_exact(&mut number).map(|()| i64::from_le_bytes(number));
        let mut rows = Vec::new();
        let count = usize::try_from(next()?).map_err(io::Error::other)?;
        // No byte more than they take: what a file may cost is bounded, and they are part of it.
        rows.try_reserve_exact(count).map_err(io::Error::other)?;
        for _ in 0..count {
            rows.push(HeldRow { key: next()?, hash: next()?, first: next()?, last: next()?, observed: next()? });
        }
        Ok(Held::of(rows))
    }

    /// The first and the last record of each row.
    pub fn records(&self) -> impl Iterator<Item = (i64, i64)> {
        self.rows.iter().map(|row| (row.first, row.last))
    }

    /// Where the rows of that key are.
    fn places(&self, key: i64) -> std::ops::Range<usize> {
        let start = self.rows.partition_point(|row| row.key < key);
        start..start + self.rows[start..].iter().take_while(|row| row.key == key).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_held_passes_to_another_process_unchanged(rows in prop::collection::vec(any::<(i64, i64, i64, i64, i64)>(), 0..50)) {
            let rows = rows.into_iter().map(|(key, hash, first, last, observed)| HeldRow { key, hash, first, last, observed }).collect();
            let held = Held::of(rows);
            let mut bytes = Vec::new();
            held.write_to(&mut bytes).unwrap();
            prop_assert_eq!(Held::read_from(bytes.as_slice()).unwrap().rows, held.rows);
        }
    }
}
