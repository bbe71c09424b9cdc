//! The door. A session is one principal with one purpose; nothing leaves the hub but through it.
//!
//! The sequence of a question is the same for all, and each step can only say no:
//!
//! 1. `guard`: one SELECT over tables that there are, small enough to plan.
//! 2. policy: whether this principal may see these tables for this purpose, which rows, and which columns masked. It will stand here, in
//!    the providers that step 3 plans over, below everything that the asker writes; today every principal is an operator.
//! 3. `plan`: optimised, over nothing but the tables named.
//! 4. `audit`: an entry on disk with what the plan really reads. If it cannot be written there is no answer.
//! 5. run, within the limits.
//! 6. `use log`: the data items behind the columns read.
//! 7. `audit`: the entry that closes the first. Only then the rows leave.

mod taken;

use crate::{
    Audit, Catalogue, Entry, Error, Figure, Indicator, Limits, Principal, Purpose,
    audit::fingerprint,
    door::{self, Accounts, Door},
    engine, error,
    figure::figures,
    guard::guard,
    linkage::Linkage,
    reads::Reads,
    use_log::{Items, Use, UseLog},
};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use datafusion::{
    execution::{SessionState, runtime_env::RuntimeEnv},
    physical_plan::{ExecutionPlan, execute_stream},
    prelude::SessionConfig,
};
use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _, future::BoxFuture, stream::BoxStream};
use std::{fmt, sync::Arc};
pub use taken::Taken;
use wuwei_schema::learned;

/// An answer, whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its columns; they carry their tables' comments where the engine keeps them.
    pub schema: SchemaRef,
    /// Its rows.
    pub batches: Vec<RecordBatch>,
}

/// An answer as it comes.
pub type Batches = BoxStream<'static, Result<RecordBatch, Error>>;

/// One principal with one purpose, before one epoch's tables.
#[derive(Clone)]
pub struct Session {
    catalogue: Arc<Catalogue>,
    audit: Arc<Audit>,
    use_log: UseLog,
    principal: Arc<Principal>,
    purpose: Arc<Purpose>,
    limits: Arc<Limits>,
    runtime: Arc<RuntimeEnv>,
}

impl Session {
    /// Opens the door. The use log is kept beside the audit.
    ///
    /// # Errors
    /// The use log cannot be written, or the engine's resources cannot be had.
    pub fn open(
        catalogue: Arc<Catalogue>,
        audit: Arc<Audit>,
        principal: Principal,
        purpose: Purpose,
        limits: Limits,
    ) -> Result<Session, Error> {
        let use_log = UseLog::open(audit.folder())?;
        let runtime = limits.runtime()?;
        Ok(Session {
            catalogue,
            audit,
            use_log,
            principal: Arc::new(principal),
            purpose: Arc::new(purpose),
            limits: Arc::new(limits),
            runtime,
        })
    }

    /// Answers one SELECT.
    ///
    /// # Errors
    /// It is refused, cannot be planned, passes a limit, or cannot be accounted for.
    pub async fn sql(&self, question: &str, at_ms: i64) -> Result<Answer, Error> {
        let entry = Entry { statement: Some(fingerprint(question)), ..self.entry("sql", at_ms) };
        let planned = match self.planned(question, at_ms).await {
            Ok(planned) => planned,
            Err(error) => return Err(self.refused(entry, error)),
        };
        let reads = planned.reads.clone();
        let seq = self.asked(entry, &reads)?;
        let answered = self.used(self.run(planned).await, &reads, at_ms).await;
        self.close("sql", seq, answered.as_ref().map(Answer::rows), at_ms)?;
        answered
    }

    /// Reads columns of one table, row order as stored, batch by batch, for a stage that computes from it. It is audited once and bound by
    /// the memory limit, not by those of time and rows; it is no use of data by anybody.
    ///
    /// # Errors
    /// Table or column is unknown, or the reading cannot be accounted for. The stream's errors are those of reading files.
    pub async fn read(&self, table: &str, columns: &[&str], at_ms: i64) -> Result<Batches, Error> {
        let found = self.catalogue.table(table)?;
        for column in columns {
            let known = found.schema.fields().iter().map(|field| field.name().as_str());
            found.schema.index_of(column).map_err(|_| Error::unknown("column", column, known))?;
        }
        let mut reads = Reads::default();
        reads.add(table, columns.iter().map(|column| (*column).to_owned()));
        self.asked(self.entry("read", at_ms), &reads)?;
        // One partition keeps the order of the rows, so that a stage's run repeats exactly.
        let config = door::config().with_target_partitions(1);
        let select = columns.iter().copied().map(quoted).collect::<Vec<_>>().join(", ");
        let from = table.split('.').map(quoted).collect::<Vec<_>>().join(".");
        let planned = self.planned_with(&format!("SELECT {select} FROM {from}"), at_ms, config).await?;
        let stream = execute_stream(planned.plan, planned.state.task_ctx()).map_err(|error| error::running(&error))?;
        Ok(stream.map_err(|error| error::running(&error)).boxed())
    }

    /// Accounts for a look that is not SQL, before it is taken: what kind of look, and what was looked for, of which the audit keeps a
    /// fingerprint.
    ///
    /// # Errors
    /// It cannot be accounted for, and must not be taken.
    pub fn look(&self, what: &str, detail: &str, at_ms: i64) -> Result<(), Error> {
        self.audit.append(Entry { statement: Some(fingerprint(detail)), ..self.entry(what, at_ms) }).map(drop)
    }

    /// Every indicator as of a time, of all departments or of one.
    ///
    /// # Errors
    /// An indicator is defective, or the look cannot be accounted for.
    pub async fn indicators(&self, department: Option<&str>, at_ms: i64) -> Result<Vec<Figure>, Error> {
        let mut planned = Vec::new();
        let mut reads = Reads::default();
        for indicator in &self.catalogue.indicators {
            let plan = self.planned(&format!("SELECT * FROM indicator.\"{}\"", indicator.name), at_ms).await?;
            reads.tables.extend(plan.reads.tables.iter().cloned());
            reads.columns.extend(plan.reads.columns.iter().cloned());
            planned.push((Arc::clone(indicator), plan));
        }
        let seq = self.asked(self.entry("indicators", at_ms), &reads)?;
        let mut found = self.figures(planned).await;
        if let (Ok(figures), Some(_)) = (&mut found, department) {
            figures.retain(|figure| figure.department.as_deref() == department);
        }
        self.close("indicators", seq, found.as_ref().map(|found| found.len() as u64), at_ms)?;
        found
    }
}

/// A question that may be run.
struct Planned {
    state: SessionState,
    plan: Arc<dyn ExecutionPlan>,
    reads: Reads,
}

impl Session {
    async fn planned(&self, question: &str, at_ms: i64) -> Result<Planned, Error> {
        self.planned_with(question, at_ms, door::config()).await
    }

    async fn planned_with(&self, question: &str, at_ms: i64, config: SessionConfig) -> Result<Planned, Error> {
        let (session, question) = (self.clone(), question.to_owned());
        let planning = async move {
            let question = guard(&question, &session.catalogue.tables, &[])?;
            let linkage = if session.catalogue.links(&question) { Some(session.linkage(at_ms).await?) } else { None };
            let accounts = Accounts { uses: &session.use_log, audit: &session.audit };
            let door = Door::new(&session.catalogue, accounts, at_ms, config, &session.runtime, linkage.as_ref());
            let (state, plan) = door.plan(question).boxed().await?;
            let mut reads = Reads::of(&plan).map_err(|error| error::planning(&error))?;
            if linkage.is_some() {
                let learned = learned::tables().into_iter().take(3);
                learned.for_each(|(table, schema)| reads.add(table, schema.fields().iter().map(|field| field.name().clone())));
            }
            let plan = state.query_planner().create_physical_plan(&plan, &state).await.map_err(|error| error::planning(&error))?;
            Ok(Planned { state, plan, reads })
        };
        engine::run(&self.limits, planning.boxed()).await
    }

    async fn run(&self, planned: Planned) -> Result<Answer, Error> {
        let limits = Arc::clone(&self.limits);
        engine::run(&self.limits, collect(planned, limits).boxed()).await
    }

    fn entry(&self, kind: &str, at_ms: i64) -> Entry {
        Entry::asked(kind, &self.principal, &self.purpose, at_ms)
    }

    fn asked(&self, entry: Entry, reads: &Reads) -> Result<u64, Error> {
        self.audit.append(Entry { tables: reads.tables.clone(), columns: reads.columns.clone(), ..entry })
    }

    /// A question that is refused is accounted for as well; when it cannot be, that is the error.
    fn refused(&self, entry: Entry, error: Error) -> Error {
        let refused = Entry { outcome: format!("refused: {}", error.reason()), ..entry };
        self.audit.append(refused).err().unwrap_or(error)
    }

    async fn figures(&self, planned: Vec<(Arc<Indicator>, Planned)>) -> Result<Vec<Figure>, Error> {
        let mut found = Vec::new();
        for (indicator, plan) in planned {
            found.extend(figures(&indicator, &self.run(plan).await?.batches)?);
        }
        Ok(found)
    }

    fn close(&self, kind: &str, seq: u64, rows: Result<u64, &Error>, at_ms: i64) -> Result<(), Error> {
        let (outcome, rows) = match rows {
            Ok(rows) => ("answered".to_owned(), Some(rows)),
            Err(error) => (format!("failed: {}", error.reason()), None),
        };
        self.audit.append(Entry { outcome, of: Some(seq), rows, ..self.entry(kind, at_ms) }).map(drop)
    }

    /// Writes down which items an answer was made of, and hands it on.
    async fn used(&self, answered: Result<Answer, Error>, reads: &Reads, at_ms: i64) -> Result<Answer, Error> {
        let answer = answered?;
        self.use_of(answer.rows(), reads, at_ms).await?;
        Ok(answer)
    }

    async fn use_of(&self, rows: u64, reads: &Reads, at_ms: i64) -> Result<(), Error> {
        let items = self.catalogue.items.get_or_try_init(|| self.items(at_ms)).await?.behind(&reads.columns);
        if items.is_empty() {
            return Ok(());
        }
        self.use_log.append(&Use {
            ts: at_ms,
            consumer: self.principal.department.clone(),
            purpose: self.purpose.as_str().to_owned(),
            permitted: true,
            rows_returned: rows,
            automated: self.principal.automated,
            items,
        })
    }

    /// What was learned of who is who, for the functions that weigh by it: read once, whole.
    fn linkage(&self, at_ms: i64) -> BoxFuture<'_, Result<Arc<Linkage>, Error>> {
        let read = async move {
            let own = Arc::new(Limits { rows: usize::MAX, ..Limits::clone(&self.limits) });
            let mut tables = Vec::new();
            for table in [learned::MODEL, learned::LEVEL, learned::FREQUENCY] {
                let planned = self.planned(&format!("SELECT * FROM {table}"), at_ms).await?;
                tables.push(engine::run(&self.limits, collect(planned, Arc::clone(&own)).boxed()).await?.batches);
            }
            let tables = tables.try_into().map_err(|_| Error::Engine { detail: "what was learned is not whole" })?;
            Linkage::read(Arc::clone(&self.catalogue.types), tables).map(Arc::new)
        };
        async move { self.catalogue.linkage.get_or_try_init(|| read).await.cloned() }.boxed()
    }

    /// The catalogue's items, for the hub's own account.
    async fn items(&self, at_ms: i64) -> Result<Items, Error> {
        let planned = self.planned("SELECT rid, item, entity, property FROM contract.item", at_ms).await?;
        let own = Arc::new(Limits { rows: usize::MAX, ..Limits::clone(&self.limits) });
        Ok(Items::of(&engine::run(&self.limits, collect(planned, own).boxed()).await?.batches))
    }
}

impl Answer {
    /// Number of rows.
    pub fn rows(&self) -> u64 {
        self.batches.iter().map(|batch| batch.num_rows() as u64).sum()
    }
}

async fn collect(planned: Planned, limits: Arc<Limits>) -> Result<Answer, Error> {
    let schema = planned.plan.schema();
    let mut stream = execute_stream(planned.plan, planned.state.task_ctx()).map_err(|error| error::running(&error))?;
    let (mut batches, mut rows, mut bytes) = (Vec::new(), 0, 0);
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(|error| error::running(&error))?;
        rows += batch.num_rows();
        bytes += batch.get_array_memory_size();
        if rows > limits.rows {
            return Err(limits.too_many());
        }
        if bytes > limits.memory_bytes {
            return Err(limits.too_large());
        }
        batches.push(batch);
    }
    Ok(Answer { schema, batches })
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("principal", &self.principal).field("purpose", &self.purpose).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
