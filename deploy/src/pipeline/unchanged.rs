//! What stays as it was: of a type of which nothing came, went or was decided nothing is read but its numbers, and its rows in the tables that
//! hold all types are written again as they stand there.

use super::{
    identify::Known,
    kept::Changed,
    stages::{MODEL, Resolved, names, stream},
};
use crate::{Error, cells, hub::Hub};
use arrow_array::RecordBatch;
use futures::StreamExt as _;
use std::collections::BTreeSet;
use wuwei_graph::{ResolutionReport, Way, identity::IdentityReport};
use wuwei_lake::Publisher;
use wuwei_query::{Batches, Session};
use wuwei_schema::{EntityType, history, table};

/// Whether what was decided, and the types, are those of the resolution before, so that records alone tell whether a type has changed.
pub(super) fn only_records_tell(hub: &Hub) -> bool {
    let epoch = hub.lake.epoch();
    let noted = |name: &str| epoch.stages.get("resolve").and_then(|inputs| inputs.get(name));
    noted(MODEL) == Some(&hub.definitions.types()) && noted(history::DECISION) == epoch.tables.get(history::DECISION)
}

/// The tables of all types as they stand.
pub(super) struct Unchanged {
    link: ByType,
    pair: ByType,
}

impl Unchanged {
    pub(super) async fn open(session: &Session) -> Result<Unchanged, Error> {
        let link = ByType::open(session, table::LINK, names(&table::link_schema())).await?;
        Ok(Unchanged { link, pair: ByType::open(session, table::PAIR, names(&table::pair_schema())).await? })
    }

    /// Writes the rows of a type, and tells what is known of it. Types have to come in their order.
    ///
    /// # Errors
    /// A table cannot be read or written.
    pub(super) async fn keep(&mut self, entity: &EntityType, known: &mut Known, publisher: &mut Publisher) -> Result<Resolved, Error> {
        self.link.copy(&entity.name, table::LINK, publisher).await?;
        self.pair.copy(&entity.name, table::PAIR, publisher).await?;
        let members = known.keep(&entity.name);
        let entities: BTreeSet<i64> = members.iter().map(|member| member.entity).collect();
        let resolution = ResolutionReport {
            entity: entity.name.clone(),
            records: members.len() as u64,
            entities: entities.len() as u64,
            way: Some(Way::Unchanged),
            ..ResolutionReport::default()
        };
        Ok(Resolved { resolution, identity: IdentityReport::default() })
    }
}

impl Changed {
    /// Whether no record came or went.
    pub(super) fn is_nothing(&self) -> bool {
        self.gone.is_empty() && self.now == self.before.len()
    }
}

/// The rows of a table that stand type by type, in the order of the types' names.
struct ByType {
    rows: Batches,
    /// What was read beyond the last type asked for.
    rest: Option<RecordBatch>,
}

impl ByType {
    async fn open(session: &Session, table: &str, columns: Vec<String>) -> Result<ByType, Error> {
        Ok(ByType { rows: stream(session, table, &columns).await?, rest: None })
    }

    async fn copy(&mut self, entity: &str, table: &str, publisher: &mut Publisher) -> Result<(), Error> {
        loop {
            let batch = match self.rest.take() {
                Some(batch) => Some(batch),
                None => self.rows.next().await.transpose()?,
            };
            let Some(batch) = batch else { return Ok(()) };
            let types = cells::texts(&batch, "entity")?;
            let until =
                |passes: &dyn Fn(&str) -> bool| (0..batch.num_rows()).find(|row| !passes(types.value(*row))).unwrap_or(batch.num_rows());
            let (from, to) = (until(&|of| of < entity), until(&|of| of <= entity));
            if from < to {
                publisher.write(table, &batch.slice(from, to - from)).await?;
            }
            if to < batch.num_rows() {
                self.rest = Some(batch.slice(to, batch.num_rows() - to));
                return Ok(());
            }
        }
    }
}
