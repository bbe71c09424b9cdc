//! The pairs that the resolution before kept, read back: what a pair weighs is said by its two rows and the model alone, so a pair that is still
//! brought together needs no second look. Which pairs these are, the blocks tell.

use super::kept::{Kept, Levels, SAME, SAME_KEY};
use crate::{
    Error,
    batch::{Texts, booleans, integers, numbers},
    column::narrow,
    model::MatchModel,
    parallel::{available, parallel},
};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// What `graph.pair` holds of a type.
#[derive(Debug, Default)]
pub(super) struct Carried {
    /// By left and right, which are places among the records.
    pub(super) pairs: Vec<Kept>,
    /// Heavy pairs of which a record is gone: the other one's place.
    pub(super) bereft: Vec<u32>,
    pub(super) spelled: BTreeMap<Levels, String>,
}

/// What tells pairs of a type.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) entity: &'a str,
    pub(super) records: &'a Rows,
    pub(super) model: &'a MatchModel,
    pub(super) keys: &'a [String],
    /// The weight from which a pair is heavy.
    pub(super) enough: f64,
}

/// Batches that are taken before threads begin on them.
const TAKEN: usize = 16;

/// The pairs in batches of `graph.pair`; nothing where keys or levels cannot be read back.
pub(super) fn read(batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>, told: Told<'_>) -> Result<Option<Carried>, Error> {
    let mut carried = Carried::default();
    let mut batches = batches.peekable();
    while batches.peek().is_some() {
        let taken: Vec<RecordBatch> = batches.by_ref().take(TAKEN).collect::<Result<_, _>>()?;
        for read in parallel(available(), taken.len(), HashMap::new, |known, at| read_one(&taken[at], told, known)) {
            let Some(read) = read? else { return Ok(None) };
            carried.pairs.extend(read.pairs);
            carried.bereft.extend(read.bereft);
            carried.spelled.extend(read.spelled);
        }
    }
    if !carried.pairs.is_sorted_by_key(|pair| (pair.left, pair.right)) {
        carried.pairs.sort_unstable_by_key(|pair| (pair.left, pair.right));
    }
    Ok(Some(carried))
}

fn read_one(batch: &RecordBatch, told: Told<'_>, known: &mut HashMap<String, Levels>) -> Result<Option<Carried>, Error> {
    let mut read = Carried::default();
    let (of, keyed, spelled) = (Texts::of(batch, "entity")?, Texts::of(batch, "key")?, Texts::of(batch, "levels")?);
    let (left, right) = (integers(batch, "left")?.values(), integers(batch, "right")?.values());
    let (weight, joined) = (numbers(batch, "weight")?.values(), booleans(batch, "joined")?);
    for at in (0..batch.num_rows()).filter(|at| of.get(*at).as_deref() == Some(told.entity)) {
        let (left, right) = match (told.records.row(left[at]), told.records.row(right[at])) {
            (Some(left), Some(right)) => (left, right),
            (Some(row), None) | (None, Some(row)) if weight[at] >= told.enough => {
                read.bereft.push(row);
                continue;
            }
            _ => continue,
        };
        let key = keyed.get(at).unwrap_or_default();
        let key = if key == SAME { Some(SAME_KEY) } else { told.keys.iter().position(|known| *known == key).map(narrow) };
        let spelled = spelled.get(at).unwrap_or_default();
        let levels = match known.get(spelled.as_ref()) {
            Some(levels) => Some(*levels),
            None => told.model.unspell(&spelled).inspect(|levels| {
                known.insert(spelled.clone().into_owned(), *levels);
            }),
        };
        let (Some(key), Some(levels)) = (key, levels) else { return Ok(None) };
        read.pairs.push(Kept { left, right, key, joined: joined.value(at), levels, weight: weight[at] });
    }
    read.spelled.extend(known.iter().map(|(spelled, levels)| (*levels, spelled.clone())));
    Ok(Some(read))
}

/// Where each record stands among those that speak for rows: a bit for each number that there may be, and how many are before each word.
#[derive(Debug)]
pub(super) struct Rows {
    first: i64,
    bits: Vec<u64>,
    before: Vec<u32>,
    /// Where numbers lie too far apart for bits.
    sparse: Vec<i64>,
}

/// Numbers that there may be for each that there is.
const SPARSE: usize = 256;

impl Rows {
    pub(super) fn of(records: &[i64]) -> Rows {
        let (first, last) = (records.first().copied().unwrap_or_default(), records.last().copied().unwrap_or_default());
        let span = usize::try_from(last.saturating_sub(first)).unwrap_or(usize::MAX);
        if span / SPARSE > records.len() {
            return Rows { first, bits: Vec::new(), before: Vec::new(), sparse: records.to_vec() };
        }
        let mut bits = vec![0u64; span / 64 + 1];
        for at in records.iter().filter_map(|record| usize::try_from(record - first).ok()) {
            bits[at / 64] |= 1 << (at % 64);
        }
        let mut count = 0;
        let mut counted = |word: &u64| {
            let before = count;
            count += word.count_ones();
            before
        };
        let before = bits.iter().map(&mut counted).collect();
        Rows { first, bits, before, sparse: Vec::new() }
    }

    pub(super) fn row(&self, record: i64) -> Option<u32> {
        if !self.sparse.is_empty() {
            return self.sparse.binary_search(&record).ok().map(narrow);
        }
        let at = usize::try_from(record.checked_sub(self.first)?).ok()?;
        let (word, bit) = (*self.bits.get(at / 64)?, 1u64 << (at % 64));
        (word & bit != 0).then(|| self.before[at / 64] + (word & (bit - 1)).count_ones())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_found_where_it_stands_and_no_other_is() {
        for records in [vec![3, 4, 66, 67, 200], vec![-5, 7, i64::MAX - 1], Vec::new()] {
            let rows = Rows::of(&records);
            for (record, row) in records.iter().zip(0u32..) {
                assert_eq!((rows.row(*record), rows.row(record + 1).is_some()), (Some(row), records.contains(&(record + 1))));
            }
            assert_eq!((rows.row(i64::MIN), rows.row(i64::MAX)), (None, None));
        }
    }
}
