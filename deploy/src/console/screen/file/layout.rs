//! A file, laid out: values with those who say them, what is said in the same words once with all who say it, and relations by what they
//! lead to: households, homes, people, things, organisations, events.

use super::{
    asserted::{Conflict, Value, conflicts, identity},
    said::{By, Row, by, row},
    told::{Dated, Entity, Household, Joint, Member, Merged, Related, Source},
    why::{Why, why},
    withheld::{Withheld, withheld},
};
use crate::console::{
    guest::Visit,
    link::{self, HOUSEHOLD},
    page::Page,
    screen::corrections::{Open, open},
    words::Named,
};
use std::collections::BTreeMap;
use wuwei_schema::{Category, Kind};

/// Relations that say where somebody lives or lived.
const RESIDENCE: [&str; 3] = ["lives_at", "registered_at", "rents"];
const HEAD: &str = "head_of";
/// Relations whose kind is a code of kinship, and the list of these.
const KIN: [&str; 4] = ["member_of", "head_of", "guardian", "spouse"];
const KINSHIP: &str = "gbt4761_2008";

#[derive(Debug)]
pub(crate) struct File {
    pub(crate) id: i64,
    /// 一人一档, or what a thing is.
    pub(crate) title: String,
    pub(crate) kind: String,
    pub(crate) caption: String,
    pub(crate) merged_from: Option<i64>,
    pub(crate) departments: Vec<Tally>,
    pub(crate) records: usize,
    pub(crate) identity: Vec<Value>,
    /// What departments say of it that cannot all be.
    pub(crate) conflicts: Vec<Conflict>,
    /// Relations by section, those without any left out.
    pub(crate) sections: Vec<Section>,
    pub(crate) timeline: Vec<Moment>,
    pub(crate) why: Why,
    /// What departments were asked to put right.
    pub(crate) open: Vec<Open>,
    pub(crate) withheld: Vec<Withheld>,
}

/// A household.
#[derive(Debug)]
pub(crate) struct Home {
    pub(crate) id: i64,
    pub(crate) kind: String,
    pub(crate) caption: String,
    /// Whose it is and where, which says more than its number.
    pub(crate) title: String,
    pub(crate) departments: Vec<Tally>,
    pub(crate) records: usize,
    pub(crate) identity: Vec<Value>,
    pub(crate) conflicts: Vec<Conflict>,
    pub(crate) members: Vec<Tie>,
    pub(crate) dwellings: Vec<Tie>,
    /// Other households of members.
    pub(crate) beside: Vec<Tie>,
    pub(crate) timeline: Vec<Moment>,
    pub(crate) why: Why,
    pub(crate) open: Vec<Open>,
    pub(crate) withheld: Vec<Withheld>,
}

/// A department, and how many records are its.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) records: usize,
    pub(crate) newest: String,
}

#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) name: &'static str,
    pub(crate) ties: Vec<Tie>,
}

#[derive(Debug)]
pub(crate) struct Tie {
    pub(crate) present: bool,
    pub(crate) label: String,
    pub(crate) outward: bool,
    pub(crate) path: String,
    pub(crate) kind: String,
    pub(crate) caption: String,
    pub(crate) qualifier: String,
    pub(crate) since: String,
    pub(crate) until: String,
    pub(crate) by: By,
}

#[derive(Debug)]
pub(crate) struct Moment {
    pub(crate) date: String,
    pub(crate) what: String,
    pub(crate) path: Option<String>,
    pub(crate) caption: String,
    pub(crate) row: Row,
}

pub(crate) fn file(page: &Page, visit: &Visit, told: Entity) -> File {
    let hub = visit.guest.console.state.hub();
    let is_person = hub.definitions.model.entity(&told.entity).is_some_and(|kind| kind.category == Category::Person);
    let kind = page.said(&told.label).to_owned();
    File {
        title: if is_person { page.t("file.title").to_owned() } else { kind.clone() },
        open: told.corrections.into_iter().map(|asked| open(page, visit, asked)).collect(),
        id: told.entity_id,
        kind,
        caption: told.caption,
        merged_from: told.merged_from,
        departments: tallies(page, visit, &told.merged, &told.departments),
        records: told.merged.records.len(),
        identity: identity(page, visit, &told.entity, &told.identity),
        conflicts: conflicts(page, visit, &told.entity, &told.identity),
        sections: sections(page, visit, &told.relations),
        timeline: told.timeline.into_iter().map(|dated| moment(page, visit, dated)).collect(),
        why: why(page, visit, (&told.entity, &|tier| page.of_key("tier", tier)), told.merged),
        withheld: told.withheld.iter().map(|hidden| withheld(page, visit, &told.entity, hidden)).collect(),
    }
}

pub(crate) fn home(page: &Page, visit: &Visit, told: Household) -> Home {
    let title = title(page, visit, &told);
    let words = |labels: &[Named]| labels.iter().map(|label| page.said(label)).collect::<Vec<_>>().join(page.t("sign.and"));
    let tie = |present, label, id: i64, caption, kind: &str, sources: &[Source]| Tie {
        present,
        label,
        outward: false,
        path: format!("/person/{id}"),
        kind: kind.to_owned(),
        caption,
        qualifier: String::new(),
        since: String::new(),
        until: String::new(),
        by: by(page, visit, sources),
    };
    let members = told.members.into_iter().map(|member| Tie {
        since: member.since.unwrap_or_default(),
        until: member.until.unwrap_or_default(),
        qualifier: member.qualifiers.iter().map(|kind| kin(visit, KIN[0], kind)).collect::<Vec<_>>().join(page.t("sign.and")),
        ..tie(member.present, words(&member.relations), member.entity_id, member.caption, "", &member.sources)
    });
    let shared = |shared: Joint| {
        let people = format!("{} {}", shared.members.len(), page.t("file.people_there"));
        tie(shared.present, words(&shared.relations), shared.entity_id, shared.caption, &people, &shared.sources)
    };
    let beside = |other: Joint| Tie { path: format!("/household/{}", other.entity_id), ..shared(other) };
    Home {
        id: told.entity_id,
        kind: page.said(&told.label).to_owned(),
        caption: told.caption,
        title,
        departments: tallies(page, visit, &told.merged, &[]),
        records: told.merged.records.len(),
        identity: identity(page, visit, &told.entity, &told.identity),
        conflicts: conflicts(page, visit, &told.entity, &told.identity),
        members: members.collect(),
        dwellings: told.dwellings.into_iter().map(shared).collect(),
        beside: told.households.into_iter().map(beside).collect(),
        timeline: told.timeline.into_iter().map(|dated| moment(page, visit, dated)).collect(),
        why: why(page, visit, (&told.entity, &|tier| page.of_key("home_tier", tier)), told.merged),
        open: told.corrections.into_iter().map(|asked| open(page, visit, asked)).collect(),
        withheld: told.withheld.iter().map(|hidden| withheld(page, visit, &told.entity, hidden)).collect(),
    }
}

/// The head of a household and where it lives, as far as both are known; its caption where neither is.
fn title(page: &Page, visit: &Visit, told: &Household) -> String {
    let head = visit.guest.console.state.hub().definitions.model.relation(HEAD).map(|known| page.language.label(&known.label).to_owned());
    let is_head = |member: &&Member| member.relations.iter().any(|relation| Some(page.said(relation)) == head.as_deref());
    let heads = || told.members.iter().filter(is_head);
    let head = heads().find(|member| member.present).or_else(|| heads().next()).map(|member| member.caption.as_str());
    let home = told.dwellings.iter().find(|dwelling| dwelling.present).or(told.dwellings.first()).map(|dwelling| dwelling.caption.as_str());
    let known: Vec<&str> = [head, home].into_iter().flatten().filter(|text| !text.is_empty()).collect();
    if known.is_empty() { told.caption.clone() } else { known.join(" · ") }
}

/// Departments with their records, and when they knew something last.
fn tallies(page: &Page, visit: &Visit, merged: &Merged, named: &[String]) -> Vec<Tally> {
    let mut by_code: BTreeMap<&str, (usize, &str)> = named.iter().map(|code| (code.as_str(), (0, ""))).collect();
    for record in &merged.records {
        let (records, newest) = by_code.entry(&record.source.department).or_default();
        *records += 1;
        *newest = (*newest).max(&record.source.observed);
    }
    let tally = |(code, (records, newest)): (&str, (usize, &str))| Tally {
        code: code.to_owned(),
        name: super::super::search::department(page, visit, code),
        records,
        newest: newest.to_owned(),
    };
    by_code.into_iter().map(tally).collect()
}

/// A code with its name; anything else as it is.
pub(crate) fn coded(visit: &Visit, entity: &str, property: &str, value: &str) -> String {
    let hub = visit.guest.console.state.hub();
    let model = &hub.definitions.model;
    let kind = model.entity(entity).and_then(|entity| entity.property(property)).map(|property| property.kind.clone());
    let name = match &kind {
        Some(Kind::Code(list)) => model.codes.list(list).and_then(|list| list.name_of(value)),
        _ => None,
    };
    name.map_or_else(|| value.to_owned(), |name| format!("{name} ({value})"))
}

/// Relations by what they lead to, the same said by several once.
fn sections(page: &Page, visit: &Visit, relations: &[Related]) -> Vec<Section> {
    let hub = visit.guest.console.state.hub();
    let category = |related: &Related| hub.definitions.model.entity(&related.entity).map(|entity| entity.category);
    let section = |related: &Related| match category(related) {
        _ if related.entity == HOUSEHOLD => "households",
        _ if related.outward && RESIDENCE.contains(&related.relation.as_str()) => "residences",
        Some(Category::Person) => "people",
        Some(Category::Organization) => "organizations",
        Some(Category::Event) => "events",
        Some(Category::Object) => "objects",
        _ => "places",
    };
    let names = ["households", "residences", "people", "objects", "organizations", "places", "events"];
    let of = |name: &'static str| {
        let its: Vec<&Related> = relations.iter().filter(|related| section(related) == name).collect();
        Section { name, ties: ties(page, visit, &its) }
    };
    names.into_iter().map(of).filter(|section| !section.ties.is_empty()).collect()
}

fn ties(page: &Page, visit: &Visit, relations: &[&Related]) -> Vec<Tie> {
    let same = |left: &Related, right: &Related| {
        (&left.relation, left.outward, left.entity_id, &left.since, &left.until, &left.qualifier)
            == (&right.relation, right.outward, right.entity_id, &right.since, &right.until, &right.qualifier)
    };
    let mut together: Vec<(&Related, Vec<Source>)> = Vec::new();
    for related in relations {
        let sources = std::iter::once(&related.source).chain(&related.also).cloned();
        match together.iter_mut().find(|(first, _)| same(first, related)) {
            Some((_, known)) => known.extend(sources),
            None => together.push((related, sources.collect())),
        }
    }
    together.into_iter().map(|(related, sources)| tie(page, visit, related, &sources)).collect()
}

fn tie(page: &Page, visit: &Visit, related: &Related, sources: &[Source]) -> Tie {
    let hub = visit.guest.console.state.hub();
    let kind = hub.definitions.model.entity(&related.entity);
    Tie {
        present: related.present,
        label: page.said(&related.label).to_owned(),
        outward: related.outward,
        path: link::file(&related.entity, related.entity_id),
        kind: kind.map_or_else(|| related.entity.clone(), |kind| page.language.label(&kind.label).to_owned()),
        caption: if related.caption.is_empty() { related.entity_id.to_string() } else { related.caption.clone() },
        qualifier: related.qualifier.as_deref().map(|kind| kin(visit, &related.relation, kind)).unwrap_or_default(),
        since: related.since.clone().unwrap_or_default(),
        until: related.until.clone().unwrap_or_default(),
        by: by(page, visit, sources),
    }
}

/// The kind of a relation, with the name of its code where it is one of kinship.
fn kin(visit: &Visit, relation: &str, kind: &str) -> String {
    let hub = visit.guest.console.state.hub();
    let list = hub.definitions.model.codes.list(KINSHIP).filter(|_| KIN.contains(&relation));
    list.and_then(|list| list.name_of(kind)).map_or_else(|| kind.to_owned(), |name| format!("{name} ({kind})"))
}

fn moment(page: &Page, visit: &Visit, dated: Dated) -> Moment {
    Moment {
        what: page.said(&dated.what).to_owned(),
        path: dated.entity_id.map(|id| link::file(dated.entity.as_deref().unwrap_or_default(), id)),
        caption: dated.caption,
        row: row(page, visit, &dated.source),
        date: dated.date,
    }
}
