//! Asking a department to put something right, as it is typed.

use clap::Subcommand;

/// What is to be done.
#[derive(Debug, Subcommand)]
pub enum Correct {
    /// Ask the department whose record it is to put a property right
    Ask {
        /// The record's number, as the file of a person names it
        record: i64,
        /// The property
        property: String,
        /// Why it is wrong, as a file number
        #[arg(long, value_name = "TEXT")]
        ground: String,
    },
    /// What was asked and is open, of the own department or of those that whoever asks sees
    List {
        /// Also what is settled
        #[arg(long)]
        all: bool,
    },
    /// Say that it is put right with the next delivery, or refuse it
    Settle {
        /// Number of the request
        correction: i64,
        /// It stands as it is
        #[arg(long)]
        refused: bool,
        /// What the department says
        #[arg(long, value_name = "TEXT")]
        answer: String,
    },
}
