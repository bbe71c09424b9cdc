//! Numbers over time, on histories that are drawn at random and on the cases that people rely on.

use super::*;
use crate::{
    cluster::Clusters,
    column::narrow,
    county::Dice,
    decision::{Decided, Decisions, Verdict},
};
use proptest::prelude::*;

/// All runs of one type so far.
#[derive(Debug, Clone, PartialEq, Eq)]
struct History {
    ledger: Ledger,
    members: Vec<Member>,
    former: Vec<Former>,
    events: Vec<(i64, Event)>,
}

impl History {
    fn new() -> History {
        let ledger = Ledger { run: 0, next: 1, redirects: BTreeMap::new() };
        History { ledger, members: Vec::new(), former: Vec::new(), events: Vec::new() }
    }

    /// The next run: clusters, of which the records in `verified` carry an identifier.
    fn run(&mut self, clusters: &[Vec<i64>], verified: &[i64], successors: &Successors) {
        let mut rows: Vec<(i64, i64)> =
            clusters.iter().flat_map(|of| of.iter().map(|record| (*record, *of.iter().min().unwrap()))).collect();
        rows.sort_unstable();
        let (records, smallest): (Vec<i64>, Vec<i64>) = rows.into_iter().unzip();
        let verified: Vec<bool> = records.iter().map(|record| verified.contains(record)).collect();
        let now = Partition { records: &records, smallest: &smallest, verified: &verified };
        let ledger = Ledger { run: self.ledger.run + 1, ..self.ledger.clone() };
        let carried =
            |former: &[Former]| carry(&self.members, &now, successors, former.iter().map(|row| Ok(*row)), ledger.clone()).unwrap();
        let found = carried(&self.former);
        let backwards: Vec<Former> = self.former.iter().rev().copied().collect();
        assert_eq!(found, carried(&backwards), "the order of rows changes nothing");
        self.events.extend(found.events.iter().map(|event| (found.ledger.run, *event)));
        self.former.extend(&found.former);
        (self.members, self.ledger) = (found.members, found.ledger);
    }

    fn plain(&mut self, clusters: &[&[i64]]) {
        self.run(&clusters.iter().map(|of| of.to_vec()).collect::<Vec<_>>(), &[], &Successors::default());
    }

    fn of(&self, record: i64) -> i64 {
        self.members.iter().find(|member| member.record == record).unwrap().entity
    }

    fn alive(&self) -> BTreeSet<i64> {
        self.members.iter().map(|member| member.entity).collect()
    }

    /// Where a number leads now; `None` when it is retired.
    fn resolve(&self, number: i64) -> Option<i64> {
        let to = self.ledger.redirects.get(&number).map_or(number, |redirect| redirect.to);
        assert!(!self.ledger.redirects.contains_key(&to), "one step is enough");
        self.alive().contains(&to).then_some(to)
    }

    fn last(&self) -> Vec<(Reason, Option<i64>, Option<i64>)> {
        let last = self.events.iter().filter(|(run, _)| *run == self.ledger.run);
        last.map(|(_, event)| (event.what, event.from, event.to)).collect()
    }

    /// What must hold after every run.
    fn check(&self) {
        let mut alive = BTreeSet::new();
        for (_, event) in &self.events {
            let became = event.to.is_none_or(|to| alive.insert(to));
            match event.what {
                Reason::Arrived => assert!(became, "a number is born once"),
                Reason::Merged | Reason::Retired => assert!(alive.remove(&event.from.unwrap())),
                Reason::Split | Reason::Restored => {}
            }
        }
        assert_eq!(alive, self.alive(), "lineage tells who is there");
        let born = self.events.iter().filter(|(_, event)| event.what == Reason::Arrived).count();
        assert!(i64::try_from(born).unwrap() < self.ledger.next);
        let retired: BTreeSet<i64> =
            self.events.iter().filter(|(_, event)| event.what == Reason::Retired).filter_map(|(_, event)| event.from).collect();
        for number in 1..self.ledger.next {
            let led = self.ledger.redirects.get(&number).map_or(number, |redirect| redirect.to);
            assert!(self.resolve(number).is_some() || retired.contains(&led), "{number} leads nowhere");
        }
        let present = self.members.iter().map(|member| (member.record, member.since, i64::MAX));
        let mut spans: Vec<(i64, i64, i64)> =
            self.former.iter().map(|row| (row.member.record, row.member.since, row.until)).chain(present).collect();
        spans.sort_unstable();
        assert!(spans.iter().all(|(_, since, until)| since < until));
        assert!(spans.windows(2).all(|pair| pair[0].0 != pair[1].0 || pair[0].2 <= pair[1].1), "a record belongs to one entity at a time");
    }
}

#[test]
fn the_oldest_survives_a_merge_unless_another_has_the_identifier() {
    let mut history = History::new();
    history.plain(&[&[1], &[2], &[3]]);
    history.plain(&[&[1, 2], &[3]]);
    assert_eq!((history.of(1), history.of(2), history.resolve(2)), (1, 1, Some(1)));
    history.run(&[vec![1, 2, 3]], &[3], &Successors::default());
    assert_eq!(history.of(1), 3, "it has the identifier");
    assert_eq!([1, 2, 3].map(|number| history.resolve(number)), [Some(3); 3], "in one step");
    history.check();
}

#[test]
fn the_part_with_the_identifier_keeps_the_number_else_the_anchor() {
    let mut history = History::new();
    history.plain(&[&[4, 7]]);
    history.plain(&[&[1, 4, 7]]);
    history.plain(&[&[1, 7], &[4]]);
    assert_eq!((history.of(4), history.of(7)), (1, 2), "the record that was there first, not the smallest");
    assert_eq!(history.last(), [(Reason::Split, Some(1), Some(2))]);
    let mut history = History::new();
    history.plain(&[&[4, 7]]);
    history.run(&[vec![4], vec![7]], &[7], &Successors::default());
    assert_eq!((history.of(4), history.of(7)), (2, 1));
    history.check();
}

#[test]
fn what_was_merged_and_comes_apart_has_its_numbers_again() {
    let mut history = History::new();
    history.plain(&[&[1, 2], &[3, 4], &[5]]);
    history.plain(&[&[1, 2, 3, 4], &[5]]);
    history.plain(&[&[1, 2, 3, 4, 5, 6]]);
    history.plain(&[&[1, 2], &[3, 4, 6], &[5]]);
    assert_eq!([1, 3, 5].map(|record| history.of(record)), [1, 2, 3]);
    assert!(history.ledger.redirects.is_empty());
    assert_eq!(history.last(), [(Reason::Restored, Some(1), Some(2)), (Reason::Restored, Some(1), Some(3))]);
    history.check();
}

#[test]
fn whoever_was_merged_wrongly_has_his_number_again_though_the_identifier_is_the_others() {
    let mut history = History::new();
    history.plain(&[&[1], &[2]]);
    history.run(&[vec![1, 2, 3]], &[3], &Successors::default());
    history.run(&[vec![1], vec![2, 3]], &[3], &Successors::default());
    assert_eq!([1, 2, 3].map(|record| history.of(record)), [1, 2, 2]);
    assert_eq!(history.last(), [(Reason::Restored, Some(1), Some(2))]);
    history.check();
}

#[test]
fn a_number_merged_before_another_goes_with_it() {
    let mut history = History::new();
    history.plain(&[&[1], &[2], &[3]]);
    history.plain(&[&[1], &[2, 3]]);
    history.plain(&[&[1, 2, 3]]);
    history.plain(&[&[1], &[2, 3]]);
    assert_eq!([1, 2, 3].map(|number| history.resolve(number)), [Some(1), Some(2), Some(2)], "3 was part of 2");
    history.plain(&[&[1], &[2], &[3]]);
    assert_eq!([1, 2, 3].map(|record| history.of(record)), [1, 2, 3]);
    history.check();
}

#[test]
fn a_row_come_anew_keeps_its_number_even_after_it_was_gone() {
    let mut history = History::new();
    history.plain(&[&[1], &[2]]);
    let successors = Successors::of([(1, 3)]);
    history.run(&[vec![3], vec![2]], &[], &successors);
    assert_eq!((history.of(3), history.last()), (1, vec![]));
    history.run(&[vec![2]], &[], &successors);
    assert_eq!((history.resolve(1), history.last()), (None, vec![(Reason::Retired, Some(1), None)]));
    history.run(&[vec![2], vec![4]], &[], &Successors::of([(1, 3), (3, 4)]));
    assert_eq!((history.of(4), history.last()), (1, vec![(Reason::Restored, None, Some(1))]));
    history.check();
}

#[test]
fn a_row_that_comes_again_is_not_whose_number_lives_on_without_it() {
    let mut history = History::new();
    history.plain(&[&[1, 2]]);
    history.plain(&[&[2]]);
    history.run(&[vec![2], vec![3]], &[], &Successors::of([(1, 3)]));
    assert_eq!((history.of(2), history.of(3)), (1, 2));
    history.check();
}

#[test]
fn a_number_merged_twice_is_of_those_who_had_it_the_second_time() {
    let mut history = History::new();
    history.plain(&[&[1, 2], &[3, 4]]);
    history.plain(&[&[1, 2, 3, 4]]);
    history.plain(&[&[1, 2], &[3, 4]]);
    history.plain(&[&[1, 2], &[3], &[4]]);
    history.plain(&[&[1, 2, 3], &[4]]);
    history.plain(&[&[1], &[2], &[4]]);
    assert_eq!((history.resolve(2), history.of(4)), (Some(1), 3), "4 had left before");
    history.check();
}

/// What may happen between two runs.
#[derive(Debug, Clone)]
enum Step {
    Arrives,
    Retires(usize),
    ComesAnew(usize),
    ComesAgain(usize),
    Agree(usize, usize),
    Disagree(usize, usize),
    Decide(usize, usize, u8),
    Identifier(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let at = 0usize..40;
    prop_oneof![
        4 => Just(Step::Arrives),
        1 => at.clone().prop_map(Step::Retires),
        2 => at.clone().prop_map(Step::ComesAnew),
        1 => at.clone().prop_map(Step::ComesAgain),
        4 => (at.clone(), at.clone()).prop_map(|(left, right)| Step::Agree(left, right)),
        2 => (at.clone(), at.clone()).prop_map(|(left, right)| Step::Disagree(left, right)),
        2 => (at.clone(), at.clone(), 0u8..3).prop_map(|(left, right, verdict)| Step::Decide(left, right, verdict)),
        1 => at.prop_map(Step::Identifier),
    ]
}

/// A hub that is played through.
#[derive(Debug, Default)]
struct Play {
    standing: Vec<i64>,
    gone: Vec<i64>,
    next: i64,
    agree: BTreeSet<(i64, i64)>,
    decided: Vec<(i64, i64, i64, Verdict)>,
    successors: Vec<(i64, i64)>,
    verified: Vec<i64>,
}

impl Play {
    fn take(&mut self, step: &Step) {
        let pick = |at: usize| (!self.standing.is_empty()).then(|| self.standing[at % self.standing.len()]);
        match *step {
            Step::Arrives => {
                self.next += 1;
                self.standing.push(self.next);
            }
            Step::Retires(at) => {
                let gone = pick(at);
                self.gone.extend(gone);
                self.standing.retain(|record| Some(*record) != gone);
            }
            Step::ComesAgain(at) if !self.gone.is_empty() => {
                self.next += 1;
                let former = self.gone.swap_remove(at % self.gone.len());
                self.successors.push((former, self.next));
                self.standing.push(self.next);
            }
            Step::ComesAgain(_) => {}
            Step::ComesAnew(at) => {
                let Some(gone) = pick(at) else { return };
                self.next += 1;
                self.successors.push((gone, self.next));
                let anew: Vec<(i64, i64)> = self
                    .agree
                    .iter()
                    .map(|&(l, r)| (if l == gone { self.next } else { l }, if r == gone { self.next } else { r }))
                    .collect();
                self.agree.extend(anew);
                self.standing.retain(|record| *record != gone);
                self.standing.push(self.next);
            }
            Step::Agree(left, right) => self.agree.extend(pick(left).zip(pick(right))),
            Step::Disagree(left, right) => {
                let (left, right) = (pick(left), pick(right));
                self.agree.retain(|pair| Some(pair.0) != left || Some(pair.1) != right);
            }
            Step::Decide(left, right, verdict) => {
                let verdict = [Verdict::Same, Verdict::Different, Verdict::Unsure][usize::from(verdict)];
                let number = i64::try_from(self.decided.len()).unwrap();
                self.decided.extend(pick(left).zip(pick(right)).map(|(left, right)| (number, left, right, verdict)));
            }
            Step::Identifier(at) => self.verified.extend(pick(at)),
        }
    }

    /// What the resolver would find: decisions first, then whatever agrees.
    fn clusters(&self, successors: &Successors) -> Vec<Vec<i64>> {
        let mut records = self.standing.clone();
        records.sort_unstable();
        let latest = |(number, left, right, verdict)| (number, successors.latest(left), successors.latest(right), verdict);
        let decisions = Decisions::of(self.decided.iter().copied().map(latest));
        let table = crate::column::Table { records: records.clone(), ..Default::default() };
        let (mut clusters, decided): (Clusters, Decided) = Decided::of(&decisions, &table, Vec::new());
        let row = |record: i64| records.binary_search(&record).ok().map(narrow);
        for (left, right) in self.agree.iter().filter_map(|&(left, right)| row(left).zip(row(right))) {
            if !decided.doubts(left, right) {
                clusters.join(left, right);
            }
        }
        let mut found: BTreeMap<u32, Vec<i64>> = BTreeMap::new();
        for (row, record) in (0u32..).zip(&records) {
            found.entry(clusters.root(row)).or_default().push(*record);
        }
        found.into_values().collect()
    }
}

fn played(runs: &[Vec<Step>], seed: u64) -> Result<History, TestCaseError> {
    let (mut play, mut history, mut dice) = (Play::default(), History::new(), Dice(seed));
    for steps in runs {
        steps.iter().for_each(|step| play.take(step));
        let successors = Successors::of(play.successors.iter().copied());
        let mut clusters = play.clusters(&successors);
        for at in (1..clusters.len()).rev() {
            clusters.swap(at, dice.below(at + 1));
        }
        history.run(&clusters, &play.verified, &successors);
        history.check();
        let numbers: BTreeSet<i64> = clusters.iter().map(|of| history.of(of[0])).collect();
        prop_assert_eq!(numbers.len(), clusters.len(), "each entity has a number of its own");
        prop_assert!(clusters.iter().all(|of| of.iter().all(|record| history.of(*record) == history.of(of[0]))));
    }
    Ok(history)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_happens_every_number_leads_to_one_entity_or_is_retired(
        runs in prop::collection::vec(prop::collection::vec(step(), 0..12), 1..12), seeds in any::<(u64, u64)>(),
    ) {
        let history = played(&runs, seeds.0)?;
        prop_assert_eq!(&history, &played(&runs, seeds.1)?, "the same runs again, clusters in another order");
        let mut quiet = history.clone();
        let same: Vec<Vec<i64>> = history.alive().iter().map(|id| history.members.iter().filter(|member| member.entity == *id).map(|member| member.record).collect()).collect();
        quiet.plain(&same.iter().map(Vec::as_slice).collect::<Vec<_>>());
        prop_assert_eq!((&quiet.members, quiet.last()), (&history.members, vec![]), "where nothing changes, nothing is said");
    }

    #[test]
    fn a_merge_undone_gives_back_every_number(
        parts in prop::collection::vec(0usize..6, 1..25), joined in prop::collection::vec((0usize..6, 0usize..6), 1..5),
        verified in prop::collection::vec(prop::collection::vec(1i64..25, 0..6), 3),
    ) {
        let cluster = |merged: &dyn Fn(usize) -> usize| {
            let mut of: BTreeMap<usize, Vec<i64>> = BTreeMap::new();
            (1i64..).zip(&parts).for_each(|(record, part)| of.entry(merged(*part)).or_default().push(record));
            of.into_values().collect::<Vec<_>>()
        };
        let mut group: Vec<usize> = (0..6).collect();
        for (left, right) in joined {
            let (from, to) = (group[left], group[right]);
            group.iter_mut().filter(|of| **of == from).for_each(|of| *of = to);
        }
        let mut history = History::new();
        history.run(&cluster(&|part| part), &verified[0], &Successors::default());
        let before: Vec<(i64, i64)> = history.members.iter().map(|member| (member.record, member.entity)).collect();
        history.run(&cluster(&|part| group[part]), &verified[1], &Successors::default());
        history.run(&cluster(&|part| part), &verified[2], &Successors::default());
        let after: Vec<(i64, i64)> = history.members.iter().map(|member| (member.record, member.entity)).collect();
        prop_assert_eq!(before, after);
        prop_assert!(history.ledger.redirects.is_empty());
        history.check();
    }
}
