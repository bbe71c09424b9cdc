//! What `wuwei indicators` takes.

use clap::Args;

/// Which figures, and what to do with them.
#[derive(Debug, Default, Args)]
pub struct Indicators {
    /// Only this department
    #[arg(long)]
    pub department: Option<String>,
    /// Only this township, by its nine digits or its name; with its stars
    #[arg(long, conflicts_with = "department")]
    pub area: Option<String>,
    /// The stars 星级 of every township, and which rule gave what
    #[arg(long, conflicts_with_all = ["department", "area"])]
    pub stars: bool,
    /// How this indicator stood whenever figures were kept; of the department or township, where one is given
    #[arg(long, value_name = "INDICATOR", conflicts_with = "stars")]
    pub history: Option<String>,
    /// Keep the figures for a trend: once for the same tables on the same day
    #[arg(long, conflicts_with_all = ["department", "area", "stars", "history"])]
    pub keep: bool,
}
