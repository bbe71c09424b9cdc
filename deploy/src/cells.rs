//! Columns of batches by name: of answers, and of tables read. The engine gives text in more than one form and numbers where a model says
//! so; here it is one. What a column means is not known here.

use crate::Error;
use arrow_array::{
    Array as _, Float64Array, Int64Array, RecordBatch, StringArray,
    cast::AsArray as _,
    types::{Float64Type, Int64Type},
};
use arrow_schema::DataType;

/// A column of whole numbers.
///
/// # Errors
/// There is no such column: us.
pub(crate) fn numbers<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a Int64Array, Error> {
    let column = batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<Int64Type>());
    column.ok_or_else(|| Error::defect(format!("column `{name}` is missing or holds no whole numbers")))
}

/// A column of decimal numbers.
///
/// # Errors
/// There is no such column: us.
pub(crate) fn decimals<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a Float64Array, Error> {
    let column = batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<Float64Type>());
    column.ok_or_else(|| Error::defect(format!("column `{name}` is missing or holds no decimal numbers")))
}

/// A column as text.
///
/// # Errors
/// There is no such column: us.
pub(crate) fn texts(batch: &RecordBatch, name: &str) -> Result<StringArray, Error> {
    let column = batch.column_by_name(name).and_then(|column| arrow_cast::cast(column, &DataType::Utf8).ok());
    let texts = column.and_then(|column| column.as_string_opt::<i32>().cloned());
    texts.ok_or_else(|| Error::defect(format!("column `{name}` is missing or cannot be shown as text")))
}

/// The text of a row; `None` where there is none.
pub(crate) fn text(column: &StringArray, row: usize) -> Option<&str> {
    column.is_valid(row).then(|| column.value(row))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::StringViewArray;
    use std::sync::Arc;

    #[test]
    fn text_is_text_in_whatever_form_it_comes() {
        let view = StringViewArray::from(vec![Some("王小明"), None]);
        let batch = RecordBatch::try_from_iter([
            ("name", Arc::new(view) as _),
            ("area", Arc::new(Float64Array::from(vec![88.5, 1.0])) as _),
            ("row", Arc::new(Int64Array::from(vec![2, 3])) as _),
        ])
        .unwrap();
        let (names, areas) = (texts(&batch, "name").unwrap(), texts(&batch, "area").unwrap());
        assert_eq!((text(&names, 0), text(&names, 1), text(&areas, 0)), (Some("王小明"), None, Some("88.5")));
        assert_eq!(numbers(&batch, "row").unwrap().value(1), 3);
        assert_eq!(decimals(&batch, "area").unwrap().value(0), 88.5);
        assert!(decimals(&batch, "row").is_err() && numbers(&batch, "name").is_err() && texts(&batch, "nothing").is_err());
    }
}
