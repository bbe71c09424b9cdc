//! What came of each schedule, on disk before and after it runs: `schedules.json` of the hub, replaced whole.

use super::Schedule;
use crate::{Error, account::put, clock, notices};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use wuwei_schema::Notice;

/// Of all schedules that ever were, by name.
#[derive(Debug, Default)]
pub(crate) struct States {
    path: PathBuf,
    known: BTreeMap<String, Known>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Known {
    /// Since when it is known, in milliseconds since 1970-01-01 UTC: times before are none of it.
    since_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Ran>,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ran {
    /// RFC 3339.
    pub(crate) begun: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ended: Option<String>,
    pub(crate) state: State,
    /// What came of it, or why it failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) results: Vec<Notice>,
    /// The same in the verb's own words, or the error's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) said: Option<String>,
}

/// What came of a run, and the same in the verb's own words.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) results: Vec<Notice>,
    pub(super) said: String,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// It runs.
    Running,
    /// It is done.
    Done,
    /// It could not be.
    Failed,
    /// The program ended meanwhile.
    Interrupted,
}

/// A schedule as people are told of it.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    pub(crate) name: String,
    pub(crate) cron: String,
    pub(crate) run: &'static str,
    /// RFC 3339.
    pub(crate) next: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last: Option<Ran>,
}

impl States {
    /// Those of the hub in `root`, as they stand on disk.
    ///
    /// # Errors
    /// They cannot be read.
    pub(crate) fn of(root: &Path) -> Result<States, Error> {
        let path = root.join("schedules.json");
        let known = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(Error::file("reading", path)(error)),
        };
        Ok(States { path, known })
    }

    /// The same for the program that runs them: what ran when it ended was interrupted.
    ///
    /// # Errors
    /// They cannot be read or written.
    pub(super) fn taken(root: &Path, schedules: &[Schedule], now_ms: i64) -> Result<States, Error> {
        let mut states = States::of(root)?;
        for Ran { state, ended, .. } in states.known.values_mut().filter_map(|known| known.last.as_mut()) {
            if *state == State::Running {
                (*state, *ended) = (State::Interrupted, Some(clock::time(now_ms)));
            }
        }
        for schedule in schedules {
            states.known.entry(schedule.name.clone()).or_insert(Known { since_ms: now_ms, last: None });
        }
        states.write()?;
        Ok(states)
    }

    /// Since when a schedule did not run.
    pub(super) fn since_ms(&self, schedule: &Schedule) -> Option<i64> {
        self.known.get(&schedule.name).map(|known| known.since_ms)
    }

    /// Writes down that one begins, at a time that none of its times before counts after.
    pub(super) fn begins(&mut self, schedule: &Schedule, now_ms: i64) -> Result<(), Error> {
        let last = Ran { begun: clock::time(now_ms), ended: None, state: State::Running, results: Vec::new(), said: None };
        self.known.insert(schedule.name.clone(), Known { since_ms: now_ms, last: Some(last) });
        self.write()
    }

    /// Writes down how it ended.
    pub(super) fn ended(&mut self, schedule: &Schedule, outcome: Result<Outcome, Error>) -> Result<(), Error> {
        let (state, Outcome { results, said }) = match outcome {
            Ok(outcome) => (State::Done, outcome),
            Err(error) => (State::Failed, Outcome { results: vec![notices::of_failure(&error)], said: error.to_string() }),
        };
        if let Some(last) = self.known.get_mut(&schedule.name).and_then(|known| known.last.as_mut()) {
            (last.state, last.results, last.said, last.ended) = (state, results, Some(said), Some(clock::now()));
        }
        self.write()
    }

    /// What people are told of a schedule.
    pub(crate) fn shown(&self, schedule: &Schedule, now_ms: i64) -> Shown {
        Shown {
            name: schedule.name.clone(),
            cron: schedule.written.clone(),
            run: schedule.what.name(),
            next: schedule.next_ms(now_ms).map(clock::time),
            last: self.known.get(&schedule.name).and_then(|known| known.last.clone()),
        }
    }

    fn write(&self) -> Result<(), Error> {
        let bytes = serde_json::to_vec_pretty(&self.known).map_err(|_| Error::defect("schedules cannot be written down"))?;
        put(&self.path, &bytes).map_err(Error::file("writing", &self.path))
    }
}
