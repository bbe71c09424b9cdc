//! The line that stands for an entity where several are shown: what the model calls its caption, as whoever asks may see it.

use crate::{Error, clock, export, hub::Hub};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use wuwei_query::Session;

/// Entities that are asked for with one question.
const TOGETHER: usize = 500;

/// The captions of entities, by type and number.
pub(in crate::command) struct Captions(BTreeMap<(String, i64), Map<String, Value>>);

impl Captions {
    /// Those of these, asked as parts of the session's look.
    ///
    /// # Errors
    /// A question is refused or fails.
    pub(in crate::command) async fn of<'a>(
        hub: &Hub,
        session: &Session,
        wanted: impl Iterator<Item = (&'a str, i64)>,
    ) -> Result<Captions, Error> {
        let mut by_type: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        wanted.for_each(|(entity, id)| by_type.entry(entity).or_default().push(id));
        let mut captions = BTreeMap::new();
        for (name, mut ids) in by_type {
            ids.sort_unstable();
            ids.dedup();
            let Some(entity) = hub.definitions.model.entity(name) else { continue };
            let columns: Vec<String> = entity.caption.iter().map(|column| format!("\"{column}\"")).collect();
            for ids in ids.chunks(TOGETHER) {
                let among = numbers(ids.iter().map(|id| (name, *id)));
                let columns = columns.join(", ");
                let question = format!("SELECT entity_id, {columns}, departments, records FROM entity.{name} WHERE entity_id IN ({among})");
                let answer = session.sql(&question, clock::now_ms()).await?;
                for mut row in export::rows(&answer.schema, &answer.batches)? {
                    if let Some(id) = row.remove("entity_id").and_then(|id| id.as_i64()) {
                        captions.insert((name.to_owned(), id), row);
                    }
                }
            }
        }
        Ok(Captions(captions))
    }

    /// The caption of that entity; an empty one where whoever asks sees none.
    pub(in crate::command) fn get(&self, entity: &str, id: i64) -> Map<String, Value> {
        self.0.get(&(entity.to_owned(), id)).cloned().unwrap_or_default()
    }
}

/// The numbers of entities, with commas.
pub(in crate::command) fn numbers<'a>(of: impl Iterator<Item = (&'a str, i64)>) -> String {
    of.map(|(_, id)| id.to_string()).collect::<Vec<_>>().join(", ")
}

/// A caption on one line.
pub(in crate::command) fn who(hub: &Hub, entity: &str, caption: &Map<String, Value>) -> String {
    let columns = hub.definitions.model.entity(entity).map(|entity| entity.caption.as_slice()).unwrap_or_default();
    let values = columns.iter().filter_map(|column| caption.get(column)).filter(|value| !value.is_null());
    values.map(plain).collect::<Vec<_>>().join("  ")
}

pub(in crate::command) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
