//! The catalogue as clients of PostgreSQL ask for it: psql's `\d`, a driver's list of tables and columns. A [`Directory`] is made of the names,
//! types and comments of the tables that one session sees, and of nothing else: it has no way to a row, nor to a name that is not seen. So
//! what clients send may be rewritten and planned here more freely than at the door. What of PostgreSQL's own catalogue does not depend on
//! the hub (types, operators, functions) and the rewriting of statements come from `datafusion-pg-catalog`.

mod function;
mod sheet;
mod statement;
mod table;

use crate::{
    Answer, Described, Error, Limits, Session, engine, error,
    guard::{self, Names},
    limit::Footers,
    parameter::Parameters,
    reads::Reads,
    session::{Planned, Work, collect},
};
use arrow_array::ArrayRef;
use arrow_schema::{DataType, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::{
    catalog::{
        CatalogProvider as _, CatalogProviderList as _, MemoryCatalogProvider, MemoryCatalogProviderList, MemorySchemaProvider,
        SchemaProvider, TableProvider,
    },
    execution::{FunctionRegistry as _, SessionState, SessionStateBuilder},
    prelude::{SessionConfig, SessionContext},
    sql::parser::Statement,
};
use datafusion_pg_catalog::pg_catalog::{context::EmptyContextProvider, setup_pg_catalog};
use futures::FutureExt as _;
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, LazyLock},
    time::Duration,
};

/// The one database that there is, and the owner of all that is in it.
const DATABASE: &str = "wuwei";
/// What a look at the catalogue may take: it reads no file.
const TIME: Duration = Duration::from_secs(10);
const ROWS: usize = 200_000;
const MEMORY_BYTES: usize = 64 << 20;

/// What one session sees of the catalogue, in PostgreSQL's form.
#[derive(Clone)]
pub struct Directory {
    state: SessionState,
    names: Arc<Known>,
    limits: Arc<Limits>,
}

impl Directory {
    /// What a session sees; without one, an empty database. `account` is who is connected, `settings` what `current_setting` answers.
    ///
    /// # Errors
    /// A policy cannot be evaluated, or the engine cannot be set up.
    pub fn of(session: Option<&Session>, account: &str, settings: BTreeMap<String, String>) -> Result<Directory, Error> {
        let seen = session.map(table::seen).transpose()?.unwrap_or_default();
        let limits = Limits { time: TIME, rows: ROWS, memory_bytes: MEMORY_BYTES, spill_bytes: 0, ..Limits::default() };
        let template = TEMPLATE.as_ref().map_err(|_| Error::Engine { detail: "the catalogue's functions cannot be had" })?;
        let own = table::of_catalogue(&seen, account, &settings, &template.rest.table_names())?;
        let of_hub = Arc::new(PgCatalog { own, rest: Arc::clone(&template.rest) });
        let (standard, mut names) = (Arc::new(MemorySchemaProvider::new()), vec![]);
        for (name, provider) in table::of_standard(&seen)? {
            names.push(format!("information_schema.{name}"));
            standard.register_table(name.to_owned(), provider).map_err(|error| error::planning(&error))?;
        }
        names.extend(of_hub.table_names().iter().map(|name| format!("pg_catalog.{name}")));
        let catalogue = Arc::new(MemoryCatalogProvider::new());
        for (name, provider) in [("pg_catalog", of_hub as Arc<dyn SchemaProvider>), ("information_schema", standard as _)] {
            catalogue.register_schema(name, provider).map_err(|error| error::planning(&error))?;
        }
        let all = Arc::new(MemoryCatalogProviderList::new());
        all.register_catalog(DATABASE.to_owned(), catalogue);
        let builder = SessionStateBuilder::new_from_existing(template.state.clone()).with_catalog_list(all);
        let mut state = builder.with_runtime_env(limits.runtime(&Footers::default())?).build();
        for function in function::all(&seen, account, settings) {
            state.register_udf(Arc::new(function)).map_err(|error| error::planning(&error))?;
        }
        Ok(Directory { state, names: Arc::new(Known(names)), limits: Arc::new(limits) })
    }

    /// Whether a question is one for the catalogue: it names a table or calls a function that only PostgreSQL has.
    pub fn is_asked(question: &str) -> bool {
        statement::is_of_catalogue(question)
    }

    /// What the answer to a question will be, and of what types its parameters are.
    ///
    /// # Errors
    /// It is refused, or cannot be planned.
    pub async fn describe(&self, question: &str, types: Vec<Option<DataType>>) -> Result<Described, Error> {
        let planned = self.planned(question, Parameters::Typed(types)).await?;
        Ok(Described { schema: planned.schema(), parameters: planned.parameters })
    }

    /// Answers a question whose parameters have these values, each an array of one row.
    ///
    /// # Errors
    /// It is refused, cannot be planned, or passes a limit.
    pub async fn answer(&self, question: &str, values: Vec<ArrayRef>) -> Result<Answer, Error> {
        let planned = self.planned(question, Parameters::Given(values)).await?;
        engine::run(&self.limits, collect(planned, Arc::clone(&self.limits)).boxed()).await
    }

    async fn planned(&self, question: &str, values: Parameters) -> Result<Planned, Error> {
        let (state, names, question) = (self.state.clone(), Arc::clone(&self.names), question.to_owned());
        let planning = async move {
            let statement = statement::parsed(&question)?;
            guard::judge(&statement, names.as_ref(), &[])?;
            let plan = state.statement_to_plan(Statement::Statement(Box::new(statement))).await;
            let (plan, parameters) = values.put(plan.map_err(|error| error::planning(&error))?, BTreeMap::new())?;
            let plan = state.optimize(&plan).map_err(|error| error::planning(&error))?;
            let plan = state.query_planner().create_physical_plan(&plan, &state).await.map_err(|error| error::planning(&error))?;
            Ok(Planned { reads: Reads::default(), parameters, work: Work::Here { state: Box::new(state), plan } })
        };
        engine::run(&self.limits, planning.boxed()).await
    }
}

/// What does not depend on who asks; decoding it takes its time.
struct Template {
    state: SessionState,
    rest: Arc<dyn SchemaProvider>,
}

static TEMPLATE: LazyLock<Result<Template, Error>> = LazyLock::new(template);

fn template() -> Result<Template, Error> {
    let config = SessionConfig::new().with_default_catalog_and_schema(DATABASE, "public").with_information_schema(false);
    let context = SessionContext::new_with_config(config);
    setup_pg_catalog(&context, DATABASE, EmptyContextProvider).map_err(|error| error::planning(&error))?;
    let rest = context.catalog(DATABASE).and_then(|catalogue| catalogue.schema("pg_catalog"));
    let rest = rest.ok_or(Error::Engine { detail: "there is no catalogue of PostgreSQL" })?;
    let mut state = context.state();
    for name in crate::door::LEFT_OUT {
        state.deregister_udf(name).map_err(|error| error::planning(&error))?;
        state.deregister_udtf(name).map_err(|error| error::planning(&error))?;
    }
    Ok(Template { state, rest })
}

/// The tables of `pg_catalog`: those that tell of the hub, and the rest.
#[derive(Debug)]
struct PgCatalog {
    own: BTreeMap<&'static str, Arc<dyn TableProvider>>,
    rest: Arc<dyn SchemaProvider>,
}

#[async_trait]
impl SchemaProvider for PgCatalog {
    fn table_names(&self) -> Vec<String> {
        self.rest.table_names()
    }

    async fn table(&self, name: &str) -> datafusion::common::Result<Option<Arc<dyn TableProvider>>> {
        match self.own.get(name) {
            Some(own) => Ok(Some(Arc::clone(own))),
            None => self.rest.table(name).await,
        }
    }

    fn table_exist(&self, name: &str) -> bool {
        self.own.contains_key(name) || self.rest.table_exist(name)
    }
}

/// The tables that may be named, for the guard; it need not know their columns.
struct Known(Vec<String>);

impl Names for Known {
    fn schema(&self, table: &str) -> Result<Option<SchemaRef>, Error> {
        Ok(self.0.iter().any(|known| known == table).then(|| Arc::new(Schema::empty())))
    }

    fn names(&self) -> Result<Vec<String>, Error> {
        Ok(self.0.clone())
    }
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
