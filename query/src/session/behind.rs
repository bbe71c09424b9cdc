//! The other side of [`Elsewhere`](crate::Elsewhere): what a process does that answers behind another one's door. It guards, plans and runs
//! as the door would, for the same principal, and accounts for nothing: rows are handed to the process that does. Nobody else calls it.

use super::{
    Planned, Session,
    taken::{WAITING, send},
};
use crate::{Asked, Audit, Catalogue, Error, Limits, Policies, Reads, door, engine, use_log::UseLog};
use arrow_array::RecordBatch;
use arrow_schema::{DataType, SchemaRef};
use datafusion::execution::runtime_env::RuntimeEnv;
use futures::FutureExt as _;
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    sync::mpsc::{self, Receiver},
    task::JoinSet,
};

/// The tables of one epoch behind a door, and the policies that hold there.
#[derive(Debug)]
pub struct Behind {
    catalogue: Arc<Catalogue>,
    policies: Arc<Policies>,
    audit: Arc<Audit>,
    use_log: UseLog,
    /// Where what memory does not hold is put.
    spill: PathBuf,
    /// The engine's resources that the question before had, for those limits: nothing of one is left in them.
    runtime: Mutex<Option<(Limits, Arc<RuntimeEnv>)>>,
}

/// A planned question.
#[derive(Debug)]
pub struct Run {
    limits: Arc<Limits>,
    planned: Planned,
}

impl Behind {
    /// Behind the door whose accounts are in the folder `accounts`: they are read by whom the policies let, and never written.
    pub fn new(catalogue: Arc<Catalogue>, policies: Arc<Policies>, accounts: &Path, spill: PathBuf) -> Behind {
        Behind {
            catalogue,
            policies,
            audit: Arc::new(Audit::to_read(accounts)),
            use_log: UseLog::to_read(accounts),
            spill,
            runtime: Mutex::default(),
        }
    }

    /// Plans a question.
    ///
    /// # Errors
    /// It is refused, or cannot be planned.
    pub async fn plan(&self, asked: Asked) -> Result<Run, Error> {
        let Asked { principal, purpose, statement, parameters, limits, at_ms } = asked;
        let rights = self.catalogue.rights.registered(&principal, &purpose, &self.policies, at_ms)?;
        let limits = Limits { spill: Some(self.spill.clone()), ..limits };
        let session = Session {
            catalogue: Arc::clone(&self.catalogue),
            audit: Arc::clone(&self.audit),
            use_log: self.use_log.clone(),
            rights,
            principal: Arc::new(principal),
            purpose: Arc::new(purpose),
            runtime: Arc::new(self.runtime(&limits)?.into()),
            limits: Arc::new(limits),
            elsewhere: None,
            part: None,
        };
        let planned = session.planned_with(&statement, at_ms, door::config(&session.limits), parameters).await?;
        Ok(Run { limits: session.limits, planned })
    }

    fn runtime(&self, limits: &Limits) -> Result<Arc<RuntimeEnv>, Error> {
        let mut kept = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, runtime)) = kept.as_ref().filter(|(known, _)| known == limits) {
            return Ok(Arc::clone(runtime));
        }
        let made = limits.runtime(&self.catalogue.footers)?;
        *kept = Some((limits.clone(), Arc::clone(&made)));
        Ok(made)
    }
}

/// Rows on their way; the work ends with whoever takes them.
#[derive(Debug)]
pub struct Running {
    batches: Receiver<Result<RecordBatch, Error>>,
    _work: JoinSet<()>,
}

impl Run {
    /// The columns of its rows.
    pub fn schema(&self) -> SchemaRef {
        self.planned.schema()
    }

    /// The types of its parameters, `$1` first.
    pub fn parameters(&self) -> &[DataType] {
        &self.planned.parameters
    }

    /// What it reads.
    pub fn reads(&self) -> &Reads {
        &self.planned.reads
    }

    /// Begins to compute.
    ///
    /// # Errors
    /// The system starts no thread.
    pub fn start(self) -> Result<Running, Error> {
        let (sender, batches) = mpsc::channel(WAITING);
        let mut work = JoinSet::new();
        work.spawn_on(send(self.planned, self.limits, sender).boxed(), engine::threads()?);
        Ok(Running { batches, _work: work })
    }
}

impl Running {
    /// The next rows, none after the last.
    ///
    /// # Errors
    /// The question passes a limit, or a value is not what an expression wants.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>, Error> {
        self.batches.recv().await.transpose()
    }
}
