//! An explanation is what the resolution did, and no other story.

use super::*;
use crate::{
    Decisions,
    batch::{Texts, integers, numbers},
    county::{batch, county, person},
    resolve::{Resolution, resolve},
};

fn resolved() -> (RecordBatch, Resolution) {
    let rows: Vec<_> = county(150, 3).into_iter().map(|(id, cells, _)| (id, cells)).collect();
    let records = batch(&person(), &rows);
    let found = resolve(&person(), std::iter::once(Ok(records.clone())), &Decisions::default()).unwrap();
    (records, found)
}

fn explained(records: &RecordBatch, left: &[i64], right: &[i64], model: &MatchModel) -> Explanation {
    let sides = [left, right].map(|side| side.iter().copied().collect::<BTreeSet<i64>>());
    explain(&person(), std::iter::once(Ok(records.clone())), (&sides[0], &sides[1]), model).unwrap()
}

#[test]
fn every_kept_pair_is_explained_by_terms_that_make_its_weight_to_the_last_bit() {
    let (records, found) = resolved();
    let model = found.model.unwrap();
    let pair = found.pair.whole();
    let (left, right) = (integers(&pair, "left").unwrap(), integers(&pair, "right").unwrap());
    let (weights, keys, levels) =
        (numbers(&pair, "weight").unwrap(), Texts::of(&pair, "key").unwrap(), Texts::of(&pair, "levels").unwrap());
    assert!(pair.num_rows() > 50);
    for row in (0..pair.num_rows()).step_by(7) {
        let why = explained(&records, &[right.value(row)], &[left.value(row)], &model);
        assert_eq!((why.left, why.right), (left.value(row), right.value(row)));
        assert_eq!(why.weight.to_bits(), weights.value(row).to_bits());
        let sum = why.comparisons.iter().fold(why.prior, |sum, compared| sum + compared.bits);
        assert_eq!(sum.to_bits(), why.weight.to_bits());
        assert_eq!(why.comparisons.last().unwrap().sum.to_bits(), why.weight.to_bits());
        let spelled = why.comparisons.iter().filter_map(|found| Some(format!("{}={}", found.property, found.level?))).collect::<Vec<_>>();
        assert_eq!(spelled.join(" "), levels.owned(row));
        assert!(why.objections.is_empty(), "{why:?}");
        let key = keys.owned(row);
        assert!(key == "same" || why.keys.contains(&key), "{key}: {why:?}");
    }
}

#[test]
fn of_two_sides_the_heaviest_pair_is_explained() {
    let (records, found) = resolved();
    let model = found.model.unwrap();
    let all: Vec<Explanation> =
        [1, 2].iter().flat_map(|left| [3, 4].map(|right| explained(&records, &[*left], &[right], &model))).collect();
    let most = all.iter().map(|why| why.weight).fold(f64::MIN, f64::max);
    assert_eq!(explained(&records, &[1, 2], &[3, 4], &model).weight.to_bits(), most.to_bits());
}

#[test]
fn a_shared_identifier_says_whether_it_joins() {
    let (_, found) = resolved();
    let model = found.model.unwrap();
    let id = "990101198503070017";
    let why = |cells: &[(i64, &[(&str, &str)])]| explained(&crate::county::records(cells), &[1], &[2], &model).identifiers;
    let says = |says| vec![SharedIdentifier { identify: "id_no".to_owned(), says }];
    let father: &[(&str, &str)] = &[("id_no", id), ("name", "王建国"), ("birth_date", "1985-03-07")];
    let child: &[(&str, &str)] = &[("id_no", id), ("name", "王子轩"), ("birth_date", "2015-09-01")];
    assert_eq!(why(&[(1, father), (2, father)]), says(Shared::Joined));
    assert_eq!(why(&[(1, father), (2, child)]), says(Shared::Contradicted));
    let other: &[(&str, &str)] = &[("id_no", id), ("name", "李大伟")];
    assert_eq!(why(&[(1, father), (2, father), (3, child), (4, other)]), says(Shared::Hub), "three names carry it");
    assert_eq!(why(&[(1, father), (2, &[("name", "王建国")])]), []);
}

#[test]
fn what_both_carry_is_sought_in_every_way_in_which_it_is_said() {
    let id = "990101198503070017";
    let pupil = format!("G{id}");
    let records = crate::county::records(&[
        (1, &[("id_no", id), ("permit_no", "J990120260001")]),
        (2, &[("permit_no", "J990120260002")]),
        (3, &[("student_no", &pupil)]),
        (4, &[("permit_no", "J990120260002")]),
    ]);
    let of = |left: &[i64], right: &[i64]| {
        let sides = [left, right].map(|side| side.iter().copied().collect::<BTreeSet<i64>>());
        in_common(&person(), std::slice::from_ref(&records), (&sides[0], &sides[1])).unwrap()
    };
    assert!(of(&[1], &[2]).is_empty(), "of what one of them carries nobody is asked");
    assert_eq!(of(&[1, 2], &[4]), [[("permit_no".to_owned(), vec!["J990120260002".to_owned()])]]);
    let ways = of(&[1], &[3]);
    assert_eq!(ways[0], [("id_no".to_owned(), vec![id.to_owned()])]);
    assert!(ways.len() == 2 && ways[1][0].0 == "student_no" && ways[1][0].1.contains(&pupil), "{ways:?}");
}

#[test]
fn the_guard_objects_where_it_refuses() {
    let (records, _) = resolved();
    let matching = person().matching.unwrap();
    let table = Table::read(&person(), &names(&matching), std::iter::once(Ok(records))).unwrap();
    let mut guard = Guard::new(&table, &matching);
    let mut seen = BTreeSet::new();
    for left in 0..200 {
        for right in left + 1..200 {
            let objections = guard.objections(left, right);
            assert_eq!(guard.refuses(left, right), !objections.is_empty(), "{objections:?}");
            seen.extend(objections.iter().map(|objection| format!("{objection:?}")));
        }
    }
    assert!(seen.len() >= 4, "{seen:?}");
}
