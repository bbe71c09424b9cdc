//! What a person says of columns, in the place of what would be proposed: how the values of one are written is found out for what they say
//! that it is. Whether that makes a department file that holds, is checked with the file.

use super::{
    decide::{Choice, Column, Decided},
    fit,
    words::{How, Meaning},
};
use crate::Error;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use wuwei_schema::{Category, Model, nearest};

/// Of headings what they are; of those that are not among them something may be proposed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled(pub BTreeMap<String, Option<Meant>>);

/// A property of one of the things that a row speaks of; none where a column is nothing that is kept track of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meant {
    /// The thing, by the part it plays in the row.
    pub role: String,
    /// Its entity type.
    pub entity: String,
    /// The property.
    pub property: String,
}

impl Meant {
    /// What `person.name` or, of the part that somebody plays, `groom:person.name` says; none where it is nothing of that shape.
    pub fn parse(text: &str) -> Option<Meant> {
        let (role, of) = text.split_once(':').map_or((None, text), |(role, of)| (Some(role.trim()), of));
        let (entity, property) = of.trim().split_once('.')?;
        let role = role.unwrap_or(entity);
        let is_name = |name: &str| !name.is_empty() && !name.contains(|other: char| other.is_control() || other.is_whitespace());
        let found = || Meant { role: role.to_owned(), entity: entity.to_owned(), property: property.to_owned() };
        [role, entity, property].into_iter().all(is_name).then(found)
    }
}

impl Settled {
    /// Whether all of it is what the model has.
    pub(super) fn check(&self, model: &Model) -> Result<(), Error> {
        let unknown = |what, name: &str, hint| Err(Error::Unknown { what, name: name.to_owned(), hint });
        for meant in self.0.values().flatten() {
            let Some(entity) = model.entity(&meant.entity) else {
                return unknown("entity type", &meant.entity, nearest(&meant.entity, model.entities.keys().map(String::as_str)));
            };
            if entity.property(&meant.property).is_none() {
                let names = entity.properties.iter().map(|property| property.name.as_str());
                return unknown("property of that entity type", &meant.property, nearest(&meant.property, names));
            }
        }
        Ok(())
    }

    /// What was decided, with what was settled in its place.
    pub(super) fn over(&self, columns: &[Column<'_>], decided: Vec<Decided>, model: &Model) -> Vec<Decided> {
        let one = |(column, decided): (&Column<'_>, Decided)| match self.0.get(column.heading) {
            None => decided,
            Some(None) => Err("由人指定：不映射".to_owned()),
            Some(Some(meant)) => choice(meant, column, model).ok_or_else(|| "由人指定，但没有这个字段".to_owned()),
        };
        columns.iter().zip(decided).map(one).collect()
    }
}

fn choice(meant: &Meant, column: &Column<'_>, model: &Model) -> Option<Choice> {
    let Meant { role, entity, property } = meant.clone();
    let of = model.entity(&entity)?;
    let kind = &of.property(&property)?.kind;
    let is_organization = of.category == Category::Organization && property == "name";
    let fit = if is_organization { fit::organizations(column.values) } else { fit::fit(column.values, kind, &model.codes) };
    let why = "由人指定".to_owned();
    let meaning = Meaning { entity, property, role: None, number: String::new(), how: How::Label, why, is_unsure: false };
    // Whoever says so is sure, whatever the values look like: those are counted beside it.
    Some(Choice { meaning, role, fit, score: 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_is_named_with_the_part_that_somebody_plays_or_without() {
        let told = |text: &str| Meant::parse(text).map(|meant| format!("{} {} {}", meant.role, meant.entity, meant.property));
        assert_eq!(told("person.name").unwrap(), "person person name");
        assert_eq!(told(" groom: person.name").unwrap(), "groom person name");
        for wrong in ["", "name", "person.", ".name", ":person.name", "a b:person.name", "person.na me"] {
            assert_eq!(told(wrong), None, "{wrong:?}");
        }
    }
}
