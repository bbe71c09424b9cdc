//! Relations on their way into a batch of [`table::relation_schema`].

use super::{Place, repeat, some};
use crate::map::RelationPlan;
use arrow_array::{
    ArrayRef, RecordBatch,
    builder::{Int64Builder, StringBuilder},
};
use arrow_schema::ArrowError;
use std::sync::Arc;
use wuwei_schema::table;

#[derive(Debug, Default)]
pub(super) struct RelationBuilder {
    relation: StringBuilder,
    source: Int64Builder,
    target: Int64Builder,
    since: StringBuilder,
    until: StringBuilder,
    qualifier: StringBuilder,
    sheet: StringBuilder,
    row: Int64Builder,
    count: usize,
}

impl RelationBuilder {
    /// How many relations the row states.
    pub(super) fn push(&mut self, place: Place<'_>, plan: &RelationPlan<'_>, numbers: &[Vec<i64>]) -> u64 {
        let number = |role: usize, at: usize| numbers.get(role).and_then(|numbers| numbers.get(at)).copied();
        let mut pushed = 0;
        let [since, until, qualifier] = plan.said();
        for (source, target) in &plan.found {
            let (Some(source), Some(target)) = (number(plan.source, *source), number(plan.target, *target)) else { continue };
            self.relation.append_value(&plan.mapping.relation);
            self.source.append_value(source);
            self.target.append_value(target);
            self.since.append_option(some(since));
            self.until.append_option(some(until));
            self.qualifier.append_option(some(qualifier));
            self.sheet.append_option(place.sheet);
            self.row.append_value(place.row);
            self.count += 1;
            pushed += 1;
        }
        pushed
    }

    pub(super) fn finish(&mut self, [department, extract, batch]: [&str; 3]) -> Result<Option<RecordBatch>, ArrowError> {
        if self.count == 0 {
            return Ok(None);
        }
        let count = std::mem::take(&mut self.count);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.relation.finish()),
            Arc::new(self.source.finish()),
            Arc::new(self.target.finish()),
            Arc::new(self.since.finish()),
            Arc::new(self.until.finish()),
            Arc::new(self.qualifier.finish()),
            repeat(department, count),
            repeat(extract, count),
            repeat(batch, count),
            Arc::new(self.sheet.finish()),
            Arc::new(self.row.finish()),
        ];
        RecordBatch::try_new(table::relation_schema(), columns).map(Some)
    }
}
