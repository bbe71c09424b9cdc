//! Invented people, three documents each, drawn from nothing but their number, so that any number of them takes no memory.

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use std::{ops::Range, sync::Arc};
use wuwei_schema::EntityType;

const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋余杜叶程苏魏吕丁任姚沈钟姜崔谭陆范汪廖石金韦贾夏单仇解查区";
const GIVEN: &str = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国志海燕晓东云飞雪松柏竹青山河川江湖波涵宇轩浩然子墨梓桐思远嘉怡欣悦佳琪书瑶";
const COMPOUND: [&str; 8] = ["欧阳", "上官", "司马", "诸葛", "尉迟", "长孙", "万俟", "澹台"];
const PARTS: [&str; 10] = ["阿卜杜拉", "买买提", "吐尔逊", "古丽", "艾力", "热合曼", "努尔兰", "巴合提", "扎西", "卓玛"];
const STREETS: [&str; 12] =
    ["人民路", "建设路", "解放街", "文化路", "滨河大道", "新华街", "朝阳路", "光明街", "和平路", "东风大道", "学府路", "工业大道"];
const TOWNS: [&str; 8] = ["城关镇", "东河乡", "西山镇", "南坪乡", "北关街道", "石桥镇", "柳林乡", "双河镇"];
const DEPARTMENTS: [&str; 3] = ["civil", "health", "police"];

/// Three documents a person, by department: each knows the name, two the id, one the phone and the home. People whose number `moved` names
/// have another phone.
pub(crate) fn batch(person: &EntityType, rows: Range<usize>, moved: &dyn Fn(usize) -> bool) -> RecordBatch {
    let entity: ArrayRef = Arc::new(Int64Array::from_iter_values(rows.clone().map(|row| i64::try_from(row / 3).unwrap())));
    let value = |property: &str, row: usize| match (property, row % 3) {
        ("name", _) => Some(name(row / 3)),
        ("id_no", 0 | 2) => Some(id(row / 3)),
        ("birth_date", 2) => Some(birth(row / 3)),
        ("phone", 1) => Some(if moved(row / 3) { new_phone(row / 3) } else { phone(row / 3) }),
        ("live_address", 0) => Some(address(row / 3)),
        _ => None,
    };
    let departments: ArrayRef = Arc::new(StringArray::from_iter_values(rows.clone().map(|row| DEPARTMENTS[row % 3])));
    let searched = person.properties.iter().filter(|property| property.search.is_some()).map(|property| {
        let column: ArrayRef = Arc::new(StringArray::from_iter(rows.clone().map(|row| value(&property.name, row))));
        (property.name.clone(), column)
    });
    let lineage = [("entity_id".to_owned(), entity), ("department".to_owned(), departments)];
    RecordBatch::try_from_iter(lineage.into_iter().chain(searched)).unwrap()
}

/// A number that says nothing of the one it is of (SplitMix64, Steele 2014).
pub(crate) fn mixed(number: usize) -> usize {
    let mut state = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x9e37_79b9_7f4a_7c15);
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    usize::try_from((state ^ (state >> 31)) >> 8).unwrap()
}

/// The one of `texts` that falls to a number; the first ones more often, as surnames are.
fn drawn(texts: &str, number: usize) -> char {
    let count = texts.chars().count();
    texts.chars().nth((number % count) * (number / count % count) / count).unwrap()
}

pub(crate) fn surname(person: usize) -> char {
    drawn(SURNAMES, mixed(person))
}

/// One in fifty has a dotted name, another one a compound surname.
pub(crate) fn name(person: usize) -> String {
    let number = mixed(person ^ 0x1111);
    let part = |number: usize| PARTS[number % PARTS.len()];
    let second = (!person.is_multiple_of(6)).then(|| drawn(GIVEN, mixed(person ^ 0x5555)));
    let given: String = [drawn(GIVEN, mixed(person ^ 0x3333))].into_iter().chain(second).collect();
    match number % 50 {
        0 => format!("{}·{}", part(number / 50), part(number / 500)),
        1 => format!("{}{given}", COMPOUND[number / 50 % COMPOUND.len()]),
        _ => format!("{}{given}", surname(person)),
    }
}

pub(crate) fn birth(person: usize) -> String {
    format!("{}-{:02}-{:02}", 1930 + person % 90, 1 + person / 7 % 12, 1 + person / 11 % 28)
}

pub(crate) fn id(person: usize) -> String {
    format!("9901{:02}{}{:03}{}", 1 + person % 20, birth(person).replace('-', ""), mixed(person) % 1000, person % 10)
}

pub(crate) fn phone(person: usize) -> String {
    format!("120{:08}", mixed(person ^ 0x7777) % 100_000_000)
}

/// The one that somebody has after a delivery.
pub(crate) fn new_phone(person: usize) -> String {
    format!("111{:08}", mixed(person ^ 0x9999) % 100_000_000)
}

pub(crate) fn address(person: usize) -> String {
    let (home, house) = (mixed(person / 3), mixed(person / 200));
    let (town, street) = (TOWNS[house % TOWNS.len()], STREETS[house / 8 % STREETS.len()]);
    let (number, building, unit) = (1 + house / 100 % 300, 1 + home % 12, 1 + home / 12 % 4);
    format!("云溪县{town}{street}{number}号{building}栋{unit}单元{}{:02}室", 1 + home / 48 % 18, 1 + home / 900 % 4)
}
