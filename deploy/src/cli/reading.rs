//! What may be said of a file that is read, and of what reading it may cost.

use clap::Args;

/// How to read a file, when it cannot be seen from the file.
#[derive(Debug, Clone, Args)]
pub struct HintArgs {
    /// Department the file is of
    #[arg(long)]
    pub department: Option<String>,
    /// Extract the file is of
    #[arg(long)]
    pub extract: Option<String>,
    /// What it is, where its first bytes say something else: csv, tsv, fixed, json, ndjson, xml, xlsx, xls, dbf or parquet
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Encoding: gb18030, utf-8, utf-16, big5, or what the web calls it
    #[arg(long)]
    pub encoding: Option<String>,
    /// Take a full delivery that lacks much of what is held, or a file without a row
    #[arg(long)]
    pub shrunk: bool,
    /// Take a full delivery although what is held is of a later date
    #[arg(long)]
    pub late: bool,
    /// What stands between cells, as ";", "\t", "||", "\x01"
    #[arg(long)]
    pub delimiter: Option<String>,
    /// What encloses cells: one character, or none
    #[arg(long)]
    pub quote: Option<String>,
    /// How a quote is written inside quotes: double, or the character before it
    #[arg(long)]
    pub escape: Option<String>,
    /// Row of the headings, the first one where they take several
    #[arg(long)]
    pub heading_row: Option<u64>,
    /// The only sheet of a workbook that is read
    #[arg(long)]
    pub sheet: Option<String>,
}

impl From<&HintArgs> for wuwei_ingest::Hint {
    fn from(arguments: &HintArgs) -> wuwei_ingest::Hint {
        let HintArgs { department, extract, format, encoding, shrunk, late, delimiter, quote, escape, heading_row, sheet } =
            arguments.clone();
        let (with, until, heading_rows) = (Vec::new(), None, None);
        wuwei_ingest::Hint {
            department,
            extract,
            format,
            encoding,
            with,
            shrunk,
            late,
            until,
            delimiter,
            quote,
            escape,
            heading_row,
            heading_rows,
            sheet,
        }
    }
}

/// What reading one file may cost. It is read by a process of its own, which the system ends when it wants more.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct LimitArgs {
    /// Memory that reading one file may take, in MiB [default: 1024]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..))]
    pub memory_mb: Option<u64>,
    /// Processor time that reading one file may take, in seconds [default: 60, and 10 for each MB]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub seconds: Option<u64>,
}
