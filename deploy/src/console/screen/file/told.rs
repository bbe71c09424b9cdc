//! A file as the API gives it. What an answer lacks is left blank, so that a page shows what there is.

use crate::console::{screen::corrections::Asked, words::Named};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct Entity {
    pub(super) entity_id: i64,
    pub(super) entity: String,
    pub(super) label: Named,
    pub(super) caption: String,
    #[serde(default)]
    pub(super) merged_from: Option<i64>,
    #[serde(default)]
    pub(super) departments: Vec<String>,
    #[serde(default)]
    pub(super) identity: Vec<Property>,
    #[serde(default)]
    pub(super) relations: Vec<Related>,
    #[serde(default)]
    pub(super) timeline: Vec<Dated>,
    #[serde(default)]
    pub(super) merged: Merged,
    #[serde(default)]
    pub(super) corrections: Vec<Asked>,
    #[serde(default)]
    pub(super) withheld: Vec<Hidden>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Household {
    pub(super) entity_id: i64,
    pub(super) entity: String,
    pub(super) label: Named,
    pub(super) caption: String,
    #[serde(default)]
    pub(super) identity: Vec<Property>,
    #[serde(default)]
    pub(super) members: Vec<Member>,
    #[serde(default)]
    pub(super) dwellings: Vec<Joint>,
    #[serde(default)]
    pub(super) households: Vec<Joint>,
    #[serde(default)]
    pub(super) timeline: Vec<Dated>,
    #[serde(default)]
    pub(super) merged: Merged,
    #[serde(default)]
    pub(super) corrections: Vec<Asked>,
    #[serde(default)]
    pub(super) withheld: Vec<Hidden>,
}

/// What is kept back from whoever reads, by the policies.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Hidden {
    pub(super) of: Vec<String>,
    pub(super) closed: bool,
    pub(super) departments: Vec<String>,
    pub(super) elsewhere: bool,
    pub(super) minors: bool,
    pub(super) classes: Vec<String>,
    pub(super) fields: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Property {
    pub(super) property: String,
    pub(super) label: Named,
    pub(super) value: String,
    #[serde(default)]
    pub(super) rule: String,
    #[serde(default)]
    pub(super) note: Option<String>,
    #[serde(default)]
    pub(super) conflict: bool,
    pub(super) values: Vec<Asserted>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Asserted {
    pub(super) value: String,
    #[serde(default)]
    pub(super) record_id: i64,
    #[serde(default)]
    pub(super) first_seen: Option<String>,
    #[serde(default)]
    pub(super) last_seen: Option<String>,
    #[serde(flatten)]
    pub(super) source: Source,
}

/// The row of an extract that says something.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(default)]
pub(crate) struct Source {
    pub(crate) department: String,
    pub(crate) extract: String,
    /// The file, by the first digits of its SHA-256.
    pub(crate) batch: String,
    pub(crate) sheet: String,
    pub(crate) row: i64,
    pub(crate) role: String,
    pub(crate) observed: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Related {
    pub(super) present: bool,
    pub(super) since: Option<String>,
    pub(super) until: Option<String>,
    pub(super) relation: String,
    pub(super) label: Named,
    pub(super) outward: bool,
    pub(super) entity_id: i64,
    pub(super) entity: String,
    pub(super) caption: String,
    pub(super) qualifier: Option<String>,
    #[serde(flatten)]
    pub(super) source: Source,
    #[serde(default)]
    pub(super) also: Vec<Source>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Dated {
    pub(super) date: String,
    pub(super) what: Named,
    pub(super) entity_id: Option<i64>,
    #[serde(default)]
    pub(super) entity: Option<String>,
    #[serde(default)]
    pub(super) caption: String,
    #[serde(flatten)]
    pub(super) source: Source,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Merged {
    pub(super) records: Vec<MergedRecord>,
    pub(super) pairs: Vec<Pair>,
    pub(super) seam: Option<Seam>,
}

/// Where the records would come apart.
#[derive(Debug, Deserialize)]
pub(super) struct Seam {
    pub(super) left: Vec<i64>,
    pub(super) right: Vec<i64>,
    pub(super) links: Vec<Link>,
    pub(super) pairs: usize,
    pub(super) second_person: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Link {
    pub(super) left: i64,
    pub(super) right: i64,
    pub(super) by: String,
    pub(super) weight: Option<f64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct MergedRecord {
    pub(super) record_id: i64,
    pub(super) tier: String,
    #[serde(flatten)]
    pub(super) source: Source,
}

#[derive(Debug, Deserialize)]
pub(super) struct Pair {
    pub(super) left: i64,
    pub(super) right: i64,
    pub(super) key: String,
    pub(super) levels: String,
    pub(super) weight: f64,
    pub(super) posterior: f64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Member {
    pub(super) entity_id: i64,
    pub(super) caption: String,
    pub(super) present: bool,
    pub(super) since: Option<String>,
    pub(super) until: Option<String>,
    pub(super) relations: Vec<Named>,
    #[serde(default)]
    pub(super) qualifiers: Vec<String>,
    pub(super) sources: Vec<Source>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Joint {
    pub(super) entity_id: i64,
    pub(super) caption: String,
    pub(super) present: bool,
    pub(super) members: Vec<i64>,
    pub(super) relations: Vec<Named>,
    pub(super) sources: Vec<Source>,
}
