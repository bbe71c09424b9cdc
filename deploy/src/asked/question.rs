//! One question, as the process sees it that waits for its rows: what may be said when, what becomes of whoever answers, and the sentence for
//! whoever asks when it died.

use super::{
    answerer::Answerer,
    frame::{Kind, Word},
    pool::{PATIENCE, Pool, ahead},
};
use crate::{confined::death::Cause, output};
use arrow_array::RecordBatch;
use arrow_schema::{DataType, SchemaRef};
use futures::{FutureExt as _, future::BoxFuture};
use std::{sync::Arc, time::Instant};
use tokio::{sync::OwnedSemaphorePermit, time::timeout};
use wuwei_query::{Asked, Coming, Error, Limits, Reads};

/// A question that a process plans and runs.
#[derive(Debug)]
pub(super) struct Question {
    pool: Arc<Pool>,
    limits: Limits,
    /// None when it is answered. Dropped before, the process is killed, and its place is free.
    process: Option<(Answerer, OwnedSemaphorePermit)>,
    /// When it was asked, or began to run.
    since: Instant,
    runs: bool,
    rows: u64,
}

/// The same, once it is planned.
#[derive(Debug)]
pub(super) struct Planned {
    question: Question,
    schema: SchemaRef,
    parameters: Vec<DataType>,
    reads: Reads,
}

impl Question {
    pub(super) fn new(pool: Arc<Pool>, process: (Answerer, OwnedSemaphorePermit), limits: Limits) -> Question {
        Question { pool, limits, process: Some(process), since: Instant::now(), runs: false, rows: 0 }
    }

    pub(super) async fn planned(mut self, asked: &Asked) -> Result<Planned, Error> {
        self.tell(Kind::Question, asked);
        let Word::Planned(reads) = self.word().await? else { return Err(self.out_of_turn()) };
        let Word::Parameters(parameters) = self.word().await? else { return Err(self.out_of_turn()) };
        let Word::Columns(schema) = self.word().await? else { return Err(self.out_of_turn()) };
        if !asked.parameters.are_given() {
            self.give_back();
        }
        Ok(Planned { question: self, schema, parameters, reads })
    }

    async fn next(&mut self) -> Result<Option<RecordBatch>, Error> {
        if self.process.is_none() {
            return Ok(None);
        }
        if !self.runs {
            (self.runs, self.since) = (true, Instant::now());
            self.tell(Kind::Run, &());
        }
        match self.word().await? {
            Word::Rows(rows) => {
                self.rows += rows.num_rows() as u64;
                Ok(Some(rows))
            }
            Word::Whole(rows) if rows == self.rows => {
                self.give_back();
                Ok(None)
            }
            _ => Err(self.out_of_turn()),
        }
    }

    fn tell(&mut self, kind: Kind, what: &impl serde::Serialize) {
        if let Some((answerer, _)) = &mut self.process {
            answerer.asked += u32::from(kind == Kind::Question);
            answerer.tell(kind, what);
        }
    }

    /// The next word that is not why there is none.
    async fn word(&mut self) -> Result<Word, Error> {
        let Some((answerer, _)) = &mut self.process else { return Err(self.out_of_turn()) };
        match answerer.word().await {
            Ok(Word::Failed(told)) => {
                self.give_back();
                Err(told.into())
            }
            Ok(word) => Ok(word),
            Err(cause) => Err(self.ended(&cause)),
        }
    }

    fn out_of_turn(&mut self) -> Error {
        self.ended(&Cause::Unsound("a word out of turn"))
    }

    /// The sentence for whoever asks; what only helps the operator is noted.
    fn ended(&mut self, cause: &Cause) -> Error {
        self.process = None;
        let (word, error) = match cause {
            Cause::Memory => ("memory", self.limits.too_greedy()),
            Cause::Depth => ("depth", Limits::too_deep()),
            Cause::Time | Cause::Silence => ("time", Error::Engine { detail: "its process used up its time" }),
            Cause::Broke(_) => ("broke", Error::Engine { detail: "its process broke" }),
            Cause::Signal(_) => ("outside", Error::Engine { detail: "its process was ended from outside, perhaps for want of memory" }),
            Cause::Unsound(_) => ("unsound", Error::Engine { detail: "its process said what none says" }),
        };
        self.pool.counts.end(word);
        match cause {
            Cause::Broke(Some(place)) => output::note(&format!("wuwei: a process that answers broke at {place}")),
            Cause::Unsound(misfit) => output::note(&format!("wuwei: a process that answers sent {misfit}")),
            _ => {}
        }
        error
    }

    /// Lets the process be asked again when nothing of this question runs any more; else it is ended, and its place is free only then.
    fn give_back(&mut self) {
        let Some((mut answerer, place)) = self.process.take() else { return };
        let pool = Arc::clone(&self.pool);
        tokio::spawn(async move {
            let is_ready = matches!(timeout(PATIENCE, answerer.ready()).await, Ok(Ok(())));
            if is_ready && !pool.is_worn(&answerer) {
                pool.keep(answerer);
            } else {
                drop(answerer);
            }
            drop(place);
            ahead(&pool);
        });
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.pool.counts.end(if self.since.elapsed() < self.limits.time { "given up" } else { "time" });
        }
    }
}

impl Coming for Planned {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn parameters(&self) -> Vec<DataType> {
        self.parameters.clone()
    }

    fn reads(&self) -> Reads {
        self.reads.clone()
    }

    fn next(&mut self) -> BoxFuture<'_, Result<Option<RecordBatch>, Error>> {
        self.question.next().boxed()
    }
}
