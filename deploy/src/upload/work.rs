//! What is done with an upload behind the back of whoever asked for it: it is looked at, or loaded. Its state is on disk before and after,
//! so that a program that ends meanwhile tells that it was interrupted; loading again is then as if it were the first time, or finds all
//! there (`pipeline::land`). It can be ended while it waits and while the file is read, not while tables are written.

use super::{
    Untaken, Upload, Uploads,
    look::look,
    record::{State, What, Work},
};
use crate::{
    Error, clock,
    command::ingest::{Step, each},
    error::Sentence,
    given::{Given, Inbox, Room},
    hub::Hub,
    jobs::{Job, Outcome},
    output, pipeline,
    worker::Watch,
};
use std::{
    fs,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::{runtime::Runtime, sync::Semaphore};
use wuwei_ingest::Hint;
use wuwei_query::Session;

/// What is asked for.
pub(crate) struct Order {
    pub(crate) what: What,
    /// How the file is to be read.
    pub(crate) hint: Hint,
    /// Whether all that is out of date afterwards is to be brought up to date.
    pub(crate) refresh: bool,
    /// Whoever asks, if they may be shown what they would see of it once it is loaded.
    pub(crate) session: Option<Session>,
    /// The digest of the mapping by which it is read to see what it would be.
    pub(crate) by: Option<String>,
    /// The hub that is asked; what is loaded goes to its newest epoch.
    pub(crate) hub: Arc<Hub>,
    /// Lets those who are answered see what was loaded, before it is told that it was.
    pub(crate) turn: Box<dyn Fn() + Send>,
}

/// What is being done.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) watch: Arc<Watch>,
    step: Mutex<&'static str>,
    /// Whether the program ends it, and not whoever began it.
    is_interrupted: AtomicBool,
}

impl Live {
    pub(super) fn step(&self) -> &'static str {
        *self.step.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn rows(&self) -> u64 {
        self.watch.rows()
    }

    fn turn_to(&self, step: &'static str) {
        *self.step.lock().unwrap_or_else(PoisonError::into_inner) = step;
    }

    /// Ends it for the program, which stops.
    pub(super) fn interrupt(&self) {
        self.is_interrupted.store(true, Ordering::Relaxed);
        self.watch.stop();
    }
}

/// The first step of all that is done.
const READ: &str = "read";

impl Uploads {
    /// Begins what is asked for; it goes on by itself.
    ///
    /// # Errors
    /// The file has not come whole, something is being done with it, or that cannot be written down.
    pub(crate) fn begin(&self, upload: &Arc<Upload>, order: Order) -> Result<(), Error> {
        upload.check_whole()?;
        let live = upload.occupy()?;
        let work =
            Work { what: order.what, state: State::Waiting, begun: clock::now(), ended: None, reason: None, kind: None, jobs: Vec::new() };
        upload.change(|record| record.work = Some(work)).inspect_err(|_| upload.free())?;
        let places = Arc::clone(if order.what == What::Check { &self.checks } else { &self.loads });
        let upload = Arc::clone(upload);
        drop(tokio::spawn(begun(upload, order, live, places)));
        Ok(())
    }
}

async fn begun(upload: Arc<Upload>, order: Order, live: Arc<Live>, places: Arc<Semaphore>) {
    let place = tokio::select! {
        place = places.acquire_owned() => place.ok(),
        () = live.watch.stopped() => None,
    };
    let Some(place) = place else { return upload.ended(&live, &[], Err(Error::Stopped)) };
    // On threads of its own, for which a program that stops does not wait: stages compute for minutes, and what a kill leaves is sound.
    let not_run = (Arc::clone(&upload), Arc::clone(&live));
    let work = move || {
        let mut jobs = Vec::new();
        let runtime = Runtime::new().map_err(Error::from);
        let done = runtime.and_then(|runtime| runtime.block_on(Box::pin(run(&upload, &order, &live, &mut jobs))));
        if !jobs.is_empty() {
            (order.turn)();
        }
        // Once it is told to have ended, the program may end, and its folder has to go with the last who holds the hub.
        drop(order);
        upload.ended(&live, &jobs, done);
        drop(place);
    };
    if let Err(error) = std::thread::Builder::new().name("upload".to_owned()).spawn(work) {
        not_run.0.ended(&not_run.1, &[], Err(error.into()));
    }
}

async fn run(upload: &Upload, order: &Order, live: &Arc<Live>, jobs: &mut Vec<Job>) -> Result<(), Error> {
    if live.watch.is_stopped() {
        return Err(Error::Stopped);
    }
    upload.change(|record| record.running())?;
    match order.what {
        What::Check => {
            upload.forget_looked()?;
            let looked = look(&order.hub, order.session.as_ref(), upload, &order.hint, live).await?;
            upload.keep_looked(&looked)?;
            order.by.iter().try_for_each(|digest| upload.read_by(digest, &looked))
        }
        What::Publish => publish(upload, order, live, jobs).await,
    }
}

/// Loads it by the way of every file; then, if that is asked, brings up to date what follows from it.
async fn publish(upload: &Upload, order: &Order, live: &Arc<Live>, jobs: &mut Vec<Job>) -> Result<(), Error> {
    let mut hub = order.hub.newest().await?;
    let room = tempfile::tempdir_in(hub.spill()).map_err(Error::file("creating", hub.spill()))?;
    let definitions = Arc::clone(&hub.definitions);
    let given = vec![Given::named(&upload.data(), &upload.name())];
    let mut inbox = Inbox::of(&definitions, given, &order.hint, Room::Hub(room.path().to_owned())).watched(&live.watch);
    let loaded = each(&mut hub, &mut inbox, |step| {
        if let Step::Ended { job, .. } = step {
            jobs.push(job.clone());
        }
    });
    // With the parts of a delivery whose last one has no rows.
    *jobs = loaded.await?;
    let refused = |job: &Job| job.outcome == Outcome::Refused;
    if jobs.iter().all(refused) {
        let why = jobs
            .first()
            .and_then(Job::why)
            .unwrap_or_else(|| Sentence::of(None, "it holds no file of rows; hint: look whether it is the one that was meant"));
        return Err(why.into());
    }
    if order.refresh {
        pipeline::refresh_telling(&mut hub, |stage| {
            live.turn_to(stage.name());
            if live.watch.is_stopped() { Err(Error::Stopped) } else { Ok(()) }
        })
        .await?;
    }
    Ok(())
}

impl Upload {
    /// Takes it for something that is to be done.
    pub(super) fn occupy(&self) -> Result<Arc<Live>, Error> {
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        if live.is_some() {
            return Err(Untaken::Busy.into());
        }
        let taken = Arc::new(Live { watch: Arc::default(), step: Mutex::new(READ), is_interrupted: AtomicBool::new(false) });
        *live = Some(Arc::clone(&taken));
        Ok(taken)
    }

    pub(super) fn free(&self) {
        *self.live.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Ends what is being done with it.
    ///
    /// # Errors
    /// Nothing is.
    pub(crate) fn cancel(&self) -> Result<(), Error> {
        let live = self.live().ok_or(Untaken::Idle)?;
        live.watch.stop();
        Ok(())
    }

    /// How it is to be read from now on; what was found before is forgotten.
    ///
    /// # Errors
    /// Something is being done with it, or it cannot be written down.
    pub(crate) fn read_as(&self, reading: super::ReadAs) -> Result<(), Error> {
        if self.live().is_some() {
            return Err(Untaken::Busy.into());
        }
        self.forget_looked()?;
        self.change(|record| record.reading = reading)
    }

    /// Writes down how it ended.
    fn ended(&self, live: &Live, jobs: &[Job], done: Result<(), Error>) {
        let id = self.id();
        let (state, refusal) = match done {
            Ok(()) => (State::Done, None),
            Err(Error::Stopped) if live.is_interrupted.load(Ordering::Relaxed) => (State::Interrupted, None),
            Err(Error::Stopped) => (State::Stopped, None),
            Err(error) if error.is_of_the_file() || matches!(error, Error::Asked { .. }) => (State::Refused, Some(error)),
            Err(error) => {
                output::note(&format!("wuwei: upload {id}: {error}"));
                (State::Failed, None)
            }
        };
        let is_loaded = |job: &Job| matches!(job.outcome, Outcome::Published | Outcome::Unchanged);
        let is_gone = state == State::Done && !jobs.is_empty() && jobs.iter().all(is_loaded);
        let written = self.change(|record| {
            record.is_gone = is_gone;
            if let Some(work) = &mut record.work {
                (work.state, work.ended) = (state, Some(clock::now()));
                work.kind = refusal.as_ref().and_then(Error::kind).map(|kind| kind.name().to_owned());
                work.reason = refusal.map(|error| error.to_string());
                work.jobs = jobs.iter().map(|job| job.job).collect();
            }
        });
        if let Err(error) = written {
            output::note(&format!("wuwei: upload {id}: {error}"));
        } else {
            self.let_go();
        }
        self.free();
    }

    /// Removes the bytes of which the rows are in the tables. What cannot be removed now, or was not when the program ended, is at its next start.
    pub(super) fn let_go(&self) {
        if self.with(|record| record.is_gone) {
            drop(fs::remove_file(self.data()));
            drop(self.forget_looked());
        }
    }
}

impl super::record::Record {
    fn running(&mut self) {
        if let Some(work) = &mut self.work {
            work.state = State::Running;
        }
    }
}
