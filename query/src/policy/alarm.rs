//! From how much on somebody's looking is told to the auditor: `alarms.toml`, one entry an alarm. What was looked at is counted in `audit`.

use super::wrong;
use crate::Error;
use serde::{Deserialize, Serialize};
use wuwei_schema::SourceFile;

/// Milliseconds of an hour.
const HOUR: i64 = 3_600_000;
/// Hours and days are those of Beijing.
const BEIJING: i64 = 8 * HOUR;

/// When an alarm is raised: when one principal reaches a number within an hour or a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    /// As it is told.
    pub name: String,
    /// What is counted.
    pub counts: Counts,
    /// Within what.
    pub within: Within,
    /// The number with which it is raised.
    pub at: u64,
    /// Of which roles; of all when empty.
    #[serde(default)]
    pub roles: Vec<String>,
    /// For which purposes; for all when empty.
    #[serde(default)]
    pub purposes: Vec<String>,
    /// By which verbs or entrances, as the audit's `kind` has them; by all when empty.
    #[serde(default)]
    pub kinds: Vec<String>,
}

/// What is counted of one principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counts {
    /// Different persons whom answers showed.
    Persons,
    /// Rows of answers.
    Rows,
    /// Looks, those refused too.
    Questions,
    /// Looks and log-ins that were refused.
    Refusals,
}

/// A span of time; each begins where the one before ends, so that a count needs no list of what was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Within {
    /// A full hour.
    Hour,
    /// A day of Beijing.
    Day,
}

impl Within {
    /// The number of the span that a time is in.
    pub(crate) fn span(self, at_ms: i64) -> i64 {
        let length = match self {
            Within::Hour => HOUR,
            Within::Day => 24 * HOUR,
        };
        at_ms.saturating_add(BEIJING).div_euclid(length)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    alarm: Vec<Alarm>,
}

/// The alarms of a file.
pub(super) fn parse(file: &SourceFile) -> Result<Vec<Alarm>, Error> {
    let parsed: File = toml::from_str(&file.text)
        .map_err(|slip| wrong(&file.name, &super::line(slip.message()), "see the one that the program carries"))?;
    for (at, alarm) in parsed.alarm.iter().enumerate() {
        if alarm.at == 0 {
            return Err(wrong(&file.name, &format!("`{}` is raised at nothing", alarm.name), "say in `at` from which number on"));
        }
        if parsed.alarm[..at].iter().any(|before| before.name == alarm.name) {
            return Err(wrong(&file.name, &format!("`{}` stands twice", alarm.name), "give each alarm a name of its own"));
        }
    }
    Ok(parsed.alarm)
}
