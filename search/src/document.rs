//! What is indexed: of every entity and department one document for each distinct set of searched values, so that a batch of records can be
//! added as it comes and no document is of two departments. Nothing is stored but the entity's number, the department and the date; values
//! are only looked up, never read back.

use crate::{Error, number, way::Way};
use arrow_array::{Array as _, Int64Array, RecordBatch, StringArray};
use std::hash::{DefaultHasher, Hash, Hasher as _};
use tantivy::{
    TantivyDocument,
    schema::{FAST, Field, INDEXED, Schema, TextOptions},
};
use wuwei_schema::{EntityType, Kind};

/// The column and field of the entity's number.
pub(crate) const ENTITY: &str = "entity_id";

/// The column and field of the department that states the values.
pub(crate) const DEPARTMENT: &str = "department";

/// The column and field of the date at which the source says it knew this; batches need not have it.
pub(crate) const OBSERVED: &str = "observed";

/// The fields of an index.
#[derive(Debug)]
pub(crate) struct Fields {
    pub(crate) entity: Field,
    department: Field,
    observed: Field,
    /// In the model's order.
    pub(crate) searched: Vec<Searched>,
}

/// A property that is found, and the fields that it is found in.
#[derive(Debug)]
pub(crate) struct Searched {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) way: Way,
}

impl Fields {
    /// The schema of an index of that type, and its fields.
    pub(crate) fn of(entity: &EntityType) -> (Schema, Fields) {
        let mut builder = Schema::builder();
        let number = builder.add_i64_field(ENTITY, FAST | INDEXED);
        let department = builder.add_text_field(DEPARTMENT, TextOptions::default().set_fast("raw"));
        let observed = builder.add_u64_field(OBSERVED, FAST);
        let roles = entity.properties.iter().filter_map(|property| property.search.map(|role| (property, role)));
        let searched = roles.map(|(property, role)| Searched {
            name: property.name.clone(),
            kind: property.kind.clone(),
            way: Way::add(&mut builder, &property.name, &property.kind, role),
        });
        let searched = searched.collect();
        (builder.build(), Fields { entity: number, department, observed, searched })
    }

    /// Adds the documents of a batch, of those only that are new by the entity's number and the hash of what they say.
    pub(crate) fn documents(
        &self,
        batch: &RecordBatch,
        mut is_new: impl FnMut(i64, u64) -> bool,
        mut add: impl FnMut(TantivyDocument) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let entities: &Int64Array = column(batch, ENTITY, "Int64")?;
        let departments: &StringArray = column(batch, DEPARTMENT, "Utf8")?;
        let dates: Option<&StringArray> = batch.column_by_name(OBSERVED).map(|_| column(batch, OBSERVED, "Utf8")).transpose()?;
        let columns: Vec<&StringArray> =
            self.searched.iter().map(|searched| column(batch, &searched.name, "Utf8")).collect::<Result<_, Error>>()?;
        for row in 0..batch.num_rows() {
            let record = Record {
                entity: entity_number(entities, row).ok_or_else(|| wrong(ENTITY, "Int64 without nulls"))?,
                department: text(departments, row),
                observed: dates.and_then(|dates| number::day(text(dates, row))),
                values: columns.iter().map(|column| text(column, row)).collect(),
            };
            if record.values.iter().all(|value| value.is_empty()) {
                continue;
            }
            if is_new(record.entity, record.hash()) {
                add(self.document(&record))?;
            }
        }
        Ok(())
    }

    fn document(&self, record: &Record<'_>) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        document.add_i64(self.entity, record.entity);
        document.add_text(self.department, record.department);
        record.observed.into_iter().for_each(|day| document.add_u64(self.observed, day));
        for (searched, value) in self.searched.iter().zip(&record.values) {
            if !value.is_empty() {
                searched.way.fill(value, &mut document);
            }
        }
        document
    }
}

/// What a row says.
#[derive(Hash)]
struct Record<'a> {
    entity: i64,
    department: &'a str,
    observed: Option<u64>,
    values: Vec<&'a str>,
}

impl Record<'_> {
    /// Of 64 bits.
    fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        Hash::hash(self, &mut hasher);
        hasher.finish()
    }
}

fn column<'a, A: 'static>(batch: &'a RecordBatch, name: &str, expected: &'static str) -> Result<&'a A, Error> {
    batch.column_by_name(name).and_then(|column| column.as_any().downcast_ref()).ok_or_else(|| wrong(name, expected))
}

fn entity_number(column: &Int64Array, row: usize) -> Option<i64> {
    column.is_valid(row).then(|| column.value(row))
}

/// The cell; nothing where it is null.
fn text(column: &StringArray, row: usize) -> &str {
    if column.is_null(row) { "" } else { column.value(row) }
}

fn wrong(column: &str, expected: &'static str) -> Error {
    Error::Batch { column: column.to_owned(), expected }
}
