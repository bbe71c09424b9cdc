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
    let schools: &[Known<'_>] = &[(
        1,
        &[
            ("school_code", "9010110001"),
            ("name", "云溪县第一小学"),
            ("credit_code", "12990101190000190T"),
            ("address", "云溪县城关镇人民路18号"),
        ],
    )];
    check(
        "school",
        schools,
        &[
            ("云溪县第一小学", &[(1, Words)]),
            ("第一小学", &[(1, Words)]),
            ("12990101190000190T", &[(1, Number)]),
            ("9010110001", &[(1, Number)]),
            ("人民路18号", &[(1, House)]),
        ],
    );
}
