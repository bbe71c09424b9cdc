//! `document.toml`: where the source document of the indicators contradicts itself, told wherever the figures are listed.

use crate::Error;
use serde::{Deserialize, Serialize};
use wuwei_schema::{Label, SourceFile};

/// Its name in a folder of indicators.
pub(super) const FILE: &str = "document.toml";

/// The document, how many indicators it claims and lists, and what a reader should know of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// What it is called.
    pub title: String,
    /// Where the indicators stand in it.
    pub section: String,
    /// How many it says there are.
    pub claimed: u32,
    /// How many it lists.
    pub listed: u32,
    /// Its contradictions.
    #[serde(rename(deserialize = "note"), default)]
    pub notes: Vec<Label>,
}

pub(super) fn parse(file: &SourceFile) -> Result<Document, Error> {
    toml::from_str(&file.text).map_err(|error| Error::Indicator {
        file: file.name.clone(),
        detail: error.message().trim().replace('\n', " "),
        hint: "as in the file that the program carries".to_owned(),
    })
}
