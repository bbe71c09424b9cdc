//! What a reading process says, taken from its pipe and made sense of on a thread of its own, while the last rows are still being written
//! down. Whether it may say so is not judged here.

use super::frame::{Frame, Kind, Misfit};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use std::{
    collections::BTreeMap,
    io,
    process::ChildStdout,
    sync::{Arc, OnceLock},
    thread,
};
use tokio::sync::mpsc;

/// Words that may wait for whoever writes them down; the child waits when there are as many.
const WAITING: usize = 2;

/// What was said.
#[derive(Debug)]
pub(super) enum Word {
    /// Rows of a table, or why they are none.
    Rows(Result<(String, RecordBatch), Misfit>),
    /// Anything else.
    Frame(Frame),
}

impl Word {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Word::Rows(_) => Kind::Rows,
            Word::Frame(frame) => frame.kind,
        }
    }
}

/// The words of a process, as they come.
#[derive(Debug)]
pub(super) struct Words {
    words: mpsc::Receiver<io::Result<Word>>,
    tables: Arc<OnceLock<BTreeMap<String, SchemaRef>>>,
}

impl Words {
    /// Takes words until somebody has to wait.
    pub(super) fn of(mut output: ChildStdout) -> io::Result<Words> {
        let (sender, words) = mpsc::channel(WAITING);
        let tables = Arc::new(OnceLock::new());
        let known = Arc::clone(&tables);
        let listen = move || {
            while let Some(frame) = Frame::read(&mut output).transpose() {
                let word = frame.map(|frame| word(frame, &known));
                let has_ended = word.is_err();
                if sender.blocking_send(word).is_err() || has_ended {
                    return;
                }
            }
        };
        thread::Builder::new().name("reader".to_owned()).spawn(listen)?;
        Ok(Words { words, tables })
    }

    /// From here on it may speak of rows, of these tables.
    pub(super) fn expect_rows(&self, tables: BTreeMap<String, SchemaRef>) {
        // Who is listened to reads one file, so this is said once.
        drop(self.tables.set(tables));
    }

    /// The next word; none after the last.
    pub(super) async fn next(&mut self) -> Option<io::Result<Word>> {
        self.words.recv().await
    }
}

fn word(frame: Frame, tables: &OnceLock<BTreeMap<String, SchemaRef>>) -> Word {
    match tables.get() {
        Some(tables) if frame.kind == Kind::Rows => Word::Rows(frame.rows(tables)),
        _ => Word::Frame(frame),
    }
}
