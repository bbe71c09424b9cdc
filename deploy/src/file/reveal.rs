//! One property of one entity for another purpose than the file was read for, with the ground on which it is needed: what the file shows masked is
//! shown by itself where that purpose needs it, and nowhere else. The policies decide; the ground stands in the audit before the value leaves.

use super::{missing, persons, unseen};
use crate::{Error, clock, command::decide::grounded, output};
use serde::Serialize;
use wuwei_graph::Source;
use wuwei_query::Session;
use wuwei_schema::{Label, Model};

/// What is told of the property.
#[derive(Debug, Serialize)]
pub struct Revealed {
    entity_id: i64,
    property: String,
    label: Label,
    /// The purpose that it is shown for.
    purpose: String,
    /// Whether that purpose does not need it either, so that it is masked all the same.
    masked: bool,
    values: Vec<Value>,
}

/// A value with who says it.
#[derive(Debug, Serialize)]
struct Value {
    value: String,
    #[serde(flatten)]
    source: Source,
}

/// The values of one property, for whoever has the session; the look is in the audit before they are given, and so is its ground, by `account_for`.
///
/// # Errors
/// There is no ground, or it holds a number; no such entity or property, or none that whoever asks sees; or it cannot be accounted for.
pub async fn reveal(
    session: &Session,
    model: &Model,
    (id, property): (i64, &str),
    ground: &str,
    account_for: impl FnOnce(&str) -> Result<(), Error>,
) -> Result<Revealed, Error> {
    grounded(ground)?;
    let none = || Error::asked(format!("entity {id} has no such property that is seen"), "the file names those that it has");
    if !model.entities.values().any(|entity| entity.property(property).is_some()) {
        return Err(none());
    }
    account_for(&format!("revealed: {property} of {id}, {}", output::one_line(ground.trim())))?;
    let look = session.begin("reveal", &format!("{id} {property}"), &[], clock::now_ms())?;
    let session = look.session();
    let asker = session.asker(clock::now_ms());
    let Some((entity, gathered)) = asker.entity(id).await? else { return Err(missing(&asker, id).await?) };
    let file = wuwei_graph::entity_file(model, entity, &gathered).map_err(|error| unseen(error, id))?;
    let hidden = session.withheld(&format!("record.{}", entity.name))?;
    let masked = hidden.masked.iter().any(|masked| masked.columns.iter().any(|column| column == property));
    let found = file.identity.iter().find(|known| known.property == property).ok_or_else(none)?;
    let values = found.values.iter().map(|asserted| Value { value: asserted.value.clone(), source: asserted.source.clone() }).collect();
    let purpose = session.purpose().as_str().to_owned();
    look.close(persons(model, [(file.entity.as_str(), file.entity_id)].into_iter()), 1).await?;
    Ok(Revealed { entity_id: file.entity_id, property: property.to_owned(), label: found.label.clone(), purpose, masked, values })
}
