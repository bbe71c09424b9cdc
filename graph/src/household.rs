//! 一户一档: who belongs to a household and belonged to it, where they live, and who says so.

use crate::{
    Error,
    facts::{belonging, caption, identity, merged},
    file::{Dated, Gathered, Merged, PropertyFile, RESIDENCE, Source},
    timeline::{Edge, edges, relation_label, relations, timeline},
};
use serde::Serialize;
use std::collections::BTreeMap;
use wuwei_schema::{EntityType, Label, Model};

/// The file of one household.
#[derive(Debug, Clone, Serialize)]
pub struct HouseholdFile {
    /// The household.
    pub entity_id: i64,
    /// Its type.
    pub entity: String,
    /// How people call its type.
    pub label: Label,
    /// The properties that stand for it in one line.
    pub caption: String,
    /// What is asserted of the household itself.
    pub identity: Vec<PropertyFile>,
    /// Who belongs to it, present members first.
    pub members: Vec<Member>,
    /// Where its members live, lived and are registered, present ones first.
    pub dwellings: Vec<Joint>,
    /// Other households that its members belong or belonged to, as other departments keep them, present ones first.
    pub households: Vec<Joint>,
    /// What happened when, earliest first.
    pub timeline: Vec<Dated>,
    /// Why its records are one household.
    pub merged: Merged,
}

/// Somebody of the household.
#[derive(Debug, Clone, Serialize)]
pub struct Member {
    /// The member.
    pub entity_id: i64,
    /// Its caption.
    pub caption: String,
    /// Whether it belongs to it today: some relation has no end.
    pub present: bool,
    /// The earliest date from which it does.
    pub since: Option<String>,
    /// The latest date until which it did, when it does no more.
    pub until: Option<String>,
    /// The relations, e.g. 户主.
    pub relations: Vec<Label>,
    /// What kind exactly, as the sources say it.
    pub qualifiers: Vec<String>,
    /// Who says so.
    pub sources: Vec<Source>,
}

/// A place where members live or lived, or a household that they are of too.
#[derive(Debug, Clone, Serialize)]
pub struct Joint {
    /// The place or household.
    pub entity_id: i64,
    /// Its caption.
    pub caption: String,
    /// Whether somebody is there today.
    pub present: bool,
    /// The members there, now or before.
    pub members: Vec<i64>,
    /// The relations, e.g. 现住.
    pub relations: Vec<Label>,
    /// Who says so.
    pub sources: Vec<Source>,
}

/// Arranges what was gathered about one household; its edges are those of the household and those that start at its members.
///
/// # Errors
/// [`Error::Missing`] when no record of the type belongs to it; otherwise when a batch lacks a column of its contract.
pub fn household_file(model: &Model, entity: &EntityType, gathered: &Gathered) -> Result<HouseholdFile, Error> {
    let belonging = belonging(gathered)?;
    let identity = identity(entity, gathered, &belonging)?;
    let edges = edges(gathered)?;
    let members = members(model, gathered, &edges);
    Ok(HouseholdFile {
        entity_id: gathered.entity_id,
        entity: entity.name.clone(),
        label: entity.label.clone(),
        caption: caption(entity, &identity),
        dwellings: shared(model, gathered, &members, edges.iter().filter(|edge| RESIDENCE.contains(&edge.relation.as_str()))),
        households: shared(model, gathered, &members, edges.iter().filter(|edge| is_beside(gathered, entity, edge))),
        timeline: timeline(model, entity, gathered, &belonging, &relations(model, gathered)?)?,
        merged: merged(entity, gathered, &belonging)?,
        identity,
        members,
    })
}

/// Who lives or lived at the place that the edges were gathered of, or is registered there, present ones first.
///
/// # Errors
/// When a batch lacks a column of its contract.
pub fn residents(model: &Model, gathered: &Gathered) -> Result<Vec<Member>, Error> {
    let mut edges = edges(gathered)?;
    edges.retain(|edge| RESIDENCE.contains(&edge.relation.as_str()));
    Ok(members(model, gathered, &edges))
}

fn members(model: &Model, gathered: &Gathered, edges: &[Edge]) -> Vec<Member> {
    let mut by_member: BTreeMap<i64, Vec<&Edge>> = BTreeMap::new();
    for edge in edges.iter().filter(|edge| edge.target == gathered.entity_id) {
        by_member.entry(edge.source).or_default().push(edge);
    }
    let member = |(entity_id, edges): (i64, Vec<&Edge>)| {
        let present = edges.iter().any(|edge| edge.until.is_none());
        let mut qualifiers: Vec<String> = edges.iter().filter_map(|edge| edge.qualifier.clone()).collect();
        qualifiers.sort();
        qualifiers.dedup();
        Member {
            entity_id,
            caption: caption_of(gathered, entity_id),
            present,
            since: edges.iter().filter_map(|edge| edge.since.clone()).min(),
            until: if present { None } else { edges.iter().filter_map(|edge| edge.until.clone()).max() },
            relations: labels(model, &edges),
            qualifiers,
            sources: sources(&edges),
        }
    };
    let mut members: Vec<Member> = by_member.into_iter().map(member).collect();
    // Whoever is more to the household than a member, its head, stands first.
    members.sort_by_key(|member| (!member.present, std::cmp::Reverse(member.relations.len()), member.entity_id));
    members
}

/// Whether an edge leads to another entity of the same type.
fn is_beside(gathered: &Gathered, entity: &EntityType, edge: &Edge) -> bool {
    edge.target != gathered.entity_id && gathered.captions.get(&edge.target).is_some_and(|(name, _)| *name == entity.name)
}

/// What edges of members lead to.
fn shared<'e>(model: &Model, gathered: &Gathered, members: &[Member], edges: impl Iterator<Item = &'e Edge>) -> Vec<Joint> {
    let is_member = |id: i64| members.iter().any(|member| member.entity_id == id);
    let mut by_target: BTreeMap<i64, Vec<&Edge>> = BTreeMap::new();
    for edge in edges.filter(|edge| is_member(edge.source)) {
        by_target.entry(edge.target).or_default().push(edge);
    }
    let target = |(entity_id, edges): (i64, Vec<&Edge>)| {
        let mut members: Vec<i64> = edges.iter().map(|edge| edge.source).collect();
        members.sort_unstable();
        members.dedup();
        Joint {
            entity_id,
            caption: caption_of(gathered, entity_id),
            present: edges.iter().any(|edge| edge.until.is_none()),
            members,
            relations: labels(model, &edges),
            sources: sources(&edges),
        }
    };
    let mut shared: Vec<Joint> = by_target.into_iter().map(target).collect();
    shared.sort_by_key(|shared| (!shared.present, std::cmp::Reverse(shared.members.len()), shared.entity_id));
    shared
}

fn caption_of(gathered: &Gathered, entity_id: i64) -> String {
    gathered.captions.get(&entity_id).map(|(_, caption)| caption.clone()).unwrap_or_default()
}

fn labels(model: &Model, edges: &[&Edge]) -> Vec<Label> {
    let mut names: Vec<&str> = edges.iter().map(|edge| edge.relation.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| relation_label(model, name)).collect()
}

fn sources(edges: &[&Edge]) -> Vec<Source> {
    let mut sources: Vec<Source> = edges.iter().map(|edge| edge.origin.clone()).collect();
    sources.sort();
    sources.dedup();
    sources
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county::{batch, edges, link};

    #[test]
    fn the_head_stands_first_and_who_left_stands_last() {
        let model = Model::embedded().unwrap();
        let entity = model.entity("household").unwrap();
        let cells = [("department", "ga"), ("household_no", "990001")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let gathered = Gathered {
            entity_id: 40,
            records: vec![("household".to_owned(), batch(entity, &[(40, cells.into())]))],
            links: vec![link(&[(40, 40)])],
            edges: vec![edges(&[
                ("member_of", 3, 40, None, Some("2020-01-01")),
                ("member_of", 1, 40, None, None),
                ("member_of", 2, 40, Some("2012-01-01"), None),
                ("head_of", 2, 40, None, None),
                ("lives_at", 1, 50, None, None),
                ("lives_at", 2, 50, None, None),
                ("lives_at", 8, 51, None, None),
                ("owns", 2, 52, None, None),
                ("owns", 7, 50, None, None),
                ("member_of", 1, 41, None, None),
                ("member_of", 9, 42, None, None),
            ])],
            captions: [(2, "person", "王小明"), (41, "household", "GH-1"), (42, "household", "GH-2")]
                .map(|(id, name, caption)| (id, (name.to_owned(), caption.to_owned())))
                .into(),
            ..Gathered::default()
        };
        let file = household_file(&model, entity, &gathered).unwrap();
        assert_eq!(file.caption, "990001");
        assert_eq!(
            file.members.iter().map(|member| (member.entity_id, member.present)).collect::<Vec<_>>(),
            [(2, true), (1, true), (3, false)]
        );
        assert_eq!((file.members[0].caption.as_str(), file.members[0].sources.len()), ("王小明", 2));
        assert_eq!(file.members[2].until.as_deref(), Some("2020-01-01"));
        let homes: Vec<(i64, &[i64])> = file.dwellings.iter().map(|home| (home.entity_id, home.members.as_slice())).collect();
        let at_home = residents(&model, &Gathered { entity_id: 50, ..gathered.clone() }).unwrap();
        assert_eq!(
            at_home.iter().map(|resident| resident.entity_id).collect::<Vec<_>>(),
            [1, 2],
            "who owns it does not live there by that"
        );
        let beside: Vec<(&str, &[i64])> = file.households.iter().map(|other| (other.caption.as_str(), other.members.as_slice())).collect();
        assert_eq!(beside, [("GH-1", [1].as_slice())], "another department keeps a household of one of them");
        assert_eq!(homes, [(50, [1, 2].as_slice())], "strangers' homes and what is only owned are not the household's");
    }
}
