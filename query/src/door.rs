//! What the engine knows while it answers one question: the tables that the question names and nothing else. No other catalogue, no
//! settings, no table functions, no file formats, and no function that makes much out of little.

mod sight;

use crate::{
    Audit, Catalogue, Error, Limits,
    audit::entries,
    barrier::Protected,
    catalogue::Source,
    comment,
    constant::{parameters, rules},
    error, functions,
    guard::{Names as _, Question, ours},
    indicator::WINDOW_DAYS,
    on_scan::OnScan,
    parameter::Parameters,
    reads::Reads,
    repeated::WithoutRepeated,
    rights::{Rights, Visible, is_defined},
    table_function::{Call, Calls, Given, Inside, provider},
    use_log::UseLog,
};
use arrow_array::RecordBatch;
use arrow_schema::{DataType, FieldRef};
use datafusion::{
    catalog::{
        CatalogProvider as _, CatalogProviderList as _, MemoryCatalogProvider, MemoryCatalogProviderList, MemorySchemaProvider,
        SchemaProvider as _, TableProvider,
    },
    common::{Column, TableReference},
    datasource::ViewTable,
    error::DataFusionError,
    execution::{SessionState, SessionStateBuilder, SessionStateDefaults, runtime_env::RuntimeEnv},
    logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, ScalarUDF, cast},
    prelude::SessionConfig,
    sql::parser::Statement,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use wuwei_schema::contract;

/// Namespace of names without one: only a view's own SQL has such, for its parameters.
pub(crate) const NAMESPACE: &str = "indicator";
/// The relation p.
pub(crate) const PARAMETERS: &str = "indicator.p";

/// Functions left out: from a few characters they make more than the memory holds, without asking the pool.
pub(crate) const LEFT_OUT: [&str; 8] = ["repeat", "lpad", "rpad", "range", "generate_series", "array_repeat", "array_resize", "uuid"];

/// What the door writes of itself, which SQL can read.
#[derive(Clone, Copy)]
pub(crate) struct Accounts<'a> {
    pub(crate) uses: &'a UseLog,
    pub(crate) audit: &'a Arc<Audit>,
}

/// Before whom the door stands, and whom it keeps back from everybody.
#[derive(Clone, Copy)]
pub(crate) struct Before<'a> {
    pub(crate) rights: &'a Rights,
    pub(crate) protected: &'a Arc<Protected>,
}

/// A question's plan.
pub(crate) struct Plan {
    /// What it is to be run in.
    pub(crate) state: SessionState,
    /// Optimised.
    pub(crate) plan: LogicalPlan,
    /// What is read behind the barrier, which the plan does not show.
    pub(crate) behind: Reads,
    /// The types of its parameters, `$1` first.
    pub(crate) parameters: Vec<DataType>,
    /// What figures are computed from, which is no use of it by whoever looks at them.
    pub(crate) defined: Reads,
}

/// The engine's state for one question, and the way its tables come into it.
pub(crate) struct Door<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) before: Before<'a>,
    accounts: Accounts<'a>,
    pub(super) behind: Reads,
    pub(super) defined: Reads,
    at_ms: i64,
    namespaces: BTreeMap<String, Arc<MemorySchemaProvider>>,
    pub(super) state: SessionState,
}

impl<'a> Door<'a> {
    /// `more` are functions that this question calls besides those over values.
    pub(crate) fn new(
        catalogue: &'a Catalogue,
        before: Before<'a>,
        accounts: Accounts<'a>,
        at_ms: i64,
        config: SessionConfig,
        runtime: &Arc<RuntimeEnv>,
        more: Vec<Arc<ScalarUDF>>,
    ) -> Door<'a> {
        let of_hub = Arc::new(MemoryCatalogProvider::new());
        let mut namespaces = BTreeMap::new();
        let known = catalogue.tables.keys().filter_map(|name| name.split_once('.')).map(|(namespace, _)| namespace);
        for namespace in known.chain([NAMESPACE]) {
            namespaces.entry(namespace.to_owned()).or_insert_with(|| {
                let tables = Arc::new(MemorySchemaProvider::new());
                // Registering fails only in catalogues that cannot; this one can.
                drop(of_hub.register_schema(namespace, Arc::clone(&tables) as _));
                tables
            });
        }
        let catalogues = Arc::new(MemoryCatalogProviderList::new());
        catalogues.register_catalog("wuwei".to_owned(), of_hub);
        let functions = SessionStateDefaults::default_scalar_functions().into_iter().filter(|f| !LEFT_OUT.contains(&f.name()));
        let functions = functions.chain(catalogue.functions.iter().cloned()).chain(more);
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_runtime_env(Arc::clone(runtime))
            .with_catalog_list(catalogues)
            .with_expr_planners(SessionStateDefaults::default_expr_planners())
            .with_scalar_functions(functions.collect())
            .with_aggregate_functions(SessionStateDefaults::default_aggregate_functions())
            .with_window_functions(SessionStateDefaults::default_window_functions())
            .with_optimizer_rules(rules())
            .with_physical_optimizer_rule(Arc::new(WithoutRepeated))
            .build();
        let (behind, defined) = (Reads::default(), Reads::default());
        Door { catalogue, before, accounts, behind, defined, at_ms, namespaces, state }
    }

    /// The plan of a question.
    pub(crate) async fn plan(mut self, question: Question, values: &Parameters) -> Result<Plan, Error> {
        self.bring(&question.tables).await?;
        let more = question.calls.behind_from.iter().flat_map(Call::parameters).collect();
        let (plan, parameters) = values.put(self.logical(question).await?, more)?;
        let plan = self.state.optimize(&plan).map_err(|error| error::planning(&error))?;
        Ok(Plan { state: self.state, plan, behind: self.behind, defined: self.defined, parameters })
    }

    /// Brings the tables of a question's calls into the state: each asks by `ask`, and what it reads is counted as read by the question.
    pub(crate) fn call(&mut self, calls: &Calls, inside: &Inside, given: &Given<'_>) -> Result<(), Error> {
        for call in &calls.behind_from {
            self.register(&call.name, provider(call, inside, given)?)?;
        }
        for (table, columns) in calls.reads() {
            // Old numbers are followed by whom they are shown to.
            if self.before.rights.sight(self.catalogue, table)?.is_some() {
                self.behind.add(table, columns.iter().map(|column| (*column).to_owned()));
            }
        }
        let visible = Visible { catalogue: self.catalogue, rights: self.before.rights };
        calls.reads_as_seen(&visible)?.into_iter().for_each(|(table, columns)| self.behind.add(&table, columns.into_iter()));
        Ok(())
    }

    async fn logical(&self, question: Question) -> Result<LogicalPlan, Error> {
        let statement = Statement::Statement(Box::new(question.statement));
        let plan = self.state.statement_to_plan(statement).await.map_err(|error| error::planning(&error))?;
        texts(plan).map_err(|error| error::planning(&error))
    }

    /// Brings the named tables into the state, as they are seen; those that are views with the tables that they name in turn.
    async fn bring(&mut self, names: &BTreeSet<String>) -> Result<(), Error> {
        for name in names {
            let visible = Visible { catalogue: self.catalogue, rights: self.before.rights };
            let Some(sight) = self.before.rights.sight(self.catalogue, name)? else {
                return Err(Error::unknown("table", name, visible.names()?.iter().map(String::as_str)));
            };
            let rows = |rows: RecordBatch| OnScan::new(rows.schema(), move || Ok(rows.clone())) as Arc<dyn TableProvider>;
            let provider: Arc<dyn TableProvider> = match &self.catalogue.table(name)?.source {
                Source::Provider(provider) => Arc::clone(provider),
                Source::TableComments => rows(comment::table_rows(visible)?),
                Source::ColumnComments => rows(comment::column_rows(visible)?),
                Source::Functions => rows(functions::rows()?),
                Source::UseLog => {
                    let uses = self.accounts.uses.clone();
                    OnScan::new(contract::use_log(), move || uses.rows())
                }
                Source::Audit => entries(self.accounts.audit),
                Source::View { name: view, sql } if is_defined(name) && !self.before.rights.is_program() => self.figures(view, sql).await?,
                Source::View { name, sql } => {
                    let plan = self.view(name, sql).await?;
                    Arc::new(ViewTable::new(plan, None))
                }
            };
            let provider = self.guarded(name, sight, provider).await?;
            self.register(name, provider)?;
        }
        Ok(())
    }

    /// The plan of the view of that file. An indicator may stand on other views, but not on another indicator.
    pub(super) async fn view(&mut self, name: &str, sql: &str) -> Result<LogicalPlan, Error> {
        let question = ours(sql, &self.catalogue.tables, &["p"]).map_err(|error| own(name, &error))?;
        let is_view = |name: &String| matches!(self.catalogue.tables.get(name).map(|table| &table.source), Some(Source::View { .. }));
        if question.tables.iter().any(|name| is_defined(name) && is_view(name)) {
            let hint = "write its tables instead".to_owned();
            return Err(Error::Indicator { file: format!("{name}.sql"), detail: "it reads another indicator".to_owned(), hint });
        }
        let before = &self.catalogue.indicators.before;
        self.register(PARAMETERS, parameters(self.at_ms, WINDOW_DAYS, before, self.catalogue.duplicate_yuan)?)?;
        Box::pin(self.bring(&question.tables)).await?;
        self.logical(question).await.map_err(|error| own(name, &error))
    }

    /// Another door to the same tables, before whoever defined an indicator.
    pub(super) fn as_definer<'b>(&self, before: Before<'b>) -> Door<'b>
    where
        'a: 'b,
    {
        let (config, runtime) = (self.state.config().clone(), Arc::clone(self.state.runtime_env()));
        Door::new(self.catalogue, before, self.accounts, self.at_ms, config, &runtime, Vec::new())
    }

    fn register(&self, name: &str, provider: Arc<dyn TableProvider>) -> Result<(), Error> {
        let (namespace, bare) = name.split_once('.').unwrap_or((NAMESPACE, name));
        let Some(tables) = self.namespaces.get(namespace) else { return Err(Error::Engine { detail: "a namespace is missing" }) };
        if tables.table_exist(bare) {
            return Ok(());
        }
        tables.register_table(bare.to_owned(), provider).map(drop).map_err(|error| error::planning(&error))
    }
}

/// The plan with its texts as everybody reads them, whatever form they have within.
fn texts(plan: LogicalPlan) -> Result<LogicalPlan, DataFusionError> {
    let plain: Vec<DataType> = plan.schema().fields().iter().map(|field| text(field.data_type())).collect();
    if plan.schema().fields().iter().zip(&plain).all(|(field, plain)| field.data_type() == plain) {
        return Ok(plan);
    }
    let column = |((qualifier, field), plain): ((Option<&TableReference>, &FieldRef), DataType)| {
        let column = Expr::Column(Column::new(qualifier.cloned(), field.name()));
        match field.data_type() == &plain {
            true => column,
            false => cast(column, plain).alias_qualified(qualifier.cloned(), field.name()),
        }
    };
    let columns: Vec<Expr> = plan.schema().iter().zip(plain).map(column).collect();
    LogicalPlanBuilder::from(plan).project(columns)?.build()
}

/// The type without views of texts.
fn text(of: &DataType) -> DataType {
    let inner = |field: &FieldRef| Arc::new(field.as_ref().clone().with_data_type(text(field.data_type())));
    match of {
        DataType::Utf8View => DataType::Utf8,
        DataType::List(field) => DataType::List(inner(field)),
        DataType::LargeList(field) => DataType::LargeList(inner(field)),
        DataType::FixedSizeList(field, length) => DataType::FixedSizeList(inner(field), *length),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(inner).collect()),
        DataType::Map(field, sorted) => DataType::Map(inner(field), *sorted),
        other => other.clone(),
    }
}

/// Rows that pass from one operator to the next.
const BATCH_ROWS: usize = 16_384;

/// After so many rows an aggregate sees whether grouping them before they are dealt out to the processors spares anything: where there are half as
/// many groups as rows, it does not.
const PROBED_ROWS: usize = 10_000;

/// The side of a join that is kept whole, once for all processors, rather than both sides dealt out to them by their keys: a 32nd of what a question
/// may take, or, where its bytes are not known, as many rows as fill that at eight bytes each. A processor or two gain nothing from parts that would
/// fit beside each other anyway. A fixed bound will not do: figures of a million people did not fit into 256 MiB with sides of 8 million rows.
const WHOLE_SIDE_PART: usize = 32;
const WHOLE_SIDE_ROW_BYTES: usize = 8;

/// What a sort keeps ahead for merging what it spilled, of what a question may take; never more than the engine's own ten MiB, of which one
/// question can have dozens.
const MERGED_PART: usize = 32;

/// How the engine is set for questions: names as SQL takes them, nothing of it visible from inside.
pub(crate) fn config(limits: &Limits) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_default_catalog_and_schema("wuwei", NAMESPACE)
        .with_create_default_catalog_and_schema(false)
        .with_information_schema(false)
        .with_batch_size(BATCH_ROWS);
    config.options_mut().execution.enable_recursive_ctes = false;
    config.options_mut().execution.skip_partial_aggregation_probe_rows_threshold = PROBED_ROWS;
    config.options_mut().execution.skip_partial_aggregation_probe_ratio_threshold = 0.5;
    let whole_side = limits.memory_bytes / WHOLE_SIDE_PART;
    config.options_mut().optimizer.hash_join_single_partition_threshold = whole_side;
    config.options_mut().optimizer.hash_join_single_partition_threshold_rows = whole_side / WHOLE_SIDE_ROW_BYTES;
    let to_merge = &mut config.options_mut().execution.sort_spill_reservation_bytes;
    *to_merge = limits.memory_bytes.div_ceil(MERGED_PART).min(*to_merge);
    // Of so many values a scan still leaves out files and row groups that can hold none; by default of 20.
    config.options_mut().execution.parquet.max_in_list_size = wuwei_lake::LOOKED_UP;
    // A union of two columns with different comments has those of one where it is planned and of none where it is run: that is no fault.
    config.options_mut().execution.skip_physical_aggregate_schema_check = true;
    config
}

/// A mistake in a view's SQL is its author's, not the asker's.
fn own(view: &str, error: &Error) -> Error {
    let hint = "SQL on contract.*, graph.* and the like, and p".to_owned();
    Error::Indicator { file: format!("{view}.sql"), detail: error.to_string(), hint }
}
