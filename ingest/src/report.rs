//! The account of a file: every row read was accepted, rejected or skipped. It holds counts and names, never a value.

use crate::{Error, reject::Reject};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What became of a file's rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Rows read, below the heading.
    pub read: u64,
    /// Rows that became records.
    pub accepted: u64,
    /// Rows refused.
    pub rejected: u64,
    /// Blank rows, repeated headings, totals and remarks, and rows that may not be kept.
    pub skipped: u64,
    /// Of the rows accepted, those that were not held already.
    pub new: u64,
    /// Of the rows accepted, those that are held just so.
    pub unchanged: u64,
    /// Of the rows accepted, those of which a later version is held.
    pub stale: u64,
    /// Of the rows accepted, those that say only that something is no more.
    pub deletions: u64,
    /// Rows of the extract that were held before.
    pub held: u64,
    /// Rows that stand no more, by reason: `replaced`, `deleted`, `absent`, `excluded`, deletions themselves that are `undone`, and
    /// `repeated` of this file's own.
    pub retired: BTreeMap<String, u64>,
    /// Rows held that a full delivery lacks and that stand all the same, since rows refused may be they.
    #[serde(default)]
    pub spared: u64,
    /// How many of the skipped rows may not be kept, by reason.
    pub excluded: BTreeMap<String, u64>,
    /// Rejects by rule; those beginning `cell:` are of a row that was accepted: its cell was emptied or, as the reason says, kept.
    pub rejects_by_rule: BTreeMap<String, u64>,
    /// Records by entity type.
    pub records: BTreeMap<String, u64>,
    /// Relations.
    pub relations: u64,
    /// The latest date at which the source says it knew something, ISO 8601.
    pub watermark: Option<String>,
    /// The first record number that is free again.
    pub next_record: i64,
}

impl Report {
    pub(crate) fn reject(&mut self, reject: &Reject<'_>) {
        *self.rejects_by_rule.entry(reject.rule().into_owned()).or_default() += 1;
    }

    pub(crate) fn retire(&mut self, why: &str) {
        *self.retired.entry(why.to_owned()).or_default() += 1;
    }

    pub(crate) fn exclude(&mut self, reason: &str) {
        self.skipped += 1;
        *self.excluded.entry(reason.to_owned()).or_default() += 1;
    }

    pub(crate) fn records(&mut self, entity: &str, count: u64) {
        *self.records.entry(entity.to_owned()).or_default() += count;
    }

    pub(crate) fn observe(&mut self, date: &str) {
        if !date.is_empty() && self.watermark.as_deref().is_none_or(|latest| latest < date) {
            self.watermark = Some(date.to_owned());
        }
    }

    /// The promise of this room, held at the end of every file.
    pub(crate) fn balance(&self, file: &str) -> Result<(), Error> {
        let Report { read, accepted, rejected, skipped, new, unchanged, stale, deletions, .. } = *self;
        if read == accepted + rejected + skipped && accepted == new + unchanged + stale + deletions {
            return Ok(());
        }
        Err(Error::Account { file: file.to_owned(), read, accepted, rejected, skipped })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_ends_nowhere_is_an_error_of_ours() {
        let mut report = Report { read: 3, accepted: 1, new: 1, rejected: 1, skipped: 1, ..Report::default() };
        assert!(report.balance("a.csv").is_ok());
        report.read += 1;
        assert!(report.balance("a.csv").unwrap_err().to_string().contains("4 read, 1 accepted"));
    }

    #[test]
    fn the_watermark_is_the_latest_day() {
        let mut report = Report::default();
        ["2026-01-02", "", "2026-03-01", "2025-12-31"].into_iter().for_each(|date| report.observe(date));
        assert_eq!(report.watermark.as_deref(), Some("2026-03-01"));
    }
}
