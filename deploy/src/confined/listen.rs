//! What a process says, taken from its pipe and made sense of on a thread of its own, while what it said before is still being dealt with.
//! Whether it may say so is not judged here.

use super::frame::{Frame, Kind};
use futures::executor::block_on;
use std::{io, process::ChildStdout, sync::Arc, thread};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// Words that may wait for whoever deals with them, whatever their size; the child waits when there are as many.
const WAITING: u32 = 2;

/// KiB of memory in which more of them may wait: who says little at a time need not stop whenever who deals with it does.
const WAITING_KIB: u32 = 32 << 10;

/// The words of a process, as they come.
#[derive(Debug)]
pub(crate) struct Words<W>(mpsc::UnboundedReceiver<(io::Result<W>, Option<OwnedSemaphorePermit>)>);

impl<W: Send + 'static> Words<W> {
    /// Takes words, each made of a frame, until somebody has to wait: two of them, or as many as take little memory by what `bytes` says
    /// of one.
    ///
    /// # Errors
    /// The system starts no thread.
    pub(crate) fn of<K: Kind>(
        mut output: ChildStdout,
        mut word: impl FnMut(Frame<K>) -> W + Send + 'static,
        bytes: impl Fn(&W) -> usize + Send + 'static,
    ) -> io::Result<Words<W>> {
        let (sender, words) = mpsc::unbounded_channel();
        let room = Arc::new(Semaphore::new(WAITING_KIB as usize));
        let listen = move || {
            while let Some(frame) = Frame::read(&mut output).transpose() {
                let word = frame.map(&mut word);
                let has_ended = word.is_err();
                // Goes with the word, and comes back when somebody took it, or nobody is there any more.
                let taken = block_on(Arc::clone(&room).acquire_many_owned(word.as_ref().map_or(1, |word| share(bytes(word)))));
                if sender.send((word, taken.ok())).is_err() || has_ended {
                    return;
                }
            }
        };
        thread::Builder::new().name("reader".to_owned()).spawn(listen)?;
        Ok(Words(words))
    }

    /// The next word; none after the last.
    pub(crate) async fn next(&mut self) -> Option<io::Result<W>> {
        self.0.recv().await.map(|(word, _)| word)
    }
}

/// How much of the room a word of so many bytes takes: the largest a half of it, so that two of them may wait.
fn share(bytes: usize) -> u32 {
    u32::try_from(bytes >> 10).unwrap_or(u32::MAX).clamp(1, WAITING_KIB / WAITING)
}
