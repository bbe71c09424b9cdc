//! What the hub holds of an extract when another file of it comes: the rows that stand, and how much of it a file may take away. What a file
//! makes of them is ingest's.

use crate::{Error, cells, clock, hub::Hub, worker::Worker};
use futures::StreamExt as _;
use std::collections::{BTreeSet, HashSet};
use wuwei_ingest::{Extract, Held, HeldRow, LATER, Report};
use wuwei_query::Session;
use wuwei_schema::table;

/// Rows of which a full delivery may lack the share [`ABSENT_PERCENT`] without being asked back: a short list changes as it likes.
const HELD_FEW: u64 = 200;

/// More of what is held than this is not gone from one delivery to the next; it is left out by mistake.
const ABSENT_PERCENT: u64 = 30;

/// The rows of an extract that stand, at the hub's pinned epoch; those of the batches `later` are later than whatever the file says.
///
/// # Errors
/// There are more than the file's reader can be told of.
pub(super) async fn held(hub: &Hub, extract: &Extract, worker: &Worker, later: &BTreeSet<&str>) -> Result<Held, Error> {
    let raw = wuwei_ingest::raw_table(extract);
    if !hub.lake.epoch().tables.contains_key(&raw) {
        return Ok(Held::none());
    }
    let session = hub.stage("held")?;
    let retired = retired(&session, &extract.name).await?;
    // A day that was still to come when the row was loaded says nothing of what is later.
    let until = wuwei_ingest::day_number(&clock::last_day());
    let mut rows = Vec::new();
    let columns = ["row_key", "row_hash", "first_record", "last_record", "observed", "batch"];
    let mut batches = session.read(&raw, &columns, clock::now_ms()).await?;
    while let Some(batch) = batches.next().await.transpose()? {
        let [key, hash, first, last] = ["row_key", "row_hash", "first_record", "last_record"].map(|name| cells::numbers(&batch, name));
        let (key, hash, first, last) = (key?, hash?, first?, last?);
        let (observed, loaded) = (cells::texts(&batch, "observed")?, cells::texts(&batch, "batch")?);
        let date = |row: usize| match wuwei_ingest::day_number(cells::text(&observed, row).unwrap_or_default()) {
            _ if later.contains(loaded.value(row)) => LATER,
            day if day > until => 0,
            day => day,
        };
        for row in (0..batch.num_rows()).filter(|row| !retired.contains(&first.value(*row))) {
            rows.push(HeldRow {
                key: key.value(row),
                hash: hash.value(row),
                first: first.value(row),
                last: last.value(row),
                observed: date(row),
            });
        }
        if rows.len() > worker.held_max() {
            return Err(worker.too_much_held());
        }
    }
    Ok(Held::of(rows))
}

/// First records of the extract's rows that stand no more.
async fn retired(session: &Session, extract: &str) -> Result<HashSet<i64>, Error> {
    let mut retired = HashSet::new();
    let mut batches = session.read(table::RETIRED, &["extract", "first_record"], clock::now_ms()).await?;
    while let Some(batch) = batches.next().await.transpose()? {
        let (extracts, first) = (cells::texts(&batch, "extract")?, cells::numbers(&batch, "first_record")?);
        retired.extend((0..batch.num_rows()).filter(|row| extracts.value(*row) == extract).map(|row| first.value(row)));
    }
    Ok(retired)
}

/// Refuses a full delivery that lacks so much of what is held that it was cut short rather than brought up to date. That nothing of it
/// is left is asked back even of a short list.
pub(super) fn check_shrinkage(file: &str, report: &Report) -> Result<(), Error> {
    let absent = report.retired.get("absent").copied().unwrap_or_default();
    let is_little = report.held < HELD_FEW || absent * 100 <= report.held * ABSENT_PERCENT;
    if absent == 0 || absent < report.held && is_little {
        return Ok(());
    }
    Err(Error::Shrunk { file: file.to_owned(), count: absent, known: report.held })
}
