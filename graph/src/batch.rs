//! Cells of Arrow batches, whatever kind of text column they come in. Meaning of columns does not enter here.

use crate::Error;
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BooleanArray, Float64Array, Int64Array, LargeStringArray, PrimitiveArray, RecordBatch,
    StringArray, StringViewArray,
    builder::StringBuilder,
    cast::AsArray as _,
    types::{Float64Type, Int64Type},
};
use arrow_schema::DataType;
use std::{borrow::Cow, sync::Arc};

/// A column read as text.
#[derive(Debug)]
pub(crate) enum Texts<'a> {
    Utf8(&'a StringArray),
    Large(&'a LargeStringArray),
    View(&'a StringViewArray),
    Number(&'a Float64Array),
}

impl<'a> Texts<'a> {
    /// The column of that name.
    pub(crate) fn of(batch: &'a RecordBatch, name: &str) -> Result<Texts<'a>, Error> {
        let column = column(batch, name, "text")?;
        let texts = match column.data_type() {
            DataType::Utf8 => column.as_string_opt().map(Texts::Utf8),
            DataType::LargeUtf8 => column.as_string_opt().map(Texts::Large),
            DataType::Utf8View => column.as_string_view_opt().map(Texts::View),
            DataType::Float64 => column.as_primitive_opt::<Float64Type>().map(Texts::Number),
            _ => None,
        };
        texts.ok_or_else(|| wrong(name, "text", column))
    }

    /// The value of a row; `None` where there is none.
    pub(crate) fn get(&self, row: usize) -> Option<Cow<'a, str>> {
        let value = match *self {
            Texts::Utf8(array) => array.is_valid(row).then(|| Cow::Borrowed(array.value(row))),
            Texts::Large(array) => array.is_valid(row).then(|| Cow::Borrowed(array.value(row))),
            Texts::View(array) => array.is_valid(row).then(|| Cow::Borrowed(array.value(row))),
            Texts::Number(array) => array.is_valid(row).then(|| Cow::Owned(array.value(row).to_string())),
        };
        value.filter(|value| !value.is_empty())
    }

    /// The value of a row as its own text; empty where there is none.
    pub(crate) fn owned(&self, row: usize) -> String {
        self.get(row).unwrap_or_default().into_owned()
    }
}

/// An integer column without gaps.
pub(crate) fn integers<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a Int64Array, Error> {
    let column = column(batch, name, "whole numbers")?;
    column.as_primitive_opt::<Int64Type>().filter(|array| array.null_count() == 0).ok_or_else(|| wrong(name, "whole numbers", column))
}

/// A column of decimal numbers without gaps.
pub(crate) fn numbers<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a Float64Array, Error> {
    let column = column(batch, name, "numbers")?;
    column.as_primitive_opt::<Float64Type>().filter(|array| array.null_count() == 0).ok_or_else(|| wrong(name, "numbers", column))
}

/// A column of yes and no without gaps.
pub(crate) fn booleans<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a BooleanArray, Error> {
    let column = column(batch, name, "yes or no")?;
    column.as_boolean_opt().filter(|array| array.null_count() == 0).ok_or_else(|| wrong(name, "yes or no", column))
}

/// A column of numbers that may have gaps.
pub(crate) fn optional<'a, T: ArrowPrimitiveType>(batch: &'a RecordBatch, name: &str) -> Result<&'a PrimitiveArray<T>, Error> {
    let column = column(batch, name, "numbers")?;
    column.as_primitive_opt::<T>().ok_or_else(|| wrong(name, "numbers", column))
}

/// A text column of these values; empty is NULL.
pub(crate) fn text_column<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
    let mut builder = StringBuilder::new();
    values.for_each(|value| builder.append_option(Some(value).filter(|value| !value.is_empty())));
    Arc::new(builder.finish())
}

fn column<'a>(batch: &'a RecordBatch, name: &str, expected: &'static str) -> Result<&'a ArrayRef, Error> {
    batch.column_by_name(name).ok_or_else(|| Error::Column { column: name.to_owned(), expected, found: "missing".to_owned() })
}

fn wrong(name: &str, expected: &'static str, column: &ArrayRef) -> Error {
    let gaps = if column.null_count() > 0 { " with gaps" } else { "" };
    Error::Column { column: name.to_owned(), expected, found: format!("{}{gaps}", column.data_type()) }
}
