//! 一人一档: all that is known of one entity, each value with the row that asserts it. What is masked or hidden is decided before: this room
//! only arranges what the caller was allowed to read.

use crate::{
    Error,
    facts::{belonging, caption, identity, merged},
    seam::Seam,
    timeline::{relations, timeline},
};
use arrow_array::RecordBatch;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use wuwei_schema::{Category, EntityType, Label, Model};

/// What the caller read about one entity.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    /// The entity.
    pub entity_id: i64,
    /// Records as (entity type, batch of `record.<type>`): its own, and those of the events it is tied to.
    pub records: Vec<(String, RecordBatch)>,
    /// The links of these records.
    pub links: Vec<RecordBatch>,
    /// The edges that start or end at the entity; for a household also those that start at its members.
    pub edges: Vec<RecordBatch>,
    /// The kept pairs between its records.
    pub pairs: Vec<RecordBatch>,
    /// Type and caption of every entity that an edge names.
    pub captions: BTreeMap<i64, (String, String)>,
    /// When the rows of an extract's batch first came and were last delivered, ISO 8601 dates, by extract and batch.
    pub seen: BTreeMap<(String, String), (String, String)>,
}

/// The file of one entity.
#[derive(Debug, Clone, Serialize)]
pub struct EntityFile {
    /// The entity.
    pub entity_id: i64,
    /// Its type.
    pub entity: String,
    /// How people call its type.
    pub label: Label,
    /// The properties that stand for it in one line.
    pub caption: String,
    /// Departments that hold a record, sorted.
    pub departments: Vec<String>,
    /// Every property that a record asserts, in the model's order.
    pub identity: Vec<PropertyFile>,
    /// Properties on which departments disagree.
    pub conflicts: usize,
    /// Households, present ones first.
    pub households: Vec<Related>,
    /// Where it lives, lived and is registered; present ones first.
    pub residences: Vec<Related>,
    /// Vehicles and other objects, present ones first.
    pub objects: Vec<Related>,
    /// Organisations, present ones first.
    pub organizations: Vec<Related>,
    /// All relations, those of households and residences included.
    pub relations: Vec<Related>,
    /// What happened when, earliest first.
    pub timeline: Vec<Dated>,
    /// Why its records are one entity.
    pub merged: Merged,
}

/// One property with all that is asserted of it.
#[derive(Debug, Clone, Serialize)]
pub struct PropertyFile {
    /// The property.
    pub property: String,
    /// How people call it.
    pub label: Label,
    /// The value that stands for it, as in `entity.<type>`.
    pub value: String,
    /// By which rule it does.
    pub rule: Rule,
    /// What that value says by itself, in Chinese: of a citizen id the place that it was given out in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Two departments assert what cannot both be: one property, two values that are no variants of each other.
    pub conflict: bool,
    /// All assertions, by value, then source.
    pub values: Vec<Asserted>,
}

/// Why a value stands for a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    /// All records that assert one assert this.
    Only,
    /// Most records assert it.
    Most,
    /// Of those that equally many assert it was observed last.
    Latest,
    /// Of those that equally many assert and that were observed alike it stands in the earliest record.
    Earliest,
}

/// A value and the row that asserts it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Asserted {
    /// The canonical value.
    pub value: String,
    /// Who says so.
    #[serde(flatten)]
    pub source: Source,
    /// The record.
    pub record_id: i64,
    /// When the row came with this value, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<String>,
    /// When it was last delivered so, ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<String>,
}

/// The row of an extract that says something.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Source {
    /// The department.
    pub department: String,
    /// Its extract.
    pub extract: String,
    /// The file: first 16 hexadecimal digits of its SHA-256.
    pub batch: String,
    /// The sheet, where the file has several.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// The row as a spreadsheet numbers it.
    pub row: i64,
    /// The role in the row; empty for a relation.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub role: String,
    /// When the source knew this, ISO 8601, if it says so.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub observed: String,
}

/// A relation to another entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Related {
    /// Whether it lasts: no end is known.
    pub present: bool,
    /// From, ISO 8601.
    pub since: Option<String>,
    /// Until, ISO 8601.
    pub until: Option<String>,
    /// The relation.
    pub relation: String,
    /// How people call it.
    pub label: Label,
    /// True when it starts at this entity, false when it leads to it.
    pub outward: bool,
    /// The other entity.
    pub entity_id: i64,
    /// Its type.
    pub entity: String,
    /// Its caption.
    pub caption: String,
    /// What kind exactly.
    pub qualifier: Option<String>,
    /// Who says so.
    #[serde(flatten)]
    pub source: Source,
    /// Who says the very same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Source>,
}

/// Something that has a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dated {
    /// The date, ISO 8601 in the precision of the source.
    pub date: String,
    /// What happened.
    pub what: Label,
    /// The other entity concerned.
    pub entity_id: Option<i64>,
    /// Its type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// Its caption.
    pub caption: String,
    /// Who says so.
    #[serde(flatten)]
    pub source: Source,
}

/// Why records are one entity.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Merged {
    /// Each record and on what grounds it belongs here.
    pub records: Vec<MergedRecord>,
    /// The pairs of them that were weighed.
    pub pairs: Vec<KeptPair>,
    /// Where it would come apart, and what a split there needs.
    pub seam: Option<Seam>,
}

/// A record of the entity.
#[derive(Debug, Clone, Serialize)]
pub struct MergedRecord {
    /// The record.
    pub record_id: i64,
    /// `id`, `probabilistic` or `single`.
    pub tier: String,
    /// The row it is.
    #[serde(flatten)]
    pub source: Source,
}

/// A pair of records that was weighed.
#[derive(Debug, Clone, Serialize)]
pub struct KeptPair {
    /// The smaller record number.
    pub left: i64,
    /// The larger record number.
    pub right: i64,
    /// The blocking key that brought them together.
    pub key: String,
    /// Levels of agreement.
    pub levels: String,
    /// Weight in bits, prior included.
    pub weight: f64,
    /// Posterior probability.
    pub posterior: f64,
}

/// Relations that say where one lives, for the residence history.
pub const RESIDENCE: [&str; 3] = ["lives_at", "registered_at", "rents"];
/// The type of a household.
pub const HOUSEHOLD: &str = "household";

/// Arranges what was gathered about one entity.
///
/// # Errors
/// [`Error::Missing`] when no record of the type belongs to the entity; otherwise when a batch lacks a column of its contract.
pub fn entity_file(model: &Model, entity: &EntityType, gathered: &Gathered) -> Result<EntityFile, Error> {
    let belonging = belonging(gathered)?;
    let identity = identity(entity, gathered, &belonging)?;
    let merged = merged(entity, gathered, &belonging)?;
    let relations = relations(model, gathered)?;
    let is_of = |related: &Related, category| model.entity(&related.entity).is_some_and(|entity| entity.category == category);
    let departments: BTreeSet<&str> = merged.records.iter().map(|record| record.source.department.as_str()).collect();
    let only = |wanted: &dyn Fn(&Related) -> bool| relations.iter().filter(|related| wanted(related)).cloned().collect();
    Ok(EntityFile {
        entity_id: gathered.entity_id,
        entity: entity.name.clone(),
        label: entity.label.clone(),
        caption: caption(entity, &identity),
        departments: departments.into_iter().map(str::to_owned).collect(),
        conflicts: identity.iter().filter(|property| property.conflict).count(),
        households: only(&|related| related.entity == HOUSEHOLD),
        residences: only(&|related| related.outward && RESIDENCE.contains(&related.relation.as_str())),
        objects: only(&|related| is_of(related, Category::Object)),
        organizations: only(&|related| is_of(related, Category::Organization)),
        timeline: timeline(model, entity, gathered, &belonging, &relations)?,
        identity,
        relations,
        merged,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county::{batch, edges, link, person, records};

    /// Person 1 of three departments, a neighbour's record, a marriage (30), a household (40), two dwellings (50, 51).
    fn gathered(model: &Model) -> Gathered {
        let own = records(&[
            (1, &[("department", "ga"), ("name", "王小明"), ("birth_date", "1985-03-07"), ("phone", "12000000001")]),
            (2, &[("department", "mz"), ("name", "王晓明"), ("birth_date", "1985-03-17"), ("phone", "12000000002")]),
            (3, &[("department", "wg"), ("name", "王小明"), ("birth_date", "1985-03"), ("sex", "1"), ("observed", "2026-01-01")]),
            (9, &[("department", "wg"), ("name", "李大伟"), ("sex", "2")]),
        ]);
        let married = [("department", "mz"), ("date", "2010-05-20")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let marriage = batch(model.entity("marriage").unwrap(), &[(30, married.into())]);
        let captions = [(30, "marriage", ""), (40, "household", "990001"), (50, "dwelling", "人民路8号"), (51, "dwelling", "东河路1号")];
        Gathered {
            entity_id: 1,
            records: vec![("person".to_owned(), own), ("marriage".to_owned(), marriage)],
            links: vec![link(&[(1, 1), (2, 1), (3, 1), (9, 9), (30, 30)])],
            edges: vec![edges(&[
                ("party_to", 1, 30, Some("2010-05-20"), None),
                ("member_of", 1, 40, Some("2012-01-01"), None),
                ("lives_at", 1, 50, Some("2001-02-03"), Some("2012-01-01")),
                ("lives_at", 1, 51, Some("2012-01-01"), None),
                ("lives_at", 9, 51, None, None),
            ])],
            pairs: Vec::new(),
            captions: captions.map(|(id, entity, caption)| (id, (entity.to_owned(), caption.to_owned()))).into(),
            seen: [(("x".to_owned(), String::new()), ("2026-01-02".to_owned(), "2026-03-01".to_owned()))].into(),
        }
    }

    fn file() -> EntityFile {
        let model = Model::embedded().unwrap();
        entity_file(&model, &person(), &gathered(&model)).unwrap()
    }

    fn property<'a>(file: &'a EntityFile, name: &str) -> &'a PropertyFile {
        file.identity.iter().find(|property| property.property == name).unwrap()
    }

    #[test]
    fn every_value_is_shown_with_the_row_that_asserts_it_and_nobody_elses() {
        let file = file();
        let names = property(&file, "name");
        assert_eq!((names.value.as_str(), names.rule, property(&file, "sex").rule), ("王小明", Rule::Most, Rule::Only));
        assert_eq!(property(&file, "phone").rule, Rule::Earliest);
        let said: Vec<(&str, &str, i64)> =
            names.values.iter().map(|said| (&*said.value, &*said.source.department, said.source.row)).collect();
        assert_eq!(said, [("王小明", "ga", 2), ("王小明", "wg", 4), ("王晓明", "mz", 3)]);
        assert_eq!(property(&file, "sex").values.len(), 1, "the neighbour's is not here");
        assert_eq!((file.caption.as_str(), file.departments.join(",")), ("王小明", "ga,mz,wg".to_owned()));
    }

    #[test]
    fn a_conflict_is_what_cannot_both_be() {
        let file = file();
        assert!(property(&file, "birth_date").conflict, "the 7th and the 17th");
        assert!(!property(&file, "name").conflict, "the same sound");
        assert!(!property(&file, "phone").conflict, "one may have two phones");
        assert_eq!(file.conflicts, 1);
    }

    #[test]
    fn present_comes_before_past_and_the_timeline_from_birth_on() {
        let file = file();
        let homes: Vec<(i64, bool)> = file.residences.iter().map(|home| (home.entity_id, home.present)).collect();
        assert_eq!(homes, [(51, true), (50, false)]);
        assert_eq!(file.households.iter().map(|household| household.entity_id).collect::<Vec<_>>(), [40]);
        let dates: Vec<&str> = file.timeline.iter().map(|event| event.date.as_str()).collect();
        assert!(dates.is_sorted());
        let married: Vec<_> = file.timeline.iter().filter(|event| event.date == "2010-05-20").collect();
        let [married] = married[..] else { panic!("what happened is told once: {married:?}") };
        assert_eq!((married.entity_id, married.what.en.as_str()), (Some(30), "Marriage registration: Date"));
        assert_eq!(file.timeline.iter().filter(|event| event.date == "2012-01-01").count(), 3, "moved out, moved in, joined");
    }

    #[test]
    fn who_has_no_records_has_no_file() {
        let model = Model::embedded().unwrap();
        let nobody = Gathered { entity_id: 77, ..gathered(&model) };
        assert!(matches!(entity_file(&model, &person(), &nobody), Err(Error::Missing { .. })));
    }
}
