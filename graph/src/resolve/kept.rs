//! The pairs that are kept, for those who look into doubts: they are many, so they become rows of `graph.pair` only as these are asked for.

use super::pairs::{Edge, Levels, Weighed};
use crate::{Error, copies::Copies, weigh::posterior};
use arrow_array::{BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use std::{collections::BTreeMap, iter::from_fn, sync::Arc};
use wuwei_schema::table;

/// Rows of a batch.
const ROWS: usize = 1 << 16;

/// What stands for the key of two records that say the very same.
const SAME: &str = "same";

/// The pairs of probability [`super::KEPT`] and more.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptPairs {
    entity: String,
    /// The record of each row that speaks for itself and its copies.
    records: Vec<i64>,
    /// Pairs of rows, by left and right.
    edges: Vec<Edge>,
    /// Copies that only weight makes one with the row that speaks for them, by row and record.
    copied: Vec<Copied>,
    joins: Joins,
    keys: Vec<String>,
    spelled: BTreeMap<Levels, String>,
}

/// What became of the pairs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Joins {
    /// Of each row the smallest of its cluster.
    pub(super) smallest: Vec<u32>,
    /// The weight from which a copy is one with the row that speaks for it.
    pub(super) enough: f64,
}

/// A copy, and what it weighs with the row that speaks for it.
#[derive(Debug, Clone, PartialEq)]
struct Copied {
    row: u32,
    record: i64,
    levels: Levels,
    weight: f64,
}

/// A pair by record numbers.
struct Pair<'a> {
    left: i64,
    right: i64,
    key: &'a str,
    levels: Levels,
    weight: f64,
    joined: bool,
}

impl KeptPairs {
    pub(super) fn new(
        entity: &str,
        records: Vec<i64>,
        weighed: &mut Weighed,
        copied: impl Iterator<Item = (u32, i64)>,
        joins: Joins,
    ) -> KeptPairs {
        let copied = copied.filter_map(|(row, record)| {
            let (levels, weight) = weighed.copy(row)?;
            Some(Copied { row, record, levels, weight })
        });
        let mut copied: Vec<Copied> = copied.collect();
        copied.sort_unstable_by_key(|copy| (copy.row, copy.record));
        KeptPairs {
            entity: entity.to_owned(),
            records,
            copied,
            joins,
            edges: std::mem::take(&mut weighed.edges),
            keys: std::mem::take(&mut weighed.keys),
            spelled: std::mem::take(&mut weighed.spelled),
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.edges.len() + self.copied.len()
    }

    /// Batches of `graph.pair` ([`table::pair_schema`]), by left and right; one without rows where there is no pair.
    ///
    /// # Errors
    /// None but ours.
    pub fn batches(&self) -> impl Iterator<Item = Result<RecordBatch, Error>> {
        let mut pairs = self.pairs().peekable();
        let mut is_first = true;
        from_fn(move || {
            let wanted = std::mem::take(&mut is_first) || pairs.peek().is_some();
            wanted.then(|| self.batch(&pairs.by_ref().take(ROWS).collect::<Vec<_>>()))
        })
    }

    /// All of them in one batch.
    #[cfg(test)]
    pub(crate) fn whole(&self) -> RecordBatch {
        let batches = self.batches().collect::<Result<Vec<_>, _>>().unwrap();
        arrow_select::concat::concat_batches(&table::pair_schema(), &batches).unwrap()
    }

    fn pairs(&self) -> impl Iterator<Item = Pair<'_>> {
        let record = |row: u32| self.records[row as usize];
        let joined = |edge: &Edge| self.joins.smallest[edge.left as usize] == self.joins.smallest[edge.right as usize];
        let key = |edge: &Edge| self.keys.get(edge.key as usize).map_or("", String::as_str);
        let edges = self.edges.iter().map(move |edge| Pair {
            left: record(edge.left),
            right: record(edge.right),
            key: key(edge),
            levels: edge.levels,
            weight: edge.weight,
            joined: joined(edge),
        });
        let copied = self.copied.iter().map(move |copy| Pair {
            left: record(copy.row),
            right: copy.record,
            key: SAME,
            levels: copy.levels,
            weight: copy.weight,
            joined: copy.weight >= self.joins.enough,
        });
        let (mut edges, mut copied) = (edges.peekable(), copied.peekable());
        from_fn(move || match (edges.peek(), copied.peek()) {
            (Some(edge), Some(copy)) if (edge.left, edge.right) > (copy.left, copy.right) => copied.next(),
            (Some(_), _) => edges.next(),
            (None, _) => copied.next(),
        })
    }

    fn batch(&self, pairs: &[Pair<'_>]) -> Result<RecordBatch, Error> {
        let spelled = |pair: &Pair<'_>| self.spelled.get(&pair.levels).map_or("", String::as_str);
        Ok(RecordBatch::try_new(
            table::pair_schema(),
            vec![
                Arc::new(StringArray::from_iter_values(pairs.iter().map(|_| &self.entity))),
                Arc::new(Int64Array::from_iter_values(pairs.iter().map(|pair| pair.left))),
                Arc::new(Int64Array::from_iter_values(pairs.iter().map(|pair| pair.right))),
                Arc::new(StringArray::from_iter_values(pairs.iter().map(|pair| pair.key))),
                Arc::new(StringArray::from_iter_values(pairs.iter().map(spelled))),
                Arc::new(Float64Array::from_iter_values(pairs.iter().map(|pair| pair.weight))),
                Arc::new(Float64Array::from_iter_values(pairs.iter().map(|pair| posterior(pair.weight)))),
                Arc::new(BooleanArray::from_iter(pairs.iter().map(|pair| Some(pair.joined)))),
            ],
        )?)
    }
}

/// The copies that no identifier makes one with the row that speaks for them.
pub(super) fn open_copies<'a>(copies: &'a Copies, records: &'a [i64], proven: &'a [bool]) -> impl Iterator<Item = (u32, i64)> + 'a {
    let all = copies.row.iter().copied().zip(copies.records.iter().copied());
    all.filter(|&(row, record)| record != records[row as usize] && !proven[row as usize])
}
