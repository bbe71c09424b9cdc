//! How truth and result overlap: records sorted by cluster, then by true entity, and what each run of them adds.

use super::{
    Labelled, Mixed,
    bootstrap::GROUPS,
    sources::{Between, BySource, tally},
    sums::Sums,
};
use crate::weigh::{float, float64};
use std::collections::BTreeMap;

/// All that measures are made of.
#[derive(Debug)]
pub(super) struct Overlap {
    pub(super) total: Sums,
    /// The same in parts: true entities in groups of equal size.
    pub(super) groups: Vec<Sums>,
    pub(super) entities: u64,
    pub(super) clusters: u64,
    pub(super) merged: Vec<Mixed>,
    pub(super) split: Vec<Mixed>,
    pub(super) sources: Vec<Between>,
}

/// A record with what it takes to count it.
#[derive(Debug, Clone, Copy)]
struct Row {
    truth: u64,
    entity: i64,
    source: u32,
    /// Records of one true entity with the same one are linkable.
    component: u32,
    /// Records in its cluster.
    size: u32,
}

impl Overlap {
    /// Of records and, in the same order, their linkable components.
    pub(super) fn new(labelled: &[Labelled], components: Option<&[u32]>) -> Overlap {
        let mut rows: Vec<Row> = labelled.iter().zip(0..).map(|(record, at)| Row::new(record, components, at)).collect();
        let (mut sources, mut merged, mut split) = (BySource::default(), Histogram::default(), Histogram::default());
        let mut clusters = 0;
        rows.sort_unstable_by_key(|row| (row.entity, row.source, row.truth));
        for cluster in rows.chunk_by_mut(|left, right| left.entity == right.entity) {
            clusters += 1;
            sources.count(&tally(cluster.iter().map(|row| row.source)), |between| &mut between.said);
            let size = crate::column::narrow(cluster.len());
            cluster.iter_mut().for_each(|row| row.size = size);
            cluster.sort_unstable_by_key(|row| row.truth);
            merged.add(cluster.chunk_by(|left, right| left.truth == right.truth).count(), cluster.len());
        }
        rows.sort_unstable_by_key(|row| (row.truth, row.source, row.entity));
        let entities = rows.chunk_by(|left, right| left.truth == right.truth).count();
        let mut groups = vec![Sums::default(); entities.min(GROUPS)];
        for (at, entity) in rows.chunk_by_mut(|left, right| left.truth == right.truth).enumerate() {
            sources.count(&tally(entity.iter().map(|row| row.source)), |between| &mut between.pairs);
            // Truths are sorted by a hash, so neighbours have nothing to do with each other.
            groups[at * entities.min(GROUPS) / entities] += &of_entity(entity, &mut sources, &mut split);
        }
        let mut total = Sums::default();
        groups.iter().for_each(|group| total += group);
        // As a number, where its parts were shares.
        total.clusters = float64(clusters);
        let entities = entities as u64;
        Overlap { total, groups, entities, clusters, merged: merged.done(), split: split.done(), sources: sources.done() }
    }
}

impl Row {
    fn new(record: &Labelled, components: Option<&[u32]>, at: usize) -> Row {
        let component = components.map_or(0, |components| components[at]);
        Row { truth: record.truth, entity: record.entity, source: record.source, component, size: 0 }
    }
}

/// What the records of one true entity add.
fn of_entity(rows: &mut [Row], sources: &mut BySource, split: &mut Histogram) -> Sums {
    let records = float(rows.len());
    let mut sums = Sums { records, entities: 1.0, pairs: paired(rows), ..Sums::default() };
    rows.sort_unstable_by_key(|row| (row.component, row.entity));
    for linkable in rows.chunk_by(|left, right| left.component == right.component) {
        sums.linkable += paired(linkable);
        sums.linked += linkable.chunk_by(|left, right| left.entity == right.entity).map(paired).sum::<u64>();
    }
    rows.sort_unstable_by_key(|row| (row.entity, row.source));
    let mut clusters = 0;
    for cell in rows.chunk_by(|left, right| left.entity == right.entity) {
        clusters += 1;
        sources.count(&tally(cell.iter().map(|row| row.source)), |between| &mut between.both);
        let (many, size) = (float(cell.len()), f64::from(cell[0].size));
        sums.both += paired(cell);
        sums.said += many * (size - 1.0) / 2.0;
        sums.pure += many * many / size;
        sums.complete += many * many / records;
        sums.clusters += many / size;
        sums.whole += if many >= size && many >= records { 1.0 } else { 0.0 };
    }
    split.add(clusters, rows.len());
    sums
}

fn paired(rows: &[Row]) -> u64 {
    pairs(rows.len() as u64)
}

/// How many pairs so many records have.
pub(super) fn pairs(records: u64) -> u64 {
    records * records.saturating_sub(1) / 2
}

/// How often so many were mixed.
#[derive(Debug, Default)]
struct Histogram(BTreeMap<usize, Mixed>);

impl Histogram {
    fn add(&mut self, of: usize, records: usize) {
        if of > 1 {
            let mixed = self.0.entry(of).or_insert(Mixed { of: of as u64, count: 0, records: 0 });
            mixed.count += 1;
            mixed.records += records as u64;
        }
    }

    fn done(self) -> Vec<Mixed> {
        self.0.into_values().collect()
    }
}
