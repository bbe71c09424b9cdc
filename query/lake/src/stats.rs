//! What the log says of a data file, so that a reader can leave it out unread: number of rows, of empty cells, and the range of whole
//! numbers. Names and identifiers of persons are not written into the log: their ranges are in the files, where they can be erased.

use arrow_schema::{DataType, Schema};
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, ScalarValue, Statistics};
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::statistics::Statistics as ColumnRange;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The `stats` of an Add action ("Per-file Statistics" of the Delta protocol). `null` where a reader did not keep a value.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Stats {
    num_records: Option<i64>,
    min_values: BTreeMap<String, serde_json::Value>,
    max_values: BTreeMap<String, serde_json::Value>,
    null_count: BTreeMap<String, Option<i64>>,
}

impl Stats {
    /// From the footer of the file just written, whose columns are flat and in the order of `schema`, and the empty cells of each.
    pub(crate) fn of(file: &ParquetMetaData, schema: &Schema, nulls: &[usize]) -> Stats {
        let mut stats = Stats { num_records: Some(file.file_metadata().num_rows()), ..Stats::default() };
        for ((at, field), nulls) in schema.fields().iter().enumerate().zip(nulls) {
            stats.null_count.insert(field.name().clone(), i64::try_from(*nulls).ok());
            if let Some((min, max)) = range(file, at) {
                stats.min_values.insert(field.name().clone(), min.into());
                stats.max_values.insert(field.name().clone(), max.into());
            }
        }
        stats
    }

    /// Rows of the file, if whoever wrote it told.
    pub(crate) fn rows(&self) -> Option<usize> {
        self.num_records.and_then(|rows| usize::try_from(rows).ok())
    }

    /// For DataFusion. All of it is exact: it answers `count(*)` and `min` from it.
    pub(crate) fn known(&self, schema: &Schema, bytes: u64) -> Statistics {
        let rows = self.rows().map_or(Precision::Absent, Precision::Exact);
        let columns = schema.fields().iter().map(|field| {
            let nulls = self.null_count.get(field.name()).copied().flatten().and_then(|nulls| usize::try_from(nulls).ok());
            let value = |values: &BTreeMap<String, serde_json::Value>| match field.data_type() {
                DataType::Int64 => {
                    values.get(field.name()).and_then(serde_json::Value::as_i64).map(|value| ScalarValue::Int64(Some(value)))
                }
                _ => None,
            };
            ColumnStatistics::new_unknown()
                .with_null_count(nulls.map_or(Precision::Absent, Precision::Exact))
                .with_min_value(value(&self.min_values).map_or(Precision::Absent, Precision::Exact))
                .with_max_value(value(&self.max_values).map_or(Precision::Absent, Precision::Exact))
        });
        let bytes = usize::try_from(bytes).map_or(Precision::Absent, Precision::Inexact);
        Statistics { num_rows: rows, total_byte_size: bytes, column_statistics: columns.collect() }
    }
}

fn column(group: &RowGroupMetaData, at: usize) -> Option<&ColumnRange> {
    group.columns().get(at)?.statistics()
}

/// Smallest and largest of a column of whole numbers, none when a row group does not tell or holds only empty cells.
fn range(file: &ParquetMetaData, at: usize) -> Option<(i64, i64)> {
    let plain = |group| match column(group, at)? {
        ColumnRange::Int64(range) => Some((*range.min_opt()?, *range.max_opt()?)),
        _ => None,
    };
    // Times are 64-bit numbers too, but the log writes them otherwise.
    if file.file_metadata().schema_descr().column(at).logical_type_ref().is_some() {
        return None;
    }
    let ranges = file.row_groups().iter().map(plain).collect::<Option<Vec<_>>>()?;
    let min = ranges.iter().map(|range| range.0).min()?;
    Some((min, ranges.iter().map(|range| range.1).max()?))
}
