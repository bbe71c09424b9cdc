//! What awaits a judgement, and why two are one or not, as the API gives it. What an answer lacks is left out of the page.

use crate::console::words::Named;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct Queue {
    pub(super) cases: Vec<Case>,
    pub(super) total: usize,
    pub(super) waiting: Vec<Decision>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Case {
    pub(super) entity: String,
    pub(super) entities: Vec<i64>,
    pub(super) gain: f64,
    pub(super) doubts: Vec<Doubt>,
}

/// Two records in doubt.
#[derive(Debug, Deserialize)]
pub(super) struct Doubt {
    pub(super) left: i64,
    pub(super) right: i64,
    pub(super) left_entity: i64,
    pub(super) right_entity: i64,
    pub(super) weight: f64,
    pub(super) posterior: f64,
    pub(super) compared: Vec<Compared>,
    #[serde(default)]
    pub(super) prior: Option<f64>,
    #[serde(default)]
    pub(super) rarity: Option<f64>,
}

/// One property of both.
#[derive(Debug, Deserialize)]
pub(super) struct Compared {
    pub(super) property: String,
    pub(super) label: Named,
    pub(super) left: Option<String>,
    pub(super) right: Option<String>,
    #[serde(default)]
    pub(super) level: Option<i64>,
    #[serde(default)]
    pub(super) bits: Option<f64>,
}

/// A decision that waits for a second person, or that holds.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Decision {
    pub(super) decision: i64,
    pub(super) entity: String,
    pub(super) entities: Vec<i64>,
    pub(super) verdict: String,
    pub(super) state: String,
    pub(super) who: String,
    pub(super) ground: String,
}

/// What a pair weighs, comparison by comparison.
#[derive(Debug, Deserialize)]
pub(super) struct Explained {
    pub(super) left: i64,
    pub(super) right: i64,
    pub(super) prior: f64,
    pub(super) comparisons: Vec<Weighed>,
    pub(super) weight: f64,
    pub(super) posterior: f64,
    pub(super) threshold_weight: f64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Weighed {
    pub(super) property: String,
    #[serde(default)]
    pub(super) left: String,
    #[serde(default)]
    pub(super) right: String,
    pub(super) level: Option<u8>,
    pub(super) exact: u8,
    pub(super) bits: f64,
    pub(super) rarity: f64,
}

/// What was written down.
#[derive(Debug, Deserialize)]
pub(super) struct Written {
    pub(super) state: String,
}
