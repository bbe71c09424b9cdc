//! What ties the people of a world: edges, old numbers, pairs that may be one, and the index that they are found by.

use super::world::{Human, NEW, RESTRICTED, Row, batch, row, row_of, stated};
use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use wuwei_schema::EntityType;

/// An index of the people who are linked.
pub(super) fn indexed(folder: &Path, person: &EntityType, people: &[Human]) -> PathBuf {
    let folder = folder.join("index");
    let linked: Vec<&Human> = people.iter().filter(|human| human.number < NEW).collect();
    let records = batch(&person.record_schema(), &linked.iter().map(|human| stated(human, true)).collect::<Vec<_>>());
    let entities = Int64Array::from_iter_values(linked.iter().map(|human| 1000 + human.number));
    let schema = records.schema();
    let columns = schema.fields().iter().map(|field| field.name().clone()).zip(records.columns().iter().cloned());
    let with_entities = columns.chain([("entity_id".to_owned(), Arc::new(entities) as ArrayRef)]);
    let mut writer = wuwei_search::Writer::create(&folder.join("person"), person, wuwei_search::Made::default()).unwrap();
    writer.add(&RecordBatch::try_from_iter_with_nullable(with_entities.map(|(name, column)| (name, column, true))).unwrap()).unwrap();
    writer.finish().unwrap();
    folder
}

/// Everybody who owns a vehicle owns the next but one and one of the first few with others, so that there are ways from one to another, of
/// several lengths, and vehicles that many own.
pub(super) fn owned(human: &Human) -> Vec<Row> {
    let owns = |vehicle: i64| {
        let mut row = row([
            ("relation", "owns".to_owned()),
            ("source", (1000 + human.number).to_string()),
            ("source_type", "person".to_owned()),
            ("target", (1500 + vehicle).to_string()),
            ("target_type", "vehicle".to_owned()),
            ("since", human.since.clone()),
        ]);
        row.extend(row_of(human));
        row
    };
    // Of who is restricted this too differs, whoever asks.
    let is_restricted = usize::try_from(human.number).unwrap() == RESTRICTED;
    let day = i64::from(human.since.bytes().last().unwrap() % 10);
    [human.number, (human.number + 8) % 72, if is_restricted { day * 4 } else { human.number % 5 * 4 }].map(owns).to_vec()
}

/// An old number of somebody.
pub(super) fn led(human: &Human) -> Row {
    row([("from_id", (3000 + human.number).to_string()), ("to_id", (1000 + human.number).to_string())])
}

/// That somebody and the next may be one.
pub(super) fn doubted(human: &Human) -> Row {
    row([
        ("entity", "person".to_owned()),
        ("left", human.number.to_string()),
        ("right", (human.number + 1).to_string()),
        ("key", "name birth_date".to_owned()),
        ("levels", "name=6 sex=1".to_owned()),
        ("weight", format!("{}.5", human.number % 7)),
        ("posterior", "0.75".to_owned()),
        ("joined", "false".to_owned()),
    ])
}
