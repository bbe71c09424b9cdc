//! What is kept of a run weighs as the run did, to the last bit.

use super::*;
use crate::{
    Decisions,
    county::{batch, county, person},
    resolve::{Resolution, Way, resolve, resolve_with},
};
use arrow_array::RecordBatch;
use proptest::prelude::*;
use wuwei_schema::learned;

/// A model through its tables and back; rows of each table in that order.
fn read_back(model: &MatchModel, reverse: bool) -> MatchModel {
    let mut rows = model.rows().unwrap();
    if reverse {
        rows.reverse();
    }
    let of = |table: &'static str| rows.iter().filter(move |(name, _)| *name == table).map(|(_, batch)| Ok(batch.clone()));
    MatchModel::read(of(learned::MODEL), of(learned::LEVEL), of(learned::FREQUENCY)).unwrap().remove(&model.entity).unwrap()
}

fn county_batch(households: usize, seed: u64) -> RecordBatch {
    let rows: Vec<_> = county(households, seed).into_iter().map(|(id, cells, _)| (id, cells)).collect();
    batch(&person(), &rows)
}

fn learned_from(records: &RecordBatch) -> Resolution {
    resolve(&person(), std::iter::once(Ok(records.clone())), &Decisions::default()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn a_resolution_by_what_was_learned_is_the_one_that_learned_it(seed in any::<u64>(), households in 40usize..160, reverse in any::<bool>()) {
        let records = county_batch(households, seed);
        let first = learned_from(&records);
        let model = first.model.unwrap();
        let kept = read_back(&model, reverse);
        prop_assert_eq!(&kept, &model, "tables hold all of it");
        let mut again = resolve_with(&person(), std::iter::once(Ok(records)), &Decisions::default(), &kept).unwrap();
        prop_assert!(again.model.is_none() && again.counts.is_empty(), "nothing is learned");
        prop_assert_eq!(again.report.way.replace(Way::Learned), Some(Way::Weighed));
        prop_assert_eq!(first.pair.whole(), again.pair.whole(), "weights to the last bit");
        prop_assert_eq!((first.link, first.verified), (again.link, again.verified));
        prop_assert_eq!(format!("{:?}", first.report), format!("{:?}", again.report));
    }
}

#[test]
fn a_pair_weighs_the_same_among_fewer_records() {
    let records = county_batch(150, 3);
    let whole = learned_from(&records);
    let half = records.slice(0, records.num_rows() / 2);
    let part = resolve_with(&person(), std::iter::once(Ok(half)), &Decisions::default(), whole.model.as_ref().unwrap()).unwrap();
    let weights = |found: &Resolution| -> BTreeMap<(i64, i64), u64> {
        let pair = found.pair.whole();
        let [left, right] = ["left", "right"].map(|side| crate::batch::integers(&pair, side).unwrap().values().to_vec());
        let weights = crate::batch::numbers(&pair, "weight").unwrap().values().iter().map(|weight| weight.to_bits());
        left.into_iter().zip(right).zip(weights).collect()
    };
    let (whole, part) = (weights(&whole), weights(&part));
    let both = part.iter().filter_map(|(pair, weight)| Some((weight, whole.get(pair)?)));
    assert!(both.clone().count() > 20 && both.clone().all(|(one, other)| one == other), "what was counted is not counted anew");
}

#[test]
fn what_singles_somebody_out_is_not_kept() {
    let records = county_batch(120, 3);
    let model = learned_from(&records).model.unwrap();
    let rows = model.rows().unwrap();
    let frequencies: Vec<&RecordBatch> = rows.iter().filter(|(name, _)| *name == learned::FREQUENCY).map(|(_, batch)| batch).collect();
    let mut seen = [0, 0];
    for batch in frequencies {
        let (what, carriers) = (crate::batch::Texts::of(batch, "what").unwrap(), crate::batch::integers(batch, "carriers").unwrap());
        for row in 0..batch.num_rows() {
            let is_muted = what.owned(row) == "muted";
            assert!(is_muted || carriers.value(row) >= 3);
            seen[usize::from(is_muted)] += 1;
        }
    }
    assert!(seen[0] > 100 && seen[1] == 1, "the clerk's phone is muted: {seen:?}");
}

#[test]
fn a_model_of_other_comparisons_is_refused() {
    let records = county_batch(60, 5);
    let model = learned_from(&records).model.unwrap();
    let mut entity = person();
    entity.matching.as_mut().unwrap().compare.retain(|property| property != "phone");
    let found = resolve_with(&entity, std::iter::once(Ok(records)), &Decisions::default(), &model);
    assert!(matches!(found, Err(Error::Unfit { .. })));
}
