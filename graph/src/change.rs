//! What came and went since the resolution before, and how far it reaches: which rows stand otherwise in tier 0, and with which of them pairs
//! may not have been compared. Too many are no harm but work; nobody else may be among them. What pairs weigh is not asked here.
//!
//! Tier 0 looks only at rows that share an identifier, an exclusive value or a decision, so what such ties hang together with no record that
//! came, went or was decided on stands as it stood. In a part that something reaches, pairs of old rows are new only where a cluster came
//! apart or lost what it held: else whom it kept apart, or had made one, it still does.

use crate::{
    cluster::Clusters,
    column::{NONE, Table, low, mix, narrow},
    copies::Copies,
};
use hashbrown::{HashMap, HashSet};
use std::collections::BTreeSet;
use wuwei_schema::Matching;

/// What may be other with a row than in the resolution before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Since {
    /// Nothing: it was there, in the same cluster of tier 0.
    Same,
    /// Its cluster grew, or lost what it does not miss.
    Moved,
    /// It is new, or pairs with it may not have been compared.
    Fresh,
}

/// What became of the rows of a table, and the records that are gone.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) since: Vec<Since>,
    /// With the dictionaries of the table.
    pub(crate) gone: Table,
}

/// What was there before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stood<'a> {
    /// The records, ascending.
    pub(crate) records: &'a [i64],
    /// Records that anybody ever decided on, be it taken back.
    pub(crate) decided: &'a BTreeSet<i64>,
    /// Records that hang together with any that came, went or was decided on, ascending; others among them do no harm.
    pub(crate) reached: &'a [i64],
}

impl Change {
    /// Of the rows of a table without copies, after tier 0. `gone` are the records that were there before and are no more, each with what it
    /// said.
    pub(crate) fn of(
        (table, copies): (&Table, &Copies),
        matching: &Matching,
        clusters: &Clusters,
        stood: Stood<'_>,
        gone: Table,
    ) -> Change {
        let decided = decided(copies, stood.decided);
        let mut fresh: Vec<bool> = are_among(&table.records, stood.records).into_iter().map(|stood| !stood).collect();
        speak_anew(table, copies, &gone, stood.decided, &mut fresh);
        decided.iter().for_each(|&row| fresh[row as usize] = true);
        let ties = ties(|name| table.position(name), matching);
        let mut reached = fresh.clone();
        for (&row, is_reached) in copies.row.iter().zip(are_among(&copies.records, stood.reached)) {
            reached[row as usize] |= is_reached;
        }
        let parts = Parts::of(table, &gone, &ties, &reached);
        let broken = parts.broken((table, &gone), clusters, matching, (&decided, stood.decided));
        let mut since = vec![Since::Same; table.len()];
        for (at, &row) in parts.rows.iter().enumerate() {
            let is_fresh = fresh[row as usize] || broken[parts.root(at) as usize];
            since[row as usize] = if is_fresh { Since::Fresh } else { Since::Moved };
        }
        Change { since, gone }
    }
}

/// Of each of these, which ascend, whether it is one of those, which do too.
pub(crate) fn are_among(these: &[i64], those: &[i64]) -> Vec<bool> {
    let mut at = 0;
    let mut is_among = |this: &i64| {
        while those.get(at).is_some_and(|that| that < this) {
            at += 1;
        }
        those.get(at) == Some(this)
    };
    these.iter().map(&mut is_among).collect()
}

/// The rows with a record that was decided on.
fn decided(copies: &Copies, decided: &BTreeSet<i64>) -> HashSet<u32> {
    let at = decided.iter().filter_map(|record| copies.records.binary_search(record).ok());
    at.map(|at| copies.row[at]).collect()
}

/// Marks rows for which another record may speak than before: a smaller one that says the same is gone, or speaks for itself since.
fn speak_anew(table: &Table, copies: &Copies, gone: &Table, decided: &BTreeSet<i64>, fresh: &mut [bool]) {
    let mut said: HashMap<u64, i64> = HashMap::new();
    let mut say = |said_by: u64, record: i64| {
        let smallest = said.entry(said_by).or_insert(record);
        *smallest = record.min(*smallest);
    };
    gone.rows().for_each(|row| say(gone.contents[row as usize], gone.records[row as usize]));
    for (record, at) in decided.iter().filter_map(|record| Some((*record, copies.records.binary_search(record).ok()?))) {
        say(table.contents[copies.row[at] as usize], record);
    }
    if !said.is_empty() {
        for (row, fresh) in table.rows().zip(fresh) {
            *fresh |= said.get(&table.contents[row as usize]).is_some_and(|&smaller| smaller < table.records[row as usize]);
        }
    }
}

/// The lists that tie rows together, of columns that stand in these places.
pub(crate) fn ties(place: impl Fn(&str) -> Option<usize>, matching: &Matching) -> Vec<Vec<usize>> {
    let place = |names: &[String]| names.iter().filter_map(|name| place(name)).collect::<Vec<usize>>();
    let exclusive = matching.exclusive.iter().map(std::slice::from_ref);
    let mut ties: Vec<Vec<usize>> = matching.identify.iter().map(Vec::as_slice).chain(exclusive).map(place).collect();
    ties.retain(|columns| !columns.is_empty());
    ties.sort_unstable();
    ties.dedup();
    ties
}

/// What a row carries by which it hangs together with others, as a number; nothing where a part of it is missing.
/// Two combinations may have one number, which ties more together than need be.
fn carried(table: &Table, columns: &[usize], row: u32) -> Option<u32> {
    let id = |column: &usize| Some(table.columns[*column].ids[row as usize]).filter(|id| *id != NONE);
    match columns {
        [column] => id(column),
        columns => Some(low(columns.iter().try_fold(1, |key, column| Some(mix(key, u64::from(id(column)?))))?)),
    }
}

/// What hangs together, of the rows that were reached and the records that are gone.
struct Parts {
    /// The rows, ascending; in the clusters they come first.
    rows: Vec<u32>,
    clusters: Clusters,
}

impl Parts {
    fn of(table: &Table, gone: &Table, ties: &[Vec<usize>], reached: &[bool]) -> Parts {
        let rows: Vec<u32> = table.rows().filter(|&row| reached[row as usize]).collect();
        let mut clusters = Clusters::new(rows.len() + gone.len(), Vec::new());
        for columns in ties {
            let here = rows.iter().zip(0u32..).filter_map(|(&row, at)| Some((carried(table, columns, row)?, at)));
            let there = gone.rows().zip(narrow(rows.len())..).filter_map(|(row, at)| Some((carried(gone, columns, row)?, at)));
            let mut carriers: Vec<(u32, u32)> = here.chain(there).collect();
            carriers.sort_unstable();
            for pair in carriers.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
                clusters.join(pair[0].1, pair[1].1);
            }
        }
        Parts { rows, clusters }
    }

    fn root(&self, at: usize) -> u32 {
        self.clusters.root(narrow(at))
    }

    /// Of each part, by its root, whether a cluster of before may have come apart or miss what it held: it is not if the part is one cluster
    /// now that holds what the records held which are gone. Where people decided, values of one may be another's, so nothing is said.
    fn broken(
        &self,
        (table, gone): (&Table, &Table),
        clusters: &Clusters,
        matching: &Matching,
        (rows, records): (&HashSet<u32>, &BTreeSet<i64>),
    ) -> Vec<bool> {
        let parts = self.rows.len() + gone.len();
        let (mut broken, mut root) = (vec![false; parts], vec![u32::MAX; parts]);
        for (at, &row) in self.rows.iter().enumerate() {
            let (part, now) = (self.root(at) as usize, clusters.root(row));
            broken[part] |= rows.contains(&row) || (root[part] != u32::MAX && root[part] != now);
            root[part] = now;
        }
        for (record, at) in gone.records.iter().zip(self.rows.len()..) {
            broken[self.root(at) as usize] |= records.contains(record);
        }
        let exclusive = matching.exclusive.iter().filter_map(|name| table.position(name));
        for (which, column) in exclusive.enumerate() {
            for (row, at) in gone.rows().zip(self.rows.len()..) {
                let (part, value) = (self.root(at) as usize, gone.columns[column].ids[row as usize]);
                broken[part] |= value != NONE && root[part] != u32::MAX && clusters.held(which, root[part]) != value;
            }
        }
        broken
    }
}
