//! Columns of a chunk, built value by value and given out whole. A chunk is about as long as the one before it, so that the next column has
//! its room from the start and is not copied while it grows.

use arrow_array::{
    Array as _, ArrayRef, StringArray,
    builder::{Int64Builder, StringBuilder},
};
use std::sync::Arc;

/// The texts so far.
pub(super) fn texts(builder: &mut StringBuilder) -> ArrayRef {
    let texts = builder.finish();
    let bytes = texts.value_data().len();
    *builder = StringBuilder::with_capacity(texts.len(), bytes + bytes / 8);
    Arc::new(texts)
}

/// The numbers so far.
pub(super) fn numbers(builder: &mut Int64Builder) -> ArrayRef {
    let numbers = builder.finish();
    *builder = Int64Builder::with_capacity(numbers.len());
    Arc::new(numbers)
}

/// A column that says the same in every row.
pub(crate) fn repeat(value: &str, count: usize) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(std::iter::repeat_n(value, count)))
}
