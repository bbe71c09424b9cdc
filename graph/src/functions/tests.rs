//! What the functions say of two rows is what the engine says of them among all others.

use super::*;
use crate::{
    Decisions,
    batch::{integers, numbers},
    compare::level,
    county::{batch, county, person},
    resolve::resolve,
};
use std::collections::BTreeMap;

/// A county, its records as features, and what resolving it finds.
fn resolved() -> (StructArray, crate::Resolution) {
    let rows: Vec<_> = county(150, 3).into_iter().map(|(id, cells, _)| (id, cells)).collect();
    let records = batch(&person(), &rows);
    let found = resolve(&person(), std::iter::once(Ok(records.clone())), &Decisions::default()).unwrap();
    let features = features(&person(), found.model.as_ref(), &StructArray::from(records)).unwrap();
    (features, found)
}

/// The features of these records, which are numbered from 1.
fn taken(features: &StructArray, records: &Int64Array) -> StructArray {
    let rows = records.iter().map(|record| record.map(|record| u64::try_from(record).unwrap() - 1)).collect::<UInt64Array>();
    let columns = features.columns().iter().map(|column| arrow_select::take::take(column, &rows, None).unwrap()).collect();
    StructArray::try_new(features.fields().clone(), columns, None).unwrap()
}

#[test]
fn two_rows_weigh_what_they_weigh_among_all() {
    let (all, found) = resolved();
    let model = found.model.unwrap();
    let pair = found.pair.whole();
    let [left, right] = ["left", "right"].map(|side| taken(&all, integers(&pair, side).unwrap()));
    let patterns = pattern(&person(), &left, &right).unwrap();
    let weights = weight(&person(), &model, &patterns, &left, &right).unwrap();
    assert_eq!(&weights, numbers(&pair, "weight").unwrap(), "to the last bit");
    let refused = refuses(&person(), &left, &right).unwrap();
    assert_eq!(refused.true_count(), 0, "what was kept is not refused");
    let terms = terms(&person(), &model, &left, &right).unwrap();
    for row in 0..weights.len() {
        let terms = terms.value(row);
        let terms = terms.as_struct();
        let sums = terms.column_by_name("sum").unwrap().as_primitive::<arrow_array::types::Float64Type>();
        assert_eq!(sums.value(sums.len() - 1).to_bits(), weights.value(row).to_bits());
        let levels = terms.column_by_name("level").unwrap().as_primitive::<arrow_array::types::Int64Type>();
        assert_eq!(levels.value(1), i64::from(level(patterns.value(row), 0)), "the name is compared first");
    }
}

#[test]
fn what_was_kept_has_a_first_key_and_clerks_phones_are_none() {
    let (all, found) = resolved();
    let keys = keys(&person(), &all).unwrap();
    assert_eq!(keys.len(), all.len());
    assert_eq!(keys.value(0).len(), person().matching.unwrap().block.len());
    let phones = all.column_by_name("phone").unwrap();
    assert!(phones.as_string::<i32>().iter().flatten().all(|phone| phone != "12099999999"), "too many carry it");
    let place: BTreeMap<i64, u32> = (1i64..).zip(0u32..).take(all.len()).collect();
    let pair = found.pair.whole();
    let lists = |side: &str| {
        let rows =
            integers(&pair, side).unwrap().iter().map(|record| record.map(|record| place[&record])).collect::<arrow_array::UInt32Array>();
        arrow_select::take::take(&keys, &rows, None).unwrap().as_list::<i32>().clone()
    };
    let first = first_key(&lists("left"), &lists("right"));
    let said = crate::batch::Texts::of(&pair, "key").unwrap();
    let alone = (0..first.len()).filter(|&row| said.owned(row) != "same");
    assert!(alone.clone().count() > 50 && alone.clone().all(|row| first.is_valid(row)));
}

#[test]
fn a_model_of_other_comparisons_does_not_fit() {
    let (_, found) = resolved();
    let model = found.model.unwrap();
    let mut other = person();
    other.matching.as_mut().unwrap().compare.pop();
    assert!(fits(&person(), &model) && !fits(&other, &model));
}
