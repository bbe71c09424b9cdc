//! Records as integers: each value is a number into a dictionary of its column, so that all that follows compares integers. Ten million
//! records of nine properties are some 400 MB and their dictionaries. What a value means does not enter here.

mod content;
mod interner;

use crate::{
    Error,
    batch::integers,
    parallel::{available, parallel, parallel_beside},
};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
pub(crate) use content::{Sample, part};
use hashbrown::HashMap;
use interner::{Interner, Lane};
use std::{
    cell::Cell,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};
use wuwei_schema::{
    EntityType, Kind,
    kind::{Sketch, citizen_id},
};

/// The number of the value that is not there.
pub(crate) const NONE: u32 = 0;

/// Some columns of all records of a type, ordered by record number.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) records: Vec<i64>,
    pub(crate) columns: Vec<Column>,
    /// What each row says, in one number; empty once nobody asks any more.
    pub(crate) contents: Vec<u64>,
    /// By row what it said that is in no column any more.
    pub(crate) beyond: Vec<(u32, u32)>,
}

/// Values that one thread looks at at once.
const SKETCHED: u32 = 1 << 14;

/// One property of all records.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// A value number for each row; [`NONE`] where the record says nothing.
    pub(crate) ids: Vec<u32>,
    /// Columns whose values are exchanged have one dictionary.
    pub(crate) values: Arc<Values>,
    /// What the values look like from afar, once somebody compares them.
    sketches: OnceLock<Vec<Sketch>>,
}

/// The distinct values of a column, one text after the other.
#[derive(Debug)]
pub(crate) struct Values {
    text: String,
    ends: Ends,
}

/// Where in a text each value ends, in four bytes: a dictionary of addresses has many millions.
#[derive(Debug, Default)]
struct Ends {
    low: Vec<u32>,
    /// The values from which on the place has one more of what four bytes do not hold.
    turns: Vec<u32>,
}

impl Ends {
    fn push(&mut self, end: usize) {
        while end >> u32::BITS > self.turns.len() {
            self.turns.push(narrow(self.low.len()));
        }
        self.low.push(low(end as u64));
    }

    fn get(&self, at: usize) -> usize {
        let turns = self.turns.partition_point(|&turn| turn as usize <= at);
        (turns << u32::BITS) | self.low[at] as usize
    }
}

impl Values {
    /// The value of that number; empty for [`NONE`].
    pub(crate) fn get(&self, id: u32) -> &str {
        let at = id as usize;
        let start = if at == 0 { 0 } else { self.ends.get(at - 1) };
        &self.text[start..self.ends.get(at)]
    }

    /// How many numbers there are, [`NONE`] included.
    pub(crate) fn len(&self) -> usize {
        self.ends.low.len()
    }
}

impl Table {
    /// The columns `names` (lineage columns and properties) of all batches.
    pub(crate) fn read(
        entity: &EntityType,
        names: &[&str],
        batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    ) -> Result<Table, Error> {
        let mut records: Vec<i64> = Vec::new();
        let (columns, contents) = read(Some(entity), names, batches, |batch| {
            records.extend(integers(batch, "record_id")?.values());
            Ok(())
        })?;
        let mut table = Table { records, columns, contents, beyond: Vec::new() };
        table.sort()?;
        Ok(table)
    }

    /// The same with the rows of `apart` as a table of its own, which has the same dictionaries.
    pub(crate) fn read_two(
        entity: &EntityType,
        names: &[&str],
        batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
        apart: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    ) -> Result<(Table, Table), Error> {
        let (first, mut records): (Cell<usize>, Vec<i64>) = (Cell::new(0), Vec::new());
        let counted = batches.inspect(|batch| first.set(first.get() + batch.as_ref().map_or(0, RecordBatch::num_rows)));
        let (mut columns, mut contents) = read(Some(entity), names, counted.chain(apart), |batch| {
            records.extend(integers(batch, "record_id")?.values());
            Ok(())
        })?;
        let rest = |column: &mut Column| {
            let ids = column.ids.split_off(first.get());
            Column::of(&column.name, column.kind.clone(), ids, Arc::clone(&column.values))
        };
        let beside = (records.split_off(first.get()), contents.split_off(first.get()));
        let mut apart =
            Table { records: beside.0, columns: columns.iter_mut().map(rest).collect(), contents: beside.1, ..Table::default() };
        let mut table = Table { records, columns, contents, ..Table::default() };
        table.sort()?;
        apart.sort()?;
        Ok((table, apart))
    }

    /// Number of records.
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// All rows.
    pub(crate) fn rows(&self) -> std::ops::Range<u32> {
        0..narrow(self.len())
    }

    /// Where the column of that name stands.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// Rows by the values of several columns taken together: a number for each combination, [`NONE`] where a part is missing.
    pub(crate) fn combination(&self, columns: &[usize]) -> Vec<u32> {
        let mut columns = columns.iter().map(|&column| &self.columns[column].ids);
        let first = columns.next().cloned().unwrap_or_else(|| vec![NONE; self.len()]);
        columns.fold(first, |left, right| combine(&left, right))
    }

    /// Batches come in any order; what is computed must not depend on it.
    fn sort(&mut self) -> Result<(), Error> {
        if !self.records.is_sorted() {
            let mut order: Vec<u32> = self.rows().collect();
            order.sort_unstable_by_key(|&row| self.records[row as usize]);
            self.records = order.iter().map(|&row| self.records[row as usize]).collect();
            self.contents = order.iter().map(|&row| self.contents[row as usize]).collect();
            for column in &mut self.columns {
                column.ids = order.iter().map(|&row| column.ids[row as usize]).collect();
            }
        }
        let count = self.records.windows(2).filter(|pair| pair[0] == pair[1]).count();
        if count > 0 { Err(Error::Repeated { count }) } else { Ok(()) }
    }
}

impl Column {
    /// How many records carry each value.
    #[cfg(test)]
    pub(crate) fn counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.values.len()];
        self.ids.iter().for_each(|&id| counts[id as usize] += 1);
        counts
    }

    pub(crate) fn of(name: &str, kind: Kind, ids: Vec<u32>, values: Arc<Values>) -> Column {
        Column { name: name.to_owned(), kind, ids, values, sketches: OnceLock::new() }
    }

    /// What each value looks like from afar.
    pub(crate) fn sketches(&self) -> &[Sketch] {
        let count = narrow(self.values.len());
        let sketch = |id: u32| self.kind.sketch(self.values.get(id));
        let unit = |(): &mut (), at: usize| -> Vec<Sketch> {
            let from = narrow(at) * SKETCHED;
            (from..count.min(from.saturating_add(SKETCHED))).map(sketch).collect()
        };
        self.sketches.get_or_init(|| parallel(available(), count.div_ceil(SKETCHED) as usize, || (), unit).concat())
    }

    /// Nobody compares them any more.
    pub(crate) fn forget_sketches(&mut self) {
        self.sketches = OnceLock::new();
    }

    /// The text that a row carries.
    pub(crate) fn text(&self, row: u32) -> &str {
        self.values.get(self.ids[row as usize])
    }
}

/// Batches that are taken before threads begin on them.
const TAKEN: usize = 8;

/// Rows for which no thread is begun.
const FEW: usize = 1024;

/// The text columns `names` of all batches, in the order of arrival, and what each row says in one number; `each` sees every batch too. Names that
/// are no property are text.
pub(crate) fn read(
    entity: Option<&EntityType>,
    names: &[&str],
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    mut each: impl FnMut(&RecordBatch) -> Result<(), Error>,
) -> Result<(Vec<Column>, Vec<u64>), Error> {
    let dictionary = dictionaries(entity, names);
    let lanes: Vec<Mutex<Lane>> = (0..names.len()).map(|at| Mutex::new(Lane::new(&dictionary, at))).collect();
    let (mut rows, mut batches, mut contents) = (0, batches.fuse(), Vec::new());
    let mut take = || {
        let mut taken = Vec::new();
        for batch in batches.by_ref().take(TAKEN) {
            let batch = batch?;
            rows += batch.num_rows();
            within("records", rows)?;
            each(&batch)?;
            taken.push(batch);
        }
        Ok::<_, Error>(taken)
    };
    let mut taken = take()?;
    while !taken.is_empty() {
        let intern = |(): &mut (), at: usize| lanes[at].lock().unwrap_or_else(PoisonError::into_inner).extend(names, &taken);
        let threads = if taken.iter().map(RecordBatch::num_rows).sum::<usize>() < FEW { 1 } else { available() };
        let (interned, following) = parallel_beside(threads, lanes.len(), || (), intern, &mut take);
        let from = contents.len();
        contents.resize(from + taken.iter().map(RecordBatch::num_rows).sum::<usize>(), 0_u64);
        for said in interned {
            contents[from..].iter_mut().zip(said?).for_each(|(content, said)| *content = content.wrapping_add(said));
        }
        taken = following?;
    }
    let lanes = lanes.into_iter().map(|lane| lane.into_inner().unwrap_or_else(PoisonError::into_inner));
    let (mut ids, mut interners) = (vec![Vec::new(); names.len()], Vec::new());
    for lane in lanes {
        lane.columns.into_iter().for_each(|(at, numbers)| ids[at] = numbers);
        interners.push(lane.interner);
    }
    contained(entity, names, &mut ids, &mut interners, &mut contents);
    let property = |name: &str| entity.and_then(|entity| entity.property(name));
    let kind = |name: &str| property(name).map_or(Kind::Text, |property| property.kind.clone());
    let values: Vec<Arc<Values>> = interners.into_iter().map(|interner| Arc::new(interner.values)).collect();
    let columns = names.iter().zip(ids).zip(dictionary);
    Ok((columns.map(|((name, ids), of)| Column::of(name, kind(name), ids, Arc::clone(&values[of]))).collect(), contents))
}

/// Which dictionary each column uses: its own, or that of the first column with which it is exchanged.
fn dictionaries(entity: Option<&EntityType>, names: &[&str]) -> Vec<usize> {
    let mut dictionary: Vec<usize> = (0..names.len()).collect();
    let exchanges = entity.and_then(|entity| entity.matching.as_ref()).map(|matching| matching.exchange.as_slice()).unwrap_or_default();
    for exchange in exchanges {
        let at = |name: &String| names.iter().position(|known| known == name);
        if let [Some(left), Some(right)] = [at(&exchange[0]), at(&exchange[1])] {
            let (from, to) = (dictionary[left].max(dictionary[right]), dictionary[left].min(dictionary[right]));
            dictionary.iter_mut().filter(|of| **of == from).for_each(|of| *of = to);
        }
    }
    dictionary
}

/// Where a column says nothing and another contains its value, it says that value: a student number begins with G and is the citizen id.
fn contained(entity: Option<&EntityType>, names: &[&str], ids: &mut [Vec<u32>], interners: &mut [Interner], contents: &mut [u64]) {
    let pairs = entity.and_then(|entity| entity.matching.as_ref()).map(|matching| matching.contains.as_slice()).unwrap_or_default();
    for [container, inner] in pairs {
        let at = |name: &String| names.iter().position(|known| known == name);
        let (Some(from), Some(to)) = (at(container), at(inner)) else { continue };
        let texts: Vec<Option<String>> = (0..narrow(interners[from].values.len()))
            .map(|id| interners[from].values.get(id).get(1..).filter(|id| citizen_id::birth_date(id).is_some()).map(str::to_owned))
            .collect();
        let inside: Vec<u32> = texts.iter().map(|id| id.as_ref().map_or(NONE, |id| interners[to].number(id))).collect();
        let salt = content::salt(inner);
        for (row, content) in contents.iter_mut().enumerate() {
            if ids[to][row] != NONE {
                continue;
            }
            let of = ids[from][row] as usize;
            ids[to][row] = inside[of];
            let said = texts[of].as_ref().map_or(0, |id| content::said(salt, hash(id)));
            *content = content.wrapping_add(said);
        }
    }
}

/// Rows that carry the same number, smallest rows first; [`NONE`] and numbers of one row alone form no group.
pub(crate) fn groups(ids: &[u32]) -> Vec<Vec<u32>> {
    let numbered = ids.iter().zip(0u32..).filter(|&(&id, _)| id != NONE);
    let mut packed: Vec<u64> = numbered.map(|(&id, row)| u64::from(id) << 32 | u64::from(row)).collect();
    packed.sort_unstable();
    let same = packed.chunk_by(|left, right| left >> 32 == right >> 32).filter(|group| group.len() > 1);
    let mut groups: Vec<Vec<u32>> = same.map(|group| group.iter().map(|&packed| low(packed)).collect()).collect();
    groups.sort_unstable_by_key(|group| group[0]);
    groups
}

/// A 64-bit hash that is the same in every run (multiply and fold, after wyhash).
pub(crate) fn hash(text: &str) -> u64 {
    let mut state = 0x9e37_79b9_7f4a_7c15 ^ text.len() as u64;
    for chunk in text.as_bytes().chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        state = mix(state, u64::from_le_bytes(word));
    }
    mix(state, 0xe703_7ed1_a0b4_28db)
}

/// Two hashes as one; the order counts.
pub(crate) fn mix(left: u64, right: u64) -> u64 {
    let product = u128::from(left ^ 0xa076_1d64_78bd_642f) * u128::from(right ^ 0x8ebc_6af0_9c88_c6e3);
    low64(product) ^ low64(product >> 64) ^ left.rotate_left(23)
}

/// The hash by which a table places what it keeps half of the hash of.
pub(crate) fn spread(half: u32) -> u64 {
    u64::from(half).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// A count as a row number. Tables of more than `u32::MAX` rows are refused when they are read.
pub(crate) fn narrow(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The lower half of a packed pair.
#[expect(clippy::cast_possible_truncation, reason = "the lower half is what is asked for")]
pub(crate) fn low(packed: u64) -> u32 {
    packed as u32
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is what is asked for")]
fn low64(product: u128) -> u64 {
    product as u64
}

pub(crate) fn within(what: &'static str, count: usize) -> Result<(), Error> {
    let limit = u32::MAX as usize - 1;
    if count > limit { Err(Error::Limit { what, count, limit }) } else { Ok(()) }
}

fn combine(left: &[u32], right: &[u32]) -> Vec<u32> {
    let mut known: HashMap<u64, u32> = HashMap::new();
    let pairs = left.iter().zip(right);
    pairs
        .map(|(&left, &right)| {
            if left == NONE || right == NONE {
                return NONE;
            }
            let next = narrow(known.len() + 1);
            *known.entry(u64::from(left) << 32 | u64::from(right)).or_insert(next)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_told_beyond_what_four_bytes_hold() {
        let ends = [0, 5, 5, (1 << 32) - 1, 1 << 32, (1 << 32) + 9, (3 << 32) + 1, (3 << 32) + 2];
        let mut kept = Ends::default();
        ends.iter().for_each(|&end| kept.push(end));
        assert_eq!((0..ends.len()).map(|at| kept.get(at)).collect::<Vec<_>>(), ends);
    }
}
