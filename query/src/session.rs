//! The door. A session is one principal with one purpose; nothing leaves the hub but through it.
//!
//! The sequence of a question is the same for all, and each step can only say no:
//!
//! 1. `guard`: one SELECT over tables that this principal sees for this purpose, small enough to plan. Any other is as if it were not there.
//! 2. `rights`: which rows of them, and which columns masked; `barrier` puts that into the providers that step 3 plans over, below everything
//!    that the asker writes. Only the program itself, at a stage, has no barrier before it.
//! 3. `plan`: optimised, over nothing but the tables named.
//! 4. `audit`: an entry on disk with what the plan really reads. If it cannot be written there is no answer.
//! 5. run, within the limits. A process elsewhere begins while 4 goes to the disk, and gives nothing away before.
//! 6. `use log`: the data items behind the columns read.
//! 7. `audit`: the entry that closes the first. Only then the rows leave.

mod account;
mod audited;
mod behind;
mod described;
mod figures;
mod find;
mod foreseen;
mod graph;
mod hidden;
mod look;
mod ordered;
mod people;
mod seen;
mod taken;
mod work;

use crate::{
    Audit, Catalogue, Entry, Error, Limits, Policies, Principal, Purpose,
    audit::fingerprint,
    door::{self, Accounts, Before, Door, Plan},
    elsewhere::{Asked, Elsewhere},
    engine, error,
    functions::{explain_link, read_by_explain},
    guard::{Names as _, guard},
    linkage::Linkage,
    parameter::Parameters,
    reads::Reads,
    revealed::{Revealed, shown},
    rights::Rights,
    steps::steps,
    use_log::{Items, Use, UseLog},
};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
pub use behind::{Behind, Run, Running};
use datafusion::{execution::runtime_env::RuntimeEnv, prelude::SessionConfig};
pub use figures::Figured;
pub use find::Found;
pub use foreseen::{AnswerColumn, Bounds, Foreseen, TableRead};
use futures::{FutureExt as _, TryStreamExt as _, stream::BoxStream};
pub use hidden::Hidden;
pub use look::Look;
use look::Part;
pub use people::Findable;
pub(crate) use people::day;
pub use seen::{Listed, Masked, SeenTable, Withheld};
use std::{
    fmt,
    sync::{Arc, OnceLock},
};
pub use taken::Taken;
pub(crate) use work::{Planned, Work};
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
    rights: Arc<Rights>,
    limits: Arc<Limits>,
    /// The engine's resources, from the first question on that is run here.
    runtime: Arc<OnceLock<Arc<RuntimeEnv>>>,
    /// Where questions in SQL are planned and run, if not in this process.
    elsewhere: Option<Arc<dyn Elsewhere>>,
    /// The look that its questions are parts of.
    part: Option<Arc<Part>>,
}

impl Session {
    /// Opens the door. The use log is kept beside the audit.
    ///
    /// # Errors
    /// No policy knows the role, or the purpose is not registered for whoever asks: that is accounted for. The use log cannot be written.
    pub fn open(
        catalogue: Arc<Catalogue>,
        policies: &Arc<Policies>,
        audit: Arc<Audit>,
        principal: Principal,
        purpose: Purpose,
        limits: Limits,
        at_ms: i64,
    ) -> Result<Session, Error> {
        let rights = match catalogue.rights.registered(&principal, &purpose, policies, at_ms) {
            Ok(rights) => rights,
            Err(error) => {
                let outcome = format!("refused: {}", error.reason());
                audit.append(Entry { outcome, ..Entry::asked("open", &principal, &purpose, at_ms) })?;
                return Err(error);
            }
        };
        let use_log = UseLog::open(audit.folder())?;
        let limits = policies.allowed(&principal).within(limits);
        Ok(Session {
            catalogue,
            audit,
            use_log,
            rights,
            principal: Arc::new(principal),
            purpose: Arc::new(purpose),
            limits: Arc::new(limits),
            runtime: Arc::default(),
            elsewhere: None,
            part: None,
        })
    }

    /// The same door, with questions in SQL planned and run behind it, elsewhere. Who asks, and what for, is accounted for here all the same.
    #[must_use]
    pub fn answered_by(self, elsewhere: Arc<dyn Elsewhere>) -> Session {
        Session { elsewhere: Some(elsewhere), ..self }
    }

    /// Whether the policies let whoever asks use a verb of the program.
    ///
    /// # Errors
    /// They do not, which is accounted for.
    pub fn may_run(&self, verb: &str, at_ms: i64) -> Result<(), Error> {
        match self.rights.may_run(verb) {
            Ok(true) => Ok(()),
            Ok(false) => {
                let hint = "another role may, or `--policies` opens it".to_owned();
                let denied = Error::Denied { what: format!("the role of whoever asks does not use `{verb}`"), hint };
                Err(self.refused(self.entry(verb, at_ms), denied))
            }
            Err(error) => Err(self.refused(self.entry(verb, at_ms), error)),
        }
    }

    /// The same, to know what to offer: nothing is asked for, so nothing is accounted for.
    pub fn offers(&self, verb: &str) -> bool {
        self.rights.may_run(verb).unwrap_or(false)
    }

    /// Answers one SELECT.
    ///
    /// # Errors
    /// It is refused, cannot be planned, passes a limit, or cannot be accounted for.
    pub async fn sql(&self, question: &str, at_ms: i64) -> Result<Answer, Error> {
        if let Some(look) = &self.part {
            return self.part_of(look, question, at_ms).await;
        }
        let entry = Entry { statement: Some(fingerprint(question)), ..self.entry("sql", at_ms) };
        let planned = match self.planned(question, at_ms).await {
            Ok(planned) => planned,
            Err(error) => return Err(self.refused(entry, error)),
        };
        let reads = planned.reads.clone();
        let seq = self.asked(entry, &reads)?;
        let answered = self.used(self.run(planned).await, &reads, at_ms).await;
        let mut revealed = self.revealed(&reads);
        answered.iter().flat_map(|answer| &answer.batches).for_each(|batch| revealed.add(batch));
        self.close("sql", seq, answered.as_ref().map(Answer::rows), &revealed, at_ms)?;
        answered
    }

    /// Reads columns of one table, row order as stored, batch by batch, for a stage that computes from it. It is audited once and bound by
    /// the memory limit, not by those of time and rows; it is no use of data by anybody.
    ///
    /// # Errors
    /// Table or column is unknown, or the reading cannot be accounted for. The stream's errors are those of reading files.
    pub async fn read(&self, table: &str, columns: &[&str], at_ms: i64) -> Result<Batches, Error> {
        let visible = self.visible();
        let Some(schema) = visible.schema(table)? else {
            return Err(Error::unknown("table", table, visible.names()?.iter().map(String::as_str)));
        };
        for column in columns {
            let known = schema.fields().iter().map(|field| field.name().as_str());
            schema.index_of(column).map_err(|_| Error::unknown("column", column, known))?;
        }
        let mut reads = Reads::default();
        reads.add(table, columns.iter().map(|column| (*column).to_owned()));
        self.asked(self.entry("read", at_ms), &reads)?;
        // One partition keeps the order of the rows, so that a stage's run repeats exactly.
        let config = door::config(&self.limits).with_target_partitions(1);
        let select = columns.iter().copied().map(quoted).collect::<Vec<_>>().join(", ");
        let from = table.split('.').map(quoted).collect::<Vec<_>>().join(".");
        let planned = self.planned_with(&format!("SELECT {select} FROM {from}"), at_ms, config, Parameters::none()).await?;
        planned.stream()
    }

    /// Accounts for a look that is not SQL, before it is taken: what kind of look, and what was looked for, of which the audit keeps a
    /// fingerprint.
    ///
    /// # Errors
    /// It cannot be accounted for, and must not be taken.
    pub fn look(&self, what: &str, detail: &str, at_ms: i64) -> Result<(), Error> {
        self.audit.append(Entry { statement: Some(fingerprint(detail)), ..self.entry(what, at_ms) }).map(drop)
    }
}

impl Session {
    pub(crate) fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    async fn planned(&self, question: &str, at_ms: i64) -> Result<Planned, Error> {
        self.planned_for(question, Parameters::none(), at_ms).await
    }

    /// A question of whoever asks, planned where theirs are.
    async fn planned_for(&self, question: &str, parameters: Parameters, at_ms: i64) -> Result<Planned, Error> {
        let Some(elsewhere) = &self.elsewhere else {
            return self.planned_with(question, at_ms, door::config(&self.limits), parameters).await;
        };
        let (principal, purpose) = (Principal::clone(&self.principal), Purpose::clone(&self.purpose));
        let asked = Asked { principal, purpose, statement: question.to_owned(), parameters, limits: Limits::clone(&self.limits), at_ms };
        match tokio::time::timeout(self.limits.time, elsewhere.plan(asked)).await {
            Ok(coming) => {
                coming.map(|coming| Planned { reads: coming.reads(), parameters: coming.parameters(), work: Work::Elsewhere(coming) })
            }
            Err(_) => Err(self.limits.too_slow()),
        }
    }

    async fn planned_with(&self, question: &str, at_ms: i64, config: SessionConfig, values: Parameters) -> Result<Planned, Error> {
        let protected = self.protected(question, at_ms).await?;
        let (session, question) = (self.clone(), question.to_owned());
        let planning = async move {
            let question = guard(&question, &session.visible(), &[])?;
            let accounts = Accounts { uses: &session.use_log, audit: &session.audit };
            let linkage = if session.catalogue.links(&question) { Some(session.linkage(at_ms).await?) } else { None };
            let explain = |linkage| explain_link(linkage, session.ask(at_ms));
            let more = linkage.iter().flat_map(|linkage| linkage.functions().chain([explain(linkage)]));
            let more = more.chain(session.of_column(&question.calls, at_ms)?).collect();
            let explains = question.explains;
            let before = Before { rights: &session.rights, protected: &protected };
            let mut door = Door::new(&session.catalogue, before, accounts, at_ms, config, &session.runtime()?, more);
            session.call(&mut door, &question.calls, &values, at_ms)?;
            let Plan { state, plan, behind, defined, parameters } = door.plan(question, &values).boxed().await?;
            let mut reads = Reads::of(&plan).map_err(|error| error::planning(&error))?;
            reads.extend(behind);
            reads.extend_defined(defined);
            if linkage.is_some() {
                let learned = learned::tables().into_iter().take(3);
                learned.for_each(|(table, schema)| reads.add(table, schema.fields().iter().map(|field| field.name().clone())));
            }
            if explains {
                let compared = session.catalogue.compared.values();
                compared.for_each(|entity| reads.add(&format!("record.{}", entity.name), read_by_explain(entity)));
            }
            reads.shown = shown(&plan, &session.catalogue);
            if !values.are_given() {
                reads.steps = steps(&plan, &reads).map_err(|error| error::planning(&error))?;
            }
            let plan = state.query_planner().create_physical_plan(&plan, &state).await.map_err(|error| error::planning(&error))?;
            Ok(Planned { reads, parameters, work: Work::Here { state: Box::new(state), plan } })
        };
        engine::run(&self.limits, planning.boxed()).await
    }

    fn runtime(&self) -> Result<Arc<RuntimeEnv>, Error> {
        if let Some(runtime) = self.runtime.get() {
            return Ok(Arc::clone(runtime));
        }
        let made = self.limits.runtime(&self.catalogue.footers)?;
        Ok(Arc::clone(self.runtime.get_or_init(|| made)))
    }

    async fn run(&self, planned: Planned) -> Result<Answer, Error> {
        let limits = Arc::clone(&self.limits);
        engine::run(&self.limits, collect(planned, limits).boxed()).await
    }

    fn entry(&self, kind: &str, at_ms: i64) -> Entry {
        Entry { part: self.part.as_ref().map(|look| look.seq), ..Entry::asked(kind, &self.principal, &self.purpose, at_ms) }
    }

    fn asked(&self, entry: Entry, reads: &Reads) -> Result<u64, Error> {
        self.audit.append(Entry { tables: reads.tables.clone(), columns: reads.columns.clone(), ..entry })
    }

    /// A question that is refused is accounted for as well; when it cannot be, that is the error.
    fn refused(&self, entry: Entry, error: Error) -> Error {
        let refused = Entry { outcome: format!("refused: {}", error.reason()), ..entry };
        self.audit.append(refused).err().unwrap_or(error)
    }

    /// What was learned of who is who, for the functions that weigh by it: read once, whole, by the program; but only whoever may read it
    /// himself weighs by it.
    async fn linkage(&self, at_ms: i64) -> Result<Arc<Linkage>, Error> {
        let visible = self.visible();
        let names = [learned::MODEL, learned::LEVEL, learned::FREQUENCY];
        for table in names {
            if visible.schema(table)?.is_none() {
                let all = visible.names()?;
                return Err(Error::unknown("table", table, all.iter().map(String::as_str)));
            }
        }
        let read = async {
            let program = self.program();
            let mut tables = Vec::new();
            for table in names {
                tables.push(program.own(&format!("SELECT * FROM {table}"), at_ms).await?);
            }
            let tables = tables.try_into().map_err(|_| Error::Engine { detail: "what was learned is not whole" })?;
            Linkage::read(Arc::clone(&self.catalogue.compared), tables).map(Arc::new)
        };
        self.catalogue.linkage.get_or_try_init(|| read).await.cloned()
    }
}

impl Answer {
    /// Number of rows.
    pub fn rows(&self) -> u64 {
        self.batches.iter().map(|batch| batch.num_rows() as u64).sum()
    }
}

pub(crate) async fn collect(planned: Planned, limits: Arc<Limits>) -> Result<Answer, Error> {
    let schema = planned.schema();
    let mut stream = planned.stream()?;
    let (mut batches, mut rows, mut bytes) = (Vec::new(), 0, 0);
    while let Some(batch) = stream.try_next().await? {
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
