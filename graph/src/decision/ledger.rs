//! `graph.decision` as a book of entries: what is decided, confirmed by a second person, and revoked. Nothing is erased; what holds follows
//! from the states. Who may decide, and when a second person is needed, is said by whoever writes the book.

use super::{Decisions, Verdict};
use crate::{
    Error,
    batch::{Texts, integers, optional},
    identity::Successors,
};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray, types::TimestampMillisecondType};
use arrow_schema::ArrowError;
use std::{collections::BTreeSet, sync::Arc};
use wuwei_schema::history;

/// How far a decision counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It waits for a second person, and counts for nothing.
    Proposed,
    /// It counts.
    Holds,
    /// It counts until a second person confirms that it is revoked.
    Withdrawing,
    /// It counts for nothing any more.
    Revoked,
}

impl State {
    /// Its word in `graph.decision`.
    pub fn word(self) -> &'static str {
        match self {
            State::Proposed => "proposed",
            State::Holds => "holds",
            State::Withdrawing => "withdrawing",
            State::Revoked => "revoked",
        }
    }

    /// Whether what was decided is carried out.
    pub fn counts(self) -> bool {
        matches!(self, State::Holds | State::Withdrawing)
    }

    fn of(word: &str) -> State {
        let all = [State::Proposed, State::Holds, State::Withdrawing];
        all.into_iter().find(|state| state.word() == word).unwrap_or(State::Revoked)
    }
}

/// Who did something, when and on what ground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Who.
    pub who: String,
    /// When, milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
    /// On what ground.
    pub ground: String,
}

/// One pair of records that was decided of. What is decided of several pairs at once has one number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Number of the decision; a later one has a larger number.
    pub decision: i64,
    /// The entity type.
    pub entity: String,
    /// The smaller record number.
    pub left: i64,
    /// The larger record number.
    pub right: i64,
    /// What was decided.
    pub verdict: Verdict,
    /// How far it counts.
    pub state: State,
    /// Who decided.
    pub decided: Signed,
    /// The second person.
    pub confirmed: Option<Signed>,
    /// Who wants it revoked.
    pub revoked: Option<Signed>,
}

/// All decisions, in the order of the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    entries: Vec<Entry>,
}

/// Why an entry is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unchanged {
    /// There is no such decision, or nothing of it is open.
    Nothing,
    /// It waits for somebody else than whoever began it.
    SamePerson,
}

impl Ledger {
    /// Reads `graph.decision`.
    ///
    /// # Errors
    /// When a column is missing or the source fails.
    pub fn read(batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>) -> Result<Ledger, Error> {
        let mut entries = Vec::new();
        for batch in batches {
            entries.extend(entries_of(&batch?)?);
        }
        Ok(Ledger { entries })
    }

    /// All entries, in the order of the table.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Writes down a decision of pairs of one type; it waits where a second person is needed. Returns its number and its entries.
    pub fn decide(&mut self, entity: &str, pairs: &[(i64, i64)], verdict: Verdict, by: &Signed, needs_second: bool) -> (i64, Vec<Entry>) {
        let decision = self.entries.iter().map(|entry| entry.decision).max().unwrap_or_default() + 1;
        let state = if needs_second { State::Proposed } else { State::Holds };
        let entry = |&(left, right): &(i64, i64)| Entry {
            decision,
            entity: entity.to_owned(),
            left: left.min(right),
            right: left.max(right),
            verdict,
            state,
            decided: by.clone(),
            confirmed: None,
            revoked: None,
        };
        let entered: Vec<Entry> = pairs.iter().map(entry).collect();
        self.entries.extend(entered.iter().cloned());
        (decision, entered)
    }

    /// The decision in which the same person decided the same of just these pairs on the same ground, and of none of which anything was decided
    /// since. Whoever says it again, since nobody answered the first time, is told of that one.
    pub fn said(&self, entity: &str, pairs: &[(i64, i64)], verdict: Verdict, by: &Signed) -> Option<(i64, State)> {
        let pairs: BTreeSet<(i64, i64)> = pairs.iter().map(|(left, right)| (*left.min(right), *left.max(right))).collect();
        let of = |entry: &&Entry| entry.entity == entity && pairs.contains(&(entry.left, entry.right));
        let last = self.entries.iter().filter(of).max_by_key(|entry| entry.decision)?;
        let is_open = matches!(last.state, State::Proposed | State::Holds);
        let is_said = last.verdict == verdict && last.decided.who == by.who && last.decided.ground == by.ground;
        let all: Vec<&Entry> = self.entries.iter().filter(|entry| entry.decision == last.decision).collect();
        (is_open && is_said && all.len() == pairs.len() && all.iter().all(of)).then_some((last.decision, last.state))
    }

    /// Other decisions that count or wait and say something else of one of the records of a decision, by number: where they contradict each other,
    /// *different* wins.
    pub fn against(&self, decision: i64) -> BTreeSet<i64> {
        let of = || self.entries.iter().filter(move |entry| entry.decision == decision);
        let records: BTreeSet<(&str, i64)> =
            of().flat_map(|entry| [entry.left, entry.right].map(|record| (entry.entity.as_str(), record))).collect();
        let says_else = |entry: &&Entry| of().next().is_some_and(|this| this.verdict != entry.verdict) && entry.state != State::Revoked;
        let is_of = |entry: &&Entry| [entry.left, entry.right].iter().any(|record| records.contains(&(entry.entity.as_str(), *record)));
        self.entries.iter().filter(says_else).filter(is_of).map(|entry| entry.decision).collect()
    }

    /// A second person confirms what waits: a decision, or its revocation.
    ///
    /// # Errors
    /// Nothing of it waits, or it is whoever began it.
    pub fn confirm(&mut self, decision: i64, by: &Signed) -> Result<State, Unchanged> {
        let open = |entry: &Entry| matches!(entry.state, State::Proposed | State::Withdrawing);
        let first = self.entries.iter().find(|entry| entry.decision == decision && open(entry)).ok_or(Unchanged::Nothing)?;
        let (began, state) = match (&first.revoked, first.state) {
            (Some(revoked), State::Withdrawing) => (&revoked.who, State::Revoked),
            _ => (&first.decided.who, State::Holds),
        };
        if *began == by.who {
            return Err(Unchanged::SamePerson);
        }
        self.change(decision, |entry| {
            entry.state = state;
            entry.confirmed = Some(by.clone());
        });
        Ok(state)
    }

    /// Takes a decision back; one that counts only waits to be, where a second person is needed. Of one whose revocation waits it takes the
    /// revocation back, if by whoever wanted it.
    ///
    /// # Errors
    /// There is no such decision that could be revoked.
    pub fn revoke(&mut self, decision: i64, by: &Signed, needs_second: bool) -> Result<State, Unchanged> {
        let first = self.entries.iter().find(|entry| entry.decision == decision && entry.state != State::Revoked);
        let first = first.ok_or(Unchanged::Nothing)?;
        let wanted_by = first.revoked.as_ref().map(|revoked| revoked.who.as_str());
        let state = match first.state {
            State::Withdrawing if wanted_by == Some(&by.who) => State::Holds,
            State::Withdrawing => return Err(Unchanged::Nothing),
            State::Holds if needs_second => State::Withdrawing,
            _ => State::Revoked,
        };
        self.change(decision, |entry| {
            entry.state = state;
            entry.revoked = (state != State::Holds).then(|| by.clone());
        });
        Ok(state)
    }

    fn change(&mut self, decision: i64, change: impl Fn(&mut Entry)) {
        self.entries.iter_mut().filter(|entry| entry.decision == decision && entry.state != State::Revoked).for_each(change);
    }

    /// The decisions that count. What was decided of a record that stands no more holds of the one that took its place.
    pub fn counting(&self, successors: &Successors) -> Decisions {
        let counting = self.entries.iter().filter(|entry| entry.state.counts());
        Decisions::of(counting.map(|entry| {
            let [left, right] = [entry.left, entry.right].map(|record| successors.latest(record));
            (entry.decision, left, right, entry.verdict)
        }))
    }

    /// The records that anything was ever decided of, and whatever took their places: also where it was taken back, or never counted.
    pub fn everyone(&self, successors: &Successors) -> BTreeSet<i64> {
        let named = self.entries.iter().flat_map(|entry| [entry.left, entry.right]);
        named.flat_map(|record| std::iter::once(record).chain(successors.heirs(record))).collect()
    }

    /// The records that a decision is of.
    pub fn records(&self, decision: i64) -> BTreeSet<i64> {
        let of = self.entries.iter().filter(|entry| entry.decision == decision);
        of.flat_map(|entry| [entry.left, entry.right]).collect()
    }
}

/// Entries as a batch of `graph.decision`.
///
/// # Errors
/// None that a caller can cause: columns that do not fit their contract.
pub fn rows(entries: &[Entry]) -> Result<RecordBatch, Error> {
    let numbers = |of: fn(&Entry) -> i64| Arc::new(Int64Array::from_iter_values(entries.iter().map(of))) as ArrayRef;
    let words = |of: fn(&Entry) -> &str| Arc::new(StringArray::from_iter_values(entries.iter().map(of))) as ArrayRef;
    let mut columns = vec![
        numbers(|entry| entry.decision),
        words(|entry| &entry.entity),
        numbers(|entry| entry.left),
        numbers(|entry| entry.right),
        words(|entry| entry.verdict.word()),
        words(|entry| entry.state.word()),
    ];
    columns.extend(signed(entries, |entry| Some(&entry.decided)));
    columns.extend(signed(entries, |entry| entry.confirmed.as_ref()));
    columns.extend(signed(entries, |entry| entry.revoked.as_ref()));
    Ok(RecordBatch::try_new(history::decision_schema(), columns)?)
}

/// Ground, who and when.
fn signed(entries: &[Entry], of: impl Fn(&Entry) -> Option<&Signed>) -> [ArrayRef; 3] {
    let texts = |text: fn(&Signed) -> &str| Arc::new(entries.iter().map(|entry| of(entry).map(text)).collect::<StringArray>()) as ArrayRef;
    let times: TimestampMillisecondArray = entries.iter().map(|entry| of(entry).map(|signed| signed.at_ms)).collect();
    [texts(|signed| &signed.ground), texts(|signed| &signed.who), Arc::new(times)]
}

fn entries_of(batch: &RecordBatch) -> Result<Vec<Entry>, Error> {
    let [numbers, left, right] = ["decision", "left", "right"].map(|name| integers(batch, name));
    let (numbers, left, right) = (numbers?, left?, right?);
    let [entities, verdicts, states] = ["entity", "verdict", "state"].map(|name| Texts::of(batch, name));
    let (entities, verdicts, states) = (entities?, verdicts?, states?);
    let signatures =
        [("ground", "who", "at"), ("confirmed_ground", "confirmed_by", "confirmed_at"), ("revoked_ground", "revoked_by", "revoked_at")];
    let [decided, confirmed, revoked] = signatures.map(|names| signatures_of(batch, names));
    let (decided, confirmed, revoked) = (decided?, confirmed?, revoked?);
    let nobody = || Signed { who: String::new(), at_ms: 0, ground: String::new() };
    let entry = |row: usize| {
        let verdict = Verdict::of(&verdicts.get(row).unwrap_or_default())?;
        Some(Entry {
            decision: numbers.value(row),
            entity: entities.owned(row),
            left: left.value(row),
            right: right.value(row),
            verdict,
            state: State::of(&states.get(row).unwrap_or_default()),
            decided: decided[row].clone().unwrap_or_else(nobody),
            confirmed: confirmed[row].clone(),
            revoked: revoked[row].clone(),
        })
    };
    Ok((0..batch.num_rows()).filter_map(entry).collect())
}

fn signatures_of(batch: &RecordBatch, (ground, who, at): (&str, &str, &str)) -> Result<Vec<Option<Signed>>, Error> {
    let (grounds, names) = (Texts::of(batch, ground)?, Texts::of(batch, who)?);
    let times = optional::<TimestampMillisecondType>(batch, at)?;
    let signed =
        |row: usize| names.get(row).map(|who| Signed { who: who.into_owned(), at_ms: times.value(row), ground: grounds.owned(row) });
    Ok((0..batch.num_rows()).map(signed).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Verdict::{Different, Same};

    fn by(who: &str) -> Signed {
        Signed { who: who.to_owned(), at_ms: 7, ground: "卷宗".to_owned() }
    }

    #[test]
    fn what_waits_counts_only_when_somebody_else_has_confirmed_it() {
        let mut ledger = Ledger::default();
        let (first, entered) = ledger.decide("person", &[(2, 1), (1, 3)], Same, &by("li"), true);
        assert_eq!((first, entered.len(), entered[0].left), (1, 2, 1));
        let counting = |ledger: &Ledger| ledger.counting(&Successors::default()).0.len();
        assert_eq!(counting(&ledger), 0);
        assert_eq!(ledger.confirm(first, &by("li")), Err(Unchanged::SamePerson));
        assert_eq!(ledger.confirm(first, &by("wang")), Ok(State::Holds));
        assert_eq!((counting(&ledger), ledger.confirm(first, &by("wang"))), (2, Err(Unchanged::Nothing)));
        assert_eq!(ledger.revoke(first, &by("wang"), true), Ok(State::Withdrawing));
        assert_eq!(counting(&ledger), 2, "until a second person agrees");
        assert_eq!(ledger.confirm(first, &by("wang")), Err(Unchanged::SamePerson));
        assert_eq!((ledger.confirm(first, &by("li")), counting(&ledger)), (Ok(State::Revoked), 0));
        assert_eq!(ledger.revoke(first, &by("li"), true), Err(Unchanged::Nothing));
    }

    #[test]
    fn whoever_proposed_may_withdraw_and_the_book_is_read_as_it_was_written() {
        let mut ledger = Ledger::default();
        ledger.decide("person", &[(1, 2)], Same, &by("li"), true);
        ledger.decide("person", &[(3, 4)], Different, &by("li"), false);
        assert_eq!(ledger.revoke(1, &by("li"), true), Ok(State::Revoked), "it never counted");
        assert_eq!(ledger.revoke(2, &by("li"), true), Ok(State::Withdrawing));
        assert_eq!(ledger.revoke(2, &by("wang"), true), Err(Unchanged::Nothing));
        let read = Ledger::read(std::iter::once(Ok(rows(ledger.entries()).unwrap()))).unwrap();
        assert_eq!(read, ledger);
        assert_eq!(ledger.revoke(2, &by("li"), true), Ok(State::Holds), "and the revocation too");
        assert!(ledger.entries()[1].revoked.is_none());
    }

    #[test]
    fn what_others_decided_otherwise_of_the_same_records_is_told_while_it_counts() {
        let mut ledger = Ledger::default();
        ledger.decide("person", &[(1, 2)], Same, &by("li"), false);
        ledger.decide("person", &[(4, 5)], Same, &by("li"), false);
        let (third, _) = ledger.decide("person", &[(2, 3)], Different, &by("li"), false);
        let (fourth, _) = ledger.decide("dwelling", &[(1, 2)], Different, &by("li"), false);
        assert_eq!((ledger.against(third), ledger.against(fourth)), ([1].into(), BTreeSet::new()));
        assert_eq!(ledger.against(1), [third].into());
        ledger.revoke(1, &by("li"), false).unwrap();
        assert_eq!(ledger.against(third), BTreeSet::new());
    }

    #[test]
    fn the_same_said_again_is_known_unless_something_else_was_decided_since() {
        let mut ledger = Ledger::default();
        ledger.decide("person", &[(1, 2), (1, 3)], Same, &by("li"), false);
        assert_eq!(ledger.said("person", &[(3, 1), (2, 1)], Same, &by("li")), Some((1, State::Holds)));
        for (pairs, verdict, who) in [(&[(1, 2)][..], Same, "li"), (&[(1, 2), (1, 3)], Different, "li"), (&[(1, 2), (1, 3)], Same, "wang")]
        {
            assert_eq!(ledger.said("person", pairs, verdict, &by(who)), None);
        }
        assert_eq!(ledger.said("dwelling", &[(1, 2), (1, 3)], Same, &by("li")), None);
        ledger.decide("person", &[(1, 3)], Different, &by("wang"), false);
        assert_eq!(ledger.said("person", &[(1, 2), (1, 3)], Same, &by("li")), None, "the latest counts");
        ledger.revoke(2, &by("wang"), false).unwrap();
        assert_eq!(ledger.said("person", &[(1, 3)], Different, &by("wang")), None, "it was taken back");
    }
}
