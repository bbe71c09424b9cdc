//! What an entity is tied to, and what happened when: relations with their dates, events it took part in, dates of its own.

use crate::{
    Error,
    batch::{Texts, integers},
    facts::{Belonging, rows},
    file::{Dated, Gathered, Related, Source},
};
use arrow_array::RecordBatch;
use std::{cmp::Reverse, collections::BTreeSet};
use wuwei_schema::{Category, EntityType, Kind, Label, Model};

/// An edge as it stands in `graph.edge`.
pub(crate) struct Edge {
    pub(crate) relation: String,
    pub(crate) source: i64,
    pub(crate) target: i64,
    pub(crate) since: Option<String>,
    pub(crate) until: Option<String>,
    pub(crate) qualifier: Option<String>,
    pub(crate) origin: Source,
}

/// All edges gathered, in the order of the table.
pub(crate) fn edges(gathered: &Gathered) -> Result<Vec<Edge>, Error> {
    let mut edges = Vec::new();
    for batch in &gathered.edges {
        edges.extend(edges_of(batch)?);
    }
    Ok(edges)
}

fn edges_of(batch: &RecordBatch) -> Result<Vec<Edge>, Error> {
    let names = ["relation", "since", "until", "qualifier", "department", "extract", "batch", "sheet"];
    let texts = names.iter().map(|name| Texts::of(batch, name)).collect::<Result<Vec<_>, _>>()?;
    let (sources, targets, rows) = (integers(batch, "source")?, integers(batch, "target")?, integers(batch, "row")?);
    let optional = |which: usize, at: usize| texts[which].get(at).map(std::borrow::Cow::into_owned);
    let edge = |at: usize| Edge {
        relation: texts[0].owned(at),
        source: sources.value(at),
        target: targets.value(at),
        since: optional(1, at),
        until: optional(2, at),
        qualifier: optional(3, at),
        origin: Source {
            department: texts[4].owned(at),
            extract: texts[5].owned(at),
            batch: texts[6].owned(at),
            sheet: texts[7].owned(at),
            row: rows.value(at),
            ..Source::default()
        },
    };
    Ok((0..batch.num_rows()).map(edge).collect())
}

/// The relations of the entity: present ones first, the latest first.
pub(crate) fn relations(model: &Model, gathered: &Gathered) -> Result<Vec<Related>, Error> {
    let mut relations: Vec<Related> = Vec::new();
    for edge in edges(gathered)? {
        let outward = edge.source == gathered.entity_id;
        if outward || edge.target == gathered.entity_id {
            relations.push(related(model, gathered, edge, outward));
        }
    }
    relations.sort_by_cached_key(|related| {
        let Related { present, since, until, relation, entity_id, outward, qualifier, source, .. } = related.clone();
        (!present, Reverse(since), relation, entity_id, outward, until, qualifier, source)
    });
    let mut claims: Vec<Related> = Vec::new();
    for mut related in relations {
        match claims.last_mut().filter(|last| is_same_claim(last, &related)) {
            Some(last) => last.also.push(std::mem::take(&mut related.source)),
            None => claims.push(related),
        }
    }
    Ok(claims)
}

/// Whether two rows say the very same of the same two.
fn is_same_claim(left: &Related, right: &Related) -> bool {
    let claim = |related: &Related| {
        let Related { since, until, relation, outward, entity_id, qualifier, .. } = related.clone();
        (relation, entity_id, outward, since, until, qualifier)
    };
    claim(left) == claim(right)
}

fn related(model: &Model, gathered: &Gathered, edge: Edge, outward: bool) -> Related {
    let entity_id = if outward { edge.target } else { edge.source };
    let (entity, caption) = gathered.captions.get(&entity_id).cloned().unwrap_or_default();
    Related {
        present: edge.until.is_none(),
        since: edge.since,
        until: edge.until,
        label: relation_label(model, &edge.relation),
        relation: edge.relation,
        outward,
        entity_id,
        entity,
        caption,
        qualifier: edge.qualifier,
        source: edge.origin,
        also: Vec::new(),
    }
}

/// How people call a relation; its own name when the model has lost it.
pub(crate) fn relation_label(model: &Model, relation: &str) -> Label {
    let unknown = || Label { zh: relation.to_owned(), en: relation.to_owned() };
    model.relation(relation).map_or_else(unknown, |known| known.label.clone())
}

/// What happened when, earliest first; the same thing said twice stands once.
pub(crate) fn timeline(
    model: &Model,
    entity: &EntityType,
    gathered: &Gathered,
    belonging: &Belonging,
    relations: &[Related],
) -> Result<Vec<Dated>, Error> {
    let happenings = model.entities.values().filter(|other| other.category == Category::Event && other.name != entity.name);
    let mut events = Vec::new();
    for kind in happenings.chain([entity]) {
        events.extend(dates_of(kind, gathered, belonging)?);
    }
    let told: BTreeSet<(String, Option<i64>)> = events.iter().map(|event| (event.date.clone(), event.entity_id)).collect();
    let is_told = |related: &Related, begun: &Dated| {
        let is_event = |name: &str| model.entity(name).is_some_and(|kind| kind.category == Category::Event);
        is_event(&related.entity) && told.contains(&(begun.date.clone(), begun.entity_id))
            || is_event(&entity.name) && told.contains(&(begun.date.clone(), None))
    };
    for related in relations {
        // A tie to what happened begins on the day on which it did, which the event says itself.
        events.extend(begun(related).filter(|begun| !is_told(related, begun)).into_iter().chain(ended(related)));
    }
    events.sort_by_cached_key(|event| (event.date.clone(), event.what.zh.clone(), event.entity_id, event.source.clone()));
    events.dedup_by(|later, first| (&later.date, &later.what, later.entity_id) == (&first.date, &first.what, first.entity_id));
    Ok(events)
}

fn begun(related: &Related) -> Option<Dated> {
    related.since.as_ref().map(|date| dated(related, date, ["", ""]))
}

fn ended(related: &Related) -> Option<Dated> {
    related.until.as_ref().map(|date| dated(related, date, ["止", ", until"]))
}

fn dated(related: &Related, date: &str, [zh, en]: [&str; 2]) -> Dated {
    Dated {
        date: date.to_owned(),
        what: Label { zh: format!("{}{zh}", related.label.zh), en: format!("{}{en}", related.label.en) },
        entity_id: Some(related.entity_id),
        entity: Some(related.entity.clone()),
        caption: related.caption.clone(),
        source: related.source.clone(),
    }
}

/// The dates that the records of one type assert: the entity's own, or those of an event it is tied to.
fn dates_of(kind: &EntityType, gathered: &Gathered, belonging: &Belonging) -> Result<Vec<Dated>, Error> {
    let mut dates = Vec::new();
    let rows = rows(gathered, &kind.name)?;
    for property in kind.properties.iter().filter(|property| property.kind == Kind::Date) {
        for (batch, at, record, source) in &rows {
            let Some((owner, _)) = belonging.get(record) else { continue };
            let date = Texts::of(batch, &property.name)?.owned(*at);
            if date.is_empty() {
                continue;
            }
            let other = (*owner != gathered.entity_id).then_some(*owner);
            let caption = other.and_then(|other| gathered.captions.get(&other)).map(|(_, caption)| caption.clone());
            let what = if other.is_some() { happened(kind, &property.label) } else { property.label.clone() };
            let entity = other.map(|_| kind.name.clone());
            dates.push(Dated { date, what, entity_id: other, entity, caption: caption.unwrap_or_default(), source: source.clone() });
        }
    }
    Ok(dates)
}

fn happened(kind: &EntityType, property: &Label) -> Label {
    Label { zh: format!("{}：{}", kind.label.zh, property.zh), en: format!("{}: {}", kind.label.en, property.en) }
}
