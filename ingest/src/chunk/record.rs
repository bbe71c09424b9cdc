//! Records of one entity type on their way into a batch of its `record_schema`.

use super::{Place, repeat, some};
use crate::map::{Found, RolePlan};
use arrow_array::{
    ArrayRef, RecordBatch,
    builder::{Float64Builder, Int64Builder, StringBuilder},
};
use arrow_schema::ArrowError;
use std::sync::Arc;
use wuwei_schema::{EntityType, Kind};

#[derive(Debug)]
pub(super) struct RecordBuilder<'a> {
    pub(super) entity: &'a EntityType,
    record: Int64Builder,
    role: StringBuilder,
    sheet: StringBuilder,
    row: Int64Builder,
    observed: StringBuilder,
    properties: Vec<Column>,
    count: usize,
}

#[derive(Debug)]
enum Column {
    Text(StringBuilder),
    Number(Float64Builder),
}

impl Column {
    fn push(&mut self, value: &str) {
        match self {
            Column::Text(texts) => texts.append_option(some(value)),
            Column::Number(numbers) => numbers.append_option(value.parse().ok()),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Column::Text(texts) => Arc::new(texts.finish()),
            Column::Number(numbers) => Arc::new(numbers.finish()),
        }
    }
}

impl<'a> RecordBuilder<'a> {
    pub(super) fn new(entity: &'a EntityType) -> RecordBuilder<'a> {
        let column = |kind: &Kind| match kind {
            Kind::Number => Column::Number(Float64Builder::new()),
            _ => Column::Text(StringBuilder::new()),
        };
        RecordBuilder {
            entity,
            record: Int64Builder::new(),
            role: StringBuilder::new(),
            sheet: StringBuilder::new(),
            row: Int64Builder::new(),
            observed: StringBuilder::new(),
            properties: entity.properties.iter().map(|property| column(&property.kind)).collect(),
            count: 0,
        }
    }

    pub(super) fn push(&mut self, record: i64, place: Place<'_>, observed: &str, role: &RolePlan<'_>, found: &Found) {
        self.record.append_value(record);
        match found.position {
            0 => self.role.append_value(&role.role.role),
            position => self.role.append_value(format!("{}#{}", role.role.role, position + 1)),
        }
        self.sheet.append_option(place.sheet);
        self.row.append_value(place.row);
        self.observed.append_option(some(observed));
        for (column, slot) in self.properties.iter_mut().zip(&role.slots) {
            column.push(slot.and_then(|slot| found.values.get(slot)).map_or("", String::as_str));
        }
        self.count += 1;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// In the order of [`wuwei_schema::table::LINEAGE`], then the properties.
    pub(super) fn finish(&mut self, [department, extract, batch]: [&str; 3]) -> Result<RecordBatch, ArrowError> {
        let count = std::mem::take(&mut self.count);
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.record.finish()),
            Arc::new(self.role.finish()),
            repeat(department, count),
            repeat(extract, count),
            repeat(batch, count),
            Arc::new(self.sheet.finish()),
            Arc::new(self.row.finish()),
            Arc::new(self.observed.finish()),
        ];
        columns.extend(self.properties.iter_mut().map(Column::finish));
        RecordBatch::try_new(self.entity.record_schema(), columns)
    }
}
