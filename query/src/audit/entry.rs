//! One entry: who looked at what, when, from where and what for, and whom they saw. It holds names, numbers and fingerprints, never a value.

use crate::{Principal, Purpose};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Numbers that one entry lists; beyond that it tells how many there were.
pub(crate) const LISTED: usize = 1_000;

/// One entry. An answered question has two: `asked` before its first row, and one that closes it and names the first in `of`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// 1, 2, 3 … without a gap.
    pub seq: u64,
    /// When, in milliseconds since 1970-01-01 UTC.
    pub at: i64,
    /// Who asked.
    pub principal: String,
    /// In which role; none of the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// For which department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// From where: the command line, or an entrance with an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// What for.
    pub purpose: String,
    /// `sql`, `read`, `indicators`, `person`, or what else was looked at; `repair`, `seal`, `prune`, `alarm` of the audit's own.
    pub kind: String,
    /// SHA-256 of the question's text, in hexadecimal digits; of a `seal` that of the seal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    /// Tables that the plan reads.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tables: BTreeSet<String>,
    /// Columns that the plan reads, each with its table.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub columns: BTreeSet<String>,
    /// `asked`, `answered`, `refused: <rule>` or `failed: <reason>`.
    pub outcome: String,
    /// The entry that this one closes; of an alarm, the one with which it was reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// The look that this question is a part of, and that tells whom it showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<u64>,
    /// Rows of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Numbers of the persons whom the answer showed, [`LISTED`] at most.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub persons: BTreeSet<i64>,
    /// Numbers of their records that the answer showed, [`LISTED`] at most.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub records: BTreeSet<i64>,
    /// How many persons and records there were beyond those listed, as far as they were counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<u64>,
    /// Of a `seal` the segment that was sealed, of a `prune` the last one that was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<u64>,
}

impl Entry {
    /// An entry of a question that is about to be answered.
    pub(crate) fn asked(kind: &str, principal: &Principal, purpose: &Purpose, at: i64) -> Entry {
        Entry {
            at,
            principal: principal.name().to_owned(),
            role: principal.role().map(str::to_owned),
            department: principal.department().map(str::to_owned),
            origin: principal.origin().map(str::to_owned),
            purpose: purpose.as_str().to_owned(),
            kind: kind.to_owned(),
            outcome: "asked".to_owned(),
            ..Entry::default()
        }
    }

    /// An entry of the audit's own.
    pub(super) fn own(kind: &str, purpose: &str, outcome: String, at: i64) -> Entry {
        let (principal, purpose, kind) = ("wuwei".to_owned(), purpose.to_owned(), kind.to_owned());
        Entry { at, principal, purpose, kind, outcome, ..Entry::default() }
    }

    /// Whether it tells of somebody who was refused.
    pub(super) fn is_refusal(&self) -> bool {
        self.outcome.starts_with("refused") || self.kind == "login" && self.outcome.starts_with("failed")
    }
}
