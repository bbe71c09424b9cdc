//! The pairs that the resolution before kept, as edges again: what a pair weighs is said by its two rows and the model alone, so a pair that is
//! still brought together needs no second look. Which pairs these are, the blocks tell.

use super::pairs::{Edge, Levels};
use crate::{
    Error,
    batch::{Texts, integers, numbers},
    column::narrow,
    weigh::Weights,
};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use hashbrown::HashMap;

/// The edges that `graph.pair` holds of a type, whose records are rows of `records`. `key` says of the two rows of each by which key it is
/// compared now, given the one by which it was; nothing where it is not, or is compared anew. Nothing where levels cannot be read back.
pub(super) fn edges(
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    (entity, records): (&str, &[i64]),
    (weights, keys): (&Weights<'_>, &[String]),
    key: impl Fn(u32, u32, u32) -> Option<u32>,
) -> Result<Option<Vec<Edge>>, Error> {
    let rows = Rows::of(records);
    let (mut edges, mut read): (Vec<Edge>, HashMap<String, Levels>) = (Vec::new(), HashMap::new());
    for batch in batches {
        let batch = batch?;
        let (of, keyed, spelled) = (Texts::of(&batch, "entity")?, Texts::of(&batch, "key")?, Texts::of(&batch, "levels")?);
        let (left, right) = (integers(&batch, "left")?.values(), integers(&batch, "right")?.values());
        let weight = numbers(&batch, "weight")?.values();
        for at in (0..batch.num_rows()).filter(|at| of.get(*at).as_deref() == Some(entity)) {
            // Those that say the very same are weighed anew, and have no key.
            let was = keyed.get(at).and_then(|key| keys.iter().position(|known| *known == key));
            let Some(((left, right), was)) = rows.row(left[at]).zip(rows.row(right[at])).zip(was.map(narrow)) else { continue };
            let Some(key) = key(left, right, was) else { continue };
            let spelled = spelled.get(at).unwrap_or_default();
            let levels = match read.get(spelled.as_ref()) {
                Some(levels) => *levels,
                None => match weights.unspell(&spelled) {
                    Some(levels) => *read.entry(spelled.into_owned()).or_insert(levels),
                    None => return Ok(None),
                },
            };
            edges.push(Edge { left, right, key, levels, weight: weight[at] });
        }
    }
    Ok(Some(edges))
}

/// Where each record stands among those that speak for rows: a bit for each number that there may be, and how many are before each word.
struct Rows {
    first: i64,
    bits: Vec<u64>,
    before: Vec<u32>,
    /// Where numbers lie too far apart for bits.
    sparse: Vec<i64>,
}

/// Numbers that there may be for each that there is.
const SPARSE: usize = 256;

impl Rows {
    fn of(records: &[i64]) -> Rows {
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

    fn row(&self, record: i64) -> Option<u32> {
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
