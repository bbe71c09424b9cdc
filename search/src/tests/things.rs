//! The promises of what is no person: found by what it has of its own.

use super::{Known, found, index_of};
use crate::Class;
use wuwei_schema::Model;

#[track_caller]
fn check(of: &str, records: &[Known<'_>], cases: &[(&str, &[(i64, Class)])]) {
    let (_root, index) = index_of(Model::embedded().unwrap().entity(of).unwrap(), records);
    for (typed, expected) in cases {
        assert_eq!(&found(&index, typed), expected, "{of} {typed}");
    }
}

#[test]
fn a_thing_is_found_by_its_number_whole_by_its_tail_and_covered() {
    use Class::{Covered, Number, Tail};
    let vehicles: &[Known<'_>] = &[
        (1, &[("plate_no", "溪AA0060"), ("vin", "LWUWE00A0R0000060"), ("engine_no", "WE6066253")]),
        (2, &[("plate_no", "溪AA0161"), ("vin", "LWUWE00A0R0000161")]),
    ];
    check(
        "vehicle",
        vehicles,
        &[
            ("溪AA0060", &[(1, Number)]),
            ("溪aa0060", &[(1, Number)]),
            ("溪A·A0060", &[(1, Number)]),
            ("溪A A0060", &[(1, Number)]),
            ("溪A-A0060", &[(1, Number)]),
            ("溪 A.A0060", &[(1, Number)]),
            ("溪A A0161 00161", &[(2, Tail)]),
            ("lwuwe00a0r0000161", &[(2, Number)]),
            ("WE6066253", &[(1, Number)]),
            ("0060", &[(1, Tail)]),
            ("溪AA**61", &[(2, Covered)]),
            ("王小明", &[]),
        ],
    );
    let household: &[Known<'_>] = &[(3, &[("household_no", "100000002")])];
    check("household", household, &[("100000002", &[(3, Number)]), ("0002", &[(3, Tail)])]);
    let dwelling: &[Known<'_>] = &[(4, &[("house_code", "99010100100100002"), ("realty_unit_no", "990101001001GB00000F00000002")])];
    check("dwelling", dwelling, &[("99010100100100002", &[(4, Number)]), ("990101001001GB00000F00000002", &[(4, Number)])]);
}

#[test]
fn an_organisation_is_found_by_its_whole_name_first() {
    use Class::{Name, Words};
    let shops: &[Known<'_>] = &[(1, &[("name", "云溪县城关镇文才饭店分店")]), (2, &[("name", "云溪县城关镇文才饭店")])];
    let cases: &[(&str, &[(i64, Class)])] = &[
        ("云溪县城关镇文才饭店", &[(2, Name), (1, Words)]),
        ("文才饭店", &[(1, Words), (2, Words)]),
        ("name:文才饭店", &[(1, Words), (2, Words)]),
    ];
    check("organization", shops, cases);
}

#[test]
fn a_school_is_found_by_its_name_its_codes_and_where_it_stands() {
    use Class::{House, Number, Words};
    let schools: &[Known<'_>] = &[
        (
            1,
            &[
                ("school_code", "9010110001"),
                ("name", "云溪县第一小学"),
                ("credit_code", "12990101190000190T"),
                ("address", "云溪县城关镇人民路18号"),
            ],
        ),
        (2, &[("name", "云溪县第一初级中学")]),
        (3, &[("name", "云溪县第十一小学")]),
    ];
    check(
        "school",
        schools,
        &[
            ("云溪县第一小学", &[(1, Words)]),
            ("第一小学", &[(1, Words)]),
            ("一小", &[(1, Words), (3, Words)]),
            ("云溪一小", &[(1, Words)]),
            ("云溪县一中", &[(2, Words)]),
            ("第一小", &[(1, Words)]),
            ("初级中学", &[(2, Words)]),
            ("云溪 中学", &[(2, Words)]),
            ("东河一中", &[]),
            ("12990101190000190T", &[(1, Number)]),
            ("9010110001", &[(1, Number)]),
            ("人民路18号", &[(1, House)]),
        ],
    );
}

#[test]
fn what_somebody_reported_is_found_by_any_words_of_it() {
    let incidents: &[Known<'_>] =
        &[(1, &[("summary", "人民路与东河路口的窨井盖破损，夜间有人绊倒")]), (2, &[("summary", "東河路店铺占道经营，已劝离")])];
    let cases: &[(&str, &[(i64, Class)])] = &[
        ("窨井盖破损", &[(1, Class::Words)]),
        ("井盖 绊倒", &[(1, Class::Words)]),
        ("东河路", &[(1, Class::Words), (2, Class::Words)]),
        ("东河路 -占道", &[(1, Class::Words)]),
        ("text:占道经营", &[(2, Class::Words)]),
        ("破损窨井盖", &[]),
        ("王小明", &[]),
    ];
    check("incident", incidents, cases);
    check("petition", &[(3, &[("summary", "反映小区物业长期停水")])], &[("停水", &[(3, Class::Words)])]);
}
