//! Accepted rows as they stand in the file, for proof: text, cell by cell, nothing interpreted.

use super::{Place, repeat, some};
use crate::Extract;
use arrow_array::{
    ArrayRef, RecordBatch,
    builder::{Int64Builder, StringBuilder},
};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use std::sync::Arc;
use wuwei_schema::{Label, Model, table};

/// `raw.<extract>`: batch Utf8, row Int64, sheet Utf8 (null where a file has no sheets), then each heading that is not dropped as a Utf8
/// column (null where the cell is empty), commented with the property that it becomes, or why it becomes none.
pub fn raw_schema(extract: &Extract, model: &Model) -> SchemaRef {
    let mut fields = vec![
        table::comment(Field::new("batch", DataType::Utf8, false), "批次", "First 16 hexadecimal digits of the file's SHA-256"),
        table::comment(Field::new("row", DataType::Int64, false), "行号", "Row as a spreadsheet numbers it"),
        table::comment(Field::new("sheet", DataType::Utf8, true), "工作表", "Sheet"),
    ];
    fields.extend(extract.kept().map(|(_, column)| {
        let said = meaning(extract, model, column);
        table::comment(Field::new(column, DataType::Utf8, true), &said.zh, &said.en)
    }));
    let label = [("comment_zh", &extract.label.zh), ("comment_en", &extract.label.en)];
    Arc::new(Schema::new(fields).with_metadata(label.map(|(key, value)| (key.to_owned(), value.clone())).into()))
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

#[derive(Debug)]
pub(super) struct RawBuilder {
    schema: SchemaRef,
    row: Int64Builder,
    sheet: StringBuilder,
    /// Of each column that is kept, its place in a row.
    places: Vec<usize>,
    cells: Vec<StringBuilder>,
    count: usize,
}

impl RawBuilder {
    pub(super) fn new(extract: &Extract, model: &Model) -> RawBuilder {
        let places: Vec<usize> = extract.kept().map(|(place, _)| place).collect();
        let cells = places.iter().map(|_| StringBuilder::new()).collect();
        RawBuilder { schema: raw_schema(extract, model), row: Int64Builder::new(), sheet: StringBuilder::new(), places, cells, count: 0 }
    }

    pub(super) fn push(&mut self, place: Place<'_>, cells: &[String]) {
        self.row.append_value(place.row);
        self.sheet.append_option(place.sheet);
        for (place, column) in self.places.iter().zip(&mut self.cells) {
            column.append_option(cells.get(*place).and_then(|cell| some(cell)));
        }
        self.count += 1;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn finish(&mut self, batch: &str) -> Result<RecordBatch, ArrowError> {
        let count = std::mem::take(&mut self.count);
        let mut columns: Vec<ArrayRef> = vec![repeat(batch, count), Arc::new(self.row.finish()), Arc::new(self.sheet.finish())];
        columns.extend(self.cells.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef));
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
    }
}
