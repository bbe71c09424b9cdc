//! The promises of addresses, of what narrows, and of what is counted.

use super::{Known, PEOPLE, ask, asked, found, index};
use crate::{Ask, Class, Count, Names, Permit, UNKNOWN};
use std::collections::BTreeMap;
use wuwei_schema::{Label, Model};

const STREET: &[Known<'_>] = &[
    (1, &[("name", "王小明"), ("live_address", "云溪县城关镇人民路12号3栋2单元501室"), ("birth_date", "1985-03-07")]),
    (1, &[("department", "civil"), ("registered_address", "东河乡柳树村3组8号"), ("birth_date", "1986")]),
    (2, &[("name", "王小明"), ("live_address", "城关镇人民路12号3幢2单元502"), ("birth_date", "1996-11-30")]),
    (3, &[("name", "李芳"), ("live_address", "人民路12号3-2-501"), ("id_no", "990101199611290017"), ("birth_date", "1996-11-29")]),
    (4, &[("name", "人民"), ("employer", "云溪县人民医院")]),
];

#[test]
fn an_address_finds_all_of_the_room_the_building_and_the_street() {
    use Class::{AddressPart, Building, House, Name, Room, Street, Words};
    let (_root, index) = index(STREET);
    for (typed, expected) in [
        ("人民路12号三栋二单元501室", &[(1, Room), (3, Room)][..]),
        ("云溪县城关镇人民路12号3号楼", &[(1, Building), (2, Building), (3, Building)]),
        ("人民路12号", &[(1, House), (2, House), (3, House)]),
        ("人民路", &[(1, Street), (2, Street), (3, Street)]),
        ("柳树村3组8号", &[(1, House)]),
        ("城关镇", &[(1, AddressPart), (2, AddressPart)]),
        ("王小明 人民路12号3栋2单元501", &[(1, Room)]),
        ("人民医院", &[(4, Words)]),
        ("人民", &[(4, Name)]),
        ("address:人民", &[(1, AddressPart), (2, AddressPart), (3, AddressPart)]),
        ("text:人民", &[(4, Words)]),
    ] {
        assert_eq!(found(&index, typed), expected, "{typed}");
    }
}

#[test]
fn the_same_street_of_two_towns_is_two_streets_where_both_are_named() {
    use Class::{Building, House};
    let (_root, index) = index(&[
        (1, &[("live_address", "云溪县城关镇人民路12号3栋")]),
        (2, &[("live_address", "云溪县东河乡人民路12号3栋")]),
        (3, &[("live_address", "人民路12号3栋")]),
        (4, &[("live_address", "江阴县城关镇人民路12号3栋"), ("registered_address", "云溪县城关镇解放街1号")]),
        (5, &[("live_address", "城关镇人民路12号3栋")]),
    ]);
    for (typed, expected) in [
        ("城关镇人民路12号3栋", &[(1, Building), (3, Building), (4, Building), (5, Building)][..]),
        ("云溪县城关镇人民路12号3栋", &[(1, Building), (3, Building), (5, Building)]),
        ("云溪县人民路12号", &[(1, House), (2, House), (3, House), (5, House)]),
        ("东河乡人民路12号", &[(2, House), (3, House)]),
        ("人民路12号3栋", &[(1, Building), (2, Building), (3, Building), (4, Building), (5, Building)]),
        ("西山镇解放街1号", &[]),
    ] {
        assert_eq!(found(&index, typed), expected, "{typed}");
    }
}

#[test]
fn what_is_said_of_words_narrows_what_is_found() {
    let (_root, index) = index(STREET);
    let who = |typed: &str| found(&index, typed).into_iter().map(|(entity, _)| entity).collect::<Vec<_>>();
    for (typed, expected) in [
        ("王小明 born:1985", &[1][..]),
        ("王小明 born:1986", &[1]),
        ("born:1990..1999", &[2, 3]),
        ("age:30", &[3]),
        ("年龄:29", &[2]),
        ("人民路12号 -王小明", &[3]),
        ("人民路12号 NOT 王小明", &[3]),
        ("人民路12号 area:9901", &[3]),
        ("人民路12号 area:9902", &[]),
        ("柳树村3组8号 dept:civil", &[1]),
        ("柳树村3组8号 dept:police", &[]),
        ("王小明 type:person", &[1, 2]),
        ("王小明 type:vehicle", &[]),
    ] {
        assert_eq!(who(typed), expected, "{typed}");
    }
    let (_others, people) = super::index(PEOPLE);
    assert_eq!(found(&people, "\"王小明\""), [(1, Class::Name), (6, Class::Name)]);
}

#[test]
fn a_year_or_a_date_beside_a_name_is_that_of_a_birth_and_still_a_number() {
    use Class::{Name, NameStart, Pinyin, Room, Tail};
    let people: &[Known<'_>] = &[
        (1, &[("name", "王小明"), ("birth_date", "1985-03-07"), ("live_address", "人民路12号3栋2单元501室")]),
        (2, &[("name", "王小明"), ("birth_date", "1996-11-30"), ("phone", "12012341985")]),
        (3, &[("name", "李芳"), ("birth_date", "1985")]),
        (4, &[("name", "王芳"), ("student_no", "G1985")]),
    ];
    let (_root, index) = index(people);
    for (typed, expected) in [
        ("王小明 1985", &[(1, Name), (2, Tail)][..]),
        ("1985 王小明", &[(1, Name), (2, Tail)]),
        ("王小明1985", &[(1, Name), (2, Tail)]),
        ("王小明 1985年", &[(1, Name)]),
        ("1985年王小明", &[(1, Name)]),
        ("王小明 1985年3月", &[(1, Name)]),
        ("王小明1985年3月7日生", &[(1, Name)]),
        ("1985-03-07 王小明", &[(1, Name)]),
        ("王小明 19850307", &[(1, Name)]),
        ("王小明 19850308", &[]),
        ("王小明 1986", &[]),
        ("王 小明 1985", &[(1, Name), (2, Tail)]),
        ("wang xiao ming 1985", &[(1, Pinyin), (2, Pinyin)]),
        ("name:王 1985", &[(1, NameStart), (2, Tail), (4, Tail)]),
        ("人民路12号3栋2单元501 1985", &[(1, Room)]),
        ("王芳 G1985", &[(4, Name)]),
        ("1985", &[(2, Tail), (4, Tail)]),
        ("1985年 -李芳", &[(1, Class::Given)]),
    ] {
        assert_eq!(found(&index, typed), expected, "{typed}");
    }
    let taken = |typed: &str| asked(&index, typed).chips.into_iter().map(|chip| (chip.text, chip.meant)).collect::<Vec<_>>();
    let chip = |text: &str, meant| (text.to_owned(), meant);
    assert_eq!(taken("王小明 1985"), [chip("王小明", "name"), chip("1985", "born")]);
    assert_eq!(taken("王小明1985年"), [chip("王小明", "name"), chip("1985年", "born")]);
    assert_eq!(taken("1985"), [chip("1985", "number")]);
    assert_eq!(asked(&index, "王小明 1985").chips[1].others, ["number:1985", "address:1985", "text:1985"]);
    assert_eq!(asked(&index, "19850307").chips[0].others, ["address:19850307", "text:19850307", "born:1985-03-07"]);
}

#[test]
fn what_departments_and_types_are_called_is_known_and_what_is_not_is_said() {
    let (_root, index) = index(STREET);
    let label = |zh: &str, en: &str| Label { zh: zh.to_owned(), en: en.to_owned() };
    let departments =
        BTreeMap::from([("civil".to_owned(), label("民政局", "Civil affairs")), ("police".to_owned(), label("公安局", "Police"))]);
    let names = Names::of(&Model::embedded().unwrap(), departments);
    let answer = |typed| index.search(&Ask { names: Some(&names), ..ask(typed, 0, 100) }, &Permit::ALL).unwrap();
    let meant = |typed| answer(typed).chips.into_iter().map(|chip| chip.meant).collect::<Vec<_>>();
    for (typed, total, taken) in [
        ("柳树村3组8号 dept:civil", 1, "department"),
        ("柳树村3组8号 部门:民政局", 1, "department"),
        ("柳树村3组8号 dept:公安", 0, "department"),
        ("王小明 type:自然人", 2, "type"),
        ("王小明 类别:人", 2, "type"),
        ("王小明 type:机动车", 0, "type"),
        ("王小明 dept:xx", 0, UNKNOWN),
        ("王小明 type:xx", 0, UNKNOWN),
        ("王小明 phone:0017", 0, UNKNOWN),
    ] {
        assert_eq!((answer(typed).total, meant(typed)[1]), (total, taken), "{typed}");
    }
    assert_eq!(answer("王小明 dept:xx").chips[1].others, ["dept:civil", "dept:police"]);
}

#[test]
fn facets_count_entities_by_what_the_matching_records_say() {
    let (_root, index) = index(STREET);
    let facets = asked(&index, "人民路12号").facets;
    let said = |counts: &[Count<String>]| counts.iter().map(|count| (count.value.clone(), count.entities)).collect::<Vec<_>>();
    assert_eq!(said(&facets.departments), [("police".to_owned(), 3)]);
    assert_eq!(said(&facets.decades), [("1980".to_owned(), 1), ("1990".to_owned(), 2)]);
    assert_eq!(said(&facets.areas), [("990101".to_owned(), 1)]);
    assert_eq!(facets.classes, [Count { value: Class::House, entities: 3 }]);
    let chips = asked(&index, "人民路12号 born:1985").chips;
    assert_eq!(chips.iter().map(|chip| chip.meant).collect::<Vec<_>>(), ["address", "born"]);
}
