//! The entrance over Arrow Flight SQL (gRPC): the same people, by the same accounts, before the same door as over HTTP, for clients that read
//! Arrow as it is, such as ADBC's. Here are the connections and the protocol; what is asked is answered by a session. Nothing is written through
//! it: statements that change something, transactions and what clients would bring along are refused.

mod actions;
mod ask;
mod catalogue;
mod connection;
mod frames;
mod kept;
mod known;
mod parameters;
mod plain;
mod refusal;
mod service;

use crate::{
    Error,
    serve::{
        State, tls,
        wire::{agreed, is_told, listen},
    },
};
use arrow_flight::flight_service_server::FlightServiceServer;
use connection::Connection;
use futures::{Stream, stream};
use service::Service;
use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    sync::{
        Semaphore,
        mpsc::{self, Sender},
        watch,
    },
    time::sleep,
};
use tonic::transport::Server;

/// Connections at a time; more wait to be taken.
const CONNECTIONS: usize = 256;
/// Calls of one connection at a time; more wait.
const CALLS: u32 = 8;
/// Bytes of one message that a client sends, which is taken before anybody is known: statements have 64 KiB.
const MESSAGE_BYTES: usize = 128 << 10;
/// Bytes of a call's headers.
const HEADERS_BYTES: u32 = 32 * 1024;
/// How often it is asked whether a client is still there, and how long it may take to say so.
const PULSE: Duration = Duration::from_secs(30);
const PULSE_TIME: Duration = Duration::from_secs(20);
/// How long a connection may last; what is being answered over it then is answered.
const CONNECTION_TIME: Duration = Duration::from_secs(3600);
/// How long those that are being answered may take when it stops.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

/// An entrance that listens.
pub(crate) struct Entrance {
    listener: TcpListener,
    tls: Option<tls::Acceptor>,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Entrance {
    /// Opens it.
    ///
    /// # Errors
    /// The address is taken, or it is beyond this machine and TLS is missing.
    pub(crate) async fn open(address: SocketAddr, tls: Option<&tls::Acceptor>) -> Result<Entrance, Error> {
        let listener = listen(address, tls.is_some(), "Flight SQL", "--flight").await?;
        let address = listener.local_addr()?;
        Ok(Entrance { listener, tls: tls.map(tls::of_http2), address })
    }

    /// Answers until `stopped` says so, then lets those that are being answered have their answers.
    pub(crate) async fn answer(self, state: Arc<State>, stopped: watch::Receiver<bool>) {
        let (sender, receiver) = mpsc::channel(1);
        let service = FlightServiceServer::new(Service::new(state)).max_decoding_message_size(MESSAGE_BYTES);
        let server = settings().add_service(service).serve_with_incoming_shutdown(incoming(receiver), is_told(stopped.clone()));
        let accepting = accept(self.listener, self.tls, sender, stopped.clone());
        let over = async {
            is_told(stopped).await;
            sleep(LAST_ANSWERS).await;
        };
        let serving = async {
            // Whoever accepts goes on for ever; how connections end concerns nobody.
            tokio::select! { served = server => drop(served), () = accepting => {} }
        };
        tokio::select! { () = Box::pin(serving) => {}, () = over => {} }
    }
}

fn settings() -> Server {
    Server::builder()
        .max_concurrent_streams(CALLS)
        .http2_max_header_list_size(HEADERS_BYTES)
        .http2_keepalive_interval(Some(PULSE))
        .http2_keepalive_timeout(Some(PULSE_TIME))
        .max_connection_age(CONNECTION_TIME)
}

fn incoming(receiver: mpsc::Receiver<Connection>) -> impl Stream<Item = Result<Connection, Infallible>> {
    stream::unfold(receiver, |mut receiver| async move { Some((Ok(receiver.recv().await?), receiver)) })
}

/// Takes connections until it is told to stop, each agreed on TLS apart, lest one that says nothing keep others waiting.
async fn accept(listener: TcpListener, tls: Option<tls::Acceptor>, sender: Sender<Connection>, stopped: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let taking = async {
        loop {
            let next = (Arc::clone(&places).acquire_owned().await, listener.accept().await);
            let (Ok(place), Ok((stream, peer))) = next else {
                // Too many open files, as a rule: others will close theirs.
                sleep(Duration::from_millis(50)).await;
                continue;
            };
            let (tls, sender) = (tls.clone(), sender.clone());
            tokio::spawn(async move {
                if let Some(stream) = agreed(stream, tls).await {
                    drop(sender.send(Connection::new(stream, peer.ip(), place)).await);
                }
            });
        }
    };
    tokio::select! { () = taking => {}, () = is_told(stopped) => {} }
    drop(listener);
    std::future::pending::<()>().await;
}
