//! What records say, as integers: equal values of a property are equal numbers. Which record that is, and what it really is, stands beside
//! it, not here.

use crate::{
    Error,
    batch::Texts,
    column::{NONE, hash, narrow},
};
use arrow_array::RecordBatch;
use hashbrown::HashMap;
use serde::Serialize;
use wuwei_schema::Matching;

/// Values of the properties by which the model says that records may be recognised: its identifiers and what it compares. 4 bytes a record
/// and property, and 16 a distinct value.
#[derive(Debug, Clone)]
pub struct Evidence {
    properties: Vec<String>,
    pub(super) columns: Vec<Stated>,
    /// Lists of properties that together identify, by place in `columns`.
    pub(super) identify: Vec<Vec<usize>>,
    /// Properties compared, by place in `columns`.
    pub(super) compare: Vec<usize>,
}

/// One property of all records.
#[derive(Debug, Clone, Default)]
pub(super) struct Stated {
    /// The number of what each record says; [`NONE`] where it says nothing.
    pub(super) ids: Vec<u32>,
    numbers: HashMap<u64, u32>,
}

impl Evidence {
    /// No record yet.
    pub fn new(matching: &Matching) -> Evidence {
        let mut properties: Vec<String> = matching.identify.iter().flatten().chain(&matching.compare).cloned().collect();
        properties.sort_unstable();
        properties.dedup();
        let place = |name: &String| properties.iter().position(|property| property == name);
        let identify = matching.identify.iter().map(|list| list.iter().filter_map(place).collect()).collect();
        let compare = matching.compare.iter().filter_map(place).collect();
        let columns = properties.iter().map(|_| Stated::default()).collect();
        Evidence { properties, columns, identify, compare }
    }

    /// The columns that it reads.
    pub fn properties(&self) -> &[String] {
        &self.properties
    }

    /// Takes some rows of a batch of `record.<type>`, in this order.
    ///
    /// # Errors
    /// [`Error::Column`]: a property is missing or no text.
    pub fn add(&mut self, batch: &RecordBatch, rows: &[usize]) -> Result<(), Error> {
        for (name, column) in self.properties.iter().zip(&mut self.columns) {
            let texts = Texts::of(batch, name)?;
            column.ids.extend(rows.iter().map(|&row| texts.get(row).map_or(NONE, |value| number(&mut column.numbers, &value))));
        }
        Ok(())
    }
}

impl Stated {
    /// Distinct values, [`NONE`] included.
    pub(super) fn distinct(&self) -> usize {
        self.numbers.len() + 1
    }
}

fn number(numbers: &mut HashMap<u64, u32>, value: &str) -> u32 {
    let next = narrow(numbers.len()) + 1;
    *numbers.entry(hash(value)).or_insert(next)
}

/// Clusters whose records state different values of a property of which an entity has one at the most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Conflicts {
    /// How many such clusters there are.
    pub clusters: u64,
    /// Records in them that state a value.
    pub records: u64,
}

/// Counts them, given the entity of each record that states a value, with a hash of the value. No truth is needed for it.
pub fn conflicts(mut stated: Vec<(i64, u64)>) -> Conflicts {
    stated.sort_unstable();
    let mut conflicts = Conflicts::default();
    for cluster in stated.chunk_by(|left, right| left.0 == right.0) {
        if cluster.first() != cluster.last() {
            conflicts.clusters += 1;
            conflicts.records += cluster.len() as u64;
        }
    }
    conflicts
}
