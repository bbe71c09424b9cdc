//! Frames: how bytes come and go, and how many of them wait. A connection holds no more than [`MOST`] bytes of what its client sends.

use super::{message::Message, refusal::Refusal};
use crate::serve::tls::Stream;
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};

/// Bytes of one frame, and of what waits to be read.
pub(super) const MOST: usize = 1 << 20;
/// How long a client may take to fetch what it asked for, piece by piece.
const FETCHING: Duration = Duration::from_secs(60);
/// Bytes that wait to be sent.
const PIECE: usize = 64 * 1024;

/// A connection on which frames pass.
pub(super) struct Wire {
    stream: Stream,
    read: Vec<u8>,
    out: Vec<u8>,
}

impl Wire {
    pub(super) fn new(stream: Stream) -> Wire {
        Wire { stream, read: Vec::new(), out: Vec::new() }
    }

    /// The connection itself, when nothing of it was read ahead: what came in the clear is no part of what follows under TLS.
    pub(super) fn into_stream(self) -> Option<Stream> {
        self.read.is_empty().then_some(self.stream)
    }

    /// The next message; none when the client is gone.
    ///
    /// # Errors
    /// It is none of the protocol, or too long.
    pub(super) async fn next(&mut self) -> Result<Option<Message>, Refusal> {
        let Some(head) = self.ahead(5).await else { return Ok(None) };
        let (kind, length) = (head[0], length(&head[1..5])?);
        let Some(frame) = self.ahead(length + 1).await else { return Ok(None) };
        let message = Message::read(kind, &frame[5..=length])?;
        self.read.drain(..=length);
        Ok(Some(message))
    }

    /// The first packet, which has no kind: its number and what follows; none when the client is gone.
    ///
    /// # Errors
    /// It is too long or too short.
    pub(super) async fn first(&mut self) -> Result<Option<(u32, Vec<u8>)>, Refusal> {
        let Some(head) = self.ahead(4).await else { return Ok(None) };
        let length = length(&head[..4])?;
        if !(8..=10_000).contains(&length) {
            return Err(Refusal::protocol("the first message is too long or too short"));
        }
        let Some(frame) = self.ahead(length).await else { return Ok(None) };
        let number = u32::from_be_bytes([frame[4], frame[5], frame[6], frame[7]]);
        let rest = frame[8..length].to_vec();
        self.read.drain(..length);
        Ok(Some((number, rest)))
    }

    /// At least so many bytes, left where they are; none when the client is gone before.
    async fn ahead(&mut self, count: usize) -> Option<&[u8]> {
        while self.read.len() < count {
            if self.more().await == 0 {
                return None;
            }
        }
        Some(&self.read)
    }

    /// Reads more; 0 when the client is gone.
    async fn more(&mut self) -> usize {
        let mut piece = [0; 4096];
        let count = self.stream.read(&mut piece).await.unwrap_or(0);
        self.read.extend_from_slice(&piece[..count]);
        count
    }

    /// Ends when the client is gone. What it sends meanwhile waits; when that is much, it is not looked for any more.
    pub(super) async fn gone(&mut self) {
        while self.read.len() < MOST {
            if self.more().await == 0 {
                return;
            }
        }
        std::future::pending::<()>().await;
    }

    /// Where frames are written to be sent.
    pub(super) fn out(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    /// Sends what is written, when it is much.
    pub(super) async fn drain(&mut self) -> io::Result<()> {
        if self.out.len() < PIECE { Ok(()) } else { self.flush().await }
    }

    /// Sends what is written.
    ///
    /// # Errors
    /// The client is gone, or does not fetch it.
    pub(super) async fn flush(&mut self) -> io::Result<()> {
        let (stream, out) = (&mut self.stream, &self.out);
        let send = async {
            stream.write_all(out).await?;
            stream.flush().await
        };
        timeout(FETCHING, send).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        self.out.clear();
        Ok(())
    }
}

/// The length of a frame, without its kind.
fn length(bytes: &[u8]) -> Result<usize, Refusal> {
    let length = bytes.try_into().ok().and_then(|bytes| usize::try_from(i32::from_be_bytes(bytes)).ok());
    match length.filter(|length| (4..MOST).contains(length)) {
        Some(length) => Ok(length),
        None => Err(Refusal::new("54000", "a message is too long or has no length", "1 MiB is the most").fatal()),
    }
}
