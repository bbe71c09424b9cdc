//! Why two records are one, or are not: each comparison with its level and its bits, the identifiers that both carry and what the guard says
//! of them, the keys that bring them together. All of it is asked of the functions that resolve; nothing is weighed a second way.

mod chain;
mod common;
mod obstacles;

use crate::{
    Error,
    cluster::Clusters,
    column::{NONE, Table, narrow},
    compare::{Comparisons, Measure, SILENT, level, measures},
    guard::{Guard, Objection},
    key,
    model::MatchModel,
    resolve::{columns_needed, mute_hubs, names},
    tier0::{self, Shared},
    weigh::{Term, odds, posterior},
};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
pub use chain::{Step, chain};
pub use common::{Carrying, in_common};
pub use obstacles::{Obstacles, obstacles};
use serde::Serialize;
use std::collections::BTreeSet;
use wuwei_schema::{EntityType, Matching, kind::name};

/// Why two records are one, or are not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The entity type.
    pub entity: String,
    /// The smaller record number.
    pub left: i64,
    /// The larger record number.
    pub right: i64,
    /// Log-odds, in bits, that two open records are one, before anything is compared.
    pub prior: f64,
    /// What was compared, in the order in which bits are added.
    pub comparisons: Vec<Compared>,
    /// Match weight in bits: the prior and the bits of all comparisons.
    pub weight: f64,
    /// Posterior probability that they are one.
    pub posterior: f64,
    /// The probability from which a pair is joined.
    pub threshold: f64,
    /// The same in bits.
    pub threshold_weight: f64,
    /// The blocking keys that both have, in the model's order.
    pub keys: Vec<String>,
    /// The identifiers that both carry.
    pub identifiers: Vec<SharedIdentifier>,
    /// Exclusive properties of which they have two values: they are never one.
    pub exclusive: Vec<String>,
    /// What speaks against a join by weight.
    pub objections: Vec<Objection>,
}

/// One comparison of two records.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// The property, or both of which it is asked whether they stand in each other's place.
    pub property: String,
    /// What the left record says; empty where nothing.
    pub left: String,
    /// What the right record says.
    pub right: String,
    /// The level of agreement; none where one of the two says nothing.
    pub level: Option<u8>,
    /// The level of exact agreement.
    pub exact: u8,
    /// Bits of the comparison, rarity included.
    pub bits: f64,
    /// Of them what the rarity of the value makes of the level's average.
    pub rarity: f64,
    /// The weight up to here.
    pub sum: f64,
}

/// An identifier that both records carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SharedIdentifier {
    /// The properties, e.g. `id_no`.
    pub identify: String,
    /// What it says of them.
    pub says: Shared,
}

/// Explains two records: of all pairs of the `left` and the `right` the one that weighs most, at equal weights that of the smallest numbers.
///
/// `records` are batches of the columns of [`columns_needed`]: the records of both sides, and all others that carry an identifier which both sides
/// do ([`in_common`]), by which hubs are known. The model must know the values that [`looked_up`] names.
///
/// # Errors
/// When a column is missing, one side has no record, the type has no matching, or the model is of other comparisons.
pub fn explain(
    entity: &EntityType,
    records: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    (left, right): (&BTreeSet<i64>, &BTreeSet<i64>),
    model: &MatchModel,
) -> Result<Explanation, Error> {
    let matching = entity.matching.as_ref().ok_or_else(|| Error::Unfit { entity: entity.name.clone() })?;
    let mut table = Table::read(entity, &names(matching), records)?;
    mute_hubs(&mut table, matching, Some(model));
    let measures = measures(&table, matching);
    let terms = Terms { weights: model.weights(&measures)?, measures: &measures };
    let rows = |side: &BTreeSet<i64>| -> Vec<u32> { table.rows().filter(|&row| side.contains(&table.records[row as usize])).collect() };
    let (lefts, rights) = (rows(left), rows(right));
    let pairs = lefts.iter().flat_map(|left| rights.iter().map(move |right| [*left.min(right), *left.max(right)]));
    let mut comparisons = Comparisons::new(&measures);
    let weighed = pairs.filter(|[left, right]| left != right).map(|pair| {
        let levels = comparisons.pattern(pair[0], pair[1]);
        (terms.weights.weight(levels, pair[0], pair[1]), pair, levels)
    });
    let heaviest = weighed.reduce(|best, next| if (next.0, best.1) > (best.0, next.1) { next } else { best });
    let (weight, pair, levels) = heaviest.ok_or_else(|| Error::Missing { entity: entity.name.clone() })?;
    let mut found = Explanation {
        entity: entity.name.clone(),
        left: table.records[pair[0] as usize],
        right: table.records[pair[1] as usize],
        prior: terms.weights.prior,
        comparisons: terms.compared(&table, levels, pair),
        weight,
        posterior: posterior(weight),
        threshold: model.threshold,
        threshold_weight: odds(model.threshold),
        keys: Vec::new(),
        identifiers: Vec::new(),
        exclusive: Vec::new(),
        objections: Vec::new(),
    };
    judge(&table, matching, pair, &mut found);
    Ok(found)
}

/// What is not weighed: keys, identifiers, exclusive values, the guard.
fn judge(table: &Table, matching: &Matching, pair: [u32; 2], found: &mut Explanation) {
    let [left, right] = pair;
    let key = |parts: &[wuwei_schema::KeyPart], row: u32| key::key_of(&key::parts(table, matching, parts), row);
    let shared = matching.block.iter().filter(|parts| key(parts, left) != 0 && key(parts, left) == key(parts, right));
    found.keys = shared.map(|parts| key::name(parts)).collect();
    let exclusive: Vec<usize> = matching.exclusive.iter().filter_map(|name| table.position(name)).collect();
    let ids = |at: usize| &table.columns[at].ids;
    let is_two = |at: usize| {
        let (left, right) = (ids(at)[left as usize], ids(at)[right as usize]);
        left != NONE && right != NONE && left != right
    };
    found.exclusive = exclusive.iter().filter(|at| is_two(**at)).map(|&at| table.columns[at].name.clone()).collect();
    let clusters = Clusters::new(table.len(), exclusive.iter().map(|&at| ids(at).clone()).collect());
    let mut guard = Guard::new(table, matching);
    for list in &matching.identify {
        let says = tier0::shared(table, matching, list, &clusters, pair);
        found.identifiers.extend(says.map(|says| SharedIdentifier { identify: list.join("+"), says }));
    }
    found.objections = guard.objections(left, right);
}

/// The comparisons of a model on a table.
pub(crate) struct Terms<'a> {
    pub(crate) weights: crate::weigh::Weights<'a>,
    pub(crate) measures: &'a [Measure<'a>],
}

impl Terms<'_> {
    /// The prior, and what each comparison adds.
    pub(crate) fn all(&self, table: &Table, levels: u64, pair: [u32; 2]) -> Vec<Compared> {
        let prior = self.weights.prior;
        let nothing = String::new();
        let first = Compared {
            property: "prior".to_owned(),
            left: nothing.clone(),
            right: nothing,
            level: None,
            exact: 0,
            bits: prior,
            rarity: 0.0,
            sum: prior,
        };
        std::iter::once(first).chain(self.compared(table, levels, pair)).collect()
    }

    /// What each comparison adds between two rows; the last sum is the weight, to the last bit.
    pub(crate) fn compared(&self, table: &Table, levels: u64, [left, right]: [u32; 2]) -> Vec<Compared> {
        let mut sum = self.weights.prior;
        let terms = self.weights.terms.iter().enumerate();
        let compared = |(at, term): (usize, &Term<'_>)| {
            let level = level(levels, at);
            let bits = term.worth(level, left, right);
            sum += bits;
            let says = |row: u32| {
                let properties = self.measures[at].properties(self.measures);
                let said = properties.iter().filter_map(|name| table.position(name)).map(|at| table.columns[at].text(row));
                said.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" / ")
            };
            Compared {
                property: term.name.clone(),
                left: says(left),
                right: says(right),
                level: (level != SILENT).then_some(level),
                exact: term.measure.max_level(),
                bits,
                rarity: if level == SILENT { 0.0 } else { bits - term.bits(level) },
                sum,
            }
        };
        terms.map(compared).collect()
    }
}

/// The values, and sounds of names, whose frequencies [`explain`] looks up, of the same records.
///
/// # Errors
/// When a column is missing.
pub fn looked_up(entity: &EntityType, records: &[RecordBatch]) -> Result<BTreeSet<String>, Error> {
    let needed = columns_needed(entity);
    let names: Vec<&str> = needed.iter().skip(1).map(String::as_str).collect();
    let table = Table::read(entity, &names, records.iter().cloned().map(Ok))?;
    let mut values = BTreeSet::new();
    for column in &table.columns {
        let texts: Vec<&str> = (1..narrow(column.values.len())).map(|id| column.values.get(id)).collect();
        if column.kind == wuwei_schema::Kind::Name {
            values.extend(texts.iter().map(|text| name::pinyin(text)));
        }
        values.extend(texts.into_iter().map(str::to_owned));
    }
    Ok(values)
}

#[cfg(test)]
mod tests;
