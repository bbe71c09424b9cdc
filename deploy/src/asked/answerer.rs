//! One process that answers, as the one that started it sees it. It is killed when it is dropped: a question that is given up, takes too long
//! or is answered by what no process of ours says needs nothing else.

use super::{
    Setup,
    frame::{Kind, Word, Words as Frames},
    pool::Counted,
};
use crate::{
    Error,
    confined::{
        self, Pipes,
        death::{Cause, Complaints},
        frame,
        limit::Confinement,
        listen::Words,
    },
    spill::private_folder,
};
use serde::Serialize;
use std::{
    io,
    path::PathBuf,
    process::{Child, ChildStdin},
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

/// How it is not ready.
pub(super) const UNREADY: &str = "a process that answers cannot be started";

#[derive(Debug)]
pub(super) struct Answerer {
    /// None when it is left to whoever waits for its end.
    child: Option<Child>,
    input: ChildStdin,
    words: Words<Word>,
    complaints: Complaints,
    spill: PathBuf,
    /// Questions that it was asked.
    pub(super) asked: u32,
    _counted: Counted,
}

impl Answerer {
    /// Starts one, which is not ready yet.
    ///
    /// # Errors
    /// The system starts no process, or its folder cannot be made.
    pub(super) fn start(setup: &Setup, counted: Counted) -> Result<Answerer, Error> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let spill = setup.spill.join(format!("answers-{}", NUMBER.fetch_add(1, Ordering::Relaxed)));
        private_folder(&spill).map_err(Error::file("creating", &spill))?;
        let (child, Pipes { mut input, output, complaints }) = confined::spawn("answerer")?;
        // One that is gone already is found out when its first word is waited for.
        drop(frame::send(&mut input, Kind::Setup, &Setup { spill: spill.clone(), ..setup.clone() }));
        let mut frames = Frames::default();
        let words = Words::of(output, move |frame| frames.word(frame), |_| usize::MAX)?;
        let complaints = Complaints::listen(complaints)?;
        Ok(Answerer { child: Some(child), input, words, complaints, spill, asked: 0, _counted: counted })
    }

    /// Waits until it can be asked.
    ///
    /// # Errors
    /// It cannot open the hub, or died.
    pub(super) async fn ready(&mut self) -> Result<(), wuwei_query::Error> {
        match self.word().await {
            Ok(Word::Ready) => Ok(()),
            Ok(Word::Failed(told)) => Err(told.into()),
            Ok(_) | Err(_) => Err(wuwei_query::Error::Engine { detail: UNREADY }),
        }
    }

    /// How it is confined, which it says before all else.
    ///
    /// # Errors
    /// It died.
    pub(super) async fn confinement(&mut self) -> Result<Confinement, wuwei_query::Error> {
        match self.word().await {
            Ok(Word::Confined(confinement)) => Ok(confinement),
            Ok(_) | Err(_) => Err(wuwei_query::Error::Engine { detail: UNREADY }),
        }
    }

    /// Its next word.
    ///
    /// # Errors
    /// There is none, and why.
    pub(super) async fn word(&mut self) -> Result<Word, Cause> {
        match (self.words.next().await, &mut self.child) {
            (Some(Ok(Word::Unsound(misfit))), _) => Err(Cause::Unsound(misfit)),
            (Some(Ok(word)), _) => Ok(word),
            (Some(Err(_)) | None, Some(child)) => Err(self.complaints.of(child).await),
            (Some(Err(_)) | None, None) => Err(Cause::Broke(None)),
        }
    }

    /// Tells it something; one that is gone cannot be told, which its next word shows.
    pub(super) fn tell(&mut self, kind: Kind, what: &impl Serialize) {
        drop(frame::send(&mut self.input, kind, what));
    }

    /// Whether it has not ended.
    pub(super) fn lives(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// Bytes of memory that it holds, where the system tells.
    pub(super) fn resident(&self) -> u64 {
        self.child.as_ref().and_then(|child| confined::resident(&child.id().to_string())).unwrap_or(0)
    }
}

impl Drop for Answerer {
    fn drop(&mut self) {
        let Some(child) = self.child.take() else { return };
        let spill = std::mem::take(&mut self.spill);
        // To give back gigabytes takes the system a while, for which nobody need wait.
        drop(thread::Builder::new().name("ends".to_owned()).spawn(move || end(child, spill)));
    }
}

fn end(mut child: Child, spill: PathBuf) -> io::Result<()> {
    // One that has ended cannot be killed.
    drop(child.kill());
    child.wait()?;
    std::fs::remove_dir_all(spill)
}
