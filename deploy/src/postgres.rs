//! The entrance over PostgreSQL's wire (protocol 3.0): the same people, by the same accounts, before the same door as over HTTP. Here are the
//! connection, the log-in and the protocol; what is asked is answered by a session, and what its catalogue looks like to a client is
//! `query`'s. Frames are read and written here, not by `pgwire`: its readers trust lengths that a client sends, take messages of a
//! gigabyte, and do not see that a client left while its question runs. Its types and the encoding of rows (`arrow-pg`) are used.

mod ask;
mod cancel;
mod command;
mod connection;
mod extended;
mod message;
mod parameter;
mod refusal;
mod reply;
mod rows;
mod scram;
mod setting;
mod start;
mod wire;

use crate::{
    Error,
    serve::{
        State, tls,
        wire::{is_told, listen},
    },
};
use cancel::Running;
use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};

/// Connections at a time; more are told so.
const CONNECTIONS: usize = 256;
/// How long those that are being answered may take when it stops.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

/// An entrance that listens.
pub(crate) struct Entrance {
    listener: TcpListener,
    tls: Option<tls::Acceptor>,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

/// What all connections share.
struct Shared {
    state: Arc<State>,
    tls: Option<tls::Acceptor>,
    running: Running,
}

impl Entrance {
    /// Opens it. Beyond this machine nothing listens without TLS.
    ///
    /// # Errors
    /// The address is taken, or TLS is missing.
    pub(crate) async fn open(address: SocketAddr, tls: Option<tls::Acceptor>) -> Result<Entrance, Error> {
        let listener = listen(address, tls.is_some(), "PostgreSQL's wire", "--pg").await?;
        let address = listener.local_addr()?;
        Ok(Entrance { listener, tls, address })
    }

    /// Answers until `stopped` says so, then lets those that are being answered have their answers.
    pub(crate) async fn answer(self, state: Arc<State>, stopped: watch::Receiver<bool>) {
        let shared = Arc::new(Shared { state, tls: self.tls, running: Running::default() });
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        let mut stop = pin!(is_told(stopped.clone()));
        loop {
            let accepted = tokio::select! { accepted = self.listener.accept() => accepted, () = &mut stop => break };
            let Ok((stream, peer)) = accepted else {
                // Too many open files, as a rule: others will close theirs.
                sleep(Duration::from_millis(50)).await;
                continue;
            };
            let (shared, stopped) = (Arc::clone(&shared), stopped.clone());
            let place = Arc::clone(&places).try_acquire_owned().ok();
            tokio::spawn(async move {
                Box::pin(connection::serve(&shared, stream, peer.ip(), place.is_some(), stopped)).await;
                drop(place);
            });
        }
        let all = u32::try_from(CONNECTIONS).unwrap_or(u32::MAX);
        drop(timeout(LAST_ANSWERS, places.acquire_many(all)).await);
    }
}
