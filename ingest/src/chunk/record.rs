//! Records of one entity type on their way into a batch of its `record_schema`.

use super::{
    Place,
    column::{numbers, repeat, texts},
    some,
};
use crate::map::RolePlan;
use arrow_array::{
    ArrayRef, RecordBatch,
    builder::{Float64Builder, Int64Builder, StringBuilder},
    new_null_array,
};
use arrow_schema::{ArrowError, DataType};
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
    /// No role of the extract gives it.
    Absent(DataType),
}

impl Column {
    fn push(&mut self, value: &str) {
        match self {
            Column::Text(texts) => texts.append_option(some(value)),
            Column::Number(numbers) => numbers.append_option(value.parse().ok()),
            Column::Absent(_) => {}
        }
    }

    fn finish(&mut self, count: usize) -> ArrayRef {
        match self {
            Column::Absent(kind) => new_null_array(kind, count),
            Column::Text(column) => texts(column),
            Column::Number(numbers) => Arc::new(numbers.finish()),
        }
    }
}

impl<'a> RecordBuilder<'a> {
    pub(super) fn new(entity: &'a EntityType, is_given: impl Fn(usize) -> bool) -> RecordBuilder<'a> {
        let column = |(at, kind): (usize, &Kind)| match kind {
            _ if !is_given(at) => Column::Absent(kind.data_type()),
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
            properties: entity.properties.iter().map(|property| &property.kind).enumerate().map(column).collect(),
            count: 0,
        }
    }

    /// The record found in that place, under its number.
    pub(super) fn push(&mut self, number: i64, place: Place<'_>, observed: &str, role: &RolePlan<'_>, record: usize) {
        self.record.append_value(number);
        match role.found.get(record).copied().unwrap_or_default() {
            0 => self.role.append_value(&role.role.role),
            position => self.role.append_value(format!("{}#{}", role.role.role, position + 1)),
        }
        self.sheet.append_option(place.sheet);
        self.row.append_value(place.row);
        self.observed.append_option(some(observed));
        for (column, slot) in self.properties.iter_mut().zip(&role.slots) {
            column.push(slot.map_or("", |slot| role.value(record, slot)));
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
            numbers(&mut self.record),
            texts(&mut self.role),
            repeat(department, count),
            repeat(extract, count),
            repeat(batch, count),
            texts(&mut self.sheet),
            numbers(&mut self.row),
            texts(&mut self.observed),
        ];
        columns.extend(self.properties.iter_mut().map(|column| column.finish(count)));
        RecordBatch::try_new(self.entity.record_schema(), columns)
    }
}
