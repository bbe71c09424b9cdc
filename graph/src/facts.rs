//! What the records of one entity assert, where they disagree, and why they are one. Other entities do not enter.

use crate::{
    Error,
    batch::{Texts, integers, numbers},
    file::{Asserted, Gathered, KeptPair, Merged, MergedRecord, PropertyFile, Rule, Source},
    seam::seam,
};
use arrow_array::RecordBatch;
use std::{cmp::Reverse, collections::BTreeMap};
use wuwei_schema::{EntityType, Kind, Matching, Property, kind::name};

/// Entity and tier of each record.
pub(crate) type Belonging = BTreeMap<i64, (i64, String)>;

pub(crate) fn belonging(gathered: &Gathered) -> Result<Belonging, Error> {
    let mut belonging = Belonging::new();
    for batch in &gathered.links {
        let (entities, tiers) = (integers(batch, "entity_id")?.values(), Texts::of(batch, "tier")?);
        for ((row, &record), &entity) in integers(batch, "record_id")?.values().iter().enumerate().zip(entities) {
            belonging.insert(record, (entity, tiers.owned(row)));
        }
    }
    Ok(belonging)
}

/// The rows of one type's records as (batch, row, record number, source).
pub(crate) fn rows<'a>(gathered: &'a Gathered, entity: &str) -> Result<Vec<(&'a RecordBatch, usize, i64, Source)>, Error> {
    let mut rows = Vec::new();
    for (_, batch) in gathered.records.iter().filter(|(name, _)| name == entity) {
        let texts = ["department", "extract", "batch", "sheet", "role", "observed"].map(|name| Texts::of(batch, name));
        let texts = texts.into_iter().collect::<Result<Vec<_>, _>>()?;
        let numbers = integers(batch, "row")?.values();
        for (at, &record) in integers(batch, "record_id")?.values().iter().enumerate() {
            let source = Source {
                department: texts[0].owned(at),
                extract: texts[1].owned(at),
                batch: texts[2].owned(at),
                sheet: texts[3].owned(at),
                row: numbers[at],
                role: texts[4].owned(at),
                observed: texts[5].owned(at),
            };
            rows.push((batch, at, record, source));
        }
    }
    Ok(rows)
}

/// Every property that a record of the entity asserts, in the model's order.
pub(crate) fn identity(entity: &EntityType, gathered: &Gathered, belonging: &Belonging) -> Result<Vec<PropertyFile>, Error> {
    let rows = rows(gathered, &entity.name)?;
    let own: Vec<_> = rows.iter().filter(|(_, _, record, _)| is_of(gathered, belonging, *record)).collect();
    if own.is_empty() {
        return Err(Error::Missing { entity: entity.name.clone() });
    }
    let mut found = Vec::new();
    for property in &entity.properties {
        let mut values = Vec::new();
        for (batch, at, record, source) in &own {
            let value = Texts::of(batch, &property.name)?.owned(*at);
            if !value.is_empty() {
                let seen = gathered.seen.get(&(source.extract.clone(), source.batch.clone())).cloned();
                let (first_seen, last_seen) = seen.unzip();
                values.push(Asserted { value, source: source.clone(), record_id: *record, first_seen, last_seen });
            }
        }
        values.sort();
        if !values.is_empty() {
            let conflict = conflict(property, entity.matching.as_ref(), &values);
            let (value, rule) = prevailing(&values);
            let (name, label, note) = (property.name.clone(), property.label.clone(), property.kind.note(&value));
            found.push(PropertyFile { property: name, label, value, rule, note, conflict, values });
        }
    }
    Ok(found)
}

pub(crate) fn is_of(gathered: &Gathered, belonging: &Belonging, record: i64) -> bool {
    belonging.get(&record).is_some_and(|(entity, _)| *entity == gathered.entity_id)
}

/// The caption properties in one line; empty where none has a value.
pub(crate) fn caption(entity: &EntityType, identity: &[PropertyFile]) -> String {
    let value = |name: &String| identity.iter().find(|property| property.property == *name).map(|property| property.value.as_str());
    entity.caption.iter().filter_map(value).collect::<Vec<_>>().join(" ")
}

/// The records and pairs of the entity.
pub(crate) fn merged(entity: &EntityType, gathered: &Gathered, belonging: &Belonging) -> Result<Merged, Error> {
    let mut records: Vec<MergedRecord> = Vec::new();
    for (_, _, record_id, source) in rows(gathered, &entity.name)? {
        if let Some((_, tier)) = belonging.get(&record_id).filter(|(owner, _)| *owner == gathered.entity_id) {
            records.push(MergedRecord { record_id, tier: tier.clone(), source });
        }
    }
    records.sort_by_key(|record| record.record_id);
    let numbers_of: Vec<i64> = records.iter().map(|record| record.record_id).collect();
    let mut pairs = Vec::new();
    for batch in &gathered.pairs {
        let (left, right) = (integers(batch, "left")?, integers(batch, "right")?);
        let (keys, levels) = (Texts::of(batch, "key")?, Texts::of(batch, "levels")?);
        let (weights, posteriors) = (numbers(batch, "weight")?, numbers(batch, "posterior")?);
        for at in 0..batch.num_rows() {
            let (left, right, weight, posterior) = (left.value(at), right.value(at), weights.value(at), posteriors.value(at));
            // Of a record that whoever asks does not see no pair tells.
            if [left, right].iter().all(|record| numbers_of.binary_search(record).is_ok()) {
                pairs.push(KeptPair { left, right, key: keys.owned(at), levels: levels.owned(at), weight, posterior });
            }
        }
    }
    pairs.sort_by_key(|pair| (pair.left, pair.right));
    let seam = seam(entity, gathered, &numbers_of, &pairs)?;
    Ok(Merged { records, pairs, seam })
}

/// The value of most assertions; of equally many the one observed last, then that of the smallest record number: as `entity.<type>` has it.
fn prevailing(values: &[Asserted]) -> (String, Rule) {
    let rank = |same: &[Asserted]| {
        let last = same.iter().map(|asserted| asserted.source.observed.clone()).max().unwrap_or_default();
        (same.len(), last, Reverse(same.iter().map(|asserted| asserted.record_id).min()))
    };
    let mut ranked: Vec<_> = values.chunk_by(|left, right| left.value == right.value).map(|same| (rank(same), same)).collect();
    ranked.sort_by(|left, right| right.0.cmp(&left.0));
    let rule = match ranked.as_slice() {
        [_] | [] => Rule::Only,
        [(first, _), (second, _), ..] if first.0 > second.0 => Rule::Most,
        [(first, _), (second, _), ..] if first.1 > second.1 => Rule::Latest,
        _ => Rule::Earliest,
    };
    (ranked.first().map(|(_, same)| same[0].value.clone()).unwrap_or_default(), rule)
}

/// Whether two departments assert what cannot both be. Phones, addresses and free text may be several and change; two ways of writing one
/// name, or a date and the same date less exact, are variants.
fn conflict(property: &Property, matching: Option<&Matching>, values: &[Asserted]) -> bool {
    let guarded = matching.is_some_and(|matching| matching.guard.contains(&property.name));
    let single = guarded || matches!(property.kind, Kind::Date | Kind::Code(_) | Kind::CitizenId | Kind::CreditCode);
    let disagree = |left: &Asserted, right: &Asserted| {
        left.source.department != right.source.department && !variants(&property.kind, &left.value, &right.value)
    };
    single && values.iter().enumerate().any(|(at, left)| values[at + 1..].iter().any(|right| disagree(left, right)))
}

fn variants(kind: &Kind, left: &str, right: &str) -> bool {
    match kind {
        Kind::Date => left.starts_with(right) || right.starts_with(left),
        Kind::Name => kind.agreement(left, right) >= name::SOUND,
        _ => left == right,
    }
}
