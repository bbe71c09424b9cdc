//! 一人一档, 一户一档 and everybody of a place, as one call each: what is asked for is read through a session, arranged by graph, and shown with
//! what was asked to be put right and with what is kept back from this reader. Verbs and routes show what these calls give.

pub(crate) mod hidden;
mod place;
mod reveal;
mod table;

pub use crate::correction::{Correction, Said};
use crate::{Error, clock, correction, gather};
pub use place::{Asked, Home, Level, Place, place};
pub use reveal::{Revealed, reveal};
use serde::Serialize;
use wuwei_graph::{EntityFile, HOUSEHOLD, HouseholdFile};
pub use wuwei_query::Hidden;
use wuwei_query::{Asker, Session};
use wuwei_schema::{Category, Model};

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
    /// What departments were asked to put right of it.
    pub corrections: Vec<Correction>,
    /// What is kept back from this reader, by the policies alone.
    pub withheld: Vec<Hidden>,
}

/// The file of an entity, for whoever has the session; the look is in the audit before it is given.
///
/// # Errors
/// There is no such entity, or no record of it that whoever asks sees, which are told alike; or the look cannot be accounted for.
pub async fn person(session: &Session, model: &Model, id: i64) -> Result<PersonFile, Error> {
    looked(session, model, id, "person").await
}

/// The same, to be taken along, which the audit tells apart.
///
/// # Errors
/// As [`person`].
pub async fn exported(session: &Session, model: &Model, id: i64) -> Result<PersonFile, Error> {
    looked(session, model, id, "export").await
}

async fn looked(session: &Session, model: &Model, id: i64, what: &str) -> Result<PersonFile, Error> {
    let look = session.begin(what, &id.to_string(), &[], clock::now_ms())?;
    let session = look.session();
    let asker = session.asker(clock::now_ms());
    let Some((entity, gathered)) = asker.entity(id).await? else { return Err(missing(&asker, id).await?) };
    let file = wuwei_graph::entity_file(model, entity, &gathered).map_err(|error| unseen(error, id))?;
    let records: Vec<i64> = file.merged.records.iter().map(|record| record.record_id).collect();
    let corrections = correction::of_records(session, &records).await?;
    let withheld = session.hidden(&entity.name)?;
    let related = file.relations.iter().map(|related| (related.entity.as_str(), related.entity_id));
    look.close(persons(model, [(file.entity.as_str(), file.entity_id)].into_iter().chain(related)), 1).await?;
    let merged_from = (file.entity_id != id).then_some(id);
    Ok(PersonFile { merged_from, file, corrections, withheld })
}

/// The file of a household, given by its own number or by a member's, for whoever has the session.
///
/// # Errors
/// As [`person`].
pub async fn household(session: &Session, model: &Model, id: i64) -> Result<HouseholdShown, Error> {
    let look = session.begin("household", &id.to_string(), &[], clock::now_ms())?;
    let session = look.session();
    let asker = session.asker(clock::now_ms());
    let Some((entity, gathered)) = asker.household(id).await? else { return Err(missing(&asker, id).await?) };
    if entity.name != HOUSEHOLD {
        return Err(Error::asked(format!("entity {id} belongs to no household"), "`wuwei person` shows what is known of it"));
    }
    let file = wuwei_graph::household_file(model, entity, &gathered).map_err(|error| unseen(error, id))?;
    let records: Vec<i64> = file.merged.records.iter().map(|record| record.record_id).collect();
    let corrections = correction::of_records(session, &records).await?;
    let withheld = session.hidden(&entity.name)?;
    look.close(file.members.iter().map(|member| member.entity_id), 1).await?;
    Ok(HouseholdShown { file, corrections, withheld })
}

/// An entity that was, or a number that never was one's.
async fn missing(asker: &Asker, id: i64) -> Result<Error, Error> {
    let ended = asker.ended(asker.present(id).await?).await?;
    Ok(ended.map_or_else(
        || gather::nobody(id),
        |day| {
            let hint = "`graph.member` and `graph.lineage` keep what it was";
            Error::asked(format!("entity {id} is no more since {day}: none of its records stands"), hint)
        },
    ))
}

/// Those entities of these, by type and number, that are persons.
pub(crate) fn persons<'a>(model: &Model, of: impl Iterator<Item = (&'a str, i64)>) -> Vec<i64> {
    let is_person = |name: &str| model.entity(name).is_some_and(|entity| entity.category == Category::Person);
    of.filter(|(name, _)| is_person(name)).map(|(_, id)| id).collect()
}

/// Whoever sees no record is told what is told of a number that nobody has.
fn unseen(error: wuwei_graph::Error, id: i64) -> Error {
    match error {
        wuwei_graph::Error::Missing { .. } => gather::nobody(id),
        other => other.into(),
    }
}
