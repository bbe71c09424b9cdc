//! The stages after landing: each reads tables of one epoch, computes, and publishes the tables or the index that others read.

use super::{
    anew::RECORDS,
    graph,
    identify::Known,
    index::{Build, index},
    kept::{Changed, Kept, Learning},
    unchanged::Unchanged,
};
use crate::{Error, clock, hub::Hub};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use futures::StreamExt as _;
use serde::Serialize;
use std::{collections::BTreeMap, path::Path};
use tokio::{
    runtime::Handle,
    sync::oneshot,
    task::{block_in_place, spawn_blocking},
};
use wuwei_graph::{Belonging, LinkReport, ResolutionReport, Said, Stated, csr::Built, identity::IdentityReport};
use wuwei_lake::{Commit, Epoch};
use wuwei_query::{Batches, Session};
use wuwei_schema::{EntityType, history, table};

/// Under which name a stage notes the entity types that it went by.
pub(super) const MODEL: &str = "model";

/// A step that turns tables into tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Which records are one.
    Resolve,
    /// What is tied to what.
    Link,
    /// The index.
    Index,
}

impl Stage {
    /// The verb that runs it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Stage::Resolve => "resolve",
            Stage::Link => "link",
            Stage::Index => "index",
        }
    }

    /// What it is computed from: the versions, at the pinned epoch, of tables, the entity types, the relations that are registered, and which
    /// date is the day of an event. What records of events say changes with their links only, since no row is rewritten.
    pub(super) fn inputs(self, hub: &Hub) -> BTreeMap<String, i64> {
        let reads = |name: &str| match self {
            Stage::Resolve => name == history::DECISION || name.starts_with("record.") && name != table::RELATION,
            Stage::Link => name == table::RELATION || name == table::LINK,
            Stage::Index => name == table::LINK || hub.indexed().any(|entity| name == format!("record.{}", entity.name)),
        };
        let tables = hub.lake.epoch().tables.iter().filter(|(name, _)| reads(name)).map(|(name, version)| (name.clone(), *version));
        let types = (self != Stage::Link).then(|| (MODEL.to_owned(), hub.definitions.types()));
        let registered =
            hub.definitions.registered().into_iter().filter(|_| self == Stage::Link).map(|name| (format!("registered {name}"), 1));
        let happened = hub.definitions.happened().filter(|_| self == Stage::Link);
        let happened = happened.map(|(name, property)| (format!("happened {name} {property}"), 1));
        let records = (self == Stage::Resolve).then(|| (RECORDS.to_owned(), hub.lake.epoch().next_record));
        tables.chain(types).chain(registered).chain(happened).chain(records).collect()
    }
}

/// What became of a stage.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum State {
    /// Nothing it reads has changed since it ran: the words `up to date`.
    Unchanged(&'static str),
    /// Who is who, type by type.
    Resolved(Vec<Resolved>),
    /// What is tied to what.
    Linked(Linked),
    /// Records indexed, by type.
    Indexed(BTreeMap<String, u64>),
}

/// What is tied to what, and the graph of it.
#[derive(Debug, Serialize)]
pub(crate) struct Linked {
    /// The edges.
    #[serde(flatten)]
    pub(crate) link: LinkReport,
    /// The file.
    pub(crate) graph: Built,
}

/// How a type was resolved, and what became of its entities.
#[derive(Debug, Serialize)]
pub(crate) struct Resolved {
    /// Who is who.
    #[serde(flatten)]
    pub(crate) resolution: ResolutionReport,
    /// Since the resolution before.
    pub(crate) identity: IdentityReport,
}

/// Runs a stage, unless nothing it reads has changed.
pub(super) async fn run(hub: &mut Hub, stage: Stage) -> Result<State, Error> {
    // What is damaged inside the file `doctor` finds, which reads all of it.
    let is_whole = stage != Stage::Link || hub.graph().is_ok_and(|graph| graph.is_some());
    if is_whole && hub.lake.epoch().stages.get(stage.name()) == Some(&stage.inputs(hub)) {
        return Ok(State::Unchanged("up to date"));
    }
    match stage {
        Stage::Resolve => resolve(hub, Learning::AsNeeded).await,
        Stage::Link => link(hub, Build::Changes).await,
        Stage::Index => index(hub, Build::Changes).await,
    }
}

/// Finds out which records are one: `graph.link`, `graph.pair` and `entity.*` anew, what was learned where it was, and what changed of entities
/// in the tables of their history.
///
/// # Errors
/// A table cannot be read or written.
pub(crate) async fn resolve(hub: &mut Hub, learning: Learning) -> Result<State, Error> {
    let mut publisher = hub.publisher().await?;
    let inputs = Stage::Resolve.inputs(hub);
    let session = hub.stage("resolve")?;
    let mut known = Known::read(hub, &session, &mut publisher).await?;
    let mut kept = Kept::read(hub, &session, learning).await?;
    let mut unchanged = Unchanged::open(&session).await?;
    let mut reports: Vec<Resolved> = Vec::new();
    let mut tables = vec![(table::LINK.to_owned(), table::link_schema()), (table::PAIR.to_owned(), table::pair_schema())];
    for entity in hub.definitions.model.entities.values().filter(|entity| inputs.contains_key(&format!("record.{}", entity.name))) {
        let changed = Changed::of(&session, &format!("record.{}", entity.name), known.stood(&entity.name)).await?;
        if kept.stands(hub, entity, &changed) {
            reports.push(unchanged.keep(entity, &mut known, &mut publisher).await?);
            continue;
        }
        let mut resolution = kept.resolve(hub, &session, entity, (&known, changed)).await?;
        let said = resolution.said.take();
        let records = stream(&session, &format!("record.{}", entity.name), &Stated::columns(entity, said.as_ref())).await?;
        let (linked, survivors) = surviving(entity, said, records);
        let (members, identity) = known.carry(&session, &mut publisher, entity, &resolution).await?;
        // If nobody takes it, reading has failed, which is told where the rows are awaited.
        drop(linked.send(resolution.link.belonging(&members)?));
        let survivors_table = format!("entity.{}", entity.name);
        for batch in resolution.link.numbered(&members) {
            publisher.write(table::LINK, &batch?).await?;
        }
        drop(members);
        for batch in resolution.pair.batches() {
            publisher.write(table::PAIR, &batch?).await?;
        }
        publisher.write(&survivors_table, &survivors.await?).await?;
        tables.push((survivors_table, entity.entity_schema()));
        reports.push(Resolved { resolution: resolution.report, identity });
    }
    let (redirects, next_entity) = known.finish(&session, &mut publisher).await?;
    let (learned, note) = kept.write(&session, &mut publisher).await?;
    tables.extend(redirects.into_iter().chain(learned));
    publisher.commit(Commit::Replace { tables }, table::LINK).await?;
    let noted = |epoch: &mut Epoch| {
        epoch.next_entity = next_entity;
        epoch.stages.insert("resolve".to_owned(), inputs);
        note(epoch);
    };
    publisher.publish(noted).await?;
    hub.turn_to_newest().await?;
    Ok(State::Resolved(reports))
}

/// The rows of `entity.<type>`: what records say, as far as it is not known yet, is read while their numbers are carried over, and brought together, once it is sent which are
/// one, while that is written. Where nothing is sent, the thread ends when it has read.
fn surviving(
    entity: &EntityType,
    said: Option<Said>,
    records: Batches,
) -> (oneshot::Sender<RecordBatch>, impl Future<Output = Result<RecordBatch, Error>> + use<>) {
    let (sender, linked) = oneshot::channel::<RecordBatch>();
    let entity = entity.clone();
    let survivors = spawn_blocking(move || {
        let stated = Stated::read(&entity, said, blocking(records))?;
        let link = linked.blocking_recv().map_err(|_| Error::defect("nobody says which records are one"))?;
        Ok(stated.survivors(&link)?)
    });
    (sender, async { survivors.await.unwrap_or_else(|ended| std::panic::resume_unwind(ended.into_panic())) })
}

/// Ties entities together: `graph.edge` and `graph.registration` anew, and the file of the graph beside the old one, or one of what changed over it.
/// Both graphs answer alike.
///
/// # Errors
/// A table cannot be read or written.
pub(crate) async fn link(hub: &mut Hub, build: Build) -> Result<State, Error> {
    let mut publisher = hub.publisher().await?;
    let inputs = Stage::Link.inputs(hub);
    let session = hub.stage("link")?;
    let belonging = belonging(hub, &session).await?;
    let relations = stream(&session, table::RELATION, &names(&table::relation_schema())).await?;
    let linked = block_in_place(|| wuwei_graph::link(blocking(relations), &belonging))?;
    drop(belonging);
    let registered = block_in_place(|| wuwei_graph::registrations(&linked.edge, &hub.definitions.registered()))?;
    publisher.write(table::EDGE, &linked.edge).await?;
    publisher.write(table::REGISTRATION, &registered).await?;
    let tables = [(table::REGISTRATION, table::registration_schema()), (table::EDGE, table::edge_schema())];
    let tables = tables.map(|(name, schema)| (name.to_owned(), schema)).to_vec();
    publisher.commit(Commit::Replace { tables }, table::EDGE).await?;
    let (name, built) = block_in_place(|| graph::write(hub, publisher.epoch(), &linked.edge, build))?;
    let kept = graph::files(&hub.root, [Some(name.clone()), publisher.epoch().graph.clone()]);
    let noted = |epoch: &mut Epoch| {
        epoch.stages.insert("link".to_owned(), inputs);
        epoch.graph = Some(name);
    };
    publisher.publish(noted).await?;
    // Published it is; what cannot be removed now, the next one removes.
    drop(remove_old(&graph::folder(&hub.root), &kept));
    hub.turn_to_newest().await?;
    Ok(State::Linked(Linked { link: linked.report, graph: built }))
}

/// Whose the records are, and of events when they came to be.
async fn belonging(hub: &Hub, session: &Session) -> Result<Belonging, Error> {
    let links = stream(session, table::LINK, &names(&table::link_schema())).await?;
    let mut belonging = block_in_place(|| Belonging::read(blocking(links)))?;
    for (name, property) in hub.definitions.happened() {
        let table = format!("record.{name}");
        if hub.lake.epoch().tables.contains_key(&table) {
            let records = stream(session, &table, &["record_id".to_owned(), property.to_owned()]).await?;
            block_in_place(|| belonging.happened(property, blocking(records)))?;
        }
    }
    Ok(belonging)
}

/// Readers pin an epoch: the index or graph before this one stays for them, older ones go.
pub(super) fn remove_old(folder: &Path, kept: &[Option<String>]) -> Result<(), Error> {
    for entry in std::fs::read_dir(folder).map_err(Error::file("reading", folder))? {
        let entry = entry.map_err(Error::file("reading", folder))?;
        if !kept.iter().flatten().any(|name| entry.file_name() == **name) {
            let removed = if entry.path().is_dir() { std::fs::remove_dir_all(entry.path()) } else { std::fs::remove_file(entry.path()) };
            removed.map_err(Error::file("removing", entry.path()))?;
        }
    }
    Ok(())
}

pub(super) fn names(schema: &arrow_schema::Schema) -> Vec<String> {
    schema.fields().iter().map(|field| field.name().clone()).collect()
}

pub(super) async fn stream(session: &Session, table: &str, columns: &[String]) -> Result<Batches, Error> {
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    Ok(session.read(table, &columns, clock::now_ms()).await?)
}

/// A stream as the iterator that the pure stages take. Only where blocking is allowed.
pub(super) fn blocking(mut stream: Batches) -> impl Iterator<Item = Result<RecordBatch, ArrowError>> {
    let handle = Handle::current();
    std::iter::from_fn(move || {
        let next = handle.block_on(stream.next())?;
        Some(next.map_err(|error| ArrowError::ExternalError(Box::new(error))))
    })
}
