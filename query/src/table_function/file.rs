//! The files of one entity and of one household, and what happened when, as rows: what is arranged for whoever reads a file, as SQL asks for
//! it. Whoever has no file that the asker sees has no rows, whether there is one or not.

use super::{
    Inside, TableFunction,
    argument::{Argument, Arguments, Otherwise, Takes},
    edges::{READS, not_after},
    graph::{NAMED, listed},
    lines::{COLUMNS, Line, corrections, lines, withheld},
    made,
    neighbours::ID,
};
use crate::{Error, guard::Names as _, rights::Visible};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::DataType;
use futures::TryStreamExt as _;
use std::sync::Arc;
use wuwei_graph::{Dated, EntityFile, HOUSEHOLD, HouseholdFile, entity_file, household_file};
use wuwei_schema::{contract, history, table};

pub(super) const PERSON_FILE: TableFunction = TableFunction {
    name: "person_file",
    zh: "一人一档（或任一实体的档案），一行一项：section 为 identity（各部门所述的值，standing 为采用值，conflict 为部门间矛盾）、household、residence、object、organization、relation（standing 为现在仍然成立）、timeline（何时发生何事，since 为日期，同 timeline 函数）、record（归并在此的记录及其依据）、pair（加权比对过的记录对，value 为另一记录，rule 为权重比特数）、correction（更正申请及其状态）或 withheld（对查询者不予显示的内容：item 为类型，label 为方式，value 为部门、类别或字段，rule 为所依据的角色与用途），内容与 /api/v1/people/{id} 相同；每行注明来源文件与行；查询者不可见的不在其中",
    en: "The file of a person, or of any other entity, a row an item: `section` is identity (a value that a department states; `standing` the one that stands, `conflict` where departments disagree), household, residence, object, organization, relation (`standing` while it lasts), timeline (what happened when, `since` is the date, as of the function `timeline`), record (one that is merged here, and on what ground), pair (two records that were weighed, `value` is the other one, `rule` the weight in bits), correction (what a department was asked to put right, `label` is its state) or withheld (what is kept back from whoever asks: `item` of which types, `label` how, `value` which departments, classes or fields, `rule` the role and purpose that it follows from), the same as /api/v1/people/{id} has; each row names the file and row that say so; what whoever asks does not see is not in it",
    arguments: &[ID],
    columns: COLUMNS,
    reads: READS,
    reads_as_seen: Some(of_files),
    rows: |inside, given| Box::pin(person(inside, given)),
    example: "SELECT f.item, f.value, f.department, f.first_seen FROM person_file(id => 1001) f WHERE f.section = 'identity'",
};

pub(super) const HOUSEHOLD_FILE: TableFunction = TableFunction {
    name: "household_file",
    zh: "一户一档，id 为户或其成员的编号：section 为 identity、member（成员，standing 为现在仍在户内）、dwelling（住所）、household、timeline、record、pair、withheld，列与 person_file 相同，每个来源一行",
    en: "The file of a household, by its own number or a member's: `section` is identity, member (`standing` while somebody belongs to it), dwelling, household, timeline, record, pair or withheld; columns as of `person_file`, a row for each that says so",
    arguments: &[ID],
    columns: COLUMNS,
    reads: READS,
    reads_as_seen: Some(of_files),
    rows: |inside, given| Box::pin(household(inside, given)),
    example: "SELECT DISTINCT f.entity_id, f.value, f.item FROM household_file(1001) f WHERE f.section = 'member' AND f.standing",
};

const DATED: &[(&str, DataType)] = &[
    ("date", DataType::Utf8),
    ("what", DataType::Utf8),
    ("what_en", DataType::Utf8),
    ("entity_id", DataType::Int64),
    ("caption", DataType::Utf8),
    ("department", DataType::Utf8),
    ("extract", DataType::Utf8),
    ("batch", DataType::Utf8),
    ("sheet", DataType::Utf8),
    ("row", DataType::Int64),
];

pub(super) const TIMELINE: TableFunction = TableFunction {
    name: "timeline",
    zh: "一个实体何时发生何事，从早到晚：记录与关系中的日期，from、to 为所查期间，缺省不限；entity_id 为所涉的另一实体",
    en: "What happened to an entity when, earliest first: dates of its records, events and relations; `from` and `to` the time that is asked for, any by default; `entity_id` is the other one concerned",
    arguments: &[
        ID,
        Argument { name: "from", takes: Takes::Day, otherwise: Otherwise::Null },
        Argument { name: "to", takes: Takes::Day, otherwise: Otherwise::Null },
    ],
    columns: DATED,
    reads: READS,
    reads_as_seen: Some(of_files),
    rows: |inside, given| Box::pin(timeline(inside, given)),
    example: "SELECT t.date, t.what, t.department FROM timeline(1001, \"from\" => '2020') t ORDER BY t.date",
};

/// The tables that files are made of, as far as they are seen, each with its columns.
fn of_files(visible: &Visible<'_>) -> Result<Vec<(String, Vec<String>)>, Error> {
    let besides = [table::LINK, table::PAIR, history::REDIRECT, contract::CORRECTION, "contract.delivery"];
    let mut reads = Vec::new();
    for name in visible.names()? {
        let is_of_type = (name.starts_with("record.") || name.starts_with("entity.")) && name != table::RELATION;
        if (is_of_type || besides.contains(&name.as_str()))
            && let Some(schema) = visible.schema(&name)?
        {
            reads.push((name, schema.fields().iter().map(|field| field.name().clone()).collect()));
        }
    }
    Ok(reads)
}

async fn person(inside: Inside, given: Arguments) -> Result<RecordBatch, Error> {
    let Some(file) = file_of(&inside, &given).await? else { return made(COLUMNS, lines(&[])) };
    let mut all = Line::of_entity(inside.asker.model(), &file);
    all.extend(asked(&inside, &file).await?);
    all.extend(withheld(&inside.session.hidden(&file.entity)?));
    made(COLUMNS, lines(&all))
}

async fn household(inside: Inside, given: Arguments) -> Result<RecordBatch, Error> {
    let Some(id) = given.number(0) else { return made(COLUMNS, lines(&[])) };
    let found = inside.asker.household(id).await?.filter(|(entity, _)| entity.name == HOUSEHOLD);
    let file: Option<HouseholdFile> = match found {
        Some((entity, gathered)) => seen(household_file(inside.asker.model(), entity, &gathered))?,
        None => None,
    };
    let Some(file) = file else { return made(COLUMNS, lines(&[])) };
    let mut all = Line::of_household(&file);
    all.extend(withheld(&inside.session.hidden(HOUSEHOLD)?));
    made(COLUMNS, lines(&all))
}

/// What departments were asked to put right of its records, where whoever asks sees such requests.
async fn asked(inside: &Inside, file: &EntityFile) -> Result<Vec<Line>, Error> {
    if inside.session.withheld(contract::CORRECTION)?.closed {
        return Ok(Vec::new());
    }
    let records: Vec<i64> = file.merged.records.iter().map(|record| record.record_id).collect();
    let mut all = Vec::new();
    for some in records.chunks(NAMED) {
        let question = format!(
            "SELECT record_id, department, property, ground, state, answer, CAST(CAST(at AS DATE) AS VARCHAR) AS day FROM {} \
             WHERE record_id IN ({}) ORDER BY correction",
            contract::CORRECTION,
            listed(some)
        );
        for batch in (inside.ask)(question).await?.try_collect::<Vec<RecordBatch>>().await? {
            all.extend(corrections(&batch)?);
        }
    }
    Ok(all)
}

async fn timeline(inside: Inside, given: Arguments) -> Result<RecordBatch, Error> {
    let dated = file_of(&inside, &given).await?.map(|file| file.timeline).unwrap_or_default();
    let within = |dated: &&Dated| not_after(given.text(1), Some(&dated.date)) && not_after(Some(&dated.date), given.text(2));
    let dated: Vec<&Dated> = dated.iter().filter(within).collect();
    let text = |of: &dyn Fn(&Dated) -> String| {
        let filled = dated.iter().map(|dated| Some(of(dated)).filter(|text| !text.is_empty()));
        Arc::new(filled.collect::<StringArray>()) as ArrayRef
    };
    let columns = vec![
        text(&|dated| dated.date.clone()),
        text(&|dated| dated.what.zh.clone()),
        text(&|dated| dated.what.en.clone()),
        Arc::new(dated.iter().map(|dated| dated.entity_id).collect::<Int64Array>()) as ArrayRef,
        text(&|dated| dated.caption.clone()),
        text(&|dated| dated.source.department.clone()),
        text(&|dated| dated.source.extract.clone()),
        text(&|dated| dated.source.batch.clone()),
        text(&|dated| dated.source.sheet.clone()),
        Arc::new(dated.iter().map(|dated| Some(dated.source.row)).collect::<Int64Array>()) as ArrayRef,
    ];
    made(DATED, columns)
}

async fn file_of(inside: &Inside, given: &Arguments) -> Result<Option<EntityFile>, Error> {
    let Some(id) = given.number(0) else { return Ok(None) };
    match inside.asker.entity(id).await? {
        Some((entity, gathered)) => seen(entity_file(inside.asker.model(), entity, &gathered)),
        None => Ok(None),
    }
}

/// Of whom no record is seen there is no file.
fn seen<T>(arranged: Result<T, wuwei_graph::Error>) -> Result<Option<T>, Error> {
    match arranged {
        Ok(file) => Ok(Some(file)),
        Err(wuwei_graph::Error::Missing { .. }) => Ok(None),
        Err(_) => Err(Error::Engine { detail: "a file cannot be put together" }),
    }
}
