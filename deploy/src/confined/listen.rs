//! What a process says, taken from its pipe and made sense of on a thread of its own, while what it said before is still being dealt with.
//! Whether it may say so is not judged here.

use super::frame::{Frame, Kind};
use std::{io, process::ChildStdout, thread};
use tokio::sync::mpsc;

/// Words that may wait for whoever deals with them; the child waits when there are as many.
const WAITING: usize = 2;

/// The words of a process, as they come.
#[derive(Debug)]
pub(crate) struct Words<W>(mpsc::Receiver<io::Result<W>>);

impl<W: Send + 'static> Words<W> {
    /// Takes words, each made of a frame, until somebody has to wait.
    ///
    /// # Errors
    /// The system starts no thread.
    pub(crate) fn of<K: Kind>(mut output: ChildStdout, mut word: impl FnMut(Frame<K>) -> W + Send + 'static) -> io::Result<Words<W>> {
        let (sender, words) = mpsc::channel(WAITING);
        let listen = move || {
            while let Some(frame) = Frame::read(&mut output).transpose() {
                let word = frame.map(&mut word);
                let has_ended = word.is_err();
                if sender.blocking_send(word).is_err() || has_ended {
                    return;
                }
            }
        };
        thread::Builder::new().name("reader".to_owned()).spawn(listen)?;
        Ok(Words(words))
    }

    /// The next word; none after the last.
    pub(crate) async fn next(&mut self) -> Option<io::Result<W>> {
        self.0.recv().await
    }
}
