//! `wuwei eval`: how well the present resolution agrees with what is known to be true.

use crate::{
    Error, cells,
    cli::{Common, Eval},
    clock,
    hub::Hub,
    output,
};
use arrow_array::Array as _;
use futures::StreamExt as _;
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::Path,
};
use wuwei_graph::Scores;
use wuwei_query::Batches;
use wuwei_schema::table;

pub(super) async fn run(common: &Common, asked: &Eval) -> Result<(), Error> {
    let hub = Hub::open(common).await?;
    let truth = match (&asked.truth, &asked.property) {
        (Some(file), _) => of_file(&hub, file, &asked.entity).await?,
        (None, Some(property)) => of_property(&hub, &asked.entity, property).await?,
        (None, None) => return Err(Error::asked("no truth was given", "give --truth FILE or --property NAME")),
    };
    let scores = score(&hub, truth).await?;
    output::print(common, &scores, text)
}

/// Truth as record and name of the true thing.
type Truth = Vec<(i64, String)>;

/// The scores of the demo's county.
pub(super) async fn of_county(hub: &Hub, truth: &Path) -> Result<Scores, Error> {
    score(hub, of_file(hub, truth, "person").await?).await
}

async fn score(hub: &Hub, truth: Truth) -> Result<Scores, Error> {
    if truth.is_empty() {
        return Err(Error::asked("the truth names no record of this hub", "give the truth that was written beside the files loaded"));
    }
    let mut links = Vec::new();
    let mut batches = read(hub, table::LINK, &["record_id", "entity_id"]).await?;
    while let Some(batch) = batches.next().await.transpose()? {
        let (records, entities) = (cells::numbers(&batch, "record_id")?, cells::numbers(&batch, "entity_id")?);
        links.extend(records.values().iter().copied().zip(entities.values().iter().copied()));
    }
    Ok(wuwei_graph::evaluate(truth.into_iter(), links.into_iter()))
}

/// Records that a truth file speaks of, found by where they stand.
async fn of_file(hub: &Hub, file: &Path, entity: &str) -> Result<Truth, Error> {
    let mut known = places(file)?;
    let mut truth = Truth::new();
    let mut batches = read(hub, &record_table(hub, entity)?, &["record_id", "batch", "sheet", "row", "role"]).await?;
    while let Some(batch) = batches.next().await.transpose()? {
        let (records, rows) = (cells::numbers(&batch, "record_id")?, cells::numbers(&batch, "row")?);
        let [file, sheet, role] = ["batch", "sheet", "role"].map(|name| cells::texts(&batch, name));
        let (file, sheet, role) = (file?, sheet?, role?);
        for at in 0..batch.num_rows() {
            let [file, sheet, role] = [&file, &sheet, &role].map(|column| cells::text(column, at).unwrap_or_default());
            if let Some(true_one) = known.remove(&place(file, sheet, rows.value(at), role)) {
                truth.push((records.value(at), true_one.to_string()));
            }
        }
    }
    Ok(truth)
}

/// Place and true thing of each line: `extract,file,sheet,row,role` and a number, as `synth` writes it. `files.csv` beside it says which batch
/// a file is. A place is kept as a hash of 64 bits: of 100 million, two are the same once in 3,700 counties.
fn places(file: &Path) -> Result<HashMap<u64, u32>, Error> {
    let hint = "give truth/records.csv of what was loaded, with files.csv beside it";
    let unread = |file: &Path, detail: &str| Error::asked(format!("truth file `{}` cannot be read: {detail}", file.display()), hint);
    let mut batches = HashMap::new();
    let list = file.with_file_name("files.csv");
    let failed = |error: csv::Error| unread(&list, &error.to_string());
    for record in csv::Reader::from_path(&list).map_err(failed)?.records() {
        let record = record.map_err(failed)?;
        let cell = |at: usize| record.get(at).unwrap_or_default().to_owned();
        batches.insert(cell(0), cell(2));
    }
    let mut known = HashMap::new();
    let failed = |error: csv::Error| unread(file, &error.to_string());
    let mut reader = csv::Reader::from_path(file).map_err(failed)?;
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(failed)? {
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let batch = batches.get(cell(1)).map(String::as_str).unwrap_or_default();
        let (row, true_one) = (cell(3).parse().ok(), cell(5).parse().ok());
        let (row, true_one) = row.zip(true_one).ok_or_else(|| unread(file, "a line does not say row and true one in numbers"))?;
        known.insert(place(batch, cell(2), row, cell(4)), true_one);
    }
    Ok(known)
}

fn place(batch: &str, sheet: &str, row: i64, role: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (batch, sheet, row, role).hash(&mut hasher);
    hasher.finish()
}

async fn of_property(hub: &Hub, entity: &str, property: &str) -> Result<Truth, Error> {
    let table = record_table(hub, entity)?;
    let mut truth = Truth::new();
    let mut batches = read(hub, &table, &["record_id", property]).await?;
    while let Some(batch) = batches.next().await.transpose()? {
        let (records, values) = (cells::numbers(&batch, "record_id")?, cells::texts(&batch, property)?);
        let known = (0..values.len()).filter_map(|at| Some((records.value(at), cells::text(&values, at)?.to_owned())));
        truth.extend(known);
    }
    Ok(truth)
}

fn record_table(hub: &Hub, entity: &str) -> Result<String, Error> {
    let known = &hub.definitions.model.entities;
    let hint = || wuwei_schema::nearest(entity, known.keys().map(String::as_str));
    let found = known.get(entity).ok_or_else(|| Error::asked(format!("the model has no entity type `{entity}`"), hint()))?;
    Ok(format!("record.{}", found.name))
}

async fn read(hub: &Hub, table: &str, columns: &[&str]) -> Result<Batches, Error> {
    Ok(hub.stage("eval")?.read(table, columns, clock::now_ms()).await?)
}

fn text(scores: &Scores) -> String {
    let row = |name: &str, score: &wuwei_graph::Score| {
        let figures = [score.precision, score.recall, score.f1].map(|figure| format!("{figure:.4}"));
        std::iter::once(name.to_owned()).chain(figures).collect::<Vec<_>>()
    };
    let rows = [row("pairwise", &scores.pairwise), row("b-cubed", &scores.bcubed), row("cluster", &scores.cluster)];
    output::table(&["measure", "precision", "recall", "f1"], &rows)
}
