//! What the resolution before left behind, and how far the next one may build upon it: the models that it learned, and what it found of records
//! that are still there. When a model is learned anew depends on counts alone, so a run repeats exactly. How pairs are weighed is graph's.

use super::{
    identify::Known,
    stages::{MODEL, blocking, names, stream},
    unchanged,
};
use crate::{Error, cells, hub::Hub};
use arrow_array::{BooleanArray, RecordBatch};
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::filter::filter_record_batch;
use futures::StreamExt as _;
use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};
use tokio::task::block_in_place;
use wuwei_graph::{Before, MatchModel, Resolution};
use wuwei_lake::{Epoch, Publisher};
use wuwei_query::Session;
use wuwei_schema::{EntityType, learned, table};

/// Under which name an epoch notes what the models in it were learned of: the entity types, how pairs are weighed, and how many records each
/// type had.
const LEARNED: &str = "learned";
const WEIGHING: &str = "weighing";

/// Where the number of a type's records has changed by more than this part of it, its model is learned anew.
const PART: usize = 10;

/// Whether what was learned before may be built upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Learning {
    /// Where it fits the records that there are now.
    AsNeeded,
    /// Nothing is.
    Anew,
}

/// What is known of how pairs are weighed, before a resolution and after it.
pub(super) struct Kept {
    models: BTreeMap<String, MatchModel>,
    /// How many records of each type taught its model, and by what else it is told.
    note: BTreeMap<String, i64>,
    /// What was counted of the types that were learned now.
    counts: BTreeMap<String, Vec<(&'static str, RecordBatch)>>,
    /// Whether the tables are of other types, or none.
    is_new: bool,
}

/// What became of a type's records since the resolution before.
pub(super) struct Changed {
    pub(super) before: Vec<i64>,
    pub(super) now: usize,
    pub(super) gone: BTreeSet<i64>,
}

impl Kept {
    /// As the pinned epoch has it; nothing where that is of other types or was weighed otherwise.
    ///
    /// # Errors
    /// A table cannot be read.
    pub(super) async fn read(hub: &Hub, session: &Session, learning: Learning) -> Result<Kept, Error> {
        let types = hub.definitions.types();
        let own = [(MODEL.to_owned(), types), (WEIGHING.to_owned(), wuwei_graph::WEIGHING)];
        let known = hub.lake.epoch().stages.get(LEARNED).filter(|note| own.iter().all(|(name, value)| note.get(name) == Some(value)));
        let Some(note) = known.filter(|_| learning == Learning::AsNeeded) else {
            return Ok(Kept { models: BTreeMap::new(), note: own.into(), counts: BTreeMap::new(), is_new: true });
        };
        let [model, level, frequency] = [
            stream(session, learned::MODEL, &names(&learned::model())).await?,
            stream(session, learned::LEVEL, &names(&learned::level())).await?,
            stream(session, learned::FREQUENCY, &names(&learned::frequency())).await?,
        ];
        let models = block_in_place(|| MatchModel::read(blocking(model), blocking(level), blocking(frequency)))?;
        Ok(Kept { models, note: note.clone(), counts: BTreeMap::new(), is_new: false })
    }

    /// Resolves a type: what came since by what was learned before, or all of it.
    ///
    /// # Errors
    /// A table cannot be read.
    pub(super) async fn resolve(
        &mut self,
        hub: &Hub,
        session: &Session,
        entity: &EntityType,
        (known, changed): (&Known, Changed),
    ) -> Result<Resolution, Error> {
        let (records, columns) = (format!("record.{}", entity.name), wuwei_graph::columns_needed(entity));
        let rows = stream(session, &records, &columns).await?;
        let mut found = match self.models.get(&entity.name) {
            Some(model) if self.fits(&records, changed.now) => {
                let link = ["record_id", "entity_id", "entity", "tier"].map(str::to_owned);
                let link = blocking(stream(session, table::LINK, &link).await?);
                let pairs = blocking(stream(session, table::PAIR, &names(&table::pair_schema())).await?);
                let gone = gone(hub, &records, &columns, changed.gone).await?;
                let before = Before { model, records: &changed.before, decided: &known.decided, link, pairs, gone };
                block_in_place(|| wuwei_graph::resolve_since(entity, blocking(rows), &known.decisions, before))?
            }
            _ => block_in_place(|| wuwei_graph::resolve(entity, blocking(rows), &known.decisions))?,
        };
        if let Some(model) = found.model.take() {
            let count = i64::try_from(found.report.records).unwrap_or(i64::MAX);
            self.note.insert(records, count);
            self.models.insert(entity.name.clone(), model);
            self.counts.insert(entity.name.clone(), std::mem::take(&mut found.counts));
        }
        Ok(found)
    }

    /// Whether about as many records taught the model as there are now.
    fn fits(&self, records: &str, now: usize) -> bool {
        let taught = self.note.get(records).and_then(|&count| usize::try_from(count).ok()).unwrap_or_default();
        now.abs_diff(taught) <= taught / PART
    }

    /// Whether nothing came, went or was decided of a type, so that what was found of it stands.
    pub(super) fn stands(&self, hub: &Hub, entity: &EntityType, changed: &Changed) -> bool {
        let is_there = hub.lake.epoch().tables.contains_key(&format!("entity.{}", entity.name));
        !self.is_new && is_there && changed.is_nothing() && unchanged::only_records_tell(hub)
    }

    /// Writes what was learned, with what stays of it, and tells which tables are whole by it; where nothing was learned, they stay as they are.
    ///
    /// # Errors
    /// A table cannot be read or written.
    pub(super) async fn write(
        self,
        session: &Session,
        publisher: &mut Publisher,
    ) -> Result<(Vec<(String, SchemaRef)>, impl FnOnce(&mut Epoch) + use<>), Error> {
        let note = self.note;
        let noted = move |epoch: &mut Epoch| drop(epoch.stages.insert(LEARNED.to_owned(), note));
        if self.counts.is_empty() && !self.is_new {
            return Ok((Vec::new(), noted));
        }
        for (name, batch) in self.models.values().map(MatchModel::rows).collect::<Result<Vec<_>, _>>()?.iter().flatten() {
            publisher.write(name, batch).await?;
        }
        for (name, batch) in self.counts.values().flatten() {
            publisher.write(name, batch).await?;
        }
        if !self.is_new {
            for (name, schema) in [(learned::BLOCK, learned::block()), (learned::HISTOGRAM, learned::histogram())] {
                let mut rows = stream(session, name, &names(&schema)).await?;
                while let Some(batch) = rows.next().await.transpose()? {
                    let types = cells::texts(&batch, "entity")?;
                    let rest =
                        only(&batch, |row| !self.counts.contains_key(types.value(row))).map_err(|_| Error::defect("counts do not fit"))?;
                    if rest.num_rows() > 0 {
                        publisher.write(name, &rest).await?;
                    }
                }
            }
        }
        Ok((learned::tables().map(|(name, schema)| (name.to_owned(), schema)).into(), noted))
    }
}

impl Changed {
    /// Of the records of a type, which are in a table of that name, and of which there were these, ascending.
    ///
    /// # Errors
    /// The table cannot be read.
    pub(super) async fn of(session: &Session, records: &str, before: Vec<i64>) -> Result<Changed, Error> {
        let mut now: Vec<i64> = Vec::with_capacity(before.len());
        let mut numbers = stream(session, records, &["record_id".to_owned()]).await?;
        while let Some(batch) = numbers.next().await.transpose()? {
            now.extend(cells::numbers(&batch, "record_id")?.values());
        }
        now.sort_unstable();
        let mut there = now.iter().peekable();
        let is_gone = |record: &&i64| {
            while there.next_if(|there| there < record).is_some() {}
            there.peek().map(|there| there.cmp(record)) != Some(Ordering::Equal)
        };
        let gone = before.iter().filter(is_gone).copied().collect();
        Ok(Changed { now: now.len(), gone, before })
    }
}

/// What these records said, which stand no more.
async fn gone(
    hub: &Hub,
    records: &str,
    columns: &[String],
    gone: BTreeSet<i64>,
) -> Result<Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>>>, Error> {
    if gone.is_empty() {
        return Ok(Box::new(std::iter::empty()));
    }
    let rows = blocking(stream(&hub.stage_over_all("resolve")?, records, columns).await?);
    let sought = move |batch: Result<RecordBatch, ArrowError>| {
        let batch = batch?;
        let numbers = cells::numbers(&batch, "record_id").map_err(|error| ArrowError::ExternalError(Box::new(error)))?;
        only(&batch, |row| gone.contains(&numbers.value(row)))
    };
    Ok(Box::new(rows.map(sought)))
}

/// The rows of a batch that are wanted, as a batch of their own: what was cut out of another would hold all of that in memory.
fn only(batch: &RecordBatch, wanted: impl Fn(usize) -> bool) -> Result<RecordBatch, ArrowError> {
    let wanted: BooleanArray = (0..batch.num_rows()).map(|row| Some(wanted(row))).collect();
    filter_record_batch(batch, &wanted)
}
