//! What can go wrong between tables. None of it shows a value: columns, tables and counts only.

use arrow_schema::ArrowError;

/// A table that does not keep its contract, or a source that failed while it was read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A column the contract promises is missing or of another type: whoever wrote the table, or us.
    #[error(
        "column `{column}` is {found}; expected {expected}; hint: the table is not of the model in use, run the stage before this one again"
    )]
    Column {
        /// The column.
        column: String,
        /// What it should be.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// Two rows carry the same record number: the stage that numbers records.
    #[error("{count} record numbers stand on more than one row; hint: record numbers are dense and unique, load the extracts again")]
    Repeated {
        /// How many.
        count: usize,
    },
    /// Records that the links do not know: the operator, who ran a stage on tables of two states.
    #[error("{count} records have no link; hint: resolve again, then run this stage")]
    Unlinked {
        /// How many.
        count: usize,
    },
    /// Records were others when more of them was read: who hands them over.
    #[error("the records of `{entity}` changed while they were read; hint: read them at one version, then run this stage again")]
    Other {
        /// The entity type.
        entity: String,
    },
    /// More than the integers of this room can count: the operator, who has to split the work.
    #[error("{count} {what} are more than {limit}; hint: resolve fewer records or compare fewer properties at once")]
    Limit {
        /// Of what.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A model was learned of other comparisons than the model files name: the operator.
    #[error("what was learned of `{entity}` is of other comparisons; hint: `wuwei resolve` learns anew")]
    Unfit {
        /// The entity type.
        entity: String,
    },
    /// The entity asked for has no records: who asked.
    #[error("no record of `{entity}` belongs to that number; hint: `graph.lineage` tells what became of it")]
    Missing {
        /// The entity type.
        entity: String,
    },
    /// The file of the graph is damaged, cut or none of ours: the operator.
    #[error("the file of the graph is not whole: {what}; hint: it is derived from `graph.edge`, `wuwei link` makes it again")]
    Damaged {
        /// What of it.
        what: &'static str,
    },
    /// More than the file of the graph has room for: us.
    #[error("{count} {what} are more than {limit}; hint: the graph has no room for so many, this is a limit of the program")]
    Crowded {
        /// Of what.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// Edges were others when they were read again: who hands them over.
    #[error("the edges changed while the graph was built of them; hint: read them at one version, then build it again")]
    Changed,
    /// What is built cannot be put where it belongs: see the cause.
    #[error("the graph cannot be written: {detail}; hint: see the cause in the stage that keeps it")]
    Written {
        /// What the system said, without a path.
        detail: String,
    },
    /// The source of batches failed: see the cause.
    #[error("a table cannot be read: {detail}; hint: see the cause in the stage that hands it over")]
    Source {
        /// What the source said, without values.
        detail: String,
    },
}

impl From<ArrowError> for Error {
    /// Arrow's own texts may quote a value, so only those that name shapes are kept.
    fn from(error: ArrowError) -> Error {
        let detail = match error {
            ArrowError::SchemaError(detail) | ArrowError::MemoryError(detail) => detail,
            ArrowError::ExternalError(_) | ArrowError::IoError(..) => "the reader failed".to_owned(),
            _ => "its columns do not fit together".to_owned(),
        };
        Error::Source { detail }
    }
}
