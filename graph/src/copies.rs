//! Records that say the very same are compared once: a child that was vaccinated thirty times has thirty records of one guardian. Whether
//! they are one is for those to say who know what agreement is worth.

use crate::{
    column::{Table, low, narrow, spread},
    parallel::{available, parallel},
};
use arrow_buffer::ScalarBuffer;
use hashbrown::HashTable;
use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

/// Which records stand behind each row of a table without copies.
#[derive(Debug)]
pub(crate) struct Copies {
    /// All record numbers, in their order.
    pub(crate) records: ScalarBuffer<i64>,
    /// The row that speaks for each of them: of the smallest record that says the same.
    pub(crate) row: Vec<u32>,
    /// For each row how many records it speaks for.
    pub(crate) count: Vec<u32>,
}

impl Copies {
    /// Every record speaks for itself.
    pub(crate) fn none(table: &Table) -> Copies {
        Copies { records: table.records.clone().into(), row: table.rows().collect(), count: vec![1; table.len()] }
    }

    /// Takes out of the table all records but the first that says the same. Those that people decided on speak for themselves only.
    pub(crate) fn take(table: &mut Table, decided: &BTreeSet<i64>) -> Copies {
        let decided: BTreeSet<u32> = decided.iter().filter_map(|record| table.records.binary_search(record).ok()).map(narrow).collect();
        let same = firsts(table, &decided);
        let (mut firsts, mut count, mut row): (Vec<u32>, Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new(), Vec::with_capacity(table.len()));
        for (at, &first) in (0u32..).zip(&same) {
            // The first comes first, so it has its place.
            let place = if first == at { narrow(firsts.len()) } else { row[first as usize] };
            if first == at {
                firsts.push(at);
                count.push(0);
            }
            count[place as usize] += 1;
            row.push(place);
        }
        drop(same);
        let records = std::mem::take(&mut table.records);
        table.records = firsts.iter().map(|&at| records[at as usize]).collect();
        let contents = std::mem::take(&mut table.contents);
        table.contents = firsts.iter().map(|&at| contents[at as usize]).collect();
        // In their place, or all columns would be held twice.
        let columns: Vec<Mutex<&mut Vec<u32>>> = table.columns.iter_mut().map(|column| Mutex::new(&mut column.ids)).collect();
        let keep = |(): &mut (), at: usize| keep(&firsts, &mut columns[at].lock().unwrap_or_else(PoisonError::into_inner));
        parallel(available(), columns.len(), || (), keep);
        drop(columns);
        Copies { records: records.into(), row, count }
    }
}

/// Keeps those rows, which ascend.
fn keep(rows: &[u32], ids: &mut Vec<u32>) {
    for (place, &row) in rows.iter().enumerate() {
        ids[place] = ids[row as usize];
    }
    ids.truncate(rows.len());
    ids.shrink_to_fit();
}

/// Rows that one thread hashes at once.
const ROWS: u32 = 1 << 18;

/// Rows of one table: as many as a power of two of places holds.
const PART: usize = 3_500_000;

/// Of each row the first that says the same; those decided on are alone.
fn firsts(table: &Table, decided: &BTreeSet<u32>) -> Vec<u32> {
    let (threads, rows) = (available(), table.rows().end);
    let hash = |(): &mut (), at: usize| -> Vec<u32> {
        let from = narrow(at) * ROWS;
        (from..rows.min(from.saturating_add(ROWS))).map(|row| low(table.contents[row as usize])).collect()
    };
    let halves = parallel(threads, rows.div_ceil(ROWS) as usize, || (), hash).concat();
    // Several tables one after the other are smaller than two at once, and nearer to the processor.
    let parts = threads.max(table.len().div_ceil(PART));
    let copies = |(): &mut (), part: usize| {
        let mine = halves.iter().zip(0u32..).filter(|(half, row)| part_of(**half, parts) == part && !decided.contains(row));
        copies_of(table, mine.map(|(&half, row)| (half, row)))
    };
    let mut firsts: Vec<u32> = table.rows().collect();
    for (row, first) in parallel(threads, parts, || (), copies).into_iter().flatten() {
        firsts[row as usize] = first;
    }
    firsts
}

/// Which of so many parts a half of a hash falls into.
fn part_of(half: u32, parts: usize) -> usize {
    usize::try_from((u64::from(half) * parts as u64) >> u32::BITS).unwrap_or_default()
}

/// Of rows with half of the hash of what they say those that say the same as an earlier one, with that one.
fn copies_of(table: &Table, rows: impl Iterator<Item = (u32, u32)>) -> Vec<(u32, u32)> {
    let same = |left: u32, right: u32| table.columns.iter().all(|column| column.ids[left as usize] == column.ids[right as usize]);
    // With half of each hash beside the row, a table that grows looks no record up again.
    let mut known: HashTable<(u32, u32)> = HashTable::new();
    let mut copies = Vec::new();
    for (half, row) in rows {
        match known.find(spread(half), |&(other, first)| other == half && same(first, row)) {
            Some(&(_, first)) => copies.push((row, first)),
            None => drop(known.insert_unique(spread(half), (half, row), |&(half, _)| spread(half))),
        }
    }
    copies
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county::{person, records};

    #[test]
    fn the_smallest_record_speaks_for_those_that_say_the_same() {
        let rows: [(i64, &[(&str, &str)]); 4] =
            [(9, &[("name", "王明")]), (2, &[("name", "李丽")]), (5, &[("name", "王明")]), (7, &[("name", "王明"), ("sex", "1")])];
        let mut table = Table::read(&person(), &["name", "sex"], std::iter::once(Ok(records(&rows)))).unwrap();
        let mut decided = Table::read(&person(), &["name", "sex"], std::iter::once(Ok(records(&rows)))).unwrap();
        let copies = Copies::take(&mut table, &BTreeSet::new());
        assert_eq!(table.records, [2, 5, 7]);
        assert_eq!((copies.records.to_vec(), copies.row, copies.count), (vec![2, 5, 7, 9], vec![0, 1, 2, 1], vec![1, 2, 1]));
        let copies = Copies::take(&mut decided, &[5].into());
        assert_eq!(
            (decided.records, copies.row),
            (vec![2, 5, 7, 9], vec![0, 1, 2, 3]),
            "what people decided of one says nothing of the other"
        );
    }
}
