//! Accepted rows as they stand in the file, for proof: text, cell by cell, nothing interpreted.

use super::{
    Place,
    column::{Texts, numbers, repeat},
    some,
};
use crate::{
    Extract, Role,
    block::{Block, Cells},
    held::HeldRow,
};
use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use std::{ops::Range, sync::Arc};
use wuwei_schema::{Label, Model, Sensitivity, table};

/// `raw.<extract>`: batch Utf8, row Int64, sheet Utf8 (null where a file has no sheets), the first and the last record of the row Int64, the
/// hashes of its key and of its cells Int64, the date at which the source knew it Utf8 (null when unknown), then each heading that is not dropped as a Utf8
/// column (null where the cell is empty), commented with the property that it becomes, or why it becomes none. Of an extract that has rows
/// which may not be kept the schema says `stands_by`, by which column they stand: what turns out to be one of them is not shown any more. It says
/// the `department` too, and of each heading the `sensitivity`: of the most protected property that it becomes, `special` where it becomes none.
pub fn raw_schema(extract: &Extract, model: &Model) -> SchemaRef {
    let mut fields = vec![
        table::comment(Field::new("batch", DataType::Utf8, false), "批次", "First 16 hexadecimal digits of the file's SHA-256"),
        table::comment(Field::new("row", DataType::Int64, false), "行号", "Row as a spreadsheet numbers it"),
        table::comment(Field::new("sheet", DataType::Utf8, true), "工作表", "Sheet"),
        table::comment(Field::new("first_record", DataType::Int64, false), "起记录号", "First record number of the row"),
        table::comment(Field::new("last_record", DataType::Int64, false), "止记录号", "Last record number of the row"),
        table::comment(
            Field::new("row_key", DataType::Int64, false),
            "行键",
            "Hash of the columns that make it the same row in the next delivery",
        ),
        table::comment(
            Field::new("row_hash", DataType::Int64, false),
            "行摘要",
            "Hash of the cells that are kept besides a key that is typed as numbers are; 0 where the row says only that its key is no more",
        ),
        table::comment(Field::new("observed", DataType::Utf8, true), "数据时间", "Date at which the source says it knew this, ISO 8601"),
    ];
    fields.extend(extract.kept().map(|(_, column)| {
        let said = meaning(extract, model, column);
        let mut field = table::comment(Field::new(column, DataType::Utf8, true), &said.zh, &said.en);
        field.metadata_mut().insert("sensitivity".to_owned(), sensitivity(extract, model, column).to_owned());
        field
    }));
    let mut said =
        vec![("comment_zh", extract.label.zh.as_str()), ("comment_en", &extract.label.en), ("department", extract.department.as_str())];
    if !extract.exclude.is_empty() {
        said.push(("stands_by", "first_record"));
    }
    let said = said.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    Arc::new(Schema::new(fields).with_metadata(said))
}

/// What a column becomes: a property, a relation's date or kind, nothing.
fn meaning(extract: &Extract, model: &Model, column: &str) -> Label {
    let fed = extract.roles.iter().find_map(|role| {
        let (property, _) = role.properties.iter().find(|(_, source)| source.columns.iter().any(|name| name == column))?;
        model.entity(&role.entity)?.property(property)
    });
    match (fed, extract.ignore.get(column)) {
        (Some(property), _) => property.label.clone(),
        (None, Some(reason)) => Label { zh: format!("未使用：{reason}"), en: format!("not used: {reason}") },
        (None, None) => {
            Label { zh: "用于关系、时间或条件".to_owned(), en: "used by a relation, a date or a condition".to_owned() }
        }
    }
}

/// How far a column is protected.
fn sensitivity(extract: &Extract, model: &Model, column: &str) -> &'static str {
    let of_role = |role: &Role| {
        let fed = role.properties.iter().filter(|(_, source)| source.columns.iter().any(|name| name == column));
        let entity = model.entity(&role.entity);
        fed.filter_map(|(property, _)| Some(entity?.property(property)?.sensitivity)).max()
    };
    match extract.roles.iter().filter_map(of_role).max() {
        Some(Sensitivity::Public) => "public",
        Some(Sensitivity::Personal) => "personal",
        Some(Sensitivity::Identifier) => "identifier",
        Some(Sensitivity::Special) | None => "special",
    }
}

#[derive(Debug)]
pub(super) struct RawBuilder {
    schema: SchemaRef,
    row: Vec<i64>,
    sheet: Texts,
    /// First and last record, hash of key and of cells.
    numbers: [Vec<i64>; 4],
    observed: Texts,
    /// Of each column that is kept, its place in a row.
    places: Vec<usize>,
    /// And its heading, as JSON writes it.
    headings: Vec<String>,
    cells: Vec<Texts>,
    count: usize,
}

impl RawBuilder {
    pub(super) fn new(extract: &Extract, model: &Model) -> RawBuilder {
        let places: Vec<usize> = extract.kept().map(|(place, _)| place).collect();
        let cells = places.iter().map(|_| Texts::default()).collect();
        let headings = extract.kept().map(|(_, heading)| json(heading)).collect();
        let (row, sheet, observed) = (Vec::new(), Texts::default(), Texts::default());
        let schema = raw_schema(extract, model);
        RawBuilder { schema, row, sheet, numbers: Default::default(), observed, places, headings, cells, count: 0 }
    }

    /// The cells that are kept and not empty, as a JSON object by heading.
    pub(super) fn named(&self, cells: Cells<'_>) -> String {
        let mut text = String::from("{");
        for (heading, place) in self.headings.iter().zip(&self.places) {
            let Some(cell) = some(cells.get(*place)) else { continue };
            text.push_str(if text.len() > 1 { "," } else { "" });
            text.push_str(heading);
            text.push(':');
            text.push_str(&json(cell));
        }
        text + "}"
    }

    /// A row is kept, whose cells follow with those of its block.
    pub(super) fn push(&mut self, place: Place<'_>, held: HeldRow, observed: &str) {
        self.row.push(place.row);
        self.sheet.push(place.sheet);
        for (column, number) in self.numbers.iter_mut().zip([held.first, held.last, held.key, held.hash]) {
            column.push(number);
        }
        self.observed.push(some(observed));
        self.count += 1;
    }

    /// The cells of the rows of a block that were kept.
    pub(super) fn add(&mut self, block: &Block, kept: &[Range<usize>]) -> Result<(), ArrowError> {
        let cells = self.places.iter().zip(&mut self.cells);
        cells.into_iter().try_for_each(|(place, column)| column.add(&block.columns[*place], kept))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn finish(&mut self, batch: &str) -> Result<RecordBatch, ArrowError> {
        let count = std::mem::take(&mut self.count);
        let mut columns = vec![repeat(batch, count), numbers(&mut self.row), self.sheet.finish()];
        columns.extend(self.numbers.iter_mut().map(numbers));
        columns.push(self.observed.finish());
        columns.extend(self.cells.iter_mut().map(Texts::finish));
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
    }
}

/// A text as JSON writes it.
fn json(text: &str) -> String {
    // A text is never what JSON cannot write.
    serde_json::to_string(text).unwrap_or_default()
}
