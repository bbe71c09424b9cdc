//! How long it takes to carry numbers over, and how it grows: of N records (the first argument, else a million) a first run, one in which
//! nothing changes, and one in which a record in a hundred is new, comes anew, or is joined otherwise. One line of JSON a run.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints and fails")]

use std::{collections::BTreeMap, time::Instant};
use wuwei_graph::identity::{Former, Identity, Ledger, Member, Partition, Successors, carry};

fn main() {
    let records: i64 = std::env::args().filter_map(|word| word.parse().ok()).next().unwrap_or(1_000_000);
    let all: Vec<i64> = (1..=records).collect();
    let mut ledger = Ledger { run: 0, next: 1, redirects: BTreeMap::new() };
    let first = run("first", &all, |record| record - record % 3, &[], &Successors::default(), &[], &mut ledger);
    run("unchanged", &all, |record| record - record % 3, &first.members, &Successors::default(), &first.former, &mut ledger);
    let anew: Vec<(i64, i64)> = (1..=records / 200).map(|at| (at * 200, records + at)).collect();
    let gone = |record: &i64| *record % 200 == 0;
    let later: Vec<i64> =
        all.iter().copied().filter(|record| !gone(record)).chain(records + 1..=records + records / 200 + records / 100).collect();
    let group = |record: i64| if record % 500 == 1 { record } else { record - record % 3 };
    run("changed", &later, group, &first.members, &Successors::of(anew), &first.former, &mut ledger);
}

fn run(
    name: &str,
    records: &[i64],
    group: impl Fn(i64) -> i64,
    before: &[Member],
    successors: &Successors,
    former: &[Former],
    ledger: &mut Ledger,
) -> Identity {
    let mut smallest: BTreeMap<i64, i64> = BTreeMap::new();
    smallest.extend(records.iter().rev().map(|record| (group(*record), *record)));
    let smallest: Vec<i64> = records.iter().map(|record| smallest[&group(*record)]).collect();
    let verified: Vec<bool> = records.iter().map(|record| record % 4 != 0).collect();
    let now = Partition { records, smallest: &smallest, verified: &verified };
    ledger.run += 1;
    let began = Instant::now();
    let found = carry(before, &now, successors, former.iter().map(|row| Ok(*row)), ledger.clone()).unwrap();
    let seconds = began.elapsed().as_secs_f64();
    let report = found.report();
    println!(r#"{{"run":"{name}","records":{},"seconds":{seconds:.3},"report":"{report:?}"}}"#, records.len());
    *ledger = found.ledger.clone();
    found
}
