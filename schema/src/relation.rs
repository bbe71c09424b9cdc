//! Relation types: what may be tied to what, and which way round. A relation's own rows are in `record.relation`, never here.

use crate::{Error, Label};
use serde::Deserialize;

/// A typed tie between two entities, from `model/<name>.toml`.
#[derive(Debug, Clone)]
pub struct RelationType {
    /// The name in files and tables, e.g. `lives_at`.
    pub name: String,
    /// How people call it.
    pub label: Label,
    /// Entity types it may start from.
    pub source: Vec<String>,
    /// Entity types it may lead to.
    pub target: Vec<String>,
    /// False when source and target may be exchanged (spouse).
    pub directed: bool,
    /// Whether departments register it of somebody, so that what several register is registered more than once 重复登记.
    pub registered: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RelationFile {
    relation: String,
    label: Label,
    source: Vec<String>,
    target: Vec<String>,
    directed: bool,
    #[serde(default)]
    registered: bool,
}

impl RelationFile {
    pub(crate) fn check(self, file: &str) -> Result<RelationType, Error> {
        let name = self.relation.clone();
        if file.trim_end_matches(".toml") != name {
            return Err(Error::Contradiction { file: file.to_owned(), detail: format!("it defines `{name}` but is called `{file}`") });
        }
        let RelationFile { label, source, target, directed, registered, .. } = self;
        Ok(RelationType { name, label, source, target, directed, registered })
    }
}
