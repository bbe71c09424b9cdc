//! Questions that are planned and run in another process: a statement that freezes the planner, overflows its stack or takes all memory
//! ends there. The door stays here: what whoever asks may do, and what is written down of it, is decided and done in this process; what
//! comes from the other one are names, rows, and why there are none. Processes themselves are not known in this room.

use crate::{Error, Limits, Parameters, Principal, Purpose, Reads};
use arrow_array::RecordBatch;
use arrow_schema::{DataType, SchemaRef};
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A question, with all that it takes to plan it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Asked {
    /// Who asks.
    pub principal: Principal,
    /// What for.
    pub purpose: Purpose,
    /// One SELECT, as it was written.
    pub statement: String,
    /// Values of its parameters; where they are types, it is not to be run.
    pub parameters: Parameters,
    /// What it may take.
    pub limits: Limits,
    /// When, in milliseconds since 1970-01-01 UTC.
    pub at_ms: i64,
}

/// Where questions are planned and run.
pub trait Elsewhere: fmt::Debug + Send + Sync {
    /// Plans a question, and lets no row of it come here before it is asked for. Whoever drops what comes of it gives the question up, at any time.
    fn plan(&self, asked: Asked) -> BoxFuture<'static, Result<Box<dyn Coming>, Error>>;
}

/// A planned question, and its rows as they come.
pub trait Coming: fmt::Debug + Send {
    /// The columns of its rows.
    fn schema(&self) -> SchemaRef;
    /// The types of its parameters.
    fn parameters(&self) -> Vec<DataType>;
    /// What it reads.
    fn reads(&self) -> Reads;
    /// The next rows, none after the last; it is run when they are first asked for.
    fn next(&mut self) -> BoxFuture<'_, Result<Option<RecordBatch>, Error>>;
}
