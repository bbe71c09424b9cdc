//! Everything that can end a command, as one sentence and a hint. The rooms' own errors keep their words.

mod kind;

pub(crate) use kind::Kind;

use crate::{
    account::Wrong,
    command::decide::Unfounded,
    upload::{Unsettled, Untaken},
};
use std::path::PathBuf;

/// Why a command ended without doing what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A model, code list or relation file: the engineer who wrote it.
    #[error(transparent)]
    Model(#[from] wuwei_schema::Error),
    /// A department file, or an extract: the engineer or the liaison.
    #[error(transparent)]
    Ingest(#[from] wuwei_ingest::Error),
    /// The invented county.
    #[error(transparent)]
    Synth(#[from] wuwei_synth::Error),
    /// Resolution and files.
    #[error(transparent)]
    Graph(#[from] wuwei_graph::Error),
    /// The index.
    #[error(transparent)]
    Search(#[from] wuwei_search::Error),
    /// The tables and their publishing.
    #[error(transparent)]
    Lake(#[from] wuwei_lake::Error),
    /// The door, the audit, the indicators.
    #[error(transparent)]
    Query(#[from] wuwei_query::Error),
    /// Reading or writing a file of ours: the operator.
    #[error("{action} `{}`: {source}; hint: check the path, its permissions and the space left", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file that its reader refuses, in the words of `wuwei-ingest`: the liaison or the engineer.
    #[error(transparent)]
    Refusal(#[from] Sentence),
    /// A file that ends the process which reads it: the liaison, or us.
    #[error("file `{path}` cannot be read: {what}; hint: {hint}")]
    Unread {
        /// In a word.
        kind: Kind,
        /// The file, on one line.
        path: String,
        /// What happened.
        what: String,
        /// What to do.
        hint: &'static str,
    },
    /// The command asks for what is not there: whoever typed it.
    #[error("{what}; hint: {hint}")]
    Asked {
        /// What is not there.
        what: String,
        /// What to do.
        hint: String,
    },
    /// What is given as the ground of a judgement: whoever judges.
    #[error(transparent)]
    Ground(#[from] Unfounded),
    /// An account, or what is asked of one: whoever looks after accounts, or its owner.
    #[error(transparent)]
    Account(#[from] Wrong),
    /// An upload that is not taken or not gone on with: whoever hands it in.
    #[error(transparent)]
    Upload(#[from] Untaken),
    /// A mapping that is not taken or not confirmed: whoever wrote it, or would confirm it.
    #[error(transparent)]
    Mapping(#[from] Unsettled),
    /// What was given as a date: whoever typed it.
    #[error("a date cannot be read; hint: write it as 2026-11-28, or as 2026-11-28T08:00:00Z")]
    Date,
    /// A full delivery that lacks much of what is held: the liaison.
    #[error(
        "file `{file}` is a full delivery and lacks {count} of the {known} rows that are held; hint: if they are really gone, hand it in again with --shrunk, else deliver it whole"
    )]
    Shrunk {
        /// The file.
        file: String,
        /// Rows lacking.
        count: u64,
        /// Rows held.
        known: u64,
    },
    /// Some files of several were refused; each has been named already.
    #[error("{refused} of {all} files were refused; hint: see the lines above, or `wuwei jobs`")]
    Refused {
        /// Files refused.
        refused: usize,
        /// Files given.
        all: usize,
    },
    /// Somebody did not want it any more: nobody has to mend anything.
    #[error("it was stopped, and nothing of it counts; hint: begin it again")]
    Stopped,
    /// The system: the operator.
    #[error("the system refused: {0}; hint: check the space left, then run `wuwei doctor`")]
    System(#[from] std::io::Error),
    /// A result could not be written: the operator (full disk), or us.
    #[error("the result cannot be written: {0}; hint: check the space left, or try another --format")]
    Output(String),
    /// Something that the program itself puts together does not fit: us.
    #[error("a defect of the program: {what}; hint: report this line and the command")]
    Defect {
        /// What does not fit; never a value.
        what: String,
    },
}

/// Why a file is refused or not loaded: an error's text with its hint, on one line, and of what kind it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    kind: Option<Kind>,
    text: String,
}

impl Sentence {
    /// The sentence, wherever it came from.
    pub fn of(kind: impl Into<Option<Kind>>, text: &str) -> Sentence {
        Sentence { kind: kind.into(), text: crate::output::one_line(text) }
    }

    /// Of what kind it is, where that is known.
    pub fn kind(&self) -> Option<Kind> {
        self.kind
    }
}

impl std::fmt::Display for Sentence {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl std::error::Error for Sentence {}

impl Error {
    /// A request for what is not there.
    pub fn asked(what: impl Into<String>, hint: impl Into<String>) -> Error {
        Error::Asked { what: what.into(), hint: hint.into() }
    }

    /// Whether one file is at fault, so that others can be loaded all the same.
    pub fn is_of_the_file(&self) -> bool {
        matches!(self, Error::Ingest(_) | Error::Refusal(_) | Error::Unread { .. } | Error::Shrunk { .. })
    }

    /// Of what kind the refusal of a file is; none where it is no refusal of a file.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Error::Ingest(error) => Some(Kind::Read(error.kind())),
            Error::Refusal(sentence) => sentence.kind(),
            Error::Unread { kind, .. } => Some(*kind),
            Error::Shrunk { .. } => Some(Kind::Shrunk),
            _ => None,
        }
    }

    /// A file that ends the process which reads it.
    pub fn unread(path: &std::path::Path, kind: Kind, what: impl Into<String>, hint: &'static str) -> Error {
        Error::Unread { kind, path: crate::output::one_line(&path.display().to_string()), what: what.into(), hint }
    }

    /// A defect of the program.
    pub fn defect(what: impl Into<String>) -> Error {
        Error::Defect { what: what.into() }
    }

    /// A failed access to a file, with what was tried.
    pub fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Error {
        let path = path.into();
        move |source| Error::File { action, path, source }
    }
}
