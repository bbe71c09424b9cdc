//! What can go wrong with an index. What somebody types never does: it finds something or nothing.

use std::{io, path::PathBuf};

/// Why an index was not written or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder cannot be read or written: the operator.
    #[error("{action} the index in `{}`: {source}; hint: check the path, its permissions and the space left", path.display())]
    Folder {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no index, or one of another model: the operator.
    #[error("the index in `{}` {what}; hint: run `wuwei index`", path.display())]
    Stale {
        /// Where.
        path: PathBuf,
        /// What is the matter with it.
        what: &'static str,
    },
    /// A batch is not what the contract says: us.
    #[error("a batch to index has no column `{column}` of type {expected}; hint: this is a defect, please report it")]
    Batch {
        /// The column.
        column: String,
        /// The type it should have.
        expected: &'static str,
    },
    /// The index cannot be written or is damaged: the operator.
    #[error("the index failed: {0}; hint: check the space left, then run `wuwei index`")]
    Index(#[from] tantivy::TantivyError),
}

impl Error {
    /// For `map_err`: what was tried, and where.
    pub(crate) fn folder(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Error {
        let path = path.into();
        move |source| Error::Folder { action, path, source }
    }
}
