//! The processes that answer from one epoch: so many at a time, one of them always ready. A process that answered is asked again, unless it
//! holds on to memory, goes on with what was given up, or has been asked often.

use super::{
    Setup,
    answerer::{Answerer, UNREADY},
    question::Question,
};
use crate::{confined::limit::Confinement, output};
use futures::{FutureExt as _, future::BoxFuture};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Notify, Semaphore},
    time::timeout,
};
use wuwei_query::{Asked, Coming, Elsewhere, Error};

/// How long what was given up may go on before its process is killed, so that the next question finds it ready.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);
/// How long one may take to open the hub.
const OPENING: Duration = Duration::from_secs(60);
/// How long somebody waits for another's process before looking again.
const LOOK: Duration = Duration::from_millis(50);
/// Questions that one is asked.
const OFTEN: u32 = 1000;

/// Processes that answer.
#[derive(Debug, Clone)]
pub(crate) struct Answerers(Arc<Pool>);

#[derive(Debug)]
pub(super) struct Pool {
    setup: Setup,
    most: usize,
    places: Arc<Semaphore>,
    ready: Mutex<Vec<Answerer>>,
    /// Told when one is ready, or cannot be.
    change: Notify,
    /// Of this pool.
    living: Arc<AtomicUsize>,
    pub(super) counts: Arc<Counts>,
}

/// What is counted of processes, over all epochs.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    living: Arc<AtomicUsize>,
    ended: Mutex<BTreeMap<&'static str, u64>>,
}

impl Counts {
    /// Processes that live.
    pub(crate) fn living(&self) -> usize {
        self.living.load(Ordering::Relaxed)
    }

    /// Questions that ended their process, by cause: `memory`, `depth`, `time`, `broke`, `outside`, `unsound`, `given up`.
    pub(crate) fn ended(&self) -> BTreeMap<&'static str, u64> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn end(&self, cause: &'static str) {
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner).entry(cause).or_default() += 1;
    }
}

/// Counts one process until it is dropped.
#[derive(Debug)]
pub(super) struct Counted(Vec<Arc<AtomicUsize>>);

impl Counted {
    fn of(counters: Vec<Arc<AtomicUsize>>) -> Counted {
        for counter in &counters {
            counter.fetch_add(1, Ordering::Relaxed);
        }
        Counted(counters)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        for counter in &self.0 {
            counter.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Answerers {
    /// So many at a time at most, none of which is started yet.
    pub(crate) fn new(setup: Setup, most: usize, counts: Arc<Counts>) -> Answerers {
        let places = Arc::new(Semaphore::new(most));
        Answerers(Arc::new(Pool { setup, most, places, ready: Mutex::default(), change: Notify::new(), living: Arc::default(), counts }))
    }

    /// The same, from another epoch.
    pub(crate) fn at(&self, setup: impl FnOnce(&Setup) -> Setup) -> Answerers {
        Answerers::new(setup(&self.0.setup), self.0.most, Arc::clone(&self.0.counts))
    }

    /// Starts one, and waits until it is ready. Where none can be, every question says so.
    pub(crate) async fn start(&self) {
        start(&self.0).await;
    }

    /// How one is confined that opens the hub.
    ///
    /// # Errors
    /// None can be started, or it cannot open the hub.
    pub(crate) async fn confinement(&self) -> Result<Confinement, Error> {
        let mut answerer = Answerer::start(&self.0.setup, Counted::of(Vec::new())).map_err(|_| Error::Engine { detail: UNREADY })?;
        let confinement = answerer.confinement().await?;
        answerer.ready().await?;
        Ok(confinement)
    }

    /// Starts one, if none is there.
    pub(crate) fn start_ahead(&self) {
        ahead(&self.0);
    }
}

impl Elsewhere for Answerers {
    fn plan(&self, asked: Asked) -> BoxFuture<'static, Result<Box<dyn Coming>, Error>> {
        let pool = Arc::clone(&self.0);
        async move {
            let place =
                Arc::clone(&pool.places).acquire_owned().await.map_err(|_| Error::Engine { detail: "nothing is answered any more" })?;
            let answerer = pool.one().await?;
            ahead(&pool);
            let planned = Question::new(pool, (answerer, place), asked.limits.clone()).planned(&asked).await?;
            Ok(Box::new(planned) as Box<dyn Coming>)
        }
        .boxed()
    }
}

impl Pool {
    /// One that is ready, be it that it has to be started, or that somebody starts it already.
    async fn one(&self) -> Result<Answerer, Error> {
        loop {
            if let Some(answerer) = self.take() {
                return Ok(answerer);
            }
            if self.living.load(Ordering::Relaxed) < self.most {
                return self.started().await.map_err(|why| {
                    output::note(&format!("wuwei: {UNREADY}: {why}"));
                    Error::Engine { detail: UNREADY }
                });
            }
            drop(timeout(LOOK, self.change.notified()).await);
        }
    }

    /// One that is ready.
    fn take(&self) -> Option<Answerer> {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(mut answerer) = ready.pop() {
            // Who was ended from outside while nobody asked harmed no question.
            if answerer.lives() {
                return Some(answerer);
            }
        }
        None
    }

    pub(super) fn keep(&self, answerer: Answerer) {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).push(answerer);
        self.change.notify_one();
    }

    /// One that was started now; else why not, for the operator.
    async fn started(&self) -> Result<Answerer, String> {
        let counted = Counted::of(vec![Arc::clone(&self.living), Arc::clone(&self.counts.living)]);
        let mut answerer = Answerer::start(&self.setup, counted).map_err(|error| error.to_string())?;
        let ready = async {
            answerer.confinement().await?;
            answerer.ready().await
        };
        match timeout(OPENING, ready).await {
            Ok(Ok(())) => Ok(answerer),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("it does not open the hub in time".to_owned()),
        }
    }

    /// Whether it is better ended than asked again.
    pub(super) fn is_worn(&self, answerer: &Answerer) -> bool {
        answerer.asked >= OFTEN || answerer.resident() > super::HEADROOM + self.setup.limits.memory_bytes as u64 / 2
    }
}

/// Starts one for the question to come, if all that live are busy and there may be more.
pub(super) fn ahead(pool: &Arc<Pool>) {
    let is_one_ready = !pool.ready.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
    if is_one_ready || pool.living.load(Ordering::Relaxed) >= pool.most {
        return;
    }
    let pool = Arc::clone(pool);
    tokio::spawn(async move { start(&pool).await });
}

async fn start(pool: &Pool) {
    match pool.started().await {
        Ok(answerer) => pool.keep(answerer),
        // Whoever asks next tries again, and is told.
        Err(_) => pool.change.notify_one(),
    }
}
