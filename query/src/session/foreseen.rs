//! What a question would do, told before it is run: what it reads, what of that is kept back from whoever asks, within which limits, and in
//! which steps. It is guarded and planned as it would be to be run, so it tells of nothing that is not seen; it is accounted for as `plan`.

use super::{Session, Withheld};
use crate::{Error, Reads, Step, rights::Sight};
use arrow_schema::Field;
use serde::Serialize;
use std::{collections::BTreeSet, sync::Arc};

/// What a question would do.
#[derive(Debug, Clone, Serialize)]
pub struct Foreseen {
    /// What it reads.
    pub reads: Vec<TableRead>,
    /// The columns of its answer.
    pub columns: Vec<AnswerColumn>,
    /// What it may take.
    pub limits: Bounds,
    /// What is done, the last step first, each before those that it works on.
    pub steps: Vec<Step>,
}

/// A table that a question reads.
#[derive(Debug, Clone, Serialize)]
pub struct TableRead {
    /// Its name.
    pub table: String,
    /// The columns that are read; none where rows are only counted.
    pub columns: Vec<String>,
    /// Whether only cells of at least ten rows are seen.
    pub cells: bool,
    /// What is kept back of it, by the policies; of masked columns those that are read. None where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withheld: Option<Withheld>,
}

/// A column of an answer.
#[derive(Debug, Clone, Serialize)]
pub struct AnswerColumn {
    /// Its name.
    pub name: String,
    /// Its Arrow type.
    #[serde(rename = "type")]
    pub kind: String,
}

/// The limits of one question.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Bounds {
    /// To plan, and again to run.
    pub seconds: u64,
    /// Of the answer.
    pub rows: usize,
    /// Before it spills.
    pub memory_mb: usize,
}

impl Session {
    /// What one SELECT would do. Nothing is run.
    ///
    /// # Errors
    /// It is refused, cannot be planned, or cannot be accounted for.
    pub async fn plan(&self, question: &str, at_ms: i64) -> Result<Foreseen, Error> {
        let planned = self.foretold(["plan", "planned"], question, Vec::new(), at_ms).await?;
        let schema = planned.schema();
        let named = |field: &Arc<Field>| AnswerColumn { name: field.name().clone(), kind: field.data_type().to_string() };
        Ok(Foreseen {
            reads: self.tables_read(&planned.reads)?,
            columns: schema.fields().iter().map(named).collect(),
            limits: Bounds { seconds: self.limits.time.as_secs(), rows: self.limits.rows, memory_mb: self.limits.memory_bytes >> 20 },
            steps: planned.reads.steps,
        })
    }

    /// The tables that whoever asks uses; what figures are made of is none of it.
    fn tables_read(&self, reads: &Reads) -> Result<Vec<TableRead>, Error> {
        let mut all = Vec::new();
        for table in &reads.tables {
            let prefix = format!("{table}.");
            let of = |columns: &BTreeSet<String>| -> Vec<String> {
                columns.iter().filter_map(|column| column.strip_prefix(&prefix)).map(str::to_owned).collect()
            };
            let (columns, is_behind) = (of(&reads.used), of(&reads.used).len() < of(&reads.columns).len());
            let sight = self.rights.sight(&self.catalogue, table)?;
            if sight.is_none() || columns.is_empty() && is_behind {
                continue;
            }
            let cells = matches!(sight, Some(Sight::Cells(_)));
            let mut withheld = self.withheld(table)?;
            withheld.masked.iter_mut().for_each(|masked| masked.columns.retain(|column| columns.contains(column)));
            withheld.masked.retain(|masked| !masked.columns.is_empty());
            all.push(TableRead {
                table: table.clone(),
                columns,
                cells,
                withheld: Some(withheld).filter(|withheld| !cells && !withheld.is_nothing()),
            });
        }
        Ok(all)
    }
}
