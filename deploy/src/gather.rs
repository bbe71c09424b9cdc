//! What is known about one entity, read through a session: the rows that its file is made of. Every table is asked in SQL, so that whatever
//! the door hides is hidden here too.

use crate::{Error, cells, clock};
use arrow_array::{Array as _, RecordBatch};
use std::collections::{BTreeMap, BTreeSet};
use wuwei_graph::Gathered;
use wuwei_query::Session;
use wuwei_schema::{Category, EntityType, Model, table};

/// The relations by which somebody belongs to a household.
const MEMBERSHIP: &str = "('member_of', 'head_of')";
/// The relations by which somebody lives or is registered somewhere.
const RESIDENCE: &str = "('lives_at', 'registered_at', 'rents')";

/// Entities asked for together: a division has more dwellings than one question may name.
const TOGETHER: usize = 4_000;

/// Entity type and rows of one entity.
///
/// # Errors
/// There is no such entity, or a question is refused.
pub(crate) async fn entity<'a>(session: &Session, model: &'a Model, id: i64) -> Result<(&'a EntityType, Gathered), Error> {
    let id = present(session, id).await?;
    let entity = type_of(session, model, id).await?;
    let edges = rows(session, &format!("SELECT * FROM graph.edge WHERE source = {id} OR target = {id}")).await?;
    gather(session, model, entity, id, edges).await
}

/// Entity type and rows of a household, given by its own number or by a member's.
///
/// # Errors
/// There is no such household, or a question is refused.
pub(crate) async fn household<'a>(session: &Session, model: &'a Model, id: i64) -> Result<(&'a EntityType, Gathered), Error> {
    let id = household_of(session, present(session, id).await?).await?;
    let entity = type_of(session, model, id).await?;
    let members = format!("SELECT source FROM graph.edge WHERE target = {id} AND relation IN {MEMBERSHIP}");
    let edges = rows(session, &format!("SELECT * FROM graph.edge WHERE source = {id} OR target = {id} OR source IN ({members})")).await?;
    gather(session, model, entity, id, edges).await
}

/// A household is what members lead to; whoever is none is looked up by membership.
async fn household_of(session: &Session, id: i64) -> Result<i64, Error> {
    let question = format!("SELECT target FROM graph.edge WHERE source = {id} AND relation IN {MEMBERSHIP} ORDER BY target LIMIT 1");
    let found = rows(session, &question).await?;
    Ok(numbers(&found, "target")?.first().copied().unwrap_or(id))
}

/// The number that an entity has now, which is another when it was merged.
///
/// # Errors
/// A question is refused.
pub(crate) async fn present(session: &Session, id: i64) -> Result<i64, Error> {
    let found = rows(session, &format!("SELECT to_id FROM graph.redirect WHERE from_id = {id}")).await?;
    Ok(numbers(&found, "to_id")?.first().copied().unwrap_or(id))
}

async fn type_of<'a>(session: &Session, model: &'a Model, id: i64) -> Result<&'a EntityType, Error> {
    let named = rows(session, &format!("SELECT entity FROM graph.link WHERE entity_id = {id} LIMIT 1")).await?;
    let name = texts(&named, "entity")?.into_iter().next();
    match name.and_then(|name| model.entity(&name)) {
        Some(entity) => Ok(entity),
        None => Err(missing(session, id).await?),
    }
}

/// An entity that was, or a number that never was one's.
async fn missing(session: &Session, id: i64) -> Result<Error, Error> {
    let last = format!("SELECT CAST(max(at) AS VARCHAR) AS at FROM graph.lineage WHERE event = 'retired' AND from_id = {id}");
    let found = texts(&rows(session, &last).await?, "at")?.into_iter().next().unwrap_or_default();
    Ok(match found.get(..10) {
        Some(day) => Error::asked(
            format!("entity {id} is no more since {day}: none of its records stands"),
            "`graph.member` and `graph.lineage` keep what it was",
        ),
        None => nobody(id),
    })
}

/// A number that nobody has whom whoever asks sees.
pub(crate) fn nobody(id: i64) -> Error {
    Error::asked(format!("there is no entity {id}"), "`wuwei people` finds numbers")
}

/// Who lives or lived at these places: edges and captions.
///
/// # Errors
/// A question is refused.
pub(crate) async fn residents(session: &Session, model: &Model, places: &BTreeSet<i64>) -> Result<Gathered, Error> {
    let (mut gathered, places) = (Gathered::default(), places.iter().copied().collect::<Vec<_>>());
    for part in places.chunks(TOGETHER) {
        let question = format!("SELECT * FROM graph.edge WHERE target IN ({}) AND relation IN {RESIDENCE}", list(part));
        gathered.edges.extend(rows(session, &question).await?);
    }
    for (other, ids) in &ends(&gathered.edges)? {
        if let Some(other) = model.entity(other) {
            captions(session, other, ids, &mut gathered.captions).await?;
        }
    }
    Ok(gathered)
}

async fn gather<'a>(
    session: &Session,
    model: &Model,
    entity: &'a EntityType,
    id: i64,
    edges: Vec<RecordBatch>,
) -> Result<(&'a EntityType, Gathered), Error> {
    let ends = ends(&edges)?;
    let mut gathered = Gathered { entity_id: id, edges, ..Gathered::default() };
    let mut wanted: BTreeMap<&str, BTreeSet<i64>> = [(entity.name.as_str(), BTreeSet::from([id]))].into();
    for (other, ids) in &ends {
        let is_event = model.entity(other).is_some_and(|other| other.category == Category::Event);
        if is_event && !session.withheld(&format!("record.{other}"))?.closed {
            wanted.entry(other).or_default().extend(ids);
        }
    }
    for (name, ids) in &wanted {
        let of = list(ids);
        let records = format!(
            "SELECT r.* FROM record.{name} r JOIN graph.link l ON l.record_id = r.record_id WHERE l.entity_id IN ({of}) ORDER BY r.record_id"
        );
        gathered.records.extend(rows(session, &records).await?.into_iter().map(|batch| ((*name).to_owned(), batch)));
        gathered.links.extend(rows(session, &format!("SELECT * FROM graph.link WHERE entity_id IN ({of}) ORDER BY record_id")).await?);
    }
    let pairs = format!(
        "SELECT p.* FROM graph.pair p JOIN graph.link l ON l.record_id = p.\"left\" WHERE l.entity_id = {id} ORDER BY p.\"left\", p.\"right\""
    );
    if !session.withheld(table::PAIR)?.closed {
        gathered.pairs = rows(session, &pairs).await?;
    }
    for (other, ids) in &ends {
        if let Some(other) = model.entity(other) {
            captions(session, other, ids, &mut gathered.captions).await?;
        }
    }
    Ok((entity, gathered))
}

/// The entities that edges name, by type.
fn ends(edges: &[RecordBatch]) -> Result<BTreeMap<String, BTreeSet<i64>>, Error> {
    let mut ends: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
    for (id, entity) in [("source", "source_type"), ("target", "target_type")] {
        for (entity, id) in texts(edges, entity)?.into_iter().zip(numbers(edges, id)?) {
            ends.entry(entity).or_default().insert(id);
        }
    }
    Ok(ends)
}

/// The first property that says something stands for each.
async fn captions(
    session: &Session,
    entity: &EntityType,
    ids: &BTreeSet<i64>,
    captions: &mut BTreeMap<i64, (String, String)>,
) -> Result<(), Error> {
    if session.withheld(&format!("entity.{}", entity.name))?.closed {
        return Ok(());
    }
    let columns: Vec<String> = entity.caption.iter().map(|column| format!("CAST(\"{column}\" AS VARCHAR)")).collect();
    let question = format!("SELECT entity_id, coalesce({}, '') AS caption FROM entity.{}", columns.join(", "), entity.name);
    for ids in ids.iter().copied().collect::<Vec<_>>().chunks(TOGETHER) {
        let found = rows(session, &format!("{question} WHERE entity_id IN ({})", list(ids))).await?;
        let named = numbers(&found, "entity_id")?.into_iter().zip(texts(&found, "caption")?);
        captions.extend(named.map(|(id, caption)| (id, (entity.name.clone(), caption))));
    }
    Ok(())
}

/// What a question is answered with.
pub(crate) async fn rows(session: &Session, question: &str) -> Result<Vec<RecordBatch>, Error> {
    Ok(session.sql(question, clock::now_ms()).await?.batches)
}

fn list<'a>(ids: impl IntoIterator<Item = &'a i64>) -> String {
    ids.into_iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

fn numbers(batches: &[RecordBatch], column: &str) -> Result<Vec<i64>, Error> {
    let mut all = Vec::new();
    for batch in batches {
        all.extend(cells::numbers(batch, column)?.values());
    }
    Ok(all)
}

fn texts(batches: &[RecordBatch], column: &str) -> Result<Vec<String>, Error> {
    let mut all = Vec::new();
    for batch in batches {
        let column = cells::texts(batch, column)?;
        all.extend((0..column.len()).map(|row| cells::text(&column, row).unwrap_or_default().to_owned()));
    }
    Ok(all)
}
