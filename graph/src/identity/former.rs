//! Numbers that are nobody's at present and may be given back: those that were merged, to the part that had them, and those of which
//! nothing stood any more, to a row that comes again.

use super::{
    Event, Former, Ledger, Partition, Reason, Successors,
    claims::{Claims, Past, row_of},
};
use crate::Error;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// Numbers of the dead, each with the cluster that its records are in now.
#[derive(Debug, Default)]
pub(super) struct Dead {
    holders: BTreeMap<i64, Claim>,
}

/// The best of a number's claims: the last to die first, then as with the living.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    died: Reverse<i64>,
    is_unverified: bool,
    since: i64,
    record: i64,
    slot: u32,
}

impl Dead {
    /// What has to be looked for among former memberships; `None` when no part could be given back anything.
    pub(super) fn sought(
        now: &Partition<'_>,
        past: &Past<'_>,
        claims: &Claims,
        ids: &[i64],
        successors: &Successors,
        ledger: &Ledger,
    ) -> Option<Sought> {
        let parted: BTreeSet<i64> = claims.partings.iter().map(|parting| parting.entity).collect();
        let merged = ledger.redirects.values().any(|redirect| parted.contains(&redirect.to));
        let mut ancestors = BTreeMap::new();
        if !successors.is_empty() {
            let is_new = |row: u32| ids[claims.slots[row as usize] as usize] == 0 && past.of_row(row).is_none();
            for (row, record) in (0u32..).zip(now.records).filter(|(row, _)| is_new(*row)) {
                ancestors.extend(successors.ancestors(*record).map(|ancestor| (ancestor, row)));
            }
        }
        let slots = claims.slots.clone();
        (merged || !ancestors.is_empty()).then_some(Sought { parted, ancestors, slots })
    }

    /// Gives numbers to clusters that have none, and tells which.
    pub(super) fn restore(&self, ids: &mut [i64]) -> BTreeSet<i64> {
        let mut best: BTreeMap<u32, (Reverse<i64>, bool, i64)> = BTreeMap::new();
        for (number, claim) in self.holders.iter().filter(|(_, claim)| ids[claim.slot as usize] == 0) {
            let rank = (claim.died, claim.is_unverified, *number);
            best.entry(claim.slot).and_modify(|known| *known = rank.min(*known)).or_insert(rank);
        }
        best.iter().for_each(|(slot, (_, _, number))| ids[*slot as usize] = *number);
        best.into_values().map(|(_, _, number)| number).collect()
    }

    /// The numbers that were merged: with the cluster, and what they lead to.
    pub(super) fn merged(&self, ledger: &Ledger) -> Vec<(i64, u32, i64)> {
        let leads = |(number, slot): (i64, u32)| ledger.redirects.get(&number).map(|redirect| (number, slot, redirect.to));
        self.holders().filter_map(leads).collect()
    }

    /// Each number with its cluster.
    pub(super) fn holders(&self) -> impl Iterator<Item = (i64, u32)> {
        self.holders.iter().map(|(number, claim)| (*number, claim.slot))
    }
}

/// What is looked for.
#[derive(Debug)]
pub(super) struct Sought {
    /// Entities that came apart.
    parted: BTreeSet<i64>,
    /// Records whose place was taken, with the row that took it, in clusters without a number.
    ancestors: BTreeMap<i64, u32>,
    slots: Vec<u32>,
}

impl Sought {
    /// Reads what has ended. A merged number is claimed by those who had it when it was merged, a retired one by whoever took the place of
    /// one that had it.
    pub(super) fn find(
        &self,
        former: impl Iterator<Item = Result<Former, Error>>,
        now: &Partition<'_>,
        past: &Past<'_>,
        successors: &Successors,
        ledger: &Ledger,
    ) -> Result<Dead, Error> {
        let (mut dead, mut lone) = (Dead::default(), Dead::default());
        for former in former {
            let Former { member, until, ended } = former?;
            let (row, claimed) = match ledger.redirects.get(&member.entity) {
                Some(merged) if ended == Reason::Merged && merged.run == until && self.parted.contains(&merged.to) => {
                    (row_of(now, successors.latest(member.record)), &mut dead)
                }
                None if ended == Reason::Retired => (self.ancestors.get(&member.record).copied(), &mut lone),
                _ => continue,
            };
            let Some(row) = row else { continue };
            let (slot, is_unverified) = (self.slots[row as usize], !now.verified[row as usize]);
            let claim = Claim { died: Reverse(until), is_unverified, since: member.since, record: member.record, slot };
            claimed.holders.entry(member.entity).and_modify(|known| *known = claim.min(*known)).or_insert(claim);
        }
        let alive = past.alive(&lone.holders.keys().copied().collect());
        dead.holders.extend(lone.holders.into_iter().filter(|(number, _)| !alive.contains(number)));
        Ok(dead)
    }
}

/// The numbers given back to rows that came again, and so to no part of anything.
pub(super) fn revived(restored: &BTreeSet<i64>, claims: &Claims, ids: &[i64]) -> Vec<Event> {
    if restored.is_empty() {
        return Vec::new();
    }
    let again = (0u32..).zip(ids).filter(|(slot, id)| restored.contains(id) && !claims.has_past(*slot));
    again.map(|(_, id)| Event { what: Reason::Restored, from: None, to: Some(*id) }).collect()
}
