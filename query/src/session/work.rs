//! A planned question's work: done in this process, or in another one behind the door. Whoever takes its rows need not know which.

use super::Batches;
use crate::{Error, Reads, elsewhere::Coming, error};
use arrow_schema::{DataType, SchemaRef};
use datafusion::{
    execution::SessionState,
    physical_plan::{ExecutionPlan, execute_stream},
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use std::{fmt, sync::Arc};

/// A question that may be run.
pub(crate) struct Planned {
    pub(crate) reads: Reads,
    /// The types of its parameters.
    pub(crate) parameters: Vec<DataType>,
    pub(crate) work: Work,
}

/// Where it is run.
pub(crate) enum Work {
    Here { state: Box<SessionState>, plan: Arc<dyn ExecutionPlan> },
    Elsewhere(Box<dyn Coming>),
}

impl Planned {
    pub(crate) fn schema(&self) -> SchemaRef {
        match &self.work {
            Work::Here { plan, .. } => plan.schema(),
            Work::Elsewhere(coming) => coming.schema(),
        }
    }

    /// Its rows, as they are computed.
    pub(super) fn stream(self) -> Result<Batches, Error> {
        match self.work {
            Work::Here { state, plan } => {
                let stream = execute_stream(plan, state.task_ctx()).map_err(|error| error::running(&error))?;
                Ok(stream.map_err(|error| error::running(&error)).boxed())
            }
            Work::Elsewhere(coming) => {
                let next = |mut coming: Box<dyn Coming>| async move { Ok(coming.next().await?.map(|batch| (batch, coming))) };
                Ok(stream::try_unfold(coming, next).boxed())
            }
        }
    }
}

impl fmt::Debug for Planned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Planned").field("reads", &self.reads).finish_non_exhaustive()
    }
}
