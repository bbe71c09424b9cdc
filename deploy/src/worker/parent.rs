//! The side that hands a stranger's file to a process of its own and takes back what it became. It believes nothing: rows must be of the
//! extract's tables, the account must balance, and a process that dies, hangs or speaks out of turn is one file that cannot be read.

use super::{
    Job, Refused, Task, Understanding,
    account::Account,
    death::why,
    frame::{Kind, rows},
    limit::Limits,
    watch::Watch,
};
use crate::{
    Error,
    cli::LimitArgs,
    clock,
    confined::{
        self, Pipes,
        death::{Cause, Complaints},
        frame::{self, Frame, Misfit},
        limit::Confinement,
        listen::Words,
    },
    definitions::Definitions,
    error::{self, Sentence},
    given::{Given, Unpacking},
    output::one_line,
};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use std::{
    collections::BTreeMap,
    io::{self, BufWriter},
    path::Path,
    process::{Child, ChildStdin},
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};
use wuwei_ingest::{ArchiveLimits, Department, Extract, Held, Hint, Report, Settled, Suggestion, Understood};

/// A process that reads one file. Dropped, it is killed.
#[derive(Debug)]
pub(crate) struct Worker {
    given: Given,
    hint: Hint,
    limits: Limits,
    child: Child,
    /// Until it was told all.
    input: Option<ChildStdin>,
    words: Words<Word>,
    /// The tables of which it may speak, once that is known.
    tables: Arc<OnceLock<BTreeMap<String, SchemaRef>>>,
    complaints: Complaints,
    /// For how long it has kept us waiting.
    waited: Duration,
    /// Who waits for it.
    watch: Arc<Watch>,
}

/// What was said.
#[derive(Debug)]
enum Word {
    /// Rows of a table, or why they are none.
    Rows(Result<(String, RecordBatch), Misfit>),
    /// Anything else.
    Frame(Frame<Kind>),
}

impl Word {
    fn of(frame: Frame<Kind>, tables: &OnceLock<BTreeMap<String, SchemaRef>>) -> Word {
        match tables.get() {
            Some(tables) if frame.kind == Kind::Rows => Word::Rows(rows(frame, tables)),
            _ => Word::Frame(frame),
        }
    }

    /// As much memory as it holds.
    fn bytes(&self) -> usize {
        match self {
            Word::Rows(Ok((_, rows))) => wuwei_lake::memory(rows),
            Word::Rows(Err(_)) => 0,
            Word::Frame(frame) => frame.bytes().len(),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Word::Rows(_) => Kind::Rows,
            Word::Frame(frame) => frame.kind,
        }
    }
}

/// A file that is understood, before its rows.
#[derive(Debug)]
pub(crate) struct Opened<'d> {
    /// Whose it is.
    pub(crate) department: &'d Department,
    /// What it is.
    pub(crate) extract: &'d Extract,
    /// First 16 hexadecimal digits of its SHA-256.
    pub(crate) batch: String,
    /// How it is read.
    pub(crate) understood: Understood,
}

/// A file's rows, coming.
#[derive(Debug)]
pub(crate) struct Reading {
    worker: Worker,
    account: Account,
}

/// Rows of one table, or the account that ends them.
#[derive(Debug)]
pub(crate) enum Read {
    /// The table and its rows, of the schema of [`wuwei_ingest::tables`].
    Rows(String, RecordBatch),
    /// The account, which balances and agrees with the rows.
    Report(Report),
}

impl Worker {
    /// The file.
    pub(crate) fn given(&self) -> &Given {
        &self.given
    }

    /// What was said of it beforehand.
    pub(crate) fn hint(&self) -> &Hint {
        &self.hint
    }

    /// How many rows held of its extract it can be held against: of its memory half is left for reading.
    pub(crate) fn held_max(&self) -> usize {
        let bytes = self.limits.memory_mb.saturating_mul(1 << 20) / 2;
        usize::try_from(bytes).unwrap_or(usize::MAX) / Held::BYTES_A_ROW
    }

    /// What to say when more is held than that.
    pub(crate) fn too_much_held(&self) -> Error {
        let memory = self.limits.memory_mb;
        let what = format!("more than {} rows are held of its extract, against which it cannot be held with {memory} MiB", self.held_max());
        Error::unread(&self.given.called, error::Kind::Held, what, "allow more with --memory-mb")
    }

    /// Starts the process on that file.
    ///
    /// # Errors
    /// The system starts no process.
    pub(crate) fn start(definitions: &Definitions, given: &Given, hint: &Hint, asked: LimitArgs) -> Result<Worker, Error> {
        Worker::begin(Task::Read, definitions, given, hint, (&Settled::default(), asked))
    }

    /// What the columns of that file are likely to be, but for those that somebody settled.
    ///
    /// # Errors
    /// The sentence of [`wuwei_ingest::suggest`], or the process died of the file.
    pub(crate) async fn suggest(
        definitions: &Definitions,
        given: &Given,
        hint: &Hint,
        settled: &Settled,
        asked: LimitArgs,
    ) -> Result<Suggestion, Error> {
        let mut worker = Worker::begin(Task::Suggest, definitions, given, hint, (settled, asked))?;
        worker.confinement().await?;
        let frame = worker.frame(&[Kind::Suggested]).await?;
        frame.json().map_err(|misfit| worker.unsound(misfit))
    }

    fn begin(
        task: Task,
        definitions: &Definitions,
        given: &Given,
        hint: &Hint,
        (settled, asked): (&Settled, LimitArgs),
    ) -> Result<Worker, Error> {
        let bytes = std::fs::metadata(&given.path).map_or(0, |about| about.len());
        let limits = Limits::of(bytes, asked.memory_mb, asked.seconds);
        let (child, Pipes { mut input, output, complaints }) = confined::spawn("worker")?;
        let hint = Hint { until: Some(clock::last_day()), ..hint.clone() };
        let job = Job {
            path: given.path.as_os_str().to_owned(),
            packed_as: given.unpacked.as_ref().map(|_| given.called.display().to_string()),
            name: given.name.clone(),
            hint: hint.clone(),
            written: definitions.written.clone(),
            limits,
            task,
            settled: settled.clone(),
        };
        // One that is gone already is found out when its first word is waited for.
        drop(frame::send(&mut input, Kind::Job, &job));
        let tables: Arc<OnceLock<_>> = Arc::default();
        let known = Arc::clone(&tables);
        let words = Words::of(output, move |frame| Word::of(frame, &known), Word::bytes)?;
        let complaints = Complaints::listen(complaints)?;
        let (given, input, waited, watch) = (given.clone(), Some(input), Duration::ZERO, Arc::default());
        Ok(Worker { given, hint, limits, child, input, words, tables, complaints, waited, watch })
    }

    /// Tells that one how far it is, and ends when that one ends it.
    pub(crate) fn watched(&mut self, watch: &Arc<Watch>) {
        self.watch = Arc::clone(watch);
    }

    /// How the process is confined.
    ///
    /// # Errors
    /// It died.
    pub(crate) async fn confinement(&mut self) -> Result<Confinement, Error> {
        let frame = self.frame(&[Kind::Confined]).await?;
        frame.json().map_err(|misfit| self.unsound(misfit))
    }

    /// Writes down the files of the archive that the file is, and returns what in it is left out; none when it is no archive, and can be
    /// opened.
    ///
    /// # Errors
    /// The sentence of [`wuwei_ingest::unpack`], or the process died of the file, or a file cannot be written.
    pub(crate) async fn members(&mut self, into: &mut Unpacking<'_>) -> Result<Option<Vec<String>>, Error> {
        self.confinement().await?;
        let ArchiveLimits { entries, bytes: mut left, name: longest, .. } = ArchiveLimits::default();
        loop {
            let frame = self.frame(&[Kind::Single, Kind::Member, Kind::Bytes, Kind::Archive]).await?;
            match frame.kind {
                Kind::Single if into.count() == 0 => return Ok(None),
                Kind::Member if (into.count() as u64) < entries => {
                    let name = frame.json::<String>().map_err(|misfit| self.unsound(misfit))?;
                    if name.len() > longest {
                        return Err(self.unsound("a name that no file can have"));
                    }
                    into.file(&one_line(&name))?;
                }
                Kind::Bytes if into.count() > 0 && frame.bytes().len() as u64 <= left => {
                    left -= frame.bytes().len() as u64;
                    into.bytes(frame.bytes())?;
                }
                Kind::Archive => return frame.json().map(Some).map_err(|misfit| self.unsound(misfit)),
                _ => return Err(self.unsound("more than an archive may hold")),
            }
        }
    }

    /// What the file is, after [`Worker::members`] said that it is one.
    ///
    /// # Errors
    /// The sentence of [`wuwei_ingest::open`], or the process died of the file.
    pub(crate) async fn open<'d>(&mut self, definitions: &'d Definitions) -> Result<Opened<'d>, Error> {
        let frame = self.frame(&[Kind::Opened]).await?;
        let Understanding { department, extract, batch, understood } = frame.json().map_err(|misfit| self.unsound(misfit))?;
        let known = definitions.departments.extracts().find(|(owner, known)| owner.code == department && known.name == extract);
        let Some((department, extract)) = known else { return Err(self.unsound("an extract that is not known")) };
        if batch.len() != 16 || !batch.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(self.unsound("a batch that is no hash"));
        }
        Ok(Opened { department, extract, batch, understood })
    }

    /// Lets it read the rows of the file that it opened, records numbered from `first_record`, against what is held of the extract.
    ///
    /// # Errors
    /// The system starts no thread.
    pub(crate) fn read(mut self, definitions: &Definitions, opened: &Opened<'_>, first_record: i64, held: Held) -> Result<Reading, Error> {
        let held = Arc::new(held);
        // Who is listened to reads one file, so this is said once.
        drop(self.tables.set(wuwei_ingest::tables(opened.extract, &definitions.model)));
        if let Some(input) = self.input.take() {
            tell(input, first_record, Arc::clone(&held))?;
        }
        let account = Account::new(opened, &self.given.name, first_record, held);
        Ok(Reading { account, worker: self })
    }

    /// The next frame, which must be of one of these kinds.
    async fn frame(&mut self, kinds: &[Kind]) -> Result<Frame<Kind>, Error> {
        match self.next(kinds).await? {
            Word::Frame(frame) => Ok(frame),
            Word::Rows(_) => Err(self.unsound("a word out of turn")),
        }
    }

    /// The next word, which must be of one of these kinds.
    async fn next(&mut self, kinds: &[Kind]) -> Result<Word, Error> {
        let began = Instant::now();
        let left = self.limits.patience().saturating_sub(self.waited);
        let watch = Arc::clone(&self.watch);
        let came = tokio::select! {
            came = tokio::time::timeout(left, self.words.next()) => came,
            () = watch.stopped() => return Err(Error::Stopped),
        };
        self.waited += began.elapsed();
        match came {
            Err(_) => Err(why(Cause::Silence, &self.given.called, &self.limits)),
            Ok(Some(Ok(word))) if kinds.contains(&word.kind()) => Ok(word),
            Ok(Some(Ok(Word::Frame(frame)))) if frame.kind == Kind::Refused => Err(self.refused(&frame)),
            Ok(Some(Ok(_))) => Err(self.unsound("a word out of turn")),
            Ok(Some(Err(_)) | None) => {
                let cause = self.complaints.of(&mut self.child).await;
                Err(why(cause, &self.given.called, &self.limits))
            }
        }
    }

    /// The sentence of the reader, on one line.
    fn refused(&self, frame: &Frame<Kind>) -> Error {
        match frame.json::<Refused>() {
            Ok(Refused { kind, sentence }) => {
                // What it is called, not where it lies.
                let sentence = sentence.replace(&place(&self.given.path), &place(&self.given.called));
                Error::from(Sentence::of(kind.as_deref().and_then(error::Kind::named), &sentence))
            }
            Err(misfit) => self.unsound(misfit),
        }
    }

    fn unsound(&self, misfit: Misfit) -> Error {
        why(Cause::Unsound(misfit), &self.given.called, &self.limits)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // One that has ended cannot be killed, and one that was killed has nothing to say.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Reading {
    /// The next rows; after the last of them the account.
    ///
    /// # Errors
    /// The sentence of [`wuwei_ingest::Reading`], or the process died of the file, or what it says does not add up.
    pub(crate) async fn next(&mut self) -> Result<Read, Error> {
        let read = match self.worker.next(&[Kind::Rows, Kind::Report]).await? {
            Word::Rows(came) => came.and_then(|(table, rows)| self.rows(table, rows)),
            Word::Frame(frame) => self.report(&frame),
        };
        read.map_err(|misfit| self.worker.unsound(misfit))
    }

    fn rows(&mut self, table: String, rows: RecordBatch) -> Result<Read, Misfit> {
        self.account.count(&table, &rows)?;
        if table.starts_with("raw.") {
            self.worker.watch.count(rows.num_rows());
        }
        Ok(Read::Rows(table, rows))
    }

    fn report(&self, frame: &Frame<Kind>) -> Result<Read, Misfit> {
        let report = frame.json()?;
        self.account.agrees(&report)?;
        Ok(Read::Report(report))
    }
}

fn place(path: &Path) -> String {
    path.display().to_string()
}

/// Tells it where to begin and what is held, as fast as it listens; one that is gone cannot be told, which is found out elsewhere.
fn tell(mut input: ChildStdin, first_record: i64, held: Arc<Held>) -> io::Result<()> {
    let tell = move || {
        let told = frame::send(&mut input, Kind::First, &first_record).and_then(|()| held.write_to(BufWriter::new(input)));
        drop(told);
    };
    std::thread::Builder::new().name("held".to_owned()).spawn(tell)?;
    Ok(())
}
