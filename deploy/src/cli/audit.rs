//! Options of `wuwei audit`.

use clap::{Args, Subcommand};

/// What is done with the audit.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Prove that every entry stands as it was written; print a checkpoint to keep elsewhere
    Verify {
        /// A checkpoint that was printed before: prove besides that nothing up to it was cut off or written anew
        #[arg(long, value_name = "NUMBER:HASH")]
        since: Option<String>,
    },
    /// Find entries, newest first; the search is an entry too
    Search(Searched),
    /// The alarms, newest first, those first raised that were reached since somebody looked
    Alarms {
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// Remove sealed segments that are older than they have to be kept; their seals stay, and an entry says so
    Prune {
        /// Entries before this day, 180 days ago at the latest [default: three years ago]
        #[arg(long, value_name = "DATE")]
        before: Option<String>,
    },
}

/// Which entries; what is not said is not asked for.
#[derive(Debug, Default, Args)]
pub struct Searched {
    /// Who saw this person: entity number, also one that it had
    #[arg(long, value_name = "ID")]
    pub person: Option<i64>,
    /// Who asked, as the audit has the name
    #[arg(long = "principal", value_name = "NAME")]
    pub who: Option<String>,
    /// A table that was read, as record.person
    #[arg(long)]
    pub table: Option<String>,
    /// How it was asked: sql, person, people, household, login, alarm …
    #[arg(long)]
    pub kind: Option<String>,
    /// What for, as registered (the --purpose of this search is another)
    #[arg(long, value_name = "PURPOSE")]
    pub stated: Option<String>,
    /// How it ended: asked, answered, refused, failed
    #[arg(long)]
    pub outcome: Option<String>,
    /// From this day on, UTC, or a time as 2026-11-28T08:00:00Z
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,
    /// Before this day or time
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
    /// Entries before this number, to see more of what was cut
    #[arg(long, value_name = "NUMBER")]
    pub before: Option<u64>,
    /// At most so many
    #[arg(long, default_value_t = 100)]
    pub limit: usize,
}
