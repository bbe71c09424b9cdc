//! Lines of a file, one an item and one that says so: how files become rows of one form.

use crate::{Error, Hidden};
use arrow_array::{Array as _, ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray, cast::AsArray as _};
use arrow_cast::cast;
use arrow_schema::DataType;
use std::sync::Arc;
use wuwei_graph::{Dated, EntityFile, HOUSEHOLD, HouseholdFile, Merged, PropertyFile, RESIDENCE, Related, Rule, Source};
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
    rule: String,
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
        lines.extend(dated(&file.timeline).chain(merged(&file.merged)));
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
        lines.extend(dated(&file.timeline).chain(merged(&file.merged)));
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
            rule: rule(property.rule).to_owned(),
            source: said.source.clone(),
            record_id: Some(said.record_id),
            first_seen: said.first_seen.clone(),
            last_seen: said.last_seen.clone(),
            ..Line::default()
        }));
    }
    lines
}

fn rule(rule: Rule) -> &'static str {
    match rule {
        Rule::Only => "only",
        Rule::Most => "most",
        Rule::Latest => "latest",
        Rule::Earliest => "earliest",
    }
}

fn merged(merged: &Merged) -> impl Iterator<Item = Line> {
    let records = merged.records.iter().map(|record| Line {
        section: "record",
        item: record.tier.clone(),
        source: record.source.clone(),
        record_id: Some(record.record_id),
        ..Line::default()
    });
    records.chain(merged.pairs.iter().map(|pair| Line {
        section: "pair",
        item: pair.key.clone(),
        label: pair.levels.clone(),
        value: pair.right.to_string(),
        rule: format!("{:.2}", pair.weight),
        record_id: Some(pair.left),
        ..Line::default()
    }))
}

/// What happened, in its order.
fn dated(timeline: &[Dated]) -> impl Iterator<Item = Line> {
    timeline.iter().map(|dated| Line {
        section: "timeline",
        item: dated.what.en.clone(),
        label: dated.what.zh.clone(),
        value: dated.caption.clone(),
        since: Some(dated.date.clone()),
        other: dated.entity_id.map(|id| (id, dated.entity.clone().unwrap_or_default())),
        source: dated.source.clone(),
        ..Line::default()
    })
}

/// What was asked to be put right: `record_id, department, property, ground, state, answer, day`.
///
/// # Errors
/// The columns are others.
pub(super) fn corrections(batch: &RecordBatch) -> Result<Vec<Line>, Error> {
    let odd = |_| Error::Engine { detail: "a correction has columns of another type" };
    let column = |at: usize| cast(batch.column(at), &DataType::Utf8).map_err(odd).map(|column| column.as_string::<i32>().clone());
    let texts = (0..batch.num_columns()).map(column).collect::<Result<Vec<StringArray>, Error>>()?;
    let text = |column: usize, row: usize| texts.get(column).filter(|texts| texts.is_valid(row)).map_or("", |texts| texts.value(row));
    let answer = |row: usize| Some(text(5, row)).filter(|answer| !answer.is_empty()).map(|answer| format!(" → {answer}"));
    let line = |row: usize| Line {
        section: "correction",
        item: text(2, row).to_owned(),
        label: text(4, row).to_owned(),
        value: format!("{}{}", text(3, row), answer(row).unwrap_or_default()),
        since: Some(text(6, row).to_owned()),
        source: Source { department: text(1, row).to_owned(), ..Source::default() },
        record_id: text(0, row).parse().ok(),
        ..Line::default()
    };
    Ok((0..batch.num_rows()).map(line).collect())
}

/// What is kept back from whoever reads: a line each for what is closed, departments, what is elsewhere, minors, classes and their fields.
pub(super) fn withheld(hidden: &[Hidden]) -> Vec<Line> {
    let mut lines = Vec::new();
    for Hidden { of, closed, departments, elsewhere, minors, classes, fields, because } in hidden {
        let flags = [("closed", *closed), ("elsewhere", *elsewhere), ("minors", *minors)];
        let named = [("departments", departments), ("classes", classes), ("fields", fields)];
        let said = flags.into_iter().filter(|(_, is_so)| *is_so).map(|(label, _)| (label, String::new()));
        let said = said.chain(named.into_iter().filter(|(_, names)| !names.is_empty()).map(|(label, names)| (label, names.join(","))));
        lines.extend(said.map(|(label, value)| Line {
            section: "withheld",
            item: of.join(","),
            label: label.to_owned(),
            value,
            rule: because.clone(),
            ..Line::default()
        }));
    }
    lines
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
        text(&|line| &line.rule),
        text(&|line| line.since.as_deref().unwrap_or_default()),
        text(&|line| line.until.as_deref().unwrap_or_default()),
        number(&|line| line.other.as_ref().map(|(id, _)| *id)),
        text(&|line| line.other.as_ref().map_or("", |(_, entity)| entity)),
        text(&|line| &line.source.department),
        text(&|line| &line.source.extract),
        text(&|line| &line.source.batch),
        text(&|line| &line.source.sheet),
        number(&|line| Some(line.source.row).filter(|_| !line.source.batch.is_empty())),
        text(&|line| &line.source.observed),
        number(&|line| line.record_id),
        text(&|line| line.first_seen.as_deref().unwrap_or_default()),
        text(&|line| line.last_seen.as_deref().unwrap_or_default()),
    ]
}
