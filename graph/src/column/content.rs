//! What a row says, whatever its number: all that chooses among rows, as samples and ties do, asks this, or the outcome would depend on the order
//! in which records were numbered. What is chosen, and for what, does not enter.

use super::{NONE, Table, hash, low, mix};

/// What of a row's content a value of a column is; values of several columns are added, in any order.
pub(super) fn said(salt: u64, hash: u64) -> u64 {
    mix(hash, salt)
}

/// What tells the values of a column from the same ones of another.
pub(super) fn salt(name: &str) -> u64 {
    hash(name)
}

/// Rows that are looked at for the whole: as many as say enough of what is usual.
const ROWS: u64 = 1 << 19;

/// Some rows, chosen by what they say alone.
#[derive(Debug, Default)]
pub(crate) struct Sample {
    /// By content, which is beside the row.
    pub(crate) rows: Vec<(u64, u32)>,
    /// The share of all rows that they are, about.
    pub(crate) share: f64,
}

impl Sample {
    /// All rows where there are few.
    pub(crate) fn of(content: &[u64]) -> Sample {
        let all = content.len() as u64;
        let below = if all <= ROWS { u64::MAX } else { u64::MAX / all * ROWS };
        let mixed = content.iter().map(|&content| mix(content, 1)).zip(0u32..);
        let mut rows: Vec<(u64, u32)> = mixed.filter(|(content, _)| *content <= below).collect();
        rows.sort_unstable();
        Sample { rows, share: part(below) }
    }
}

/// A hash as a part of all that there are, from 0 to 1.
pub(crate) fn part(hash: u64) -> f64 {
    f64::from(low(hash >> 32)) / f64::from(u32::MAX)
}

impl Table {
    /// What a row says, in one number: other for rows that say something else, the same wherever the row stands.
    pub(crate) fn content(&self, row: u32) -> u64 {
        let stated = self.columns.iter().filter(|column| column.ids[row as usize] != NONE);
        let here = stated.fold(0, |sum: u64, column| sum.wrapping_add(said(salt(&column.name), hash(column.text(row)))));
        let beyond = self.beyond.binary_search_by_key(&row, |beyond| beyond.0).map_or(0, |at| self.beyond[at].1);
        here.wrapping_add(u64::from(beyond))
    }

    /// Before values are taken out of the table, by the place of a column and the value: ties are told by them still.
    pub(crate) fn let_go(&mut self, is_gone: impl Fn(usize, u32) -> bool) {
        let mut more = Vec::new();
        for (at, column) in self.columns.iter().enumerate() {
            let gone = self.rows().filter(|&row| column.ids[row as usize] != NONE && is_gone(at, column.ids[row as usize]));
            more.extend(gone.map(|row| (row, low(said(salt(&column.name), hash(column.text(row)))))));
        }
        if !more.is_empty() {
            self.beyond.append(&mut more);
            self.beyond.sort_unstable();
            // Several of one row are one.
            self.beyond.dedup_by(|next, kept| {
                let is_same = next.0 == kept.0;
                kept.1 = if is_same { kept.1.wrapping_add(next.1) } else { kept.1 };
                is_same
            });
        }
    }

    /// Rows by what they say; those that say the same by number.
    pub(crate) fn by_content(&self, rows: &mut [u32]) {
        rows.sort_by_cached_key(|&row| (self.content(row), row));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county::{person, records};

    #[test]
    fn content_is_told_wherever_a_row_stands_and_whatever_was_taken_out() {
        let rows: [(i64, &[(&str, &str)]); 3] = [
            (1, &[("name", "王小明"), ("phone", "12000000001")]),
            (2, &[("name", "王小明"), ("phone", "12000000002")]),
            (3, &[("phone", "12000000001"), ("name", "李丽")]),
        ];
        let other = [(7, rows[2].1), (8, rows[1].1), (9, rows[0].1)];
        let read =
            |rows: &[(i64, &[(&str, &str)])]| Table::read(&person(), &["name", "phone"], std::iter::once(Ok(records(rows)))).unwrap();
        let (mut table, turned) = (read(&rows), read(&other));
        let contents = |table: &Table| table.rows().map(|row| table.content(row)).collect::<Vec<u64>>();
        assert_eq!(contents(&table), contents(&turned).into_iter().rev().collect::<Vec<_>>());
        assert_eq!(table.contents, contents(&table), "as it was read");
        table.let_go(|at, _| at == 1);
        table.columns.retain(|column| column.name != "phone");
        let left = contents(&table);
        assert!(left[0] != left[1] && left[1] != left[2], "what is not there any more still tells them apart");
    }

    #[test]
    fn of_many_rows_some_are_chosen_about_as_many_as_their_share() {
        let contents: Vec<u64> = (0..3 * ROWS).map(|row| mix(row, 9)).collect();
        let sample = Sample::of(&contents);
        let count = sample.rows.len() as u64;
        assert!(count.abs_diff(ROWS) < ROWS / 50 && (sample.share - 1.0 / 3.0).abs() < 0.01, "{count} {}", sample.share);
        assert!(sample.rows.is_sorted());
        assert_eq!(Sample::of(&contents[..100]).rows.len(), 100);
    }
}
