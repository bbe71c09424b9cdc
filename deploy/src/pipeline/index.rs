//! The index, built beside the one before: of that, only who has other records now is written, and only their records are read.

use super::stages::{MODEL, Stage, State, remove_old, stream};
use crate::{Error, cells, clock, gather, hub::Hub};
use arrow_array::{BooleanArray, Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use arrow_select::filter::filter_record_batch;
use futures::{StreamExt as _, stream};
use std::{collections::BTreeMap, path::Path, sync::Arc};
use tokio::task::block_in_place;
use wuwei_lake::{Epoch, LOOKED_UP};
use wuwei_query::{Batches, Session};
use wuwei_schema::{EntityType, table};
use wuwei_search::{Made, Writer};

/// Of at most so many records each is looked up by its number; of more it is cheaper to read all.
const FEW: usize = 20_000;

/// What of an index, or of the graph, is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// All of it.
    Anew,
    /// What changed since the one before.
    Changes,
}

/// Builds the index beside the old one and turns to it. Both builds answer alike.
///
/// # Errors
/// A table cannot be read, or the index cannot be written.
pub(crate) async fn index(hub: &mut Hub, build: Build) -> Result<State, Error> {
    let publisher = hub.publisher().await?;
    let inputs = Stage::Index.inputs(hub);
    let session = hub.stage("index")?;
    let name = format!("{:08}", publisher.epoch().number + 1);
    let folder = hub.root.join("index").join(&name);
    // Of another model the same records may be found by other values.
    let is_of_model = publisher.epoch().stages.get(Stage::Index.name()).is_some_and(|before| before.get(MODEL) == inputs.get(MODEL));
    let before = publisher.epoch().index.as_ref().filter(|_| build == Build::Changes && is_of_model);
    let before = before.map(|name| hub.root.join("index").join(name));
    let records = index_all(hub, &session, &inputs, before.as_deref(), &folder).await.inspect_err(|_| {
        // It may be what fills the disk. No epoch names it.
        drop(std::fs::remove_dir_all(&folder));
    })?;
    let kept = [Some(name.clone()), publisher.epoch().index.clone()];
    let noted = |epoch: &mut Epoch| {
        epoch.stages.insert("index".to_owned(), inputs);
        epoch.index = Some(name);
    };
    publisher.publish(noted).await?;
    // Published it is; what cannot be removed now, the next index removes.
    drop(remove_old(&hub.root.join("index"), &kept));
    hub.turn_to_newest().await?;
    Ok(State::Indexed(records))
}

/// Builds it of each entity type, and says how many records it has of each.
async fn index_all(
    hub: &Hub,
    session: &Session,
    inputs: &BTreeMap<String, i64>,
    before: Option<&Path>,
    folder: &Path,
) -> Result<BTreeMap<String, u64>, Error> {
    let links = Arc::new(Links::read(session).await?);
    let mut records = BTreeMap::new();
    for entity in hub.indexed().filter(|entity| inputs.contains_key(&format!("record.{}", entity.name))) {
        let folder = folder.join(&entity.name);
        let (made, count) = links.made(session, entity).await?;
        let mut writer = block_in_place(|| match before {
            Some(before) => Writer::upsert(&before.join(&entity.name), &folder, entity, made),
            None => Writer::create(&folder, entity, made),
        })?;
        links.add(session, entity, &mut writer).await?;
        block_in_place(|| writer.finish())?;
        records.insert(entity.name.clone(), count);
    }
    std::fs::create_dir_all(folder).map_err(Error::file("creating", folder))?;
    Ok(records)
}

/// Record and entity numbers, in the order of records: 16 bytes a record.
struct Links(Vec<(i64, i64)>);

impl Links {
    async fn read(session: &Session) -> Result<Links, Error> {
        let mut links = stream(session, table::LINK, &["record_id".to_owned(), "entity_id".to_owned()]).await?;
        let mut pairs = Vec::new();
        while let Some(batch) = links.next().await.transpose()? {
            let (records, entities) = (cells::numbers(&batch, "record_id")?, cells::numbers(&batch, "entity_id")?);
            pairs.extend(records.values().iter().copied().zip(entities.values().iter().copied()));
        }
        pairs.sort_unstable();
        Ok(Links(pairs))
    }

    fn entity_of(&self, record: i64) -> Option<i64> {
        self.0.binary_search_by_key(&record, |pair| pair.0).ok().map(|at| self.0[at].1)
    }

    /// Which records each entity of a type has, and how many that is.
    async fn made(&self, session: &Session, entity: &EntityType) -> Result<(Made, u64), Error> {
        let mut records = stream(session, &format!("record.{}", entity.name), &["record_id".to_owned()]).await?;
        let (mut made, mut count) = (Made::default(), 0);
        while let Some(batch) = records.next().await.transpose()? {
            for record in cells::numbers(&batch, "record_id")?.values() {
                if let Some(entity) = self.entity_of(*record) {
                    made.add(entity, *record);
                    count += 1;
                }
            }
        }
        Ok((made, count))
    }

    /// Adds what records say of those whom the writer wants, entity by entity: what one has stands together then, is found together, and what two
    /// of its records say alike is one document.
    async fn add(self: &Arc<Links>, session: &Session, entity: &EntityType, writer: &mut Writer) -> Result<(), Error> {
        let searched = entity.properties.iter().filter(|property| property.search.is_some()).map(|property| property.name.clone());
        let columns: Vec<String> = [RECORD, "department", "observed"].map(str::to_owned).into_iter().chain(searched).collect();
        let table = format!("record.{}", entity.name);
        let few = writer.wanted().map(|wanted| self.records_of(wanted)).filter(|records| records.len() <= FEW);
        let rows = match few {
            Some(records) => few_rows(session, &table, &columns, &records).await?,
            None => stream(session, &table, &columns).await?,
        };
        let schema = with_entity(&entity.record_schema(), &columns)?;
        let (links, wanted, made) = (Arc::clone(self), writer.wanted().map(<[i64]>::to_vec), Arc::clone(&schema));
        let of_entities = move |batch: Result<RecordBatch, wuwei_query::Error>| {
            links.with_entities(&batch?, wanted.as_deref(), &made).map_err(|_| wuwei_query::Error::Engine { detail: MISFIT })
        };
        let of_entities = rows.map(of_entities).boxed();
        let mut ordered = session.in_order(of_entities, &schema, &[ENTITY, RECORD])?;
        while let Some(batch) = ordered.next().await.transpose()? {
            writer.add(&batch)?;
        }
        Ok(())
    }

    /// The records of these entities, which are in order.
    fn records_of(&self, entities: &[i64]) -> Vec<i64> {
        self.0.iter().filter(|(_, entity)| entities.binary_search(entity).is_ok()).map(|(record, _)| *record).collect()
    }

    /// The batch with the entities that its records belong to as another column, before all others. Records that came since the last resolution
    /// belong to none yet and are left out, as are those of entities that are not wanted. Its rows are copied, not cut out: a sort would count
    /// the whole batch for each piece of it.
    fn with_entities(&self, batch: &RecordBatch, wanted: Option<&[i64]>, schema: &SchemaRef) -> Result<RecordBatch, Error> {
        let is_wanted = |entity: &i64| wanted.is_none_or(|wanted| wanted.binary_search(entity).is_ok());
        let entity = |record: &i64| self.entity_of(*record).filter(is_wanted);
        let entities: Vec<Option<i64>> = cells::numbers(batch, RECORD)?.values().iter().map(entity).collect();
        let kept: BooleanArray = entities.iter().map(|entity| Some(entity.is_some())).collect();
        let batch = filter_record_batch(batch, &kept).map_err(|_| Error::defect(MISFIT))?;
        let entities: Int64Array = entities.into_iter().flatten().map(Some).collect();
        let columns = std::iter::once(Arc::new(entities) as _).chain(batch.columns().iter().cloned()).collect();
        RecordBatch::try_new(Arc::clone(schema), columns).map_err(|_| Error::defect(MISFIT))
    }
}

/// Columns by which rows are brought into order.
const ENTITY: &str = "entity_id";
const RECORD: &str = "record_id";

const MISFIT: &str = "a batch to index does not fit";

/// Those columns of the records, behind the entity's number.
fn with_entity(records: &Schema, columns: &[String]) -> Result<SchemaRef, Error> {
    let column = |name: &String| records.field_with_name(name).cloned().map_err(|_| Error::defect(MISFIT));
    let columns = columns.iter().map(column).collect::<Result<Vec<_>, Error>>()?;
    Ok(Arc::new(Schema::new([vec![Field::new(ENTITY, DataType::Int64, false)], columns].concat())))
}

/// These rows of a table, looked up.
async fn few_rows(session: &Session, table: &str, columns: &[String], records: &[i64]) -> Result<Batches, Error> {
    let columns = columns.iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ");
    let mut found = Vec::new();
    for some in records.chunks(LOOKED_UP) {
        let question = format!("SELECT {columns} FROM {table} WHERE record_id IN ({})", gather::numbers(some));
        found.extend(session.sql(&question, clock::now_ms()).await?.batches.into_iter().map(Ok));
    }
    Ok(stream::iter(found).boxed())
}
