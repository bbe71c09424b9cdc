//! Finding entries: who saw a person, what somebody looked at, what was refused. It gives what reading every entry would give, newest first,
//! and reads of sealed segments only what their index points at, or none of one whose index says that it holds no such name.

use super::{
    Audit, Entry,
    chain::entry_of,
    index::{self, Index, MORE, of_record},
    seal::Seal,
    segment::Standing,
};
use crate::Error;
use serde::Serialize;
use std::collections::{BTreeSet, VecDeque};

/// What is looked for; what is not said is not asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Entries that showed one of these persons, or more persons than they list.
    pub persons: BTreeSet<i64>,
    /// The same by the persons' records.
    pub records: BTreeSet<i64>,
    /// Who asked.
    pub principal: Option<String>,
    /// A table that was read.
    pub table: Option<String>,
    /// How it was asked.
    pub kind: Option<String>,
    /// What for.
    pub purpose: Option<String>,
    /// How its outcome begins: `answered`, `refused` …
    pub outcome: Option<String>,
    /// Not before that time, in milliseconds since 1970-01-01 UTC.
    pub since: Option<i64>,
    /// Before that time.
    pub until: Option<i64>,
    /// Entries before that number.
    pub before: Option<u64>,
    /// So many at most.
    pub limit: usize,
}

/// What was found, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hits {
    /// The entries.
    pub hits: Vec<Hit>,
    /// Whether there are more, before the last of these.
    pub more: bool,
}

/// An entry that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// What it says.
    #[serde(flatten)]
    pub entry: Entry,
    /// Its hash, by which it can be proven against a checkpoint.
    pub hash: String,
    /// The sealed segment that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_segment: Option<u64>,
    /// Whether it lists fewer persons than it showed, and not one that is looked for: they may be among the others.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub possible: bool,
}

impl Audit {
    /// Finds entries. Who may look is for a [`crate::Session`] to say.
    pub(crate) fn search(&self, wanted: &Wanted) -> Result<Hits, Error> {
        let standing = Standing::of(&self.journal)?;
        let mut found = Found { wanted, kept: VecDeque::new(), room: wanted.limit, more: false };
        standing.each_open(0, |_, line| found.line(line, None))?;
        let mut hits = found.taken();
        for (seal, hash) in standing.sealed.iter().rev() {
            let mut found = Found { wanted, kept: VecDeque::new(), room: wanted.limit - hits.len(), more: false };
            // One that is full looks on whether there is any more.
            in_segment(&standing, seal, hash, &mut found)?;
            let more = found.taken();
            hits.hits.extend(more.hits);
            hits.more |= more.more;
            if hits.more {
                break;
            }
        }
        Ok(hits)
    }
}

impl Hits {
    fn len(&self) -> usize {
        self.hits.len()
    }
}

fn in_segment(standing: &Standing, seal: &Seal, hash: &str, found: &mut Found<'_>) -> Result<(), Error> {
    let wanted = found.wanted;
    let is_beside = wanted.since.is_some_and(|since| seal.until < since)
        || wanted.until.is_some_and(|until| seal.from >= until)
        || wanted.before.is_some_and(|before| seal.first >= before);
    if is_beside || !crate::audit::segment::path(&standing.folder, seal.segment).exists() {
        return Ok(());
    }
    // An index that is not there, or not whole, is made; where it cannot be, the segment is read.
    for _ in 0..2 {
        if let Some(places) = Index::open(&standing.folder, seal.segment, hash)?.and_then(|mut index| places(&mut index, wanted)) {
            return at_places(standing, seal.segment, places, found);
        }
        if index::make(&standing.folder, seal.segment).is_err() {
            break;
        }
    }
    at_places(standing, seal.segment, Places::All, found)
}

/// Where in a segment to look.
enum Places {
    All,
    Some(BTreeSet<u64>),
}

/// Where the index points at; none where it cannot be believed.
fn places(index: &mut Index, wanted: &Wanted) -> Option<Places> {
    let named = |names: &BTreeSet<String>, name: &Option<String>| name.as_ref().is_none_or(|name| names.contains(name));
    let head = &index.head;
    let may_hold = named(&head.principals, &wanted.principal)
        && named(&head.kinds, &wanted.kind)
        && named(&head.purposes, &wanted.purpose)
        && named(&head.tables, &wanted.table);
    if !may_hold {
        return Some(Places::Some(BTreeSet::new()));
    }
    if wanted.persons.is_empty() && wanted.records.is_empty() {
        return Some(Places::All);
    }
    let numbers = wanted.persons.iter().copied().chain(wanted.records.iter().copied().map(of_record)).chain([MORE]);
    index.places(&numbers.collect()).map(Places::Some)
}

fn at_places(standing: &Standing, segment: u64, places: Places, found: &mut Found<'_>) -> Result<(), Error> {
    match places {
        Places::All => standing.each_sealed(segment, 0, |_, line| found.line(line, Some(segment))).map(drop),
        Places::Some(places) => places.into_iter().try_for_each(|place| {
            let line = standing.line_of(segment, place)?;
            line.map_or(Ok(()), |line| found.line(&line, Some(segment)))
        }),
    }
}

/// The newest of those that are wanted, as lines come.
struct Found<'a> {
    wanted: &'a Wanted,
    kept: VecDeque<Hit>,
    room: usize,
    more: bool,
}

impl Found<'_> {
    fn line(&mut self, line: &[u8], in_segment: Option<u64>) -> Result<(), Error> {
        // A line that is none is for `verify` to show.
        let Some((entry, hash)) = entry_of(line) else { return Ok(()) };
        if let Some(possible) = self.wanted.is(&entry) {
            self.kept.push_back(Hit { entry, hash, in_segment, possible });
            if self.kept.len() > self.room {
                self.kept.pop_front();
                self.more = true;
            }
        }
        Ok(())
    }

    fn taken(self) -> Hits {
        Hits { hits: self.kept.into_iter().rev().collect(), more: self.more }
    }
}

impl Wanted {
    /// Whether an entry is wanted, and then whether only possibly.
    fn is(&self, entry: &Entry) -> Option<bool> {
        let named = |wanted: &Option<String>, name: &str| wanted.as_ref().is_none_or(|wanted| wanted == name);
        let is_wanted = named(&self.principal, &entry.principal)
            && named(&self.kind, &entry.kind)
            && named(&self.purpose, &entry.purpose)
            && self.table.as_ref().is_none_or(|table| entry.tables.contains(table))
            && self.outcome.as_ref().is_none_or(|outcome| entry.outcome.starts_with(outcome))
            && self.since.is_none_or(|since| entry.at >= since)
            && self.until.is_none_or(|until| entry.at < until)
            && self.before.is_none_or(|before| entry.seq < before);
        if !is_wanted {
            return None;
        }
        let is_anybody = self.persons.is_empty() && self.records.is_empty();
        let is_listed = !self.persons.is_disjoint(&entry.persons) || !self.records.is_disjoint(&entry.records);
        match is_anybody || is_listed {
            true => Some(false),
            false => entry.more.map(|_| true),
        }
    }
}
