//! Functions that stand behind FROM and give rows: what the search box finds, files of one entity, and walks over the graph as whoever asks sees
//! it, in paths, counts and limits alike; what they show of edges is a question of theirs. Nothing is read while a statement is planned; what a
//! walk may hold and visit is bounded, and which bound ended it is said.
//!
//! A call is replaced by a table of its own name before the statement is judged: what guards, plans and accounts for questions meets tables.

mod argument;
mod call;
mod common;
mod edges;
mod file;
mod found;
mod graph;
mod lines;
mod neighbours;
mod of_column;
mod path;
mod provider;
mod residents;
mod surroundings;

use crate::{Asker, Error, Session, functions::Documented, reads::Number, rights::Visible, session::Batches};
pub(crate) use argument::Given;
use argument::{Argument, Arguments};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
pub(crate) use call::{Call, Calls, calls};
use datafusion::sql::sqlparser::ast::ObjectName;
pub(crate) use edges::READS;
use futures::future::BoxFuture;
pub(crate) use graph::{Opening, SeenGraph};
pub(crate) use of_column::{NAME as NEIGHBOURS_OF, neighbours_of};
pub(crate) use provider::provider;
use std::sync::Arc;
pub(crate) use surroundings::surroundings;
pub use surroundings::{Around, AsOf, Neighbour, Stub, Surroundings, Tie};

/// A question of whoever asks, answered inside another one of theirs, batch by batch.
pub(crate) type Ask = dyn Fn(String) -> BoxFuture<'static, Result<Batches, Error>> + Send + Sync;

/// Tables as somebody sees them, each with its columns.
type AsSeen = fn(&Visible<'_>) -> Result<Vec<(String, Vec<String>)>, Error>;

/// Whoever asks, inside another question of theirs.
#[derive(Clone)]
pub(crate) struct Inside {
    pub(crate) ask: Arc<Ask>,
    pub(crate) asker: Asker,
    pub(crate) session: Session,
    /// The day, ISO 8601, and the time.
    pub(crate) today: Arc<str>,
    pub(crate) at_ms: i64,
}

/// A function that gives rows.
pub(crate) struct TableFunction {
    name: &'static str,
    zh: &'static str,
    en: &'static str,
    arguments: &'static [Argument],
    columns: Columns,
    /// The tables that it reads, each with its columns.
    reads: &'static [(&'static str, &'static [&'static str])],
    /// Those that it reads as far as whoever asks sees them.
    reads_as_seen: Option<AsSeen>,
    rows: fn(Inside, Arguments) -> BoxFuture<'static, Result<RecordBatch, Error>>,
    example: &'static str,
}

/// Every one, in the order in which they are told.
const ALL: [&TableFunction; 10] = [
    &found::FUNCTION,
    &file::PERSON_FILE,
    &file::HOUSEHOLD_FILE,
    &file::TIMELINE,
    &neighbours::FUNCTION,
    &neighbours::COMPONENT,
    &path::FUNCTION,
    &path::ALL_SHORTEST,
    &common::FUNCTION,
    &residents::FUNCTION,
];

/// What may be meant by a function of that name.
pub(crate) fn nearest(name: &ObjectName) -> String {
    let name = name.0.last().and_then(|part| part.as_ident()).map(|ident| ident.value.to_lowercase()).unwrap_or_default();
    let meant = wuwei_schema::nearest(&name, ALL.iter().map(|function| function.name));
    format!("{meant}; files are not read by questions")
}

impl TableFunction {
    /// The columns of its rows.
    pub(crate) fn schema(&self) -> SchemaRef {
        schema_of(self.columns)
    }

    fn documented(&self) -> Documented {
        let columns: Vec<String> = self.columns.iter().map(|(name, kind)| format!("{name} {}", word(kind))).collect();
        Documented {
            name: self.name,
            arguments: self.arguments.iter().map(Argument::told).collect::<Vec<_>>().join(", "),
            returns: format!("rows({})", columns.join(", ")),
            zh: self.zh,
            en: self.en,
            example: self.example,
            shows: None,
        }
    }
}

type Columns = &'static [(&'static str, DataType)];

fn schema_of(columns: Columns) -> SchemaRef {
    Arc::new(Schema::new(columns.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true)).collect::<Vec<_>>()))
}

/// Rows of these columns.
fn made(columns: Columns, arrays: Vec<ArrayRef>) -> Result<RecordBatch, Error> {
    RecordBatch::try_new(schema_of(columns), arrays).map_err(|_| Error::Engine { detail: "rows do not fit their function" })
}

/// What they say of themselves.
pub(crate) fn documented() -> impl Iterator<Item = Documented> {
    ALL.into_iter().map(TableFunction::documented).chain([of_column::documented()])
}

/// Whether a table, by its full name, is a call.
pub(crate) fn is_call(table: &str) -> bool {
    called(table).is_some()
}

/// What a column of a call's rows holds the numbers of: those of entities, of which the answer need not say of what type they are.
pub(crate) fn number(table: &str, column: &str) -> Option<Number> {
    called(table)?;
    match column {
        "record_id" => Some(Number::Record),
        _ => column.ends_with("_id").then_some(Number::Person),
    }
}

fn called(table: &str) -> Option<&'static TableFunction> {
    let (name, _) = table.strip_prefix(crate::door::NAMESPACE)?.strip_prefix('.')?.split_once(' ')?;
    ALL.into_iter().find(|function| function.name == name)
}

fn word(kind: &DataType) -> &'static str {
    match kind {
        DataType::Int64 => "bigint",
        DataType::Boolean => "boolean",
        _ => "text",
    }
}
