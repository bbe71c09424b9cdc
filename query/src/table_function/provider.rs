//! A call as a table of the engine: its rows are made when it is run, in one stream, and nothing of the statement is asked below it.

use super::{
    Inside, TableFunction,
    argument::{Arguments, Given},
    call::Call,
};
use crate::{Error, error};
use arrow_schema::SchemaRef;
use datafusion::{
    catalog::{TableProvider, streaming::StreamingTable},
    common::DataFusionError,
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::{stream::RecordBatchStreamAdapter, streaming::PartitionStream},
};
use std::{fmt, sync::Arc};

/// The table of a call.
pub(crate) fn provider(call: &Call, inside: &Inside, given: &Given<'_>) -> Result<Arc<dyn TableProvider>, Error> {
    let called = call.called(inside, given)?;
    let schema = Arc::clone(&called.schema);
    let table = StreamingTable::try_new(schema, vec![Arc::new(called)]).map_err(|error| error::planning(&error))?;
    Ok(Arc::new(table))
}

pub(super) struct Called {
    function: &'static TableFunction,
    schema: SchemaRef,
    inside: Inside,
    arguments: Arguments,
}

impl Called {
    pub(super) fn new(function: &'static TableFunction, inside: Inside, arguments: Arguments) -> Called {
        Called { function, schema: function.schema(), inside, arguments }
    }
}

impl fmt::Debug for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Called").field("function", &self.function.name).finish_non_exhaustive()
    }
}

impl PartitionStream for Called {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let rows = (self.function.rows)(self.inside.clone(), self.arguments.clone());
        let rows = async move { rows.await.map_err(|error| DataFusionError::External(Box::new(error))) };
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), futures::stream::once(rows)))
    }
}
