//! An answer that is taken batch by batch, for whoever puts it down somewhere without holding it: the same sequence as for one that is
//! returned whole, and the same limits but that of memory, which bounds what is on its way. The rows are the asker's only when
//! [`Taken::close`] has accounted for them; whoever drops an answer before has it accounted for as given up.

use super::{Chosen, Planned, Reads, Session};
use crate::{Entry, Error, Limits, audit::fingerprint, engine, error};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use datafusion::physical_plan::execute_stream;
use futures::{FutureExt as _, StreamExt as _};
use std::{pin::Pin, sync::Arc};
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    task::JoinSet,
    time::{Sleep, sleep},
};

/// Batches that wait to be taken; what is computed waits for whoever takes.
const WAITING: usize = 2;

/// An answer on its way.
#[derive(Debug)]
pub struct Taken {
    /// Its columns.
    pub schema: SchemaRef,
    batches: Receiver<Result<RecordBatch, Error>>,
    /// Ends with this.
    work: JoinSet<()>,
    /// Looked at by whoever takes: what computes may not yield for long.
    time: Pin<Box<Sleep>>,
    rows: u64,
    account: Account,
}

/// What is owed to the audit.
#[derive(Debug)]
struct Account {
    session: Session,
    reads: Reads,
    seq: u64,
    at_ms: i64,
    is_closed: bool,
}

impl Session {
    /// Begins to answer one SELECT. The entry that it was asked is on disk when this returns.
    ///
    /// # Errors
    /// It is refused, cannot be planned, or cannot be accounted for.
    pub async fn take(&self, question: &str, at_ms: i64) -> Result<Taken, Error> {
        let entry = Entry { statement: Some(fingerprint(question)), ..self.entry("sql", at_ms) };
        let planned = match self.planned(question, at_ms).await {
            Ok(planned) => planned,
            Err(error) => return Err(self.refused(entry, error)),
        };
        let (schema, reads) = (planned.plan.schema(), planned.reads.clone());
        let seq = self.asked(entry, &reads)?;
        let account = Account { session: self.clone(), reads, seq, at_ms, is_closed: false };
        let (sender, batches) = mpsc::channel(WAITING);
        let mut work = JoinSet::new();
        work.spawn_on(send(planned, Arc::clone(&self.limits), sender).boxed(), engine::threads()?);
        let time = Box::pin(sleep(self.limits.time));
        Ok(Taken { schema, batches, work, time, rows: 0, account })
    }
}

impl Taken {
    /// The next batch; none when there are no more.
    ///
    /// # Errors
    /// The question passes a limit, or a value is not what an expression wants. It is accounted for.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>, Error> {
        let next = tokio::select! {
            next = self.batches.recv() => next.transpose(),
            () = &mut self.time => Err(self.account.session.limits.too_slow()),
        };
        match next {
            Ok(batch) => {
                self.rows += batch.as_ref().map_or(0, |batch| batch.num_rows() as u64);
                Ok(batch)
            }
            Err(error) => {
                self.work.abort_all();
                self.account.end(Err(&error))?;
                Err(error)
            }
        }
    }

    /// Accounts for the rows taken, after the last: only now they may leave.
    ///
    /// # Errors
    /// They cannot be accounted for, and must not leave.
    pub async fn close(mut self) -> Result<u64, Error> {
        let Account { session, reads, at_ms, .. } = &self.account;
        session.use_of(self.rows, reads, Chosen::ByAsker, *at_ms).await?;
        self.account.end(Ok(self.rows))?;
        Ok(self.rows)
    }
}

impl Account {
    fn end(&mut self, rows: Result<u64, &Error>) -> Result<(), Error> {
        self.is_closed = true;
        self.session.close("sql", self.seq, rows, self.at_ms)
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        if !self.is_closed {
            // Nobody is left to be told when this fails; that it was asked is written already.
            let entry = Entry { outcome: "failed: given up".to_owned(), of: Some(self.seq), ..self.session.entry("sql", self.at_ms) };
            drop(self.session.audit.append(entry));
        }
    }
}

/// Computes and sends, until there is no more, a limit is passed, or nobody takes.
async fn send(planned: Planned, limits: Arc<Limits>, sender: Sender<Result<RecordBatch, Error>>) {
    if let Err(error) = batches(planned, &limits, &sender).await {
        drop(sender.send(Err(error)).await);
    }
}

async fn batches(planned: Planned, limits: &Limits, sender: &Sender<Result<RecordBatch, Error>>) -> Result<(), Error> {
    let mut stream = execute_stream(planned.plan, planned.state.task_ctx()).map_err(|error| error::running(&error))?;
    let mut rows = 0;
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(|error| error::running(&error))?;
        rows += batch.num_rows();
        if rows > limits.rows {
            return Err(limits.too_many());
        }
        if sender.send(Ok(batch)).await.is_err() {
            break;
        }
    }
    Ok(())
}
