//! 一人一档, 一户一档 and everybody of a place, as one call each: what is asked for is read through a session, arranged by graph, and shown with
//! what was asked to be put right and with what is kept back from this reader. Verbs and routes show what these calls give.

pub(crate) mod hidden;
mod place;
mod seen;

pub use crate::correction::{Correction, Said};
use crate::{Error, clock, correction, gather};
pub use hidden::Hidden;
pub use place::{Asked, Home, Level, Place, place};
use serde::Serialize;
use std::collections::BTreeSet;
use wuwei_graph::{EntityFile, HouseholdFile};
use wuwei_ingest::Departments;
use wuwei_query::Session;
use wuwei_schema::{Category, Model};

/// What files are arranged by.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// What things are.
    pub model: &'a Model,
    /// How departments deliver.
    pub departments: &'a Departments,
}

impl Known<'_> {
    /// Those entities of these, by type and number, that are persons.
    fn persons<'b>(&self, of: impl Iterator<Item = (&'b str, i64)>) -> BTreeSet<i64> {
        let is_person = |name: &str| self.model.entity(name).is_some_and(|entity| entity.category == Category::Person);
        of.filter(|(name, _)| is_person(name)).map(|(_, id)| id).collect()
    }
}

/// The file of a person, or of any other entity.
#[derive(Debug, Serialize)]
pub struct PersonFile {
    /// The number that was asked for, when it is not the entity's any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_from: Option<i64>,
    /// What is known.
    #[serde(flatten)]
    pub file: EntityFile,
    /// What departments were asked to put right of it.
    pub corrections: Vec<Correction>,
    /// What is kept back from this reader, by the policies alone.
    pub withheld: Vec<Hidden>,
}

/// The file of a household.
#[derive(Debug, Serialize)]
pub struct HouseholdShown {
    /// What is known.
    #[serde(flatten)]
    pub file: HouseholdFile,
    /// What is kept back from this reader, by the policies alone.
    pub withheld: Vec<Hidden>,
}

/// The file of an entity, for whoever has the session; the look is in the audit before it is given.
///
/// # Errors
/// There is no such entity, or no record of it that whoever asks sees, which are told alike; or the look cannot be accounted for.
pub async fn person(session: &Session, known: Known<'_>, id: i64) -> Result<PersonFile, Error> {
    let look = session.begin("person", &id.to_string(), &[], clock::now_ms())?;
    let session = look.session();
    let (entity, mut gathered) = gather::entity(session, known.model, id).await?;
    gathered.seen = seen::seen(session, known.departments, &gathered).await?;
    let file = wuwei_graph::entity_file(known.model, entity, &gathered).map_err(|error| unseen(error, id))?;
    let records: Vec<i64> = file.merged.records.iter().map(|record| record.record_id).collect();
    let corrections = correction::of_records(session, &records).await?;
    let withheld = hidden::hidden(session, known.model, &entity.name)?;
    let related = file.relations.iter().map(|related| (related.entity.as_str(), related.entity_id));
    look.close(known.persons([(file.entity.as_str(), file.entity_id)].into_iter().chain(related)), 1).await?;
    let merged_from = (file.entity_id != id).then_some(id);
    Ok(PersonFile { merged_from, file, corrections, withheld })
}

/// The file of a household, given by its own number or by a member's, for whoever has the session.
///
/// # Errors
/// As [`person`].
pub async fn household(session: &Session, known: Known<'_>, id: i64) -> Result<HouseholdShown, Error> {
    let look = session.begin("household", &id.to_string(), &[], clock::now_ms())?;
    let session = look.session();
    let (entity, mut gathered) = gather::household(session, known.model, id).await?;
    if entity.name != "household" {
        return Err(Error::asked(format!("entity {id} belongs to no household"), "`wuwei person` shows what is known of it"));
    }
    gathered.seen = seen::seen(session, known.departments, &gathered).await?;
    let file = wuwei_graph::household_file(known.model, entity, &gathered).map_err(|error| unseen(error, id))?;
    let withheld = hidden::hidden(session, known.model, &entity.name)?;
    look.close(file.members.iter().map(|member| member.entity_id), 1).await?;
    Ok(HouseholdShown { file, withheld })
}

/// Whoever sees no record is told what is told of a number that nobody has.
fn unseen(error: wuwei_graph::Error, id: i64) -> Error {
    match error {
        wuwei_graph::Error::Missing { .. } => gather::nobody(id),
        other => other.into(),
    }
}
