//! What is delivered when: a folder a month and department, some files a month late, one sent twice; and the threads that write them. What
//! is in a file is told elsewhere.

use crate::{
    calendar::Day,
    error::Error,
    material::Material,
    random::Random,
    truth::{Delivered, Seen},
    view::{self, View},
    world::World,
    write::{self, Work},
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};
use wuwei_ingest::{Departments, Extract};
use wuwei_schema::Model;

/// One extract in one delivery.
#[derive(Debug)]
pub(crate) struct Job<'a> {
    extract: &'a Extract,
    view: View,
    /// The last day that each of its deliveries knows of, up to this one.
    known: Vec<Day>,
    made: Day,
    /// Where it goes, below `sources`.
    folder: String,
    /// The file's name without its ending.
    name: String,
    /// How much there is to do.
    weight: f64,
}

/// What became of a job.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) extract: String,
    pub(crate) rows: u64,
    pub(crate) files: Vec<Delivered>,
    /// Where its part of the truth is.
    pub(crate) seen: PathBuf,
}

/// The days on which deliveries are made, the last of them that day.
pub(crate) fn days(today: Day, months: u32) -> Vec<Day> {
    (0..i32::try_from(months).unwrap_or(1)).rev().map(|before| today.months_before(before)).collect()
}

/// Every job, delivery by delivery in the order of departments and extracts. Extracts whose `synth` names no view of the county are left out,
/// and those that are off by default, unless they are among `with`.
pub(crate) fn jobs<'a>(days: &[Day], seed: u64, departments: &'a Departments, with: &[String], material: &Material) -> Vec<Job<'a>> {
    let is_on = |extract: &Extract| extract.load || with.contains(&extract.name);
    let of_format = departments.extracts().filter(|(_, extract)| write::can(extract.format) && is_on(extract));
    let seen = |extract: &Extract| extract.synth.as_deref().and_then(view::find);
    let extracts: Vec<_> = of_format.filter_map(|(department, extract)| Some((department, extract, seen(extract)?))).collect();
    let mut jobs = Vec::new();
    for (at, &made) in days.iter().enumerate() {
        // A file that is late comes with the next delivery, beside that one's own.
        let mut random = Random::new(seed, "late").at(at as u64);
        let due: Vec<_> = extracts.iter().filter(|(_, extract, _)| is_due(extract, at)).collect();
        let late = (at + 1 < days.len()).then(|| random.below(due.len()));
        for (number, &&(department, extract, view)) in due.iter().enumerate() {
            let (arrives, name) = match late {
                Some(late) if late == number => (days[at + 1], format!("{}_{made}", extract.name)),
                _ => (made, extract.name.clone()),
            };
            let habits = material.extracts.get(&extract.name);
            let lag = habits.map_or(1, |habits| habits.lag_days);
            let known = days[..=at].iter().enumerate().filter(|(before, _)| is_due(extract, *before)).map(|(_, day)| day.plus(-lag));
            let (known, folder) = (known.collect(), format!("{arrives}/{}", department.code));
            let weight = habits.map_or(1.0, |habits| f64::from(habits.per_100000)) * write::weight(extract.format);
            jobs.push(Job { extract, view, known, made, folder, name, weight });
        }
    }
    jobs
}

/// Daily and weekly files come once a month here, others as often as they are due.
fn is_due(extract: &Extract, delivery: usize) -> bool {
    let months = usize::try_from(extract.cycle_days / 30).unwrap_or(1).max(1);
    delivery.is_multiple_of(months)
}

/// Writes them all, on so many threads, the heavy ones first; what became of each, in the order of the jobs.
pub(crate) fn write(out: &Path, jobs: &[Job<'_>], threads: usize, seed: u64, world: &World, model: &Model) -> Result<Vec<Done>, Error> {
    let mut order: Vec<usize> = (0..jobs.len()).collect();
    order.sort_by(|&left, &right| jobs[right].weight.total_cmp(&jobs[left].weight));
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some(&at) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push((at, jobs[at].write(out, at, seed, world, model)?));
        }
        Ok::<_, Error>(done)
    };
    let finished: Vec<Result<_, Error>> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    let mut done: Vec<(usize, Done)> = finished.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, done)| done).collect())
}

impl Job<'_> {
    /// Writes beside, and puts the files in their place when they are whole.
    fn write(&self, out: &Path, number: usize, seed: u64, world: &World, model: &Model) -> Result<Done, Error> {
        let (files, seen) = (out.join(format!(".{number}")), out.join(format!(".{number}.truth")));
        for folder in [&files, &seen] {
            let _ = fs::remove_dir_all(folder);
            fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
        }
        let mut truth = Seen::create(&seen)?;
        let stem = format!("{}/{}", self.folder, self.name);
        let (known, made) = (&self.known, self.made);
        let work = Work { extract: self.extract, view: self.view, world, model, seed, known, made, stem: &stem };
        let rows = write::extract(&files, &work, &mut truth)?;
        truth.finish()?;
        let files = self.deliver(out, &files)?;
        Ok(Done { extract: self.extract.name.clone(), rows, files, seen })
    }

    fn deliver(&self, out: &Path, written: &Path) -> Result<Vec<Delivered>, Error> {
        let sources = out.join("sources");
        fs::create_dir_all(sources.join(&self.folder)).map_err(Error::file("create", &sources))?;
        let mut files = Vec::new();
        for entry in fs::read_dir(written).map_err(Error::file("read", written))? {
            let from = entry.map_err(Error::file("read", written))?.path();
            let name = from.file_name().map(|name| name.to_string_lossy().replacen(&self.extract.name, &self.name, 1)).unwrap_or_default();
            let path = format!("{}/{name}", self.folder);
            let batch = wuwei_ingest::batch(&from)?;
            fs::rename(&from, sources.join(&path)).map_err(Error::file("write", &from))?;
            let known = self.known.last().map(Day::to_string).unwrap_or_default();
            files.push(Delivered { path, extract: self.extract.name.clone(), batch, known });
        }
        fs::remove_dir(written).map_err(Error::file("remove", written))?;
        files.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(files)
    }
}

/// Sends a file of the first delivery again with the second one: the same bytes under another name.
pub(crate) fn send_twice(out: &Path, days: &[Day], seed: u64, done: &[Done]) -> Result<Option<Delivered>, Error> {
    let &[first, second, ..] = days else { return Ok(None) };
    let (first, second) = (format!("{first}/"), format!("{second}/"));
    let once: Vec<&Delivered> = done.iter().flat_map(|done| &done.files).filter(|file| file.path.starts_with(&first)).collect();
    let Some(sent) = (!once.is_empty()).then(|| *Random::new(seed, "twice").pick(&once)) else { return Ok(None) };
    let path = sent.path.replacen(&first, &second, 1).replacen('.', "（重发）.", 1);
    let (from, to) = (out.join("sources").join(&sent.path), out.join("sources").join(&path));
    let folder = to.parent().unwrap_or(out);
    fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
    fs::copy(&from, &to).map_err(Error::file("write", &to))?;
    Ok(Some(Delivered { path, ..sent.clone() }))
}
