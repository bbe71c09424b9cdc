//! Who is who on an invented county and on the cases that go wrong elsewhere.

use super::*;
use crate::{
    batch::{Texts, numbers},
    county::{Dice, Known, batch, county, id_no, person, records},
    evaluate::evaluate,
    weigh::odds,
};
use arrow_array::RecordBatch;
use proptest::prelude::*;
use std::collections::BTreeMap;
use wuwei_schema::Kind;

fn resolved(rows: RecordBatch) -> Resolution {
    resolve(&person(), std::iter::once(Ok(rows)), &Decisions::default()).unwrap()
}

/// The entity of each record, and its tier.
fn entities(resolution: &Resolution) -> Vec<(i64, String)> {
    let link = resolution.link.whole();
    let (tiers, entities) = (Texts::of(&link, "tier").unwrap(), resolution.link.entities());
    (0..link.num_rows()).map(|row| (entities.value(row), tiers.owned(row))).collect()
}

fn ids(resolution: &Resolution) -> Vec<i64> {
    entities(resolution).into_iter().map(|(entity, _)| entity).collect()
}

fn county_batch(known: &[Known]) -> RecordBatch {
    let rows: Vec<(i64, BTreeMap<String, String>)> = known.iter().map(|(id, cells, _)| (*id, cells.clone())).collect();
    batch(&person(), &rows)
}

const ID: &str = "990101198503070017";

#[test]
fn one_id_is_one_person_in_every_department() {
    let old = Kind::CitizenId.clean("990101850307001", &wuwei_schema::Codes::default()).unwrap().into_owned();
    let found = resolved(records(&[
        (5, &[("id_no", ID), ("name", "王小明")]),
        (2, &[("id_no", &old), ("name", "王晓明"), ("birth_date", "1985-03-07")]),
        (9, &[("id_no", ID), ("birth_date", "1985-03")]),
    ]));
    assert_eq!(entities(&found), [(2, "id".to_owned()), (2, "id".to_owned()), (2, "id".to_owned())]);
}

#[test]
fn a_guardians_number_on_the_child_does_not_make_them_one() {
    let found = resolved(records(&[
        (1, &[("id_no", ID), ("name", "王建国")]),
        (2, &[("id_no", ID), ("name", "王建国"), ("birth_date", "1985-03-07")]),
        (3, &[("id_no", ID), ("name", "王子轩"), ("birth_date", "2015-09-01")]),
        (4, &[("id_no", ID), ("name", "王子轩")]),
        (5, &[("id_no", ID), ("name", "李大伟")]),
    ]));
    assert_eq!(found.report.identify[0].hubs, 1, "three names carry it: it proves nothing");
    let found = resolved(records(&[
        (1, &[("id_no", ID), ("name", "王建")]),
        (2, &[("id_no", ID), ("name", "王建"), ("birth_date", "1985-03-07")]),
        (3, &[("id_no", ID), ("name", "王建明"), ("birth_date", "2015-09-01")]),
    ]));
    assert_eq!(ids(&found), [1, 1, 3], "one character apart and born thirty years apart");
}

#[test]
fn a_child_without_a_stated_birth_date_is_still_not_its_father() {
    let found = resolved(records(&[
        (1, &[("id_no", ID), ("name", "王建国"), ("birth_date", "1985-03-07")]),
        (2, &[("id_no", ID), ("name", "王子轩")]),
    ]));
    assert_eq!(ids(&found), [1, 2]);
}

#[test]
fn a_name_written_quite_differently_needs_the_birth_date() {
    let found = resolved(records(&[
        (1, &[("id_no", ID), ("name", "王建国"), ("birth_date", "1985-03-07")]),
        (2, &[("id_no", ID), ("name", "王铁柱"), ("birth_date", "1985-03-07")]),
    ]));
    assert_eq!(ids(&found), [1, 1], "a changed name");
}

#[test]
fn a_clerks_own_number_joins_nobody() {
    let names = ["王建国", "李大伟", "张静", "刘洋", "陈丽"];
    let rows: Vec<(i64, Vec<(&str, &str)>)> = (1..).zip(names).map(|(id, name)| (id, vec![("id_no", ID), ("name", name)])).collect();
    let rows: Vec<(i64, &[(&str, &str)])> = rows.iter().map(|(id, cells)| (*id, cells.as_slice())).collect();
    let found = resolved(records(&rows));
    assert_eq!(ids(&found), [1, 2, 3, 4, 5]);
    assert_eq!((found.report.identify[0].hubs, found.report.identify[0].joined), (1, 0));
}

#[test]
fn two_valid_ids_are_never_one_person_whatever_else_agrees() {
    let other = id_no("1985-03-07", 3);
    let same: &[(&str, &str)] =
        &[("name", "欧阳海"), ("birth_date", "1985-03-07"), ("phone", "12000000001"), ("permit_no", "J99010120260001")];
    let with = |id: &'static str| [same, &[("id_no", id)]].concat();
    let other: &'static str = other.leak();
    let found = resolved(records(&[(1, &with(ID)), (2, &with(other)), (3, same)]));
    let ids = ids(&found);
    assert_ne!(ids[0], ids[1]);
    let permits = found.report.identify.iter().find(|list| list.identify == "permit_no").unwrap();
    assert_eq!((permits.contested, permits.joined), (1, 0), "nobody knows whose the third record is");
}

#[test]
fn what_is_said_twice_is_one_only_if_it_would_be_joined() {
    let said: &[(&str, &str)] = &[("name", "欧阳海"), ("birth_date", "1985-03-07"), ("phone", "12000000001")];
    let (_, ids) = county_and(&[said, said, &[("name", "欧阳海")], &[("name", "欧阳海")]]);
    assert_eq!(ids[0], ids[1], "name, day and phone");
    assert!(ids[2] != ids[3] && ids[2] != ids[0], "a name alone is anybody's");
    let found = resolved(records(&[(3, &[("id_no", ID)]), (1, &[("id_no", ID)]), (2, &[("name", "王明")]), (4, &[("name", "王明")])]));
    assert_eq!(
        entities(&found).iter().map(|(id, tier)| (*id, tier.as_str())).collect::<Vec<_>>(),
        [(1, "id"), (2, "single"), (1, "id"), (4, "single")]
    );
    assert_eq!((found.report.copies, found.report.entities), (2, 3));
}

#[test]
fn a_masked_number_and_the_name_find_the_person_and_no_other() {
    let (id, other) = (id_no("1985-03-07", 7), id_no("1985-03-07", 8));
    let masked = |id: &str| format!("{}********{}", &id[..6], &id[14..]);
    let (own, wrong) = (masked(&id), masked(&other));
    let (_, ids) = county_and(&[
        &[("id_no", &id), ("name", "欧阳海"), ("birth_date", "1985-03-07")],
        &[("id_no_masked", &own), ("name", "欧阳海")],
        &[("id_no_masked", &wrong), ("name", "欧阳海")],
        &[("id_no_masked", &wrong), ("name", "欧阳海"), ("birth_date", "1985-03-07")],
    ]);
    assert_eq!(ids[0], ids[1]);
    assert!(ids[2] != ids[0] && ids[3] != ids[0], "what it shows is not his, whatever else agrees");
}

#[test]
fn a_student_number_that_contains_the_id_is_the_id() {
    let student: &'static str = format!("G{ID}").leak();
    let found = resolved(records(&[(1, &[("id_no", ID), ("name", "王小明")]), (2, &[("student_no", student), ("name", "王小明")])]));
    assert_eq!(entities(&found), [(1, "id".to_owned()), (1, "id".to_owned())]);
}

/// Of organisations the entity of each, and the report.
fn organizations(rows: &[&[(&str, &str)]]) -> (Vec<i64>, Resolution) {
    let entity = wuwei_schema::Model::embedded().unwrap().entity("organization").unwrap().clone();
    let cells = |cells: &&[(&str, &str)]| cells.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let rows: Vec<(i64, BTreeMap<String, String>)> = (1..).zip(rows.iter().map(cells)).collect();
    let found = resolve(&entity, std::iter::once(Ok(batch(&entity, &rows))), &Decisions::default()).unwrap();
    (ids(&found), found)
}

#[test]
fn shops_of_one_name_in_three_villages_are_three() {
    let name = ("name", "便民超市");
    let at = |village: &'static str| [name, ("address", village)];
    let villages = [at("云溪县柳树乡东河村8号"), at("云溪县石桥镇西岭村3号"), at("云溪县城关镇南坪村21号")];
    let (ids, found) =
        organizations(&[&villages[0], &villages[1], &villages[2], &[name], &[name], &[name, villages[0][1], ("status", "开业")]]);
    assert_eq!(ids, [1, 2, 3, 4, 5, 1], "two that say where they are of one place are one, and whose the nameless ones are nobody knows");
    assert_eq!(found.report.identify.iter().find(|list| list.identify == "name").unwrap().contradicted, 1);
}

#[test]
fn a_name_with_a_code_is_that_of_the_record_without_one_in_another_department() {
    let (code, name) = (("credit_code", "91990101MA0000001X"), ("name", "云溪县丰源粮油有限公司"));
    let home = ("address", "云溪县城关镇人民路8号");
    assert_eq!(organizations(&[&[code, name, home], &[name], &[name, ("address", "城关镇人民路8号")]]).0, [1, 1, 1]);
    let other = ("credit_code", "91990101MA0000002X");
    let (ids, _) = organizations(&[&[code, name, home], &[other, name], &[name], &[name, home, ("status", "开业")]]);
    assert_eq!(ids, [1, 2, 3, 1], "a name that two codes have is nobody's by itself");
}

#[test]
fn a_type_without_matching_keeps_every_record_apart() {
    let mut entity = person();
    entity.matching = None;
    let found =
        resolve(&entity, std::iter::once(Ok(records(&[(1, &[("id_no", ID)]), (2, &[("id_no", ID)])]))), &Decisions::default()).unwrap();
    assert_eq!(entities(&found), [(1, "single".to_owned()), (2, "single".to_owned())]);
}

/// A county, and on top of it the records of a case.
fn county_and(cases: &[&[(&str, &str)]]) -> (Resolution, Vec<i64>) {
    let mut known = county(150, 3);
    let first = i64::try_from(known.len()).unwrap() + 1;
    for (id, cells) in (first..).zip(cases) {
        let cells = cells.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        known.push((id, cells, "case".to_owned()));
    }
    let found = resolved(county_batch(&known));
    let all = ids(&found);
    (found, all[known.len() - cases.len()..].to_vec())
}

#[test]
fn twins_at_one_address_stay_two() {
    let home = ("live_address", "云溪县城关镇人民路8号201室");
    let (_, ids) = county_and(&[
        &[("name", "欧阳子轩"), ("birth_date", "2015-03-07"), ("phone", "12000000001"), home],
        &[("name", "欧阳子涵"), ("birth_date", "2015-03-07"), ("phone", "12000000001"), home],
        &[("name", "欧阳子轩"), ("birth_date", "2015-03-07"), ("phone", "12000000001")],
        &[("name", "欧阳子涵"), ("birth_date", "2015-03-07"), home],
    ]);
    assert_ne!(ids[0], ids[1]);
    assert_eq!((ids[0], ids[1]), (ids[2], ids[3]), "each is found again in the other department");
}

#[test]
fn a_guardian_known_by_name_and_phone_is_not_everyone_of_that_name() {
    let (_, ids) = county_and(&[
        &[("name", "欧阳海"), ("phone", "12000000001")],
        &[("name", "欧阳海"), ("phone", "12000000001"), ("birth_date", "1980-05-05")],
        &[("name", "欧阳海"), ("phone", "12000000002")],
        &[("name", "欧阳海")],
        &[("name", "欧阳小海"), ("phone", "12000000001"), ("birth_date", "2012-05-05")],
        &[("name", "欧阳小海"), ("phone", "12000000001")],
    ]);
    assert_eq!(ids[0], ids[1], "name and phone");
    assert!(ids[2] != ids[0] && ids[3] != ids[0] && ids[2] != ids[3]);
    assert!(ids[4] != ids[0] && ids[5] != ids[0], "a child one character longer, on the same phone");
}

#[test]
fn a_child_that_sounds_like_its_father_is_not_joined_through_a_record_without_a_date() {
    let (_, ids) = county_and(&[
        &[("name", "欧阳宇"), ("phone", "12000000001"), ("birth_date", "1990-10-02")],
        &[("name", "欧阳宇"), ("phone", "12000000001")],
        &[("name", "欧阳语"), ("phone", "12000000001"), ("birth_date", "2021-09-09")],
    ]);
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
}

#[test]
fn a_clerks_phone_on_everyone_says_nothing() {
    let (found, ids) = county_and(&[
        &[("name", "欧阳海"), ("phone", "12099999999")],
        &[("name", "欧阳海"), ("phone", "12099999999"), ("live_address", "云溪县城关镇人民路8号201室")],
    ]);
    assert_eq!(found.report.hubs["phone"], 1);
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn nobody_of_the_county_is_merged_wrongly() {
    let known = county(400, 11);
    let found = resolved(county_batch(&known));
    let truth = known.iter().map(|(id, _, person)| (*id, person.clone()));
    let scores = evaluate(truth, (1..).zip(ids(&found)));
    let mut numbers: Vec<(i64, &String)> =
        ids(&found).into_iter().zip(&known).filter_map(|(id, known)| Some((id, known.1.get("id_no")?))).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert!(numbers.windows(2).all(|pair| pair[0].0 != pair[1].0), "nobody has two ids");
    assert!(scores.pairwise.precision >= 0.999, "{scores:?} {:?}", found.report);
    assert!(scores.pairwise.recall >= 0.93, "{scores:?} {:?}", found.report);
}

#[test]
fn without_any_identifier_the_weights_are_estimated() {
    let known = county(400, 11);
    let mut entity = person();
    let matching = entity.matching.as_mut().unwrap();
    matching.identify.clear();
    matching.exclusive.clear();
    let found = resolve(&entity, std::iter::once(Ok(county_batch(&known))), &Decisions::default()).unwrap();
    assert!(found.report.weights.iter().any(|weight| weight.learned == Learned::Estimated), "{:?}", found.report);
    let scores = evaluate(known.iter().map(|(id, _, person)| (*id, person.clone())), (1..).zip(ids(&found)));
    assert!(scores.pairwise.precision >= 0.99 && scores.pairwise.recall >= 0.8, "{scores:?} {:?}", found.report);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn order_of_batches_and_rows_and_threads_change_nothing(seed in any::<u64>(), size in 1usize..60, threads in 1usize..6) {
        let mut known = county(60, 5);
        let first = resolve_on(1, &person(), std::iter::once(Ok(county_batch(&known))), &Decisions::default(), None, None).unwrap();
        let mut dice = Dice(seed);
        for at in (1..known.len()).rev() {
            known.swap(at, dice.below(at + 1));
        }
        let batches: Vec<_> = known.chunks(size).map(|chunk| Ok(county_batch(chunk))).collect();
        let again = resolve_on(threads, &person(), batches.into_iter(), &Decisions::default(), None, None).unwrap();
        prop_assert_eq!(first.link, again.link);
        prop_assert_eq!(first.pair.whole(), again.pair.whole(), "weights to the last bit");
    }
}

#[test]
fn a_pairs_weight_is_its_terms_and_its_posterior_follows() {
    let found = resolved(county_batch(&county(150, 3)));
    let pair = found.pair.whole();
    assert!(pair.num_rows() > 50);
    let (weights, posteriors) = (numbers(&pair, "weight").unwrap(), numbers(&pair, "posterior").unwrap());
    for (weight, posterior) in weights.values().iter().zip(posteriors.values()) {
        assert!((odds(*posterior) - weight).abs() < 1e-6 || *posterior > 1.0 - 1e-9);
        assert!(*posterior >= KEPT);
    }
    let (left, right) = (crate::batch::integers(&pair, "left").unwrap(), crate::batch::integers(&pair, "right").unwrap());
    let mut pairs: Vec<_> = left.values().iter().zip(right.values()).collect();
    pairs.dedup();
    assert_eq!(pairs.len(), pair.num_rows(), "a pair stands once, whatever keys brought it");
    assert!(pairs.iter().all(|(left, right)| left < right));
}
