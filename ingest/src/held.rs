//! What the hub holds of an extract already, and what a delivery makes of it: a row that came before is not kept twice, one that came anew
//! or is gone stands no more. Rows are known by two hashes, of their key and of all that is kept of them; where they are kept is not asked.

use crate::Contract;
use std::{
    collections::VecDeque,
    io::{self, Read, Write},
};
use twox_hash::XxHash3_64;

/// A row that stands: 40 bytes each, so an extract of ten million rows takes 400 MB while a file of it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeldRow {
    /// Hash of its key.
    pub key: i64,
    /// Hash of all cells that are kept of it.
    pub hash: i64,
    /// Its first record.
    pub first: i64,
    /// Its last record.
    pub last: i64,
    /// When the source knew it, as `20260131`; 0 when unknown.
    pub observed: i64,
}

/// Rows of an extract that stand.
#[derive(Debug, Default)]
pub struct Held {
    /// Sorted.
    rows: Vec<HeldRow>,
    /// Whether the delivery has said something of the row.
    settled: Vec<bool>,
}

/// Why a row stands no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    Replaced,
    Deleted,
    Absent,
    Repeated,
}

impl Why {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Why::Replaced => "replaced",
            Why::Deleted => "deleted",
            Why::Absent => "absent",
            Why::Repeated => "repeated",
        }
    }
}

/// A row's records that stand no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Retired {
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) why: Why,
}

/// What is to be done with a row of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Its records are kept.
    Keep,
    /// It is held as it is.
    Unchanged,
    /// A later version of it is held.
    Stale,
    /// It says only that it is no more.
    Deleted,
}

impl Held {
    /// Of an extract of which nothing is held.
    pub fn none() -> Held {
        Held::default()
    }

    /// Of these rows, in any order.
    pub fn of(mut rows: Vec<HeldRow>) -> Held {
        rows.sort_unstable();
        let settled = vec![false; rows.len()];
        Held { rows, settled }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Hands the rows to another process: 40 bytes a row, little-endian.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_to(&self, mut out: impl Write) -> io::Result<()> {
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
    /// Those of `from`, and when it ends inside a row.
    pub fn read_from(mut from: impl Read) -> io::Result<Held> {
        let mut rows = Vec::new();
        let mut row = [0; 40];
        loop {
            match from.read(&mut row[..1])? {
                0 => return Ok(Held::of(rows)),
                _ => from.read_exact(&mut row[1..])?,
            }
            let mut numbers = row.chunks_exact(8).filter_map(|bytes| bytes.try_into().ok().map(i64::from_le_bytes));
            let mut next = || numbers.next().unwrap_or_default();
            rows.push(HeldRow { key: next(), hash: next(), first: next(), last: next(), observed: next() });
        }
    }

    /// The first and the last record of each row.
    pub fn records(&self) -> impl Iterator<Item = (i64, i64)> {
        self.rows.iter().map(|row| (row.first, row.last))
    }

    fn places(&self, key: i64) -> std::ops::Range<usize> {
        let start = self.rows.partition_point(|row| row.key < key);
        start..start + self.rows[start..].iter().take_while(|row| row.key == key).count()
    }
}

/// What one delivery does to what is held.
#[derive(Debug)]
pub(crate) struct Delivery {
    contract: Contract,
    held: Held,
    /// Rows kept of this file, in order: key, hash, records, date.
    kept: Vec<HeldRow>,
    /// Rows that stand no more, waiting to be handed out.
    pub(crate) retired: VecDeque<Retired>,
    has_closed: bool,
}

/// Kept rows of a full delivery among which repeated ones are looked for; it bounds memory, and a repeated row beyond them does no harm.
const KEPT_MAX: usize = 8_000_000;

impl Delivery {
    pub(crate) fn new(contract: Contract, held: Held) -> Delivery {
        Delivery { contract, held, kept: Vec::new(), retired: VecDeque::new(), has_closed: false }
    }

    /// How many rows were held before.
    pub(crate) fn held(&self) -> usize {
        self.held.len()
    }

    /// What to do with an accepted row, known by `key` and `hash`.
    pub(crate) fn judge(&mut self, key: i64, hash: i64, observed: i64, is_deleted: bool) -> Step {
        let places = self.held.places(key);
        if is_deleted {
            self.retire(places, Why::Deleted);
            return Step::Deleted;
        }
        if let Some(at) = places.clone().find(|at| self.held.rows[*at].hash == hash && !self.held.settled[*at]) {
            self.held.settled[at] = true;
            return Step::Unchanged;
        }
        if places.clone().any(|at| self.held.rows[at].hash == hash) {
            return Step::Unchanged;
        }
        if self.contract == Contract::Full {
            return Step::Keep;
        }
        if places.clone().any(|at| observed > 0 && self.held.rows[at].observed > observed) {
            return Step::Stale;
        }
        self.retire(places, Why::Replaced);
        Step::Keep
    }

    /// A row was kept.
    pub(crate) fn keep(&mut self, row: HeldRow) {
        if self.contract == Contract::Delta || self.kept.len() < KEPT_MAX {
            self.kept.push(row);
        }
    }

    /// A row was refused: what is held under its key stands until it comes right.
    pub(crate) fn refuse(&mut self, key: i64) {
        for at in self.held.places(key) {
            self.held.settled[at] = true;
        }
    }

    /// The file has ended; true the first time. What it no longer has is retired, and so is what came twice in it.
    pub(crate) fn close(&mut self) -> bool {
        if std::mem::replace(&mut self.has_closed, true) {
            return false;
        }
        if self.contract == Contract::Full {
            self.retire_absent();
        }
        self.retire_repeated();
        true
    }

    fn retire(&mut self, places: std::ops::Range<usize>, why: Why) {
        for at in places {
            if !std::mem::replace(&mut self.held.settled[at], true) {
                let HeldRow { first, last, .. } = self.held.rows[at];
                self.retired.push_back(Retired { first, last, why });
            }
        }
    }

    fn retire_absent(&mut self) {
        self.kept.sort_unstable();
        for at in 0..self.held.rows.len() {
            let key = self.held.rows[at].key;
            let came_anew = self.kept.binary_search_by(|row| row.key.cmp(&key)).is_ok();
            self.retire(at..at + 1, if came_anew { Why::Replaced } else { Why::Absent });
        }
    }

    /// Of rows with one key a delta means the last, of the latest date; of a full delivery only whole repetitions are too many.
    fn retire_repeated(&mut self) {
        let is_full = self.contract == Contract::Full;
        self.kept.sort_unstable_by_key(|row| (row.key, if is_full { row.hash } else { row.observed }, row.first));
        for pair in self.kept.windows(2) {
            let [row, next] = pair else { continue };
            if row.key == next.key && (!is_full || row.hash == next.hash) {
                // Of whole repetitions it does not matter which stays.
                self.retired.push_back(Retired { first: row.first, last: row.last, why: Why::Repeated });
            }
        }
        self.kept = Vec::new();
    }
}

/// Hashes rows: the same cells give the same number in every version of this program.
#[derive(Debug)]
pub(crate) struct RowHash {
    /// Places of the key's columns; none where the whole row is the key.
    key: Vec<usize>,
    /// Places of the columns that are kept.
    kept: Vec<usize>,
    buffer: Vec<u8>,
}

impl RowHash {
    pub(crate) fn new(extract: &crate::Extract) -> RowHash {
        let place = |name: &String| extract.columns.iter().position(|column| column == name);
        let kept = extract.kept().map(|(place, _)| place).collect();
        RowHash { key: extract.key.iter().filter_map(place).collect(), kept, buffer: Vec::new() }
    }

    /// Of the key and of all that is kept. A row without a key is its own.
    pub(crate) fn of(&mut self, cells: &[String]) -> (i64, i64) {
        let hash = Self::over(&mut self.buffer, &self.kept, cells, 1);
        // Also one whose key is blank: strangers without a number would otherwise replace each other.
        let has_key = self.key.iter().any(|place| cells.get(*place).is_some_and(|cell| !cell.trim().is_empty()));
        let key = if has_key { &self.key } else { &self.kept };
        (Self::over(&mut self.buffer, key, cells, 2), hash)
    }

    fn over(buffer: &mut Vec<u8>, places: &[usize], cells: &[String], seed: u64) -> i64 {
        buffer.clear();
        for cell in places.iter().filter_map(|place| cells.get(*place)) {
            buffer.extend_from_slice(cell.trim().as_bytes());
            buffer.push(0x1e);
        }
        XxHash3_64::oneshot_with_seed(seed, buffer).cast_signed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(key: i64, hash: i64, first: i64, observed: i64) -> HeldRow {
        HeldRow { key, hash, first, last: first, observed }
    }

    fn retired(delivery: &mut Delivery) -> Vec<(i64, &'static str)> {
        delivery.close();
        let mut all: Vec<_> = delivery.retired.drain(..).map(|retired| (retired.first, retired.why.name())).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn a_full_delivery_retires_what_it_has_no_more_and_keeps_what_it_has_once() {
        let mut delivery = Delivery::new(Contract::Full, Held::of(vec![row(1, 10, 1, 0), row(2, 20, 2, 0), row(3, 30, 3, 0)]));
        assert_eq!(delivery.judge(1, 10, 0, false), Step::Unchanged);
        assert_eq!(delivery.judge(2, 21, 0, false), Step::Keep);
        delivery.keep(row(2, 21, 4, 0));
        assert_eq!(delivery.judge(2, 21, 0, false), Step::Keep);
        delivery.keep(row(2, 21, 5, 0));
        assert_eq!(retired(&mut delivery), [(2, "replaced"), (3, "absent"), (4, "repeated")]);
    }

    #[test]
    fn a_delta_replaces_by_key_deletes_by_mark_and_never_goes_back_in_time() {
        let held = vec![row(1, 10, 1, 20_260_301), row(2, 20, 2, 20_260_301), row(3, 30, 3, 0)];
        let mut delivery = Delivery::new(Contract::Delta, Held::of(held));
        assert_eq!(delivery.judge(1, 11, 20_260_201, false), Step::Stale);
        assert_eq!(delivery.judge(1, 10, 20_260_301, false), Step::Unchanged);
        assert_eq!(delivery.judge(2, 22, 20_260_401, false), Step::Keep);
        delivery.keep(row(2, 22, 4, 20_260_401));
        delivery.keep(row(2, 23, 5, 20_260_402));
        assert_eq!(delivery.judge(3, 99, 20_260_401, true), Step::Deleted);
        assert_eq!(delivery.judge(9, 90, 0, false), Step::Keep);
        assert_eq!(retired(&mut delivery), [(2, "replaced"), (3, "deleted"), (4, "repeated")]);
    }

    #[test]
    fn a_refused_row_leaves_what_is_held_of_it_standing() {
        let mut delivery = Delivery::new(Contract::Full, Held::of(vec![row(1, 10, 1, 0), row(2, 20, 2, 0)]));
        delivery.refuse(1);
        assert_eq!(retired(&mut delivery), [(2, "absent")]);
    }

    #[test]
    fn rows_with_a_blank_key_are_strangers() {
        let model = wuwei_schema::Model::embedded().unwrap();
        let departments = crate::Departments::embedded(&model).unwrap();
        let extract = departments.extract("cg_aj").unwrap();
        let mut hash = RowHash::new(extract);
        let row = |number: &str, kind: &str| {
            let text = |column: &String| match column.as_str() {
                "案件编号" => number.to_owned(),
                "案件大类" => kind.to_owned(),
                _ => String::new(),
            };
            extract.columns.iter().map(text).collect::<Vec<_>>()
        };
        assert_eq!(hash.of(&row("1", "街面秩序")).0, hash.of(&row("1", "市容环境")).0, "one case, told anew");
        assert_ne!(hash.of(&row(" ", "街面秩序")).0, hash.of(&row("", "市容环境")).0, "two cases without a number");
        assert_eq!(hash.of(&row("", "街面秩序")).0, hash.of(&row("", "街面秩序")).0, "the same row is not kept twice");
    }

    proptest! {
        /// Whatever a full delivery says, what stands after it is what it says, each once.
        #[test]
        fn after_a_full_delivery_stands_what_it_says(before in prop::collection::btree_set(0i64..30, 0..30), now in prop::collection::vec(0i64..30, 0..60)) {
            let held: Vec<HeldRow> = before.iter().zip(1..).map(|(number, first)| row(number / 3, *number, first, 0)).collect();
            let mut standing: std::collections::BTreeMap<i64, i64> = held.iter().map(|row| (row.first, row.hash)).collect();
            let mut delivery = Delivery::new(Contract::Full, Held::of(held));
            for (number, first) in now.iter().zip(1000..) {
                if delivery.judge(number / 3, *number, 0, false) == Step::Keep {
                    delivery.keep(row(number / 3, *number, first, 0));
                    standing.insert(first, *number);
                }
            }
            for (first, _) in retired(&mut delivery) {
                prop_assert!(standing.remove(&first).is_some(), "retired twice");
            }
            let says: std::collections::BTreeSet<i64> = now.into_iter().collect();
            let mut stands: Vec<i64> = standing.into_values().collect();
            stands.sort_unstable();
            prop_assert_eq!(stands, says.into_iter().collect::<Vec<_>>());
        }

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
