//! When a decision waits for a second person: when it joins or parts records that carry two valid values of what one entity has one of, as
//! two citizen ids. Whoever does not see whether that is so always waits, so that waiting tells nothing of what is hidden.

use super::sides;
use crate::{Error, cells, gather::rows, hub::Hub};
use arrow_array::Array as _;
use std::collections::BTreeSet;
use wuwei_query::Session;

/// Records asked for in one question.
const TOGETHER: usize = 2_000;

/// Whether entities with these records carry two valid values of an exclusive property, or whoever asks does not see whether they do.
pub(super) async fn touches_two(hub: &Hub, session: &Session, entity: &str, records: &BTreeSet<i64>) -> Result<bool, Error> {
    let matching = hub.definitions.model.entity(entity).and_then(|entity| entity.matching.as_ref());
    let exclusive: Vec<&str> = matching.iter().flat_map(|matching| &matching.exclusive).map(String::as_str).collect();
    if exclusive.is_empty() {
        return Ok(false);
    }
    if !session.sees_whole(&format!("record.{entity}"), &exclusive)? {
        return Ok(true);
    }
    let program = hub.stage("decide")?;
    let records: Vec<i64> = records.iter().copied().collect();
    for property in exclusive {
        let mut values = BTreeSet::new();
        for part in records.chunks(TOGETHER) {
            let list = part.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
            let of = format!("SELECT entity_id FROM graph.link WHERE record_id IN ({list})");
            let question = format!(
                "SELECT DISTINCT r.\"{property}\" AS value FROM record.{entity} r JOIN graph.link l ON l.record_id = r.record_id
                 WHERE l.entity_id IN ({of}) AND r.\"{property}\" IS NOT NULL ORDER BY value LIMIT 2"
            );
            for batch in rows(&program, &question).await? {
                let found = cells::texts(&batch, "value")?;
                values.extend((0..found.len()).map(|row| found.value(row).to_owned()));
            }
        }
        if values.len() > 1 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The same of what a decision is of: taking it back may join or part them.
pub(super) async fn to_revoke(hub: &Hub, session: &Session, decision: i64) -> Result<bool, Error> {
    let book = super::book(hub).await?;
    let Some(entity) = book.entries().iter().find(|entry| entry.decision == decision).map(|entry| entry.entity.clone()) else {
        return Ok(false);
    };
    let records = sides::standing(&hub.stage("decide")?, book.records(decision)).await?;
    touches_two(hub, session, &entity, &records).await
}
