//! A command, disturbed at one moment after another, and what must hold each time: what is seen is a state that an undisturbed run passes
//! through, whole; the failure is told in one sentence with a remedy; and the same command again comes to the same end, row for row and
//! file for file, as if nothing had been.

use super::disk::{Disk, Kind, Point, place};
use crate::folder;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

/// A command on a hub, run once without a fault.
pub(crate) struct Scenario<'a> {
    disk: &'a Disk,
    command: Vec<&'a str>,
    questions: &'a [&'a [&'a str]],
    /// The hub before it; none where there is none yet.
    _folder: tempfile::TempDir,
    begin: PathBuf,
    /// What may be seen, from before it to after it.
    states: Vec<String>,
    /// What lies in the hub in each of them.
    lying: Vec<BTreeSet<String>>,
    /// What lies there after it, and what is written of its files.
    after: BTreeSet<String>,
    jobs: BTreeMap<String, String>,
    /// The calls that it makes.
    pub(crate) calls: Vec<String>,
}

impl<'a> Scenario<'a> {
    /// Of a hub that the commands of `prepare` made; `steps` are commands that do one after another what `command` does in one.
    pub(crate) fn new(
        disk: &'a Disk,
        prepare: &[&[&str]],
        steps: &[&[&str]],
        command: Vec<&'a str>,
        questions: &'a [&'a [&'a str]],
    ) -> Scenario<'a> {
        let folder = tempfile::tempdir().unwrap();
        let begin = place(&folder);
        prepare.iter().for_each(|arguments| drop(disk.says(&begin, arguments).unwrap()));
        let (states, lying, after, jobs, calls) = Default::default();
        let mut scenario = Scenario { disk, command, questions, _folder: folder, begin, states, lying, after, jobs, calls };
        let other = tempfile::tempdir().unwrap();
        let stepped = scenario.copy(&other);
        scenario.lying.push(files(&stepped));
        scenario.states.push(scenario.look(&stepped).unwrap());
        for arguments in steps {
            disk.says(&stepped, arguments).unwrap();
            scenario.lying.push(files(&stepped));
            scenario.states.push(scenario.look(&stepped).unwrap());
        }
        let other = tempfile::tempdir().unwrap();
        let whole = scenario.copy(&other);
        let run = disk.run(&whole, &scenario.command, None, 0);
        assert!(run.succeeded, "{}", run.complaint);
        assert_eq!(Some(&scenario.look(&whole).unwrap()), scenario.states.last(), "the steps do what the command does");
        let changed: Vec<_> = scenario.states.windows(2).map(|pair| pair[0] != pair[1]).collect();
        assert!(!changed.contains(&false), "each step changes what is seen: {changed:?}");
        (scenario.after, scenario.jobs, scenario.calls) = (files(&whole), accounts(&whole), run.calls);
        scenario
    }

    /// Tries that many points, spread evenly over all calls for each kind of fault. All that went wrong is told at once.
    pub(crate) fn try_points(&self, kinds: &[Kind], count: usize) -> Vec<Point> {
        let all = kinds.len() * self.calls.len();
        let point = |at: usize| Point { kind: kinds[at / self.calls.len()], at: at % self.calls.len() + 1 };
        let points: Vec<Point> = (0..count.min(all)).map(|number| point(number * all / count.min(all))).collect();
        let (next, threads) = (AtomicUsize::new(0), std::thread::available_parallelism().map_or(1, usize::from));
        let work = || {
            let mut wrong = Vec::new();
            while let Some(point) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                wrong.extend(self.try_point(*point).err().map(|what| format!("{point:?}, {}: {what}", self.calls[point.at - 1])));
            }
            wrong
        };
        let wrong: Vec<String> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
        });
        let shown = wrong.iter().take(5).map(String::as_str).collect::<Vec<_>>().join("\n");
        assert!(wrong.is_empty(), "at {} of {} points, the first of them:\n{shown}", wrong.len(), points.len());
        points
    }

    /// What was said to be done outlives a power cut, and a clock that is ten years wrong changes no row.
    pub(crate) fn try_end_and_clock(&self) -> Result<(), String> {
        for kind in [Kind::Power, Kind::Hollow] {
            self.try_point(Point { kind, at: self.calls.len() + 1 })?;
        }
        let ten_years = 10 * 365 * 24;
        for hours in [ten_years, -ten_years] {
            let folder = tempfile::tempdir().unwrap();
            let hub = self.copy(&folder);
            let run = self.disk.run(&hub, &self.command, None, hours);
            if !run.succeeded {
                return Err(format!("{hours} hours wrong: {}", run.complaint));
            }
            self.comes_to_the_same_end(&hub)?;
        }
        Ok(())
    }

    /// Disturbs the command once. One call after the last is the moment at which it has ended.
    fn try_point(&self, point: Point) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        let hub = self.copy(&folder);
        let run = self.disk.run(&hub, &self.command, Some(point), 0);
        let is_at_the_end = point.at > self.calls.len();
        if run.calls.len() < point.at && !is_at_the_end {
            return Err(format!("only {} calls were made, so nothing went wrong", run.calls.len()));
        }
        if run.was_killed != (point.kind.kills() && !is_at_the_end) {
            return Err(format!("it ended otherwise: {}", run.complaint));
        }
        if !run.was_killed && !run.succeeded {
            told(point.kind, &run.complaint)?;
        }
        let seen = self.look(&hub)?;
        let Some(state) = self.states.iter().position(|state| *state == seen) else {
            return Err(format!("what is seen is neither the state before nor one after: {}", self.other(&seen)));
        };
        if run.succeeded && (state + 1 != self.states.len() || accounts(&hub) != self.jobs) {
            return Err(format!(
                "it said that it had done it, and what is seen is state {state}, what is written down {:?}",
                accounts(&hub)
            ));
        }
        if !run.succeeded && matches!(point.kind, Kind::Full | Kind::Broken | Kind::Reader) {
            self.nothing_is_left(&hub, state)?;
        }
        self.comes_to_the_same_end(&hub)
    }

    /// The first lines that stand in no state.
    fn other(&self, seen: &str) -> String {
        let known: BTreeSet<&str> = self.states.iter().flat_map(|state| state.lines()).collect();
        seen.lines().filter(|line| !known.contains(line)).take(5).collect::<Vec<_>>().join(", ")
    }

    /// What failed takes no room: it may be what filled the disk.
    fn nothing_is_left(&self, hub: &Path, state: usize) -> Result<(), String> {
        let is_big = |name: &&String| name.starts_with("tables/") || name.starts_with("index/");
        let left: Vec<String> = files(hub).difference(&self.lying[state]).filter(is_big).cloned().collect();
        if left.is_empty() { Ok(()) } else { Err(format!("it left {left:?}")) }
    }

    /// Once more, with nothing going wrong.
    fn comes_to_the_same_end(&self, hub: &Path) -> Result<(), String> {
        self.disk.says(hub, &self.command)?;
        if Some(&self.look(hub)?) != self.states.last() {
            return Err(format!("the second run ends otherwise: {}", self.other(&self.look(hub)?)));
        }
        let (found, known) = (files(hub), &self.after);
        if found != *known {
            let (more, less) = (found.difference(known).collect::<Vec<_>>(), known.difference(&found).collect::<Vec<_>>());
            return Err(format!("after the second run {more:?} lie there besides, and {less:?} are missing"));
        }
        if accounts(hub) != self.jobs {
            return Err(format!("the second run has another account: {:?}", accounts(hub)));
        }
        self.disk.says(hub, &["doctor"]).map(drop)
    }

    /// The hub before the command, in another folder.
    fn copy(&self, folder: &tempfile::TempDir) -> PathBuf {
        let hub = place(folder);
        if self.begin.exists() {
            folder::copy(&self.begin, &hub);
        }
        hub
    }

    /// All that the questions are answered with.
    fn look(&self, hub: &Path) -> Result<String, String> {
        self.questions.iter().map(|question| self.disk.says(hub, question)).collect()
    }
}

/// One sentence with a remedy, and of a full disk one that says so.
fn told(kind: Kind, complaint: &str) -> Result<(), String> {
    let last = complaint.lines().last().unwrap_or_default();
    let is_one = complaint.lines().count() <= 2 && last.starts_with("wuwei: ") && last.contains("; hint: ");
    let says_why = kind != Kind::Full || ["full", "space"].iter().any(|word| complaint.contains(word));
    if is_one && says_why && !complaint.contains("defect") { Ok(()) } else { Err(format!("it is told as: {complaint}")) }
}

/// What lies in a hub; names that the index gives its files at random are one.
fn files(hub: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![hub.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(hub).unwrap().to_string_lossy().into_owned();
                let is_random = |part: &str| part.len() == 32 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
                // The audit is sealed when a month has passed, which a clock that is ten years wrong makes pass.
                if name.starts_with("audit/segment-") {
                    continue;
                }
                found.insert(name.split_inclusive(['/', '.']).filter(|part| !is_random(part.trim_end_matches('.'))).collect());
            }
        }
    }
    found
}

/// Of each batch what its last job says, but for its number, its time and whether it was new.
fn accounts(hub: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(hub.join("jobs.jsonl")).unwrap_or_default();
    let mut found = BTreeMap::new();
    for mut job in text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()) {
        let said = job.as_object_mut().unwrap();
        ["job", "ended", "outcome"].iter().for_each(|name| drop(said.remove(*name)));
        found.extend(job["batch"].as_str().map(|batch| (batch.to_owned(), job.to_string())));
    }
    found
}
