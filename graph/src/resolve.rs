//! Who is who: tier 0, tier 1 and what they leave behind: each record's entity, and each kept pair with what it was weighed by.

use crate::{
    Error,
    block::{Blocks, KeyReport, forms},
    cluster::{Clusters, Joined},
    column::{Column, NONE, Table, narrow},
    compare::{Comparison, MOST, pattern},
    decision::{Decided, DecisionReport, Decisions},
    guard::Guard,
    tier0::{IdentifyReport, identify},
    train::train,
    weigh::{Learned, Weights, odds, posterior, spell},
};
use arrow_array::{Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::ArrowError;
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};
use wuwei_schema::{EntityType, Form, Kind, Matching, table};

/// Which records are one, why, and how it went.
#[derive(Debug, Clone)]
pub struct Resolution {
    /// Of [`table::partition_schema`]: one row a record, by record number. Which number each cluster has is [`crate::identity`]'s.
    pub link: RecordBatch,
    /// Of each row of `link` whether the record carries an identifier that tells entities apart.
    pub verified: Vec<bool>,
    /// `graph.pair`: the pairs of probability [`KEPT`] and more, by record numbers.
    pub pair: RecordBatch,
    /// How it went.
    pub report: ResolutionReport,
}

/// The probability from which a pair is kept, for those who look into doubts.
pub const KEPT: f64 = 0.5;

/// A phone that more different names than this carry belongs to no household.
const NAMES: usize = 8;

/// Members of two clusters that are looked at before they are joined: beyond it they are left apart.
const CROSS: u64 = 10_000;

/// How a type was resolved. Counts only.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ResolutionReport {
    /// The entity type.
    pub entity: String,
    /// Records read.
    pub records: u64,
    /// Entities found.
    pub entities: u64,
    /// What people decided.
    pub decided: DecisionReport,
    /// Tier 0, list by list.
    pub identify: Vec<IdentifyReport>,
    /// Values that carry no weight, by property: too many names share them.
    pub hubs: BTreeMap<String, u64>,
    /// Tier 1, key by key.
    pub keys: Vec<KeyReport>,
    /// Pairs compared.
    pub compared: u64,
    /// Of them refused by the guard: contradiction, unbacked slip, twins.
    pub refused: u64,
    /// Pairs kept.
    pub kept: u64,
    /// Joins by weight.
    pub joined: u64,
    /// Joins by weight that an exclusive property or the guard between other members prevented.
    pub prevented: u64,
    /// Log-odds, in bits, that two records not settled by tier 0 are one.
    pub prior_bits: f64,
    /// What agreement is worth, by property.
    pub weights: Vec<PropertyWeight>,
}

/// What the levels of one property are worth.
#[derive(Debug, Clone, Serialize)]
pub struct PropertyWeight {
    /// The property.
    pub property: String,
    /// Where m comes from.
    pub learned: Learned,
    /// Share of each level among pairs of one entity, from level 0.
    pub m: Vec<f64>,
    /// Share of each level among pairs of two entities.
    pub u: Vec<f64>,
    /// Bits of each level, before the rarity of a value.
    pub bits: Vec<f64>,
}

/// A pair worth keeping.
struct Edge {
    left: u32,
    right: u32,
    key: usize,
    pattern: u64,
    weight: f64,
}

/// Finds the records that are one entity.
///
/// `records` are batches of [`EntityType::record_schema`] of which `record_id` and the properties that its matching names must be
/// present: [`columns_needed`]. What people decided comes before all else. The result does not depend on the order of batches and rows. Memory: 4 bytes a record and property, and
/// each distinct value once.
///
/// # Errors
/// When a column is missing, a record number stands twice, or the source fails.
pub fn resolve(
    entity: &EntityType,
    records: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    decisions: &Decisions,
) -> Result<Resolution, Error> {
    let mut report = ResolutionReport { entity: entity.name.clone(), ..ResolutionReport::default() };
    let Some(matching) = &entity.matching else {
        let table = Table::read(entity, &[], records)?;
        let (clusters, decided) = Decided::of(decisions, &table, Vec::new());
        report.decided = decided.report;
        return finish(entity, &table, &decided, &clusters, &clusters, &[], report);
    };
    let mut table = Table::read(entity, &names(matching), records)?;
    let exclusive = matching.exclusive.iter().filter_map(|name| table.position(name));
    let exclusive = exclusive.map(|at| table.columns[at].ids.clone()).collect();
    let (mut clusters, decided) = Decided::of(decisions, &table, exclusive);
    report.decided = decided.report;
    report.identify = identify(&table, matching, &mut clusters);
    report.hubs = mute_hubs(&mut table, matching);
    let tier0 = clusters.clone();
    let edges = weigh_pairs(&table, matching, &tier0, &mut report)?;
    let undoubted = edges.iter().filter(|edge| !decided.doubts(edge.left, edge.right));
    join(undoubted, &mut clusters, &mut Guard::new(&table, matching), matching.threshold, &mut report);
    finish(entity, &table, &decided, &tier0, &clusters, &edges, report)
}

/// The columns that [`resolve`] needs of a type's records: the record number, and what its matching names.
pub fn columns_needed(entity: &EntityType) -> Vec<String> {
    let named = entity.matching.as_ref().map(names).unwrap_or_default();
    std::iter::once("record_id").chain(named).map(str::to_owned).collect()
}

/// The properties that matching names, each once.
fn names(matching: &Matching) -> Vec<&str> {
    let lists = matching.identify.iter().flatten().chain(&matching.guard).chain(&matching.exclusive).chain(&matching.compare);
    let blocked = matching.block.iter().flatten().map(|part| &part.property);
    let mut names: Vec<&str> = lists.chain(blocked).map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// A clerk's number stands on everyone's records: where many names carry a phone, it neither blocks nor weighs.
fn mute_hubs(table: &mut Table, matching: &Matching) -> BTreeMap<String, u64> {
    let mut muted = BTreeMap::new();
    let is_name = |name: &&String| table.position(name).is_some_and(|at| table.columns[at].kind == Kind::Name);
    let Some(names) = matching.guard.iter().chain(&matching.compare).find(is_name).and_then(|name| table.position(name)) else {
        return muted;
    };
    let sounds = forms(&table.columns[names], Form::Pinyin);
    let carriers: Vec<u64> = table.columns[names].ids.iter().map(|&id| sounds[id as usize]).collect();
    for column in table.columns.iter_mut().filter(|column| column.kind == Kind::Phone && !matching.exclusive.contains(&column.name)) {
        let hubs = hubs(column, &carriers);
        column.ids.iter_mut().filter(|id| hubs[**id as usize]).for_each(|id| *id = NONE);
        muted.insert(column.name.clone(), hubs.iter().filter(|hub| **hub).count() as u64);
    }
    muted
}

/// For each value whether too many names carry it.
fn hubs(column: &Column, carriers: &[u64]) -> Vec<bool> {
    let stated = column.ids.iter().zip(carriers).filter(|&(&id, &name)| id != NONE && name != 0);
    let mut pairs: Vec<(u32, u64)> = stated.map(|(&id, &name)| (id, name)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut hubs = vec![false; column.values.len()];
    for same in pairs.chunk_by(|left, right| left.0 == right.0) {
        hubs[same[0].0 as usize] = same.len() > NAMES;
    }
    hubs
}

/// Compares and weighs what the blocking keys bring together.
fn weigh_pairs(table: &Table, matching: &Matching, tier0: &Clusters, report: &mut ResolutionReport) -> Result<Vec<Edge>, Error> {
    let compared: Vec<usize> = matching.compare.iter().filter_map(|name| table.position(name)).collect();
    if compared.len() > MOST {
        return Err(Error::Limit { what: "compared properties", count: compared.len(), limit: MOST });
    }
    if compared.is_empty() || matching.block.is_empty() {
        return Ok(Vec::new());
    }
    let blocks = Blocks::new(table, matching, &compared, tier0);
    let mut guard = Guard::new(table, matching);
    let weights = train(table, &compared, &blocks, tier0, &mut guard);
    describe(&weights, report);
    let mut comparisons: Vec<Comparison<'_>> = compared.iter().map(|&at| Comparison::new(&table.columns[at])).collect();
    let (mut edges, kept) = (Vec::new(), odds(KEPT));
    for key in 0..blocks.keys.len() {
        blocks.pairs(key, 1, |left, right, first| {
            if !first {
                return;
            }
            report.compared += 1;
            let pattern = pattern(&mut comparisons, left, right);
            let weight = weights.weight(pattern, left, right);
            if weight < kept {
                return;
            }
            if guard.refuses(left, right) {
                report.refused += 1;
                return;
            }
            edges.push(Edge { left, right, key, pattern, weight });
        });
    }
    report.kept = edges.len() as u64;
    report.keys = blocks.keys.into_iter().map(|key| key.report).collect();
    Ok(edges)
}

fn describe(weights: &Weights<'_>, report: &mut ResolutionReport) {
    report.prior_bits = weights.prior;
    let terms = weights.terms.iter().map(|term| PropertyWeight {
        property: term.column.name.clone(),
        learned: term.learned,
        m: term.m.clone(),
        u: term.u.clone(),
        bits: (0..=term.column.kind.max_level()).map(|level| term.bits(level)).collect(),
    });
    report.weights = terms.collect();
}

/// Joins the heaviest first; ties by record number. A join is prevented when any two members it would bring together contradict.
fn join<'e>(
    edges: impl Iterator<Item = &'e Edge>,
    clusters: &mut Clusters,
    guard: &mut Guard<'_>,
    threshold: f64,
    report: &mut ResolutionReport,
) {
    let enough = odds(threshold);
    let mut order: Vec<&Edge> = edges.filter(|edge| edge.weight >= enough).collect();
    order.sort_unstable_by(|a, b| b.weight.total_cmp(&a.weight).then((a.left, a.right).cmp(&(b.left, b.right))));
    for edge in order {
        if clusters.root(edge.left) == clusters.root(edge.right) {
            continue;
        }
        let cross = u64::from(clusters.size(edge.left)) * u64::from(clusters.size(edge.right));
        let fits =
            cross <= CROSS && clusters.members(edge.left).all(|left| clusters.members(edge.right).all(|right| !guard.parts(left, right)));
        if fits && clusters.join(edge.left, edge.right) == Joined::Now {
            report.joined += 1;
        } else {
            report.prevented += 1;
        }
    }
}

fn finish(
    entity: &EntityType,
    table: &Table,
    decided: &Decided,
    tier0: &Clusters,
    clusters: &Clusters,
    edges: &[Edge],
    mut report: ResolutionReport,
) -> Result<Resolution, Error> {
    let smallest = clusters.smallest();
    report.records = table.len() as u64;
    report.entities = smallest.iter().zip(0u32..).filter(|&(&smallest, row)| smallest == row).count() as u64;
    let tiers = table.rows().map(|row| match (tier0.size(row), clusters.size(row)) {
        (_, 1) => "single",
        _ if decided.joins(row) => "decision",
        (1, _) => "probabilistic",
        _ => "id",
    });
    let link = RecordBatch::try_new(
        table::partition_schema(),
        vec![
            Arc::new(Int64Array::from(table.records.clone())),
            Arc::new(smallest.iter().map(|&row| Some(table.records[row as usize])).collect::<Int64Array>()),
            Arc::new(StringArray::from_iter_values(std::iter::repeat_n(&entity.name, table.len()))),
            Arc::new(StringArray::from_iter_values(tiers)),
        ],
    )?;
    let pair = pairs(entity, table, edges)?;
    let verified = verified(entity, table);
    Ok(Resolution { link, verified, pair, report })
}

/// Of each row whether it carries an identifier that tells entities apart: an exclusive one, or where the type has none the first that
/// identifies.
fn verified(entity: &EntityType, table: &Table) -> Vec<bool> {
    let Some(matching) = &entity.matching else { return vec![false; table.len()] };
    let columns = |names: &[String]| -> Vec<&[u32]> {
        names.iter().filter_map(|name| table.position(name)).map(|at| table.columns[at].ids.as_slice()).collect()
    };
    let (exclusive, first) = (columns(&matching.exclusive), columns(matching.identify.first().map(Vec::as_slice).unwrap_or_default()));
    let is_stated = |row: u32| move |ids: &&[u32]| ids[row as usize] != NONE;
    let carries = |row: u32| match exclusive.as_slice() {
        [] => !first.is_empty() && first.iter().all(is_stated(row)),
        exclusive => exclusive.iter().any(is_stated(row)),
    };
    table.rows().map(carries).collect()
}

fn pairs(entity: &EntityType, table: &Table, edges: &[Edge]) -> Result<RecordBatch, Error> {
    let matching = entity.matching.as_ref();
    let compare = matching.map(|matching| matching.compare.as_slice()).unwrap_or_default();
    let columns: Vec<&Column> = compare.iter().filter_map(|name| table.position(name)).map(|at| &table.columns[at]).collect();
    let keys = matching.map(|matching| matching.block.as_slice()).unwrap_or_default();
    let keys: Vec<String> = keys.iter().map(|key| key.iter().map(ToString::to_string).collect::<Vec<_>>().join("+")).collect();
    let mut order: Vec<u32> = (0..narrow(edges.len())).collect();
    order.sort_unstable_by_key(|&at| (edges[at as usize].left, edges[at as usize].right));
    let edges = || order.iter().map(|&at| &edges[at as usize]);
    let record = |row: u32| Some(table.records[row as usize]);
    Ok(RecordBatch::try_new(
        table::pair_schema(),
        vec![
            Arc::new(StringArray::from_iter_values(std::iter::repeat_n(&entity.name, order.len()))),
            Arc::new(edges().map(|edge| record(edge.left)).collect::<Int64Array>()),
            Arc::new(edges().map(|edge| record(edge.right)).collect::<Int64Array>()),
            Arc::new(StringArray::from_iter_values(edges().map(|edge| &keys[edge.key]))),
            Arc::new(StringArray::from_iter_values(edges().map(|edge| spell(edge.pattern, &columns)))),
            Arc::new(edges().map(|edge| Some(edge.weight)).collect::<Float64Array>()),
            Arc::new(edges().map(|edge| Some(posterior(edge.weight))).collect::<Float64Array>()),
        ],
    )?)
}

#[cfg(test)]
mod tests;
