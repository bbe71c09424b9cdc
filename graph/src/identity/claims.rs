//! Who claims which number: the records that had one, and those that took such a record's place. What becomes of parts without a claim is
//! decided elsewhere.

use super::{Member, Partition, Successors};
use crate::column::narrow;
use std::collections::{BTreeMap, BTreeSet};

/// No row of a table.
const NONE: u32 = u32::MAX;

/// For what is there now, what it was before.
#[derive(Debug)]
pub(super) struct Past<'a> {
    before: &'a [Member],
    /// For each row of the partition where its record stands in `before`.
    own: Vec<u32>,
    /// The same, where a record took the place of another.
    inherited: BTreeMap<u32, u32>,
    /// Where in `before` those stand that are gone.
    gone: Vec<u32>,
}

impl<'a> Past<'a> {
    pub(super) fn of(before: &'a [Member], now: &Partition<'_>, successors: &Successors) -> Past<'a> {
        let mut past = Past { before, own: vec![NONE; now.records.len()], inherited: BTreeMap::new(), gone: Vec::new() };
        let mut row = 0;
        for (at, member) in (0u32..).zip(before) {
            while now.records.get(row).is_some_and(|record| *record < member.record) {
                row += 1;
            }
            if now.records.get(row) == Some(&member.record) {
                past.own[row] = at;
            } else {
                past.gone.push(at);
            }
        }
        for &at in &past.gone {
            let heir = row_of(now, successors.latest(before[at as usize].record));
            if let Some(row) = heir.filter(|row| past.own[*row as usize] == NONE) {
                past.inherited.entry(row).or_insert(at);
            }
        }
        past
    }

    /// What the record itself was.
    pub(super) fn own(&self, row: u32) -> Option<&Member> {
        self.before.get(self.own[row as usize] as usize)
    }

    /// What the record was, or the one whose place it took.
    pub(super) fn of_row(&self, row: u32) -> Option<&Member> {
        self.own(row).or_else(|| self.before.get(*self.inherited.get(&row)? as usize))
    }

    /// The memberships of records that stand no more.
    pub(super) fn gone(&self) -> impl Iterator<Item = &Member> {
        self.gone.iter().map(|at| &self.before[*at as usize])
    }

    /// Whether there was an entity of that number.
    pub(super) fn alive(&self, numbers: &BTreeSet<i64>) -> BTreeSet<i64> {
        self.before.iter().map(|member| member.entity).filter(|entity| numbers.contains(entity)).collect()
    }

    /// The entities that nobody claims any more.
    pub(super) fn retired(&self, claims: &Claims) -> BTreeSet<i64> {
        self.gone().map(|member| member.entity).filter(|entity| claims.holder(*entity).is_none()).collect()
    }
}

/// The row of a record.
pub(super) fn row_of(now: &Partition<'_>, record: i64) -> Option<u32> {
    now.records.binary_search(&record).ok().map(narrow)
}

/// A part of an entity that is elsewhere than its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Parting {
    pub(super) entity: i64,
    /// The cluster that the part is in.
    pub(super) slot: u32,
    /// Since when the first of its records belonged to the entity, and which that is.
    first: (i64, i64),
}

/// Which cluster each number belongs to.
#[derive(Debug)]
pub(super) struct Claims {
    /// For each row its cluster; clusters are numbered by their smallest record.
    pub(super) slots: Vec<u32>,
    clusters: usize,
    /// Each number with the cluster that holds it, by number.
    holders: Vec<Holder>,
    pub(super) partings: Vec<Parting>,
    /// The clusters of partings.
    parted: BTreeSet<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Holder {
    entity: i64,
    slot: u32,
    is_verified: bool,
}

impl Claims {
    pub(super) fn of(now: &Partition<'_>, past: &Past<'_>) -> Claims {
        let (slots, clusters) = slots(now);
        let with_entity = |row: u32| past.of_row(row).map(|member| (member.entity, row));
        let mut rows: Vec<(i64, u32)> = (0..narrow(now.records.len())).filter_map(with_entity).collect();
        // Numbers were given by record: there is little to sort, which only the stable sort makes use of.
        rows.sort();
        let rank = |row: u32| past.of_row(row).map(|member| (!now.verified[row as usize], member.since, member.record));
        let (mut holders, mut partings) = (Vec::new(), Vec::new());
        for same in rows.chunk_by(|left, right| left.0 == right.0) {
            let Some((entity, first)) = same.iter().copied().min_by_key(|(_, row)| rank(*row)) else { continue };
            let slot = slots[first as usize];
            holders.push(Holder { entity, slot, is_verified: now.verified[first as usize] });
            if same.iter().any(|(_, row)| slots[*row as usize] != slot) {
                partings.extend(part(entity, slot, same, &slots, past));
            }
        }
        let parted = partings.iter().map(|parting| parting.slot).collect();
        Claims { slots, clusters, holders, partings, parted }
    }

    /// A part that had a number of its own, before it was merged, takes that again and leaves the other to those who had it, though it may
    /// hold the identifier now: to find whose that is, is often why a merge is undone. `dead` are such numbers with the cluster of their
    /// records and what they lead to.
    pub(super) fn concede(&mut self, dead: &[(i64, u32, i64)], ids: &mut [i64]) {
        let claimed: BTreeSet<u32> = dead.iter().map(|(_, slot, _)| *slot).collect();
        for (_, from, entity) in dead {
            if ids[*from as usize] != *entity {
                continue;
            }
            let is_free =
                |parting: &&mut Parting| parting.entity == *entity && ids[parting.slot as usize] == 0 && !claimed.contains(&parting.slot);
            let first = self.partings.iter_mut().filter(is_free).min_by_key(|parting| parting.first);
            let holder = self.holders.binary_search_by_key(entity, |holder| holder.entity);
            if let (Some(parting), Ok(at)) = (first, holder) {
                (ids[parting.slot as usize], ids[*from as usize]) = (*entity, 0);
                self.holders[at].slot = std::mem::replace(&mut parting.slot, *from);
            }
        }
        self.parted = self.partings.iter().map(|parting| parting.slot).collect();
    }

    /// Of each cluster its number; 0 where it has none yet.
    pub(super) fn survivors(&self) -> Vec<i64> {
        let mut ids = vec![0; self.clusters];
        let mut verified = vec![false; self.clusters];
        for holder in &self.holders {
            let slot = holder.slot as usize;
            // Ascending: of two alike the oldest came first.
            if ids[slot] == 0 || holder.is_verified && !verified[slot] {
                (ids[slot], verified[slot]) = (holder.entity, holder.is_verified);
            }
        }
        ids
    }

    /// Numbers that lead to others from now on, with those.
    pub(super) fn losers(&self, ids: &[i64]) -> BTreeMap<i64, i64> {
        let to = |holder: &Holder| ids[holder.slot as usize];
        self.holders.iter().filter(|holder| to(holder) != holder.entity).map(|holder| (holder.entity, to(holder))).collect()
    }

    /// The cluster that holds a number.
    pub(super) fn holder(&self, entity: i64) -> Option<u32> {
        self.holders.binary_search_by_key(&entity, |holder| holder.entity).ok().map(|at| self.holders[at].slot)
    }

    /// Whether a part of an entity is in the cluster whose number is elsewhere.
    pub(super) fn has_past(&self, slot: u32) -> bool {
        self.parted.contains(&slot)
    }
}

/// The parts of an entity outside of the cluster that holds its number.
fn part(entity: i64, holder: u32, rows: &[(i64, u32)], slots: &[u32], past: &Past<'_>) -> Vec<Parting> {
    let mut firsts: BTreeMap<u32, (i64, i64)> = BTreeMap::new();
    for (_, row) in rows {
        let (slot, member) = (slots[*row as usize], past.of_row(*row));
        if let Some(first) = member.map(|member| (member.since, member.record)).filter(|_| slot != holder) {
            firsts.entry(slot).and_modify(|known| *known = first.min(*known)).or_insert(first);
        }
    }
    firsts.into_iter().map(|(slot, first)| Parting { entity, slot, first }).collect()
}

/// For each row the place of its cluster, and how many there are.
fn slots(now: &Partition<'_>) -> (Vec<u32>, usize) {
    let mut slots: Vec<u32> = Vec::with_capacity(now.records.len());
    let mut count = 0;
    for (row, (record, smallest)) in now.records.iter().zip(now.smallest).enumerate() {
        // The smallest record of a cluster comes before the others, by no more rows than there are numbers between.
        let from = usize::try_from(record - smallest).map_or(0, |between| row.saturating_sub(between));
        // Mostly by just as many.
        let known = match now.records[from..row].first() {
            Some(first) if first == smallest => Some(slots[from]),
            _ => now.records[from..row].binary_search(smallest).ok().map(|at| slots[from + at]),
        };
        slots.push(known.unwrap_or(count));
        count += u32::from(known.is_none());
    }
    (slots, count as usize)
}
