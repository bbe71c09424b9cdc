//! Alarms: who reached a number of persons, rows, questions or refusals. They follow from the entries alone, in the order in which they
//! stand, so it does not matter which process counts, nor when: whoever wants to know counts on from where somebody counted last, and
//! writes down what was reached. So no question waits for it, and what a process that died left uncounted is counted by the next.
//!
//! `alarms.json` holds how far was counted and what is open. It is derived: without it everything is counted again, and what was told
//! already is not told again.

use super::{Audit, Entry, chain::entry_of, fingerprint, segment::Standing};
use crate::{
    Error,
    policy::{Alarm, Counts},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{File, OpenOptions},
    path::Path,
};

/// What was counted so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// Alarms that stand in the audit as it is kept.
    pub alarms: u64,
    /// Those that were raised just now.
    pub raised: Vec<Raised>,
}

/// An alarm that was raised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Raised {
    /// Its name.
    pub alarm: String,
    /// Who reached it.
    pub principal: String,
    /// The entry with which it was reached.
    pub of: u64,
}

/// How far was counted, and what is open.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct State {
    /// Fingerprint of the alarms that were counted for.
    rules: String,
    /// The file that is next, by the number that it has or will have once sealed, and the place in it.
    segment: u64,
    place: u64,
    /// Number of the last entry counted.
    seq: u64,
    /// Alarms among those counted.
    alarms: u64,
    /// By alarm and principal.
    tallies: BTreeMap<String, BTreeMap<String, Tally>>,
}

/// What one principal did within one span.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Tally {
    span: i64,
    count: u64,
    persons: BTreeSet<i64>,
    is_reached: bool,
}

impl Audit {
    /// Counts on, writes down the alarms that were reached, and says how many stand. Of several that count at a time, one does after the other.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub fn watch(&self, alarms: &[Alarm], at_ms: i64) -> Result<Watched, Error> {
        let path = self.folder().join("alarms.json");
        let failed = |action: &'static str| Error::account(action, &path);
        let lock = OpenOptions::new().create(true).append(true).open(self.folder().join("alarms.lock")).map_err(failed("opening"))?;
        lock.lock().map_err(failed("locking"))?;
        let rules = fingerprint(&serde_json::to_string(alarms).map_err(|_| Error::Engine { detail: "alarms cannot be written" })?);
        let kept = State::kept(&path, &rules);
        if let Some(kept) = kept.as_ref().filter(|kept| self.entries().is_ok_and(|entries| entries == kept.seq)) {
            return Ok(Watched { alarms: kept.alarms, raised: Vec::new() });
        }
        let standing = Standing::of(&self.journal)?;
        let fresh = State { rules, segment: 1, ..State::default() };
        let mut counting = Counting::of(kept.filter(|kept| kept.is_of(&standing)).unwrap_or(fresh), alarms);
        counting.on(&standing)?;
        let Counting { state, reached, told, .. } = counting;
        let mut raised = Vec::new();
        for entry in reached.into_iter().filter(|entry| !told.contains(&(entry.of, entry.outcome.clone()))) {
            raised.push(Raised { alarm: entry.outcome.clone(), principal: entry.principal.clone(), of: entry.of.unwrap_or_default() });
            self.append(Entry { at: at_ms, ..entry })?;
        }
        let alarms = state.alarms + raised.len() as u64;
        state.write(&path).map_err(failed("writing"))?;
        Ok(Watched { alarms, raised })
    }
}

impl State {
    /// What was counted for these alarms.
    fn kept(path: &Path, rules: &str) -> Option<State> {
        let kept = std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice::<State>(&bytes).ok());
        kept.filter(|state| state.rules == rules)
    }

    /// Whether it was counted in this audit.
    fn is_of(&self, standing: &Standing) -> bool {
        let open = standing.sealed.len() as u64 + 1;
        let sealed = || standing.sealed.get(usize::try_from(self.segment).ok()?.checked_sub(1)?);
        self.segment >= 1
            && (self.segment == open || sealed().is_some_and(|(seal, _)| self.place <= seal.bytes))
            && self.seq <= standing.last
    }

    fn write(&self, path: &Path) -> std::io::Result<()> {
        let made = path.with_extension("next");
        std::fs::write(&made, serde_json::to_vec(self)?)?;
        File::open(&made)?.sync_all()?;
        std::fs::rename(made, path)
    }
}

struct Counting<'a> {
    state: State,
    alarms: &'a [Alarm],
    /// What was reached, as it will be written down.
    reached: Vec<Entry>,
    /// What is written down already.
    told: BTreeSet<(Option<u64>, String)>,
}

impl<'a> Counting<'a> {
    fn of(state: State, alarms: &'a [Alarm]) -> Counting<'a> {
        Counting { state, alarms, reached: Vec::new(), told: BTreeSet::new() }
    }

    /// Counts from where the state is to the end.
    fn on(&mut self, standing: &Standing) -> Result<(), Error> {
        let open = standing.sealed.len() as u64 + 1;
        while self.state.segment < open {
            let (number, from) = (self.state.segment, self.state.place);
            standing.each_sealed(number, from, |place, line| self.line(from + place, line))?;
            (self.state.segment, self.state.place) = (number + 1, 0);
        }
        let from = self.state.place;
        standing.each_open(from, |place, line| self.line(from + place, line))
    }

    fn line(&mut self, place: u64, line: &[u8]) -> Result<(), Error> {
        self.state.place = place + line.len() as u64 + 1;
        // A line that is none is for `verify` to show.
        let Some((entry, _)) = entry_of(line) else { return Ok(()) };
        self.state.seq = entry.seq;
        match entry.kind.as_str() {
            "alarm" => {
                self.state.alarms += 1;
                self.told.insert((entry.of, entry.outcome));
            }
            // The program has no role.
            _ if entry.role.is_some() => self.entry(&entry),
            _ => {}
        }
        Ok(())
    }

    fn entry(&mut self, entry: &Entry) {
        for alarm in self.alarms.iter().filter(|alarm| is_of(alarm, entry)) {
            let tallies = self.state.tallies.entry(alarm.name.clone()).or_default();
            let span = alarm.within.span(entry.at);
            // Spans that are over are let go; while a clock is set back, it counts into the latest.
            tallies.retain(|_, tally| tally.span >= span);
            let tally = tallies.entry(entry.principal.clone()).or_insert_with(|| Tally { span, ..Tally::default() });
            if tally.add(alarm, entry) {
                self.reached.push(raised(alarm, entry));
            }
        }
    }
}

impl Tally {
    /// Adds what an entry tells; true when that reaches the alarm, once a span. Persons are held one by one only until then.
    fn add(&mut self, alarm: &Alarm, entry: &Entry) -> bool {
        if self.is_reached {
            return false;
        }
        let is_whole = entry.part.is_none();
        match alarm.counts {
            Counts::Persons => {
                self.persons.extend(&entry.persons);
                self.count = self.count.saturating_add(entry.more.unwrap_or_default());
            }
            Counts::Rows if is_whole => self.count = self.count.saturating_add(entry.rows.unwrap_or_default()),
            Counts::Questions if is_whole && entry.of.is_none() => self.count += 1,
            Counts::Refusals if entry.is_refusal() => self.count += 1,
            _ => {}
        }
        self.is_reached = self.count.saturating_add(self.persons.len() as u64) >= alarm.at;
        if self.is_reached {
            self.persons.clear();
        }
        self.is_reached
    }
}

fn is_of(alarm: &Alarm, entry: &Entry) -> bool {
    let named = |names: &[String], name: &str| names.is_empty() || names.iter().any(|known| known == name);
    named(&alarm.roles, entry.role.as_deref().unwrap_or_default())
        && named(&alarm.purposes, &entry.purpose)
        && named(&alarm.kinds, &entry.kind)
}

/// An alarm as it is written down: the number that was reached and the entry by which, no value.
fn raised(alarm: &Alarm, entry: &Entry) -> Entry {
    Entry {
        principal: entry.principal.clone(),
        role: entry.role.clone(),
        department: entry.department.clone(),
        purpose: entry.purpose.clone(),
        kind: "alarm".to_owned(),
        outcome: format!("{}: {}", alarm.name, alarm.at),
        of: Some(entry.seq),
        ..Entry::default()
    }
}
