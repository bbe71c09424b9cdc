//! What a delivery makes of what is held: a row that came before is not kept twice, one that came anew or is gone stands no more. What the
//! file says of a key is gathered, since it may say more than one thing of it, and settled when the file has ended.

mod stock;

use super::{DELETED, Held, HeldRow, LATER};
use crate::Contract;
use std::{collections::VecDeque, ops::Range};
use stock::Stock;

/// What a file is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Terms {
    /// The whole stock: what it lacks is gone.
    Full,
    /// What changed: of each key the latest counts.
    Delta,
    /// Rows of a full delivery that were refused and have been mended: they are added, and replace only where it is sure what.
    Mended,
}

impl Terms {
    /// The terms of an extract's files; those of a workbook of mended rows are others where its files are whole stocks.
    pub(crate) fn of(contract: Contract, is_repair: bool) -> Terms {
        match (contract, is_repair) {
            (Contract::Delta, _) => Terms::Delta,
            (Contract::Full, false) => Terms::Full,
            (Contract::Full, true) => Terms::Mended,
        }
    }
}

/// Why a row stands no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    Replaced,
    Deleted,
    Absent,
    Repeated,
    Undone,
    Excluded,
}

impl Why {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Why::Replaced => "replaced",
            Why::Deleted => "deleted",
            Why::Absent => "absent",
            Why::Repeated => "repeated",
            Why::Undone => "undone",
            Why::Excluded => "excluded",
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
    /// It says that its key is no more, which is to be remembered.
    Bury,
    /// It says that its key is no more; that it is not among the rows says so as well.
    Deleted,
}

/// What one delivery does to what is held.
#[derive(Debug)]
pub(crate) struct Delivery {
    terms: Terms,
    held: Held,
    /// Of each row held, what the file said of it.
    marks: Vec<u8>,
    /// What the file says of keys, in its order; where it is a stock, the rows kept.
    said: Vec<Said>,
    stock: Stock,
    /// Keys of rows that may not be kept.
    excluded: Vec<i64>,
    accepted: u64,
    refused: u64,
    /// Of rows refused whose keys are in doubt the hashes of what else they say: one held that says the same may be it.
    doubtful: Vec<i64>,
    /// Rows refused that may be any of those held.
    unplaced: u64,
    /// Rows held that a full delivery lacks and that stand all the same.
    spared: u64,
    /// Rows that stand no more, waiting to be handed out.
    pub(crate) retired: VecDeque<Retired>,
    has_closed: bool,
}

/// A row of the file that was kept, or one held that the file names again after something else.
#[derive(Debug, Clone, Copy)]
struct Said {
    row: HeldRow,
    at: usize,
    held: Option<usize>,
}

/// The row is in the file as it is held.
const SEEN: u8 = 1;
/// A row with its key was refused: it stands until that comes right.
const REFUSED: u8 = 2;
/// A row with its key says that it is no more.
const GONE: u8 = 4;
/// Something else was said of its key.
const TOUCHED: u8 = 8;
/// Its key is that of a row that may not be kept.
const EXCLUDED: u8 = 16;

/// Kept rows of a full delivery among which repeated ones are looked for; it bounds memory, and a repeated row beyond them does no harm.
const SAID_MAX: usize = 8_000_000;

impl Delivery {
    pub(crate) fn new(terms: Terms, held: Held) -> Delivery {
        Delivery {
            terms,
            marks: vec![0; held.len()],
            held,
            said: Vec::new(),
            stock: Stock::default(),
            excluded: Vec::new(),
            accepted: 0,
            refused: 0,
            doubtful: Vec::new(),
            unplaced: 0,
            spared: 0,
            retired: VecDeque::new(),
            has_closed: false,
        }
    }

    /// How many rows were held before.
    pub(crate) fn held(&self) -> usize {
        self.held.len()
    }

    /// How many of them the file lacks and stand all the same; known once it is closed.
    pub(crate) fn spared(&self) -> u64 {
        self.spared
    }

    /// What to do with an accepted row, known by `key` and `hash`; the hash of a deletion is [`DELETED`].
    pub(crate) fn judge(&mut self, key: i64, hash: i64, observed: i64) -> Step {
        self.accepted += 1;
        let places = self.held.places(key);
        match self.terms {
            Terms::Full => self.judge_stock(places, hash),
            Terms::Delta => self.judge_change(key, places, hash, observed),
            Terms::Mended => self.judge_mended(places, hash, observed),
        }
    }

    fn judge_stock(&mut self, places: Range<usize>, hash: i64) -> Step {
        if hash == DELETED {
            self.mark(places, GONE);
            return Step::Deleted;
        }
        let mut same = places.filter(|at| self.held.rows[*at].hash == hash);
        // Of rows that are held twice each is in the file as often as it says so.
        match same.clone().find(|at| self.marks[*at] & SEEN == 0).or_else(|| same.next()) {
            Some(at) => {
                self.marks[at] |= SEEN;
                Step::Unchanged
            }
            None => Step::Keep,
        }
    }

    fn judge_change(&mut self, key: i64, places: Range<usize>, hash: i64, observed: i64) -> Step {
        let is_touched = places.clone().any(|at| self.marks[at] & TOUCHED != 0);
        if let Some(at) = self.same(places.clone(), hash, observed) {
            if is_touched {
                let row = HeldRow { key, observed, ..self.held.rows[at] };
                self.said.push(Said { row, at: self.said.len(), held: Some(at) });
            }
            return Step::Unchanged;
        }
        // Once something else was said of the key it is open what it will be at the end of the file.
        if !is_touched && places.clone().any(|at| is_later(self.held.rows[at].observed, observed)) {
            return Step::Stale;
        }
        self.mark(places, TOUCHED);
        if hash == DELETED { Step::Bury } else { Step::Keep }
    }

    fn judge_mended(&mut self, places: Range<usize>, hash: i64, observed: i64) -> Step {
        if let Some(at) = self.same(places.clone(), hash, observed) {
            self.marks[at] |= SEEN;
            return Step::Unchanged;
        }
        let is_sole = places.len() == 1;
        if is_sole && is_later(self.held.rows[places.start].observed, observed) {
            return Step::Stale;
        }
        if hash != DELETED {
            return Step::Keep;
        }
        if is_sole {
            self.mark(places, GONE);
        }
        Step::Deleted
    }

    /// The row held that says the same. Two deletions do if they are of one date.
    fn same(&self, places: Range<usize>, hash: i64, observed: i64) -> Option<usize> {
        let is_same = |row: &HeldRow| row.hash == hash && (hash != DELETED || row.observed == observed);
        places.into_iter().find(|at| is_same(&self.held.rows[*at]))
    }

    /// A row was kept.
    pub(crate) fn keep(&mut self, row: HeldRow) {
        match self.terms {
            Terms::Full if self.stock.len() < SAID_MAX => self.stock.push(&row),
            Terms::Full => {}
            Terms::Delta | Terms::Mended => self.said.push(Said { row, at: self.said.len(), held: None }),
        }
    }

    /// A row was refused: what is held under its key stands until it comes right, and so does what says the same under another one where
    /// its key is in doubt, of which the hash of the rest is given. A register has such rows each month: were each of them taken for any
    /// of those held, nobody would ever be gone.
    pub(crate) fn refuse(&mut self, key: i64, doubtful: Option<i64>) {
        self.refused += 1;
        match doubtful {
            Some(rest) if self.doubtful.len() < SAID_MAX => self.doubtful.push(rest),
            doubtful => self.unplaced += u64::from(doubtful.is_some()),
        }
        let places = self.held.places(key);
        self.mark(places, REFUSED);
    }

    /// A row could not be read: its cells, and so its key, may be those of others.
    pub(crate) fn refuse_unread(&mut self, key: i64) {
        self.refuse(key, None);
        self.unplaced += 1;
    }

    /// A row may not be kept: what is held under its key, or came in this file, goes.
    pub(crate) fn exclude(&mut self, key: i64) {
        let places = self.held.places(key);
        self.mark(places, EXCLUDED);
        self.excluded.push(key);
    }

    /// The file has ended. What it replaces, deletes or no longer has is retired, and so is what came twice in it.
    pub(crate) fn close(&mut self) {
        if std::mem::replace(&mut self.has_closed, true) {
            return;
        }
        self.close_excluded();
        let mut said = std::mem::take(&mut self.said);
        said.sort_unstable_by_key(|said| (said.row.key, said.at));
        let groups = said.chunk_by(|left, right| left.row.key == right.row.key);
        match self.terms {
            Terms::Full => self.close_stock(),
            Terms::Delta => groups.for_each(|group| self.close_change(group)),
            Terms::Mended => {
                groups.for_each(|group| self.close_mended(group));
                self.close_gone();
            }
        }
    }

    /// Nearly every key comes once, and nothing is to be said of that.
    fn close_stock(&mut self) {
        let stock = std::mem::take(&mut self.stock);
        let keys = stock.sorted_keys();
        let repeated: Vec<i64> = keys.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        let mut rows: Vec<HeldRow> = stock.rows(|key| repeated.binary_search(&key).is_ok()).collect();
        rows.sort_unstable();
        rows.chunk_by(|left, right| left.key == right.key).for_each(|rows| self.close_repeated(rows));
        self.close_absent(&keys);
    }

    fn close_excluded(&mut self) {
        let mut excluded = std::mem::take(&mut self.excluded);
        if excluded.is_empty() {
            return;
        }
        excluded.sort_unstable();
        self.retired.extend(self.stock.take(|key| excluded.binary_search(&key).is_ok()).iter().map(|row| row.retired(Why::Excluded)));
        let may_not = |said: &Said| excluded.binary_search(&said.row.key).is_ok();
        let own = self.said.iter().filter(|said| may_not(said) && said.held.is_none());
        self.retired.extend(own.map(|said| said.row.retired(Why::Excluded)));
        self.said.retain(|said| !may_not(said));
        for at in 0..self.held.rows.len() {
            if self.marks[at] & EXCLUDED != 0 {
                self.retired.push_back(self.held.rows[at].retired(Why::Excluded));
            }
        }
    }

    /// What is held and not in a full delivery is gone, unless a row refused may be it. Given are the keys of rows kept, sorted.
    fn close_absent(&mut self, kept: &[i64]) {
        let is_sure = self.unplaced == 0 && (self.accepted > 0 || self.refused == 0);
        self.doubtful.sort_unstable();
        for (row, marks) in self.held.rows.iter().zip(&self.marks) {
            let why = match marks {
                marks if marks & (SEEN | REFUSED | EXCLUDED) != 0 || row.hash == DELETED => continue,
                marks if marks & GONE != 0 => Why::Deleted,
                _ if kept.binary_search(&row.key).is_ok() => Why::Replaced,
                _ => Why::Absent,
            };
            let may_be_refused = || self.doubtful.binary_search(&row.hash).is_ok();
            if why == Why::Absent && (!is_sure || may_be_refused()) {
                self.spared += 1;
            } else {
                self.retired.push_back(row.retired(why));
            }
        }
    }

    /// Of the rows of one key, sorted, only whole repetitions are too many; which of them stays does not matter.
    fn close_repeated(&mut self, rows: &[HeldRow]) {
        self.retired.extend(rows.windows(2).filter(|pair| pair[0].hash == pair[1].hash).map(|pair| pair[0].retired(Why::Repeated)));
    }

    /// Of the rows of one key the last counts, and none that is older than what was known before it.
    fn close_change(&mut self, group: &[Said]) {
        let places = group.first().map_or(0..0, |said| self.held.places(said.row.key));
        let mut date = self.held.rows[places.clone()].iter().map(|row| row.observed).max().unwrap_or_default();
        let mut last = None;
        for (index, said) in group.iter().enumerate() {
            if !is_later(date, said.row.observed) {
                (last, date) = (Some(index), said.row.observed);
            }
        }
        let own = group.iter().enumerate().filter(|(index, said)| said.held.is_none() && Some(*index) != last);
        self.retired.extend(own.map(|(_, said)| said.row.retired(Why::Repeated)));
        let Some(last) = last.map(|index| group[index]) else { return };
        for at in places.filter(|at| last.held != Some(*at)) {
            let row = self.held.rows[at];
            let why = match (row.hash, last.row.hash) {
                (DELETED, _) => Why::Undone,
                (_, DELETED) => Why::Deleted,
                _ => Why::Replaced,
            };
            self.retired.push_back(row.retired(why));
        }
    }

    /// A mended row replaces what is held under its key where each is the only one: else it is open which of them it is.
    fn close_mended(&mut self, group: &[Said]) {
        let mut rows: Vec<HeldRow> = group.iter().map(|said| said.row).collect();
        rows.sort_unstable();
        self.close_repeated(&rows);
        let is_one = group.windows(2).all(|pair| pair[0].row.hash == pair[1].row.hash);
        let places = group.first().map_or(0..0, |said| self.held.places(said.row.key));
        if is_one && places.len() == 1 && self.marks[places.start] & (SEEN | GONE | EXCLUDED) == 0 {
            self.retired.push_back(self.held.rows[places.start].retired(Why::Replaced));
        }
    }

    fn close_gone(&mut self) {
        let gone = self.held.rows.iter().zip(&self.marks).filter(|(_, marks)| *marks & (GONE | EXCLUDED) == GONE);
        self.retired.extend(gone.map(|(row, _)| row.retired(Why::Deleted)));
    }

    fn mark(&mut self, places: Range<usize>, mark: u8) {
        self.marks[places].iter_mut().for_each(|marks| *marks |= mark);
    }
}

impl HeldRow {
    fn retired(&self, why: Why) -> Retired {
        Retired { first: self.first, last: self.last, why }
    }
}

/// Whether what is known is later than what comes. What comes without a date is later, but for what came after its own delivery.
fn is_later(known: i64, comes: i64) -> bool {
    known == LATER || comes > 0 && known > comes
}

#[cfg(test)]
mod tests;
