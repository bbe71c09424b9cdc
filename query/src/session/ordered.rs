//! Rows that a stage has made, brought into order within bounds: what memory does not hold is spilled. No table is read here; whoever brings
//! the rows had them through the door.

use super::{Batches, Session};
use crate::{Error, Limits, door, error};
use arrow_schema::{SchemaRef, SortOptions};
use datafusion::{
    common::{DataFusionError, Result},
    execution::{SendableRecordBatchStream, TaskContext},
    physical_expr::{LexOrdering, PhysicalSortExpr, expressions::col},
    physical_plan::{
        execute_stream,
        sorts::sort::SortExec,
        stream::RecordBatchStreamAdapter,
        streaming::{PartitionStream, StreamingTableExec},
    },
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// What of a stage's memory is for bringing rows into order.
const MEMORY_BYTES: usize = 512 << 20;

impl Session {
    /// The rows, in ascending order of these columns. They are of that schema.
    ///
    /// # Errors
    /// There is no such column, or nothing can be spilled; as the stream goes on, what the rows themselves end with.
    pub fn in_order(&self, rows: Batches, schema: &SchemaRef, by: &[&str]) -> Result<Batches, Error> {
        let limits = Limits { memory_bytes: self.limits.memory_bytes.min(MEMORY_BYTES), ..Limits::clone(&self.limits) };
        let context = TaskContext::default()
            .with_session_config(door::config(&limits).with_target_partitions(1))
            .with_runtime(limits.runtime(&self.catalogue.footers)?);
        let sorted = sorted(rows, schema, by).and_then(|plan| execute_stream(Arc::new(plan), Arc::new(context)));
        Ok(sorted.map_err(|error| error::running(&error))?.map_err(|error| error::running(&error)).boxed())
    }
}

fn sorted(rows: Batches, schema: &SchemaRef, by: &[&str]) -> Result<SortExec> {
    let options = SortOptions { descending: false, nulls_first: true };
    let by = by.iter().map(|name| Ok(PhysicalSortExpr { expr: col(name, schema)?, options })).collect::<Result<Vec<_>>>()?;
    let order = LexOrdering::new(by).ok_or_else(|| DataFusionError::Internal("no column to go by".to_owned()))?;
    let once: Arc<dyn PartitionStream> = Arc::new(Once { schema: Arc::clone(schema), rows: Mutex::new(Some(rows)) });
    let rows = StreamingTableExec::try_new(Arc::clone(schema), vec![once], None, [], false, None)?;
    Ok(SortExec::new(order, Arc::new(rows)))
}

/// Rows that can be read once.
struct Once {
    schema: SchemaRef,
    rows: Mutex<Option<Batches>>,
}

impl fmt::Debug for Once {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Once").finish_non_exhaustive()
    }
}

impl PartitionStream for Once {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner).take();
        let again = || stream::iter([Err(Error::Engine { detail: "rows are read twice" })]).boxed();
        let rows = rows.unwrap_or_else(again).map_err(|error| DataFusionError::External(Box::new(error)));
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), rows))
    }
}
