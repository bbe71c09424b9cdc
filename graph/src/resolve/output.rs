//! The tables that a resolution leaves behind, with every copy of a record in its place.

use super::{
    KEPT, Resolution, ResolutionReport,
    pairs::{Edge, Weighed},
};
use crate::{
    Error,
    block::KeyReport,
    cluster::Clusters,
    column::{NONE, Table},
    copies::Copies,
    decision::Decided,
    model::MatchModel,
    weigh::{odds, posterior},
};
use arrow_array::{Float64Array, Int64Array, RecordBatch, StringArray};
use std::sync::Arc;
use wuwei_schema::{EntityType, learned, table};

/// What was found out of the rows of a table without copies.
pub(super) struct Found<'a> {
    pub(super) table: &'a Table,
    pub(super) copies: &'a Copies,
    /// Rows with an identifier that stands for one entity.
    pub(super) proven: &'a [bool],
    /// Rows that tier 0 joined to another.
    pub(super) tier0: &'a [bool],
    pub(super) clusters: &'a Clusters,
    pub(super) weighed: &'a Weighed,
    pub(super) decided: &'a Decided,
}

/// `graph.link` and `graph.pair` of all records.
pub(super) fn write(
    entity: &EntityType,
    found: &Found<'_>,
    mut report: ResolutionReport,
    model: Option<MatchModel>,
) -> Result<Resolution, Error> {
    let smallest = found.clusters.smallest();
    let threshold = odds(report.threshold);
    let records = &found.copies.records;
    let (mut entities, mut tiers) = (Vec::with_capacity(records.len()), Vec::with_capacity(records.len()));
    for (&record, &row) in records.iter().zip(&found.copies.row) {
        let speaks = found.table.records[row as usize];
        let worth = found.copy(row).filter(|(_, weight)| *weight >= threshold);
        let proven = found.proven[row as usize];
        let is_one = record == speaks || proven || worth.is_some();
        entities.push(if is_one { found.table.records[smallest[row as usize] as usize] } else { record });
        let copied = found.copies.count[row as usize] > 1;
        tiers.push(match (found.tier0[row as usize] || (proven && copied), found.clusters.size(row) > 1 || (copied && worth.is_some())) {
            _ if !is_one => "single",
            _ if found.decided.joins(row) && found.clusters.size(row) > 1 => "decision",
            (true, _) => "id",
            (false, true) => "probabilistic",
            (false, false) => "single",
        });
    }
    report.records = records.len() as u64;
    report.copies = (records.len() - found.table.len()) as u64;
    report.entities = records.iter().zip(&entities).filter(|(record, entity)| record == entity).count() as u64;
    let link = link(entity, records, &entities, tiers.into_iter())?;
    let mut kept: Vec<Pair<'_>> = found.weighed.edges.iter().map(|edge| found.pair(edge)).collect();
    kept.extend(found.copied_pairs());
    kept.sort_unstable_by_key(|pair| (pair.left, pair.right));
    report.kept = kept.len() as u64;
    let verified = verified(entity, found);
    let counts =
        vec![(learned::BLOCK, blocks(&report, &found.weighed.compared)?), (learned::HISTOGRAM, histogram(&report, found.weighed)?)];
    Ok(Resolution { link, verified, pair: pairs(entity, &kept)?, counts, model, report })
}

/// Of each record whether it carries an identifier that tells entities apart: an exclusive one, or where the type has none the first that
/// identifies.
fn verified(entity: &EntityType, found: &Found<'_>) -> Vec<bool> {
    let table = found.table;
    let Some(matching) = &entity.matching else { return vec![false; found.copies.records.len()] };
    let columns = |names: &[String]| -> Vec<&[u32]> {
        names.iter().filter_map(|name| table.position(name)).map(|at| table.columns[at].ids.as_slice()).collect()
    };
    let (exclusive, first) = (columns(&matching.exclusive), columns(matching.identify.first().map(Vec::as_slice).unwrap_or_default()));
    let is_stated = |row: u32| move |ids: &&[u32]| ids[row as usize] != NONE;
    let carries = |&row: &u32| match exclusive.as_slice() {
        [] => !first.is_empty() && first.iter().all(is_stated(row)),
        exclusive => exclusive.iter().any(is_stated(row)),
    };
    found.copies.row.iter().map(carries).collect()
}

/// A kept pair by record numbers.
struct Pair<'a> {
    left: i64,
    right: i64,
    key: &'a str,
    levels: &'a str,
    weight: f64,
}

/// What stands for the key of two records that say the very same.
const SAME: &str = "same";

impl Found<'_> {
    /// Levels and weight of two copies of a row.
    fn copy(&self, row: u32) -> Option<(u64, f64)> {
        self.weighed.copies.get(row as usize).copied().flatten()
    }

    fn pair(&self, edge: &Edge) -> Pair<'_> {
        let record = |row: u32| self.table.records[row as usize];
        let key = self.weighed.keys.get(edge.key).map_or("", String::as_str);
        Pair { left: record(edge.left), right: record(edge.right), key, levels: self.spelled(edge.levels), weight: edge.weight }
    }

    /// Each copy with the record that speaks for it, where only weight makes them one.
    fn copied_pairs(&self) -> impl Iterator<Item = Pair<'_>> {
        self.copies.records.iter().zip(&self.copies.row).filter_map(|(&record, &row)| {
            let left = self.table.records[row as usize];
            let (levels, weight) = self.copy(row).filter(|(_, weight)| *weight >= odds(KEPT))?;
            let is_open = record != left && !self.proven[row as usize];
            is_open.then(|| Pair { left, right: record, key: SAME, levels: self.spelled(levels), weight })
        })
    }

    fn spelled(&self, levels: u64) -> &str {
        self.weighed.spelled.get(&levels).map_or("", String::as_str)
    }
}

fn link<'a>(entity: &EntityType, records: &[i64], entities: &[i64], tiers: impl Iterator<Item = &'a str>) -> Result<RecordBatch, Error> {
    Ok(RecordBatch::try_new(
        table::partition_schema(),
        vec![
            Arc::new(Int64Array::from(records.to_vec())),
            Arc::new(Int64Array::from(entities.to_vec())),
            Arc::new(StringArray::from_iter_values(std::iter::repeat_n(&entity.name, records.len()))),
            Arc::new(StringArray::from_iter_values(tiers)),
        ],
    )?)
}

fn pairs(entity: &EntityType, pairs: &[Pair<'_>]) -> Result<RecordBatch, Error> {
    Ok(RecordBatch::try_new(
        table::pair_schema(),
        vec![
            Arc::new(StringArray::from_iter_values(std::iter::repeat_n(&entity.name, pairs.len()))),
            Arc::new(Int64Array::from_iter_values(pairs.iter().map(|pair| pair.left))),
            Arc::new(Int64Array::from_iter_values(pairs.iter().map(|pair| pair.right))),
            Arc::new(StringArray::from_iter_values(pairs.iter().map(|pair| pair.key))),
            Arc::new(StringArray::from_iter_values(pairs.iter().map(|pair| pair.levels))),
            Arc::new(Float64Array::from_iter_values(pairs.iter().map(|pair| pair.weight))),
            Arc::new(Float64Array::from_iter_values(pairs.iter().map(|pair| posterior(pair.weight)))),
        ],
    )?)
}

fn blocks(report: &ResolutionReport, compared: &[u64]) -> Result<RecordBatch, Error> {
    let keys = || report.keys.iter().zip(compared);
    let count = |of: fn(&KeyReport) -> u64| Arc::new(Int64Array::from_iter_values(keys().map(|(key, _)| whole(of(key)))));
    Ok(RecordBatch::try_new(
        learned::block(),
        vec![
            Arc::new(StringArray::from_iter_values(keys().map(|_| &report.entity))),
            Arc::new(Int64Array::from_iter_values((0i64..).zip(keys()).map(|(place, _)| place))),
            Arc::new(StringArray::from_iter_values(keys().map(|(key, _)| &key.key))),
            count(|key| key.blocks),
            count(|key| key.pairs),
            Arc::new(Int64Array::from_iter_values(keys().map(|(_, &compared)| whole(compared)))),
            count(|key| key.refined),
            count(|key| key.cut),
            count(|key| key.pairs_cut),
        ],
    )?)
}

fn histogram(report: &ResolutionReport, weighed: &Weighed) -> Result<RecordBatch, Error> {
    let bins: Vec<(f64, [u64; 4])> = weighed.histogram.bins().collect();
    let count = |which: usize| Arc::new(Int64Array::from_iter_values(bins.iter().map(|(_, counts)| whole(counts[which]))));
    Ok(RecordBatch::try_new(
        learned::histogram(),
        vec![
            Arc::new(StringArray::from_iter_values(bins.iter().map(|_| &report.entity))),
            Arc::new(Float64Array::from_iter_values(bins.iter().map(|(weight, _)| *weight))),
            count(0),
            count(1),
            count(2),
            count(3),
        ],
    )?)
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
