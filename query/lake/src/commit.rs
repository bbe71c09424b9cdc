//! What one commit does to each table it touches, worked out before any log is written: whatever can be refused is refused first.

use crate::{Error, table::Table};
use arrow_schema::SchemaRef;
use deltalake_core::kernel::{Action, Add, Remove, Transaction};
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use std::collections::HashMap;

/// How the rows written become part of their tables.
#[derive(Debug, Clone)]
pub enum Commit {
    /// Added to what is there, once: `batch`, the file's hash, is the transaction identifier, and a second load of it is refused.
    Append {
        /// The batch that all rows belong to.
        batch: String,
    },
    /// The tables named hold these rows and no others; a table named without rows becomes empty, or comes into being with its schema. Rows
    /// written to a table not named are added.
    Replace {
        /// Names and schemas.
        tables: Vec<(String, SchemaRef)>,
    },
}

/// What a commit asks of one table.
#[derive(Debug, Default)]
pub(crate) struct Change {
    /// The columns of the rows; none when there are no rows.
    pub(crate) schema: Option<SchemaRef>,
    /// Whether the rows take the place of all others.
    pub(crate) replace: bool,
    /// The batch to remember.
    pub(crate) batch: Option<String>,
}

/// One Delta commit, but for the file that it adds.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) table: Table,
    actions: Vec<Action>,
    mode: SaveMode,
}

impl Step {
    pub(crate) fn plan(table: Table, change: &Change, at_ms: i64) -> Result<Step, Error> {
        let mut actions = match &change.schema {
            Some(schema) if table.version().is_none() => table.creation(schema, at_ms)?,
            Some(schema) => table.change(schema, change.replace)?.into_iter().collect(),
            None if table.version().is_none() => {
                return Err(Error::schema(&table.name, "it does not exist and the load has no row for it"));
            }
            None => Vec::new(),
        };
        if change.replace {
            actions.extend(table.files()?.into_iter().map(|file| removal(file.path, file.size, at_ms)));
        }
        let transaction = |batch| Action::Txn(Transaction::new_with_last_update(batch, 1, Some(at_ms)));
        actions.extend(change.batch.as_ref().map(transaction));
        let mode = if change.replace { SaveMode::Overwrite } else { SaveMode::Append };
        Ok(Step { table, actions, mode })
    }

    /// Writes the commit, or nothing where there is nothing to change, and gives the table at its new version.
    pub(crate) async fn carry_out(mut self, add: Option<Add>, at_ms: i64) -> Result<Table, Error> {
        self.actions.extend(add.map(Action::Add));
        if !self.actions.is_empty() {
            let operation = DeltaOperation::Write { mode: self.mode, partition_by: None, predicate: None };
            self.table.commit(self.actions, operation, at_ms).await?;
        }
        Ok(self.table)
    }
}

fn removal(path: String, size: i64, at_ms: i64) -> Action {
    let (deletion_timestamp, size, partition_values) = (Some(at_ms), Some(size), Some(HashMap::new()));
    let extended_file_metadata = Some(true);
    Action::Remove(Remove {
        path,
        data_change: true,
        deletion_timestamp,
        extended_file_metadata,
        partition_values,
        size,
        ..Remove::default()
    })
}
