//! What the hub holds of an extract when another file of it comes: the rows that stand, and how late their content is. What a file makes of
//! them is ingest's.

use crate::{Error, cells, clock, hub::Hub};
use arrow_array::{Array as _, cast::AsArray as _, types::TimestampMillisecondType};
use futures::StreamExt as _;
use std::collections::HashSet;
use wuwei_ingest::{Contract, Extract, Held, HeldRow, Report};
use wuwei_query::Session;
use wuwei_schema::table;

/// Rows of which a full delivery may lack the share [`ABSENT_PERCENT`] without being asked back: a short list changes as it likes.
const HELD_FEW: u64 = 200;

/// More of what is held than this is not gone from one delivery to the next; it is left out by mistake.
const ABSENT_PERCENT: u64 = 30;

/// The rows of an extract that stand, at the hub's pinned epoch.
pub(super) async fn held(hub: &Hub, extract: &Extract) -> Result<Held, Error> {
    let raw = format!("raw.{}", extract.name);
    if !hub.lake.epoch().tables.contains_key(&raw) {
        return Ok(Held::none());
    }
    let session = hub.stage("held")?;
    let retired = retired(&session, &extract.name).await?;
    let mut rows = Vec::new();
    let columns = ["row_key", "row_hash", "first_record", "last_record", "observed"];
    let mut batches = session.read(&raw, &columns, clock::now_ms()).await?;
    while let Some(batch) = batches.next().await.transpose()? {
        let [key, hash, first, last] = ["row_key", "row_hash", "first_record", "last_record"].map(|name| cells::numbers(&batch, name));
        let (key, hash, first, last) = (key?, hash?, first?, last?);
        let observed = cells::texts(&batch, "observed")?;
        for row in 0..batch.num_rows() {
            if !retired.contains(&first.value(row)) {
                let observed = wuwei_ingest::day_number(cells::text(&observed, row).unwrap_or_default());
                rows.push(HeldRow { key: key.value(row), hash: hash.value(row), first: first.value(row), last: last.value(row), observed });
            }
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

/// Whether a full delivery speaks of an earlier time than what is held: it must not undo it.
pub(super) async fn is_late(hub: &Hub, extract: &Extract, report: &Report) -> Result<bool, Error> {
    let Some(watermark) = report.watermark.as_deref().and_then(clock::date_ms).filter(|_| extract.contract == Contract::Full) else {
        return Ok(false);
    };
    let question = format!(
        "SELECT max(watermark_ts) AS latest FROM contract.delivery WHERE rid = '{}' AND outcome IN ('accepted', 'partial')",
        extract.name
    );
    let answer = hub.stage("held")?.sql(&question, clock::now_ms()).await?;
    let latest = answer.batches.iter().filter_map(|batch| batch.column(0).as_primitive_opt::<TimestampMillisecondType>());
    Ok(latest.filter(|column| !column.is_empty() && column.is_valid(0)).any(|column| column.value(0) > watermark))
}

/// Refuses a full delivery that lacks so much of what is held that it was cut short rather than brought up to date.
pub(super) fn check_shrinkage(file: &str, report: &Report) -> Result<(), Error> {
    let absent = report.retired.get("absent").copied().unwrap_or_default();
    if report.held < HELD_FEW || absent * 100 <= report.held * ABSENT_PERCENT {
        return Ok(());
    }
    Err(Error::Shrunk { file: file.to_owned(), count: absent, known: report.held })
}
