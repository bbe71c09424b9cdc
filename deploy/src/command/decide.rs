//! `wuwei decide`: what a person decided of two entities, or of two records, and what is revoked of it. A decision is written down; the next
//! resolution carries it out, before anything else. Undoing a merge is deciding *different* of an old number and the one that it leads to;
//! undoing a split is deciding *same* of its parts.

pub(super) mod sides;

use crate::{
    Error, catalogue, cells,
    cli::{Common, Decide, Pair},
    clock,
    hub::Hub,
    output,
};
use arrow_array::{
    Array as _, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray, cast::AsArray as _, types::TimestampMillisecondType,
};
use futures::StreamExt as _;
use serde::Serialize;
use std::sync::Arc;
use wuwei_graph::Verdict;
use wuwei_lake::Commit;
use wuwei_query::{Batches, Session};
use wuwei_schema::history;

/// What was written down.
#[derive(Serialize)]
struct Written {
    decision: i64,
    verdict: &'static str,
    pairs: usize,
}

pub(super) async fn run(common: &Common, what: &Decide) -> Result<(), Error> {
    match what {
        Decide::Same(pair) => decide(common, pair, Verdict::Same).await,
        Decide::Different(pair) => decide(common, pair, Verdict::Different).await,
        Decide::Unsure(pair) => decide(common, pair, Verdict::Unsure).await,
        Decide::Revoke { decision, ground } => revoke(common, *decision, ground).await,
    }
}

async fn decide(common: &Common, pair: &Pair, verdict: Verdict) -> Result<(), Error> {
    let mut hub = Hub::open(common, "decide").await?;
    grounded(&pair.ground)?;
    let mut publisher = hub.publisher().await?;
    let session = hub.session()?;
    session.look("decide", &format!("{} {} {}", verdict.word(), pair.left, pair.right), clock::now_ms())?;
    let (entity, pairs) = sides::pairs(&session, pair, verdict).await?;
    let decision = numbers(&session).await?.into_iter().max().unwrap_or_default() + 1;
    let count = pairs.len();
    let number = |of: fn(&(i64, i64)) -> i64| Arc::new(pairs.iter().map(|pair| Some(of(pair))).collect::<Int64Array>());
    let word = |word: &str| Arc::new(StringArray::from_iter_values(std::iter::repeat_n(word, count)));
    let nothing = || Arc::new(StringArray::new_null(count));
    let columns: Vec<arrow_array::ArrayRef> = vec![
        Arc::new(Int64Array::from(vec![decision; count])),
        word(&entity),
        number(|pair| pair.0),
        number(|pair| pair.1),
        word(verdict.word()),
        word(pair.ground.trim()),
        word(hub.asker()),
        Arc::new(TimestampMillisecondArray::from(vec![clock::now_ms(); count])),
        nothing(),
        nothing(),
        Arc::new(TimestampMillisecondArray::new_null(count)),
    ];
    publisher.write(history::DECISION, &catalogue::batch(history::decision_schema(), columns)?).await?;
    publisher.commit(Commit::Replace { tables: Vec::new() }, history::DECISION).await?;
    publisher.publish(|_| {}).await?;
    print(common, &Written { decision, verdict: verdict.word(), pairs: count })
}

async fn revoke(common: &Common, decision: i64, ground: &str) -> Result<(), Error> {
    let mut hub = Hub::open(common, "decide").await?;
    grounded(ground)?;
    let mut publisher = hub.publisher().await?;
    let session = hub.session()?;
    session.look("decide", &format!("revoke {decision}"), clock::now_ms())?;
    let (mut batches, mut pairs) = (all(&session).await?, 0);
    let who = hub.asker().to_owned();
    let by = Revoked { decision, ground: ground.trim(), who: &who, at_ms: clock::now_ms() };
    while let Some(batch) = batches.next().await.transpose()? {
        let (batch, count) = by.applied(&batch)?;
        pairs += count;
        publisher.write(history::DECISION, &batch).await?;
    }
    if pairs == 0 {
        let hint = "`wuwei sql \"SELECT * FROM graph.decision\"` shows those that hold";
        return Err(Error::asked(format!("there is no decision {decision} that holds"), hint));
    }
    let tables = vec![(history::DECISION.to_owned(), history::decision_schema())];
    publisher.commit(Commit::Replace { tables }, history::DECISION).await?;
    publisher.publish(|_| {}).await?;
    print(common, &Written { decision, verdict: "revoked", pairs })
}

/// Who revokes which decision, when and why.
struct Revoked<'a> {
    decision: i64,
    ground: &'a str,
    who: &'a str,
    at_ms: i64,
}

impl Revoked<'_> {
    /// The batch with the decision revoked, and how many rows it has of it that held.
    fn applied(&self, batch: &RecordBatch) -> Result<(RecordBatch, usize), Error> {
        let (numbers, grounds, by) =
            (cells::numbers(batch, "decision")?, cells::texts(batch, "revoked_ground")?, cells::texts(batch, "revoked_by")?);
        let times = batch.column_by_name("revoked_at").and_then(|column| column.as_primitive_opt::<TimestampMillisecondType>());
        let times = times.ok_or_else(|| Error::defect("a decision has no time of its revocation"))?;
        let is_it = |row: usize| numbers.value(row) == self.decision && by.is_null(row);
        let rows = 0..batch.num_rows();
        let word = |column: &StringArray, word: &str| -> StringArray {
            rows.clone().map(|row| if is_it(row) { Some(word.to_owned()) } else { cells::text(column, row).map(str::to_owned) }).collect()
        };
        let kept = |row: usize| times.is_valid(row).then(|| times.value(row));
        let at: TimestampMillisecondArray = rows.clone().map(|row| if is_it(row) { Some(self.at_ms) } else { kept(row) }).collect();
        let mut columns = batch.columns()[..8].to_vec();
        columns.extend([Arc::new(word(&grounds, self.ground)) as _, Arc::new(word(&by, self.who)) as _, Arc::new(at) as _]);
        Ok((catalogue::batch(history::decision_schema(), columns)?, rows.clone().filter(|row| is_it(*row)).count()))
    }
}

/// Whoever decides says on what ground.
pub(super) fn grounded(ground: &str) -> Result<(), Error> {
    if ground.trim().is_empty() {
        return Err(Error::asked("a decision has no ground", "say with --ground by what it can be seen, as a file number"));
    }
    Ok(())
}

async fn all(session: &Session) -> Result<Batches, Error> {
    let schema = history::decision_schema();
    let columns: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    Ok(session.read(history::DECISION, &columns, clock::now_ms()).await?)
}

async fn numbers(session: &Session) -> Result<Vec<i64>, Error> {
    let (mut batches, mut found) = (all(session).await?, Vec::new());
    while let Some(batch) = batches.next().await.transpose()? {
        found.extend(cells::numbers(&batch, "decision")?.values());
    }
    Ok(found)
}

fn print(common: &Common, written: &Written) -> Result<(), Error> {
    output::print(common, written, |Written { decision, verdict, pairs }| {
        format!("decision {decision}: {verdict}, {pairs} pairs of records; `wuwei refresh` carries it out\n")
    })
}
