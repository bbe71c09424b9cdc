//! A command, disturbed at one moment after another, and what must hold each time: what is seen is a state that an undisturbed run passes
//! through, whole; the failure is told in one sentence with a remedy; and the same command again comes to the same end, row for row and
//! file for file, as if nothing had been.

use super::disk::{Disk, Kind, Point, Run, place};
use crate::folder::{self, every_file};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, UNIX_EPOCH},
};

/// Where in a hub's folder files are put, for `watch`.
pub(crate) const INBOX: &str = "inbox";

/// What is disturbed: done to a hub, with something that goes wrong, and a clock that is so many hours ahead.
pub(crate) type Act<'a> = Box<dyn Fn(&Path, Option<Point>, i64) -> Run + Sync + 'a>;

/// A command of the program.
pub(crate) fn command<'a>(disk: &'a Disk, arguments: &[&'a str]) -> Act<'a> {
    let arguments = arguments.to_vec();
    Box::new(move |hub, point, hours| disk.run(hub, &arguments, point, hours))
}

/// Something done to a hub, once without a fault.
pub(crate) struct Scenario<'a> {
    disk: &'a Disk,
    act: Act<'a>,
    questions: &'a [&'a [&'a str]],
    /// Whether it makes the same calls each time.
    is_steady: bool,
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
    /// Of a hub that `prepare` made; `steps` do one after another what `act` does in one.
    pub(crate) fn new(
        disk: &'a Disk,
        prepare: impl FnOnce(&Path),
        steps: &[Act<'_>],
        act: Act<'a>,
        questions: &'a [&'a [&'a str]],
    ) -> Scenario<'a> {
        let folder = tempfile::tempdir().unwrap();
        let begin = place(&folder);
        prepare(&begin);
        let (states, lying, after, jobs, calls) = Default::default();
        let mut scenario = Scenario { disk, act, questions, is_steady: true, _folder: folder, begin, states, lying, after, jobs, calls };
        let other = tempfile::tempdir().unwrap();
        let stepped = scenario.copy(&other);
        scenario.lying.push(files(&stepped));
        scenario.states.push(scenario.look(&stepped).unwrap());
        for step in steps {
            let run = step(&stepped, None, 0);
            assert!(run.succeeded, "{}", run.complaint);
            scenario.lying.push(files(&stepped));
            scenario.states.push(scenario.look(&stepped).unwrap());
        }
        let other = tempfile::tempdir().unwrap();
        let whole = scenario.copy(&other);
        let run = (scenario.act)(&whole, None, 0);
        assert!(run.succeeded, "{}", run.complaint);
        assert_eq!(Some(&scenario.look(&whole).unwrap()), scenario.states.last(), "the steps do what it does");
        let changed: Vec<_> = scenario.states.windows(2).map(|pair| pair[0] != pair[1]).collect();
        assert!(!changed.contains(&false), "each step changes what is seen: {changed:?}");
        (scenario.after, scenario.jobs, scenario.calls) = (files(&whole), accounts(&whole), run.calls);
        scenario
    }

    /// The same of something that makes a few calls more or fewer each time, as what serves does: a point that a run does not come to is its end.
    pub(crate) fn unsteady(self) -> Scenario<'a> {
        Scenario { is_steady: false, ..self }
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
            let run = (self.act)(&hub, None, hours);
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
        let run = (self.act)(&hub, Some(point), 0);
        let is_reached = run.calls.len() >= point.at;
        if !is_reached && point.at <= self.calls.len() && self.is_steady {
            return Err(format!("only {} calls were made, so nothing went wrong", run.calls.len()));
        }
        if run.was_killed != (point.kind.kills() && is_reached) {
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
        let run = (self.act)(hub, None, 0);
        if !run.succeeded {
            return Err(format!("the second run failed: {}", run.complaint.trim()));
        }
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
        // What departments put there has come whole, by any clock.
        for file in every_file(&hub.join(INBOX)) {
            File::options().write(true).open(file).unwrap().set_modified(UNIX_EPOCH + Duration::from_secs(1 << 30)).unwrap();
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

/// What lies in a hub; names that are given at random are one, and so are days.
fn files(hub: &Path) -> BTreeSet<String> {
    let is_random = |part: &str| part.len() == 32 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_day = |part: &str| part.len() == 10 && part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let name = |path: PathBuf| {
        let name = path.strip_prefix(hub).unwrap().to_string_lossy().into_owned();
        let parts = name.split_inclusive(['/', '.']);
        parts.filter(|part| !is_random(part.trim_end_matches(['.', '/'])) && !is_day(part.trim_end_matches('/'))).collect::<String>()
    };
    // The audit is sealed when a month has passed, which a clock that is ten years wrong makes pass; who serves counts alarms once a second.
    let comes_with_time = |name: &String| ["audit/segment-", "audit/alarms."].iter().any(|start| name.starts_with(start));
    every_file(hub).into_iter().map(name).filter(|name| !comes_with_time(name)).collect()
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
