//! One connection, from its beginning to its end: message after message, one question at a time. While a question runs, the connection is
//! looked at: when the client leaves, or cancels, or its account is closed, the question is given up.

use super::{
    Shared,
    ask::{Connected, Question, Seen, Wanted},
    cancel::Key,
    command::Command,
    extended::Extended,
    message::Message,
    refusal::Refusal,
    reply,
    rows::{Rows, fields},
    setting::{self, Settings},
    start::{self, Begun},
    wire::Wire,
};
use crate::{
    account::{Account, Proven},
    serve::{asker::Whence, tls::Stream},
};
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use std::{collections::BTreeMap, future::Future, net::IpAddr, sync::Arc, time::Duration};
use tokio::{
    net::TcpStream,
    sync::watch,
    time::{sleep, timeout},
};

/// How long a start-up may take: a client has to compute its proof.
const BEGINNING: Duration = Duration::from_secs(30);
/// How long a connection may be silent.
const SILENCE: Duration = Duration::from_secs(3600);
/// How often it looks whether an account is still open while a question runs.
const LOOK: Duration = Duration::from_millis(500);

/// A client that is known.
pub(super) struct Connection {
    pub(super) wire: Wire,
    pub(super) asker: Connected,
    pub(super) extended: Extended,
    settings: Settings,
    /// As the settings were at the start.
    first: Settings,
    proven: Proven,
    key: Key,
    /// `I` no transaction, `T` in one, `E` in one that failed.
    pub(super) status: u8,
}

/// Serves a client until it leaves.
pub(super) async fn serve(shared: &Shared, stream: TcpStream, peer: IpAddr, has_place: bool, stopped: watch::Receiver<bool>) {
    drop(stream.set_nodelay(true));
    let stream: Stream = Box::new(stream);
    if let Ok(Some(mut connection)) = timeout(BEGINNING, Box::pin(Connection::open(shared, stream, peer, has_place))).await {
        connection.answer(stopped).await;
    }
}

impl Connection {
    /// None when it does not come about; the client was told why.
    async fn open(shared: &Shared, stream: Stream, peer: IpAddr, has_place: bool) -> Option<Connection> {
        let mut begun = match start::begin(shared, stream).await {
            Ok(begun) => begun?,
            Err(why) => return told(why.0, &why.1).await,
        };
        if !has_place {
            let full = Refusal::new("53300", "there are too many connections", "close some, or wait").fatal();
            return told(begun.wire, &full).await;
        }
        let whence = Whence { wire: "postgres", address: peer };
        let known = match begun.known(shared, whence).await {
            Ok(known) => known?,
            Err(refusal) => return told(begun.wire, &refusal).await,
        };
        match Connection::with(shared, begun, whence, known) {
            Ok(connection) => Some(connection),
            Err(why) => told(why.0, &why.1).await,
        }
    }

    fn with(shared: &Shared, begun: Begun, whence: Whence, (account, proven): (Account, Proven)) -> Result<Connection, start::Told> {
        let Begun { wire, parameters, .. } = begun;
        let Some(key) = shared.running.key() else {
            return Err(Box::new((wire, Refusal::new("XX000", "the system gives no random bytes", "try again").fatal())));
        };
        let state = Arc::clone(&shared.state);
        let settings = Settings::new(&account.name, state.hub().limits.time);
        let asker = Connected { state, account, whence, purpose: None, settings: BTreeMap::new(), seen: Arc::new(Seen::default()) };
        let extended = Extended::default();
        let mut connection = Connection { wire, asker, extended, first: settings.clone(), settings, proven, key, status: b'I' };
        if let Err(refusal) = connection.begin_with(&parameters) {
            return Err(Box::new((connection.wire, refusal.fatal())));
        }
        connection.greet();
        Ok(connection)
    }

    /// Sets what the start-up says.
    fn begin_with(&mut self, parameters: &BTreeMap<String, String>) -> Result<(), Refusal> {
        for (name, value) in parameters {
            match name.as_str() {
                "user" | "database" => {}
                "replication" => return Err(Refusal::new("0A000", "nothing is replicated", "leave `replication` out")),
                "options" => {
                    let unread = || Refusal::new("22023", "the options cannot be read", "write -c name=value");
                    for (name, value) in setting::options(value).ok_or_else(unread)? {
                        self.set(&name, &value)?;
                    }
                }
                name if name.starts_with("_pq_.") => {}
                name => self.set(name, value)?,
            }
        }
        // A name that is a registered purpose is taken for one; most names of programs are not.
        let named = parameters.get("application_name").filter(|name| self.asker.purpose.is_none() && self.asker.is_registered(name));
        if let Some(named) = named {
            self.set(setting::PURPOSE, named)?;
        }
        self.first = self.settings.clone();
        Ok(())
    }

    fn greet(&mut self) {
        let out = self.wire.out();
        for (name, value) in self.settings.told() {
            reply::setting(out, name, value);
        }
        reply::key(out, self.key.process, self.key.secret);
        if self.asker.purpose.is_none() {
            let hint = "SET wuwei.purpose = '…' says what answers are needed for; until then the database looks empty";
            reply::notice(out, &Refusal::new("01000", "no purpose is stated", hint));
        }
        reply::ready(out, self.status);
    }

    /// Answers message after message.
    async fn answer(&mut self, stopped: watch::Receiver<bool>) {
        loop {
            if self.wire.flush().await.is_err() {
                return;
            }
            let next = tokio::select! {
                next = self.wire.next() => next,
                () = super::is_told(stopped.clone()) => Err(Refusal::new("57P01", "the server is stopping", "connect again later").fatal()),
                () = sleep(SILENCE) => Err(Refusal::new("57P05", "the connection was silent for an hour", "connect again").fatal()),
            };
            let done = match next {
                Ok(None | Some(Message::Terminate)) => return,
                Ok(Some(message)) => Box::pin(self.message(message)).await,
                Err(refusal) => Err(refusal),
            };
            match done {
                Ok(true) => {}
                Ok(false) => return,
                Err(refusal) if refusal.is_fatal => {
                    reply::refusal(self.wire.out(), &refusal);
                    drop(self.wire.flush().await);
                    return;
                }
                Err(refusal) => self.failed(&refusal),
            }
        }
    }

    /// Answers one message; false when the client is gone.
    async fn message(&mut self, message: Message) -> Result<bool, Refusal> {
        if self.extended.is_skipping && message != Message::Sync && message.is_extended() {
            return Ok(true);
        }
        match message {
            Message::Query(text) => {
                self.extended.is_skipping = false;
                let done = Box::pin(self.simple(&text)).await?;
                reply::ready(self.wire.out(), self.status);
                Ok(done)
            }
            Message::Password(_) => Err(Refusal::protocol("who it is is known already")),
            Message::Copy | Message::Terminate => Ok(true),
            other => {
                self.extended.is_in = true;
                Box::pin(self.extended(other)).await
            }
        }
    }

    fn failed(&mut self, refusal: &Refusal) {
        reply::refusal(self.wire.out(), refusal);
        if self.status == b'T' {
            self.status = b'E';
        }
        match self.extended.is_in {
            true => self.extended.is_skipping = true,
            false => reply::ready(self.wire.out(), self.status),
        }
    }

    /// The simple protocol: one text, all of its rows as text.
    async fn simple(&mut self, text: &str) -> Result<bool, Refusal> {
        self.extended.is_in = false;
        if is_empty(text) {
            reply::plain(self.wire.out(), b'I');
            return Ok(true);
        }
        let command = Command::read(text);
        let is_shown = matches!(command, Some(Command::Show(_)));
        let mut rows = match command {
            Some(Command::Show(name)) => self.shown(&name, &[]).await?,
            Some(command) => {
                let tag = self.command(&command)?;
                reply::complete(self.wire.out(), tag);
                return Ok(true);
            }
            None => self.ask(Question::new(text), Wanted { values: Vec::new(), forms: Vec::new(), told: None }).await?,
        };
        let fields = Arc::clone(&rows.fields);
        reply::columns(self.wire.out(), &fields);
        if rows.fetch(0, &mut self.wire).await?.is_none() {
            return Ok(false);
        }
        let tag = if is_shown { "SHOW".to_owned() } else { format!("SELECT {}", rows.sent) };
        reply::complete(self.wire.out(), &tag);
        Ok(true)
    }

    /// Asks, as long as somebody waits for it.
    pub(super) async fn ask(&mut self, question: Question, wanted: Wanted) -> Result<Rows, Refusal> {
        self.is_open()?;
        let asker = self.asker.clone();
        self.awaited(async move { asker.answer(&question, wanted).await }).await
    }

    /// Waits for an answer, and gives it up when nobody does any more.
    pub(super) async fn awaited<T>(&mut self, answer: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
        let limit = self.settings.timeout();
        let (state, account, proven) = (Arc::clone(&self.asker.state), self.asker.account.clone(), self.proven.clone());
        let closed = async {
            loop {
                sleep(LOOK).await;
                if let Err(refusal) = holds(&state, &account, &proven) {
                    return refusal;
                }
            }
        };
        let over = async {
            match limit {
                Some(limit) => sleep(limit).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            answer = Box::pin(answer) => answer,
            () = self.key.told.notified() => Err(Refusal::new("57014", "the question was cancelled", "ask again when it is needed")),
            () = over => Err(Refusal::new("57014", "the question passes the limit of `statement_timeout`", "SET statement_timeout = 0 lifts it to the server's")),
            refusal = closed => Err(refusal),
            () = self.wire.gone() => Err(Refusal::protocol("the client left").fatal()),
        }
    }

    /// Whether whoever is connected may still ask.
    pub(super) fn is_open(&self) -> Result<(), Refusal> {
        if self.status == b'E' {
            return Err(Refusal::new("25P02", "the transaction failed before", "ROLLBACK ends it"));
        }
        holds(&self.asker.state, &self.asker.account, &self.proven)
    }

    /// Does what a command says, and tells the word to be answered.
    pub(super) fn command(&mut self, command: &Command) -> Result<&'static str, Refusal> {
        let mut tag = command.tag();
        match command {
            Command::Commit | Command::Rollback => {
                if self.status == b'E' {
                    tag = "ROLLBACK";
                }
                self.status = b'I';
                self.extended.portals.clear();
                return Ok(tag);
            }
            Command::Nothing("ROLLBACK") if self.status == b'E' => {
                self.status = b'T';
                return Ok(tag);
            }
            _ => self.is_open()?,
        }
        match command {
            Command::Set { name, value } => self.set_later(name, value)?,
            Command::Reset(Some(name)) => {
                let first = self.first.get(name)?.to_owned();
                self.set_later(name, &first)?;
            }
            Command::Reset(None) => self.reset(),
            Command::Begin(_) => self.status = b'T',
            Command::Discard => {
                self.extended = Extended { is_in: self.extended.is_in, ..Extended::default() };
                self.reset();
            }
            Command::Deallocate(Some(name)) => drop(self.extended.statements.remove(name)),
            Command::Deallocate(None) => self.extended.statements.clear(),
            _ => {}
        }
        Ok(tag)
    }

    fn set_later(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        self.set(name, value)?;
        let lower = name.to_ascii_lowercase();
        let settings = &self.settings;
        if let Some((told, value)) = settings.told().into_iter().find(|(told, _)| told.to_ascii_lowercase() == lower) {
            reply::setting(self.wire.out(), told, value);
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        if name.eq_ignore_ascii_case(setting::PURPOSE) {
            self.asker.purpose = match value.trim() {
                "" => None,
                stated => Some(self.asker.may_state(stated)?),
            };
        }
        self.settings.set(name, value)?;
        self.asker.settings = self.settings.all();
        Ok(())
    }

    fn reset(&mut self) {
        self.settings = self.first.clone();
        self.asker.settings = self.settings.all();
        // It was stated at the start already, and found registered.
        let purpose = self.first.get(setting::PURPOSE).unwrap_or_default();
        self.asker.purpose = wuwei_query::Purpose::parse(purpose).ok();
    }

    /// How a setting stands, as rows.
    pub(super) async fn shown(&mut self, name: &str, forms: &[i16]) -> Result<Rows, Refusal> {
        self.is_open()?;
        let value: ArrayRef = Arc::new(StringArray::from(vec![self.settings.get(name)?]));
        let shown = RecordBatch::try_from_iter([(name, value)]).map_err(|_| Refusal::protocol("a setting has no name"))?;
        let folder = self.asker.state.hub().spill().to_owned();
        let writing = super::rows::Writing::new(fields(&shown.schema(), forms)?, &folder);
        writing.batch(shown).await?;
        writing.rows().await
    }
}

/// Whether somebody may still ask: the account is open, and what they proved it by still holds.
fn holds(state: &crate::serve::State, account: &Account, proven: &Proven) -> Result<(), Refusal> {
    let accounts = state.accounts().all()?;
    let now = crate::clock::now_ms();
    let known = accounts.iter().find(|known| known.name == account.name && !known.disabled);
    let is_so = known.is_some_and(|known| match proven {
        Proven::Password => known.mark() == account.mark() && known.has_second() == account.has_second(),
        Proven::Token(id) => known.tokens.iter().any(|token| token.id == *id && token.holds(now)),
    });
    match is_so {
        true => Ok(()),
        false => Err(Refusal::new("57P01", "the account was closed, or its password or token was taken back", "log in again").fatal()),
    }
}

/// Whether there is nothing to be asked.
pub(super) fn is_empty(text: &str) -> bool {
    text.chars().all(|letter| letter == ';' || letter.is_whitespace())
}

/// Tells why there will be no connection.
async fn told(mut wire: Wire, refusal: &Refusal) -> Option<Connection> {
    reply::refusal(wire.out(), refusal);
    drop(wire.flush().await);
    None
}
