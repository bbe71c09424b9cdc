//! Values to numbers: the dictionaries of columns while they are read. Millions of values lie far apart in memory, so what is looked for is looked
//! for in groups.

use super::{
    Ends, NONE, Values,
    content::{said, salt},
    hash, low, narrow, spread,
};
use crate::{Error, batch::Texts};
use arrow_array::RecordBatch;
use hashbrown::HashTable;

/// The columns of one dictionary, which are filled by one thread at a time.
pub(super) struct Lane {
    pub(super) interner: Interner,
    pub(super) columns: Vec<(usize, Vec<u32>)>,
}

impl Lane {
    pub(super) fn new(dictionary: &[usize], lane: usize) -> Lane {
        let columns = dictionary.iter().enumerate().filter(|(_, of)| **of == lane).map(|(at, _)| (at, Vec::new()));
        Lane { interner: Interner::new(), columns: columns.collect() }
    }

    /// Tells what each row says in these columns.
    pub(super) fn extend(&mut self, names: &[&str], batches: &[RecordBatch]) -> Result<Vec<u64>, Error> {
        let rows = if self.columns.is_empty() { 0 } else { batches.iter().map(RecordBatch::num_rows).sum() };
        let mut contents = vec![0; rows];
        let mut from = 0;
        // Batch by batch, so that the numbers of values do not depend on how many batches are taken at once.
        for batch in batches {
            for (at, ids) in &mut self.columns {
                let contents = &mut contents[from..from + batch.num_rows()];
                self.interner.extend(&Texts::of(batch, names[*at])?, (salt(names[*at]), contents), ids);
            }
            from += batch.num_rows();
        }
        Ok(contents)
    }
}

/// Values that are looked for at once.
const AT_ONCE: usize = 128;

pub(super) struct Interner {
    pub(super) values: Values,
    known: HashTable<Interned>,
}

/// A value as the table knows it. Half of its hash stands beside its number, and where it begins and how long it is: neither growing nor, but to
/// compare it, looking for a value reads anything else, which lies far off among millions.
#[derive(Clone, Copy)]
struct Interned {
    half: u32,
    id: u32,
    place: u64,
}

/// Bits of a place that hold the length; longer values have all of them.
const LENGTH: u32 = 24;
const LONG: u64 = (1 << LENGTH) - 1;

impl Interned {
    fn of(half: u32, id: u32, start: usize, length: usize) -> Interned {
        Interned { half, id, place: (start as u64) << LENGTH | (length as u64).min(LONG) }
    }

    fn is(&self, value: &str, values: &Values) -> bool {
        let length = self.place & LONG;
        if length == LONG {
            return values.get(self.id) == value;
        }
        let start = usize::try_from(self.place >> LENGTH).unwrap_or(usize::MAX);
        length == value.len() as u64 && values.text.as_bytes()[start..].starts_with(value.as_bytes())
    }
}

impl Interner {
    fn new() -> Interner {
        let mut ends = Ends::default();
        ends.push(0);
        Interner { values: Values { text: String::new(), ends }, known: HashTable::new() }
    }

    /// Looks for some values at once, step by step: each step waits for memory that lies far off, and these do not wait for each other.
    fn extend(&mut self, texts: &Texts<'_>, (salt, contents): (u64, &mut [u64]), ids: &mut Vec<u32>) {
        let rows = contents.len();
        let (mut hashed, mut found) = (Vec::with_capacity(AT_ONCE), Vec::with_capacity(AT_ONCE));
        for from in (0..rows).step_by(AT_ONCE) {
            let mut of = |row: usize| {
                let value = texts.get(row)?;
                let hash = hash(&value);
                contents[row] = contents[row].wrapping_add(said(salt, hash));
                Some((low(hash), value))
            };
            hashed.extend((from..rows.min(from + AT_ONCE)).map(&mut of));
            let alike = |half: u32| self.known.find(spread(half), |known| known.half == half).copied();
            found.extend(hashed.iter().map(|hashed| hashed.as_ref().and_then(|(half, _)| alike(*half))));
            for (value, known) in hashed.drain(..).zip(found.drain(..)) {
                ids.push(match (value, known) {
                    (None, _) => NONE,
                    (Some((_, value)), Some(known)) if known.is(&value, &self.values) => known.id,
                    (Some((half, value)), _) => self.number_hashed(&value, half),
                });
            }
        }
    }

    pub(super) fn number(&mut self, value: &str) -> u32 {
        self.number_hashed(value, low(hash(value)))
    }

    fn number_hashed(&mut self, value: &str, half: u32) -> u32 {
        let values = &mut self.values;
        if let Some(known) = self.known.find(spread(half), |known| known.half == half && known.is(value, values)) {
            return known.id;
        }
        let id = narrow(values.len());
        let known = Interned::of(half, id, values.text.len(), value.len());
        values.text.push_str(value);
        values.ends.push(values.text.len());
        self.known.insert_unique(spread(half), known, |known| spread(known.half));
        id
    }
}
