//! The pairs that are kept, for those who look into doubts: they are many, so they become rows of `graph.pair` only as these are asked for.

use super::pairs::{Edge, Weighed};
use crate::{
    Error,
    copies::Copies,
    parallel::{available, parallel},
    weigh::posterior,
};
use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use std::{collections::BTreeMap, sync::Arc};
use wuwei_schema::table;

/// Rows of a batch.
const ROWS: usize = 1 << 16;

/// A packed pattern of levels.
pub(super) type Levels = u64;

/// What stands for the key of two records that say the very same.
pub(super) const SAME: &str = "same";
pub(super) const SAME_KEY: u32 = u32::MAX >> 1;

/// The pairs of probability [`super::KEPT`] and more.
#[derive(Debug, Clone)]
pub struct KeptPairs {
    entity: String,
    /// All records.
    records: Int64Array,
    /// By left and right.
    pairs: Vec<Kept>,
    keys: Vec<String>,
    /// What each pattern is in words; others may stand here too.
    spelled: BTreeMap<Levels, String>,
}

/// A pair; left and right are places among the records.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Kept {
    pub(super) left: u32,
    pub(super) right: u32,
    pub(super) key: u32,
    pub(super) joined: bool,
    pub(super) levels: Levels,
    pub(super) weight: f64,
}

/// Of the rows of a table without copies what became of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Joins<'a> {
    /// Of each row the smallest of its cluster.
    pub(super) smallest: &'a [u32],
    /// The weight from which a copy is one with the row that speaks for it.
    pub(super) enough: f64,
    /// Rows with an identifier that makes its copies one with it.
    pub(super) proven: &'a [bool],
}

/// What words stand for is not compared: it follows from what they are made of.
impl PartialEq for KeptPairs {
    fn eq(&self, other: &KeptPairs) -> bool {
        (&self.entity, &self.records, &self.keys) == (&other.entity, &other.records, &other.keys) && self.pairs == other.pairs
    }
}

impl KeptPairs {
    /// Of the edges between rows, and of copies that only weight makes one with the row that speaks for them.
    pub(super) fn new(
        entity: &str,
        (records, copies): (Int64Array, &Copies),
        edges: Vec<Edge>,
        weighed: &Weighed,
        joins: &Joins<'_>,
    ) -> KeptPairs {
        let place = speaking(copies);
        let of = |row: u32| place[row as usize];
        let joined = |edge: &Edge| joins.smallest[edge.left as usize] == joins.smallest[edge.right as usize];
        let kept = |edge: Edge| {
            let (left, right, joined) = (of(edge.left), of(edge.right), joined(&edge));
            Kept { left, right, key: edge.key, joined, levels: edge.levels, weight: edge.weight }
        };
        // One is as large as the other, so the library puts each where its edge was, and they are not held twice.
        const { assert!(size_of::<Kept>() == size_of::<Edge>()) };
        let mut pairs: Vec<Kept> = edges.into_iter().map(kept).collect();
        let count = pairs.len();
        for (right, &row) in (0u32..).zip(&copies.row) {
            if copies.count[row as usize] > 1
                && right != of(row)
                && !joins.proven[row as usize]
                && let Some((levels, weight)) = weighed.copy(row)
            {
                pairs.push(Kept { left: of(row), right, key: SAME_KEY, joined: weight >= joins.enough, levels, weight });
            }
        }
        if pairs.len() > count {
            pairs.sort_unstable_by_key(|pair| (pair.left, pair.right));
        }
        let (keys, spelled) = (weighed.keys.clone(), weighed.spelled.clone());
        KeptPairs { entity: entity.to_owned(), records, pairs, keys, spelled }
    }

    /// Among more records, whose places are told, and with pairs of others.
    pub(super) fn among(self, records: Int64Array, places: &[u32], others: Vec<Kept>, spelled: BTreeMap<Levels, String>) -> KeptPairs {
        let moved = |pair: Kept| Kept { left: places[pair.left as usize], right: places[pair.right as usize], ..pair };
        let mut pairs = others;
        pairs.reserve_exact(self.pairs.len());
        pairs.extend(self.pairs.into_iter().map(moved));
        // Two runs that are in order, which only the stable sort makes use of.
        pairs.sort_by_key(|pair| (pair.left, pair.right));
        KeptPairs { records, pairs, spelled: self.spelled.into_iter().chain(spelled).collect(), ..self }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.pairs.len()
    }

    /// Batches of `graph.pair` ([`table::pair_schema`]), by left and right; one without rows where there is no pair.
    ///
    /// # Errors
    /// None but ours.
    pub fn batches(&self) -> impl Iterator<Item = Result<RecordBatch, Error>> {
        let empty = self.pairs.is_empty().then_some([].as_slice());
        empty.into_iter().chain(self.pairs.chunks(ROWS)).map(|pairs| self.batch(pairs))
    }

    /// All of them in one batch.
    #[cfg(test)]
    pub(crate) fn whole(&self) -> RecordBatch {
        let batches = self.batches().collect::<Result<Vec<_>, _>>().unwrap();
        arrow_select::concat::concat_batches(&table::pair_schema(), &batches).unwrap()
    }

    fn batch(&self, pairs: &[Kept]) -> Result<RecordBatch, Error> {
        let record = |row: u32| self.records.value(row as usize);
        let spelled = |pair: &Kept| self.spelled.get(&pair.levels).map_or("", String::as_str);
        let key = |pair: &Kept| if pair.key == SAME_KEY { SAME } else { self.keys.get(pair.key as usize).map_or("", String::as_str) };
        let column = |(): &mut (), at: usize| -> ArrayRef {
            match at {
                0 => Arc::new(StringArray::from_iter_values(pairs.iter().map(|_| &self.entity))),
                1 => Arc::new(Int64Array::from_iter_values(pairs.iter().map(|pair| record(pair.left)))),
                2 => Arc::new(Int64Array::from_iter_values(pairs.iter().map(|pair| record(pair.right)))),
                3 => Arc::new(StringArray::from_iter_values(pairs.iter().map(key))),
                4 => Arc::new(StringArray::from_iter_values(pairs.iter().map(spelled))),
                5 => Arc::new(Float64Array::from_iter_values(pairs.iter().map(|pair| pair.weight))),
                6 => Arc::new(Float64Array::from_iter_values(pairs.iter().map(|pair| posterior(pair.weight)))),
                _ => Arc::new(BooleanArray::from_iter(pairs.iter().map(|pair| Some(pair.joined)))),
            }
        };
        let schema = table::pair_schema();
        let columns = parallel(available(), schema.fields().len(), || (), column);
        Ok(RecordBatch::try_new(schema, columns)?)
    }
}

/// Of each row where among all records the one stands that speaks for it.
fn speaking(copies: &Copies) -> Vec<u32> {
    let mut place = vec![u32::MAX; copies.count.len()];
    for (at, &row) in (0u32..).zip(&copies.row) {
        let first = &mut place[row as usize];
        *first = at.min(*first);
    }
    place
}
