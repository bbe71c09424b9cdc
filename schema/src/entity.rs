//! Entity types and their properties, as the model files state them. No value of any entity is ever here.

use crate::{Error, Kind, Label, Matching, matching::MatchFile};
use serde::Deserialize;
use std::collections::HashSet;

/// A kind of thing that departments keep records of, from `model/<name>.toml`.
#[derive(Debug, Clone)]
pub struct EntityType {
    /// The name in files and tables, e.g. `person`.
    pub name: String,
    /// Which of the five it belongs to.
    pub category: Category,
    /// How people call it.
    pub label: Label,
    /// The properties that stand for it in one line, best first.
    pub caption: Vec<String>,
    /// Its properties, in the file's order, which is the order of columns everywhere.
    pub properties: Vec<Property>,
    /// How its records are recognised as one; without it each record is an entity of its own.
    pub matching: Option<Matching>,
}

impl EntityType {
    /// The property of that name.
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// By which date an event came to be: the first in the file's order of those that may stand beside a relation ([`crate::table::RELATED`]).
    /// None where it has no other than sensitive ones, which then no relation tells, and of what is no event.
    pub fn happened(&self) -> Option<&Property> {
        let is_told = |property: &&Property| property.kind == Kind::Date && property.sensitivity <= crate::table::RELATED;
        self.properties.iter().find(is_told).filter(|_| self.category == Category::Event)
    }

    /// Whether its records are compared and weighed, not only joined by what identifies them.
    pub fn is_compared(&self) -> bool {
        self.matching.as_ref().is_some_and(|matching| !matching.block.is_empty() && !matching.compare.is_empty())
    }

    /// Whether people look for it by anything that it has, if only a number, so that it has an index.
    pub fn is_found(&self) -> bool {
        self.properties.iter().any(|property| property.search.is_some())
    }
}

/// The five categories: 人 地 事 物 组织.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// 人
    Person,
    /// 地
    Place,
    /// 事
    Event,
    /// 物
    Object,
    /// 组织
    Organization,
}

/// One thing that can be said of an entity.
#[derive(Debug, Clone)]
pub struct Property {
    /// The name in files and tables, e.g. `birth_date`.
    pub name: String,
    /// How people call it; becomes the column's comment.
    pub label: Label,
    /// How its values are cleaned, validated, compared and masked.
    pub kind: Kind,
    /// How far its values are protected.
    pub sensitivity: Sensitivity,
    /// How it is found, if at all.
    pub search: Option<SearchRole>,
}

/// How far a value is protected: PIPL article 28 for `Special`, GB/T 35273 for the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    /// Says nothing of a person.
    Public,
    /// Says something of a person.
    Personal,
    /// Singles a person out.
    Identifier,
    /// Sensitive by law.
    Special,
}

/// How a property is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchRole {
    /// Whole, by its tail or with its middle covered, like a number.
    Exact,
    /// By characters, pinyin and initials.
    Name,
    /// By the room, building or street that it leads to, and by any part.
    Address,
    /// By any part.
    Words,
    /// By the day, month, year or decade; it narrows what is found otherwise.
    Day,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntityFile {
    entity: String,
    category: Category,
    label: Label,
    caption: Vec<String>,
    property: toml::Table,
    #[serde(rename = "match")]
    matching: Option<MatchFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PropertyFile {
    kind: String,
    sensitivity: Sensitivity,
    label: Label,
    search: Option<SearchRole>,
}

impl EntityFile {
    pub(crate) fn check(self, file: &str) -> Result<EntityType, Error> {
        let contradiction = |detail: String| Error::Contradiction { file: file.to_owned(), detail };
        if file.trim_end_matches(".toml") != self.entity {
            return Err(contradiction(format!("it defines `{}` but is called `{file}`", self.entity)));
        }
        let mut properties = Vec::with_capacity(self.property.len());
        for (name, value) in self.property {
            properties.push(property(file, name, value)?);
        }
        let names: HashSet<&str> = properties.iter().map(|property| property.name.as_str()).collect();
        if let Some(reserved) = names.iter().find(|name| crate::table::LINEAGE.contains(name)) {
            return Err(contradiction(format!("property `{reserved}` has the name of a lineage column")));
        }
        for name in &self.caption {
            known(file, name, &properties)?;
        }
        let matching = self.matching.map(|matching| matching.check(file, &properties)).transpose()?;
        Ok(EntityType { name: self.entity, category: self.category, label: self.label, caption: self.caption, properties, matching })
    }
}

/// Refuses a property name that the type does not have, naming the nearest one.
pub(crate) fn known(file: &str, name: &str, properties: &[Property]) -> Result<(), Error> {
    if properties.iter().any(|property| property.name == name) {
        return Ok(());
    }
    let hint = crate::nearest(name, properties.iter().map(|property| property.name.as_str()));
    Err(Error::Unknown { file: file.to_owned(), what: "property", name: name.to_owned(), hint })
}

fn property(file: &str, name: String, value: toml::Value) -> Result<Property, Error> {
    let stated: PropertyFile = value.try_into().map_err(|error| Error::Syntax {
        file: file.to_owned(),
        detail: format!("property `{name}`: {error}").trim().replace('\n', " "),
    })?;
    let kind = Kind::parse(&stated.kind).ok_or_else(|| Error::Unknown {
        file: file.to_owned(),
        what: "kind",
        name: stated.kind.clone(),
        hint: crate::nearest(&stated.kind, crate::kind::NAMES.into_iter()),
    })?;
    Ok(Property { name, label: stated.label, kind, sensitivity: stated.sensitivity, search: stated.search })
}
