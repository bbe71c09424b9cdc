//! The promises of search, each with what somebody types and whom it finds.

mod addressed;
mod narrowed;
mod things;

use crate::{Answer, Ask, Class, Index, Made, MatchedBy, Permit, Writer};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use proptest::prelude::*;
use std::{collections::HashMap, sync::Arc};
use wuwei_schema::{Codes, EntityType, Kind, Model, kind::name};

/// An entity and what a record says of it.
pub(crate) type Known<'a> = (i64, &'a [(&'a str, &'a str)]);

pub(crate) fn person() -> EntityType {
    Model::embedded().unwrap().entity("person").unwrap().clone()
}

/// Records with the columns that a writer of people wants.
pub(crate) fn batch(records: &[Known<'_>]) -> RecordBatch {
    batch_of(&person(), records)
}

fn batch_of(of: &EntityType, records: &[Known<'_>]) -> RecordBatch {
    let value = |record: &Known<'_>, name: &str| record.1.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let entities: ArrayRef = Arc::new(Int64Array::from_iter_values(records.iter().map(|record| record.0)));
    let stated = |name: &'static str, otherwise: Option<&str>| {
        let cells = records.iter().map(|record| value(record, name).or_else(|| otherwise.map(str::to_owned)));
        (name.to_owned(), Arc::new(StringArray::from_iter(cells)) as ArrayRef)
    };
    let properties = of.properties.iter().filter(|property| property.search.is_some()).map(|property| {
        let column: ArrayRef = Arc::new(StringArray::from_iter(records.iter().map(|record| value(record, &property.name))));
        (property.name.clone(), column)
    });
    let lineage = [("entity_id".to_owned(), entities), stated("department", Some("police")), stated("observed", None)];
    RecordBatch::try_from_iter(lineage.into_iter().chain(properties)).unwrap()
}

pub(crate) fn index(records: &[Known<'_>]) -> (tempfile::TempDir, Index) {
    index_of(&person(), records)
}

pub(crate) fn index_of(of: &EntityType, records: &[Known<'_>]) -> (tempfile::TempDir, Index) {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join(&of.name);
    let mut writer = Writer::create(&folder, of, Made::default()).unwrap();
    writer.add(&batch_of(of, records)).unwrap();
    writer.finish().unwrap();
    let index = Index::open(&folder, of).unwrap();
    (root, index)
}

const PEOPLE: &[Known<'_>] = &[
    (1, &[("name", "王小明"), ("id_no", "990101198503070017"), ("phone", "12012345678")]),
    (2, &[("name", "王晓明"), ("id_no", "99010119900101003X")]),
    (3, &[("name", "单小明"), ("student_no", "G990101198503070017")]),
    (4, &[("name", "欧阳明月"), ("phone", "11012340017")]),
    (5, &[("name", "买买提·吐尔逊")]),
    (6, &[("name", "SMITH, JOHN"), ("former_name", "王小明")]),
    (7, &[("name", "吕布"), ("permit_no", "J99010120260001")]),
    (8, &[("name", "小明")]),
    (9, &[("name", "张伟")]),
    (9, &[("name", "章伟"), ("phone", "11055556666")]),
];

pub(crate) fn ask(typed: &str, offset: usize, limit: usize) -> Ask<'_> {
    Ask { typed, today: "2026-11-29", names: None, offset, limit }
}

fn asked(index: &Index, typed: &str) -> Answer {
    index.search(&ask(typed, 0, 100), &Permit::ALL).unwrap()
}

fn found(index: &Index, typed: &str) -> Vec<(i64, Class)> {
    asked(index, typed).hits.into_iter().map(|hit| (hit.entity_id, hit.class)).collect()
}

#[track_caller]
fn check(cases: &[(&str, &[(i64, Class)])]) {
    let (_root, index) = index(PEOPLE);
    for (typed, expected) in cases {
        assert_eq!(&found(&index, typed), expected, "{typed}");
    }
}

#[test]
fn a_name_is_found_whole_by_its_beginning_by_a_part_and_by_its_sound() {
    use Class::{Homophone, HomophonePart, Name, NamePart, NameStart, PinyinPart, PinyinStart};
    check(&[
        ("王小明", &[(1, Name), (6, Name), (2, Homophone)]),
        ("王 小明", &[(1, Name), (6, Name), (2, Homophone)]),
        ("王小", &[(1, NameStart), (6, NameStart), (2, HomophonePart)]),
        ("小明", &[(8, Name), (1, NamePart), (3, NamePart), (6, NamePart), (2, HomophonePart)]),
        ("晓明", &[(2, NamePart), (8, Homophone), (1, HomophonePart), (3, HomophonePart), (6, HomophonePart)]),
        ("明月", &[(4, NamePart)]),
        ("张wei", &[(9, PinyinStart)]),
        ("小ming", &[(8, PinyinStart), (1, PinyinPart), (3, PinyinPart), (6, PinyinPart)]),
    ]);
}

#[test]
fn a_name_is_found_by_pinyin_and_initials() {
    use Class::{Initials, Pinyin, PinyinPart, PinyinStart};
    check(&[
        ("wangxiaoming", &[(1, Pinyin), (2, Pinyin), (6, Pinyin)]),
        ("Wang Xiao Ming", &[(1, Pinyin), (2, Pinyin), (6, Pinyin)]),
        ("wang xiao", &[(1, PinyinStart), (2, PinyinStart), (6, PinyinStart)]),
        ("xiaoming", &[(8, Pinyin), (1, PinyinPart), (2, PinyinPart), (3, PinyinPart), (6, PinyinPart)]),
        ("xiaoming wang", &[(1, PinyinPart), (2, PinyinPart), (6, PinyinPart)]),
        ("wxm", &[(1, Initials), (2, Initials), (6, Initials)]),
        ("oymy", &[(4, Initials)]),
        ("lv bu", &[(7, Pinyin)]),
        ("lübu", &[(7, Pinyin)]),
    ]);
}

#[test]
fn a_surname_is_read_as_one() {
    check(&[
        ("shanxiaoming", &[(3, Class::Pinyin)]),
        ("sxm", &[(3, Class::Initials)]),
        ("danxiaoming", &[]),
        ("山晓明", &[(3, Class::Homophone)]),
    ]);
}

#[test]
fn dots_and_the_order_of_a_latin_name_do_not_matter() {
    use Class::{Name, NamePart, NameStart, PinyinPart, PinyinStart};
    check(&[
        ("买买提·吐尔逊", &[(5, Name)]),
        ("买买提•吐尔逊", &[(5, Name)]),
        ("买买提吐尔逊", &[(5, Name)]),
        ("吐尔逊", &[(5, NamePart)]),
        ("smith john", &[(6, Name)]),
        ("John Smith", &[(6, NamePart)]),
        ("john", &[(6, NamePart)]),
        ("smith", &[(6, NameStart)]),
        ("smi", &[(6, PinyinStart)]),
        ("joh", &[(6, PinyinPart)]),
    ]);
}

#[test]
fn a_number_is_found_whole_or_by_its_tail() {
    use Class::{Number, Tail};
    check(&[
        ("990101198503070017", &[(1, Number)]),
        ("990101 19850307 0017", &[(1, Number)]),
        ("99010119900101003x", &[(2, Number)]),
        ("９９０１０１１９９００１０１００３Ｘ", &[(2, Number)]),
        ("003x", &[(2, Tail)]),
        ("0017", &[(1, Tail), (3, Tail), (4, Tail)]),
        ("g990101198503070017", &[(3, Number)]),
        ("J99010120260001", &[(7, Number)]),
        ("12012345678", &[(1, Number)]),
        ("+86 120-1234-5678", &[(1, Number)]),
        ("5678", &[(1, Tail)]),
        ("12345678", &[(1, Tail)]),
        ("678", &[]),
        ("0000", &[]),
        ("1985", &[]),
    ]);
}

#[test]
fn a_number_is_found_by_what_is_not_covered_of_it() {
    use Class::Covered;
    check(&[
        ("9901…0017", &[(1, Covered)]),
        ("990101********0017", &[(1, Covered)]),
        ("990101**********3x", &[(2, Covered)]),
        ("120****5678", &[(1, Covered)]),
        ("120****5679", &[]),
        ("王小明 120****5678", &[(1, Covered)]),
        ("J990****0001", &[(7, Covered)]),
    ]);
}

#[test]
fn a_name_is_found_in_other_characters_and_with_gaps() {
    use Class::{Homophone, Name, NamePart, Pattern, Variant, VariantPart};
    let people: &[Known<'_>] = &[
        (1, &[("name", "刘晓东")]),
        (2, &[("name", "劉曉東")]),
        (3, &[("name", "刘小东")]),
        (4, &[("name", "刘东")]),
        (5, &[("name", "王刘东")]),
        (6, &[("name", "陆喆")]),
        (7, &[("name", "陆哲")]),
    ];
    let (_root, index) = index(people);
    for (typed, expected) in [
        ("刘晓东", &[(1, Name), (2, Variant), (3, Homophone)][..]),
        ("劉曉東", &[(2, Name), (1, Variant), (3, Homophone)]),
        ("曉東", &[(2, NamePart), (1, VariantPart), (3, Class::HomophonePart)]),
        ("陆喆", &[(6, Name), (7, Variant)]),
        ("陆哲", &[(7, Name), (6, Variant)]),
        ("刘?东", &[(1, Pattern), (3, Pattern)]),
        ("刘*东", &[(1, Pattern), (3, Pattern), (4, Pattern)]),
        ("刘*", &[(1, Pattern), (3, Pattern), (4, Pattern)]),
        ("*刘东", &[(4, Pattern), (5, Pattern)]),
        ("王??", &[(5, Pattern)]),
        ("?晓?", &[(1, Pattern)]),
    ] {
        assert_eq!(found(&index, typed), expected, "{typed}");
    }
}

#[test]
fn sounds_that_many_do_not_part_are_found_last() {
    let (_root, index) = index(&[(1, &[("name", "张伟")]), (2, &[("name", "臧伟")]), (3, &[("name", "刘宁")])]);
    assert_eq!(found(&index, "张伟"), [(1, Class::Name), (2, Class::Alike)]);
    assert_eq!(found(&index, "zangwei"), [(2, Class::Pinyin), (1, Class::Alike)]);
    assert_eq!(found(&index, "niulin"), [(3, Class::Alike)]);
}

#[test]
fn a_slip_is_found_where_nothing_else_is_and_said() {
    use Class::{Number, NumberSlip, PinyinSlip, Tail};
    check(&[
        ("12012345679", &[(1, NumberSlip)]),
        ("12012354678", &[(1, NumberSlip)]),
        ("1201234567", &[(1, NumberSlip)]),
        ("990101198503070071", &[(1, NumberSlip)]),
        ("12012345678", &[(1, Number)]),
        ("12012345689", &[]),
        ("王小明 12012345679", &[(1, NumberSlip)]),
        ("12345679", &[]),
        ("12345678", &[(1, Tail)]),
        ("wangxiaomign", &[(1, PinyinSlip), (2, PinyinSlip), (6, PinyinSlip)]),
        ("smithjhon", &[(6, PinyinSlip)]),
        ("wagn", &[]),
        ("\"wangxiaomign\"", &[]),
    ]);
    let (_root, index) = index(&[(1, &[("phone", "12012345678")]), (2, &[("phone", "12012345679")])]);
    assert_eq!(found(&index, "12012345679"), [(2, Number)], "whoever has the number has no neighbours");
}

#[test]
fn several_words_are_all_found_though_in_different_records() {
    check(&[
        ("王小明 0017", &[(1, Class::Tail)]),
        ("0017 王小明", &[(1, Class::Tail)]),
        ("王小明0017", &[(1, Class::Tail)]),
        ("wang 0017", &[(1, Class::PinyinStart)]),
        ("0017 5678", &[(1, Class::Tail)]),
        ("王小明 0018", &[]),
        ("张伟 6666", &[(9, Class::Tail)]),
        ("john 王小明", &[(6, Class::NamePart)]),
    ]);
}

fn by(class: Class, property: &str, department: &str) -> MatchedBy {
    MatchedBy { class, property: property.to_owned(), department: department.to_owned() }
}

#[test]
fn a_hit_says_by_whose_word_and_an_entity_is_hit_once() {
    let (_root, index) = index(PEOPLE);
    let hit = |typed: &str| asked(&index, typed).hits;
    assert_eq!(hit("王小明")[1].matched_by, [by(Class::Name, "former_name", "police")]);
    assert_eq!(hit("王小明 5678")[0].matched_by, [by(Class::Name, "name", "police"), by(Class::Tail, "phone", "police")]);
    assert_eq!(hit("wei").len(), 1);
    assert_eq!(
        serde_json::to_string(&hit("5678")[0]).unwrap(),
        r#"{"entity_id":1,"class":"tail","matched_by":[{"class":"tail","property":"phone","department":"police"}]}"#
    );
}

#[test]
fn of_the_equally_near_those_come_first_that_more_departments_agree_on_then_the_newest() {
    let stated = |department, observed| [("name", "王小明"), ("department", department), ("observed", observed)];
    let (old, new) = (stated("police", "2025-01-31"), stated("police", "2026-03"));
    let (health, rest) = (stated("health", "2020"), stated("civil", "2020"));
    let (_root, index) = index(&[(1, &old), (2, &old), (3, &new), (4, &health), (4, &rest), (5, &old), (5, &old)]);
    let answer = asked(&index, "王小明");
    let order: Vec<_> = answer.hits.iter().map(|hit| (hit.entity_id, hit.departments(), hit.observed.as_deref().unwrap())).collect();
    assert_eq!(order, [(4, 2, "2020"), (3, 1, "2026-03"), (1, 1, "2025-01-31"), (2, 1, "2025-01-31"), (5, 1, "2025-01-31")]);
    assert_eq!(answer.hits[0].matched_by, [by(Class::Name, "name", "civil"), by(Class::Name, "name", "health")]);
    assert!(answer.hits.is_sorted_by_key(crate::Hit::order));
}

#[test]
fn a_page_is_a_part_of_the_whole() {
    let (_root, index) = index(PEOPLE);
    let all = asked(&index, "小明");
    for (offset, limit) in (0..7).flat_map(|offset| (0..7).map(move |limit| (offset, limit))) {
        let page = index.search(&ask("小明", offset, limit), &Permit::ALL).unwrap();
        let expected: Vec<_> = all.hits.iter().skip(offset).take(limit).cloned().collect();
        assert_eq!((page.total, page.hits), (all.hits.len(), expected));
    }
}

#[test]
fn hostile_text_is_only_text() {
    let (_root, index) = index(PEOPLE);
    let long = "王".repeat(10_000);
    let digits = "1".repeat(10_000);
    let words = "a ".repeat(128);
    let nothing = [
        "",
        " ",
        "\"",
        "'",
        "*",
        "?",
        "()",
        "[",
        "]",
        "{",
        "}",
        "^",
        "~",
        "-",
        "+",
        "\\",
        ":",
        "/.*/",
        "AND",
        "OR",
        "NOT",
        "name:*",
        "*:*",
        "a OR b",
        "entity_id:[1 TO 9]",
        "😀",
        "😀🀄",
        "\0",
        "\u{202e}",
        "%",
        "_",
        "李",
        "李大伟",
        "xyz",
        &long,
        &digits,
        &words,
        "a b c d e f g h i j",
    ];
    for typed in nothing {
        assert_eq!(found(&index, typed), [], "{typed}");
    }
    for typed in ["(王小明", "+王小明 ~", "😀王小明"] {
        assert_eq!(found(&index, typed), found(&index, "王小明"), "{typed}");
    }
}

/// Names of one to five characters, surnames that are read otherwise among them, dotted names and Latin ones.
fn names() -> impl Strategy<Value = Vec<String>> {
    let han = "[王李单曾解查区仇小晓明伟大乐行重长一]{1,5}";
    let compound = "(欧阳|司马|尉迟|万俟)[明乐行伟]{1,2}";
    let dotted = "[买提吐尔逊阿]{2,4}·[买提吐尔逊阿]{2,4}";
    let latin = "[A-Z]{2,8}(, | |-|')[A-Z]{1,8}";
    proptest::collection::vec(prop_oneof![4 => han, 1 => compound, 1 => dotted, 1 => latin], 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_name_is_found_by_itself_its_pinyin_and_its_initials(raw in names()) {
        let names: Vec<String> = raw.iter().filter_map(|raw| Some(Kind::Name.clean(raw, &Codes::default()).ok()?.into_owned())).filter(|name| !name.is_empty()).collect();
        let values: Vec<[(&str, &str); 1]> = names.iter().map(|name| [("name", name.as_str())]).collect();
        let records: Vec<Known<'_>> = (0..).zip(&values).map(|(entity, values)| (entity, &values[..])).collect();
        let (_root, index) = index(&records);
        for (entity, name) in (0_i64..).zip(&names) {
            let pinyin = name::pinyin(name);
            let ways = [
                (name.clone(), Class::Name),
                (name.to_lowercase(), Class::Name),
                (name.replace('·', ""), Class::Name),
                (pinyin.replace(' ', ""), Class::Pinyin),
                (pinyin.clone(), Class::Pinyin),
                (name::initials(name), Class::Initials),
            ];
            for (typed, farthest) in ways {
                let classes: HashMap<i64, Class> = found(&index, &typed).into_iter().collect();
                let class = classes.get(&entity);
                prop_assert!(class.is_some_and(|class| *class <= farthest), "{} by {}: {:?}", name, typed, class);
            }
        }
    }

    #[test]
    fn no_text_is_an_error(typed in "\\PC{0,40}", marks in "[\"'()*?^~:+\\-AND OR王0-9]{0,40}") {
        let (_root, index) = index(PEOPLE);
        for typed in [typed, marks] {
            let hits = found(&index, &typed);
            prop_assert!(hits.len() < PEOPLE.len() - 1, "{typed} finds everybody");
        }
    }
}
