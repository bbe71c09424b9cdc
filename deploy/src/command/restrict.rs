//! `wuwei restrict`: stops all processing of a person but storage (个人信息保护法 article 47), or lifts that. It is written down once for all that
//! follows: rows are only added, and the door keeps the person out of every answer. Who writes it down need not see the person.

use super::decide::grounded;
use crate::{Error, catalogue, cells, cli::Common, clock, gather, hub::Hub, output};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use serde::Serialize;
use std::{collections::BTreeSet, sync::Arc};
use wuwei_lake::Commit;
use wuwei_query::Session;
use wuwei_schema::{Category, contract};

/// What was written down.
#[derive(Serialize)]
struct Written {
    restriction: i64,
    state: &'static str,
    records: usize,
}

/// A person with the records that are theirs.
struct Whom {
    entity: String,
    id: i64,
    records: Vec<i64>,
}

pub(super) async fn run(common: &Common, id: i64, ground: &str, lift: bool) -> Result<(), Error> {
    let mut hub = Hub::open(common, "restrict").await?;
    grounded(ground)?;
    let mut publisher = hub.publisher().await?;
    let (what, state) = if lift { ("lift", "lifted") } else { ("restrict", "restricted") };
    hub.session()?.look("restrict", &format!("{what} {id}"), clock::now_ms())?;
    let session = hub.stage("restrict")?;
    let known = restrictions(&session).await?;
    let (restriction, whom) = match lift {
        true if !known.contains(&id) => {
            let hint = "`wuwei sql \"SELECT * FROM contract.restricted\"` shows them";
            return Err(Error::asked(format!("there is no restriction {id} that holds"), hint));
        }
        true => (id, restricted(&session, id).await?),
        false => (last(&session).await? + 1, person(&hub, &session, id).await?),
    };
    let rows = rows(restriction, &whom, state, ground.trim(), hub.asker())?;
    publisher.write(contract::RESTRICTED, &rows).await?;
    publisher.commit(Commit::Replace { tables: Vec::new() }, contract::RESTRICTED).await?;
    publisher.publish(|_| {}).await?;
    output::print(common, &Written { restriction, state, records: whom.records.len() }, |Written { restriction, state, records }| {
        format!("restriction {restriction}: {state}, {records} records\n")
    })
}

/// The person that has this number now, with all records.
async fn person(hub: &Hub, session: &Session, id: i64) -> Result<Whom, Error> {
    let id = gather::present(session, id).await?;
    let found = session
        .sql(&format!("SELECT record_id, entity FROM graph.link WHERE entity_id = {id} ORDER BY record_id"), clock::now_ms())
        .await?;
    let mut whom = Whom { entity: String::new(), id, records: Vec::new() };
    for batch in found.batches.iter().filter(|batch| batch.num_rows() > 0) {
        whom.records.extend(cells::numbers(batch, "record_id")?.values());
        whom.entity = cells::texts(batch, "entity")?.value(0).to_owned();
    }
    let is_person = hub.definitions.model.entity(&whom.entity).is_some_and(|entity| entity.category == Category::Person);
    if is_person { Ok(whom) } else { Err(Error::asked(format!("there is no person {id}"), "give the number that the person's file has")) }
}

/// What a restriction is of.
async fn restricted(session: &Session, restriction: i64) -> Result<Whom, Error> {
    let question =
        format!("SELECT record_id, entity_id, entity FROM {} WHERE restriction = {restriction} ORDER BY record_id", contract::RESTRICTED);
    let mut whom = Whom { entity: String::new(), id: 0, records: Vec::new() };
    for batch in session.sql(&question, clock::now_ms()).await?.batches.iter().filter(|batch| batch.num_rows() > 0) {
        whom.records.extend(cells::numbers(batch, "record_id")?.values());
        whom.id = cells::numbers(batch, "entity_id")?.value(0);
        whom.entity = cells::texts(batch, "entity")?.value(0).to_owned();
    }
    Ok(whom)
}

/// Those that hold.
async fn restrictions(session: &Session) -> Result<BTreeSet<i64>, Error> {
    let table = contract::RESTRICTED;
    let question =
        format!("SELECT restriction FROM {table} WHERE restriction NOT IN (SELECT restriction FROM {table} WHERE state = 'lifted')");
    numbers(session, &question).await
}

async fn last(session: &Session) -> Result<i64, Error> {
    Ok(numbers(session, &format!("SELECT restriction FROM {}", contract::RESTRICTED)).await?.last().copied().unwrap_or_default())
}

async fn numbers(session: &Session, question: &str) -> Result<BTreeSet<i64>, Error> {
    let mut found = BTreeSet::new();
    for batch in session.sql(question, clock::now_ms()).await?.batches {
        found.extend(cells::numbers(&batch, "restriction")?.values());
    }
    Ok(found)
}

fn rows(restriction: i64, whom: &Whom, state: &str, ground: &str, who: &str) -> Result<RecordBatch, Error> {
    let count = whom.records.len();
    let number = |number: i64| Arc::new(Int64Array::from(vec![number; count])) as ArrayRef;
    let word = |word: &str| Arc::new(StringArray::from_iter_values(std::iter::repeat_n(word, count))) as ArrayRef;
    let columns = vec![
        number(restriction),
        word(&whom.entity),
        number(whom.id),
        Arc::new(Int64Array::from(whom.records.clone())),
        word(state),
        word(ground),
        word(who),
        Arc::new(TimestampMillisecondArray::from(vec![clock::now_ms(); count])),
    ];
    catalogue::batch(contract::restricted(), columns)
}
