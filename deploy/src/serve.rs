//! The entrance over HTTP: who knocks is known, says what for, and is answered through a session as everybody is. What is answered is the
//! verbs' own; here are only the wire, who may come in, and how much at a time. Nothing is open but the health of the program.

pub(crate) mod answer;
pub(crate) mod around;
pub(crate) mod asker;
pub(crate) mod factor;
mod handler;
pub(crate) mod links;
mod logins;
mod metrics;
mod openapi;
pub(crate) mod problem;
mod rates;
pub(crate) mod routes;
pub(crate) mod spool;
pub(crate) mod tls;
pub(crate) mod turnstile;
pub(crate) mod wire;

#[cfg(feature = "flight")]
use crate::flight;
use crate::{
    Error,
    account::{Account, Accounts},
    asked::Counts,
    cli,
    cli::LimitArgs,
    command::{indicators::Boards, review},
    console,
    hub::Hub,
    oidc::{Oidc, Settings},
    output, postgres,
    schedule::{self, Keeper, Schedules},
    upload::Uploads,
};
use futures::future::OptionFuture;
use links::Links;
use logins::Logins;
use metrics::Metrics;
use rates::Rates;
use std::{
    future::Future,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    thread,
    time::Duration,
};
use tokio::{
    net::TcpListener,
    runtime::Handle,
    sync::{Semaphore, watch},
};
use turnstile::Turnstile;

/// How often it looks whether an epoch was published.
const LOOK: Duration = Duration::from_secs(1);

/// How often it looks, ten times as often, whether uploads have ended before it stops.
const LAST_LOOKS: usize = 50;

/// Passwords that are hashed at once: each takes 19 MiB and a processor.
const HASHING: usize = 2;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct State {
    /// At the newest epoch; a request keeps the one that it began with.
    hub: RwLock<Arc<Hub>>,
    accounts: Accounts,
    /// Roles that sign in with a second factor.
    second_factor: Vec<String>,
    /// The provider that some accounts sign in through.
    oidc: Option<Oidc>,
    logins: Logins,
    /// By which the accounts of a demo come in.
    links: Links,
    turnstile: Turnstile,
    rates: Rates,
    hashing: Semaphore,
    metrics: Metrics,
    /// What is counted of the processes that answer.
    processes: Arc<Counts>,
    uploads: Uploads,
    /// What was computed for whoever asked before.
    reviews: review::Kept,
    figures: Boards,
    /// What is run at its time, with the file that says so.
    schedules: Option<(PathBuf, Schedules)>,
}

impl State {
    pub(crate) fn hub(&self) -> Arc<Hub> {
        Arc::clone(&self.hub.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    pub(crate) fn second_factor(&self) -> &[String] {
        &self.second_factor
    }

    pub(crate) fn oidc(&self) -> Option<&Oidc> {
        self.oidc.as_ref()
    }

    pub(crate) fn turnstile(&self) -> &Turnstile {
        &self.turnstile
    }

    pub(crate) fn uploads(&self) -> &Uploads {
        &self.uploads
    }

    pub(crate) fn schedules(&self) -> Option<&(PathBuf, Schedules)> {
        self.schedules.as_ref()
    }

    pub(crate) fn reviews(&self) -> &review::Kept {
        &self.reviews
    }

    pub(crate) fn figures(&self) -> &Boards {
        &self.figures
    }

    pub(crate) fn links(&self) -> &Links {
        &self.links
    }

    pub(crate) fn logins(&self) -> &Logins {
        &self.logins
    }

    /// Turns to the newest epoch and to what was confirmed since. Whoever reads at another goes on there: its files stay for ten minutes.
    async fn turn(&self) -> Result<(), Error> {
        let known = self.hub();
        let newest = known.newest().await?;
        if newest.lake.epoch() != known.lake.epoch() || !Arc::ptr_eq(&newest.definitions, &known.definitions) {
            started(&newest).await;
            let mut hub = self.hub.write().unwrap_or_else(PoisonError::into_inner);
            // Of two that turn at once, the one that looked first comes second now and then.
            if Arc::ptr_eq(&*hub, &known) || newest.lake.epoch().number > hub.lake.epoch().number {
                *hub = Arc::new(newest);
            }
        }
        Ok(())
    }
}

/// An entrance that listens.
pub(crate) struct Entrance {
    listener: TcpListener,
    tls: Option<tls::Acceptor>,
    state: Arc<State>,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// What is handed in and run by itself.
    keeper: Option<Keeper>,
    /// The other entrances, when they are asked for.
    pub(crate) postgres: Option<postgres::Entrance>,
    #[cfg(feature = "flight")]
    pub(crate) flight: Option<flight::Entrance>,
}

impl Entrance {
    /// Opens it.
    ///
    /// # Errors
    /// The address is taken, certificate and key do not fit, or the accounts cannot be read. Without TLS that was asked for, nothing listens.
    pub(crate) async fn open(mut hub: Hub, asked: &cli::Serve) -> Result<Entrance, Error> {
        hub.limits.time = Duration::from_secs(asked.seconds);
        hub.limits.rows = usize::try_from(asked.rows).unwrap_or(usize::MAX);
        hub.limits.memory_bytes = usize::try_from(asked.memory_mb << 20).unwrap_or(usize::MAX);
        let tls = match (&asked.tls_cert, &asked.tls_key) {
            (Some(certificates), Some(key)) => Some(tls::acceptor(certificates, key)?),
            _ => None,
        };
        let accounts = Accounts::of(&hub.root)?;
        accounts.all()?;
        let second_factor = factor::roles(&hub, asked.second_factor.as_deref())?;
        let taken =
            |_| Error::asked(format!("nothing can listen at {}", asked.http), "give --http another address; port 0 takes one that is free");
        let listener = TcpListener::bind(asked.http).await.map_err(taken)?;
        let address = listener.local_addr()?;
        let oidc = asked.oidc.as_ref().map(|file| Oidc::open(Settings::read(file, address, tls.is_some())?)).transpose()?;
        let uploads = Uploads::open(&hub.root, asked.upload_gb << 30)?;
        let processes = Arc::<Counts>::default();
        hub.answer_elsewhere(asked.running as usize, Arc::clone(&processes));
        started(&hub).await;
        let schedules = asked.schedules.as_ref().map(|file| Ok::<_, Error>((file.clone(), Schedules::read(file)?))).transpose()?;
        let run = schedules.as_ref().map(|(_, schedules)| schedules.clone());
        let keeper = Keeper::of(&hub, asked.watch.as_deref(), run, LimitArgs::default())?;
        let postgres = match asked.pg {
            Some(address) => Some(postgres::Entrance::open(address, tls.clone()).await?),
            None => None,
        };
        #[cfg(feature = "flight")]
        let flight = match asked.flight {
            Some(address) => Some(flight::Entrance::open(address, tls.as_ref()).await?),
            None => None,
        };
        let state = Arc::new(State {
            hub: RwLock::new(Arc::new(hub)),
            accounts,
            second_factor,
            oidc,
            logins: Logins::default(),
            links: Links::default(),
            turnstile: Turnstile::new(asked.running as usize),
            rates: Rates::new(asked.rate),
            hashing: Semaphore::new(HASHING),
            metrics: Metrics::default(),
            processes,
            uploads,
            reviews: review::Kept::default(),
            figures: Boards::default(),
            schedules,
        });
        Ok(Entrance {
            listener,
            tls,
            state,
            address,
            keeper,
            postgres,
            #[cfg(feature = "flight")]
            flight,
        })
    }

    /// The accounts that may come in.
    pub(crate) fn accounts(&self) -> &Accounts {
        &self.state.accounts
    }

    /// What stands in a link by which an account comes in once; none in a hub whose people exist, nor where it is closed.
    ///
    /// # Errors
    /// The accounts cannot be read, or the system gives no random bytes.
    pub(crate) fn invite(&self, name: &str) -> Result<Option<(Account, String)>, Error> {
        let accounts = self.state.accounts.all()?;
        let account = accounts.iter().find(|account| account.name == name && !account.disabled);
        let account = account.filter(|_| self.state.hub().is_invented());
        account.map(|account| Ok((account.clone(), self.state.links.make(name)?))).transpose()
    }

    /// Answers until `stop`, then lets those that are being answered have their answers.
    pub(crate) async fn answer(self, stop: impl Future<Output = ()>) {
        let console = console::router(&self.state, self.tls.is_some());
        let router = routes::router(Arc::clone(&self.state), console);
        let look = look_for_epochs(Arc::clone(&self.state));
        let (stopping, stopped) = watch::channel(false);
        if let Some(keeper) = self.keeper {
            kept_going(keeper, &self.state, stopped.clone());
        }
        let stop = async {
            stop.await;
            stopping.send_replace(true);
        };
        #[cfg(feature = "flight")]
        let flight = self.flight.map(|entrance| Box::pin(entrance.answer(Arc::clone(&self.state), stopped.clone())));
        #[cfg(not(feature = "flight"))]
        let flight: Option<std::future::Ready<()>> = None;
        let postgres = self.postgres.map(|entrance| entrance.answer(Arc::clone(&self.state), stopped));
        let others = futures::future::join(OptionFuture::from(postgres), OptionFuture::from(flight));
        let all = futures::future::join(wire::serve(self.listener, self.tls, router, stop), others);
        tokio::select! {
            _ = Box::pin(all) => {}
            () = look => {}
        }
        stop_uploads(&self.state).await;
    }
}

/// Lets what is being done with uploads end where it can; what still runs then is interrupted.
async fn stop_uploads(state: &State) {
    for _ in 0..LAST_LOOKS {
        if state.uploads.stop_all() {
            return;
        }
        tokio::time::sleep(LOOK / 10).await;
    }
}

/// On a thread of its own, for which a program that stops does not wait: stages compute for minutes, and what a kill leaves is sound.
fn kept_going(keeper: Keeper, state: &Arc<State>, stop: watch::Receiver<bool>) {
    let (handle, state) = (Handle::current(), Arc::clone(state));
    let keep = move || handle.block_on(Box::pin(schedule::keep(keeper, move || state.hub(), stop)));
    if thread::Builder::new().name("keeper".to_owned()).spawn(keep).is_err() {
        output::note("wuwei: the system starts no thread: folders are not watched, and nothing is run at its time");
    }
}

/// Lets one process be ready for the first question. If none can be, each question says so.
async fn started(hub: &Hub) {
    if let Some(answerers) = hub.answerers() {
        answerers.start().await;
    }
}

/// Raises the alarms that were reached, apart, since it reads files. Where they cannot be, whoever looks next raises them; that nothing can
/// be written is told to whoever asks.
async fn alarms(state: &Arc<State>) {
    let hub = state.hub();
    if let Ok(Ok(watched)) = tokio::task::spawn_blocking(move || hub.watch()).await {
        state.metrics.alarms(watched.alarms);
    }
}

/// Looks for new epochs and alarms, for ever. One that cannot be opened is told once, and looked for again.
async fn look_for_epochs(state: Arc<State>) {
    let mut told = false;
    loop {
        tokio::time::sleep(LOOK).await;
        alarms(&state).await;
        match state.turn().await {
            Ok(()) => told = false,
            Err(error) if !told => {
                output::note(&format!("wuwei: the newest epoch cannot be opened, the one before is answered from: {error}"));
                told = true;
            }
            Err(_) => {}
        }
    }
}
