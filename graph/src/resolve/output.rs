//! The tables that a resolution leaves behind, with every copy of a record in its place.

use super::{
    Resolution, ResolutionReport, Way,
    kept::{Joins, KeptPairs},
    links::Links,
    pairs::Weighed,
};
use crate::{
    Error,
    block::KeyReport,
    cluster::Clusters,
    column::{NONE, Table},
    copies::Copies,
    decision::Decided,
    model::MatchModel,
    parallel::{available, both, parallel},
    weigh::odds,
};
use arrow_array::{Float64Array, Int64Array, RecordBatch, StringArray};
use std::sync::Arc;
use wuwei_schema::{EntityType, learned};

/// What was found out of the rows of a table without copies.
pub(super) struct Found<'a> {
    pub(super) table: &'a Table,
    pub(super) copies: &'a Copies,
    /// Rows with an identifier that stands for one entity.
    pub(super) proven: &'a [bool],
    /// Rows that tier 0 joined to another.
    pub(super) tier0: &'a [bool],
    pub(super) clusters: &'a Clusters,
    pub(super) weighed: Weighed,
    pub(super) decided: &'a Decided,
}

/// How a record came to its entity, as `graph.link` says it.
pub(super) const TIERS: [&str; 4] = ["single", "id", "probabilistic", "decision"];

/// `graph.link` and `graph.pair` of all records.
pub(super) fn write(
    entity: &EntityType,
    mut found: Found<'_>,
    mut report: ResolutionReport,
    model: Option<MatchModel>,
) -> Result<Resolution, Error> {
    let records = &found.copies.records;
    let (enough, smallest) = (odds(report.threshold), found.clusters.smallest());
    let edges = std::mem::take(&mut found.weighed.edges);
    let joins = Joins { smallest: &smallest, enough, proven: found.proven };
    let numbers = Int64Array::new(records.clone(), None);
    let pairs = || KeptPairs::new(&entity.name, (numbers.clone(), found.copies), edges, &found.weighed, &joins);
    let (((entities, tiers), verified), pair) = both(|| (places(&found, &smallest, enough), verified(entity, &found)), pairs);
    (report.records, report.again) = (records.len() as u64, records.len() as u64);
    report.copies = (records.len() - found.table.len()) as u64;
    report.entities = records.iter().zip(&entities).filter(|(record, entity)| record == entity).count() as u64;
    let counts = match report.way {
        None | Some(Way::Learned) => {
            vec![(learned::BLOCK, blocks(&report, &found.weighed.compared)?), (learned::HISTOGRAM, histogram(&report, &found.weighed)?)]
        }
        Some(Way::Weighed | Way::Increment | Way::Unchanged) => Vec::new(),
    };
    report.kept = pair.count() as u64;
    let link = Links::new(&entity.name, numbers, entities, tiers);
    Ok(Resolution { link, verified, pair, counts, model, said: None, report })
}

/// For each record the smallest record of its entity, and which of [`TIERS`] brought it there.
fn places(found: &Found<'_>, smallest: &[u32], enough: f64) -> (Vec<i64>, Vec<u8>) {
    let Copies { records, row: rows, count } = found.copies;
    let (joined, heavy) = (joined(smallest), heavy(found, enough));
    let place = |&record: &i64, &row: &u32| {
        let at = row as usize;
        let (copied, proven) = (count[at] > 1, found.proven[at]);
        if copied && !proven && !heavy[at] && record != found.table.records[at] {
            return (record, 0);
        }
        let tier = match (found.tier0[at] || (proven && copied), joined[at] || heavy[at]) {
            _ if joined[at] && found.decided.joins(row) => 3,
            (true, _) => 1,
            (false, true) => 2,
            (false, false) => 0,
        };
        (found.table.records[smallest[at] as usize], tier)
    };
    let some = |(): &mut (), unit: usize| -> (Vec<i64>, Vec<u8>) {
        let these = unit * RECORDS..records.len().min((unit + 1) * RECORDS);
        records[these.clone()].iter().zip(&rows[these]).map(|(record, row)| place(record, row)).unzip()
    };
    // Some at a time, or all would be held twice.
    let (mut entities, mut tiers) = (Vec::with_capacity(records.len()), Vec::with_capacity(records.len()));
    let units = records.len().div_ceil(RECORDS);
    for first in (0..units).step_by(TOGETHER) {
        let placed = parallel(available(), TOGETHER.min(units - first), || (), |state, unit| some(state, first + unit));
        placed.into_iter().for_each(|(mut of, mut by)| {
            entities.append(&mut of);
            tiers.append(&mut by);
        });
    }
    (entities, tiers)
}

/// Records that one thread places at once, and how often that is done before they are put together.
const RECORDS: usize = 1 << 16;
const TOGETHER: usize = 64;

/// Of each row whether copies of it weigh enough to be one.
fn heavy(found: &Found<'_>, enough: f64) -> Vec<bool> {
    let mut heavy = vec![false; found.copies.count.len()];
    let copied = found.weighed.copies.iter().filter(|(row, _, weight)| *weight >= enough && found.copies.count[*row as usize] > 1);
    copied.for_each(|(row, _, _)| heavy[*row as usize] = true);
    heavy
}

/// Of each row whether another is in its cluster.
fn joined(smallest: &[u32]) -> Vec<bool> {
    let mut joined = vec![false; smallest.len()];
    for (row, &first) in (0u32..).zip(smallest).filter(|(row, first)| *row != **first) {
        joined[row as usize] = true;
        joined[first as usize] = true;
    }
    joined
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
