//! What the scores promise, on resolutions small enough to look at every pair, and on ones large enough to know their spread.

use super::*;
use crate::{
    column::mix,
    county::{batch, person},
};
use proptest::prelude::*;

fn labelled(entity: i64, truth: u32, source: u32) -> Labelled {
    Labelled { truth: Labelled::name(&truth.to_string()), entity, source }
}

fn scored(records: &[(i64, u32)]) -> Scores {
    judge(&records.iter().map(|&(entity, truth)| labelled(entity, truth, 0)).collect::<Vec<_>>(), None)
}

fn rate(precision: f64, recall: f64) -> [f64; 2] {
    [precision, recall]
}

/// All pairs, one by one.
fn naive(records: &[(i64, u32)]) -> ([f64; 2], [f64; 2]) {
    let (mut both, mut said, mut truth) = (0, 0, 0);
    for (at, left) in records.iter().enumerate() {
        for right in &records[at + 1..] {
            both += u32::from(left == right);
            said += u32::from(left.0 == right.0);
            truth += u32::from(left.1 == right.1);
        }
    }
    let share = |of: u32| if of == 0 { 1.0 } else { f64::from(both) / f64::from(of) };
    let mean = |of: fn(&(i64, u32), &(i64, u32)) -> bool| {
        let share = |left: &(i64, u32)| {
            let of = records.iter().filter(|right| of(left, right)).count();
            records.iter().filter(|right| left == *right).count() as f64 / of as f64
        };
        if records.is_empty() { 1.0 } else { records.iter().map(share).sum::<f64>() / records.len() as f64 }
    };
    (rate(share(said), share(truth)), rate(mean(|a, b| a.0 == b.0), mean(|a, b| a.1 == b.1)))
}

#[test]
fn a_resolution_that_is_the_truth_scores_one_and_one_that_joins_all_finds_all() {
    let perfect = scored(&[(1, 0), (1, 0), (3, 1)]);
    assert_eq!((perfect.pairwise.f1, perfect.bcubed.f1, perfect.cluster.f1), (1.0, 1.0, 1.0));
    assert_eq!(perfect.pairwise.interval.f1, [1.0, 1.0], "where nothing is wrong no sample is");
    assert!(perfect.merged.is_empty() && perfect.split.is_empty());
    let heap = scored(&[(1, 0), (1, 0), (1, 1), (1, 1)]);
    assert_eq!((heap.pairwise.precision, heap.pairwise.recall), (2.0 / 6.0, 1.0));
    assert_eq!(heap.cluster.precision, 0.0);
}

#[test]
fn who_was_joined_and_who_was_split_is_counted() {
    let scores = scored(&[(1, 0), (1, 0), (1, 1), (2, 2), (3, 2), (4, 2), (5, 3), (5, 4)]);
    assert_eq!(scores.merged, [Mixed { of: 2, count: 2, records: 5 }]);
    assert_eq!(scores.split, [Mixed { of: 3, count: 1, records: 3 }]);
}

#[test]
fn pairs_are_told_by_where_their_records_came_from() {
    let records = [labelled(1, 0, 7), labelled(1, 0, 8), labelled(2, 0, 8), labelled(2, 1, 8)];
    let expected = [Between { left: 7, right: 8, pairs: 2, said: 1, both: 1 }, Between { left: 8, right: 8, pairs: 1, said: 1, both: 0 }];
    assert_eq!(judge(&records, None).sources, expected);
}

#[test]
fn two_values_of_an_exclusive_property_in_one_cluster_are_a_conflict() {
    let stated = vec![(1, 10), (1, 10), (2, 11), (2, 12), (2, 11), (3, 13)];
    assert_eq!(conflicts(stated), Conflicts { clusters: 1, records: 3 });
}

/// Of 4,000 entities of two records each, those whose number `is_found` says are found; the rest are split.
fn half_found(is_found: impl Fn(u32) -> bool) -> Scores {
    let pair = |truth: u32| {
        let (first, second) = (i64::from(truth) * 2, i64::from(truth) * 2 + i64::from(!is_found(truth)));
        [(first, truth), (second, truth)]
    };
    scored(&(0..4000).flat_map(pair).collect::<Vec<_>>())
}

#[test]
fn intervals_are_as_wide_as_chance_makes_them() {
    let scores = half_found(|truth| mix(1, u64::from(truth)).is_multiple_of(10));
    let recall = scores.pairwise.recall;
    let [low, high] = scores.pairwise.interval.recall;
    // 95 % of a binomial share lie within 1.96 standard errors.
    let expected = 2.0 * 1.96 * (recall * (1.0 - recall) / 4000.0).sqrt();
    assert!(low < recall && recall < high);
    assert!(((high - low) / expected - 1.0).abs() < 0.15, "{low} to {high}, expected a width of {expected}");
    assert_eq!(scores, half_found(|truth| mix(1, u64::from(truth)).is_multiple_of(10)), "the same in every run");
}

#[test]
fn only_what_singles_a_person_out_is_linkable() {
    // Each entity's records; everybody stands in a cluster of their own, so that nothing is found.
    let people = |extra: &[(u32, [&str; 4])]| {
        let other = |other: u32| (other, [format!("名{}", other % 400), format!("{}", other % 800), String::new(), String::new()]);
        let own = extra.iter().map(|(truth, row)| (*truth, row.map(str::to_owned)));
        linkable_pairs(&own.chain((100..1100).map(other)).collect::<Vec<_>>())
    };
    assert_eq!(people(&[(1, ["王伟", "", "", ""]), (1, ["王伟", "", "", ""])]), 0, "a name alone, however rare here");
    assert_eq!(people(&[(1, ["王伟", "1", "", ""]), (1, ["王伟", "1", "", ""])]), 1, "name and date");
    assert_eq!(people(&[(1, ["王伟", "1", "", ""]), (1, ["王伟", "1", "", ""]), (2, ["王伟", "1", "", ""])]), 0, "another has them too");
    assert_eq!(people(&[(1, ["王伟", "1", "", "Z"]), (1, ["李娜", "2", "", "Z"])]), 1, "an identifier");
    assert_eq!(
        people(&[(1, ["王伟", "1", "", "Z"]), (1, ["李娜", "2", "", "Z"]), (2, ["赵敏", "3", "", "Z"])]),
        0,
        "not one that two carry"
    );
    let slip = [(1, ["王伟", "1", "10", ""]), (1, ["王玮", "1", "10", ""])];
    assert_eq!(people(&slip), 1, "a slip excuses nobody while the rest singles out");
    let chain = [(1, ["王伟", "1", "", ""]), (1, ["王伟", "1", "", "Z"]), (1, ["", "", "10", "Z"])];
    assert_eq!(people(&chain), 3, "over a third record");
}

/// Records as name, birth date, phone and id.
fn linkable_pairs(rows: &[(u32, [String; 4])]) -> u64 {
    let mut evidence = Evidence::new(person().matching.as_ref().unwrap());
    let cells = |row: &[String; 4]| {
        ["name", "birth_date", "phone", "id_no"]
            .into_iter()
            .map(str::to_owned)
            .zip(row.clone())
            .filter(|(_, value)| !value.is_empty())
            .collect()
    };
    let stated: Vec<_> = (0..).zip(rows).map(|(record, (_, row))| (record, cells(row))).collect();
    evidence.add(&batch(&person(), &stated), &(0..rows.len()).collect::<Vec<_>>()).unwrap();
    let records: Vec<Labelled> = (0..).zip(rows).map(|(entity, (truth, _))| labelled(entity, *truth, 0)).collect();
    let linkable = judge(&records, Some(&evidence)).linkable.unwrap();
    assert_eq!(linkable.found, 0);
    linkable.pairs
}

proptest! {
    #[test]
    fn counts_give_what_looking_at_every_pair_gives(records in proptest::collection::vec((0i64..5, 0u32..5), 0..40)) {
        let (pairwise, bcubed) = naive(&records);
        let scores = scored(&records);
        prop_assert_eq!(rate(scores.pairwise.precision, scores.pairwise.recall), pairwise);
        for (fast, slow) in [(scores.bcubed.precision, bcubed[0]), (scores.bcubed.recall, bcubed[1])] {
            prop_assert!((fast - slow).abs() < 1e-12);
        }
    }

    #[test]
    fn the_order_of_records_does_not_matter(mut records in proptest::collection::vec((0i64..5, 0u32..5), 0..40)) {
        let scores = scored(&records);
        records.reverse();
        prop_assert_eq!(scored(&records), scores);
    }
}
