//! Rows that came anew since the last resolution: the same key in the same extract, with other cells. What follows for their records is
//! graph's to judge; here both are found.

use super::stages::{blocking, stream};
use crate::{Error, cells, hub::Hub};
use futures::StreamExt as _;
use std::collections::{BTreeMap, BTreeSet};
use tokio::task::block_in_place;
use wuwei_graph::identity::{self, Anew, Membership};
use wuwei_ingest::DELETED;
use wuwei_query::Session;
use wuwei_schema::table;

/// Under which name the resolve stage notes how many records there were.
pub(super) const RECORDS: &str = "records";

/// The records that took others' places since the last resolution, as pairs of the former and the new one. `membership` is what that left.
///
/// # Errors
/// A table cannot be read.
pub(super) async fn anew(hub: &Hub, session: &Session, membership: &Membership) -> Result<Vec<(i64, i64)>, Error> {
    let epoch = hub.lake.epoch();
    let Some(&known) = epoch.stages.get("resolve").and_then(|inputs| inputs.get(RECORDS)) else { return Ok(Vec::new()) };
    let mut rows = Vec::new();
    for (_, extract) in hub.definitions.departments.extracts() {
        let raw = wuwei_ingest::raw_table(extract);
        if epoch.tables.contains_key(&raw) {
            rows.extend(of_extract(session, &raw, known).await?);
        }
    }
    let rows = those_of_one(session, rows).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let (whole, mut found) = (hub.stage_over_all("resolve")?, Vec::new());
    for entity in hub.definitions.model.entities.values().filter(|entity| membership.contains_key(&entity.name)) {
        let records = stream(&whole, &format!("record.{}", entity.name), &identity::columns(entity)).await?;
        found.extend(block_in_place(|| identity::follows(entity, &rows, blocking(records)))?);
    }
    found.sort_unstable();
    Ok(found)
}

/// The latest row of each key from the record number `known` on, with the latest before it.
async fn of_extract(session: &Session, raw: &str, known: i64) -> Result<Vec<Anew>, Error> {
    let mut new: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    each_row(session, raw, |key, first, last| {
        if first >= known {
            let latest = new.entry(key).or_insert((first, last));
            *latest = (first, last).max(*latest);
        }
    })
    .await?;
    let mut old: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    if !new.is_empty() {
        each_row(session, raw, |key, first, last| {
            if first < known && new.contains_key(&key) {
                let latest = old.entry(key).or_insert((first, last));
                *latest = (first, last).max(*latest);
            }
        })
        .await?;
    }
    let both = |(key, (first, last)): (i64, (i64, i64))| new.get(&key).map(|new| Anew { former: first..=last, records: new.0..=new.1 });
    Ok(old.into_iter().filter_map(both).collect())
}

/// Every row that has records, as key, first and last.
async fn each_row(session: &Session, raw: &str, mut each: impl FnMut(i64, i64, i64)) -> Result<(), Error> {
    let columns = ["row_key", "row_hash", "first_record", "last_record"];
    let mut batches = stream(session, raw, &columns.map(str::to_owned)).await?;
    while let Some(batch) = batches.next().await.transpose()? {
        let [key, hash, first, last] = columns.map(|name| cells::numbers(&batch, name));
        let (key, hash, first, last) = (key?, hash?, first?, last?);
        let rows = (0..batch.num_rows()).filter(|row| hash.value(*row) != DELETED && first.value(*row) <= last.value(*row));
        rows.for_each(|row| each(key.value(row), first.value(row), last.value(row)));
    }
    Ok(())
}

/// Of these the rows of which the new one stands and the other does not: where both stand, the key is no row's own.
async fn those_of_one(session: &Session, mut rows: Vec<Anew>) -> Result<Vec<Anew>, Error> {
    if rows.is_empty() {
        return Ok(rows);
    }
    let asked: BTreeSet<i64> = rows.iter().flat_map(|row| [*row.former.start(), *row.records.start()]).collect();
    let mut retired = BTreeSet::new();
    let mut batches = stream(session, table::RETIRED, &["first_record".to_owned()]).await?;
    while let Some(batch) = batches.next().await.transpose()? {
        retired.extend(cells::numbers(&batch, "first_record")?.values().iter().copied().filter(|first| asked.contains(first)));
    }
    rows.retain(|row| retired.contains(row.former.start()) && !retired.contains(row.records.start()));
    Ok(rows)
}
