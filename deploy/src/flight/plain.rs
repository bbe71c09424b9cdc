//! Columns as clients read them: views, dictionaries and runs are how the engine holds values, and not every reader of Arrow knows them.

use crate::Error;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use std::sync::Arc;

/// The same columns, of plain types.
pub(super) fn schema(schema: &Schema) -> SchemaRef {
    let fields: Vec<FieldRef> = schema.fields().iter().map(field).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

/// The same rows, under columns of plain types.
///
/// # Errors
/// A column's values have no such form.
pub(super) fn batch(schema: &SchemaRef, batch: &RecordBatch) -> Result<RecordBatch, Error> {
    let none = |_| Error::Output("a column of the answer has no plain form".to_owned());
    let column = |(column, field): (&ArrayRef, &FieldRef)| arrow_cast::cast(column, field.data_type()).map_err(none);
    let columns = batch.columns().iter().zip(schema.fields()).map(column).collect::<Result<_, _>>()?;
    // A question may ask for no column at all; then its rows are only counted.
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(SchemaRef::clone(schema), columns, &options).map_err(none)
}

fn field(field: &FieldRef) -> FieldRef {
    let kind = kind(field.data_type());
    if kind == *field.data_type() {
        return Arc::clone(field);
    }
    Arc::new(Field::new(field.name(), kind, field.is_nullable()).with_metadata(field.metadata().clone()))
}

fn kind(of: &DataType) -> DataType {
    match of {
        DataType::Utf8View => DataType::Utf8,
        DataType::BinaryView => DataType::Binary,
        DataType::Dictionary(_, value) => kind(value),
        DataType::RunEndEncoded(_, value) => kind(value.data_type()),
        DataType::List(item) | DataType::ListView(item) => DataType::List(field(item)),
        DataType::LargeList(item) | DataType::LargeListView(item) => DataType::LargeList(field(item)),
        DataType::FixedSizeList(item, length) => DataType::FixedSizeList(field(item), *length),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(field).collect()),
        DataType::Map(entries, is_sorted) => DataType::Map(field(entries), *is_sorted),
        plain => plain.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{
        Array as _, DictionaryArray, ListArray, StringViewArray,
        builder::{ListBuilder, StringViewBuilder},
        cast::AsArray as _,
        types::Int32Type,
    };

    #[test]
    fn views_and_dictionaries_become_what_every_client_reads() {
        let mut lists = ListBuilder::new(StringViewBuilder::new());
        lists.append_value([Some("城关"), None]);
        lists.append_null();
        let lists: ListArray = lists.finish();
        let columns: [(&str, ArrayRef); 3] = [
            ("name", Arc::new(StringViewArray::from(vec![Some("王一"), None]))),
            ("kind", Arc::new(["a", "b"].into_iter().collect::<DictionaryArray<Int32Type>>())),
            ("places", Arc::new(lists)),
        ];
        let rows = RecordBatch::try_from_iter(columns).unwrap();
        let plain = schema(&rows.schema());
        let rows = batch(&plain, &rows).unwrap();
        assert_eq!(rows.schema(), plain);
        let kinds: Vec<&DataType> = plain.fields().iter().map(|field| field.data_type()).collect();
        assert_eq!(kinds[..2], [&DataType::Utf8, &DataType::Utf8]);
        let (names, kinds, places) =
            (rows.column(0).as_string::<i32>(), rows.column(1).as_string::<i32>(), rows.column(2).as_list::<i32>());
        assert!(names.value(0) == "王一" && names.is_null(1) && kinds.value(1) == "b");
        assert_eq!(places.value(0).as_string::<i32>().value(0), "城关");
        assert!(places.value(0).is_null(1) && places.is_null(1));
    }
}
