//! Connections: what one may take of time, memory and headers, and how they end. What is asked over them is not known here.

use super::tls::{self, Stream};
use crate::Error;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use std::{
    future::Future,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};

/// Connections at a time; more wait to be taken.
const CONNECTIONS: usize = 1024;
/// Time for the headers of a request, and for TLS to agree.
const HEADERS_TIME: Duration = Duration::from_secs(10);
/// Bytes of a request's headers.
const HEADERS_BYTES: usize = 32 * 1024;
/// Number of a request's headers.
const HEADERS: usize = 64;
/// How long a connection may last; whoever does not fetch an answer loses it then.
const CONNECTION_TIME: Duration = Duration::from_secs(3600);
/// How long those that are being answered may take when it stops.
const LAST_ANSWERS: Duration = Duration::from_secs(10);

/// Who is at the other end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Listens where the option of another entrance says. Beyond this machine nothing does without TLS: tokens and passwords pass there.
///
/// # Errors
/// The address is taken, or TLS is missing.
pub(crate) async fn listen(address: SocketAddr, is_secret: bool, entrance: &str, option: &str) -> Result<TcpListener, Error> {
    if !is_secret && !address.ip().is_loopback() {
        let what = format!("{entrance} does not listen at {address} without TLS");
        return Err(Error::asked(what, "give --tls-cert and --tls-key, or an address of 127.0.0.1"));
    }
    let hint = format!("give {option} another address; port 0 takes one that is free");
    TcpListener::bind(address).await.map_err(|_| Error::asked(format!("nothing can listen at {address}"), hint))
}

/// Waits until it is told to stop.
pub(crate) async fn is_told(mut stopped: watch::Receiver<bool>) {
    // Whoever would tell is gone when this fails, and so is all else.
    drop(stopped.wait_for(|told| *told).await);
}

/// Takes connections until `stop`.
pub(super) async fn serve(listener: TcpListener, tls: Option<tls::Acceptor>, router: Router, stop: impl Future<Output = ()>) {
    let (graceful, places) = (GracefulShutdown::new(), Arc::new(Semaphore::new(CONNECTIONS)));
    let mut stop = pin!(stop);
    loop {
        let next = async { (Arc::clone(&places).acquire_owned().await, listener.accept().await) };
        let (place, accepted) = tokio::select! { next = next => next, () = &mut stop => break };
        let Ok((stream, peer)) = accepted else {
            // Too many open files, as a rule: others will close theirs.
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (router, tls, watcher) = (router.clone().layer(Extension(Peer(peer.ip()))), tls.clone(), graceful.watcher());
        tokio::spawn(async move {
            if let Some(stream) = agreed(stream, tls).await {
                let connection = settings().serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
                // How a connection ends concerns nobody: what was asked has its own account.
                drop(timeout(CONNECTION_TIME, watcher.watch(connection)).await);
            }
            drop(place);
        });
    }
    drop(listener);
    drop(timeout(LAST_ANSWERS, graceful.shutdown()).await);
}

/// A connection that is gone while its question runs is noticed (`half_close` is off): the question is given up then.
fn settings() -> http1::Builder {
    let mut settings = http1::Builder::new();
    settings.timer(TokioTimer::new()).header_read_timeout(HEADERS_TIME).max_buf_size(HEADERS_BYTES).max_headers(HEADERS);
    settings
}

/// The connection, once it is agreed on TLS, if that is asked for.
pub(crate) async fn agreed(stream: TcpStream, tls: Option<tls::Acceptor>) -> Option<Stream> {
    drop(stream.set_nodelay(true));
    match tls {
        None => Some(Box::new(stream)),
        Some(tls) => timeout(HEADERS_TIME, tls.accept(stream)).await.ok()?.ok().map(|stream| Box::new(stream) as Stream),
    }
}
