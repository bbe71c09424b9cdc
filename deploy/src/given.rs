//! What was handed in, one file after the other: files, folders and the files in ZIP archives, each with the process that is to read it. An
//! archive is taken apart by such a process as well; it writes nothing, so what comes out of it is written down here, under names of ours,
//! in a folder that goes with the last of its files. What is in a file, and what becomes of it, is not asked here.

mod files;
mod unpacked;

pub(crate) use files::files;
pub(crate) use unpacked::{Unpacked, Unpacking};

use crate::{
    Error,
    cli::LimitArgs,
    definitions::Definitions,
    spill::Spill,
    worker::{Watch, Worker},
};
use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    sync::Arc,
};
use wuwei_ingest::Hint;

/// A file to be read.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// What sentences call it: the path that was handed in, and for a file of an archive `archive.zip/folder/file`.
    pub(crate) called: PathBuf,
    /// What jobs and rows call it: the same without the folders before it.
    pub(crate) name: String,
    /// The folder it was unpacked into, if it was.
    pub(crate) unpacked: Option<Arc<Unpacked>>,
}

impl Given {
    /// A file that lies where it was handed in.
    pub(crate) fn at(path: &Path) -> Given {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Given { path: path.to_owned(), called: path.to_owned(), name, unpacked: None }
    }

    /// A file that lies there and is called so.
    pub(crate) fn named(path: &Path, name: &str) -> Given {
        Given { path: path.to_owned(), called: PathBuf::from(name), name: name.to_owned(), unpacked: None }
    }

    /// What it is called without the number of a part: the folder, and the name before `-2`.
    fn series(&self) -> (Option<&Path>, String) {
        let name = self.called.file_name().unwrap_or_default().to_string_lossy();
        let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
        let is_number = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        let stem = stem.rsplit_once('-').filter(|(_, part)| is_number(part)).map_or(stem, |(stem, _)| stem);
        (self.called.parent(), format!("{stem}.{ending}"))
    }
}

/// Where archives are unpacked.
#[derive(Debug)]
pub(crate) enum Room {
    /// In this folder of a hub that is open.
    Hub(PathBuf),
    /// Where the system keeps what is needed for a moment, once something is.
    Elsewhere(Option<Spill>),
}

impl Room {
    fn folder(&mut self) -> Result<PathBuf, Error> {
        match self {
            Room::Hub(folder) => Ok(folder.clone()),
            Room::Elsewhere(Some(spill)) => Ok(spill.folder().to_owned()),
            Room::Elsewhere(none) => Ok(none.insert(Spill::elsewhere()?).folder().to_owned()),
        }
    }
}

/// The files that wait to be read, and how.
#[derive(Debug)]
pub(crate) struct Inbox<'a> {
    definitions: &'a Definitions,
    hint: &'a Hint,
    limits: LimitArgs,
    room: Room,
    /// With the process of each that was started already.
    waiting: VecDeque<(Given, Option<Worker>)>,
    archives: usize,
    /// Who waits for them.
    watch: Arc<Watch>,
}

/// The next file.
#[derive(Debug)]
pub(crate) enum Next {
    /// It can be opened.
    File(Box<Worker>),
    /// It is an archive whose files come next; what in it is left out.
    Archive(Vec<String>),
    /// Its process says why not even that.
    Refused(Error),
}

impl<'a> Inbox<'a> {
    /// The department that all of it is handed in for, where that was said.
    pub(crate) fn department(&self) -> Option<&str> {
        self.hint.department.as_deref()
    }

    pub(crate) fn new(definitions: &'a Definitions, files: &[PathBuf], hint: &'a Hint, limits: LimitArgs, room: Room) -> Inbox<'a> {
        let given = files.iter().map(|path| Given::at(path)).collect();
        Inbox { limits, ..Inbox::of(definitions, given, hint, room) }
    }

    /// One of files that are called otherwise than where they lie.
    pub(crate) fn of(definitions: &'a Definitions, given: Vec<Given>, hint: &'a Hint, room: Room) -> Inbox<'a> {
        let waiting = files::without_memos(given).into_iter().map(|given| (given, None)).collect();
        Inbox { definitions, hint, limits: LimitArgs::default(), room, waiting, archives: 0, watch: Arc::default() }
    }

    /// The same, which tells that one how far it is, and ends when that one ends it.
    pub(crate) fn watched(self, watch: &Arc<Watch>) -> Inbox<'a> {
        Inbox { watch: Arc::clone(watch), ..self }
    }

    /// How many wait, the files in archives not counted.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether the next file continues this one by its name: `a-2.xlsx` and `a-3.xlsx` continue `a.xlsx`, in whatever order they come.
    pub(crate) fn continues(&self, given: &Given) -> bool {
        self.waiting.front().is_some_and(|(next, _)| next.series() == given.series())
    }

    /// The next file with its process, and what it is called; none when there is none.
    ///
    /// # Errors
    /// The system starts no process, or what was unpacked cannot be written down.
    pub(crate) async fn next(&mut self) -> Result<Option<(Given, Next)>, Error> {
        // The file after this one is looked at while this one is written down.
        for (given, worker) in self.waiting.iter_mut().take(2) {
            if worker.is_none() {
                let mut started = Worker::start(self.definitions, given, self.hint, self.limits)?;
                started.watched(&self.watch);
                *worker = Some(started);
            }
        }
        let Some((given, Some(mut worker))) = self.waiting.pop_front() else { return Ok(None) };
        self.archives += 1;
        let mut unpacking = Unpacking::new(&given, self.archives, &mut self.room);
        let next = match worker.members(&mut unpacking).await {
            Ok(None) => Next::File(Box::new(worker)),
            Ok(Some(left_out)) => {
                let members = files::without_memos(unpacking.finish());
                members.into_iter().rev().for_each(|member| self.waiting.push_front((member, None)));
                Next::Archive(left_out)
            }
            Err(error) if error.is_of_the_file() => Next::Refused(error),
            Err(error) => return Err(error),
        };
        Ok(Some((given, next)))
    }
}
