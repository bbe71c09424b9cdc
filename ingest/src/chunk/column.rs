//! Columns of a chunk, built value by value and given out whole. A chunk is about as long as the one before it, so that the next column has
//! its room from the start and is not copied while it grows.

use arrow_array::{Array as _, ArrayRef, Int64Array, StringArray, builder::StringBuilder};
use arrow_schema::ArrowError;
use std::{ops::Range, sync::Arc};

/// Texts in the making. Cells without one are counted and entered together: there are columns that have hardly any, such as the sheet.
#[derive(Debug, Default)]
pub(super) struct Texts {
    texts: StringBuilder,
    nothing: usize,
}

impl Texts {
    pub(super) fn push(&mut self, text: Option<&str>) {
        let Some(text) = text else {
            self.nothing += 1;
            return;
        };
        self.catch_up();
        self.texts.append_value(text);
    }

    /// The texts of these rows, in one piece where they stand side by side.
    pub(super) fn add(&mut self, texts: &StringArray, rows: &[Range<usize>]) -> Result<(), ArrowError> {
        self.catch_up();
        rows.iter().try_for_each(|rows| self.texts.append_array(&texts.slice(rows.start, rows.len())))
    }

    fn catch_up(&mut self) {
        // What is none of them would have a bit for each all the same.
        if self.nothing > 0 {
            self.texts.append_nulls(std::mem::take(&mut self.nothing));
        }
    }

    /// The texts so far.
    pub(super) fn finish(&mut self) -> ArrayRef {
        self.catch_up();
        let texts = self.texts.finish();
        let bytes = texts.value_data().len();
        self.texts = StringBuilder::with_capacity(texts.len(), bytes + bytes / 8);
        Arc::new(texts)
    }
}

/// Rising places as ranges.
pub(super) fn runs(places: &[usize]) -> Vec<Range<usize>> {
    places.chunk_by(|left, right| left + 1 == *right).filter_map(|run| Some(*run.first()?..run.last()? + 1)).collect()
}

/// The numbers so far.
pub(super) fn numbers(numbers: &mut Vec<i64>) -> ArrayRef {
    let room = Vec::with_capacity(numbers.len());
    Arc::new(Int64Array::from(std::mem::replace(numbers, room)))
}

/// A column that says the same in every row.
pub(crate) fn repeat(value: &str, count: usize) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(std::iter::repeat_n(value, count)))
}
