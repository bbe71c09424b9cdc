//! Accepted rows as they stand in the file, for proof: text, cell by cell, nothing interpreted.

use super::{Place, repeat, some};
use crate::Extract;
use arrow_array::{
    ArrayRef, RecordBatch,
    builder::{Int64Builder, StringBuilder},
};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use std::sync::Arc;
use wuwei_schema::table;

/// `raw.<extract>`: batch Utf8, row Int64, sheet Utf8 (null where a file has no sheets), then each heading as a Utf8 column (null where
/// the cell is empty).
pub fn raw_schema(extract: &Extract) -> SchemaRef {
    let mut fields = vec![
        table::comment(Field::new("batch", DataType::Utf8, false), "批次", "First 16 hexadecimal digits of the file's SHA-256"),
        table::comment(Field::new("row", DataType::Int64, false), "行号", "Row as a spreadsheet numbers it"),
        table::comment(Field::new("sheet", DataType::Utf8, true), "工作表", "Sheet"),
    ];
    fields.extend(extract.columns.iter().map(|name| table::comment(Field::new(name, DataType::Utf8, true), name, name)));
    Arc::new(Schema::new(fields))
}

#[derive(Debug)]
pub(super) struct RawBuilder {
    schema: SchemaRef,
    row: Int64Builder,
    sheet: StringBuilder,
    cells: Vec<StringBuilder>,
    count: usize,
}

impl RawBuilder {
    pub(super) fn new(extract: &Extract) -> RawBuilder {
        let cells = extract.columns.iter().map(|_| StringBuilder::new()).collect();
        RawBuilder { schema: raw_schema(extract), row: Int64Builder::new(), sheet: StringBuilder::new(), cells, count: 0 }
    }

    pub(super) fn push(&mut self, place: Place<'_>, cells: &[String]) {
        self.row.append_value(place.row);
        self.sheet.append_option(place.sheet);
        for (at, column) in self.cells.iter_mut().enumerate() {
            column.append_option(cells.get(at).and_then(|cell| some(cell)));
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
