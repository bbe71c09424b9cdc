//! Who is who: tier 0, tier 1 and what they leave behind: each record's entity, and each kept pair with what it was weighed by.

mod carried;
mod experiment;
mod histogram;
mod hubs;
mod kept;
mod linkage;
mod links;
mod near;
mod nearby;
#[cfg(test)]
mod numbered;
mod output;
mod pairs;
mod past;
mod since;

use crate::{
    Error,
    block::KeyReport,
    change::{Change, Stood},
    column::{Column, Sample, Table},
    copies::Copies,
    decision::{Decided, DecisionReport, Decisions},
    model::MatchModel,
    parallel,
    said::Said,
    tier0::{IdentifyReport, doubt_births, identify},
    weigh::Learned,
};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
pub use experiment::Experiment;
pub(crate) use hubs::mute_hubs;
pub use kept::KeptPairs;
pub use links::Links;
use pairs::{Weighed, weigh_pairs};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use wuwei_schema::{EntityType, Matching};

/// Which records are one, why, and how it went.
#[derive(Debug)]
pub struct Resolution {
    /// Of each record the entity.
    pub link: Links,
    /// Of each row of `link` whether the record carries an identifier that tells entities apart.
    pub verified: Vec<bool>,
    /// `graph.pair`: the pairs of probability [`KEPT`] and more, by record numbers.
    pub pair: KeptPairs,
    /// `graph.block` and `graph.weight_histogram`: what the keys brought, and which weights there were. None where a model was given: they are
    /// of what taught it, and go on to tell by what the threshold was chosen.
    pub counts: Vec<(&'static str, RecordBatch)>,
    /// What was learned; none where a model was given, or nothing was weighed.
    pub model: Option<MatchModel>,
    /// What was read of the records, for whoever needs it next; none where not all were resolved.
    pub said: Option<Said>,
    /// How it went.
    pub report: ResolutionReport,
}

/// The probability from which a pair is kept, for those who look into doubts.
pub const KEPT: f64 = 0.5;

/// Counts up when the same two records may weigh otherwise by the same model, or others are compared: what was kept before is no help then.
pub const WEIGHING: i64 = 3;

/// How a type was resolved. Counts only.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ResolutionReport {
    /// The entity type.
    pub entity: String,
    /// Records read.
    pub records: u64,
    /// Of them those that what came since may reach, which alone were resolved again: all that is not of pairs, entities and records is counted of
    /// them. All where there was no resolution to build upon.
    pub again: u64,
    /// Of these those that say the very same as a smaller one, and are not compared.
    pub copies: u64,
    /// Entities found.
    pub entities: u64,
    /// What people decided.
    pub decided: DecisionReport,
    /// Tier 0, list by list.
    pub identify: Vec<IdentifyReport>,
    /// Values that carry no weight, by property: too many names share them.
    pub hubs: BTreeMap<String, u64>,
    /// Which way was taken; none where nothing is compared.
    pub way: Option<Way>,
    /// Tier 1, key by key; nothing where only what came since was compared.
    pub keys: Vec<KeyReport>,
    /// Pairs compared.
    pub compared: u64,
    /// Pairs kept as the resolution before left them, without being compared.
    pub carried: u64,
    /// Of them refused by the guard: contradiction, unbacked slip, twins.
    pub refused: u64,
    /// Pairs kept.
    pub kept: u64,
    /// Joins by weight.
    pub joined: u64,
    /// Joins by weight that an exclusive property or the guard between other members prevented.
    pub prevented: u64,
    /// Clusters that are not joined further, since they would be more than one entity can be: their pairs await a judgement.
    pub frozen: u64,
    /// The probability from which a pair is joined.
    pub threshold: f64,
    /// What hiding identifiers says of the threshold; none where too few records have one.
    pub experiment: Option<Experiment>,
    /// Log-odds, in bits, that two records not settled by tier 0 are one.
    pub prior_bits: f64,
    /// What agreement is worth, by property.
    pub weights: Vec<PropertyWeight>,
}

/// How a type was resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// All pairs were compared, and what they are weighed by was learned of them.
    Learned,
    /// All pairs were compared, and weighed by what was learned before.
    Weighed,
    /// Pairs were compared that were not before, and weighed by what was learned before.
    Increment,
    /// Nothing came, went or was decided: what was found before stands, and nothing was asked.
    Unchanged,
}

/// What a resolution left behind, to which what came since is added.
#[derive(Debug)]
pub struct Before<'a, L, P, G> {
    /// What it weighed by.
    pub model: &'a MatchModel,
    /// The records of the type that there were, ascending.
    pub records: &'a [i64],
    /// Records that anybody ever decided on, those of decisions taken back since among them.
    pub decided: &'a BTreeSet<i64>,
    /// Batches of `graph.link`, of which the record, its entity, the type and the tier must be present; those of other types are passed over.
    pub link: L,
    /// Batches of `graph.pair`; those of other types are passed over.
    pub pairs: P,
    /// Batches as the records are, of those of `records` that are no more.
    pub gone: G,
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

/// Finds the records that are one entity.
///
/// `records` are batches of [`EntityType::record_schema`] of which `record_id` and the properties that its matching names must be
/// present: [`columns_needed`]. What people decided comes before all else. The result does not depend on the order of batches and rows, nor
/// on the number of threads. Memory: 4 bytes a record and property, and each distinct value once.
///
/// # Errors
/// When a column is missing, a record number stands twice, or the source fails.
pub fn resolve(
    entity: &EntityType,
    records: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    decisions: &Decisions,
) -> Result<Resolution, Error> {
    resolve_on(parallel::available(), entity, records, decisions, None, None)
}

/// The same by a model that was learned before: nothing is learned, and the threshold is the model's. Of the records that taught it the outcome is
/// that of [`resolve`], bit for bit.
///
/// # Errors
/// As of [`resolve`], and when the model was learned of other comparisons.
pub fn resolve_with(
    entity: &EntityType,
    records: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    decisions: &Decisions,
    model: &MatchModel,
) -> Result<Resolution, Error> {
    resolve_on(parallel::available(), entity, records, decisions, Some(model), None)
}

/// The same as [`resolve_with`], bit for bit, where most of it was resolved before by the same model: only what came, went or was decided on is
/// resolved, with all that it may reach. `records` are all that there are now. Where what was is not told whole, or the change reaches too
/// far, all are compared; [`ResolutionReport::way`] tells. Memory: the text of all records, and 4 bytes for each list that identifies and
/// each blocking key.
///
/// # Errors
/// As of [`resolve_with`], and when `before` cannot be read.
pub fn resolve_since(
    entity: &EntityType,
    mut records: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    decisions: &Decisions,
    mut before: Before<
        '_,
        impl Iterator<Item = Result<RecordBatch, ArrowError>>,
        impl Iterator<Item = Result<RecordBatch, ArrowError>>,
        impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    >,
) -> Result<Resolution, Error> {
    let Some(matching) = &entity.matching else { return resolve_with(entity, records, decisions, before.model) };
    let Before { model, records: stood, decided, .. } = before;
    let before =
        Before { model, records: stood, decided, link: &mut before.link as _, pairs: &mut before.pairs as _, gone: &mut before.gone as _ };
    nearby::resolve((entity, matching), &mut records, decisions, before)
}

/// What a resolution left behind beside its model, of rows that hold all that a change reaches.
struct Earlier<'a> {
    stood: Stood<'a>,
    pairs: &'a [since::Pair],
    gone: nearby::Batches<'a>,
}

fn resolve_on(
    threads: usize,
    entity: &EntityType,
    records: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    decisions: &Decisions,
    model: Option<&MatchModel>,
    earlier: Option<Earlier<'_>>,
) -> Result<Resolution, Error> {
    let mut report = ResolutionReport { entity: entity.name.clone(), ..ResolutionReport::default() };
    let Some(matching) = &entity.matching else {
        return apart(&Table::read(entity, &[], records)?, entity, decisions, report);
    };
    let (mut table, gone, earlier) = match earlier {
        Some(Earlier { stood, pairs, gone }) => {
            let (table, gone) = Table::read_two(entity, &names(matching), records, gone)?;
            (table, gone, Some((stood, pairs)))
        }
        None => (Table::read(entity, &names(matching), records)?, Table::default(), None),
    };
    let copies = Copies::take(&mut table, &decisions.records());
    let sample = if model.is_none() { Sample::of(&table.contents) } else { Sample::default() };
    let exclusive = matching.exclusive.iter().filter_map(|name| table.position(name));
    let exclusive = exclusive.map(|at| table.columns[at].ids.clone()).collect();
    let (mut clusters, decided) = Decided::of(decisions, &table, exclusive);
    report.decided = decided.report;
    let mut identified = identify(&table, matching, &mut clusters);
    if model.is_none() {
        doubt_births(&table, matching, &mut identified.doubted);
    }
    report.identify = std::mem::take(&mut identified.reports);
    let is_all = earlier.is_none();
    let earlier = earlier.map(|(stood, pairs)| (Change::of((&table, &copies), matching, &clusters, stood, gone), pairs));
    table.contents = Vec::new();
    let muted = mute_hubs(&mut table, matching, model);
    report.hubs = muted.iter().map(|(property, values)| (property.clone(), values.len() as u64)).collect();
    let tier0: Vec<bool> = table.rows().map(|row| clusters.size(row) > 1).collect();
    let needed: Vec<bool> = table.columns.iter().map(|column| is_needed(matching, &column.name)).collect();
    table.let_go(|at, _| !needed[at]);
    table.columns.retain(|column| is_needed(matching, &column.name));
    let known = pairs::Known { copies: &copies, doubted: &identified.doubted, decided: &decided, model, sample: &sample };
    let (weighed, learned) = weigh_pairs(&table, matching, &mut clusters, &known, threads, earlier, &mut report)?;
    let learned = learned.map(|learned| learned.muting(muted.clone()));
    table.columns.iter_mut().for_each(Column::forget_sketches);
    let found = output::Found {
        table: &table,
        copies: &copies,
        proven: &identified.proven,
        tier0: &tier0,
        clusters: &clusters,
        weighed,
        decided: &decided,
    };
    let written = output::write(entity, found, report, learned)?;
    Ok(Resolution { said: is_all.then(|| Said::of(table, copies, matching, &muted)), ..written })
}

/// Of a type without matching only people's decisions make records one.
fn apart(table: &Table, entity: &EntityType, decisions: &Decisions, mut report: ResolutionReport) -> Result<Resolution, Error> {
    let (clusters, decided) = Decided::of(decisions, table, Vec::new());
    report.decided = decided.report;
    let found = output::Found {
        copies: &Copies::none(table),
        proven: &vec![false; table.len()],
        tier0: &table.rows().map(|row| clusters.size(row) > 1).collect::<Vec<bool>>(),
        clusters: &clusters,
        weighed: Weighed::default(),
        decided: &decided,
        table,
    };
    output::write(entity, found, report, None)
}

/// Whether anything after tier 0 looks at a property. Identifiers that do nothing but identify are a third of the memory of a table.
fn is_needed(matching: &Matching, name: &str) -> bool {
    let lists = matching.guard.iter().chain(&matching.exclusive).chain(&matching.compare).chain(matching.identify.iter().take(1).flatten());
    let blocked = matching.block.iter().flatten().map(|part| &part.property);
    lists.chain(blocked).chain(matching.fits.iter().flatten()).any(|needed| needed == name)
}

/// The columns that [`resolve`] needs of a type's records: the record number, and what its matching names.
pub fn columns_needed(entity: &EntityType) -> Vec<String> {
    let named = entity.matching.as_ref().map(names).unwrap_or_default();
    std::iter::once("record_id").chain(named).map(str::to_owned).collect()
}

/// The properties that matching names, each once.
pub(crate) fn names(matching: &Matching) -> Vec<&str> {
    let lists = matching.identify.iter().flatten().chain(&matching.guard).chain(&matching.exclusive).chain(&matching.compare);
    let lists = lists.chain(matching.fits.iter().chain(&matching.contains).chain(&matching.unless).flatten());
    let blocked = matching.block.iter().flatten().map(|part| &part.property);
    let mut names: Vec<&str> = lists.chain(blocked).map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests;
