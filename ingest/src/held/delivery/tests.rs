//! What stands after a delivery, told by small stocks and held against models that know nothing of how it is done.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn row(key: i64, hash: i64, first: i64, observed: i64) -> HeldRow {
    HeldRow { key, hash, first, last: first, observed }
}

fn retired(delivery: &mut Delivery) -> Vec<(i64, &'static str)> {
    delivery.close();
    let mut all: Vec<_> = delivery.retired.drain(..).map(|retired| (retired.first, retired.why.name())).collect();
    all.sort_unstable();
    all
}

/// A full delivery against three rows held, keys 1 to 3 and hashes ten times those.
fn stock() -> Delivery {
    Delivery::new(Terms::Full, Held::of(vec![row(1, 10, 1, 0), row(2, 20, 2, 0), row(3, 30, 3, 0)]))
}

#[test]
fn a_full_delivery_retires_what_it_has_no_more_and_keeps_what_it_has_once() {
    let mut delivery = stock();
    assert_eq!(delivery.judge(1, 10, 0), Step::Unchanged);
    assert_eq!(delivery.judge(2, 21, 0), Step::Keep);
    delivery.keep(row(2, 21, 4, 0));
    assert_eq!(delivery.judge(2, 21, 0), Step::Keep);
    delivery.keep(row(2, 21, 5, 0));
    assert_eq!(retired(&mut delivery), [(2, "replaced"), (3, "absent"), (4, "repeated")]);
}

#[test]
fn a_delta_replaces_by_key_deletes_by_mark_and_never_goes_back_in_time() {
    let held = vec![row(1, 10, 1, 20_260_301), row(2, 20, 2, 20_260_301), row(3, 30, 3, 0), row(4, 40, 4, 20_260_301)];
    let mut delivery = Delivery::new(Terms::Delta, Held::of(held));
    assert_eq!(delivery.judge(1, 11, 20_260_201), Step::Stale);
    assert_eq!(delivery.judge(1, 10, 20_260_301), Step::Unchanged);
    assert_eq!(delivery.judge(2, 22, 20_260_401), Step::Keep);
    delivery.keep(row(2, 22, 5, 20_260_401));
    delivery.keep(row(2, 23, 6, 20_260_402));
    assert_eq!(delivery.judge(3, DELETED, 20_260_401), Step::Bury);
    delivery.keep(row(3, DELETED, 7, 20_260_401));
    assert_eq!(delivery.judge(4, DELETED, 20_260_201), Step::Stale, "a deletion of before the row");
    assert_eq!(delivery.judge(9, 90, 0), Step::Keep);
    assert_eq!(retired(&mut delivery), [(2, "replaced"), (3, "deleted"), (5, "repeated")]);
}

#[test]
fn a_deletion_is_remembered() {
    let mut delivery = Delivery::new(Terms::Delta, Held::of(vec![row(1, DELETED, 1, 20_260_301), row(2, DELETED, 2, 20_260_301)]));
    assert_eq!(delivery.judge(1, 10, 20_260_201), Step::Stale);
    assert_eq!(delivery.judge(2, 20, 20_260_401), Step::Keep);
    delivery.keep(row(2, 20, 3, 20_260_401));
    assert_eq!(retired(&mut delivery), [(2, "undone")]);
}

#[test]
fn a_refused_row_leaves_what_is_held_of_it_standing() {
    let mut delivery = stock();
    delivery.refuse(1, None);
    delivery.judge(2, 20, 0);
    assert_eq!((retired(&mut delivery), delivery.spared()), (vec![(3, "absent")], 0));
}

#[test]
fn who_may_be_a_row_that_was_refused_is_not_gone() {
    let absent = |tell: fn(&mut Delivery)| {
        let mut delivery = stock();
        delivery.judge(2, 21, 0);
        delivery.keep(row(2, 21, 4, 0));
        tell(&mut delivery);
        (retired(&mut delivery), delivery.spared())
    };
    let replaced = (2, "replaced");
    assert_eq!(absent(|_| {}), (vec![(1, "absent"), replaced, (3, "absent")], 0));
    let gone = vec![(1, "absent"), replaced, (3, "absent")];
    assert_eq!(absent(|delivery| delivery.refuse(7, None)), (gone.clone(), 0), "its key is sound: it is new");
    assert_eq!(absent(|delivery| delivery.refuse(7, Some(70))), (gone, 0), "nothing that is held says the same");
    assert_eq!(absent(|delivery| delivery.refuse(7, Some(30))), (vec![(1, "absent"), replaced], 1), "its number has become wrong");
    assert_eq!(absent(|delivery| delivery.refuse_unread(1)), (vec![replaced], 1), "its key may be another's");
    let mut all_refused = stock();
    all_refused.refuse(1, None);
    assert_eq!((retired(&mut all_refused), all_refused.spared()), (vec![], 2), "no row was accepted");
}

#[test]
fn what_may_not_be_kept_goes_whatever_else_the_file_says_of_it() {
    for terms in [Terms::Full, Terms::Delta] {
        let mut delivery = Delivery::new(terms, Held::of(vec![row(1, 10, 1, 20_260_301), row(2, 20, 2, 20_260_301)]));
        delivery.judge(2, 20, 20_260_301);
        delivery.judge(1, 11, 20_260_401);
        delivery.keep(row(1, 11, 3, 20_260_401));
        delivery.exclude(1);
        assert_eq!(retired(&mut delivery), [(1, "excluded"), (3, "excluded")], "{terms:?}");
    }
}

#[test]
fn a_mended_row_replaces_only_what_it_must_be() {
    let held = [row(1, 10, 1, 0), row(2, 20, 2, 0), row(2, 21, 3, 0), row(3, 30, 4, 0), row(4, 40, 5, LATER)];
    let mut delivery = Delivery::new(Terms::Mended, Held::of(held.to_vec()));
    for (key, hash, first) in [(1, 11, 11), (2, 22, 12), (3, 31, 13), (3, 32, 14), (9, 90, 15)] {
        assert_eq!(delivery.judge(key, hash, 0), Step::Keep, "{key}");
        delivery.keep(row(key, hash, first, 0));
    }
    assert_eq!(delivery.judge(4, 41, 0), Step::Stale, "it came anew meanwhile");
    assert_eq!(retired(&mut delivery), [(1, "replaced")], "of 2 two are held, of 3 two were mended");
}

/// What a delta says of a key: which of its versions, none for a deletion, on which day, 0 for none.
type Change = (i64, Option<i64>, i64);

/// Lets a file in and gives the rows that stand afterwards.
fn after(terms: Terms, standing: Vec<HeldRow>, file: &[Change], first: i64) -> Result<Vec<HeldRow>, TestCaseError> {
    let mut standing: BTreeMap<i64, HeldRow> = standing.into_iter().map(|row| (row.first, row)).collect();
    let mut delivery = Delivery::new(terms, Held::of(standing.values().copied().collect()));
    for ((key, version, day), first) in file.iter().zip(first..) {
        let hash = version.map_or(DELETED, |version| 1 + version * 10 + day);
        if [Step::Keep, Step::Bury].contains(&delivery.judge(*key, hash, *day)) {
            delivery.keep(row(*key, hash, first, *day));
            standing.insert(first, row(*key, hash, first, *day));
        }
    }
    for (first, why) in retired(&mut delivery) {
        prop_assert!(standing.remove(&first).is_some(), "{first} {why}: retired twice");
    }
    Ok(standing.into_values().collect())
}

proptest! {
    /// However deltas are cut into files, of each key the latest stands: the last one told that is no older than the one before.
    #[test]
    fn after_deltas_the_latest_of_each_key_stands(
        files in prop::collection::vec(prop::collection::vec((0i64..4, prop::option::weighted(0.7, 0i64..3), 0i64..4), 0..8), 1..5),
    ) {
        let mut standing = Vec::new();
        let mut model: BTreeMap<i64, (Option<i64>, i64)> = BTreeMap::new();
        for (file, first) in files.iter().zip((0..).step_by(100)) {
            standing = after(Terms::Delta, standing, file, first)?;
            for (key, version, day) in file {
                if model.get(key).is_none_or(|(_, known)| *day == 0 || known <= day) {
                    model.insert(*key, (*version, *day));
                }
            }
            let mut found: Vec<Change> = Vec::new();
            for HeldRow { key, hash, observed, .. } in &standing {
                found.push((*key, (*hash != DELETED).then(|| (hash - 1) / 10), *observed));
            }
            found.sort_unstable();
            let expected: Vec<Change> = model.iter().map(|(key, (version, day))| (*key, *version, *day)).collect();
            prop_assert_eq!(found, expected);
        }
    }

    /// Whatever a full delivery says, what stands after it is what it says, each once.
    #[test]
    fn after_a_full_delivery_stands_what_it_says(
        before in prop::collection::btree_set(0i64..30, 0..30),
        now in prop::collection::vec(0i64..30, 0..60),
    ) {
        let change = |number: &i64| (number / 3, Some(*number), 0);
        let before: Vec<Change> = before.iter().map(change).collect();
        let now: Vec<Change> = now.iter().map(change).collect();
        let standing = after(Terms::Full, after(Terms::Full, Vec::new(), &before, 0)?, &now, 1000)?;
        let mut stands: Vec<i64> = standing.iter().map(|row| (row.hash - 1) / 10).collect();
        stands.sort_unstable();
        let says: BTreeSet<i64> = now.iter().filter_map(|change| change.1).collect();
        prop_assert_eq!(stands, says.into_iter().collect::<Vec<_>>());
    }
}
