//! Whatever comes, goes and is decided, in whatever order and however often it is resolved in between: the outcome is that of resolving all of
//! it at once by the same model.

use crate::{
    Decisions, MatchModel, Verdict,
    county::{Cells, Dice, batch, person, shuffled, town},
    resolve::{Before, Resolution, Way, resolve, resolve_since, resolve_with},
};
use arrow_array::RecordBatch;
use std::collections::BTreeSet;

/// A hub, as far as resolving goes: what there is, what is decided, and what the last resolution left behind.
struct Town<'a> {
    said: &'a [Cells],
    model: &'a MatchModel,
    standing: BTreeSet<i64>,
    decided: Vec<(i64, i64, i64, Verdict)>,
    /// Who was ever decided on.
    ever: BTreeSet<i64>,
    stood: Vec<i64>,
    link: Option<RecordBatch>,
    pairs: Option<RecordBatch>,
    compared: u64,
}

impl<'a> Town<'a> {
    fn new(said: &'a [Cells], model: &'a MatchModel) -> Town<'a> {
        Town {
            said,
            model,
            standing: BTreeSet::new(),
            decided: Vec::new(),
            ever: BTreeSet::new(),
            stood: Vec::new(),
            link: None,
            pairs: None,
            compared: 0,
        }
    }

    fn rows(&self, records: impl Iterator<Item = i64>) -> RecordBatch {
        let cells = |record: i64| self.said[usize::try_from(record).unwrap() - 1].clone();
        batch(&person(), &records.map(|record| (record, cells(record))).collect::<Vec<_>>())
    }

    fn decisions(&self) -> Decisions {
        Decisions::of(self.decided.iter().copied())
    }

    fn decide(&mut self, number: i64, left: i64, right: i64, verdict: Verdict) {
        self.decided.push((number, left, right, verdict));
        self.ever.extend([left, right]);
    }

    /// All at once.
    fn whole(&self) -> Resolution {
        let rows = self.rows(self.standing.iter().copied());
        resolve_with(&person(), std::iter::once(Ok(rows)), &self.decisions(), self.model).unwrap()
    }

    /// What came since.
    fn step(&mut self) -> Resolution {
        let gone = self.rows(self.stood.iter().copied().filter(|record| !self.standing.contains(record)));
        let pairs = self.pairs.take().into_iter().map(Ok);
        let link = self.link.take().into_iter().map(Ok);
        let before = Before { model: self.model, records: &self.stood, decided: &self.ever, link, pairs, gone: std::iter::once(Ok(gone)) };
        let rows = self.rows(self.standing.iter().copied());
        let found = resolve_since(&person(), std::iter::once(Ok(rows)), &self.decisions(), before).unwrap();
        assert_eq!(found.report.way, Some(Way::Increment));
        self.compared += found.report.compared;
        self.stood = self.standing.iter().copied().collect();
        (self.link, self.pairs) = (Some(found.link.whole()), Some(found.pair.whole()));
        found
    }
}

fn assert_same(found: &Resolution, whole: &Resolution, told: &str) {
    assert_eq!(found.pair.whole(), whole.pair.whole(), "{told}");
    assert_eq!((&found.link, &found.verified), (&whole.link, &whole.verified), "{told}");
    assert_eq!(found.report.entities, whole.report.entities);
}

/// Of the county alone: what crowds share is rare there, so that it weighs.
fn learned(said: &[Cells]) -> MatchModel {
    let rows: Vec<(i64, Cells)> = (1..).zip(said.iter().take(1_000).cloned()).collect();
    resolve(&person(), std::iter::once(Ok(batch(&person(), &rows))), &Decisions::default()).unwrap().model.unwrap()
}

#[test]
fn one_ten_or_a_hundred_arrivals_in_any_order_end_in_the_same_partition() {
    let said = town();
    let model = learned(&said);
    for batches in [1, 10, 100] {
        for seed in 0..5 {
            let mut town = Town::new(&said, &model);
            let order = shuffled(&mut Dice(seed), said.len());
            for (at, arrived) in order.chunks(said.len().div_ceil(batches)).enumerate() {
                town.standing.extend(arrived);
                let found = town.step();
                if at % 13 == 0 || town.standing.len() == said.len() {
                    assert_same(&found, &town.whole(), &format!("batch {at} of {batches}, order {seed}"));
                }
            }
            assert_eq!(town.standing.len(), said.len());
        }
    }
}

#[test]
fn what_goes_and_what_is_decided_and_taken_back_leaves_what_all_at_once_would() {
    let said = town();
    let model = learned(&said);
    let verdicts = [Verdict::Same, Verdict::Different, Verdict::Unsure];
    for seed in 0..6 {
        let mut dice = Dice(seed);
        let mut town = Town::new(&said, &model);
        town.standing.extend(shuffled(&mut dice, said.len()).into_iter().take(said.len() * 3 / 4));
        town.step();
        for step in 0..14 {
            let all = shuffled(&mut dice, said.len());
            for record in &all[..dice.below(12)] {
                if !town.standing.remove(record) {
                    town.standing.insert(*record);
                }
            }
            // Those whose name or number is another's too are decided on most.
            let near = |at: usize| all[at % all.len()].max(1);
            for at in 0..dice.below(4) {
                let (left, right) = (near(20 + at), if dice.below(2) == 0 { near(40 + at) } else { (near(20 + at) % 78) + 1 });
                town.decide(step * 10 + i64::try_from(at).unwrap(), left, right, verdicts[dice.below(3)]);
            }
            if dice.below(3) == 0 && !town.decided.is_empty() {
                let taken_back = dice.below(town.decided.len());
                town.decided.remove(taken_back);
            }
            assert_same(&town.step(), &town.whole(), &format!("step {step} of {seed}"));
        }
    }
}

#[test]
fn a_record_more_costs_its_own_pairs() {
    let said = town();
    let model = learned(&said);
    let mut town = Town::new(&said, &model);
    town.standing.extend((1..=i64::try_from(said.len()).unwrap()).filter(|record| *record != 11));
    town.step();
    let all = std::mem::take(&mut town.compared);
    town.standing.insert(11);
    let found = town.step();
    assert!(found.report.again * 2 < found.report.records, "{:?}", found.report);
    assert!(found.report.compared * 10 < all, "{} of {all}", found.report.compared);
    assert!(found.report.carried * 10 > found.report.kept * 8, "{:?}", found.report);
}

#[test]
fn where_what_is_gone_is_not_told_everything_is_compared() {
    let said = town();
    let model = learned(&said);
    let mut town = Town::new(&said, &model);
    town.standing.extend(1..=200);
    town.step();
    town.standing.remove(&5);
    let rows = town.rows(town.standing.iter().copied());
    let before = Before {
        model: &model,
        records: &town.stood,
        decided: &town.ever,
        link: town.link.take().into_iter().map(Ok),
        pairs: town.pairs.take().into_iter().map(Ok),
        gone: std::iter::empty(),
    };
    let found = resolve_since(&person(), std::iter::once(Ok(rows)), &Decisions::default(), before).unwrap();
    assert_eq!(found.report.way, Some(Way::Weighed));
    assert_same(&found, &town.whole(), "all");
    assert_eq!(found.link.records().len(), 199);
}
