//! Small tables, kept as rows. A catalogue of what departments owe is a row for each of hundreds of deliveries, each in a file of its own: to
//! open them all, for every question, takes longer than all else that the question does. Data files never change, so what was read of a
//! pinned version once stays true. Which rows of them somebody may see is decided above, as of any scan.

use crate::provider::DataFile;
use arrow_array::{Array as _, ArrayRef, RecordBatch, cast::AsArray as _};
use arrow_schema::SchemaRef;
use arrow_select::concat::concat_batches;
use datafusion::common::Result;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::physical_plan::{ExecutionPlan, SendableRecordBatchStream};
use futures::StreamExt as _;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::Mutex;

/// Rows of a table that is small, and bytes of its files, which are mostly footers then.
const ROWS: usize = 16 * 1024;
const FILE_BYTES: u64 = 8 << 20;

/// Bytes that one table may take, and rows that are read before that is looked at: what packs well can be large all the same.
const TABLE_BYTES: usize = 8 << 20;
pub(crate) const READ_ROWS: usize = 256;

/// Whether a table of these files is small.
pub(crate) fn is_small(files: &[DataFile]) -> bool {
    let rows = files.iter().try_fold(0_usize, |rows, file| Some(rows.saturating_add(file.rows()?)));
    rows.is_some_and(|rows| rows <= ROWS) && files.iter().map(DataFile::bytes).sum::<u64>() <= FILE_BYTES
}

/// What all small tables of an epoch may take together, in bytes.
#[derive(Debug)]
pub(crate) struct Room(AtomicUsize);

impl Default for Room {
    fn default() -> Room {
        Room(AtomicUsize::new(64 << 20))
    }
}

impl Room {
    /// Takes so many bytes, if they are left.
    fn takes(&self, bytes: usize) -> bool {
        let left = |left: usize| left.checked_sub(bytes);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).is_ok()
    }
}

/// The rows of a table, under each schema by which it is read: its contract's, with texts as they are and as views. None where there was no
/// room for them.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<Vec<(SchemaRef, Option<RecordBatch>)>>);

impl Kept {
    /// The rows, read at the first call; none where they are not kept. Whoever asks while they are read waits for them. What cannot be read is
    /// asked for again, and told where it is read as any table is.
    pub(crate) async fn rows(
        &self,
        schema: &SchemaRef,
        room: &Room,
        read: impl AsyncFnOnce() -> Result<SendableRecordBatchStream>,
    ) -> Option<RecordBatch> {
        let mut kept = self.0.lock().await;
        if let Some((_, rows)) = kept.iter().find(|(known, _)| known == schema) {
            return rows.clone();
        }
        let rows = bounded(read().await.ok()?).await.ok()?;
        let rows = rows.map(|rows| concat_batches(schema, &rows)).transpose().ok()?;
        let rows = rows.filter(|rows| room.takes(rows.get_array_memory_size()));
        kept.push((Arc::clone(schema), rows.clone()));
        rows
    }
}

/// All batches; none where they are more than one table may take.
async fn bounded(mut read: SendableRecordBatchStream) -> Result<Option<Vec<RecordBatch>>> {
    let (mut batches, mut bytes) = (Vec::new(), 0);
    while let Some(batch) = read.next().await.transpose()? {
        bytes += batch.columns().iter().map(size).sum::<usize>();
        if bytes > TABLE_BYTES {
            return Ok(None);
        }
        let columns = batch.columns().iter().map(compact).collect();
        batches.push(RecordBatch::try_new(batch.schema(), columns)?);
    }
    Ok(Some(batches))
}

/// What a column takes once it is compact.
fn size(column: &ArrayRef) -> usize {
    match column.as_string_view_opt() {
        Some(views) => views.lengths().map(|length| size_of::<u128>() + length as usize).sum(),
        None => column.get_array_memory_size(),
    }
}

/// The column with its own texts: views hold all pages of a file that they look into, and more than one holds the same.
fn compact(column: &ArrayRef) -> ArrayRef {
    column.as_string_view_opt().map_or_else(|| Arc::clone(column), |views| Arc::new(views.gc()))
}

/// A scan of rows that are kept.
pub(crate) fn scan(rows: RecordBatch, projection: Option<&Vec<usize>>) -> Result<Arc<dyn ExecutionPlan>> {
    let schema = rows.schema();
    let scan = MemorySourceConfig::try_new_exec(&[vec![rows]], schema, projection.cloned())?;
    Ok(scan)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::Int64Array;
    use datafusion::physical_plan::stream::RecordBatchStreamAdapter;

    fn rows(count: i64) -> RecordBatch {
        RecordBatch::try_from_iter([("row", Arc::new(Int64Array::from_iter_values(0..count)) as ArrayRef)]).unwrap()
    }

    fn stream(batches: Vec<RecordBatch>) -> Result<SendableRecordBatchStream> {
        let schema = batches[0].schema();
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, futures::stream::iter(batches.into_iter().map(Ok)))))
    }

    #[tokio::test]
    async fn what_was_read_is_read_once_and_what_failed_again() {
        let (kept, room, schema) = (Kept::default(), Room::default(), rows(0).schema());
        assert!(kept.rows(&schema, &room, async || datafusion::common::exec_err!("the disk is away")).await.is_none());
        let read = kept.rows(&schema, &room, async || stream(vec![rows(3), rows(2)])).await.unwrap();
        assert_eq!(read.num_rows(), 5);
        let again = kept.rows(&schema, &room, async || stream(vec![rows(9)])).await.unwrap();
        assert_eq!(again, read, "a pinned table does not change");
    }

    #[tokio::test]
    async fn what_has_no_room_is_not_kept_and_not_tried_again() {
        let (kept, room, schema) = (Kept::default(), Room(AtomicUsize::new(1000)), rows(0).schema());
        assert!(kept.rows(&schema, &room, async || stream(vec![rows(1000)])).await.is_none());
        assert!(kept.rows(&schema, &room, async || stream(vec![rows(1)])).await.is_none());
        assert!(Kept::default().rows(&schema, &room, async || stream(vec![rows(10)])).await.is_some(), "others have the room");
    }

    #[tokio::test]
    async fn of_a_table_that_packs_well_no_more_is_read_than_it_may_take() {
        let counted = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&counted);
        let read = futures::stream::repeat_with(move || {
            seen.fetch_add(1, Ordering::Relaxed);
            Ok(rows(100_000))
        });
        let read: SendableRecordBatchStream = Box::pin(RecordBatchStreamAdapter::new(rows(0).schema(), read));
        assert!(Kept::default().rows(&rows(0).schema(), &Room::default(), async || Ok(read)).await.is_none());
        assert!(counted.load(Ordering::Relaxed) <= TABLE_BYTES / 800_000 + 1);
    }
}
