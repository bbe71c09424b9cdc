//! Lines of a file, one an item and one that says so: how files become rows of one form.

use arrow_array::{ArrayRef, BooleanArray, Int64Array, StringArray};
use arrow_schema::DataType;
use std::sync::Arc;
use wuwei_graph::{EntityFile, HOUSEHOLD, HouseholdFile, Merged, PropertyFile, RESIDENCE, Related, Rule, Source};
use wuwei_schema::{Category, Label, Model};

pub(super) const COLUMNS: &[(&str, DataType)] = &[
    ("section", DataType::Utf8),
    ("item", DataType::Utf8),
    ("label", DataType::Utf8),
    ("value", DataType::Utf8),
    ("standing", DataType::Boolean),
    ("conflict", DataType::Boolean),
    ("rule", DataType::Utf8),
    ("since", DataType::Utf8),
    ("until", DataType::Utf8),
    ("entity_id", DataType::Int64),
    ("entity", DataType::Utf8),
    ("department", DataType::Utf8),
    ("extract", DataType::Utf8),
    ("batch", DataType::Utf8),
    ("sheet", DataType::Utf8),
    ("row", DataType::Int64),
    ("observed", DataType::Utf8),
    ("record_id", DataType::Int64),
    ("first_seen", DataType::Utf8),
    ("last_seen", DataType::Utf8),
];

/// An item of a file, and who says so.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    section: &'static str,
    item: String,
    label: String,
    value: String,
    standing: Option<bool>,
    conflict: Option<bool>,
    rule: &'static str,
    since: Option<String>,
    until: Option<String>,
    other: Option<(i64, String)>,
    source: Source,
    record_id: Option<i64>,
    first_seen: Option<String>,
    last_seen: Option<String>,
}

impl Line {
    pub(super) fn of_entity(model: &Model, file: &EntityFile) -> Vec<Line> {
        let mut lines = identity(&file.identity);
        for related in &file.relations {
            let section = section(model, related);
            lines.extend(std::iter::once(&related.source).chain(&related.also).map(|source| Line::tied(section, related, source)));
        }
        lines.extend(merged(&file.merged));
        lines
    }

    pub(super) fn of_household(file: &HouseholdFile) -> Vec<Line> {
        let mut lines = identity(&file.identity);
        for member in &file.members {
            let line = Line {
                section: "member",
                item: named(&member.relations),
                label: member.qualifiers.join(" "),
                value: member.caption.clone(),
                standing: Some(member.present),
                since: member.since.clone(),
                until: member.until.clone(),
                other: Some((member.entity_id, String::new())),
                ..Line::default()
            };
            lines.extend(member.sources.iter().map(|source| Line { source: source.clone(), ..line.clone() }));
        }
        for (section, shared) in file.dwellings.iter().map(|of| ("dwelling", of)).chain(file.households.iter().map(|of| ("household", of)))
        {
            let line = Line {
                section,
                item: named(&shared.relations),
                value: shared.caption.clone(),
                standing: Some(shared.present),
                other: Some((shared.entity_id, String::new())),
                ..Line::default()
            };
            lines.extend(shared.sources.iter().map(|source| Line { source: source.clone(), ..line.clone() }));
        }
        lines.extend(merged(&file.merged));
        lines
    }

    fn tied(section: &'static str, related: &Related, source: &Source) -> Line {
        let qualified = related.qualifier.as_ref().map(|qualifier| format!(" {qualifier}")).unwrap_or_default();
        Line {
            section,
            item: related.relation.clone(),
            label: format!("{}{qualified}", related.label.zh),
            value: related.caption.clone(),
            standing: Some(related.present),
            since: related.since.clone(),
            until: related.until.clone(),
            other: Some((related.entity_id, related.entity.clone())),
            source: source.clone(),
            ..Line::default()
        }
    }
}

fn identity(properties: &[PropertyFile]) -> Vec<Line> {
    let mut lines = Vec::new();
    for property in properties {
        lines.extend(property.values.iter().map(|said| Line {
            section: "identity",
            item: property.property.clone(),
            label: property.label.zh.clone(),
            value: said.value.clone(),
            standing: Some(said.value == property.value),
            conflict: Some(property.conflict),
            rule: match property.rule {
                Rule::Only => "only",
                Rule::Most => "most",
                Rule::Latest => "latest",
                Rule::Earliest => "earliest",
            },
            source: said.source.clone(),
            record_id: Some(said.record_id),
            first_seen: said.first_seen.clone(),
            last_seen: said.last_seen.clone(),
            ..Line::default()
        }));
    }
    lines
}

fn merged(merged: &Merged) -> impl Iterator<Item = Line> {
    merged.records.iter().map(|record| Line {
        section: "record",
        item: record.tier.clone(),
        source: record.source.clone(),
        record_id: Some(record.record_id),
        ..Line::default()
    })
}

/// What of a file a relation belongs to.
fn section(model: &Model, related: &Related) -> &'static str {
    match model.entity(&related.entity).map(|entity| entity.category) {
        _ if related.entity == HOUSEHOLD => "household",
        _ if related.outward && RESIDENCE.contains(&related.relation.as_str()) => "residence",
        Some(Category::Object) => "object",
        Some(Category::Organization) => "organization",
        _ => "relation",
    }
}

fn named(labels: &[Label]) -> String {
    labels.iter().map(|label| label.zh.as_str()).collect::<Vec<_>>().join(" ")
}

/// Columns of rows, in the order of [`COLUMNS`]; what is empty is NULL.
pub(super) fn lines(lines: &[Line]) -> Vec<ArrayRef> {
    let text = |of: &dyn for<'a> Fn(&'a Line) -> &'a str| {
        let filled = lines.iter().map(|line| Some(of(line)).filter(|text| !text.is_empty()));
        Arc::new(filled.collect::<StringArray>()) as ArrayRef
    };
    let flag = |of: &dyn Fn(&Line) -> Option<bool>| Arc::new(lines.iter().map(of).collect::<BooleanArray>()) as ArrayRef;
    let number = |of: &dyn Fn(&Line) -> Option<i64>| Arc::new(lines.iter().map(of).collect::<Int64Array>()) as ArrayRef;
    vec![
        text(&|line| line.section),
        text(&|line| &line.item),
        text(&|line| &line.label),
        text(&|line| &line.value),
        flag(&|line| line.standing),
        flag(&|line| line.conflict),
        text(&|line| line.rule),
        text(&|line| line.since.as_deref().unwrap_or_default()),
        text(&|line| line.until.as_deref().unwrap_or_default()),
        number(&|line| line.other.as_ref().map(|(id, _)| *id)),
        text(&|line| line.other.as_ref().map_or("", |(_, entity)| entity)),
        text(&|line| &line.source.department),
        text(&|line| &line.source.extract),
        text(&|line| &line.source.batch),
        text(&|line| &line.source.sheet),
        number(&|line| Some(line.source.row)),
        text(&|line| &line.source.observed),
        number(&|line| line.record_id),
        text(&|line| line.first_seen.as_deref().unwrap_or_default()),
        text(&|line| line.last_seen.as_deref().unwrap_or_default()),
    ]
}
