//! A text read and judged as a question over the contracts alone: no hub, no asker, no plan. For whoever throws any text at the guard.

use super::{Names, guard};
use crate::Error;
use arrow_schema::SchemaRef;
use wuwei_schema::{Model, history, table};

/// Reads a text as one question over edges, old numbers, and the records and entities of a model: the statement that would be planned, its
/// patterns of the graph made subqueries.
///
/// # Errors
/// It is none, or may not be planned: why, and what to ask instead.
pub fn read_question(text: &str, model: &Model) -> Result<String, Error> {
    Ok(guard(text, &Contracts(model), &[])?.statement.to_string())
}

/// The tables of a model.
struct Contracts<'a>(&'a Model);

impl Names for Contracts<'_> {
    fn schema(&self, table: &str) -> Result<Option<SchemaRef>, Error> {
        let of = |name| self.0.entity(name);
        Ok(match table.split_once('.') {
            Some(("record", name)) => of(name).map(|entity| entity.record_schema()),
            Some(("entity", name)) => of(name).map(|entity| entity.entity_schema()),
            _ if table == table::EDGE => Some(table::edge_schema()),
            _ => (table == history::REDIRECT).then(history::redirect_schema),
        })
    }

    fn names(&self) -> Result<Vec<String>, Error> {
        let of_types = self.0.entities.keys().flat_map(|name| ["record", "entity"].map(|namespace| format!("{namespace}.{name}")));
        Ok(of_types.chain([table::EDGE, history::REDIRECT].map(str::to_owned)).collect())
    }
}
