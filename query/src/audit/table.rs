//! `audit.entry`: every entry as a row, batch by batch, as they stood when the question was planned. That they stand as they were written is
//! for [`Audit::verify`].

use super::{Audit, Entry, chain::entry_of, segment::Standing};
use crate::Error;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use arrow_schema::SchemaRef;
use async_trait::async_trait;
use datafusion::{
    catalog::{Session, TableProvider, streaming::StreamingTable},
    common::{DataFusionError, Result as EngineResult},
    execution::{SendableRecordBatchStream, TaskContext},
    logical_expr::{Expr, TableType},
    physical_plan::{ExecutionPlan, stream::RecordBatchStreamAdapter, streaming::PartitionStream},
};
use std::{collections::BTreeSet, io::BufRead, sync::Arc};
use wuwei_schema::contract;

/// Entries of a batch at most, and bytes of their lines.
const ENTRIES: usize = 4_096;
const BYTES: usize = 4 << 20;

/// The table of an audit.
pub(crate) fn entries(audit: &Arc<Audit>) -> Arc<dyn TableProvider> {
    Arc::new(Entries { audit: Arc::clone(audit), schema: contract::audit_entry() })
}

#[derive(Debug)]
struct Entries {
    audit: Arc<Audit>,
    schema: SchemaRef,
}

#[async_trait]
impl TableProvider for Entries {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> EngineResult<Arc<dyn ExecutionPlan>> {
        let standing = Standing::of(&self.audit.journal).map_err(|error| DataFusionError::External(Box::new(error)))?;
        let rows = Rows { standing: Arc::new(standing), schema: self.schema() };
        StreamingTable::try_new(self.schema(), vec![Arc::new(rows)])?.scan(state, projection, filters, limit).await
    }
}

/// The files, to be read one after the other.
#[derive(Debug)]
struct Rows {
    standing: Arc<Standing>,
    schema: SchemaRef,
}

impl PartitionStream for Rows {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let mut reading = Reading { standing: Arc::clone(&self.standing), segment: 0, lines: None };
        let batches = std::iter::from_fn(move || reading.batch().transpose());
        let batches = batches.map(|batch| batch.map_err(|error| DataFusionError::External(Box::new(error))));
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), futures::stream::iter(batches)))
    }
}

struct Reading {
    standing: Arc<Standing>,
    /// Of the file that is being read.
    segment: u64,
    lines: Option<Box<dyn BufRead + Send>>,
}

impl Reading {
    /// The next entries; none behind the last.
    fn batch(&mut self) -> Result<Option<RecordBatch>, Error> {
        let (mut entries, mut bytes, mut line) = (Vec::new(), 0, Vec::new());
        while entries.len() < ENTRIES && bytes < BYTES {
            let Some(lines) = &mut self.lines else {
                if !self.turn()? {
                    break;
                }
                continue;
            };
            line.clear();
            let count = lines.read_until(b'\n', &mut line).map_err(Error::account("reading", self.standing.folder.as_path()))?;
            if count == 0 {
                self.lines = None;
                continue;
            }
            bytes += count;
            let entry = entry_of(line.strip_suffix(b"\n").unwrap_or(&line));
            let number = self.segment;
            entries.push(entry.ok_or_else(|| Error::Chain { place: format!("file {number}"), detail: "a line is no entry" })?.0);
        }
        if entries.is_empty() { Ok(None) } else { batch(&entries).map(Some) }
    }

    /// Turns to the next file that is there; false behind the last.
    fn turn(&mut self) -> Result<bool, Error> {
        let open = self.standing.sealed.len() as u64 + 1;
        while self.segment < open {
            self.segment += 1;
            self.lines = match self.segment == open {
                true => Some(Box::new(self.standing.open(0)?)),
                false => self.standing.sealed(self.segment, 0)?.map(|lines| Box::new(lines) as _),
            };
            if self.lines.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn batch(entries: &[Entry]) -> Result<RecordBatch, Error> {
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let text = |of: fn(&Entry) -> Option<&str>| Arc::new(entries.iter().map(of).collect::<StringArray>()) as ArrayRef;
    let count =
        |of: fn(&Entry) -> Option<u64>| Arc::new(entries.iter().map(|entry| of(entry).map(whole)).collect::<Int64Array>()) as ArrayRef;
    let names = |of: fn(&Entry) -> &BTreeSet<String>| joined(entries.iter().map(|entry| of(entry).iter().cloned().collect::<Vec<_>>()));
    let numbers = |of: fn(&Entry) -> &BTreeSet<i64>| joined(entries.iter().map(|entry| of(entry).iter().map(i64::to_string).collect()));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(entries.iter().map(|entry| whole(entry.seq)))),
        Arc::new(TimestampMillisecondArray::from_iter_values(entries.iter().map(|entry| entry.at))),
        text(|entry| Some(&entry.principal)),
        text(|entry| entry.role.as_deref()),
        text(|entry| entry.department.as_deref()),
        text(|entry| entry.origin.as_deref()),
        text(|entry| Some(&entry.purpose)),
        text(|entry| Some(&entry.kind)),
        text(|entry| entry.statement.as_deref()),
        names(|entry| &entry.tables),
        names(|entry| &entry.columns),
        text(|entry| Some(&entry.outcome)),
        count(|entry| entry.of),
        count(|entry| entry.part),
        count(|entry| entry.rows),
        numbers(|entry| &entry.persons),
        numbers(|entry| &entry.records),
        count(|entry| entry.more),
        count(|entry| entry.segment),
    ];
    RecordBatch::try_new(contract::audit_entry(), columns).map_err(|_| Error::Engine { detail: "entries do not fit" })
}

fn joined(lists: impl Iterator<Item = Vec<String>>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(lists.map(|list| list.join(","))))
}
