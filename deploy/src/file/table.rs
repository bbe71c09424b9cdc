//! A file as rows, for the forms that are tables: one row for each that says something, with whom it is from; who took it along and what for
//! stands above, what is kept back from them below.

use super::PersonFile;
use crate::{Error, clock};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use std::sync::Arc;
use wuwei_graph::Source;
use wuwei_query::{Hidden, Session};
use wuwei_schema::Label;

/// A row; what does not apply is empty.
#[derive(Debug, Default)]
struct Row {
    /// `export`, `identity`, `relation`, `timeline` or `withheld`.
    section: &'static str,
    item: String,
    label: Option<Label>,
    value: String,
    entity_id: Option<i64>,
    since: String,
    until: String,
    source: Source,
}

impl PersonFile {
    /// The rows, in the order of the file.
    ///
    /// # Errors
    /// A defect.
    pub(crate) fn table(&self, session: &Session) -> Result<RecordBatch, Error> {
        let rows: Vec<Row> = mark(session).into_iter().chain(self.identity()).chain(self.relations()).chain(self.timeline()).collect();
        let rows: Vec<Row> = rows.into_iter().chain(self.withheld.iter().map(kept_back)).collect();
        let texts = |of: &dyn Fn(&Row) -> String| Arc::new(rows.iter().map(|row| Some(of(row))).collect::<StringArray>()) as ArrayRef;
        let numbers = |of: &dyn Fn(&Row) -> Option<i64>| Arc::new(rows.iter().map(of).collect::<Int64Array>()) as ArrayRef;
        let made: [(&str, ArrayRef); 15] = [
            ("section", texts(&|row| row.section.to_owned())),
            ("item", texts(&|row| row.item.clone())),
            ("zh", texts(&|row| row.label.as_ref().map_or_else(String::new, |label| label.zh.clone()))),
            ("en", texts(&|row| row.label.as_ref().map_or_else(String::new, |label| label.en.clone()))),
            ("value", texts(&|row| row.value.clone())),
            ("entity_id", numbers(&|row| row.entity_id)),
            ("since", texts(&|row| row.since.clone())),
            ("until", texts(&|row| row.until.clone())),
            ("department", texts(&|row| row.source.department.clone())),
            ("extract", texts(&|row| row.source.extract.clone())),
            ("batch", texts(&|row| row.source.batch.clone())),
            ("sheet", texts(&|row| row.source.sheet.clone())),
            ("row", numbers(&|row| Some(row.source.row).filter(|row| *row > 0))),
            ("role", texts(&|row| row.source.role.clone())),
            ("observed", texts(&|row| row.source.observed.clone())),
        ];
        RecordBatch::try_from_iter_with_nullable(made.map(|(name, column)| (name, column, true)))
            .map_err(|_| Error::defect("a file has no form as rows"))
    }

    fn identity(&self) -> impl Iterator<Item = Row> {
        self.file.identity.iter().flat_map(|property| {
            property.values.iter().map(|asserted| Row {
                section: "identity",
                item: property.property.clone(),
                label: Some(property.label.clone()),
                value: asserted.value.clone(),
                since: asserted.first_seen.clone().unwrap_or_default(),
                source: asserted.source.clone(),
                ..Row::default()
            })
        })
    }

    fn relations(&self) -> impl Iterator<Item = Row> {
        self.file.relations.iter().flat_map(|related| {
            std::iter::once(&related.source).chain(&related.also).map(|source| Row {
                section: "relation",
                item: related.relation.clone(),
                label: Some(related.label.clone()),
                value: related.caption.clone(),
                entity_id: Some(related.entity_id),
                since: related.since.clone().unwrap_or_default(),
                until: related.until.clone().unwrap_or_default(),
                source: source.clone(),
            })
        })
    }

    fn timeline(&self) -> impl Iterator<Item = Row> {
        self.file.timeline.iter().map(|dated| Row {
            section: "timeline",
            label: Some(dated.what.clone()),
            value: dated.caption.clone(),
            entity_id: dated.entity_id,
            since: dated.date.clone(),
            source: dated.source.clone(),
            ..Row::default()
        })
    }
}

/// Who took it along, what for and when.
fn mark(session: &Session) -> Vec<Row> {
    let said = |item: &str, zh: &str, en: &str, value: &str| Row {
        section: "export",
        item: item.to_owned(),
        label: Some(Label { zh: zh.to_owned(), en: en.to_owned() }),
        value: value.to_owned(),
        ..Row::default()
    };
    vec![
        said("by", "导出人", "Taken along by", session.principal().name()),
        said("purpose", "用途", "Purpose", session.purpose().as_str()),
        said("time", "导出时间", "Time", &clock::now()),
    ]
}

fn kept_back(hidden: &Hidden) -> Row {
    let Hidden { of, closed, departments, elsewhere, minors, classes, fields, because } = hidden;
    let words = [(*closed, "closed"), (*elsewhere, "elsewhere"), (*minors, "minors")];
    let words = words.into_iter().filter(|(is, _)| *is).map(|(_, word)| word.to_owned());
    let value: Vec<String> =
        words.chain(departments.iter().cloned()).chain(classes.iter().cloned()).chain(fields.iter().cloned()).collect();
    let label = Some(Label { zh: format!("未显示或已遮盖（{because}）"), en: format!("Not shown or masked ({because})") });
    Row { section: "withheld", item: of.join(" "), label, value: value.join(" "), ..Row::default() }
}
