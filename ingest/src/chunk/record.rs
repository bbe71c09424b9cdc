//! Records of one entity type on their way into a batch of its `record_schema`.

use super::{
    Place,
    column::{Texts, numbers, repeat},
    some,
};
use crate::map::RolePlan;
use arrow_array::{ArrayRef, RecordBatch, builder::Float64Builder, new_null_array};
use arrow_schema::{ArrowError, DataType};
use std::{ops::Range, sync::Arc};
use wuwei_schema::{EntityType, Kind};

#[derive(Debug)]
pub(super) struct RecordBuilder<'a> {
    pub(super) entity: &'a EntityType,
    record: Vec<i64>,
    role: Texts,
    sheet: Texts,
    row: Vec<i64>,
    observed: Texts,
    properties: Vec<Column>,
    count: usize,
}

#[derive(Debug)]
enum Column {
    Text(Texts),
    Number(Float64Builder),
    /// No role of the extract gives it.
    Absent(DataType),
}

impl Column {
    fn push(&mut self, value: &str) {
        match self {
            Column::Text(texts) => texts.push(some(value)),
            Column::Number(numbers) => numbers.append_option(value.parse().ok()),
            Column::Absent(_) => {}
        }
    }

    fn finish(&mut self, count: usize) -> ArrayRef {
        match self {
            Column::Absent(kind) => new_null_array(kind, count),
            Column::Text(texts) => texts.finish(),
            Column::Number(numbers) => Arc::new(numbers.finish()),
        }
    }
}

impl<'a> RecordBuilder<'a> {
    pub(super) fn new(entity: &'a EntityType, is_given: impl Fn(usize) -> bool) -> RecordBuilder<'a> {
        let column = |(at, kind): (usize, &Kind)| match kind {
            _ if !is_given(at) => Column::Absent(kind.data_type()),
            Kind::Number => Column::Number(Float64Builder::new()),
            _ => Column::Text(Texts::default()),
        };
        RecordBuilder {
            entity,
            record: Vec::new(),
            role: Texts::default(),
            sheet: Texts::default(),
            row: Vec::new(),
            observed: Texts::default(),
            properties: entity.properties.iter().map(|property| &property.kind).enumerate().map(column).collect(),
            count: 0,
        }
    }

    /// The record found in that place, under its number; what is said of it follows.
    pub(super) fn push(&mut self, number: i64, place: Place<'_>, observed: &str, role: &RolePlan<'_>, record: usize) {
        self.record.push(number);
        match role.found.get(record).copied().unwrap_or_default() {
            0 => self.role.push(Some(&role.role.role)),
            position => self.role.push(Some(&format!("{}#{}", role.role.role, position + 1))),
        }
        self.sheet.push(place.sheet);
        self.row.push(place.row);
        self.observed.push(some(observed));
        self.count += 1;
    }

    /// What is said of that record.
    pub(super) fn push_values(&mut self, role: &RolePlan<'_>, record: usize) {
        for (column, slot) in self.properties.iter_mut().zip(&role.slots) {
            column.push(slot.map_or("", |slot| role.value(record, slot)));
        }
    }

    /// What is said of the records of a block's rows.
    pub(super) fn add(&mut self, role: &mut RolePlan<'_>, found: &[Range<usize>]) -> Result<(), ArrowError> {
        for (at, column) in self.properties.iter_mut().enumerate() {
            let Some(values) = role.slots[at].and_then(|slot| role.column_of(slot)) else { continue };
            match column {
                Column::Absent(_) => {}
                Column::Text(texts) => texts.add(values, found)?,
                Column::Number(numbers) => {
                    let rows = found.iter().flat_map(Range::clone);
                    rows.for_each(|row| numbers.append_option(values.value(row).parse().ok()));
                }
            }
        }
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// In the order of [`wuwei_schema::table::LINEAGE`], then the properties.
    pub(super) fn finish(&mut self, [department, extract, batch]: [&str; 3]) -> Result<RecordBatch, ArrowError> {
        let count = std::mem::take(&mut self.count);
        let mut columns: Vec<ArrayRef> = vec![
            numbers(&mut self.record),
            self.role.finish(),
            repeat(department, count),
            repeat(extract, count),
            repeat(batch, count),
            self.sheet.finish(),
            numbers(&mut self.row),
            self.observed.finish(),
        ];
        columns.extend(self.properties.iter_mut().map(|column| column.finish(count)));
        RecordBatch::try_new(self.entity.record_schema(), columns)
    }
}
