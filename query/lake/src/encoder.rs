//! Rows into the bytes of a Parquet file, its columns side by side: encoding a table is mostly its texts, each a column that knows nothing of
//! the others. How a column is encoded, and where the bytes go, does not enter.

use arrow_array::{Array as _, RecordBatch};
use arrow_schema::{Field, SchemaRef};
use bytes::Bytes;
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::errors::Result;
use parquet::file::{metadata::ParquetMetaData, properties::WriterProperties, writer::SerializedFileWriter};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

/// Rows that can be read, skipped and kept in memory together. Wide rows end a group sooner, see `Publisher::write`.
const ROW_GROUP_ROWS: usize = 1 << 20;

/// The bytes of one file, made row group by row group.
pub(crate) struct Encoder {
    file: SerializedFileWriter<Vec<u8>>,
    groups: ArrowRowGroupWriterFactory,
    schema: SchemaRef,
    /// Of the row group that is still in memory, one for each field; none before its first row.
    columns: Vec<ArrowColumnWriter>,
    /// Rows of that group, those that wait among them.
    rows: usize,
    waiting: Vec<RecordBatch>,
    waiting_rows: usize,
    waiting_bytes: usize,
}

/// Rows, or bytes of them, that wait to be entered together: threads that are started for them have milliseconds to do.
const WAITING_ROWS: usize = 1 << 15;
const WAITING_BYTES: usize = 16 << 20;

impl Encoder {
    /// For rows of that schema, whose columns are flat. Parquet's own types tell all of ours; Arrow's schema beside them would be unpacked
    /// for every file of every question.
    pub(crate) fn new(schema: &SchemaRef, properties: WriterProperties) -> Result<Encoder> {
        let parquet = ArrowSchemaConverter::new().convert(schema)?;
        let file = SerializedFileWriter::new(Vec::new(), parquet.root_schema_ptr(), Arc::new(properties))?;
        let groups = ArrowRowGroupWriterFactory::new(&file, Arc::clone(schema));
        let (schema, columns, waiting) = (Arc::clone(schema), Vec::new(), Vec::new());
        Ok(Encoder { file, groups, schema, columns, rows: 0, waiting, waiting_rows: 0, waiting_bytes: 0 })
    }

    /// Enters rows; those that fill a row group end it.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut from = 0;
        while from < batch.num_rows() {
            let part = batch.slice(from, (ROW_GROUP_ROWS - self.rows).min(batch.num_rows() - from));
            from += part.num_rows();
            self.rows += part.num_rows();
            self.waiting_rows += part.num_rows();
            self.waiting_bytes += memory(&part);
            self.waiting.push(part);
            if self.rows == ROW_GROUP_ROWS {
                self.flush()?;
            } else if self.waiting_rows >= WAITING_ROWS || self.waiting_bytes >= WAITING_BYTES {
                self.enter()?;
            }
        }
        Ok(())
    }

    /// Enters the rows that wait.
    fn enter(&mut self) -> Result<()> {
        if self.columns.is_empty() {
            self.columns = self.groups.create_column_writers(self.file.flushed_row_groups().len())?;
        }
        let waiting = std::mem::take(&mut self.waiting);
        let threads = threads(std::mem::take(&mut self.waiting_rows) * self.columns.len());
        self.waiting_bytes = 0;
        let columns = self.columns.iter_mut().zip(self.schema.fields().iter()).enumerate();
        let work = columns.map(|(at, (column, field))| Entry { at, column, field }).collect();
        let size = |entry: &Entry<'_>| {
            waiting.iter().map(|rows| rows.column(entry.at).to_data().get_slice_memory_size().unwrap_or(0)).sum::<usize>()
        };
        let enter = |Entry { at, column, field }: Entry<'_>| {
            let mut cells = waiting.iter().map(|rows| rows.column(at));
            cells.try_for_each(|cells| compute_leaves(field, cells)?.iter().try_for_each(|leaf| column.write(leaf)))
        };
        side_by_side(threads, work, size, enter).map(drop)
    }

    /// Ends the row group.
    pub(crate) fn flush(&mut self) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        self.enter()?;
        let columns = std::mem::take(&mut self.columns);
        let threads = threads(self.rows * columns.len());
        self.rows = 0;
        let chunks = side_by_side(threads, columns, ArrowColumnWriter::memory_size, ArrowColumnWriter::close)?;
        let mut group = self.file.next_row_group()?;
        chunks.into_iter().try_for_each(|chunk| chunk.append_to_row_group(&mut group))?;
        group.close().map(drop)
    }

    /// Ends the file.
    pub(crate) fn finish(&mut self) -> Result<ParquetMetaData> {
        self.flush()?;
        self.file.finish()
    }

    /// The bytes that are ready, to be written next.
    pub(crate) fn take(&mut self) -> Result<Bytes> {
        self.file.flush()?;
        Ok(std::mem::take(self.file.inner_mut()).into())
    }

    /// Bytes of the row group that is still in memory.
    pub(crate) fn buffered(&self) -> usize {
        self.waiting_bytes + self.columns.iter().map(ArrowColumnWriter::memory_size).sum::<usize>()
    }

    /// Bytes made until now.
    pub(crate) fn bytes_written(&self) -> usize {
        self.file.bytes_written()
    }
}

/// A column that is to be entered.
struct Entry<'e> {
    at: usize,
    column: &'e mut ArrowColumnWriter,
    field: &'e Arc<Field>,
}

/// Bytes of memory that these rows keep from being used otherwise: all of what their columns are parts of, be it more than they say. Columns
/// that share it count once.
pub fn memory(rows: &RecordBatch) -> usize {
    let mut parts = BTreeMap::new();
    for column in rows.columns() {
        let data = column.to_data();
        let nulls = data.nulls().map(|nulls| nulls.buffer());
        parts.extend(data.buffers().iter().chain(nulls).map(|part| (part.data_ptr(), part.capacity())));
    }
    parts.values().sum()
}

/// Cells from which on another thread is worth its start: they take milliseconds.
const CELLS: usize = 1 << 16;

/// The most threads; few tables have more columns of text.
const THREADS: usize = 8;

fn threads(cells: usize) -> usize {
    if cells < CELLS { 1 } else { thread::available_parallelism().map_or(1, usize::from).min(THREADS) }
}

/// What becomes of each, in their order, the largest begun first. What fails first is told.
fn side_by_side<T: Send, R: Send>(
    threads: usize,
    work: Vec<T>,
    size: impl Fn(&T) -> usize,
    of: impl Fn(T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    if threads == 1 {
        return work.into_iter().map(of).collect();
    }
    let mut queue: Vec<(usize, T)> = work.into_iter().enumerate().collect();
    queue.sort_by_key(|(_, one)| size(one));
    let queue = Mutex::new(queue);
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let run = || {
        let one = || next().map(|(at, one)| Ok((at, of(one)?)));
        std::iter::from_fn(one).collect::<Result<Vec<_>>>()
    };
    let done: Result<Vec<_>> = thread::scope(|scope| {
        let beside: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let here = run();
        let joined = beside.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        std::iter::once(here).chain(joined.collect::<Vec<_>>()).collect()
    });
    let mut done: Vec<(usize, R)> = done?.into_iter().flatten().collect();
    done.sort_unstable_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, made)| made).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, Int64Array, StringArray};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    /// Rows from a number on: a number, and texts of other lengths, some of them empty.
    fn rows(from: i64, count: i64) -> RecordBatch {
        let numbers = || from..from + count;
        let texts = |length: usize| numbers().map(move |row| (row % 7 != 0).then(|| format!("{row:0length$}")));
        let columns: [(&str, ArrayRef); 3] = [
            ("row", Arc::new(Int64Array::from_iter_values(numbers()))),
            ("short", Arc::new(texts(3).collect::<StringArray>())),
            ("long", Arc::new(texts(40).collect::<StringArray>())),
        ];
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, name != "row"))).unwrap()
    }

    #[test]
    fn rows_come_back_as_they_were_whatever_they_came_in() {
        let all = rows(0, ROW_GROUP_ROWS as i64 + 70_000);
        let mut encoder = Encoder::new(&all.schema(), WriterProperties::default()).unwrap();
        let mut bytes = Vec::new();
        for (from, count) in [(0, 100), (100, 500_000), (500_100, all.num_rows() - 500_100)] {
            encoder.write(&all.slice(from, count)).unwrap();
            bytes.extend(encoder.take().unwrap());
        }
        assert!(encoder.buffered() > 0, "the second row group is open");
        let footer = encoder.finish().unwrap();
        bytes.extend(encoder.take().unwrap());
        assert_eq!(footer.row_groups().iter().map(|group| group.num_rows()).collect::<Vec<_>>(), [ROW_GROUP_ROWS as i64, 70_000]);
        assert_eq!((encoder.buffered(), encoder.bytes_written()), (0, bytes.len()));
        let read = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes)).unwrap().with_batch_size(200_000).build().unwrap();
        let mut from = 0;
        for batch in read {
            let batch = batch.unwrap();
            assert_eq!(batch.columns(), all.slice(from, batch.num_rows()).columns());
            from += batch.num_rows();
        }
        assert_eq!(from, all.num_rows());
    }

    #[test]
    fn memory_that_columns_share_counts_once_and_whole() {
        let one = rows(0, 8000);
        let few = one.slice(7, 1);
        assert_eq!(memory(&one), memory(&few), "what it is a part of stays");
        let twice = RecordBatch::try_from_iter([("a", Arc::clone(one.column(2))), ("b", Arc::clone(one.column(2)))]).unwrap();
        assert!(memory(&twice) > 8000 * 30 && memory(&twice) < memory(&one));
    }

    #[test]
    fn order_is_kept_and_what_fails_is_told() {
        let double = |number: usize| Ok(number * 2);
        for threads in [1, 2, 5] {
            assert_eq!(
                side_by_side(threads, (0..100).collect(), |number| 7 * number % 31, double).unwrap(),
                (0..100).map(|n| n * 2).collect::<Vec<_>>()
            );
            let fails =
                |number: usize| if number == 40 { Err(parquet::errors::ParquetError::General("40".to_owned())) } else { Ok(number) };
            assert!(side_by_side(threads, (0..100).collect(), |_| 1, fails).is_err());
        }
    }
}
