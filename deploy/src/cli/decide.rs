//! What a person may decide of entities and records, as it is typed.

use clap::{Args, Subcommand};

/// What a person decides.
#[derive(Debug, Subcommand)]
pub enum Decide {
    /// They are one, whatever speaks against it; also undoes a split
    Same(Sides),
    /// They are two, whatever joins them; of an old number and the one it leads to, it undoes the merge
    Different(Sides),
    /// It cannot be told; nothing is joined because of them
    Unsure(Sides),
    /// Not now, and nothing is decided: `review` does not show it to whoever asks for some days
    Skip {
        /// Entity numbers, as `review` shows them
        #[arg(required = true, num_args = 2..)]
        sides: Vec<String>,
        /// For how many days
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=90))]
        days: u16,
    },
    /// As a second person: what waits is right, a decision or its revocation
    Confirm(Number),
    /// A decision holds no more
    Revoke(Number),
}

/// Two or more entities or records, and the ground of a decision.
#[derive(Debug, Args)]
pub struct Sides {
    /// Entity numbers, also old ones, or records as r123, those that go together as r123+r456
    #[arg(required = true, num_args = 2.., value_name = "ENTITY")]
    pub sides: Vec<String>,
    /// By what it can be seen, as a file number
    #[arg(long, value_name = "TEXT")]
    pub ground: String,
}

/// A decision by its number, and a ground.
#[derive(Debug, Args)]
pub struct Number {
    /// Its number, as it was printed and as it stands in graph.decision
    pub decision: i64,
    /// By what that can be seen
    #[arg(long, value_name = "TEXT")]
    pub ground: String,
}
