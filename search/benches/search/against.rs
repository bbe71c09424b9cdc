//! The same names and questions as other engines get: `tests/bench/search_against.py` writes both and reads what comes of it.

use crate::invented::name;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use std::{
    fs::{File, read_to_string},
    io::{BufWriter, Write as _},
    path::Path,
    sync::Arc,
    time::Instant,
};
use wuwei_schema::{EntityType, kind};
use wuwei_search::{Ask, Index, Made, Permit, Writer};

/// Writes `names.csv`: so many invented names, with their pinyin and initials, which other engines have to be given.
pub(crate) fn write_names(folder: &Path, people: usize) {
    let mut file = BufWriter::new(File::create(folder.join("names.csv")).unwrap());
    writeln!(file, "entity_id,name,pinyin,initials").unwrap();
    for person in 0..people {
        let name = name(person);
        let (pinyin, initials) = (kind::name::pinyin(&name).replace([' ', '·'], ""), kind::name::initials(&name));
        writeln!(file, "{person},{name},{pinyin},{initials}").unwrap();
    }
}

/// Answers `queries.csv` (way, typed) from the names of `names.csv` into `ours.csv`: microseconds, and the first twenty numbers. Says how
/// long the index took.
pub(crate) fn answer(person: &EntityType, folder: &Path) {
    let names = read_to_string(folder.join("names.csv")).unwrap();
    let names: Vec<(i64, &str)> =
        names.lines().skip(1).map(|line| field(line, 0).parse().unwrap()).zip(names.lines().skip(1).map(|line| field(line, 1))).collect();
    let root = tempfile::tempdir_in(folder).unwrap();
    let place = root.path().join("person");
    let clock = Instant::now();
    let mut writer = Writer::create(&place, person, Made::default()).unwrap();
    names.chunks(8192).for_each(|names| writer.add(&batch(person, names)).unwrap());
    writer.finish().unwrap();
    crate::say("index", &[("names", names.len() as f64), ("seconds", clock.elapsed().as_secs_f64())]);
    let index = Index::open(&place, person).unwrap();
    let queries = read_to_string(folder.join("queries.csv")).unwrap();
    let mut file = BufWriter::new(File::create(folder.join("ours.csv")).unwrap());
    for typed in queries.lines().skip(1).map(|line| field(line, 1)) {
        let clock = Instant::now();
        let answer = index.search(&Ask { typed, today: "2026-11-29", names: None, offset: 0, limit: 20 }, &Permit::ALL).unwrap();
        let took = clock.elapsed().as_micros();
        let hits: Vec<String> = answer.hits.iter().map(|hit| hit.entity_id.to_string()).collect();
        writeln!(file, "{took},{}", hits.join(" ")).unwrap();
    }
}

fn batch(person: &EntityType, names: &[(i64, &str)]) -> RecordBatch {
    let entity: ArrayRef = Arc::new(Int64Array::from_iter_values(names.iter().map(|(entity, _)| *entity)));
    let text =
        |value: &dyn Fn(&str) -> Option<String>| Arc::new(StringArray::from_iter(names.iter().map(|(_, name)| value(name)))) as ArrayRef;
    let searched = person.properties.iter().filter(|property| property.search.is_some());
    let columns = searched.map(|property| (property.name.clone(), text(&|name| (property.name == "name").then(|| name.to_owned()))));
    let lineage = [("entity_id".to_owned(), entity), ("department".to_owned(), text(&|_| Some("police".to_owned())))];
    RecordBatch::try_from_iter(lineage.into_iter().chain(columns)).unwrap()
}

/// No name and nothing typed here has a comma or a quotation mark.
fn field(line: &str, at: usize) -> &str {
    line.split(',').nth(at).unwrap()
}
