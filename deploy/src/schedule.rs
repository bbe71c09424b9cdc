//! What the program does by itself at its times: `schedules.toml` says what and when, and a file of the hub what came of it, so that a restart
//! forgets nothing. What is run is the verbs' own; nothing runs beside another.

mod run;
mod state;

pub(crate) use run::{Keeper, keep, told};
pub(crate) use state::{Ran, Shown, State, States};

use crate::{Error, clock};
use croner::Cron;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fs, path::Path};

/// A schedule that was missed for longer than this waits for its next time.
const LATE_MS: i64 = 24 * 60 * 60 * 1000;

/// Everything that has a time.
#[derive(Debug, Default, Clone)]
pub(crate) struct Schedules(pub(crate) Vec<Schedule>);

/// Something that has one.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    /// What it is called.
    pub(crate) name: String,
    /// When, as it is written: minute, hour, day, month, day of the week (POSIX crontab), where the program runs.
    pub(crate) written: String,
    pub(crate) what: What,
    cron: Cron,
}

/// What can be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// Resolve, link and index whatever is out of date.
    Refresh,
    /// Keep the figures of today for the trend.
    KeepFigures,
    /// Prove that the audit stands as it was written.
    VerifyAudit,
}

impl What {
    /// As it is written.
    pub(crate) fn name(self) -> &'static str {
        match self {
            What::Refresh => "refresh",
            What::KeepFigures => "keep_figures",
            What::VerifyAudit => "verify_audit",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    schedule: Vec<WrittenOne>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenOne {
    name: String,
    cron: String,
    run: What,
}

impl Schedules {
    /// Those of a file.
    ///
    /// # Errors
    /// It cannot be read, or one of them is none.
    pub(crate) fn read(path: &Path) -> Result<Schedules, Error> {
        let text = fs::read_to_string(path).map_err(Error::file("reading", path))?;
        Schedules::parse(&text, &path.display().to_string())
    }

    fn parse(text: &str, file: &str) -> Result<Schedules, Error> {
        const KEYS: &str = "a [[schedule]] has name, cron and run: refresh, keep_figures or verify_audit";
        let written: Written = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            Error::asked(format!("`{file}`, line {line}: {}", error.message()), KEYS)
        })?;
        let (mut all, mut names) = (Vec::new(), BTreeSet::new());
        for WrittenOne { name, cron, run } in written.schedule {
            if name.trim().is_empty() || !names.insert(name.clone()) {
                return Err(Error::asked(format!("`{file}`: two schedules are called `{name}`, or it is no name"), KEYS));
            }
            let when = "minute, hour, day, month, day of the week: `30 2 * * *` is every night at half past two";
            let parsed = cron.parse::<Cron>().map_err(|error| Error::asked(format!("`{file}`: the time of `{name}`: {error}"), when))?;
            all.push(Schedule { name, written: cron, what: run, cron: parsed });
        }
        Ok(Schedules(all))
    }
}

impl Schedule {
    /// The next time after one, in milliseconds since 1970-01-01 UTC; none where there is no such day.
    pub(crate) fn next_ms(&self, after_ms: i64) -> Option<i64> {
        self.cron.find_next_occurrence(&clock::local_time(after_ms)?, false).ok().map(|time| time.timestamp_millis())
    }

    /// Whether it is due: a time of it has come since it ran last, or since it was first seen, and not so long ago that the next is better.
    pub(crate) fn is_due(&self, since_ms: i64, now_ms: i64) -> bool {
        let from = since_ms.max(now_ms - LATE_MS);
        self.next_ms(from).is_some_and(|due| due <= now_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NIGHT: &str = "[[schedule]]\nname = \"night\"\ncron = \"30 2 * * *\"\nrun = \"refresh\"\n";
    const HOUR: i64 = 60 * 60 * 1000;

    fn night() -> Schedule {
        Schedules::parse(NIGHT, "schedules.toml").unwrap().0.remove(0)
    }

    #[test]
    fn it_is_due_once_at_its_time_and_after_a_stop() {
        let night = night();
        let at = night.next_ms(1_800_000_000_000).unwrap();
        assert_eq!(night.next_ms(at).map(|next| (next - at) / HOUR), Some(24));
        assert!(!night.is_due(at - HOUR, at - 1) && night.is_due(at - HOUR, at));
        assert!(!night.is_due(at, at + HOUR), "it has run");
        assert!(night.is_due(at - HOUR, at + 20 * HOUR), "the program did not run then");
        assert!(night.is_due(at - 500 * HOUR, at + 2 * HOUR), "it did not for weeks");
    }

    #[test]
    fn what_is_no_schedule_is_told() {
        let told = |text: &str| Schedules::parse(text, "s.toml").unwrap_err().to_string();
        assert!(told(&NIGHT.replace("30 2", "61 2")).contains("the time of `night`"));
        assert!(told(&NIGHT.replace("refresh", "reboot")).contains("line 4"));
        assert!(told(&format!("{NIGHT}{NIGHT}")).contains("two schedules"));
        assert!(told(&NIGHT.replace("cron", "at")).contains("hint: a [[schedule]] has"));
        assert!(Schedules::parse("", "s.toml").unwrap().0.is_empty());
    }
}
