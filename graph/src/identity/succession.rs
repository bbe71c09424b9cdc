//! Records that took the place of others. A row that changes in its source comes anew, as a new record; what it is of has not changed with
//! it. The key of its row is an identifier that both share, so the guard judges as it does of other identifiers: where a house has another
//! owner or a marriage certificate's number was given out twice, the new record is of somebody else.

use crate::{
    Error,
    batch::integers,
    column::{NONE, Table},
    guard::Guard,
};
use arrow_array::{BooleanArray, RecordBatch};
use arrow_schema::ArrowError;
use arrow_select::filter::filter_record_batch;
use std::{collections::BTreeMap, ops::RangeInclusive};
use wuwei_schema::{EntityType, Matching};

/// Which record took whose place, ever: 32 bytes each.
#[derive(Debug, Clone, Default)]
pub struct Successors {
    /// By the record that stands no more.
    forward: Vec<(i64, i64)>,
    /// By the record that took its place.
    backward: Vec<(i64, i64)>,
}

impl Successors {
    /// Of pairs of the record that stands no more and the one that took its place, in any order; each stands on each side once.
    pub fn of(pairs: impl IntoIterator<Item = (i64, i64)>) -> Successors {
        let mut forward: Vec<(i64, i64)> = pairs.into_iter().collect();
        let mut backward: Vec<(i64, i64)> = forward.iter().map(|&(former, record)| (record, former)).collect();
        forward.sort_unstable();
        backward.sort_unstable();
        Successors { forward, backward }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.forward.is_empty()
    }

    /// The last record that took the place of this one; the record itself where none did.
    pub fn latest(&self, record: i64) -> i64 {
        self.heirs(record).last().unwrap_or(record)
    }

    /// The records that took the place of this one, one after the other.
    pub(crate) fn heirs(&self, record: i64) -> impl Iterator<Item = i64> {
        chain(&self.forward, record)
    }

    /// The records whose place this one took, the latest first.
    pub(super) fn ancestors(&self, record: i64) -> impl Iterator<Item = i64> {
        chain(&self.backward, record)
    }
}

fn chain(pairs: &[(i64, i64)], from: i64) -> impl Iterator<Item = i64> {
    let next = |record: i64| pairs.binary_search_by_key(&record, |pair| pair.0).ok().map(|at| pairs[at].1);
    std::iter::successors(next(from), move |record| next(*record))
}

/// Two rows of one key: the records of the one that stands no more, and of the one that came anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anew {
    /// Record numbers of the row that stands no more.
    pub former: RangeInclusive<i64>,
    /// Record numbers of the row that came anew.
    pub records: RangeInclusive<i64>,
}

/// The records of a type that take others' places, as pairs of the former and the new one: of rows of one key those of the same role, if
/// the guard does not object.
///
/// `records` are batches of [`columns`]; others than those of the rows are passed over.
///
/// # Errors
/// When a column is missing or the source fails.
pub fn follows(
    entity: &EntityType,
    rows: &[Anew],
    records: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
) -> Result<Vec<(i64, i64)>, Error> {
    let places = places(rows);
    let names = columns(entity);
    let names: Vec<&str> = names.iter().map(String::as_str).skip(1).collect();
    let table = Table::read(entity, &names, records.map(|batch| sought(batch, &places)))?;
    let Some(roles) = table.position("role") else { return Ok(Vec::new()) };
    let mut former: BTreeMap<(usize, &str), u32> = BTreeMap::new();
    let mut anew: Vec<(usize, &str, u32)> = Vec::new();
    for row in table.rows() {
        let (record, role) = (table.records[row as usize], table.columns[roles].text(row));
        match place(&places, record) {
            Some((at, true)) => drop(former.insert((at, role), row)),
            Some((at, false)) => anew.push((at, role, row)),
            None => {}
        }
    }
    let mut agree = agreement(entity, &table);
    let mut found = Vec::new();
    for (at, role, row) in anew {
        if let Some(&before) = former.get(&(at, role))
            && agree(before, row)
        {
            found.push((table.records[before as usize], table.records[row as usize]));
        }
    }
    Ok(found)
}

/// The columns that [`follows`] needs of a type's records.
pub fn columns(entity: &EntityType) -> Vec<String> {
    let mut named: Vec<String> = entity.matching.iter().flat_map(told_by).cloned().collect();
    named.sort_unstable();
    named.dedup();
    ["record_id", "role"].into_iter().map(str::to_owned).chain(named).collect()
}

/// What tells whether a row come anew is of the same: what the guard looks at, or without a guard what identifies.
fn told_by(matching: &Matching) -> impl Iterator<Item = &String> {
    let identify = matching.identify.iter().flatten().filter(|_| matching.guard.is_empty());
    matching.guard.iter().chain(&matching.exclusive).chain(identify)
}

/// Whether two rows of a table may be of one entity. The key of a row is of what the row is about, and it names others too: a person's row
/// has his home in it, which is another one when he has moved. So something has to be the same. Without rules of matching the key decides.
fn agreement<'a>(entity: &'a EntityType, table: &'a Table) -> impl FnMut(u32, u32) -> bool {
    let matching = entity.matching.as_ref();
    let mut guard = matching.map(|matching| Guard::new(table, matching));
    let ids = |name: &String| table.position(name).map(|at| table.columns[at].ids.as_slice());
    let columns = |names: &[String]| -> Vec<&'a [u32]> { names.iter().filter_map(ids).collect() };
    let exclusive = matching.map(|matching| columns(&matching.exclusive)).unwrap_or_default();
    let guarded = matching.map(|matching| columns(&matching.guard)).unwrap_or_default();
    let lists = matching.filter(|_| guarded.is_empty()).map(|matching| matching.identify.as_slice()).unwrap_or_default();
    let lists: Vec<Vec<&[u32]>> = lists.iter().map(|list| columns(list)).collect();
    move |left, right| {
        let (l, r) = (left as usize, right as usize);
        let is_stated = |ids: &&[u32]| ids[l] != NONE && ids[r] != NONE;
        let is_same = |ids: &&[u32]| ids[l] != NONE && ids[l] == ids[r];
        let excluded = exclusive.iter().any(|ids| is_stated(ids) && !is_same(ids));
        let allows = |guard: &mut Guard<'_>| {
            (guarded.iter().any(is_stated) && guard.allows(left, right, None)) || lists.iter().any(|list| list.iter().all(is_same))
        };
        !excluded && guard.as_mut().is_none_or(allows)
    }
}

/// First record, last record, which of the rows, and whether it is the former one.
type Places = Vec<(i64, i64, usize, bool)>;

fn places(rows: &[Anew]) -> Places {
    let both = |(at, row): (usize, &Anew)| {
        [(*row.former.start(), *row.former.end(), at, true), (*row.records.start(), *row.records.end(), at, false)]
    };
    let mut places: Places = rows.iter().enumerate().flat_map(both).collect();
    places.sort_unstable();
    places
}

fn place(places: &Places, record: i64) -> Option<(usize, bool)> {
    let behind = places.partition_point(|place| place.0 <= record);
    let (_, last, at, is_former) = *places[..behind].last()?;
    (record <= last).then_some((at, is_former))
}

/// The rows of a batch that are sought, as a batch of their own: thousands of slices of a row each would hold all of it, and take as many turns.
fn sought(batch: Result<RecordBatch, ArrowError>, places: &Places) -> Result<RecordBatch, ArrowError> {
    let batch = batch?;
    let Ok(records) = integers(&batch, "record_id") else { return Ok(batch) };
    let wanted: BooleanArray = records.values().iter().map(|record| Some(place(places, *record).is_some())).collect();
    filter_record_batch(&batch, &wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county::{batch, person, records};

    #[test]
    fn chains_are_followed_both_ways() {
        let successors = Successors::of([(5, 9), (1, 5), (2, 7)]);
        assert_eq!([1, 5, 2, 3].map(|record| successors.latest(record)), [9, 9, 7, 3]);
        assert_eq!(successors.ancestors(9).collect::<Vec<_>>(), [5, 1]);
    }

    #[test]
    fn a_row_come_anew_is_of_the_same_person_unless_the_guard_objects() {
        let rows = [(1, 2, 11, 12), (3, 4, 13, 14), (5, 5, 15, 15)];
        let rows = rows.map(|(first, last, new, newer)| Anew { former: first..=last, records: new..=newer });
        let of = |role: &'static str, name: &'static str| [("role", role), ("name", name), ("birth_date", "1985-03-07")];
        let people = records(&[
            (1, &of("husband", "王小明")),
            (2, &of("wife", "李静")),
            (3, &[("role", "owner"), ("name", "陈丽")]),
            (5, &[("role", "person"), ("name", "欧阳海"), ("birth_date", "1985-03-07")]),
            (9, &of("husband", "王小明")),
            (11, &of("husband", "王晓明")),
            (12, &of("wife", "李静")),
            (13, &[("role", "owner"), ("name", "张军")]),
            (14, &of("tenant", "陈丽")),
            (15, &[("role", "person"), ("name", "欧阳海"), ("birth_date", "2015-09-01")]),
        ]);
        let found = follows(&person(), &rows, std::iter::once(Ok(people))).unwrap();
        assert_eq!(found, [(1, 11), (2, 12), (5, 15)], "not the next owner of a house; a date may be put right");
    }

    #[test]
    fn the_school_in_a_pupils_row_is_another_when_he_has_changed_it() {
        let model = wuwei_schema::Model::embedded().unwrap();
        let school = model.entity("school").unwrap();
        let of = |code: &str| [("role", "school"), ("school_code", code)].map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let schools = batch(school, &[(1, of("9900000001")), (2, of("9900000002")), (11, of("9900000003")), (12, of("9900000002"))]);
        let rows = [(1, 11), (2, 12)].map(|(former, new)| Anew { former: former..=former, records: new..=new });
        assert_eq!(follows(school, &rows, std::iter::once(Ok(schools))).unwrap(), [(2, 12)]);
    }
}
