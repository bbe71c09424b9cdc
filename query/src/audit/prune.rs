//! Retention: whole sealed segments older than a date are removed, first written down, then done; their seals stay, so that the chain is
//! proven over the gap. What is younger than the floor is never removed, whoever asks.

use super::{
    Audit, Entry,
    segment::{self, Standing},
};
use crate::Error;
use serde::Serialize;

/// Days that entries are kept where nobody says otherwise: three years.
pub const RETENTION_DAYS: i64 = 1_096;
/// Days that entries are kept at least: half a year, as the Cybersecurity Law 网络安全法 asks of logs.
pub const RETENTION_FLOOR_DAYS: i64 = 180;

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// What was removed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Pruned {
    /// Number of segments.
    pub segments: u64,
    /// Number of entries in them.
    pub entries: u64,
}

impl Audit {
    /// Removes the segments all of whose entries are before a time, as the entry says by which somebody asks for it.
    ///
    /// # Errors
    /// The time is within the floor, it cannot be accounted for, or a file cannot be removed.
    pub(crate) fn prune(&self, before_ms: i64, entry: Entry) -> Result<Pruned, Error> {
        if before_ms > entry.at.saturating_sub(RETENTION_FLOOR_DAYS * DAY) {
            return Err(Error::Retention { limit: RETENTION_FLOOR_DAYS });
        }
        let standing = Standing::of(&self.journal)?;
        let is_there = |number| segment::path(&standing.folder, number).exists();
        let old = standing.sealed.iter().map(|(seal, _)| seal).take_while(|seal| seal.until < before_ms);
        let old: Vec<_> = old.filter(|seal| is_there(seal.segment)).collect();
        let Some(last) = old.last() else { return Ok(Pruned::default()) };
        let pruned = Pruned { segments: old.len() as u64, entries: old.iter().map(|seal| seal.last - seal.first + 1).sum() };
        let outcome = format!("entries up to {} were removed", last.last);
        self.append(Entry { kind: "prune".to_owned(), outcome, segment: Some(last.segment), ..entry })?;
        for seal in old {
            for path in [segment::index_path(&standing.folder, seal.segment), segment::path(&standing.folder, seal.segment)] {
                match std::fs::remove_file(&path) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(Error::account("removing", path)(error)),
                    _ => {}
                }
            }
        }
        Ok(pruned)
    }
}
