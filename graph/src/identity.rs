//! Which number an entity has, and goes on having. Resolving says which records are one; what they are called must not change with every
//! delivery, nor may what was once written down lead nowhere. So numbers are carried over, run by run, by the records that stay.
//!
//! - A number is kept by the part that holds the verified identifier, else by the part with the anchor: the record that belonged to it first.
//! - Where several numbers meet in a cluster, one with a verified identifier survives, else the oldest. Numbers are given in the order in
//!   which entities are born, so the oldest is the smallest. The others lead to it for ever, in one step.
//! - A part that was merged and comes apart again gets its number back, even if it has the identifier by now. So does an entity of which nothing stood any more, when a row of
//!   it comes again.
//! - Every other part gets the next number of the sequence. No number is ever given to anything else.
//!
//! Nothing is taken back: memberships end, and lineage says why. Neither the clock nor what records say enters; a number says nothing of
//! whose it is.

mod claims;
mod former;
mod succession;
mod tables;
#[cfg(test)]
mod tests;

pub use succession::{Anew, Successors, columns, follows};
pub use tables::{Membership, events, former, former_rows, members, redirects, redirects_of, runs, successions, successors};

use crate::Error;
use claims::{Claims, Parting, Past};
use former::{Dead, revived};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A record's entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// The record.
    pub record: i64,
    /// The entity that it belongs to.
    pub entity: i64,
    /// The run by which it came to.
    pub since: i64,
    /// Why.
    pub reason: Reason,
}

/// A membership that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Former {
    /// What it was.
    pub member: Member,
    /// The run by which it ended.
    pub until: i64,
    /// Why.
    pub ended: Reason,
}

/// Why a membership began or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A new record.
    Arrived,
    /// Its entity became part of another.
    Merged,
    /// Its part left the entity.
    Split,
    /// Its part was given back a number.
    Restored,
    /// It stands no more.
    Retired,
}

/// What became of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// What happened: [`Reason::Arrived`] is a birth.
    pub what: Reason,
    /// The entity before.
    pub from: Option<i64>,
    /// The entity after.
    pub to: Option<i64>,
}

/// Where a number leads that was merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redirect {
    /// The number that it leads to, which leads to no other.
    pub to: i64,
    /// The run by which it was merged.
    pub run: i64,
}

/// What is counted over all types: it passes from one to the next, and from one run to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    /// The present run; later ones have larger numbers.
    pub run: i64,
    /// The number that the next entity gets.
    pub next: i64,
    /// Where numbers lead that were merged.
    pub redirects: BTreeMap<i64, Redirect>,
}

/// Which records of a type are one now, by record number.
#[derive(Debug, Clone, Copy)]
pub struct Partition<'a> {
    /// The records, ascending.
    pub records: &'a [i64],
    /// Of each the smallest record of its cluster.
    pub smallest: &'a [i64],
    /// Of each whether it carries a verified identifier.
    pub verified: &'a [bool],
}

/// Who has which number now, and what changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The memberships, by record.
    pub members: Vec<Member>,
    /// Those that ended with this run, by record.
    pub former: Vec<Former>,
    /// What became of entities.
    pub events: Vec<Event>,
    /// As it is after this type.
    pub ledger: Ledger,
}

/// What became of the entities of a type. Counts only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct IdentityReport {
    /// Entities that have a new number.
    pub born: u64,
    /// Numbers that lead to another now.
    pub merged: u64,
    /// Parts that left an entity.
    pub split: u64,
    /// Numbers given back.
    pub restored: u64,
    /// Entities of which no record stands any more.
    pub retired: u64,
}

impl Identity {
    /// The changes, counted.
    pub fn report(&self) -> IdentityReport {
        let count = |what| self.events.iter().filter(|event| event.what == what).count() as u64;
        let [born, merged, split] = [Reason::Arrived, Reason::Merged, Reason::Split].map(count);
        let [restored, retired] = [Reason::Restored, Reason::Retired].map(count);
        IdentityReport { born, merged, split, restored, retired }
    }
}

/// Carries the numbers of a type's entities over to what its records are now.
///
/// `before` are its memberships as the run before left them, by record; `successors` the records that took others' places, ever; `former`
/// the memberships that have ended, ever and of all types, which are read only where a part has to be given a number that had one before.
/// The same input gives the same output. Memory: some 40 bytes a record, and what changed.
///
/// # Errors
/// Those of `former`.
pub fn carry(
    before: &[Member],
    now: &Partition<'_>,
    successors: &Successors,
    former: impl Iterator<Item = Result<Former, Error>>,
    mut ledger: Ledger,
) -> Result<Identity, Error> {
    let past = Past::of(before, now, successors);
    let mut claims = Claims::of(now, &past);
    let mut ids = claims.survivors();
    let dead = match Dead::sought(now, &past, &claims, &ids, successors, &ledger) {
        Some(sought) => sought.find(former, now, &past, successors, &ledger)?,
        None => Dead::default(),
    };
    claims.concede(&dead.merged(&ledger), &mut ids);
    let restored = dead.restore(&mut ids);
    let mut events = Vec::new();
    for (slot, id) in (0u32..).zip(&mut ids).filter(|(_, id)| **id == 0) {
        *id = ledger.next;
        ledger.next += 1;
        if !claims.has_past(slot) {
            events.push(Event { what: Reason::Arrived, from: None, to: Some(*id) });
        }
    }
    let merged = claims.losers(&ids);
    redirect(&mut ledger, &merged, &restored, &dead, &ids);
    events.extend(merged.iter().map(|(from, to)| Event { what: Reason::Merged, from: Some(*from), to: Some(*to) }));
    events.extend(claims.partings.iter().map(|parting| parted(parting, &ids, &restored)));
    events.extend(revived(&restored, &claims, &ids));
    events.extend(past.retired(&claims).into_iter().map(|from| Event { what: Reason::Retired, from: Some(from), to: None }));
    events.sort_unstable();
    let (members, former) = memberships(&past, now, &claims, &Outcome { ids: &ids, merged: &merged, restored: &restored }, ledger.run);
    Ok(Identity { members, former, events, ledger })
}

/// Numbers merged lead to what they became, and so does whatever led to them; numbers given back lead nowhere.
fn redirect(ledger: &mut Ledger, merged: &BTreeMap<i64, i64>, restored: &BTreeSet<i64>, dead: &Dead, ids: &[i64]) {
    if !merged.is_empty() {
        for to in ledger.redirects.values_mut().map(|redirect| &mut redirect.to) {
            *to = merged.get(to).copied().unwrap_or(*to);
        }
    }
    ledger.redirects.extend(merged.iter().map(|(from, to)| (*from, Redirect { to: *to, run: ledger.run })));
    for (number, slot) in dead.holders() {
        if restored.contains(&number) {
            ledger.redirects.remove(&number);
        } else if let Some(redirect) = ledger.redirects.get_mut(&number) {
            redirect.to = ids[slot as usize];
        }
    }
}

fn parted(parting: &Parting, ids: &[i64], restored: &BTreeSet<i64>) -> Event {
    let to = ids[parting.slot as usize];
    let what = if restored.contains(&to) { Reason::Restored } else { Reason::Split };
    Event { what, from: Some(parting.entity), to: Some(to) }
}

/// What was decided of numbers.
struct Outcome<'a> {
    /// Of each cluster.
    ids: &'a [i64],
    /// From, to.
    merged: &'a BTreeMap<i64, i64>,
    /// Numbers given back.
    restored: &'a BTreeSet<i64>,
}

impl Outcome<'_> {
    /// Why a record that stays belongs to another entity now.
    fn why(&self, from: i64, to: i64) -> Reason {
        match self.merged.get(&from) {
            Some(survivor) if *survivor == to => Reason::Merged,
            _ if self.restored.contains(&to) => Reason::Restored,
            _ => Reason::Split,
        }
    }
}

/// Every record's entity now, and what has ended.
fn memberships(past: &Past<'_>, now: &Partition<'_>, claims: &Claims, outcome: &Outcome<'_>, run: i64) -> (Vec<Member>, Vec<Former>) {
    let mut former: Vec<Former> = past.gone().map(|&member| Former { member, until: run, ended: Reason::Retired }).collect();
    let mut members = Vec::with_capacity(now.records.len());
    for (row, &record) in (0u32..).zip(now.records) {
        let entity = outcome.ids[claims.slots[row as usize] as usize];
        let reason = match past.own(row) {
            None => Reason::Arrived,
            Some(member) if member.entity == entity => {
                members.push(*member);
                continue;
            }
            Some(&member) => {
                let why = outcome.why(member.entity, entity);
                former.push(Former { member, until: run, ended: why });
                why
            }
        };
        members.push(Member { record, entity, since: run, reason });
    }
    former.sort_unstable();
    (members, former)
}
