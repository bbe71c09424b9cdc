//! An answer that is taken batch by batch, for whoever puts it down somewhere without holding it: the same sequence as for one that is
//! returned whole, and the same limits but that of memory, which bounds what is on its way. The rows are the asker's only when
//! [`Taken::close`] has accounted for them; whoever drops an answer before has it accounted for as given up.

use super::{Answer, Planned, Session, account::Account};
use crate::{Error, Limits, engine};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use futures::{FutureExt as _, TryStreamExt as _};
use std::{pin::Pin, sync::Arc};
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    task::JoinSet,
    time::{Sleep, sleep},
};

/// Batches that wait to be taken; what is computed waits for whoever takes.
pub(super) const WAITING: usize = 2;

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

impl Session {
    /// Begins to answer one SELECT. The entry that it was asked is on disk when this returns.
    ///
    /// # Errors
    /// It is refused, cannot be planned, or cannot be accounted for.
    pub async fn take(&self, question: &str, at_ms: i64) -> Result<Taken, Error> {
        self.take_with(question, Vec::new(), at_ms).await
    }
}

impl Taken {
    /// Begins to compute what was asked under that number.
    pub(super) fn begin(session: &Session, planned: Planned, seq: u64, at_ms: i64) -> Result<Taken, Error> {
        let schema = planned.schema();
        let (limits, time) = (Arc::clone(&session.limits), Box::pin(sleep(session.limits.time)));
        let account = Account::new(session, "sql", planned.reads.clone(), seq, at_ms);
        let (sender, batches) = mpsc::channel(WAITING);
        let mut work = JoinSet::new();
        work.spawn_on(send(planned, limits, sender).boxed(), engine::threads()?);
        Ok(Taken { schema, batches, work, time, rows: 0, account })
    }

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
                batch.iter().for_each(|batch| self.account.revealed.add(batch));
                Ok(batch)
            }
            Err(error) => {
                self.work.abort_all();
                self.account.end(Err(&error))?;
                Err(error)
            }
        }
    }

    /// Takes all of it, and accounts for it: where it is given up meanwhile, for that.
    ///
    /// # Errors
    /// As [`Taken::next`] and [`Taken::close`]; or it is larger than the memory that a question may take.
    pub async fn whole(mut self) -> Result<Answer, Error> {
        let (mut batches, mut bytes) = (Vec::new(), 0);
        while let Some(batch) = self.next().await? {
            bytes += batch.get_array_memory_size();
            batches.push(batch);
            if bytes > self.account.session.limits.memory_bytes {
                let error = self.account.session.limits.too_large();
                self.account.end(Err(&error))?;
                return Err(error);
            }
        }
        let schema = SchemaRef::clone(&self.schema);
        self.close().await?;
        Ok(Answer { schema, batches })
    }

    /// Accounts for the rows taken, after the last: only now they may leave.
    ///
    /// # Errors
    /// They cannot be accounted for, and must not leave.
    pub async fn close(mut self) -> Result<u64, Error> {
        self.account.answered(self.rows).await?;
        Ok(self.rows)
    }
}

/// Computes and sends, until there is no more, a limit is passed, or nobody takes.
pub(super) async fn send(planned: Planned, limits: Arc<Limits>, sender: Sender<Result<RecordBatch, Error>>) {
    if let Err(error) = batches(planned, &limits, &sender).await {
        drop(sender.send(Err(error)).await);
    }
}

async fn batches(planned: Planned, limits: &Limits, sender: &Sender<Result<RecordBatch, Error>>) -> Result<(), Error> {
    let mut stream = planned.stream()?;
    let mut rows = 0;
    while let Some(batch) = stream.try_next().await? {
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
