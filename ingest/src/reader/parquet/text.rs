//! Values of Arrow as the text of cells, column by column.

use super::{super::cell::number_text, footer::COLUMNS_MAX};
use crate::BETWEEN;
use arrow_array::{
    Array, ArrayRef,
    cast::AsArray,
    types::{Float32Type, Float64Type},
};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use parquet::errors::ParquetError;
use std::ops::Range;

/// Values within values.
const DEPTH_MAX: usize = 32;

/// The names of all columns, one that is within another by its path.
pub(super) fn names(schema: &Schema) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    schema.fields().iter().try_for_each(|field| add(field, "", 0, &mut names))?;
    Ok(names)
}

fn add(field: &Field, path: &str, depth: usize, names: &mut Vec<String>) -> Result<(), String> {
    let path = if path.is_empty() { field.name().clone() } else { format!("{path}/{}", field.name()) };
    under(field.data_type(), &path, depth, names)
}

/// What a type has under that path; an element of a list has no name of its own.
fn under(kind: &DataType, path: &str, depth: usize, names: &mut Vec<String>) -> Result<(), String> {
    if depth > DEPTH_MAX {
        return Err(format!("its values are more than {DEPTH_MAX} deep"));
    }
    match kind {
        DataType::Struct(fields) => fields.iter().try_for_each(|field| add(field, path, depth + 1, names)),
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) | DataType::Map(item, _) => {
            under(item.data_type(), path, depth + 1, names)
        }
        _ if names.len() >= COLUMNS_MAX => Err(format!("it has more than {COLUMNS_MAX} columns")),
        _ => {
            names.push(path.to_owned());
            Ok(())
        }
    }
}

/// Appends the texts of each column that the array is made of, in the order of [`names`].
pub(super) fn texts(array: &ArrayRef, out: &mut Vec<Vec<String>>) -> Result<(), ParquetError> {
    let first = out.len();
    match array.data_type() {
        DataType::Struct(_) => {
            array.as_struct().columns().iter().try_for_each(|child| texts(child, out))?;
            let blank = (0..array.len()).filter(|row| array.is_null(*row));
            blank.for_each(|row| out[first..].iter_mut().filter_map(|column| column.get_mut(row)).for_each(String::clear));
        }
        DataType::List(_) => lists(array, array.as_list::<i32>().values(), |row| span(array.as_list::<i32>().value_offsets(), row), out)?,
        DataType::LargeList(_) => {
            lists(array, array.as_list::<i64>().values(), |row| span(array.as_list::<i64>().value_offsets(), row), out)?
        }
        DataType::FixedSizeList(..) => {
            let list = array.as_fixed_size_list();
            let size = usize::try_from(list.value_length()).unwrap_or(0);
            lists(array, list.values(), |row| row * size..(row + 1) * size, out)?;
        }
        DataType::Map(..) => {
            let map = array.as_map();
            let entries: ArrayRef = std::sync::Arc::new(map.entries().clone());
            lists(array, &entries, |row| span(map.value_offsets(), row), out)?;
        }
        _ => out.push(plain(array)?),
    }
    Ok(())
}

fn span<O: Copy + TryInto<usize>>(offsets: &[O], row: usize) -> Range<usize> {
    let at = |row: usize| offsets.get(row).and_then(|offset| (*offset).try_into().ok()).unwrap_or(0);
    at(row)..at(row + 1)
}

/// What stands between the elements of a list where one of them holds what stands between them: a cell cannot say which is which.
pub(super) const TWICE: char = '\u{1e}';

/// Of each row, the elements in its range in one text.
fn lists(
    array: &ArrayRef,
    values: &ArrayRef,
    range: impl Fn(usize) -> Range<usize>,
    out: &mut Vec<Vec<String>>,
) -> Result<(), ParquetError> {
    let mut inner = Vec::new();
    texts(values, &mut inner)?;
    for column in inner {
        let joined = |row: usize| {
            let elements = column.get(range(row)).filter(|_| !array.is_null(row)).unwrap_or_default();
            let between = if elements.iter().any(|element| element.contains([BETWEEN, TWICE])) { TWICE } else { BETWEEN };
            elements.join(between.encode_utf8(&mut [0; 4]))
        };
        out.push((0..array.len()).map(joined).collect());
    }
    Ok(())
}

fn plain(array: &ArrayRef) -> Result<Vec<String>, ParquetError> {
    let of =
        |text: &dyn Fn(usize) -> String| (0..array.len()).map(|row| if array.is_null(row) { String::new() } else { text(row) }).collect();
    let bytes = |bytes: &[u8]| std::str::from_utf8(bytes).unwrap_or("\u{fffd}").to_owned();
    Ok(match array.data_type() {
        DataType::Null => vec![String::new(); array.len()],
        DataType::Boolean => of(&|row| if array.as_boolean().value(row) { "TRUE" } else { "FALSE" }.to_owned()),
        DataType::Float64 => of(&|row| number_text(array.as_primitive::<Float64Type>().value(row))),
        DataType::Float32 => of(&|row| {
            let number = array.as_primitive::<Float32Type>().value(row);
            if number.is_nan() { String::new() } else { number.to_string() }
        }),
        DataType::Binary => of(&|row| bytes(array.as_binary::<i32>().value(row))),
        DataType::LargeBinary => of(&|row| bytes(array.as_binary::<i64>().value(row))),
        DataType::BinaryView => of(&|row| bytes(array.as_binary_view().value(row))),
        DataType::FixedSizeBinary(_) => of(&|row| bytes(array.as_fixed_size_binary().value(row))),
        _ => shown(array).map_err(|error| ParquetError::ArrowError(error.to_string()))?,
    })
}

/// As Arrow shows it; a moment at midnight is a day.
fn shown(array: &ArrayRef) -> Result<Vec<String>, ArrowError> {
    let options = FormatOptions::new().with_display_error(false);
    let formatter = ArrayFormatter::try_new(array.as_ref(), &options)?;
    let is_moment = matches!(array.data_type(), DataType::Timestamp(..) | DataType::Date64);
    let text = |row: usize| -> Result<String, ArrowError> {
        let mut text = formatter.value(row).try_to_string()?;
        if let Some(day) = text.strip_suffix("T00:00:00").filter(|_| is_moment) {
            text = day.to_owned();
        }
        Ok(text)
    };
    (0..array.len()).map(text).collect()
}
