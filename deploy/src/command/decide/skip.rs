//! What a reviewer puts off: the pairs in doubt between some entities are not shown to that reviewer for some days. Nothing is decided by it,
//! and others see them all the same.

use super::{Written, replace, sides};
use crate::{Error, cells, clock, gather::rows, hub::Hub};
use arrow_array::{Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use std::{collections::BTreeSet, sync::Arc};
use wuwei_lake::Publisher;
use wuwei_query::Session;
use wuwei_schema::history;

const DAY_MS: i64 = 86_400_000;

/// A row of `graph.skipped`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::command) struct Skipped {
    entity: String,
    pub(in crate::command) left: i64,
    pub(in crate::command) right: i64,
    pub(in crate::command) who: String,
    until_ms: i64,
}

pub(super) async fn skip(
    hub: &Hub,
    publisher: &mut Publisher,
    session: &Session,
    typed: &[String],
    days: u16,
) -> Result<(Written, Vec<i64>), Error> {
    let mut of = BTreeSet::new();
    for side in typed {
        of.insert(sides::side(session, side).await?.entity);
    }
    let list = of.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    let question =
        format!("SELECT entity, \"left\", \"right\" FROM graph.review WHERE left_entity IN ({list}) AND right_entity IN ({list})");
    let until_ms = clock::now_ms() + i64::from(days) * DAY_MS;
    let (mut now, mut kind) = (BTreeSet::new(), String::new());
    for batch in rows(session, &question).await? {
        let (entities, left, right) = (cells::texts(&batch, "entity")?, cells::numbers(&batch, "left")?, cells::numbers(&batch, "right")?);
        for row in 0..batch.num_rows() {
            let (entity, who) = (entities.value(row).to_owned(), session.principal().name().to_owned());
            kind.clone_from(&entity);
            now.insert(Skipped { entity, left: left.value(row), right: right.value(row), who, until_ms });
        }
    }
    if now.is_empty() {
        return Err(Error::asked("nothing of them awaits a judgement", "`wuwei review` shows what does"));
    }
    let mut all = holding(&hub.stage("decide")?).await?;
    all.retain(|known| !now.iter().any(|new| (&new.who, new.left, new.right) == (&known.who, known.left, known.right)));
    let pairs = now.len();
    all.extend(now);
    replace(publisher, history::SKIPPED, &batch(&all)?).await?;
    Ok((
        Written { decision: None, verdict: "skip", state: "skipped", pairs, against: Vec::new() },
        hub.persons(of.iter().map(|entity| (kind.as_str(), *entity))),
    ))
}

/// What is put off and not over yet.
///
/// # Errors
/// The table cannot be read.
pub(in crate::command) async fn holding(session: &Session) -> Result<Vec<Skipped>, Error> {
    let question = format!(
        "SELECT entity, \"left\", \"right\", who, CAST(until AS BIGINT) AS until_ms FROM {} WHERE CAST(until AS BIGINT) > {} ORDER BY \"left\", \"right\", who",
        history::SKIPPED,
        clock::now_ms()
    );
    let mut found = Vec::new();
    for batch in rows(session, &question).await? {
        let (entities, who) = (cells::texts(&batch, "entity")?, cells::texts(&batch, "who")?);
        let [left, right, until] = ["left", "right", "until_ms"].map(|name| cells::numbers(&batch, name));
        let (left, right, until) = (left?, right?, until?);
        found.extend((0..batch.num_rows()).map(|row| Skipped {
            entity: entities.value(row).to_owned(),
            left: left.value(row),
            right: right.value(row),
            who: who.value(row).to_owned(),
            until_ms: until.value(row),
        }));
    }
    Ok(found)
}

fn batch(all: &[Skipped]) -> Result<RecordBatch, Error> {
    let numbers = |of: fn(&Skipped) -> i64| Arc::new(Int64Array::from_iter_values(all.iter().map(of)));
    let words = |of: fn(&Skipped) -> &str| Arc::new(StringArray::from_iter_values(all.iter().map(of)));
    let until = Arc::new(TimestampMillisecondArray::from_iter_values(all.iter().map(|skipped| skipped.until_ms)));
    let columns = vec![
        words(|skipped| &skipped.entity) as arrow_array::ArrayRef,
        numbers(|skipped| skipped.left),
        numbers(|skipped| skipped.right),
        words(|skipped| &skipped.who),
        until,
    ];
    crate::catalogue::batch(history::skipped_schema(), columns)
}
