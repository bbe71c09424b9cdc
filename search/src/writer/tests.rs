//! What stands on disk before, while and after an index is written; and that one that was only changed answers as one written anew.

use super::*;
use crate::{
    Permit,
    tests::{Known, ask, batch, person},
};
use proptest::prelude::*;
use std::{
    collections::BTreeSet,
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

/// A record has the number that what it says has, as those that are never rewritten do.
fn made(records: &[Known<'_>]) -> Made {
    let (mut made, mut told) = (Made::default(), BTreeSet::new());
    for (at, (entity, cells)) in records.iter().enumerate() {
        let mut hasher = DefaultHasher::new();
        let again = records[..at].iter().filter(|before| **before == (*entity, *cells)).count();
        (entity, cells, again).hash(&mut hasher);
        let record = hasher.finish().cast_signed();
        assert!(told.insert(record));
        made.add(*entity, record);
    }
    made
}

fn written(folder: &Path, before: Option<&Path>, records: &[Known<'_>]) -> Changed {
    let made = made(records);
    let begun = match before {
        Some(before) => Writer::upsert(before, folder, &person(), made),
        None => Writer::create(folder, &person(), made),
    };
    let mut writer = begun.unwrap();
    writer.add(&batch(records)).unwrap();
    writer.finish().unwrap()
}

fn write(folder: &Path, name: &str) -> u64 {
    written(folder, None, &[(1, &[("name", name)])]).documents
}

fn finds(folder: &Path, name: &str) -> bool {
    !Index::open(folder, &person()).unwrap().search(&ask(name, 0, 10), &Permit::ALL).unwrap().hits.is_empty()
}

#[test]
fn an_unfinished_index_leaves_the_old_one_and_is_swept_away_by_the_next() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("deep/person");
    assert_eq!(write(&folder, "王小明"), 1);
    let mut unfinished = Writer::create(&folder, &person(), Made::default()).unwrap();
    unfinished.add(&batch(&[(1, &[("name", "李大伟")])])).unwrap();
    drop(unfinished);
    assert!(finds(&folder, "王小明") && !finds(&folder, "李大伟"));
    write(&folder, "张三丰");
    assert!(finds(&folder, "张三丰") && !finds(&folder, "王小明"));
    assert_eq!(fs::read_dir(folder.parent().unwrap()).unwrap().count(), 1, "nothing is left beside the index");
}

#[test]
fn a_crash_between_the_renames_leaves_the_old_index() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("person");
    write(&folder, "王小明");
    fs::rename(&folder, folder::beside(&folder, "before")).unwrap();
    assert!(finds(&folder, "王小明"));
    write(&folder, "张三丰");
    assert!(finds(&folder, "张三丰"));
    assert!(!folder::beside(&folder, "before").exists());
}

#[test]
fn an_open_index_stays_as_it_was() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("person");
    write(&folder, "王小明");
    let opened = Index::open(&folder, &person()).unwrap();
    write(&folder, "张三丰");
    assert_eq!(opened.search(&ask("王小明", 0, 10), &Permit::ALL).unwrap().total, 1);
}

#[test]
fn records_that_say_the_same_are_one_document_and_empty_ones_none() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("person");
    let mut writer = Writer::create(&folder, &person(), Made::default()).unwrap();
    let known: &[(&str, &str)] = &[("name", "王小明"), ("phone", "12012345678")];
    for _ in 0..3 {
        writer.add(&batch(&[(1, known), (1, known), (2, known), (3, &[])])).unwrap();
    }
    writer.add(&batch(&[(1, &[("name", "王小明")])])).unwrap();
    assert_eq!(writer.finish().unwrap().documents, 3);
    assert_eq!(Index::open(&folder, &person()).unwrap().documents(), 3);
}

#[test]
fn what_is_no_index_of_this_model_is_told() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("person");
    assert!(Index::open(&folder, &person()).unwrap_err().to_string().contains("is not there; hint: run `wuwei index`"));
    write(&folder, "王小明");
    let vehicle = wuwei_schema::Model::embedded().unwrap().entity("vehicle").unwrap().clone();
    assert!(Index::open(&folder, &vehicle).unwrap_err().to_string().contains("another model"));
    let mut writer = Writer::create(&folder, &vehicle, Made::default()).unwrap();
    assert!(writer.add(&batch(&[(1, &[])])).unwrap_err().to_string().contains("no column `plate_no` of type Utf8"));
}

#[test]
fn no_value_of_an_entity_is_stored() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("person");
    write(&folder, "王小明");
    let index = Index::open(&folder, &person()).unwrap();
    let document: tantivy::TantivyDocument = index.searcher.doc(tantivy::DocAddress::new(0, 0)).unwrap();
    assert!(document.field_values().next().is_none());
}

type Said = (i64, String, String, &'static str);

/// Names and numbers of few characters, so that changes bring back what was there before.
fn records(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Said>> {
    let department = prop_oneof![Just("civil"), Just("health"), Just("police")];
    proptest::collection::vec((0..30_i64, "[王李单][小晓明]{1,2}", "1201234567[0-9]", department), count)
}

/// What stands after each delivery: some entities have lost all records or those of one department, some have new ones.
fn deliveries() -> impl Strategy<Value = Vec<Vec<Said>>> {
    let changes = proptest::collection::vec((0..7_i64, any::<bool>(), records(0..6)), 1..4);
    (records(20..60), changes).prop_map(|(first, changes)| {
        let mut all = vec![first];
        for (lost, only_police, new) in changes {
            let stays = |said: &&Said| said.0 % 7 != lost || only_police && said.3 != "police";
            let last = all.last().unwrap().iter().filter(stays).cloned().chain(new).collect();
            all.push(last);
        }
        all
    })
}

fn index(folder: &Path, before: Option<&Path>, records: &[Said]) -> (Changed, Index) {
    let cells: Vec<_> = records
        .iter()
        .map(|(entity, name, phone, department)| {
            (*entity, [("name", name.as_str()), ("phone", phone.as_str()), ("department", department), ("observed", "2026-01-02")])
        })
        .collect();
    let known: Vec<Known<'_>> = cells.iter().map(|(entity, cells)| (*entity, &cells[..])).collect();
    let changed = written(folder, before, &known);
    (changed, Index::open(folder, &person()).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn an_index_that_was_changed_answers_as_one_that_is_written_anew(deliveries in deliveries()) {
        let root = tempfile::tempdir().unwrap();
        let place = |number: usize| root.path().join(number.to_string()).join("person");
        for (number, records) in deliveries.iter().enumerate() {
            let before = number.checked_sub(1).map(place);
            let (changed, upserted) = index(&place(number), before.as_deref(), records);
            let (anew, rebuilt) = index(&root.path().join("anew"), None, records);
            prop_assert_eq!(changed.documents, anew.documents);
            prop_assert_eq!(upserted.documents(), rebuilt.documents());
            for typed in ["王小明", "小", "ming", "wxm", "5670", "12012345678", "王 5671", "王 -小", "dept:civil 王", "山小明"] {
                let ask = ask(typed, 0, 50);
                let answer = upserted.search(&ask, &Permit::ALL).unwrap();
                prop_assert_eq!(answer, rebuilt.search(&ask, &Permit::ALL).unwrap(), "{}", typed);
            }
        }
    }
}

#[test]
fn only_what_changed_is_written() {
    let root = tempfile::tempdir().unwrap();
    let (first, second, third) = (root.path().join("1/person"), root.path().join("2/person"), root.path().join("3/person"));
    let people: Vec<String> = (0..100).map(|number| format!("120123456{number:02}")).collect();
    let cells: Vec<[(&str, &str); 1]> = people.iter().map(|phone| [("phone", phone.as_str())]).collect();
    let known: Vec<Known<'_>> = (0..).zip(&cells).map(|(entity, cells)| (entity, &cells[..])).collect();
    assert_eq!(written(&first, None, &known), Changed { documents: 100, added: 100, removed: 0 });
    let mut other = known.clone();
    other[7].1 = &[("phone", "12099999999")];
    assert_eq!(written(&second, Some(&first), &other), Changed { documents: 100, added: 1, removed: 1 });
    assert_eq!(written(&third, Some(&second), &other[1..]), Changed { documents: 99, added: 0, removed: 1 });
    let finds = |folder: &Path, phone: &str| {
        let hits = Index::open(folder, &person()).unwrap().search(&ask(phone, 0, 100), &Permit::ALL).unwrap().hits;
        hits.iter().filter(|hit| !hit.class.is_near()).count()
    };
    assert_eq!([&first, &second, &third].map(|folder| finds(folder, "12099999999")), [0, 1, 1], "what is open to others is not changed");
    assert_eq!([&first, &second, &third].map(|folder| finds(folder, &people[7])), [1, 0, 0]);
    assert_eq!([&first, &second, &third].map(|folder| finds(folder, &people[0])), [1, 1, 0]);
}

#[test]
fn many_small_changes_leave_few_segments() {
    let root = tempfile::tempdir().unwrap();
    let place = |number: usize| root.path().join(number.to_string()).join("person");
    for number in 0..24 {
        let phones: Vec<String> = (0..=number).map(|number| format!("120123456{number:02}")).collect();
        let cells: Vec<[(&str, &str); 1]> = phones.iter().map(|phone| [("phone", phone.as_str())]).collect();
        let known: Vec<Known<'_>> = (0..).zip(&cells).map(|(entity, cells)| (entity, &cells[..])).collect();
        written(&place(number), number.checked_sub(1).map(place).as_deref(), &known);
    }
    let index = Index::open(&place(23), &person()).unwrap();
    assert_eq!(index.documents(), 24);
    assert!(index.searcher.segment_readers().len() < 9, "{}", index.searcher.segment_readers().len());
    let files = fs::read_dir(place(23)).unwrap().count();
    assert!(files < 9 * 8 + 4, "what was merged is gone: {files} files");
}

#[test]
fn an_index_that_cannot_be_changed_is_written_anew() {
    let root = tempfile::tempdir().unwrap();
    let (before, folder) = (root.path().join("1/person"), root.path().join("2/person"));
    let records: &[Known<'_>] = &[(1, &[("name", "王小明")])];
    assert_eq!(written(&folder, Some(&before), records).added, 1, "there is none");
    fs::create_dir_all(&before).unwrap();
    fs::write(before.join("meta.json"), "{").unwrap();
    assert_eq!(written(&folder, Some(&before), records).added, 1, "it is broken");
}
