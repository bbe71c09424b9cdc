//! Identity as the tables that pass between rooms: `graph.link`, `graph.former`, `graph.lineage`, `graph.redirect`, `graph.successor`,
//! `graph.run`. What the rows mean is decided elsewhere.

use super::{Event, Former, Member, Reason, Redirect, Successors};
use crate::{
    Error,
    batch::{Texts, integers},
};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use arrow_schema::ArrowError;
use std::{collections::BTreeMap, sync::Arc};
use wuwei_schema::history;

/// The memberships of each type, by record.
pub type Membership = BTreeMap<String, Vec<Member>>;

impl Reason {
    /// Its word in the tables.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Reason::Arrived => "arrived",
            Reason::Merged => "merged",
            Reason::Split => "split",
            Reason::Restored => "restored",
            Reason::Retired => "retired",
        }
    }

    fn of(word: &str) -> Reason {
        let all = [Reason::Arrived, Reason::Merged, Reason::Split, Reason::Restored];
        all.into_iter().find(|reason| reason.word() == word).unwrap_or(Reason::Retired)
    }
}

/// Reads `graph.link`.
///
/// # Errors
/// When a column is missing or the source fails.
pub fn members(batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>) -> Result<Membership, Error> {
    let mut found = Membership::new();
    for batch in batches {
        let batch = batch?;
        let (types, members) = (Texts::of(&batch, "entity")?, members_of(&batch)?);
        for (row, member) in members.into_iter().enumerate() {
            let name = types.get(row).unwrap_or_default();
            match found.get_mut(&*name) {
                Some(known) => known.push(member),
                None => drop(found.insert(name.into_owned(), vec![member])),
            }
        }
    }
    found.values_mut().for_each(|members| members.sort_unstable());
    Ok(found)
}

fn members_of(batch: &RecordBatch) -> Result<Vec<Member>, Error> {
    let [records, entities, since] = ["record_id", "entity_id", "since"].map(|name| integers(batch, name));
    let (records, entities, since, reasons) = (records?, entities?, since?, Texts::of(batch, "reason")?);
    let member = |row| Member {
        record: records.value(row),
        entity: entities.value(row),
        since: since.value(row),
        reason: Reason::of(&reasons.get(row).unwrap_or_default()),
    };
    Ok((0..batch.num_rows()).map(member).collect())
}

/// Rows of `graph.former`.
///
/// # Errors
/// None but ours.
pub fn former_rows(entity: &str, former: &[Former]) -> Result<RecordBatch, Error> {
    let of = |value: fn(&Former) -> i64| whole(former.iter().map(value));
    let columns = vec![
        of(|former| former.member.record),
        words(former.iter().map(|_| entity)),
        of(|former| former.member.entity),
        of(|former| former.member.since),
        of(|former| former.until),
        words(former.iter().map(|former| former.member.reason.word())),
        words(former.iter().map(|former| former.ended.word())),
    ];
    Ok(RecordBatch::try_new(history::former_schema(), columns)?)
}

/// Reads `graph.former`, row by row.
pub fn former(batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>) -> impl Iterator<Item = Result<Former, Error>> {
    batches.flat_map(|batch| {
        let rows = batch.map_err(Error::from).and_then(|batch| former_of(&batch));
        let (good, bad) = match rows {
            Ok(rows) => (rows, None),
            Err(error) => (Vec::new(), Some(Err(error))),
        };
        good.into_iter().map(Ok).chain(bad)
    })
}

fn former_of(batch: &RecordBatch) -> Result<Vec<Former>, Error> {
    let (until, ended) = (integers(batch, "until")?, Texts::of(batch, "ended")?);
    let members = members_of(batch)?.into_iter().enumerate();
    let former = |(row, member)| Former { member, until: until.value(row), ended: Reason::of(&ended.get(row).unwrap_or_default()) };
    Ok(members.map(former).collect())
}

/// Rows of `graph.lineage`; `at_ms` is the time of the run.
///
/// # Errors
/// None but ours.
pub fn events(entity: &str, events: &[Event], run: i64, at_ms: i64) -> Result<RecordBatch, Error> {
    let number = |of: fn(&Event) -> Option<i64>| Arc::new(events.iter().map(of).collect::<Int64Array>()) as ArrayRef;
    let word = |event: &Event| if event.what == Reason::Arrived { "born" } else { event.what.word() };
    let columns = vec![
        whole(events.iter().map(|_| run)),
        Arc::new(TimestampMillisecondArray::from(vec![at_ms; events.len()])),
        words(events.iter().map(|_| entity)),
        words(events.iter().map(word)),
        number(|event| event.from),
        number(|event| event.to),
    ];
    Ok(RecordBatch::try_new(history::lineage_schema(), columns)?)
}

/// `graph.redirect`, whole.
///
/// # Errors
/// None but ours.
pub fn redirects(redirects: &BTreeMap<i64, Redirect>) -> Result<RecordBatch, Error> {
    let columns = vec![
        whole(redirects.keys().copied()),
        whole(redirects.values().map(|redirect| redirect.to)),
        whole(redirects.values().map(|redirect| redirect.run)),
    ];
    Ok(RecordBatch::try_new(history::redirect_schema(), columns)?)
}

/// Reads `graph.redirect`.
///
/// # Errors
/// When a column is missing or the source fails.
pub fn redirects_of(batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>) -> Result<BTreeMap<i64, Redirect>, Error> {
    let mut found = BTreeMap::new();
    for batch in batches {
        let batch = batch?;
        let [from, to, run] = ["from_id", "to_id", "run"].map(|name| integers(&batch, name));
        let (from, to, run) = (from?, to?, run?);
        found.extend((0..batch.num_rows()).map(|row| (from.value(row), Redirect { to: to.value(row), run: run.value(row) })));
    }
    Ok(found)
}

/// Rows of `graph.successor`, of pairs of the former and the new record.
///
/// # Errors
/// None but ours.
pub fn successions(pairs: &[(i64, i64)], run: i64) -> Result<RecordBatch, Error> {
    let columns = vec![whole(pairs.iter().map(|pair| pair.0)), whole(pairs.iter().map(|pair| pair.1)), whole(pairs.iter().map(|_| run))];
    Ok(RecordBatch::try_new(history::successor_schema(), columns)?)
}

/// Reads `graph.successor`, and adds the pairs that are not in it yet.
///
/// # Errors
/// When a column is missing or the source fails.
pub fn successors(
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    more: impl IntoIterator<Item = (i64, i64)>,
) -> Result<Successors, Error> {
    let mut pairs: Vec<(i64, i64)> = more.into_iter().collect();
    for batch in batches {
        let batch = batch?;
        let (former, records) = (integers(&batch, "former")?, integers(&batch, "record_id")?);
        pairs.extend(former.values().iter().copied().zip(records.values().iter().copied()));
    }
    Ok(Successors::of(pairs))
}

/// The row of `graph.run`.
///
/// # Errors
/// None but ours.
pub fn runs(run: i64, at_ms: i64) -> Result<RecordBatch, Error> {
    let columns = vec![whole([run].into_iter()), Arc::new(TimestampMillisecondArray::from(vec![at_ms])) as ArrayRef];
    Ok(RecordBatch::try_new(history::run_schema(), columns)?)
}

fn whole(values: impl Iterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}

fn words<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}
