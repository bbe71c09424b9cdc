//! What a reader of a stranger's file claims, against what it sent: every row carries the lineage of this file and no other, records have
//! fresh numbers, and the counts are those of the rows.

use super::{frame::says_only, parent::Opened};
use crate::cells;
use crate::confined::frame::Misfit;
use arrow_array::{RecordBatch, cast::AsArray as _};
use std::{cell::OnceCell, collections::BTreeMap, sync::Arc};
use wuwei_ingest::{Contract, Held, Report, raw_table};
use wuwei_schema::table;

/// What has come so far.
#[derive(Debug)]
pub(super) struct Account {
    /// Columns that say the same in every row, wherever a table has them.
    same: [(&'static str, String); 4],
    raw: String,
    contract: Contract,
    first: i64,
    held: Arc<Held>,
    /// The first and the last record of each row held, sorted; made when something is retired.
    held_records: OnceCell<Vec<(i64, i64)>>,
    rows: BTreeMap<String, u64>,
    /// The highest record number, of each table and of what relations speak of.
    highest: BTreeMap<String, i64>,
}

const STRANGE: Misfit = "rows that are not of this file";
const UNEVEN: Misfit = "an account that is not that of its rows";

impl Account {
    pub(super) fn new(opened: &Opened<'_>, name: &str, first: i64, held: Arc<Held>) -> Account {
        let same = [
            ("department", opened.department.code.clone()),
            ("extract", opened.extract.name.clone()),
            ("batch", opened.batch.clone()),
            ("file", name.to_owned()),
        ];
        Account {
            same,
            raw: raw_table(opened.extract),
            contract: opened.extract.contract,
            first,
            held,
            held_records: OnceCell::new(),
            rows: BTreeMap::new(),
            highest: BTreeMap::new(),
        }
    }

    /// Takes rows in, if they are this file's.
    ///
    /// # Errors
    /// They are not.
    pub(super) fn count(&mut self, table: &str, rows: &RecordBatch) -> Result<(), Misfit> {
        *self.rows.entry(table.to_owned()).or_default() += rows.num_rows() as u64;
        let is_raw = table == self.raw;
        for (column, value) in &self.same {
            let Some(says) = rows.column_by_name(column).filter(|_| is_lineage(is_raw, table, column)) else { continue };
            if !says.as_string_opt::<i32>().is_some_and(|texts| says_only(texts, value)) {
                return Err(STRANGE);
            }
        }
        match table {
            table::REJECT => Ok(()),
            table::RETIRED => self.retired(rows),
            table::RELATION => ["source", "target"].iter().try_for_each(|column| self.numbers(table, rows, column)),
            _ if is_raw => ["first_record", "last_record"].iter().try_for_each(|column| self.numbers(table, rows, column)),
            _ => self.numbers(table, rows, "record_id"),
        }
    }

    /// What stands no more must have stood: it is a row held of this extract, or one of this file.
    fn retired(&mut self, rows: &RecordBatch) -> Result<(), Misfit> {
        let held = self.held_records.get_or_init(|| {
            let mut records: Vec<(i64, i64)> = self.held.records().collect();
            records.sort_unstable();
            records
        });
        let [first, last] = ["first_record", "last_record"].map(|column| cells::numbers(rows, column).map_err(|_| STRANGE));
        let (first, last) = (first?, last?);
        let stood = |range: (&i64, &i64)| *range.0 >= self.first || held.binary_search(&(*range.0, *range.1)).is_ok();
        if !first.values().iter().zip(last.values()).all(stood) {
            return Err(STRANGE);
        }
        let highest = last.values().iter().copied().max().unwrap_or(self.first - 1);
        let known = self.highest.entry(table::RETIRED.to_owned()).or_insert(highest);
        *known = highest.max(*known);
        Ok(())
    }

    /// Numbers of records must be fresh ones; those of records themselves rise.
    fn numbers(&mut self, table: &str, rows: &RecordBatch, column: &str) -> Result<(), Misfit> {
        let numbers = cells::numbers(rows, column).map_err(|_| STRANGE)?;
        let highest = self.highest.entry(table.to_owned()).or_insert(self.first - 1);
        for number in numbers.values() {
            let is_fresh = if column == "record_id" { number > highest } else { *number >= self.first };
            if !is_fresh {
                return Err(STRANGE);
            }
            *highest = (*highest).max(*number);
        }
        Ok(())
    }

    /// Whether the report is that of the rows taken in.
    ///
    /// # Errors
    /// It is not.
    pub(super) fn agrees(&self, report: &Report) -> Result<(), Misfit> {
        let count = |table: &str| self.rows.get(table).copied().unwrap_or_default();
        let Report { read, accepted, rejected, skipped, new, unchanged, stale, deletions, .. } = *report;
        // A deletion is kept where it is not enough that the row is lacking.
        let kept = new.saturating_add(if self.contract == Contract::Delta { deletions } else { 0 });
        let has_all = sum([accepted, rejected, skipped]) == Some(read)
            && sum([new, unchanged, stale, deletions]) == Some(accepted)
            && count(&self.raw) == kept
            && count(table::RELATION) == report.relations
            && sum(report.rejects_by_rule.values().copied()) == Some(count(table::REJECT))
            && sum(report.retired.values().copied()) == Some(count(table::RETIRED))
            && report.held == self.held.len() as u64
            && report.records.iter().all(|(entity, records)| count(&format!("record.{entity}")) == *records);
        let others = [&self.raw, table::RELATION, table::REJECT, table::RETIRED];
        let sent: u64 = self.rows.iter().filter(|(table, _)| !others.contains(&table.as_str())).map(|(_, count)| count).sum();
        // Each record has a number, and a row without a record has one.
        let numbers = report.next_record.checked_sub(self.first).and_then(|numbers| u64::try_from(numbers).ok());
        let is_dense = sum(report.records.values().copied()) == Some(sent)
            && numbers.is_some_and(|numbers| (sent..=sent.saturating_add(kept)).contains(&numbers))
            && self.highest.values().all(|highest| *highest < report.next_record);
        if has_all && is_dense { Ok(()) } else { Err(UNEVEN) }
    }
}

fn sum(counts: impl IntoIterator<Item = u64>) -> Option<u64> {
    counts.into_iter().try_fold(0, u64::checked_add)
}

/// Whether a column of that name says which file a row is of: a department calls the columns of its own rows as it likes, and a property may
/// be called `file`.
fn is_lineage(is_raw: bool, table: &str, column: &str) -> bool {
    if is_raw { column == "batch" } else { column != "file" || table == table::REJECT }
}

#[cfg(test)]
mod tests;
