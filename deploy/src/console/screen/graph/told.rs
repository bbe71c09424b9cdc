//! What is around an entity and between two, as the API gives it.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct Picture {
    #[serde(default)]
    pub(super) nodes: Vec<Node>,
    #[serde(default)]
    pub(super) edges: Vec<Tie>,
    /// What there was too much of to show all.
    #[serde(default)]
    pub(super) hit: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Node {
    pub(crate) entity_id: i64,
    pub(crate) entity: String,
    pub(crate) hops: u8,
    #[serde(default)]
    pub(crate) hubs: Vec<Stub>,
    #[serde(default)]
    pub(crate) caption: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Stub {
    pub(crate) relation: String,
    pub(crate) neighbours: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Tie {
    pub(super) source: i64,
    pub(super) target: i64,
    pub(super) relation: String,
    pub(super) since: Option<String>,
    pub(super) until: Option<String>,
    pub(super) department: String,
    pub(super) extract: String,
    #[serde(default)]
    pub(super) sheet: Option<String>,
    pub(super) row: i64,
    pub(super) is_bridge: bool,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Path {
    #[serde(default)]
    pub(crate) nodes: Vec<Node>,
    #[serde(default)]
    pub(crate) steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Step {
    pub(crate) relation: String,
    pub(crate) forward: bool,
    pub(crate) edges: u64,
    pub(crate) since: Option<String>,
    pub(crate) until: Option<String>,
    pub(crate) department: String,
    pub(crate) extract: String,
    #[serde(default)]
    pub(crate) sheet: Option<String>,
    pub(crate) row: i64,
}
