//! Folders that departments put their files into, by SFTP or a share: `DIR/<department>/`. A file that has come whole is handed in as
//! `wuwei ingest` would, and then lies with its receipt 回执, and the workbook of rows to mend, in `done` or `refused` beside where it was put.
//! Nothing else stands anywhere: a program that is killed meanwhile finds the file where it was, and loads it once (`pipeline::land`).

use crate::{
    Error,
    cli::LimitArgs,
    clock,
    command::{ingest, jobs::receipt, rejects},
    console::words::Language,
    hub::Hub,
    jobs::{Job, Outcome},
    output,
};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};
use wuwei_ingest::Hint;

/// Where what was loaded lies afterwards, and what was not.
const DONE: &str = "done";
const REFUSED: &str = "refused";

/// A file that was written to within this time may still be coming.
const QUIET: Duration = Duration::from_secs(5);

/// Ends of names that programs give to files that are still coming.
const COMING: [&str; 6] = [".part", ".partial", ".filepart", ".tmp", ".crdownload", ".uploading"];

/// Files of one look; more wait for the next.
const AT_ONCE: usize = 200;

/// A folder of such folders.
#[derive(Debug)]
pub(crate) struct Watch {
    folder: PathBuf,
    /// What lay there at the last look: bytes, and when it was written to.
    seen: BTreeMap<PathBuf, (u64, SystemTime)>,
    /// What was complained of, once each.
    told: BTreeSet<PathBuf>,
}

/// What became of a file.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Handed {
    /// The folder's department.
    pub(crate) department: String,
    /// Its name.
    pub(crate) file: String,
    /// Where it lies now, from the watched folder on.
    pub(crate) lies: String,
    /// The jobs that came of it: an archive has several.
    pub(crate) jobs: Vec<u64>,
    /// Whether nothing of it was refused.
    pub(crate) is_loaded: bool,
}

/// A file that has come whole.
#[derive(Debug)]
struct Ready {
    department: String,
    path: PathBuf,
    name: String,
}

impl Watch {
    /// Watches a folder, in which each department has one that is called by its code.
    ///
    /// # Errors
    /// It is none, or none of its folders is called by a department's code.
    pub(crate) fn of(folder: &Path, hub: &Hub) -> Result<Watch, Error> {
        let watch = Watch { folder: folder.to_owned(), seen: BTreeMap::new(), told: BTreeSet::new() };
        if watch.departments(hub)?.is_empty() {
            let codes = hub.definitions.departments.list.iter().map(|known| known.code.as_str()).collect::<Vec<_>>().join(" ");
            let what = format!("`{}` has no folder that is called by a department's code", folder.display());
            return Err(Error::asked(what, format!("make one for each that puts files there: {codes}")));
        }
        Ok(watch)
    }

    /// Hands in what has come whole since the last look; what lay there then and was not written to since has.
    ///
    /// # Errors
    /// A folder cannot be read or written, or the hub cannot be written. A file that is refused is none.
    pub(crate) async fn look(&mut self, hub: &mut Hub, limits: LimitArgs) -> Result<Vec<Handed>, Error> {
        let mut handed = Vec::new();
        for ready in self.ready(hub)? {
            handed.push(self.hand_in(hub, ready, limits).await?);
        }
        Ok(handed)
    }

    /// The department's folders, by code.
    fn departments(&self, hub: &Hub) -> Result<BTreeMap<String, PathBuf>, Error> {
        let mut found = BTreeMap::new();
        for (name, path, about) in entries(&self.folder)? {
            if about.is_dir() && hub.definitions.departments.department(&name).is_some() {
                found.insert(name, path);
            }
        }
        Ok(found)
    }

    /// Files that have come whole, the oldest first.
    fn ready(&mut self, hub: &Hub) -> Result<Vec<Ready>, Error> {
        let (mut lies, mut ready) = (BTreeMap::new(), Vec::new());
        for (department, folder) in self.departments(hub)? {
            for (name, path, about) in entries(&folder)? {
                if about.is_dir() || is_coming(&name) {
                    continue;
                }
                // A link may lead anywhere; whoever may write here need not be allowed to read there.
                if !about.is_file() {
                    self.tell(&path, "is no file, and is left where it lies");
                    continue;
                }
                let (bytes, written) = (about.len(), about.modified().unwrap_or(SystemTime::UNIX_EPOCH));
                let is_quiet = written.elapsed().is_ok_and(|since| since >= QUIET);
                if is_quiet && self.seen.get(&path) == Some(&(bytes, written)) {
                    ready.push((written, Ready { department: department.clone(), path: path.clone(), name }));
                }
                lies.insert(path, (bytes, written));
            }
        }
        self.seen = lies;
        ready.sort_by(|left, right| (left.0, &left.1.path).cmp(&(right.0, &right.1.path)));
        Ok(ready.into_iter().take(AT_ONCE).map(|(_, ready)| ready).collect())
    }

    async fn hand_in(&mut self, hub: &mut Hub, ready: Ready, limits: LimitArgs) -> Result<Handed, Error> {
        let Ready { department, path, name } = ready;
        check_moves(&self.folder.join(&department))?;
        let hint = Hint { department: Some(department.clone()), ..Hint::default() };
        let loaded = Box::pin(ingest::load(hub, std::slice::from_ref(&path), &hint, limits)).await?;
        let jobs = loaded.jobs;
        let is_loaded = !jobs.is_empty() && jobs.iter().all(|job| job.outcome != Outcome::Refused);
        let place = self.place(&department, &name, is_loaded)?;
        self.receipts(hub, &jobs, &place).await?;
        // Last of all, and after what lies beside it is on disk: until it is gone from here, it is handed in again, and found to be loaded.
        moved(&path, &place).map_err(Error::file("moving", &path))?;
        self.seen.remove(&path);
        let lies = place.strip_prefix(&self.folder).unwrap_or(&place).display().to_string();
        Ok(Handed { department, file: name, lies, jobs: jobs.iter().map(|job| job.job).collect(), is_loaded })
    }

    /// Where a file will lie: in the folder of the day, under a name that nobody has there.
    fn place(&self, department: &str, name: &str, is_loaded: bool) -> Result<PathBuf, Error> {
        let folder = self.folder.join(department).join(if is_loaded { DONE } else { REFUSED }).join(clock::today());
        made(&folder)?;
        let free = (1_u32..).map(|number| if number == 1 { folder.join(name) } else { folder.join(format!("{number}-{name}")) });
        free.into_iter().find(|path| path.symlink_metadata().is_err()).ok_or_else(|| Error::defect("no name is free"))
    }

    /// What the department gets for its file: a receipt, and where rows were refused the workbook to mend them in.
    async fn receipts(&self, hub: &Hub, jobs: &[Job], place: &Path) -> Result<(), Error> {
        let text = jobs.iter().map(receipt).collect::<Vec<_>>().join("\n\n");
        let path = beside(place, ".receipt.txt");
        put(&path, format!("{text}\n").as_bytes()).map_err(Error::file("writing", &path))?;
        // Of what was loaded already as well, since the program may have ended before the workbook was there; by its place in the file, so
        // that it is the same one then.
        let has_some =
            |job: &Job| job.rejected > 0 && job.batch.is_some() && matches!(job.outcome, Outcome::Published | Outcome::Unchanged);
        for (number, job) in (1..).zip(jobs).filter(|(_, job)| has_some(job)) {
            let path = beside(place, &format!(".{number}.mend.xlsx"));
            let room = tempfile::tempdir_in(hub.spill()).map_err(Error::file("creating", hub.spill()))?;
            let workbook = room.path().join("mend.xlsx");
            rejects::to_repair(hub, &hub.session()?, job, &workbook, Language::Chinese).await?;
            let bytes = fs::read(&workbook).map_err(Error::file("reading", &workbook))?;
            put(&path, &bytes).map_err(Error::file("writing", &path))?;
        }
        Ok(())
    }

    fn tell(&mut self, path: &Path, what: &str) {
        if self.told.insert(path.to_owned()) {
            output::note(&format!("wuwei: `{}` {what}", output::one_line(&path.display().to_string())));
        }
    }
}

/// Whether files can be moved away from there, before one is loaded: one that stayed would be handed in again at every look.
fn check_moves(folder: &Path) -> Result<(), Error> {
    let tried = folder.join(".wuwei");
    put(&tried, b"").and_then(|()| fs::remove_file(&tried)).map_err(Error::file("moving files out of", folder))
}

/// Moves a file, on disk when this returns, as is whatever was put beside its new name.
fn moved(from: &Path, to: &Path) -> io::Result<()> {
    let folders = [to, from].map(|path| path.parent().unwrap_or(Path::new(".")));
    synced(folders[0])?;
    fs::rename(from, to)?;
    folders.into_iter().try_for_each(synced)
}

/// Brings to disk what a folder names.
fn synced(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Puts a file there that is new, its bytes on disk: what lay under that name is taken away, and a link, which whoever may write here could
/// have laid, is not followed.
fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A folder and the one above it, made where they are not; neither may be a link, as whoever may write here need not be allowed to there.
fn made(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(Error::file("creating", folder))?;
    for known in folder.ancestors().take(2) {
        if !known.symlink_metadata().map_err(Error::file("reading", known))?.is_dir() {
            let what = format!("`{}` is a link", output::one_line(&known.display().to_string()));
            return Err(Error::asked(what, "take it away: files that were handed in lie in folders of their own"));
        }
    }
    folder.ancestors().skip(1).take(2).try_for_each(synced).map_err(Error::file("forcing to disk", folder))
}

/// The path with something behind its name.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(end);
    path.with_file_name(name)
}

/// Whether a name says that its file is still coming, or is none of whoever put it there.
fn is_coming(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    name.starts_with(['.', '~']) || COMING.iter().any(|end| lower.ends_with(end))
}

/// Names of a folder, those that are text, with what lies there; links are not followed.
fn entries(folder: &Path) -> Result<Vec<(String, PathBuf, fs::Metadata)>, Error> {
    let failed = || Error::file("reading", folder);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed())? {
        let entry = entry.map_err(failed())?;
        // What is gone again was somebody's who is still writing.
        if let (Ok(name), Ok(about)) = (entry.file_name().into_string(), entry.path().symlink_metadata()) {
            found.push((name, entry.path(), about));
        }
    }
    found.sort_by(|left, right| left.0.cmp(&right.0));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_still_coming_is_left_alone() {
        for name in ["低保.csv.part", "a.XLSX.FILEPART", ".hidden.csv", "~$低保.xlsx", "b.tmp"] {
            assert!(is_coming(name), "{name}");
        }
        assert!(!is_coming("低保.csv") && !is_coming("part.csv"));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_somebody_laid_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (other, receipt) = (folder.path().join("other"), folder.path().join("a.csv.receipt.txt"));
        fs::write(&other, "theirs").unwrap();
        std::os::unix::fs::symlink(&other, &receipt).unwrap();
        put(&receipt, b"ours").unwrap();
        assert_eq!((fs::read(&other).unwrap(), fs::read(&receipt).unwrap()), (b"theirs".to_vec(), b"ours".to_vec()));
        let done = folder.path().join("done");
        std::os::unix::fs::symlink(folder.path(), &done).unwrap();
        assert!(made(&done.join("2026-11-29")).unwrap_err().to_string().contains("is a link"));
    }

    #[test]
    fn what_lies_beside_a_file_is_called_after_it() {
        assert_eq!(beside(Path::new("a/低保.csv"), ".receipt.txt"), Path::new("a/低保.csv.receipt.txt"));
    }
}
