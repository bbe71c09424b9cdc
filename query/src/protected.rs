//! Who is kept back whoever asks: restricted persons, who are in no answer, and those under 14, who are masked. Found from the tables of
//! one epoch by the program itself; what a table's rows have to do with them, `barrier` knows.

mod numbers;

use crate::{Error, Session};
use arrow_array::{Array as _, RecordBatch, StringArray, cast::AsArray as _, types::Int64Type};
use arrow_cast::cast;
use arrow_schema::DataType;
use futures::TryStreamExt as _;
pub(crate) use numbers::Numbers;
use std::collections::{BTreeSet, HashSet};
use wuwei_schema::{Category, EntityType, Kind, Model, contract, history, table};

/// Numbers named in one question.
const TOGETHER: usize = 2_000;
/// Rows' ranges asked for in one question.
const RANGES: usize = 50;
/// The shortest identifier that is looked for in texts.
const TELLING: usize = 6;

/// Persons all of whose processing but storage was stopped, and whatever speaks of them.
#[derive(Debug, Default)]
pub(crate) struct Restricted {
    /// Their records, those that stand no more too, and the events of the rows that these came with.
    pub(crate) records: Numbers,
    pub(crate) entities: Numbers,
    /// What identifies them, for rows that came since the last resolution and for rows that were refused.
    pub(crate) identifiers: HashSet<String>,
}

impl Restricted {
    pub(crate) fn is_empty(&self) -> bool {
        self.records.is_empty() && self.entities.is_empty()
    }

    /// Whether a text names one of them by an identifier.
    pub(crate) fn names(&self, text: &str) -> bool {
        self.identifiers.iter().any(|identifier| identifier.len() >= TELLING && text.contains(identifier.as_str()))
    }

    /// As the tables of the session's epoch have them.
    ///
    /// # Errors
    /// A table cannot be read.
    pub(crate) async fn read(own: &Session, model: &Model, at_ms: i64) -> Result<Restricted, Error> {
        let (mut entities, mut records) = written(own, at_ms).await?;
        if entities.is_empty() {
            return Ok(Restricted::default());
        }
        // A number leads to another, a record to an entity, an entity to more records; whatever has been theirs stays so.
        loop {
            let known = (entities.len(), records.len());
            for ids in chunks(&entities) {
                let question = format!("SELECT to_id FROM {} WHERE from_id IN ({ids})", history::REDIRECT);
                entities.extend(numbers(&own.own(&question, at_ms).await?, 0)?);
            }
            for ids in chunks(&records) {
                let question = format!("SELECT entity_id FROM {} WHERE record_id IN ({ids})", table::LINK);
                entities.extend(numbers(&own.own(&question, at_ms).await?, 0)?);
            }
            for ids in chunks(&entities) {
                for table in [table::LINK, history::FORMER] {
                    let question = format!("SELECT record_id FROM {table} WHERE entity_id IN ({ids})");
                    records.extend(numbers(&own.own(&question, at_ms).await?, 0)?);
                }
            }
            if known == (entities.len(), records.len()) {
                break;
            }
        }
        let (identifiers, extracts) = said(own, model, &records, at_ms).await?;
        let (event_records, event_entities) = events(own, model, &records, &extracts, at_ms).await?;
        records.extend(event_records);
        entities.extend(event_entities);
        Ok(Restricted { records: Numbers::of(records), entities: Numbers::of(entities), identifiers })
    }
}

/// The persons and records of restrictions that hold.
async fn written(own: &Session, at_ms: i64) -> Result<(BTreeSet<i64>, BTreeSet<i64>), Error> {
    let lifted = format!("SELECT restriction FROM {} WHERE state = 'lifted'", contract::RESTRICTED);
    let lifted = numbers(&own.own(&lifted, at_ms).await?, 0)?;
    let (mut entities, mut records) = (BTreeSet::new(), BTreeSet::new());
    for batch in own.own(&format!("SELECT restriction, entity_id, record_id FROM {}", contract::RESTRICTED), at_ms).await? {
        let [restriction, entity, record] = [0, 1, 2].map(|at| batch.column(at).as_primitive::<Int64Type>());
        for row in (0..batch.num_rows()).filter(|row| !lifted.contains(&restriction.value(*row))) {
            entities.insert(entity.value(row));
            records.insert(record.value(row));
        }
    }
    Ok((entities, records))
}

/// What alone identifies the people of these records, and the extracts that the standing ones are of.
async fn said(own: &Session, model: &Model, records: &BTreeSet<i64>, at_ms: i64) -> Result<(HashSet<String>, BTreeSet<String>), Error> {
    let (mut found, mut extracts) = (HashSet::new(), BTreeSet::new());
    for entity in people(model) {
        let identify = entity.matching.iter().flat_map(|matching| &matching.identify);
        let alone = identify.filter(|values| values.len() == 1).flatten().map(|name| format!("\"{name}\""));
        let columns: Vec<String> = std::iter::once("extract".to_owned()).chain(alone).collect();
        for ids in chunks(records) {
            let question = format!("SELECT {} FROM record.{} WHERE record_id IN ({ids})", columns.join(", "), entity.name);
            for batch in own.own(&question, at_ms).await? {
                extracts.extend(texts(batch.column(0))?.iter().flatten().map(str::to_owned));
                for column in &batch.columns()[1..] {
                    found.extend(texts(column)?.iter().flatten().map(str::to_owned));
                }
            }
        }
    }
    Ok((found, extracts))
}

/// The events that came in one row with one of these records: numbers of their records and of the events.
async fn events(
    own: &Session,
    model: &Model,
    records: &BTreeSet<i64>,
    extracts: &BTreeSet<String>,
    at_ms: i64,
) -> Result<(BTreeSet<i64>, BTreeSet<i64>), Error> {
    let mut ranges = BTreeSet::new();
    for extract in own.extracts().filter(|table| table.strip_prefix("raw.").is_some_and(|name| extracts.contains(name))) {
        for some in records.iter().collect::<Vec<_>>().chunks(RANGES) {
            let within: Vec<String> = some.iter().map(|record| format!("first_record <= {record} AND last_record >= {record}")).collect();
            let question = format!("SELECT first_record, last_record FROM {extract} WHERE {}", within.join(" OR "));
            let found = own.own(&question, at_ms).await?;
            ranges.extend(numbers(&found, 0)?.into_iter().zip(numbers(&found, 1)?));
        }
    }
    let types = model.entities.values().filter(|entity| entity.category == Category::Event).map(|entity| format!("'{}'", entity.name));
    let types = types.collect::<Vec<_>>().join(", ");
    let (mut event_records, mut event_entities) = (BTreeSet::new(), BTreeSet::new());
    for some in ranges.iter().collect::<Vec<_>>().chunks(RANGES).filter(|_| !types.is_empty()) {
        let within: Vec<String> = some.iter().map(|(first, last)| format!("record_id BETWEEN {first} AND {last}")).collect();
        let question = format!("SELECT record_id, entity_id FROM {} WHERE entity IN ({types}) AND ({})", table::LINK, within.join(" OR "));
        let found = own.own(&question, at_ms).await?;
        event_records.extend(numbers(&found, 0)?);
        event_entities.extend(numbers(&found, 1)?);
    }
    Ok((event_records, event_entities))
}

/// Those under 14 on a day.
#[derive(Debug, Default)]
pub(crate) struct Minors {
    pub(crate) records: Numbers,
    pub(crate) entities: Numbers,
    /// Whoever was born later is under 14, ISO 8601.
    born_after: String,
}

impl Minors {
    /// As the tables of the session's epoch have them on `day`, ISO 8601. Whose birth nothing tells is none of them.
    ///
    /// # Errors
    /// A table cannot be read.
    pub(crate) async fn read(own: &Session, model: &Model, day: &str, at_ms: i64) -> Result<Minors, Error> {
        let mut minors = Minors { born_after: fourteen_years_before(day), ..Minors::default() };
        let mut entities = Vec::new();
        for entity in people(model) {
            let columns = births(entity);
            if columns.is_empty() {
                continue;
            }
            let question = format!("SELECT entity_id, {} FROM entity.{}", columns.join(", "), entity.name);
            let mut batches = own.own_stream(&question, at_ms).await?;
            while let Some(batch) = batches.try_next().await? {
                let ids = batch.column(0).as_primitive::<Int64Type>();
                for column in &batch.columns()[1..] {
                    let births = texts(column)?;
                    entities.extend(
                        (0..births.len())
                            .filter(|row| births.is_valid(*row) && minors.is_birth_of_one(births.value(*row)))
                            .map(|row| ids.value(row)),
                    );
                }
            }
        }
        minors.entities = Numbers::of(entities);
        let mut records = Vec::new();
        let mut batches = own.own_stream(&format!("SELECT record_id, entity_id FROM {}", table::LINK), at_ms).await?;
        while let Some(batch) = batches.try_next().await? {
            let (ids, of) = (batch.column(0).as_primitive::<Int64Type>(), batch.column(1).as_primitive::<Int64Type>());
            records.extend((0..batch.num_rows()).filter(|row| minors.entities.has(of.value(*row))).map(|row| ids.value(row)));
        }
        minors.records = Numbers::of(records);
        Ok(minors)
    }

    /// Whether whoever has this birth date, or an identifier that holds one, is under 14. A date of a year or a month counts by its end.
    pub(crate) fn is_birth_of_one(&self, value: &str) -> bool {
        let born = match wuwei_schema::kind::citizen_id::birth_date(value) {
            Some(born) => born,
            None if value.as_bytes().get(4).is_none_or(|sign| *sign == b'-') => value.to_owned(),
            None => return false,
        };
        let known = &self.born_after[..self.born_after.len().min(born.len())];
        if born.len() < 10 { born.as_str() >= known } else { born.as_str() > known }
    }
}

/// 14 years before a day: whoever was born then has just had that birthday.
fn fourteen_years_before(day: &str) -> String {
    let (year, rest) = day.split_at(4.min(day.len()));
    format!("{:04}{rest}", year.parse::<u32>().unwrap_or_default().saturating_sub(14))
}

fn people(model: &Model) -> impl Iterator<Item = &EntityType> {
    model.entities.values().filter(|entity| entity.category == Category::Person)
}

/// The properties that tell when somebody was born.
fn births(entity: &EntityType) -> Vec<String> {
    let tells = |property: &&wuwei_schema::Property| property.kind == Kind::CitizenId || property.name == crate::shape::BIRTH;
    entity.properties.iter().filter(tells).map(|property| format!("\"{}\"", property.name)).collect()
}

fn chunks(numbers: &BTreeSet<i64>) -> impl Iterator<Item = String> + use<> {
    let all: Vec<String> = numbers.iter().map(i64::to_string).collect();
    all.chunks(TOGETHER).map(|some| some.join(", ")).collect::<Vec<_>>().into_iter()
}

fn numbers(batches: &[RecordBatch], column: usize) -> Result<BTreeSet<i64>, Error> {
    let mut all = BTreeSet::new();
    for batch in batches {
        let column = batch.column(column).as_primitive_opt::<Int64Type>().ok_or(Error::Engine { detail: "a number is none" })?;
        all.extend(column.iter().flatten());
    }
    Ok(all)
}

fn texts(column: &arrow_array::ArrayRef) -> Result<StringArray, Error> {
    let column = cast(column, &DataType::Utf8).map_err(|_| Error::Engine { detail: "a text is none" })?;
    Ok(column.as_string::<i32>().clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_under_fourteen_until_that_birthday_and_while_it_may_be() {
        let minors = Minors { born_after: fourteen_years_before("2026-11-28"), ..Minors::default() };
        for (born, young) in [
            ("2012-11-29", true),
            ("2012-11-28", false),
            ("2012", true),
            ("2012-11", true),
            ("2012-10", false),
            ("2011", false),
            ("990101201303070011", true),
            ("990101198503070017", false),
            ("", true),
        ] {
            assert_eq!(minors.is_birth_of_one(born), young, "{born:?}");
        }
    }
}
