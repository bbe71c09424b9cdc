//! A small table, column by column.

use crate::{Error, error};
use arrow_array::{ArrayRef, BooleanArray, Int16Array, Int32Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use datafusion::{catalog::TableProvider, common::ScalarValue, datasource::MemTable};
use datafusion_pg_catalog::pg_catalog::oid_field::oid_field;
use std::sync::Arc;

/// The columns so far, all of so many rows.
pub(super) struct Sheet {
    rows: usize,
    fields: Vec<Field>,
    columns: Vec<Result<ArrayRef, Error>>,
}

impl Sheet {
    pub(super) fn of(rows: usize) -> Sheet {
        Sheet { rows, fields: Vec::new(), columns: Vec::new() }
    }

    /// Numbers of objects, shown as PostgreSQL's type of that name.
    pub(super) fn oid(mut self, name: &str, kind: &str, values: impl Iterator<Item = i32>) -> Sheet {
        self.fields.push(oid_field(name, kind, true));
        self.columns.push(Ok(Arc::new(Int32Array::from_iter_values(values))));
        self
    }

    /// The same number of an object in every row.
    pub(super) fn oids(self, kind: &str, names: &[&str], value: i32) -> Sheet {
        names.iter().fold(self, |sheet, name| {
            let rows = sheet.rows;
            sheet.oid(name, kind, std::iter::repeat_n(value, rows))
        })
    }

    pub(super) fn text<'a>(self, name: &str, values: impl Iterator<Item = &'a str>) -> Sheet {
        self.column(name, Arc::new(StringArray::from_iter_values(values)))
    }

    pub(super) fn short(self, name: &str, values: impl Iterator<Item = i16>) -> Sheet {
        self.column(name, Arc::new(Int16Array::from_iter_values(values)))
    }

    pub(super) fn whole(self, name: &str, values: impl Iterator<Item = i32>) -> Sheet {
        self.column(name, Arc::new(Int32Array::from_iter_values(values)))
    }

    pub(super) fn truth(self, name: &str, values: impl Iterator<Item = bool>) -> Sheet {
        self.column(name, Arc::new(values.map(Some).collect::<BooleanArray>()))
    }

    /// The same in every row.
    pub(super) fn same(mut self, names: &[&str], value: impl Into<ScalarValue>) -> Sheet {
        let value = value.into();
        for name in names {
            self.fields.push(Field::new(*name, value.data_type(), true));
            self.columns.push(value.to_array_of_size(self.rows).map_err(|error| error::planning(&error)));
        }
        self
    }

    /// Text that is nowhere.
    pub(super) fn none(self, names: &[&str]) -> Sheet {
        self.same(names, ScalarValue::Utf8(None))
    }

    fn column(mut self, name: &str, column: ArrayRef) -> Sheet {
        self.fields.push(Field::new(name, DataType::clone(column.data_type()), true));
        self.columns.push(Ok(column));
        self
    }

    pub(super) fn table(self) -> Result<Arc<dyn TableProvider>, Error> {
        let schema = Arc::new(Schema::new(self.fields));
        let columns = self.columns.into_iter().collect::<Result<Vec<_>, _>>()?;
        let batch =
            RecordBatch::try_new(Arc::clone(&schema), columns).map_err(|_| Error::Engine { detail: "the catalogue does not fit" })?;
        Ok(Arc::new(MemTable::try_new(schema, vec![vec![batch]]).map_err(|error| error::planning(&error))?))
    }
}
