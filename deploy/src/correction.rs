//! 更正申请: what is said to be wrong in a department's record, asked of that department, and what became of it. A row of `contract.correction`
//! names records and a property, never what they say: whoever reads it sees of these records what the policies let them see.

use crate::{
    Error, catalogue, cells, clock,
    gather::{numbers, rows},
    hub::Hub,
};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use wuwei_lake::{Commit, Publisher};
use wuwei_query::Session;
use wuwei_schema::contract;

/// Requests of one answer, at most.
const MOST: usize = 1_000;
/// Records of an entity that are looked at for what says otherwise, at most.
const RECORDS: usize = 500;
/// Records named in one question.
const TOGETHER: usize = 4_000;

/// A request, as whoever asks sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Correction {
    /// Its number.
    pub correction: i64,
    /// The department whose record it is.
    pub department: String,
    /// The entity type.
    pub entity: String,
    /// The record.
    pub record_id: i64,
    /// The property that is said to be wrong.
    pub property: String,
    /// What the record says, where the reader sees it.
    pub says: Option<Said>,
    /// What other records of the same entity say, as far as the reader sees them.
    pub others: Vec<Said>,
    /// Why it is said to be wrong.
    pub ground: String,
    /// Who asked.
    pub who: String,
    /// For which department.
    pub asked_by: Option<String>,
    /// The day, ISO 8601.
    pub day: String,
    /// `open`, `corrected` or `refused`.
    pub state: String,
    /// What the department says.
    pub answer: Option<String>,
    /// Who settled it.
    pub settled_by: Option<String>,
    /// Numbers of the other records, before they are read.
    #[serde(skip)]
    named: Vec<i64>,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The record.
    pub record_id: i64,
    /// Whose it is.
    pub department: String,
    /// Its extract.
    pub extract: String,
    /// The row as a spreadsheet numbers it.
    pub row: i64,
    /// The value, masked where the reader sees it so.
    pub value: Option<String>,
}

/// Of which requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Open,
    All,
}

/// How a request is settled.
#[derive(Debug, Clone)]
pub(crate) struct Settled<'a> {
    pub(crate) correction: i64,
    /// `corrected` or `refused`.
    pub(crate) state: &'a str,
    pub(crate) answer: &'a str,
}

/// The requests that whoever asks sees, the oldest first: of those that are open the oldest, of all the newest, where there are too many.
///
/// # Errors
/// A question is refused, or the look cannot be accounted for.
pub(crate) async fn list(hub: &Hub, session: &Session, wanted: Wanted) -> Result<Vec<Correction>, Error> {
    let look = session.begin("correct", &format!("{wanted:?}"), &[], clock::now_ms())?;
    let only = if wanted == Wanted::Open { "state = 'open'" } else { "true" };
    let found = found(look.session(), only, wanted).await?;
    let of: BTreeMap<String, BTreeSet<i64>> = found.iter().fold(BTreeMap::new(), |mut of, correction| {
        of.entry(correction.entity.clone()).or_default().insert(correction.record_id);
        of
    });
    let mut persons = Vec::new();
    for (name, records) in &of {
        persons.extend(entities(look.session(), records).await?.into_iter().map(|id| (name.as_str(), id)));
    }
    look.close(hub.persons(persons.into_iter()), found.len() as u64).await?;
    Ok(found)
}

/// The requests of some records, for their entity's file.
///
/// # Errors
/// A question is refused.
pub(crate) async fn of_records(session: &Session, records: &[i64]) -> Result<Vec<Correction>, Error> {
    if records.is_empty() || session.withheld(contract::CORRECTION)?.closed {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for some in records.chunks(TOGETHER) {
        all.extend(found(session, &format!("record_id IN ({})", numbers(some)), Wanted::All).await?);
    }
    Ok(all)
}

/// Asks a department to put right what its record says of a property. Returns the request.
///
/// # Errors
/// There is no such record that whoever asks sees, it says nothing of the property, or it cannot be written or accounted for.
pub(crate) async fn ask(
    hub: &Hub,
    mut publisher: Publisher,
    who: &Session,
    (record, property, ground): (i64, &str, &str),
) -> Result<Correction, Error> {
    let session = hub.session_of(who.principal().clone(), who.purpose().clone())?;
    let look = session.begin("correct", &format!("ask {record} {property} {ground}"), &[], clock::now_ms())?;
    let session = look.session();
    let nobody = || Error::asked(format!("there is no record {record}"), "the file of a person names the record of each value");
    let link = rows(session, &format!("SELECT entity, entity_id FROM graph.link WHERE record_id = {record}")).await?;
    let link = link.iter().find(|batch| batch.num_rows() > 0).ok_or_else(nobody)?;
    let (name, id) = (cells::texts(link, "entity")?.value(0).to_owned(), cells::numbers(link, "entity_id")?.value(0));
    let entity = hub.definitions.model.entity(&name).ok_or_else(nobody)?;
    if entity.property(property).is_none() {
        let known = entity.properties.iter().map(|property| property.name.as_str());
        return Err(Error::asked(format!("`{name}` has no such property"), wuwei_schema::nearest(property, known)));
    }
    let mut records = vec![record];
    let its = format!("SELECT record_id FROM graph.link WHERE entity_id = {id} ORDER BY record_id LIMIT {RECORDS}");
    for batch in rows(session, &its).await? {
        records.extend(cells::numbers(&batch, "record_id")?.values());
    }
    let said = said(session, &name, property, &records).await?;
    let own = said.get(&record).filter(|own| own.value.is_some()).cloned().ok_or_else(nobody)?;
    let others: Vec<Said> = said.into_values().filter(|other| other.value.is_some() && other.value != own.value).collect();
    let correction = Correction {
        correction: last(&hub.stage("correct")?).await? + 1,
        department: own.department.clone(),
        entity: name.clone(),
        record_id: record,
        property: property.to_owned(),
        named: others.iter().map(|other| other.record_id).collect(),
        says: Some(own),
        others,
        ground: ground.trim().to_owned(),
        who: who.principal().name().to_owned(),
        asked_by: who.principal().department().map(str::to_owned),
        day: clock::date(clock::now_ms()),
        state: "open".to_owned(),
        answer: None,
        settled_by: None,
    };
    publisher.write(contract::CORRECTION, &row(&correction)?).await?;
    publisher.commit(Commit::Replace { tables: Vec::new() }, contract::CORRECTION).await?;
    publisher.publish(|_| {}).await?;
    look.close(hub.persons([(name.as_str(), id)].into_iter()), 1).await?;
    Ok(correction)
}

/// Settles a request, for the department whose record it is, or for whoever acts for none.
///
/// # Errors
/// There is no such open request that whoever asks sees, it is another department's, or it cannot be written or accounted for.
pub(crate) async fn settle(hub: &Hub, mut publisher: Publisher, who: &Session, settled: &Settled<'_>) -> Result<Correction, Error> {
    let session = hub.session_of(who.principal().clone(), who.purpose().clone())?;
    let look = session.begin("correct", &format!("{settled:?}"), &[], clock::now_ms())?;
    let number = settled.correction;
    let open = found(look.session(), &format!("correction = {number} AND state = 'open'"), Wanted::Open).await?;
    let nothing = || Error::asked(format!("there is no open request {number}"), "`wuwei correct list` shows those that are yours");
    let mut correction = open.into_iter().next().ok_or_else(nothing)?;
    if who.principal().department().is_some_and(|department| department != correction.department) {
        return Err(nothing());
    }
    let all = rows(&hub.stage("correct")?, &format!("SELECT * FROM {} ORDER BY correction", contract::CORRECTION)).await?;
    for batch in all {
        publisher.write(contract::CORRECTION, &applied(&batch, settled, who.principal().name())?).await?;
    }
    let tables = vec![(contract::CORRECTION.to_owned(), contract::correction())];
    publisher.commit(Commit::Replace { tables }, contract::CORRECTION).await?;
    publisher.publish(|_| {}).await?;
    let ids = entities(look.session(), &[correction.record_id].into()).await?;
    look.close(hub.persons(ids.iter().map(|id| (correction.entity.as_str(), *id))), 1).await?;
    settled.state.clone_into(&mut correction.state);
    correction.answer = Some(settled.answer.trim().to_owned());
    correction.settled_by = Some(who.principal().name().to_owned());
    Ok(correction)
}

async fn found(session: &Session, only: &str, wanted: Wanted) -> Result<Vec<Correction>, Error> {
    let order = if wanted == Wanted::Open { "ASC" } else { "DESC" };
    let question = format!(
        "SELECT *, CAST(CAST(at AS DATE) AS VARCHAR) AS day FROM {} WHERE {only} ORDER BY correction {order} LIMIT {MOST}",
        contract::CORRECTION
    );
    let mut found = Vec::new();
    for batch in rows(session, &question).await? {
        found.extend(corrections_of(&batch)?);
    }
    found.sort_by_key(|correction| correction.correction);
    let mut wanted: BTreeMap<(String, String), Vec<i64>> = BTreeMap::new();
    for correction in &found {
        let of = wanted.entry((correction.entity.clone(), correction.property.clone())).or_default();
        of.extend(correction.named.iter().copied().chain([correction.record_id]));
    }
    for ((entity, property), records) in wanted {
        let said = said(session, &entity, &property, &records).await?;
        for correction in found.iter_mut().filter(|correction| correction.entity == entity && correction.property == property) {
            correction.says = said.get(&correction.record_id).cloned();
            correction.others = correction.named.iter().filter_map(|record| said.get(record).cloned()).collect();
        }
    }
    Ok(found)
}

fn corrections_of(batch: &RecordBatch) -> Result<Vec<Correction>, Error> {
    let (numbers, records) = (cells::numbers(batch, "correction")?, cells::numbers(batch, "record_id")?);
    let names = ["department", "entity", "property", "others", "ground", "who", "asked_by", "day", "state", "answer", "settled_by"];
    let texts = names.iter().map(|name| cells::texts(batch, name)).collect::<Result<Vec<_>, _>>()?;
    let correction = |row: usize| {
        let optional = |at: usize| cells::text(&texts[at], row).map(str::to_owned);
        let text = |at: usize| optional(at).unwrap_or_default();
        Correction {
            correction: numbers.value(row),
            department: text(0),
            entity: text(1),
            record_id: records.value(row),
            property: text(2),
            says: None,
            others: Vec::new(),
            ground: text(4),
            who: text(5),
            asked_by: optional(6),
            day: text(7),
            state: text(8),
            answer: optional(9),
            settled_by: optional(10),
            named: text(3).split(',').filter_map(|number| number.parse().ok()).collect(),
        }
    };
    Ok((0..batch.num_rows()).map(correction).collect())
}

/// What records say of a property, by record, as whoever asks sees it; nothing where they see none of that type.
async fn said(session: &Session, entity: &str, property: &str, records: &[i64]) -> Result<BTreeMap<i64, Said>, Error> {
    if session.withheld(&format!("record.{entity}"))?.closed {
        return Ok(BTreeMap::new());
    }
    let question = format!(
        "SELECT record_id, department, extract, \"row\", CAST(\"{property}\" AS VARCHAR) AS value FROM record.{entity} WHERE record_id IN ({})",
        numbers(records)
    );
    let mut found = BTreeMap::new();
    for batch in rows(session, &question).await? {
        let (records, lines) = (cells::numbers(&batch, "record_id")?, cells::numbers(&batch, "row")?);
        let [departments, extracts, values] = ["department", "extract", "value"].map(|name| cells::texts(&batch, name));
        let (departments, extracts, values) = (departments?, extracts?, values?);
        let text = |column: &StringArray, row: usize| cells::text(column, row).filter(|text| !text.is_empty()).map(str::to_owned);
        found.extend((0..batch.num_rows()).map(|row| {
            let said = Said {
                record_id: records.value(row),
                department: text(&departments, row).unwrap_or_default(),
                extract: text(&extracts, row).unwrap_or_default(),
                row: lines.value(row),
                value: text(&values, row),
            };
            (said.record_id, said)
        }));
    }
    Ok(found)
}

/// The entities of records; none where whoever asks sees no links.
async fn entities(session: &Session, records: &BTreeSet<i64>) -> Result<BTreeSet<i64>, Error> {
    let mut found = BTreeSet::new();
    if !records.is_empty() && !session.withheld("graph.link")?.closed {
        let list = numbers(&records.iter().copied().collect::<Vec<_>>());
        for batch in rows(session, &format!("SELECT DISTINCT entity_id FROM graph.link WHERE record_id IN ({list})")).await? {
            found.extend(cells::numbers(&batch, "entity_id")?.values().iter().copied());
        }
    }
    Ok(found)
}

async fn last(session: &Session) -> Result<i64, Error> {
    let mut last = 0;
    for batch in rows(session, &format!("SELECT correction FROM {} ORDER BY correction DESC LIMIT 1", contract::CORRECTION)).await? {
        last = cells::numbers(&batch, "correction")?.values().first().copied().unwrap_or(last).max(last);
    }
    Ok(last)
}

fn row(correction: &Correction) -> Result<RecordBatch, Error> {
    let number = |number: i64| Arc::new(Int64Array::from(vec![number])) as ArrayRef;
    let word = |word: &str| Arc::new(StringArray::from(vec![word])) as ArrayRef;
    let columns = vec![
        number(correction.correction),
        word(&correction.department),
        word(&correction.entity),
        number(correction.record_id),
        word(&correction.property),
        word(&numbers(&correction.named).replace(' ', "")),
        word(&correction.ground),
        word(&correction.who),
        Arc::new(StringArray::from(vec![correction.asked_by.as_deref()])),
        Arc::new(TimestampMillisecondArray::from(vec![clock::now_ms()])),
        word(&correction.state),
        Arc::new(StringArray::new_null(1)),
        Arc::new(StringArray::new_null(1)),
        Arc::new(TimestampMillisecondArray::new_null(1)),
    ];
    catalogue::batch(contract::correction(), columns)
}

/// The rows with one of them settled.
fn applied(batch: &RecordBatch, settled: &Settled<'_>, who: &str) -> Result<RecordBatch, Error> {
    let numbers = cells::numbers(batch, "correction")?;
    let is_it = |row: usize| numbers.value(row) == settled.correction;
    let rows = 0..batch.num_rows();
    let word = |name: &str, word: &str| -> Result<ArrayRef, Error> {
        let kept = cells::texts(batch, name)?;
        let words = rows.clone().map(|row| if is_it(row) { Some(word.to_owned()) } else { cells::text(&kept, row).map(str::to_owned) });
        Ok(Arc::new(words.collect::<StringArray>()))
    };
    let times = crate::pipeline::times(batch, "settled_at")?;
    let at: TimestampMillisecondArray = rows.clone().map(|row| if is_it(row) { Some(clock::now_ms()) } else { times[row] }).collect();
    let mut columns = Vec::new();
    for field in contract::correction().fields() {
        columns.push(match field.name().as_str() {
            "state" => word("state", settled.state)?,
            "answer" => word("answer", settled.answer.trim())?,
            "settled_by" => word("settled_by", who)?,
            "settled_at" => Arc::new(at.clone()) as ArrayRef,
            name if *field.data_type() == arrow_schema::DataType::Utf8 => Arc::new(cells::texts(batch, name)?),
            name => batch.column_by_name(name).cloned().ok_or_else(|| Error::defect("a request to correct lacks a column"))?,
        });
    }
    catalogue::batch(contract::correction(), columns)
}
