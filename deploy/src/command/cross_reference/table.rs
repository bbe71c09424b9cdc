//! What became of a list as rows, for the forms that are tables: one row a match, one of nothing where a row means nobody.

use super::{Found, Row, Shown, caption};
use crate::{Error, hub::Hub};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use serde::Serialize;
use std::sync::Arc;

impl Found {
    /// One row a match, in the order of the list.
    ///
    /// # Errors
    /// A defect.
    pub(crate) fn table(&self, hub: &Hub) -> Result<RecordBatch, Error> {
        let places = self.rows.iter().flat_map(|row| match row.matches.as_slice() {
            [] => vec![(row, None)],
            all => all.iter().map(|shown| (row, Some(shown))).collect(),
        });
        let places: Vec<(&Row, Option<&Shown>)> = places.collect();
        let of_match = |value: &dyn Fn(&Shown) -> String| {
            Arc::new(places.iter().map(|(_, shown)| shown.map(value)).collect::<StringArray>()) as ArrayRef
        };
        let doubtful = |row: &Row| Some(words(row.doubtful.iter())).filter(|text| !text.is_empty());
        let number = |value: usize| i64::try_from(value).unwrap_or(i64::MAX);
        let made: [(&str, ArrayRef); 8] = [
            ("row", Arc::new(places.iter().map(|(row, _)| Some(row.row)).collect::<Int64Array>())),
            ("total", Arc::new(places.iter().map(|(row, _)| Some(number(row.total))).collect::<Int64Array>())),
            ("agreement", of_match(&|shown| words(std::iter::once(&shown.found.agreement)))),
            ("agrees_in", of_match(&|shown| words(shown.found.agrees.iter().map(|agrees| &agrees.column)))),
            ("entity", of_match(&|shown| shown.entity.clone())),
            ("entity_id", Arc::new(places.iter().map(|(_, shown)| shown.map(|shown| shown.found.entity_id)).collect::<Int64Array>())),
            ("who", of_match(&|shown| caption::who(hub, &shown.entity, &shown.caption))),
            ("doubtful", Arc::new(places.iter().map(|(row, _)| doubtful(row)).collect::<StringArray>())),
        ];
        RecordBatch::try_from_iter_with_nullable(made.map(|(name, column)| (name, column, name != "row" && name != "total")))
            .map_err(|_| Error::defect("what became of a list has no form as rows"))
    }
}

/// The words that the answer in JSON has for them, with commas between.
fn words<'a, T: Serialize + 'a>(values: impl Iterator<Item = &'a T>) -> String {
    let word = |value: &T| serde_json::to_value(value).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default();
    values.map(word).collect::<Vec<_>>().join(",")
}
