//! One data file of one load: batches in, a Parquet file and the action that adds it out. Nothing here makes a file visible.

use crate::{
    Error,
    encoder::Encoder,
    finder::{Finder, unwritten},
    stats::Stats,
    store::Durable,
    table,
};
use arrow_array::{Array, Int64Array, RecordBatch, StringArray, cast::AsArray as _, types::Int64Type};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, SchemaRef};
use deltalake_core::kernel::Add;
use object_store::{buffered::BufWriter, path::Path};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use std::{collections::HashSet, sync::Arc};
use tokio::io::AsyncWriteExt as _;

/// A file being written. Dropping it leaves nothing but perhaps a staged file, which the next publisher removes.
pub(crate) struct OpenFile {
    table: String,
    name: String,
    /// As the contract has it.
    pub(crate) schema: SchemaRef,
    stored: SchemaRef,
    /// Of each column, how many cells are empty.
    nulls: Vec<usize>,
    encoder: Encoder,
    sink: BufWriter,
    finder: Option<Finder>,
}

impl OpenFile {
    /// A file for rows like these, which are not written yet: how columns are encoded is chosen by them.
    pub(crate) fn create(store: &Arc<Durable>, name: String, table: &str, first: &RecordBatch) -> Result<OpenFile, Error> {
        let schema = first.schema();
        let stored = Arc::new(table::stored_schema(&schema));
        let fault = |fault: object_store::path::Error| Error::delta(table, object_store::Error::from(fault));
        let location = Path::parse(format!("{}/{name}", table::relative(table))).map_err(fault)?;
        let finder = Finder::new(store, &location, &schema);
        // Two parts of 10 MB may be on their way to the disk while the next is filled.
        let sink = BufWriter::new(Arc::<Durable>::clone(store), location).with_max_concurrency(2);
        let encoder = Encoder::new(&stored, properties(first)).map_err(|fault| Error::delta(table, fault))?;
        Ok(OpenFile { table: table.to_owned(), name, nulls: vec![0; schema.fields().len()], schema, stored, encoder, sink, finder })
    }

    pub(crate) async fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        if !table::same_columns(&self.schema, &batch.schema()) {
            return Err(Error::schema(&self.table, "two batches of one load have different columns"));
        }
        let batch = self.stored(batch).map_err(|fault| Error::schema(&self.table, fault.to_string()))?;
        self.nulls.iter_mut().zip(batch.columns()).for_each(|(nulls, column)| *nulls += column.null_count());
        if let Some(finder) = &mut self.finder {
            finder.write(&batch).await.map_err(unwritten(&self.table))?;
        }
        self.encoder.write(&batch).map_err(|fault| Error::delta(&self.table, fault))?;
        self.send().await
    }

    /// Bytes of the row group that is still in memory.
    pub(crate) fn buffered(&self) -> usize {
        self.encoder.buffered() + self.finder.as_ref().map_or(0, Finder::buffered)
    }

    /// Ends the row group.
    pub(crate) async fn flush(&mut self) -> Result<(), Error> {
        if let Some(finder) = &mut self.finder {
            finder.seal().await.map_err(unwritten(&self.table))?;
        }
        self.encoder.flush().map_err(|fault| Error::delta(&self.table, fault))?;
        self.send().await
    }

    /// What is encoded goes on its way.
    async fn send(&mut self) -> Result<(), Error> {
        let bytes = self.encoder.take().map_err(|fault| Error::delta(&self.table, fault))?;
        match bytes.is_empty() {
            true => Ok(()),
            false => self.sink.put(bytes).await.map_err(|fault| Error::delta(&self.table, fault)),
        }
    }

    /// Ends the file; when this returns it is on the disk under its name.
    pub(crate) async fn finish(mut self, at_ms: i64) -> Result<Add, Error> {
        // Before the data file, so that there is none without its finder.
        if let Some(finder) = self.finder.take() {
            finder.finish().await.map_err(unwritten(&self.table))?;
        }
        let footer = self.encoder.finish().map_err(|fault| Error::delta(&self.table, fault))?;
        self.send().await?;
        self.sink.shutdown().await.map_err(|fault| Error::delta(&self.table, ParquetError::from(fault)))?;
        let stats =
            serde_json::to_string(&Stats::of(&footer, &self.stored, &self.nulls)).map_err(|fault| Error::delta(&self.table, fault))?;
        let size = i64::try_from(self.encoder.bytes_written()).unwrap_or(i64::MAX);
        // The path goes into the log percent-encoded (deltalake does that); ours is digits, `-` and `.` and stays as it is.
        Ok(Add { path: self.name, size, modification_time: at_ms, data_change: true, stats: Some(stats), ..Add::default() })
    }

    fn stored(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let columns = batch.columns().iter().zip(self.stored.fields()).map(|(column, field)| cast(column, field.data_type()));
        RecordBatch::try_new(Arc::clone(&self.stored), columns.collect::<Result<_, _>>()?)
    }
}

impl std::fmt::Debug for OpenFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenFile").field("table", &self.table).field("name", &self.name).finish_non_exhaustive()
    }
}

/// zstd 1 was measured to be the best trade of size against time. Whole numbers are record and row numbers, which rise: the difference to
/// the one before is smaller than a dictionary of them. Hashes are spread over all numbers there are, and stand as they are: nothing makes
/// them smaller. Text that repeats has a dictionary, which text that does not, such as names, would fill for nothing. Ranges of text that is
/// not in order would cover everything: comparing each value with the least and the greatest buys nothing, but of days that repeat, since
/// those of one delivery lie together.
fn properties(first: &RecordBatch) -> WriterProperties {
    let zstd = ZstdLevel::try_new(1).unwrap_or_default();
    let mut properties = WriterProperties::builder().set_compression(Compression::ZSTD(zstd));
    for (field, column) in first.schema_ref().fields().iter().zip(first.columns()) {
        let path = ColumnPath::from(vec![field.name().clone()]);
        let texts = column.as_string_opt::<i32>();
        let seldom = texts.filter(|texts| repeat_seldom(texts));
        if field.data_type() == &DataType::Int64 || seldom.is_some() {
            properties = properties.set_column_dictionary_enabled(path.clone(), false);
        }
        if column.as_primitive_opt::<Int64Type>().is_some_and(are_hashes) {
            properties =
                properties.set_column_encoding(path.clone(), Encoding::PLAIN).set_column_compression(path, Compression::UNCOMPRESSED);
        } else if field.data_type() == &DataType::Int64 {
            properties = properties.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
        } else if texts.is_some_and(|texts| are_unordered(texts) && (seldom.is_some() || !are_days(texts))) {
            properties = properties.set_column_statistics_enabled(path, EnabledStatistics::None);
        }
    }
    properties.build()
}

/// Values that are looked at, and fewer than those that tell anything. Addresses of one county seldom repeat among a thousand.
const LOOKED_AT: usize = 8192;
const TELLING: usize = 256;

/// Whether the first values are in no order.
fn are_unordered(texts: &StringArray) -> bool {
    texts.len() - texts.null_count() >= TELLING && !texts.iter().is_sorted()
}

/// Whether most of the first values stand only once among them.
fn repeat_seldom(texts: &StringArray) -> bool {
    let first = || texts.iter().flatten().take(LOOKED_AT);
    let count = first().count();
    count >= TELLING && first().collect::<HashSet<_>>().len() * 2 > count
}

/// Whether the first value is a day as ISO 8601 writes it.
fn are_days(texts: &StringArray) -> bool {
    texts.iter().flatten().next().is_some_and(|text| matches!(text.as_bytes(), [_, _, _, _, b'-', _, _, b'-', _, _]))
}

/// Whether the first numbers are too far apart for anything but hashes.
fn are_hashes(numbers: &Int64Array) -> bool {
    let first = || numbers.iter().flatten().take(LOOKED_AT);
    let range = first().min().zip(first().max()).map_or(0, |(least, greatest)| greatest.abs_diff(least));
    first().count() >= TELLING && range > u64::MAX / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::ArrayRef;

    /// Which columns have a dictionary, and which have ranges, in a file that begins with these rows.
    fn chosen(rows: usize, of: impl Fn(usize) -> [String; 3]) -> [[bool; 3]; 2] {
        let column = |place: usize| Arc::new(StringArray::from_iter_values((0..rows).map(|row| of(row)[place].clone()))) as ArrayRef;
        let numbers = Arc::new(Int64Array::from_iter_values(0..rows as i64)) as ArrayRef;
        let names = ["a", "b", "c"];
        let columns = names.into_iter().enumerate().map(|(at, name)| (name, column(at))).chain([("number", numbers)]);
        let properties = properties(&RecordBatch::try_from_iter(columns).unwrap());
        let path = |name: &str| ColumnPath::from(name);
        assert!(!properties.dictionary_enabled(&path("number")));
        assert_eq!(properties.statistics_enabled(&path("number")), EnabledStatistics::Page);
        [
            names.map(|name| properties.dictionary_enabled(&path(name))),
            names.map(|name| properties.statistics_enabled(&path(name)) != EnabledStatistics::None),
        ]
    }

    #[test]
    fn a_column_is_encoded_as_its_first_rows_suggest() {
        let row = |row: usize| [format!("{}", row % 30), format!("{}", row * 7919 % 10_007), format!("{row:06}")];
        assert_eq!(chosen(5000, row), [[true, false, false], [false, false, true]], "codes, numbers of people, a column in order");
        let row = |row: usize| [format!("2026-01-{:02}", row % 28 + 1), format!("{} East Street", row % 2000), "one".to_owned()];
        assert_eq!(chosen(8192, row), [[true; 3], [true, false, true]], "days of a delivery, addresses of a county, a lineage");
        assert_eq!(chosen(100, row), [[true; 3]; 2], "too few rows to tell");
    }

    #[test]
    fn hashes_stand_as_they_are() {
        let numbers = |of: fn(i64) -> i64| Arc::new(Int64Array::from_iter_values((0..5000).map(of))) as ArrayRef;
        let hash = numbers(|row| row.wrapping_mul(-7_046_029_254_386_353_131));
        let properties = properties(&RecordBatch::try_from_iter([("hash", hash), ("row", numbers(|row| row))]).unwrap());
        let chosen = |name| (properties.encoding(&ColumnPath::from(name)), properties.compression(&ColumnPath::from(name)));
        assert_eq!(chosen("hash"), (Some(Encoding::PLAIN), Compression::UNCOMPRESSED));
        assert!(matches!(chosen("row"), (Some(Encoding::DELTA_BINARY_PACKED), Compression::ZSTD(_))));
    }
}
