//! Who is who on one labelled file, without a hub: how well and how fast. It prints counts and seconds and judges nothing.
//!
//! `cargo bench -p wuwei-graph --bench labelled -- MODEL ENTITY FILE.csv [PROPERTY=COLUMN…] [--links OUT.csv] [--report]`
//!
//! MODEL is a folder of model files, or `carried` for the program's own. Columns are called as the properties are, or as said; the truth
//! is the column `cluster`, or another: `cluster=rec_id:2` takes the first two parts of `rec-7-org`.
#![expect(clippy::print_stdout, clippy::unwrap_used, clippy::panic, reason = "a bench prints, and stops at what is wrong")]

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path, sync::Arc, time::Instant};
use wuwei_graph::{Resolution, columns_needed, evaluate, resolve};
use wuwei_schema::{Codes, EntityType, Model, SourceFile};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [model, entity, file, rest @ ..] = arguments.as_slice() else {
        println!("labelled: give MODEL ENTITY FILE.csv (see the head of this file)");
        return;
    };
    let model = read_model(model);
    let entity = model.entity(entity).unwrap();
    let (batch, truth) = read(entity, &model.codes, file, rest);
    let rows = batch.num_rows();
    let start = Instant::now();
    let found = resolve(entity, std::iter::once(Ok(batch)), &wuwei_graph::Decisions::default()).unwrap();
    let seconds = start.elapsed().as_secs_f64();
    println!("{file}: {rows} records, {} pairs compared, {seconds:.2} s, {} entities", found.report.compared, found.report.entities);
    judge(&truth, &found);
    if rest.iter().any(|argument| argument == "--report") {
        println!("{:#?}", found.report);
    }
    if let Some(out) = rest.iter().position(|argument| argument == "--links").and_then(|at| rest.get(at + 1)) {
        write_links(out, &truth, &found);
    }
}

/// The records cleaned as the program cleans them, and what each really is.
fn read(entity: &EntityType, codes: &Codes, file: &str, maps: &[String]) -> (RecordBatch, Vec<(i64, String)>) {
    let maps: BTreeMap<&str, &str> = maps.iter().filter_map(|map| map.split_once('=')).collect();
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(file).unwrap();
    let headers = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let position = |name: &str| headers.iter().position(|header| header == name);
    let numbers: Vec<i64> = match position("record_id") {
        Some(at) => rows.iter().map(|row| row[at].parse().unwrap()).collect(),
        None => (1..).take(rows.len()).collect(),
    };
    let mut columns: Vec<(String, ArrayRef)> = vec![("record_id".to_owned(), Arc::new(Int64Array::from(numbers.clone())))];
    for name in columns_needed(entity).into_iter().skip(1) {
        let kind = &entity.property(&name).unwrap().kind;
        let at = position(maps.get(name.as_str()).unwrap_or(&name.as_str()));
        let value = |row: &csv::StringRecord| -> Option<String> {
            let clean = kind.clean(&row[at?], codes).ok()?;
            Some(clean.into_owned()).filter(|value| !value.is_empty())
        };
        let values: StringArray = rows.iter().map(value).collect();
        columns.push((name, Arc::new(values)));
    }
    let (column, parts) = maps.get("cluster").map_or(("cluster", 0), |map| {
        let (column, parts) = map.split_once(':').unwrap_or((map, "0"));
        (column, parts.parse().unwrap())
    });
    let at = position(column).unwrap_or_else(|| panic!("no column `{column}`"));
    let named = |cell: &str| if parts == 0 { cell.to_owned() } else { cell.split('-').take(parts).collect::<Vec<_>>().join("-") };
    let truth = numbers.iter().zip(&rows).map(|(&number, row)| (number, named(&row[at])));
    let truth = truth.filter(|(_, name)| !name.is_empty()).collect();
    (RecordBatch::try_from_iter(columns).unwrap(), truth)
}

fn read_model(folder: &str) -> Model {
    if folder == "carried" {
        return Model::embedded().unwrap();
    }
    let file = |path: &Path| SourceFile {
        name: path.file_name().unwrap().to_string_lossy().into_owned(),
        text: fs::read_to_string(path).unwrap(),
    };
    let files: Vec<SourceFile> = fs::read_dir(folder).unwrap().map(|entry| file(&entry.unwrap().path())).collect();
    Model::parse(&files).unwrap()
}

fn judge(truth: &[(i64, String)], found: &Resolution) {
    let scores = evaluate(truth.iter().cloned(), links(found));
    for (name, score) in [("pairwise", scores.pairwise), ("b-cubed", scores.bcubed), ("cluster", scores.cluster)] {
        println!("  {name:9} precision {:.5} recall {:.5} f1 {:.5}", score.precision, score.recall, score.f1);
    }
}

fn links(found: &Resolution) -> impl Iterator<Item = (i64, i64)> {
    found.link.records().values().iter().copied().zip(found.link.entities().values().iter().copied())
}

/// What each record is and what it was taken for.
fn write_links(out: &str, truth: &[(i64, String)], found: &Resolution) {
    let truth: BTreeMap<i64, &str> = truth.iter().map(|(record, name)| (*record, name.as_str())).collect();
    let mut text = "record_id,entity_id,cluster\n".to_owned();
    for (record, entity) in links(found) {
        writeln!(text, "{record},{entity},{}", truth.get(&record).unwrap_or(&"")).unwrap();
    }
    fs::write(out, text).unwrap();
}
