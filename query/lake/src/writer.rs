//! One data file of one load: batches in, a Parquet file and the action that adds it out. Nothing here makes a file visible.

use crate::{Error, stats::Stats, store::Durable, table};
use arrow_array::RecordBatch;
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType, SchemaRef};
use deltalake_core::kernel::Add;
use object_store::{buffered::BufWriter, path::Path};
use parquet::arrow::AsyncArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::sync::Arc;

/// Rows that can be read, skipped and kept in memory together. Wide rows end a group sooner, see `Publisher::write`.
const ROW_GROUP_ROWS: usize = 1 << 20;

/// A file being written. Dropping it leaves nothing but perhaps a staged file, which the next publisher removes.
pub(crate) struct OpenFile {
    table: String,
    name: String,
    /// As the contract has it.
    pub(crate) schema: SchemaRef,
    stored: SchemaRef,
    writer: AsyncArrowWriter<BufWriter>,
}

impl OpenFile {
    pub(crate) fn create(store: &Arc<Durable>, name: String, table: &str, schema: SchemaRef) -> Result<OpenFile, Error> {
        let stored = Arc::new(table::stored_schema(&schema));
        let fault = |fault: object_store::path::Error| Error::delta(table, object_store::Error::from(fault));
        let location = Path::parse(format!("{}/{name}", table::relative(table))).map_err(fault)?;
        // Two parts of 10 MB may be on their way to the disk while the next is filled.
        let sink = BufWriter::new(Arc::<Durable>::clone(store), location).with_max_concurrency(2);
        let writer = AsyncArrowWriter::try_new(sink, Arc::clone(&stored), Some(properties(&stored)));
        let writer = writer.map_err(|fault| Error::delta(table, fault))?;
        Ok(OpenFile { table: table.to_owned(), name, schema, stored, writer })
    }

    pub(crate) async fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        if !table::same_columns(&self.schema, &batch.schema()) {
            return Err(Error::schema(&self.table, "two batches of one load have different columns"));
        }
        let batch = self.stored(batch).map_err(|fault| Error::schema(&self.table, fault.to_string()))?;
        self.writer.write(&batch).await.map_err(|fault| Error::delta(&self.table, fault))
    }

    /// Bytes of the row group that is still in memory.
    pub(crate) fn buffered(&self) -> usize {
        self.writer.memory_size()
    }

    /// Ends the row group.
    pub(crate) async fn flush(&mut self) -> Result<(), Error> {
        self.writer.flush().await.map_err(|fault| Error::delta(&self.table, fault))
    }

    /// Ends the file; when this returns it is on the disk under its name.
    pub(crate) async fn finish(mut self, at_ms: i64) -> Result<Add, Error> {
        let footer = self.writer.finish().await.map_err(|fault| Error::delta(&self.table, fault))?;
        let stats = serde_json::to_string(&Stats::of(&footer, &self.stored)).map_err(|fault| Error::delta(&self.table, fault))?;
        let size = i64::try_from(self.writer.bytes_written()).unwrap_or(i64::MAX);
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
/// the one before is smaller than a dictionary of them. Text keeps the dictionary, which gives itself up where values seldom repeat.
fn properties(schema: &SchemaRef) -> WriterProperties {
    let zstd = ZstdLevel::try_new(1).unwrap_or_default();
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(zstd)).set_max_row_group_row_count(Some(ROW_GROUP_ROWS));
    let numbers = schema.fields().iter().filter(|field| field.data_type() == &DataType::Int64);
    let with_numbers = numbers.fold(properties, |properties, field| {
        let column = parquet::schema::types::ColumnPath::from(vec![field.name().clone()]);
        properties.set_column_dictionary_enabled(column.clone(), false).set_column_encoding(column, Encoding::DELTA_BINARY_PACKED)
    });
    with_numbers.build()
}
