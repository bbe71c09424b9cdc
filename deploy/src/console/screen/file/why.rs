//! Why the records of a file are one: what joined them, the heaviest of the pairs that were weighed, and where they would come apart.

use super::{
    said::{Row, row},
    told::{Entity, Merged, MergedRecord, Seam},
};
use crate::{
    console::{guest::Visit, page::Page, screen::search::property_of},
    serve::problem::Problem,
};
use std::collections::BTreeMap;
use wuwei_schema::EntityType;

/// Pairs that are shown of those that were weighed, the heaviest.
const PAIRS: usize = 12;

/// Why the records are one.
#[derive(Debug)]
pub(crate) struct Why {
    /// Records by what they were joined by.
    pub(crate) tiers: Vec<(String, usize)>,
    pub(crate) records: Vec<(i64, String, Row)>,
    pub(crate) pairs: Vec<Weighed>,
    /// Pairs that are not shown.
    pub(crate) more: usize,
    pub(crate) weakest: Option<Weakest>,
}

#[derive(Debug)]
pub(crate) struct Weighed {
    pub(crate) left: i64,
    pub(crate) right: i64,
    pub(crate) key: String,
    pub(crate) levels: String,
    pub(crate) weight: String,
    pub(crate) posterior: String,
    /// Of 60 units, by weight.
    pub(crate) bar: String,
}

/// The weakest place of what holds records together.
#[derive(Debug)]
pub(crate) struct Weakest {
    pub(crate) left: String,
    pub(crate) right: String,
    pub(crate) ties: Vec<String>,
    /// Pairs to be judged different for a split.
    pub(crate) pairs: usize,
    /// Whether a second person has to confirm it.
    pub(crate) second_person: bool,
}

/// The grounds, heaviest pairs first; `tier` gives words for what joins such entities.
pub(super) fn why(page: &Page, visit: &Visit, (entity, tier): (&str, &dyn Fn(&str) -> String), merged: Merged) -> Why {
    let hub = visit.guest.console.state.hub();
    let kind = hub.definitions.model.entity(entity);
    let mut tiers: BTreeMap<&str, usize> = BTreeMap::new();
    merged.records.iter().for_each(|record| *tiers.entry(&record.tier).or_default() += 1);
    let tiers = tiers.into_iter().map(|(name, records)| (tier(name), records)).collect();
    let mut pairs = merged.pairs;
    pairs.sort_by(|left, right| right.weight.total_cmp(&left.weight).then((left.left, left.right).cmp(&(right.left, right.right))));
    let most = pairs.first().map_or(1.0, |pair| pair.weight.max(1.0));
    let more = pairs.len().saturating_sub(PAIRS);
    let weighed = pairs.into_iter().take(PAIRS).map(|pair| Weighed {
        left: pair.left,
        right: pair.right,
        key: key(page, kind, &pair.key),
        levels: levels(page, kind, &pair.levels),
        bar: format!("{:.1}", 60.0 * (pair.weight / most).clamp(0.0, 1.0)),
        weight: format!("{:.2}", pair.weight),
        posterior: format!("{:.4}", pair.posterior),
    });
    Why {
        tiers,
        pairs: weighed.collect(),
        more,
        weakest: merged.seam.as_ref().map(|seam| weakest(page, kind, seam)),
        records: merged.records.iter().map(|record| laid(page, visit, tier, record)).collect(),
    }
}

fn laid(page: &Page, visit: &Visit, tier: &dyn Fn(&str) -> String, record: &MergedRecord) -> (i64, String, Row) {
    (record.record_id, tier(&record.tier), row(page, visit, &record.source))
}

/// An entity as it would come apart.
#[derive(Debug)]
pub(crate) struct Apart {
    pub(crate) kind: String,
    pub(crate) entity: String,
    pub(crate) caption: String,
    pub(crate) weakest: Weakest,
    /// The records of the one part, and of the other, as the API takes them for sides.
    pub(crate) sides: [String; 2],
    pub(crate) parts: [Vec<(i64, String, Row)>; 2],
}

/// An entity as it would come apart at its weakest place; none where there is none.
///
/// # Errors
/// What the API refuses with.
pub(crate) async fn apart(page: &Page, visit: &Visit, id: i64) -> Result<Option<Apart>, Problem> {
    let told: Entity = visit.get(&format!("/api/v1/people/{id}")).await?;
    let hub = visit.guest.console.state.hub();
    let kind = hub.definitions.model.entity(&told.entity);
    let tier = |tier: &str| page.of_key("tier", tier);
    let of = |part: &[i64]| {
        let its = told.merged.records.iter().filter(|record| part.contains(&record.record_id));
        its.map(|record| laid(page, visit, &tier, record)).collect()
    };
    let side = |part: &[i64]| part.iter().map(|record| format!("r{record}")).collect::<Vec<_>>().join("+");
    Ok(told.merged.seam.as_ref().map(|seam| Apart {
        kind: page.said(&told.label).to_owned(),
        entity: told.entity.clone(),
        caption: told.caption.clone(),
        weakest: weakest(page, kind, seam),
        sides: [side(&seam.left), side(&seam.right)],
        parts: [of(&seam.left), of(&seam.right)],
    }))
}

/// What two records have in common, as `phone+name:surname`, in words.
fn key(page: &Page, kind: Option<&EntityType>, key: &str) -> String {
    let part = |part: &str| match part.split_once(':') {
        Some((property, form)) => format!("{}{}{}", property_of(page, kind, property), page.t("sign.of"), page.of_key("key_form", form)),
        // What is no property may be a word for all of them.
        None => page.of_key("met_by", &property_of(page, kind, part)),
    };
    key.split('+').map(part).collect::<Vec<_>>().join(page.t("sign.and"))
}

/// How far properties agree, as `name=6 phone=2`, in words.
fn levels(page: &Page, kind: Option<&EntityType>, levels: &str) -> String {
    let level = |level: &str| match level.split_once('=') {
        Some((property, level)) => format!("{} {level}", property_of(page, kind, property)),
        None => level.to_owned(),
    };
    levels.split_whitespace().map(level).collect::<Vec<_>>().join(page.t("sign.and"))
}

fn weakest(page: &Page, kind: Option<&EntityType>, seam: &Seam) -> Weakest {
    let records = |part: &[i64]| part.iter().map(|record| format!("r{record}")).collect::<Vec<_>>().join(" ");
    let ties = seam.links.iter().map(|tie| {
        let by = if tie.weight.is_some() { page.t("file.weighed").to_owned() } else { key(page, kind, &tie.by) };
        let weight = tie.weight.map(|weight| format!(" {weight:.2}")).unwrap_or_default();
        format!("r{} – r{}: {by}{weight}", tie.left, tie.right)
    });
    Weakest {
        left: records(&seam.left),
        right: records(&seam.right),
        ties: ties.collect(),
        pairs: seam.pairs,
        second_person: seam.second_person,
    }
}
