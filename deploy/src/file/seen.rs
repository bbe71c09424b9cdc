//! When values came and were last delivered. A row of a whole stock that stands was in the last of its deliveries, though only the first that
//! had it is written with it; a row of an increment was told when it came.

use crate::{Error, cells, gather::rows};
use arrow_array::Array as _;
use std::collections::{BTreeMap, BTreeSet};
use wuwei_graph::Gathered;
use wuwei_ingest::{Contract, Departments};
use wuwei_query::Session;

/// Extracts asked for in one question are few: an entity's records come from some of them.
const DELIVERY: &str = "contract.delivery";

/// First and last day, ISO 8601, by extract and batch, of what was gathered; nothing where whoever asks does not see deliveries.
///
/// # Errors
/// A question is refused.
pub(super) async fn seen(
    session: &Session,
    departments: &Departments,
    gathered: &Gathered,
) -> Result<BTreeMap<(String, String), (String, String)>, Error> {
    let mut extracts = BTreeSet::new();
    for (_, batch) in &gathered.records {
        let column = cells::texts(batch, "extract")?;
        extracts.extend((0..column.len()).filter_map(|row| cells::text(&column, row).map(str::to_owned)));
    }
    if extracts.is_empty() || !session.sees_whole(DELIVERY, &[])? {
        return Ok(BTreeMap::new());
    }
    let list = extracts.iter().map(|extract| format!("'{}'", extract.replace('\'', "''"))).collect::<Vec<_>>().join(", ");
    let question = format!(
        "SELECT rid, batch, CAST(CAST(received_ts AS DATE) AS VARCHAR) AS day FROM {DELIVERY}
         WHERE rid IN ({list}) AND outcome IN ('accepted', 'partial', 'repair') ORDER BY received_ts"
    );
    let (mut first, mut last) = (BTreeMap::new(), BTreeMap::new());
    for batch in rows(session, &question).await? {
        let (rids, batches, days) = (cells::texts(&batch, "rid")?, cells::texts(&batch, "batch")?, cells::texts(&batch, "day")?);
        for row in 0..batch.num_rows() {
            let (rid, day) = (rids.value(row).to_owned(), days.value(row).to_owned());
            first.entry((rid.clone(), batches.value(row).to_owned())).or_insert_with(|| day.clone());
            last.insert(rid, day);
        }
    }
    let is_whole = |rid: &str| departments.extract(rid).is_some_and(|extract| extract.contract == Contract::Full);
    let seen = first.into_iter().map(|((rid, batch), first)| {
        let until = last.get(&rid).filter(|_| is_whole(&rid)).cloned().unwrap_or_else(|| first.clone());
        ((rid, batch), (first, until))
    });
    Ok(seen.collect())
}
