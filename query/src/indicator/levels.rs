//! `levels.toml`: baseline and challenge of each indicator, by which policy its light is found, and the days before the pilot. All of it is
//! configuration: the source document states targets alone.

use super::Indicator;
use crate::{Error, LightPolicy, Scale};
use serde::Deserialize;
use std::collections::BTreeMap;
use wuwei_schema::{SourceFile, nearest};

/// Its name in a folder of indicators.
pub(super) const FILE: &str = "levels.toml";

/// What the file says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Levels {
    policy: LightPolicy,
    pub(super) before: Before,
    level: BTreeMap<String, Level>,
}

/// The days before the pilot, ISO 8601; empty when none are stated.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Before {
    pub(crate) from: String,
    pub(crate) until: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Level {
    baseline: f64,
    challenge: f64,
    policy: Option<LightPolicy>,
}

impl Levels {
    pub(super) fn parse(file: &SourceFile) -> Result<Levels, Error> {
        let wrong = |detail: String, hint: &str| Error::Indicator { file: file.name.clone(), detail, hint: hint.to_owned() };
        let levels: Levels = toml::from_str(&file.text)
            .map_err(|error| wrong(error.message().trim().replace('\n', " "), "as in the file that the program carries"))?;
        let is_day = |day: &str| wuwei_schema::kind::date::compact(&day.replace('-', "")).as_deref() == Some(day);
        let Before { from, until } = &levels.before;
        let is_none = from.is_empty() && until.is_empty();
        if !(is_none || is_day(from) && is_day(until) && from <= until) {
            return Err(wrong("`before` is no span of days".to_owned(), "two days such as 2024-01-01, in order"));
        }
        Ok(levels)
    }

    /// Gives each indicator its scale, or the reason why it has none.
    pub(super) fn give(&self, indicators: &mut [Indicator]) -> Result<(), Error> {
        let wrong = |detail: String, hint: String| Error::Indicator { file: FILE.to_owned(), detail, hint };
        if let Some(name) = self.level.keys().find(|name| indicators.iter().all(|indicator| indicator.name != **name)) {
            let known = indicators.iter().map(|indicator| indicator.name.as_str());
            return Err(wrong(format!("there is no indicator `{name}`"), nearest(name, known)));
        }
        for indicator in indicators {
            match (indicator.target, self.level.get(&indicator.name)) {
                (None, None) => indicator.unjudged = Some("no target is set".to_owned()),
                (None, Some(_)) => {
                    let hint = "state a target in its file, or leave its levels out".to_owned();
                    return Err(wrong(format!("`{}` has levels and no target", indicator.name), hint));
                }
                (Some(_), None) => indicator.unjudged = Some(format!("no baseline and challenge are configured ({FILE})")),
                (Some(target), Some(level)) => {
                    let policy = level.policy.unwrap_or(self.policy);
                    let scale = Scale::new(indicator.direction, level.baseline, target, level.challenge, policy);
                    let hint = || format!("baseline, target {target} and challenge, each at least as good as the one before");
                    indicator.scale = Some(scale.ok_or_else(|| wrong(format!("levels of `{}` are not in order", indicator.name), hint()))?);
                }
            }
        }
        Ok(())
    }
}
