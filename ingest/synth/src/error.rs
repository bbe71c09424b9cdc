//! Why a county could not be written. Its people are nobody, yet no value of theirs is ever in an error.

use std::path::PathBuf;

/// What went wrong, by who can mend it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder or a file in it cannot be written: the operator.
    #[error("cannot {action} `{}`: {source}; hint: check the path, its permissions and the space left", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A spreadsheet cannot be made: us.
    #[error("extract `{extract}` cannot be written as a spreadsheet: {detail}; hint: report it with the seed and the number of people")]
    Workbook {
        /// The extract.
        extract: String,
        /// What the library said; it speaks of rows, sheets and limits.
        detail: String,
    },
    /// A file that was just written cannot be read again: the operator. Or an extract was asked for that no department has: whoever asked.
    #[error(transparent)]
    Ingest(#[from] wuwei_ingest::Error),
    /// A data file of this crate is broken: the engineer who changed it.
    #[error("data file `{file}` cannot be read: {detail}; hint: correct the line shown")]
    Material {
        /// The file.
        file: &'static str,
        /// The parser's message.
        detail: String,
    },
    /// A county of nobody, or of more people than citizen numbers: whoever asked.
    #[error("a county of {count} people cannot be invented; hint: ask for 1 to {limit} people")]
    Size {
        /// How many were asked for.
        count: usize,
        /// The most there can be.
        limit: usize,
    },
    /// No delivery, or more than the county remembers: whoever asked.
    #[error("deliveries of {count} months cannot be invented; hint: ask for 1 to {limit} months")]
    Months {
        /// How many were asked for.
        count: u32,
        /// The most there can be.
        limit: u32,
    },
    /// A last day that is none: whoever asked.
    #[error("the last day is no date; hint: give it as 2026-11-01, from 1990 to 2099")]
    Today,
}

impl Error {
    /// A failed access to a file, with what was tried.
    pub(crate) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Error {
        let path = path.into();
        move |source| Error::File { action, path, source }
    }
}
