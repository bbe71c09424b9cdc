//! Which records are one, as a resolution tells it: as many rows as there are records, so they become rows of `graph.link` only as these are asked for.
//! Which number an entity has is given from outside ([`crate::identity`]), and none is chosen here.

use super::output::TIERS;
use crate::{Error, identity::Member};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use std::{ops::Range, sync::Arc};
use wuwei_schema::table;

/// Rows of a batch.
const ROWS: usize = 1 << 16;

/// Each record's entity, and how it came there.
#[derive(Debug, Clone, PartialEq)]
pub struct Links {
    entity: String,
    records: Int64Array,
    entities: Int64Array,
    tiers: Vec<u8>,
}

impl Links {
    /// Of a type's records, ascending, the smallest record of each one's entity, and which of [`TIERS`] brought it there.
    pub(super) fn new(entity: &str, records: Int64Array, entities: Vec<i64>, tiers: Vec<u8>) -> Links {
        Links { entity: entity.to_owned(), records, entities: entities.into(), tiers }
    }

    /// All records of the type, ascending.
    pub fn records(&self) -> &Int64Array {
        &self.records
    }

    /// Of each record the smallest of its entity. Which number that entity has is [`crate::identity`]'s.
    pub fn entities(&self) -> &Int64Array {
        &self.entities
    }

    /// Of each record the place among [`TIERS`] of what brought it there.
    pub(super) fn tiers(&self) -> &[u8] {
        &self.tiers
    }

    /// Batches of [`table::partition_schema`], by record; one without rows where there is no record.
    ///
    /// # Errors
    /// None but ours.
    pub fn batches(&self) -> impl Iterator<Item = Result<RecordBatch, Error>> {
        let columns = |rows: Range<usize>| self.columns(&rows, self.entities.slice(rows.start, rows.len()));
        self.chunks().map(move |rows| Ok(RecordBatch::try_new(table::partition_schema(), columns(rows).into())?))
    }

    /// Batches of `graph.link` ([`table::link_schema`]): the same with the numbers that entities have.
    ///
    /// # Errors
    /// When the memberships are not those of the records.
    pub fn numbered(&self, members: &[Member]) -> impl Iterator<Item = Result<RecordBatch, Error>> {
        let members = Some(members).filter(|members| members.len() == self.tiers.len()).unwrap_or_default();
        self.chunks().map(move |rows| {
            let members = members.get(rows.clone()).unwrap_or_default();
            let mut columns: Vec<ArrayRef> = self.columns(&rows, members.iter().map(|member| member.entity).collect()).into();
            columns.push(Arc::new(Int64Array::from_iter_values(members.iter().map(|member| member.since))));
            columns.push(Arc::new(StringArray::from_iter_values(members.iter().map(|member| member.reason.word()))));
            Ok(RecordBatch::try_new(table::link_schema(), columns)?)
        })
    }

    /// All of them in one batch.
    #[cfg(test)]
    pub(crate) fn whole(&self) -> RecordBatch {
        let batches = self.batches().collect::<Result<Vec<_>, _>>().unwrap();
        arrow_select::concat::concat_batches(&table::partition_schema(), &batches).unwrap()
    }

    /// `record_id` and `entity_id` of all records in one batch, with the numbers that entities have: what [`crate::Stated::survivors`] asks for.
    ///
    /// # Errors
    /// When the memberships are not those of the records.
    pub fn belonging(&self, members: &[Member]) -> Result<RecordBatch, Error> {
        let schema = table::partition_schema().project(&[0, 1])?;
        let entities: Int64Array = members.iter().map(|member| member.entity).collect();
        Ok(RecordBatch::try_new(Arc::new(schema), vec![Arc::new(self.records.clone()), Arc::new(entities)])?)
    }

    fn chunks(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let rows = self.tiers.len();
        (0..rows.div_ceil(ROWS).max(1)).map(move |chunk| chunk * ROWS..rows.min((chunk + 1) * ROWS))
    }

    fn columns(&self, rows: &Range<usize>, entities: Int64Array) -> [ArrayRef; 4] {
        let tiers = self.tiers[rows.clone()].iter().map(|&tier| TIERS[usize::from(tier)]);
        [
            Arc::new(self.records.slice(rows.start, rows.len())),
            Arc::new(entities),
            Arc::new(StringArray::from_iter_values(std::iter::repeat_n(&self.entity, rows.len()))),
            Arc::new(StringArray::from_iter_values(tiers)),
        ]
    }
}
