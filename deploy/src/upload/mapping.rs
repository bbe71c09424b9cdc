//! What becomes of each column of a file that is known, as its department's file states it: for its owner to see, not to change.

use crate::console::words::Language;
use serde::Serialize;
use std::collections::BTreeMap;
use wuwei_ingest::{Extract, Source};
use wuwei_schema::{Label, Model};

/// A column of an extract.
#[derive(Debug, Serialize)]
pub(crate) struct Mapped {
    pub(crate) column: String,
    /// What it becomes; in part, where several are joined.
    becomes: Vec<Becomes>,
    /// Why it becomes nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ignored: Option<String>,
    /// Why it is not even kept as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dropped: Option<String>,
    /// Whether it makes a row the same row in the next delivery.
    pub(crate) is_key: bool,
}

/// A property of one of the things that a row speaks of, or what else a column says.
#[derive(Debug, Serialize)]
struct Becomes {
    /// The part that the thing plays in the row.
    role: String,
    entity: Said,
    property: Said,
}

/// A name in both languages.
#[derive(Debug, Serialize)]
struct Said {
    zh: String,
    en: String,
}

impl Mapped {
    /// What it becomes, in words.
    pub(crate) fn meanings(&self, language: Language) -> impl Iterator<Item = String> {
        let said = move |said: &Said| if language == Language::Chinese { said.zh.clone() } else { said.en.clone() };
        self.becomes.iter().map(move |becomes| format!("{} · {}", said(&becomes.entity), said(&becomes.property)))
    }
}

impl Said {
    fn of(label: Option<&Label>, name: &str) -> Said {
        label.map_or_else(|| Said { zh: name.to_owned(), en: name.to_owned() }, |label| Said { zh: label.zh.clone(), en: label.en.clone() })
    }
}

/// Every column, in the order of the extract.
pub(crate) fn mapping(extract: &Extract, model: &Model) -> Vec<Mapped> {
    let mut becomes: BTreeMap<&str, Vec<Becomes>> = BTreeMap::new();
    for role in &extract.roles {
        let entity = model.entity(&role.entity);
        for (property, source) in &role.properties {
            for column in &source.columns {
                let label = entity.and_then(|entity| entity.property(property)).map(|property| &property.label);
                let (entity, property) = (Said::of(entity.map(|entity| &entity.label), &role.entity), Said::of(label, property));
                becomes.entry(column).or_default().push(Becomes { role: role.role.clone(), entity, property });
            }
        }
    }
    relations(extract, model, &mut becomes);
    let one = |column: &String| Mapped {
        becomes: becomes.remove(column.as_str()).unwrap_or_default(),
        ignored: extract.ignore.get(column).cloned(),
        dropped: extract.drop.get(column).cloned(),
        is_key: extract.key.contains(column),
        column: column.clone(),
    };
    extract.columns.iter().map(one).collect()
}

/// What says since when or until when something ties two things.
fn relations<'e>(extract: &'e Extract, model: &Model, becomes: &mut BTreeMap<&'e str, Vec<Becomes>>) {
    for relation in &extract.relations {
        let label = model.relation(&relation.relation).map(|relation| &relation.label);
        for source in [&relation.since, &relation.until].into_iter().flatten() {
            let Source { columns, .. } = source;
            for column in columns {
                let said = Becomes {
                    role: relation.source.clone(),
                    entity: Said::of(None, &relation.target),
                    property: Said::of(label, &relation.relation),
                };
                becomes.entry(column).or_default().push(said);
            }
        }
    }
}
