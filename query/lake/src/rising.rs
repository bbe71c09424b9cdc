//! Where a number stands in a column that rises, as record numbers do in the order in which they are given: every 256th value is kept, and the
//! rows around a value are found between two of them. That is a thirtieth of a byte a row, where a [`crate::finder`] of hashes takes eight, and
//! it tells of any number of values without a read. A column that falls now and then, as where one type's rows end and the next one's begin,
//! is several runs; one that falls often is not in order at all, and nothing is kept of it. Only numbers are known here: no file, no filter.

use arrow_array::{Array as _, Int64Array};
use std::ops::Range;

/// Rows from one kept value to the next.
pub(crate) const STRIDE: u64 = 256;

/// Runs of a file that has fewer rows than [`RUN_ROWS`] times as many.
const FEW_RUNS: u64 = 64;

/// Rows that a run has on the average, at least.
const RUN_ROWS: u64 = 64 * STRIDE;

/// Rows that rise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) first_row: u64,
    pub(crate) rows: u64,
    /// The value of the last row.
    pub(crate) last: i64,
    /// The value of the first row, and of every 256th after it.
    pub(crate) fences: Vec<i64>,
}

/// The runs of a column that is being written.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    runs: Vec<Run>,
    rows: u64,
    /// That it is in no order, or has empty cells.
    is_unordered: bool,
}

impl Runs {
    /// Enters the next rows.
    pub(crate) fn enter(&mut self, cells: &Int64Array) {
        self.is_unordered |= cells.null_count() > 0;
        for value in cells.values() {
            if self.is_unordered {
                return;
            }
            self.enter_one(*value);
        }
    }

    fn enter_one(&mut self, value: i64) {
        let rises = self.runs.last().is_some_and(|run| run.last <= value);
        if !rises {
            self.runs.push(Run { first_row: self.rows, rows: 0, last: value, fences: Vec::new() });
            self.is_unordered = self.runs.len() as u64 > FEW_RUNS + self.rows / RUN_ROWS;
        }
        if let Some(run) = self.runs.last_mut() {
            if run.rows.is_multiple_of(STRIDE) {
                run.fences.push(value);
            }
            (run.rows, run.last) = (run.rows + 1, value);
        }
        self.rows += 1;
    }

    /// All of them; none of a column that is not in order.
    pub(crate) fn all(&self) -> Option<&[Run]> {
        (!self.is_unordered).then_some(&self.runs)
    }
}

impl Run {
    /// The rows among which those of that value are.
    fn rows_of(&self, value: i64) -> Option<Range<u64>> {
        let first = self.fences.partition_point(|fence| *fence < value).saturating_sub(1) as u64;
        let end = self.fences.partition_point(|fence| *fence <= value) as u64;
        let within = first * STRIDE..(end * STRIDE).min(self.rows);
        (value <= self.last && first < end).then(|| self.first_row + within.start..self.first_row + within.end)
    }
}

/// The rows among which those of these values are, in order and apart.
pub(crate) fn rows_of(runs: &[Run], values: &[i64]) -> Vec<Range<u64>> {
    let mut found: Vec<_> = runs.iter().flat_map(|run| values.iter().filter_map(|value| run.rows_of(*value))).collect();
    found.sort_unstable_by_key(|rows| rows.start);
    let mut apart: Vec<Range<u64>> = Vec::with_capacity(found.len());
    for rows in found {
        match apart.last_mut() {
            Some(before) if rows.start <= before.end => before.end = before.end.max(rows.end),
            _ => apart.push(rows),
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn runs(values: &[i64]) -> Option<Vec<Run>> {
        let mut runs = Runs::default();
        for part in values.chunks(700) {
            runs.enter(&Int64Array::from(part.to_vec()));
        }
        runs.all().map(<[Run]>::to_vec)
    }

    #[test]
    fn a_column_in_no_order_and_one_with_empty_cells_keep_nothing() {
        let mixed: Vec<i64> = (0..100_000).map(|row| row * 7919 % 100_003).collect();
        assert_eq!(runs(&mixed), None);
        let mut with_empty = Runs::default();
        with_empty.enter(&Int64Array::from(vec![Some(1), None, Some(3)]));
        assert_eq!(with_empty.all(), None);
        assert_eq!(runs(&[]), Some(Vec::new()));
    }

    proptest! {
        /// Whatever stands where: each row of a value is among the rows found, and of a value that is not there few are.
        #[test]
        fn every_row_of_a_value_is_found(parts in prop::collection::vec((0..400_i64, prop::collection::vec(0..4_i64, 0..900)), 1..6), asked in prop::collection::vec(0..2500_i64, 1..9)) {
            let rising = |(first, steps): &(i64, Vec<i64>)| steps.iter().scan(*first, |at, step| { *at += step; Some(*at) }).collect::<Vec<_>>();
            let values: Vec<i64> = parts.iter().flat_map(rising).collect();
            let runs = runs(&values).unwrap();
            let found = rows_of(&runs, &asked);
            prop_assert!(found.windows(2).all(|pair| pair[0].end < pair[1].start));
            prop_assert!(found.last().is_none_or(|last| last.end <= values.len() as u64));
            for (row, value) in values.iter().enumerate().filter(|(_, value)| asked.contains(value)) {
                prop_assert!(found.iter().any(|rows| rows.contains(&(row as u64))), "row {} of {}", row, value);
            }
            for value in asked {
                let (there, rows) = (values.iter().filter(|other| **other == value).count() as u64, rows_of(&runs, &[value]));
                prop_assert!(rows.iter().map(|rows| rows.end - rows.start).sum::<u64>() <= there + runs.len() as u64 * 2 * STRIDE);
            }
        }
    }
}
