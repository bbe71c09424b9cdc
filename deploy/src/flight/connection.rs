//! One connection: bytes that come and go, who is at the other end, and that whoever does not say who they are is not waited for.

use crate::serve::tls::Stream;
use std::{
    io,
    net::IpAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::OwnedSemaphorePermit,
    time::{Sleep, sleep},
};
use tonic::transport::server::Connected;

/// How long a connection may last of which nobody is known.
const NOBODY_TIME: Duration = Duration::from_secs(30);

/// Who is at the other end; every call has it.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    pub(super) address: IpAddr,
    /// Whether a call over the connection showed who it is.
    pub(super) is_known: Arc<AtomicBool>,
}

/// A connection, until it is dropped.
pub(super) struct Connection {
    stream: Stream,
    peer: Peer,
    nobody: Pin<Box<Sleep>>,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    pub(super) fn new(stream: Stream, address: IpAddr, place: OwnedSemaphorePermit) -> Connection {
        let peer = Peer { address, is_known: Arc::default() };
        Connection { stream, peer, nobody: Box::pin(sleep(NOBODY_TIME)), _place: place }
    }
}

impl Connected for Connection {
    type ConnectInfo = Peer;

    fn connect_info(&self) -> Peer {
        self.peer.clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.peer.is_known.load(Ordering::Relaxed) && self.nobody.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
