//! One pass over the records of a type: what each is, what it was taken for, where it came from, and what it says.

use super::{table, truth::Truth};
use crate::{Error, cells, hub::Hub};
use arrow_array::RecordBatch;
use futures::StreamExt as _;
use std::collections::BTreeMap;
use wuwei_graph::{Evidence, Labelled};
use wuwei_schema::{EntityType, table as contract};

/// What is judged: some 16 bytes a link, 24 a record whose truth is known, 16 a value of an exclusive property.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) labelled: Vec<Labelled>,
    /// What those records say, in the same order, where that was asked.
    pub(super) evidence: Option<Evidence>,
    /// The names of the sources.
    pub(super) departments: Vec<String>,
    /// Entity and a hash of the value, for each record that states an exclusive property.
    pub(super) stated: BTreeMap<String, Vec<(i64, u64)>>,
}

pub(super) async fn read(hub: &Hub, entity: &EntityType, mut truth: Truth, linkable: bool) -> Result<Judged, Error> {
    let links = links(hub).await?;
    let matching = entity.matching.as_ref();
    let evidence = matching.filter(|_| linkable).map(Evidence::new);
    let exclusive = matching.map(|matching| matching.exclusive.as_slice()).unwrap_or_default();
    let stated = exclusive.iter().map(|property| (property.clone(), Vec::new())).collect();
    let mut judged = Judged { evidence, stated, ..Judged::default() };
    let mut columns: Vec<&str> = vec!["record_id", "department"];
    columns.extend(truth.columns());
    columns.extend(exclusive.iter().map(String::as_str));
    let said = judged.evidence.as_ref().map(|evidence| evidence.properties().to_vec()).unwrap_or_default();
    columns.extend(said.iter().map(String::as_str));
    columns.sort_unstable();
    columns.dedup();
    let mut batches = table(hub, &format!("record.{}", entity.name), &columns).await?;
    while let Some(batch) = batches.next().await.transpose()? {
        judged.add(&batch, &truth.of(&batch)?, &links)?;
    }
    Ok(judged)
}

/// Record and entity, by record.
async fn links(hub: &Hub) -> Result<Vec<(i64, i64)>, Error> {
    let mut links = Vec::new();
    let mut batches = table(hub, contract::LINK, &["record_id", "entity_id"]).await?;
    while let Some(batch) = batches.next().await.transpose()? {
        let (records, entities) = (cells::numbers(&batch, "record_id")?, cells::numbers(&batch, "entity_id")?);
        links.extend(records.values().iter().copied().zip(entities.values().iter().copied()));
    }
    links.sort_unstable();
    Ok(links)
}

impl Judged {
    fn add(&mut self, batch: &RecordBatch, truth: &[Option<u64>], links: &[(i64, i64)]) -> Result<(), Error> {
        let (records, departments) = (cells::numbers(batch, "record_id")?, cells::texts(batch, "department")?);
        let entity = |at: usize| {
            let found = links.binary_search_by_key(&records.value(at), |link| link.0);
            found.ok().map(|place| links[place].1)
        };
        let entities: Vec<Option<i64>> = (0..batch.num_rows()).map(entity).collect();
        let mut known = Vec::new();
        for (at, (truth, entity)) in truth.iter().zip(&entities).enumerate() {
            if let (&Some(truth), &Some(entity)) = (truth, entity) {
                known.push(at);
                let source = self.source(cells::text(&departments, at).unwrap_or_default());
                self.labelled.push(Labelled { truth, entity, source });
            }
        }
        if let Some(evidence) = &mut self.evidence {
            evidence.add(batch, &known)?;
        }
        for (property, stated) in &mut self.stated {
            let values = cells::texts(batch, property)?;
            let value = |(at, entity): (usize, &Option<i64>)| Some(((*entity)?, Labelled::name(cells::text(&values, at)?)));
            stated.extend(entities.iter().enumerate().filter_map(value));
        }
        Ok(())
    }

    /// The number of a department; there are some dozens.
    fn source(&mut self, name: &str) -> u32 {
        let place = self.departments.iter().position(|known| known == name).unwrap_or_else(|| {
            self.departments.push(name.to_owned());
            self.departments.len() - 1
        });
        u32::try_from(place).unwrap_or(u32::MAX)
    }
}
