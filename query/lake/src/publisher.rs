//! Writing: rows into data files, data files into commits, commits into one epoch. What any row means is not known here.
//!
//! The order is what makes it safe. Data files are on the disk before a log entry names them; log entries are on the disk before the
//! manifest names their versions; only the manifest is ever acknowledged. A crash at any point therefore leaves files and entries that the
//! manifest does not name, and the next publisher removes them before it does anything else ([`crate::recovery`]).

use crate::commit::{Change, Commit, Step};
use crate::table::{Place, Table, check_name};
use crate::writer::OpenFile;
use crate::{Epoch, Error, recovery, store};
use arrow_array::RecordBatch;
use deltalake_core::kernel::Add;
use futures::future;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::task::JoinSet;

/// Bytes of unfinished row groups that all open files may hold together.
const BUFFERED_MOST: usize = 256 << 20;

/// Milliseconds for which a replaced file is kept, for readers of the epochs that name it: a question may take two minutes.
pub(crate) const KEPT_MS: i64 = 10 * 60 * 1000;

/// Versions between two checkpoints of a table.
const CHECKPOINT_EVERY: i64 = 20;

/// The one writer, from taking the lock to publishing. Dropped before, everything it wrote counts for nothing and is removed.
#[derive(Debug)]
pub struct Publisher {
    place: Arc<Place>,
    /// Held, not read: the lock goes when the file closes, be it by a crash.
    _lock: File,
    epoch: Epoch,
    at_ms: i64,
    /// Tables touched, at the version this publisher brought them to.
    tables: BTreeMap<String, Table>,
    /// The tables whose files were replaced.
    replaced: BTreeSet<String>,
    /// Files of the load that is being written.
    files: BTreeMap<String, OpenFile>,
    loads: u64,
    state: State,
    is_published: bool,
}

/// How far this publisher can be trusted. A step sets it before it begins and takes it back at its end, so that one which failed, or was
/// abandoned half-way, is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Sound,
    TornFile,
    TornCommit,
}

impl Publisher {
    pub(crate) async fn open(root: PathBuf, at_ms: i64) -> Result<Publisher, Error> {
        let opened = move || {
            std::fs::create_dir_all(&root).map_err(Error::file(&root))?;
            let place = Arc::new(Place::new(&root)?);
            let lock = lock(&place.root)?;
            let epoch = present(&place.root)?;
            recovery::roll_back(&place.root, &epoch)?;
            Ok((place, lock, epoch))
        };
        let (place, lock, epoch) = store::blocking(opened).await?;
        let (tables, replaced, files) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        Ok(Publisher { place, _lock: lock, epoch, at_ms, tables, replaced, files, loads: 0, state: State::Sound, is_published: false })
    }

    /// The epoch that this publisher builds upon.
    pub fn epoch(&self) -> &Epoch {
        &self.epoch
    }

    /// Whether `table` names the batch, published or committed by this publisher.
    ///
    /// # Errors
    /// [`Error::Delta`] when the table's log cannot be read.
    pub async fn holds(&self, table: &str, batch: &str) -> Result<bool, Error> {
        match self.tables.get(table) {
            Some(table) => table.holds(batch).await,
            None => self.pinned(table).await?.holds(batch).await,
        }
    }

    /// Adds rows to the table's file of this load. Row groups go to disk as they fill; what is still in memory is bounded over all tables.
    ///
    /// # Errors
    /// [`Error::Schema`] when the columns differ from those of the load's earlier rows; [`Error::Delta`] when the disk is full. Either way
    /// this load can only be [discarded](Publisher::discard).
    pub async fn write(&mut self, table: &str, batch: &RecordBatch) -> Result<(), Error> {
        check_name(table)?;
        self.begin(State::TornFile)?;
        if !self.files.contains_key(table) {
            let name = recovery::file_name(self.epoch.number + 1, self.loads);
            let file = OpenFile::create(&self.place.store, name, table, batch)?;
            self.files.insert(table.to_owned(), file);
        }
        if let Some(file) = self.files.get_mut(table) {
            file.write(batch).await?;
        }
        if self.files.values().map(OpenFile::buffered).sum::<usize>() > BUFFERED_MOST
            && let Some(largest) = self.files.values_mut().max_by_key(|file| file.buffered())
        {
            largest.flush().await?;
        }
        self.state = State::Sound;
        Ok(())
    }

    /// Forgets the rows written since the last commit, so that another load can follow one that failed half-way. After a failed commit it
    /// does not help: that publisher can only be dropped.
    pub fn discard(&mut self) {
        self.files.clear();
        self.loads += 1;
        if self.state == State::TornFile {
            self.state = State::Sound;
        }
    }

    /// Commits what was written since the last commit: one Delta commit for each table touched, at once, and `last` at the end. Still nothing
    /// is visible.
    ///
    /// # Errors
    /// [`Error::Repeated`] when `last` names the batch already: the rows written are discarded, the publisher is as it was before them.
    /// [`Error::Schema`] when the rows do not fit their table: this load can only be [discarded](Publisher::discard). After any other error
    /// the publisher can only be dropped.
    pub async fn commit(&mut self, mode: Commit, last: &str) -> Result<(), Error> {
        check_name(last)?;
        if let Commit::Append { batch } = &mode
            && self.holds(last, batch).await?
        {
            self.discard();
            return Err(Error::Repeated { table: last.to_owned(), batch: batch.clone() });
        }
        self.begin(State::TornFile)?;
        let mut steps = self.plan(mode, last).await?;
        self.state = State::TornCommit;
        let mut added = self.finish_files().await?;
        let at_end = steps.pop();
        for steps in [steps, Vec::from_iter(at_end)] {
            let at_ms = self.at_ms;
            let carried = steps.into_iter().map(|step| {
                let add = added.remove(&step.table.name);
                step.carry_out(add, at_ms)
            });
            // All of them end before one that failed is told, so that nobody tidies up while another is still writing.
            for table in future::join_all(carried).await {
                let table = table?;
                self.tables.insert(table.name.clone(), table);
            }
        }
        self.state = State::Sound;
        Ok(())
    }

    /// Makes everything committed visible at once, as the next epoch. `change` may set its other fields; number and tables are set already.
    ///
    /// # Errors
    /// [`Error::Unsound`] when a step failed before or rows are not committed. On an error nothing is visible.
    pub async fn publish(mut self, change: impl FnOnce(&mut Epoch)) -> Result<Epoch, Error> {
        self.begin(State::TornCommit)?;
        if !self.files.is_empty() {
            return Err(Error::Unsound { what: "rows were written and not committed" });
        }
        let mut next = self.epoch.clone();
        next.number += 1;
        next.tables.extend(self.tables.iter().filter_map(|(name, table)| Some((name.clone(), table.version()?))));
        let (number, tables) = (next.number, next.tables.clone());
        change(&mut next);
        (next.number, next.tables) = (number, tables);
        let (at, manifest) = (Arc::clone(&self.place), next.clone());
        store::blocking(move || manifest.write(&at.root)).await?;
        self.is_published = true;
        // What follows only saves time and room. If it fails, the epoch is published all the same, and a later publication does it.
        drop(self.tidy().await);
        Ok(next)
    }

    /// Ends as a killed process ends: nothing is tidied up.
    #[cfg(test)]
    pub(crate) fn die(mut self) {
        self.is_published = true;
    }

    /// Refuses to go on after a step that failed, and marks the one that begins.
    fn begin(&mut self, step: State) -> Result<(), Error> {
        match self.state {
            State::Sound => self.state = step,
            State::TornFile => return Err(Error::Unsound { what: "writing a file failed before" }),
            State::TornCommit => return Err(Error::Unsound { what: "a commit failed before" }),
        }
        Ok(())
    }

    /// The commits to be made, in order.
    async fn plan(&mut self, mode: Commit, last: &str) -> Result<Vec<Step>, Error> {
        let change = |file: &OpenFile| Change { schema: Some(Arc::clone(&file.schema)), ..Change::default() };
        let mut changes: BTreeMap<String, Change> = self.files.iter().map(|(table, file)| (table.clone(), change(file))).collect();
        match mode {
            Commit::Append { batch } => changes.entry(last.to_owned()).or_default().batch = Some(batch),
            Commit::Replace { tables } => {
                for (table, schema) in tables {
                    check_name(&table)?;
                    let change = changes.entry(table).or_default();
                    change.replace = true;
                    change.schema.get_or_insert(schema);
                }
            }
        }
        let at_end = changes.remove_entry(last);
        let mut steps = Vec::new();
        for (name, change) in changes.into_iter().chain(at_end) {
            if change.replace {
                self.replaced.insert(name.clone());
            }
            let table = match self.tables.get(&name) {
                Some(table) => table.clone(),
                None => self.pinned(&name).await?,
            };
            steps.push(Step::plan(table, &change, self.at_ms)?);
        }
        Ok(steps)
    }

    /// Ends all files of the load, before any log names one: all at once and side by side. All of them have ended before one that failed is
    /// told, so that nobody tidies up while another is still writing.
    async fn finish_files(&mut self) -> Result<BTreeMap<String, Add>, Error> {
        self.loads += 1;
        let at_ms = self.at_ms;
        let finish = |(table, file): (String, OpenFile)| async move { Ok((table, file.finish(at_ms).await?)) };
        let files: JoinSet<Result<_, Error>> = std::mem::take(&mut self.files).into_iter().map(finish).collect();
        files.join_all().await.into_iter().collect()
    }

    /// The table as the epoch has it.
    async fn pinned(&self, table: &str) -> Result<Table, Error> {
        match self.epoch.tables.get(table) {
            Some(version) => self.place.open(table, *version).await,
            None => self.place.absent(table),
        }
    }

    /// Writes the checkpoints that are due, at the versions just published, and deletes files that no reader can be reading any more.
    async fn tidy(&self) -> Result<(), Error> {
        for (name, table) in &self.tables {
            let before = self.epoch.tables.get(name).map_or(0, |version| version / CHECKPOINT_EVERY);
            if table.version().is_some_and(|version| version / CHECKPOINT_EVERY > before) {
                table.checkpoint().await?;
            }
        }
        for name in &self.replaced {
            let Some(table) = self.tables.get(name) else { continue };
            let named: BTreeSet<String> = table.paths_since(self.at_ms - KEPT_MS).await?;
            let folder = self.place.folder(name);
            store::blocking(move || recovery::remove_unnamed(&folder, &named)).await?;
        }
        Ok(())
    }
}

/// What a failed load wrote is removed at once: it may be what fills the disk. Where that fails, or nobody is left to do it, the next
/// publisher does. The manifest is asked which versions count, since the failure may have been in forcing it to disk.
impl Drop for Publisher {
    fn drop(&mut self) {
        let wrote = self.loads > 0 || !self.files.is_empty();
        if wrote
            && !self.is_published
            && let Ok(Some(epoch)) = Epoch::read(&self.place.root)
        {
            self.files.clear();
            drop(recovery::roll_back(&self.place.root, &epoch));
        }
    }
}

/// Takes the lock, or says that somebody has it. The system gives it back when the process ends, however it ends.
fn lock(root: &Path) -> Result<File, Error> {
    let path = root.join("publisher.lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(Error::file(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Busy { path }),
        Err(TryLockError::Error(fault)) => Err(Error::file(path)(fault)),
    }
}

/// The epoch as it is now. The first publisher writes epoch 0 before it touches a table, so that tables without a manifest can only mean
/// that the manifest was lost.
fn present(root: &Path) -> Result<Epoch, Error> {
    if let Some(epoch) = Epoch::read(root)? {
        // Whoever wrote it may have died between giving it its name and forcing that to disk; from here on it is built upon.
        store::sync(root).map_err(Error::file(root))?;
        return Ok(epoch);
    }
    if root.join("tables").exists() {
        return Err(Error::Lost { path: root.to_owned() });
    }
    let epoch = Epoch::default();
    epoch.write(root)?;
    if let Some(above) = root.parent() {
        store::sync(above).map_err(Error::file(above))?;
    }
    Ok(epoch)
}
