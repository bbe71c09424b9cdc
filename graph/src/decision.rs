//! What people decided of pairs of records, and how it comes before everything that is computed. *same* joins, whatever speaks against it;
//! *different* keeps apart, whatever joins; *unsure* means that somebody looked and could not tell, so nothing is joined because of the pair.
//! Of one pair the latest counts. Where decisions contradict each other over several pairs, *different* wins: a person torn into two is
//! found again, two taken for one are shown each other's file.

pub mod ledger;
#[cfg(test)]
mod operations;

use crate::{
    cluster::{Clusters, Joined},
    column::{NONE, Table, narrow},
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What was decided of two records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// They are of one entity.
    Same,
    /// They are of two.
    Different,
    /// It cannot be told.
    Unsure,
}

impl Verdict {
    /// Its word in `graph.decision`.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Same => "same",
            Verdict::Different => "different",
            Verdict::Unsure => "unsure",
        }
    }

    /// What a word of `graph.decision` says.
    pub fn of(word: &str) -> Option<Verdict> {
        [Verdict::Same, Verdict::Different, Verdict::Unsure].into_iter().find(|verdict| verdict.word() == word)
    }
}

/// The decisions that hold, by pair of records.
#[derive(Debug, Clone, Default)]
pub struct Decisions(BTreeMap<(i64, i64), (i64, Verdict)>);

/// How decisions were carried out. Counts only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct DecisionReport {
    /// Pairs that are to be one.
    pub same: u64,
    /// Pairs that are to be two.
    pub different: u64,
    /// Pairs of which nothing follows.
    pub unsure: u64,
    /// Pairs that were to be one, and cannot be because of others that are to be two.
    pub contradicted: u64,
}

impl Decisions {
    /// Of numbered decisions on two records; the larger number is the later.
    pub fn of(decided: impl IntoIterator<Item = (i64, i64, i64, Verdict)>) -> Decisions {
        let mut decisions = Decisions::default();
        for (number, left, right, verdict) in decided.into_iter().filter(|(_, left, right, _)| left != right) {
            let latest = decisions.0.entry((left.min(right), left.max(right))).or_insert((number, verdict));
            if latest.0 <= number {
                *latest = (number, verdict);
            }
        }
        decisions
    }

    /// The records that somebody decided on.
    pub(crate) fn records(&self) -> BTreeSet<i64> {
        self.0.keys().flat_map(|&(left, right)| [left, right]).collect()
    }

    /// The rows of pairs of which both records are in the table, the latest decision first.
    fn rows(&self, table: &Table, wanted: Verdict) -> Vec<(u32, u32)> {
        let row = |record: i64| table.records.binary_search(&record).ok().map(narrow);
        let mut found: Vec<(i64, u32, u32)> = Vec::new();
        for (&(left, right), &(number, _)) in self.0.iter().filter(|(_, (_, verdict))| *verdict == wanted) {
            found.extend(row(left).zip(row(right)).map(|(left, right)| (-number, left, right)));
        }
        found.sort_unstable();
        found.into_iter().map(|(_, left, right)| (left, right)).collect()
    }
}

/// What decisions left behind, before anything is computed.
#[derive(Debug)]
pub(crate) struct Decided {
    /// Rows that a decision joined.
    joined: BTreeSet<u32>,
    unsure: BTreeSet<(u32, u32)>,
    pub(crate) report: DecisionReport,
}

impl Decided {
    /// The clusters of the rows of a table that decisions join, and no others; `exclusive` are the value numbers of its exclusive properties.
    /// Where people say that records with two values of such a property are one, these values are one for everybody.
    pub(crate) fn of(decisions: &Decisions, table: &Table, mut exclusive: Vec<Vec<u32>>) -> (Clusters, Decided) {
        let [mut same, different, unsure] =
            [Verdict::Same, Verdict::Different, Verdict::Unsure].map(|verdict| decisions.rows(table, verdict));
        let mut report =
            DecisionReport { same: same.len() as u64, different: different.len() as u64, unsure: unsure.len() as u64, contradicted: 0 };
        if !same.is_empty() {
            let mut bare = Clusters::new(table.len(), Vec::new());
            bare.part(&different);
            same.retain(|&(left, right)| bare.join(left, right) != Joined::Refused);
            report.contradicted = report.same - same.len() as u64;
            exclusive.iter_mut().for_each(|values| equate(values, &same));
        }
        let mut clusters = Clusters::new(table.len(), exclusive);
        clusters.part(&different);
        join_all(&mut clusters, &same);
        let joined = same.iter().flat_map(|&(left, right)| [left, right]).collect();
        (clusters, Decided { joined, unsure: unsure.into_iter().collect(), report })
    }

    /// Whether a decision joined the row.
    pub(crate) fn joins(&self, row: u32) -> bool {
        self.joined.contains(&row)
    }

    /// Whether somebody could not tell of the pair.
    pub(crate) fn doubts(&self, left: u32, right: u32) -> bool {
        self.unsure.contains(&(left.min(right), left.max(right)))
    }
}

fn join_all(clusters: &mut Clusters, pairs: &[(u32, u32)]) {
    for &(left, right) in pairs {
        clusters.join(left, right);
    }
}

/// Makes values one that rows of one entity carry.
fn equate(values: &mut [u32], same: &[(u32, u32)]) {
    let mut group = Clusters::new(values.len(), Vec::new());
    join_all(&mut group, same);
    let mut alias: BTreeMap<u32, u32> = BTreeMap::new();
    let find = |alias: &BTreeMap<u32, u32>, mut value: u32| {
        while let Some(&other) = alias.get(&value) {
            value = other;
        }
        value
    };
    for &(row, _) in same {
        let carried = group.members(row).map(|member| values[member as usize]).filter(|value| *value != NONE);
        let carried: BTreeSet<u32> = carried.map(|value| find(&alias, value)).collect();
        let mut carried = carried.into_iter();
        if let Some(first) = carried.next() {
            alias.extend(carried.map(|other| (other, first)));
        }
    }
    if !alias.is_empty() {
        values.iter_mut().for_each(|value| *value = find(&alias, *value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        batch::Texts,
        county::{id_no, person, records},
        resolve::{Resolution, resolve},
    };
    use Verdict::{Different, Same, Unsure};

    /// Two people of one name with an id each, and three records that could be of either.
    fn resolved(decided: &[(i64, i64, Verdict)]) -> (Vec<i64>, Resolution) {
        let ids = [id_no("1985-03-07", 1), id_no("1985-03-07", 2)];
        let known = [("name", "欧阳海"), ("birth_date", "1985-03-07")];
        let with = |at: usize| [&known[..], &[("id_no", ids[at].as_str())]].concat();
        let [left, right] = [with(0), with(1)];
        let rows = records(&[(1, &left), (2, &right), (3, &left), (4, &right), (5, &known)]);
        let decided = (1i64..).zip(decided).map(|(number, &(left, right, verdict))| (number, left, right, verdict));
        let found = resolve(&person(), std::iter::once(Ok(rows)), &Decisions::of(decided)).unwrap();
        (found.link.entities().values().to_vec(), found)
    }

    #[test]
    fn people_join_what_nothing_else_may_and_their_ids_are_one_from_then_on() {
        assert_eq!(resolved(&[]).0, [1, 2, 1, 2, 5]);
        let (found, resolution) = resolved(&[(1, 2, Same)]);
        assert_eq!(found, [1, 1, 1, 1, 5], "the other records of both ids come along");
        let link = resolution.link.whole();
        let tiers = Texts::of(&link, "tier").unwrap();
        assert_eq!((0..5).map(|row| tiers.owned(row)).collect::<Vec<_>>(), ["decision", "decision", "id", "id", "single"]);
        assert_eq!(resolution.verified, [true, true, true, true, false]);
    }

    #[test]
    fn people_keep_apart_what_an_id_joins() {
        assert_eq!(resolved(&[(1, 3, Different)]).0, [1, 2, 3, 2, 5]);
        assert_eq!(resolved(&[(5, 1, Same), (5, 3, Different)]).0, [1, 2, 3, 2, 1]);
    }

    #[test]
    fn the_latest_decision_counts_and_against_several_different_does() {
        assert_eq!(resolved(&[(1, 2, Same), (2, 1, Different)]).0, [1, 2, 1, 2, 5]);
        assert_eq!(resolved(&[(1, 2, Different), (1, 2, Same)]).0, [1, 1, 1, 1, 5]);
        assert_eq!(resolved(&[(1, 2, Same), (1, 2, Unsure)]).0, [1, 2, 1, 2, 5], "in doubt as if nobody had said anything");
        let (found, resolution) = resolved(&[(1, 5, Same), (5, 2, Same), (1, 2, Different), (9, 1, Same)]);
        assert_eq!((found, resolution.report.decided.contradicted), (vec![1, 2, 1, 2, 2], 1), "the earlier of the two gives way");
    }
}
