//! Lists, and whom their lines mean.

use crate::{
    Agreement, Class, Column, Compared, Line, Permit,
    tests::{Known, index, index_of},
};

/// A line of these values.
pub(crate) fn line(row: i64, values: &[(Column, &str)]) -> Line {
    Line { row, values: values.iter().map(|(column, value)| (*column, (*value).to_owned())).collect() }
}

const PEOPLE: &[Known<'_>] = &[
    (1, &[("name", "王小明"), ("id_no", "990101198503070017"), ("birth_date", "1985-03-07")]),
    (1, &[("name", "王小明"), ("phone", "12012345678"), ("department", "civil")]),
    (2, &[("name", "王小明"), ("phone", "12087654321"), ("birth_date", "1990-01-01"), ("observed", "2026-01-01")]),
    (3, &[("name", "王晓明"), ("birth_date", "1985-03-07")]),
    (4, &[("name", "李四"), ("phone", "12012345678"), ("live_address", "云溪县城关镇人民路12号3栋2单元501室")]),
    (5, &[("name", "王小明"), ("observed", "2026-02-01")]),
];

fn compared(values: &[(Column, &str)]) -> Compared {
    let (_root, index) = index(PEOPLE);
    index.cross_reference(&[line(2, values)], 10, &Permit::ALL).unwrap().remove(0)
}

#[track_caller]
fn check(values: &[(Column, &str)], expected: &[(i64, Agreement, &[Column])]) {
    let found = compared(values);
    let said: Vec<_> = found
        .matches
        .iter()
        .map(|one| (one.entity_id, one.agreement, one.agrees.iter().map(|agrees| agrees.column).collect::<Vec<_>>()))
        .collect();
    let expected: Vec<_> = expected.iter().map(|(entity, agreement, columns)| (*entity, *agreement, columns.to_vec())).collect();
    assert_eq!(said, expected, "{values:?}");
    assert_eq!((found.row, found.total), (2, expected.len()));
}

#[test]
fn an_organisation_is_meant_by_its_whole_name_and_by_no_part_of_it() {
    let model = wuwei_schema::Model::embedded().unwrap();
    let records: &[Known<'_>] = &[(1, &[("name", "云溪县城关镇文才饭店")]), (2, &[("name", "云溪县城关镇文才饭店分店")])];
    let (_root, index) = index_of(model.entity("organization").unwrap(), records);
    for (name, expected) in [("云溪县城关镇文才饭店", &[1][..]), ("雲溪縣城關鎮文才飯店", &[1]), ("文才饭店", &[]), ("云溪县城关镇", &[])]
    {
        let found = index.cross_reference(&[line(2, &[(Column::Name, name)])], 10, &Permit::ALL).unwrap().remove(0);
        let agree: Vec<_> = found.matches.iter().map(|one| (one.entity_id, one.agreement, one.agrees[0].class)).collect();
        assert_eq!(agree, expected.iter().map(|id| (*id, Agreement::One, Class::Name)).collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn who_agrees_in_more_stands_first_and_who_only_sounds_alike_last() {
    use Agreement::{Near, Number as Same, One, Several};
    use Column::{Address, Birth, Name, Number, Phone};
    check(
        &[(Number, "990101198503070017"), (Phone, "120 1234 5678"), (Name, "王小明"), (Birth, "19850307")],
        &[(1, Same, &[Number, Phone, Name, Birth]), (4, One, &[Phone]), (5, One, &[Name]), (2, One, &[Name]), (3, Near, &[Name, Birth])],
    );
    check(
        &[(Phone, "+86 12087654321"), (Name, "王 小明")],
        &[(2, Several, &[Phone, Name]), (1, One, &[Name]), (5, One, &[Name]), (3, Near, &[Name])],
    );
    check(
        &[(Name, "王小明"), (Birth, "1990年1月1日")],
        &[(2, Several, &[Name, Birth]), (1, One, &[Name]), (5, One, &[Name]), (3, Near, &[Name])],
    );
    check(&[(Name, "李四"), (Address, "人民路12号3幢2单元501")], &[(4, Several, &[Name, Address])]);
    check(
        &[(Number, "9901**********0017"), (Name, "王小明")],
        &[(1, Several, &[Number, Name]), (5, One, &[Name]), (2, One, &[Name]), (3, Near, &[Name])],
    );
}

#[test]
fn a_line_that_finds_nobody_says_so() {
    use Column::{Birth, Name, Number};
    check(&[(Name, "赵六")], &[]);
    check(&[], &[]);
    check(&[(Birth, "1985-03-07")], &[]);
    check(&[(Name, "王")], &[]);
    check(&[(Number, "不详"), (Name, "无")], &[]);
}

#[test]
fn a_value_that_does_not_pass_its_checks_is_doubtful_and_looked_for_all_the_same() {
    use Column::{Birth, Name, Number, Phone};
    let found = compared(&[(Number, "990101198503070018"), (Phone, "12"), (Name, "王小明"), (Birth, "1985-13-40")]);
    assert_eq!(found.doubtful, [Number, Phone, Birth]);
    assert_eq!(found.matches.len(), 4);
    let first = &found.matches[0];
    let said: Vec<_> = first.agrees.iter().map(|agrees| (agrees.column, agrees.class)).collect();
    assert_eq!((first.entity_id, first.agreement), (1, Agreement::One));
    assert_eq!(said, [(Number, Class::NumberSlip), (Name, Class::Name)], "one digit differs");
    assert_eq!(compared(&[(Number, "990101198503070017"), (Name, "王小明"), (Birth, "1985")]).doubtful, []);
}

#[test]
fn what_agrees_is_said_with_its_class_and_by_whose_word() {
    let found = compared(&[(Column::Phone, "12012345678"), (Column::Name, "王曉明")]);
    let first = &found.matches[0];
    let said: Vec<_> = first.agrees.iter().map(|agrees| (agrees.column, agrees.class)).collect();
    assert_eq!((first.entity_id, said), (1, vec![(Column::Phone, Class::Number), (Column::Name, Class::Homophone)]));
    let by: Vec<_> = first.matched_by.iter().map(|by| (by.property.as_str(), by.department.as_str())).collect();
    assert_eq!(by, [("phone", "civil"), ("name", "civil"), ("name", "police")]);
    let third = found.matches.iter().find(|one| one.entity_id == 3).unwrap();
    assert_eq!((third.agreement, third.agrees[0].class), (Agreement::One, Class::Variant));
    assert!(found.matches.is_sorted_by_key(crate::Match::order));
}

#[test]
fn of_many_the_first_are_shown_and_all_are_counted() {
    let names: Vec<_> = (0..30_i64)
        .map(|entity| (entity, [("name", "王小明"), ("observed", if entity % 2 == 0 { "2026-01-01" } else { "2026-02-01" })]))
        .collect();
    let known: Vec<Known<'_>> = names.iter().map(|(entity, cells)| (*entity, &cells[..])).collect();
    let (_root, index) = index(&known);
    let lines = [line(2, &[(Column::Name, "王小明")]), line(3, &[(Column::Name, "王大明")])];
    let found = index.cross_reference(&lines, 3, &Permit::ALL).unwrap();
    assert_eq!((found[0].total, found[1].total), (30, 0));
    assert_eq!(found[0].matches.iter().map(|one| one.entity_id).collect::<Vec<_>>(), [1, 3, 5], "the newest first");
    assert_eq!(index.cross_reference(&lines, 0, &Permit::ALL).unwrap()[0].matches, []);
}
