//! The verbs and their options: names, help and defaults stand together here; what a verb does is in `command/<verb>.rs`.

mod audit;
mod correct;
mod decide;
mod indicators;
mod reading;
mod serve;

pub use audit::{Audit, Searched};
use clap::{Args, Parser, Subcommand, ValueEnum};
pub use correct::Correct;
pub use decide::{Decide, Sides};
pub use indicators::Indicators;
pub use reading::{HintArgs, LimitArgs};
pub use serve::{Serve, User, Watch};
use std::path::PathBuf;

/// One hub for a city's departments: read their extracts as they come, find who is who, answer SQL.
#[derive(Debug, Parser)]
#[command(name = "wuwei", version, max_term_width = 100, propagate_version = true)]
pub struct Arguments {
    /// Options that every verb takes.
    #[command(flatten)]
    pub common: Common,
    /// The verb.
    #[command(subcommand)]
    pub verb: Verb,
}

/// Options that every verb takes.
#[derive(Debug, Args)]
pub struct Common {
    /// Folder of the hub's tables, index and audit
    #[arg(long, global = true, env = "WUWEI_DATA", default_value = "wuwei-data", value_name = "DIR")]
    pub data: PathBuf,
    /// Folder of model files to use instead of the ones carried
    #[arg(long, global = true, value_name = "DIR")]
    pub model: Option<PathBuf>,
    /// Folder of department files to use beside the ones carried (instead of them, when --model is given too)
    #[arg(long, global = true, value_name = "DIR")]
    pub departments: Option<PathBuf>,
    /// Folder of indicator files to use instead of the ones carried
    #[arg(long, global = true, value_name = "DIR")]
    pub indicators: Option<PathBuf>,
    /// Folder of policies and purposes to use instead of the ones carried
    #[arg(long, global = true, value_name = "DIR")]
    pub policies: Option<PathBuf>,
    /// What one registration costs, in yuan, for what duplicate ones cost (`quality.duplicate_registration`)
    #[arg(long, global = true, env = "WUWEI_DUPLICATE_YUAN", default_value_t = wuwei_query::DUPLICATE_YUAN, value_name = "YUAN")]
    pub duplicate_yuan: f64,
    /// Print JSON, for programs
    #[arg(long, global = true)]
    pub json: bool,
    /// What the answer is needed for, as registered; written to the audit
    #[arg(long, global = true, default_value = "local operation", value_name = "PURPOSE")]
    pub purpose: String,
    /// Who asks, as case_worker:li@mz; written to the audit. The operator is whoever can read the hub's files, from whom nothing is hidden
    #[arg(long = "as", global = true, default_value = "operator", value_name = "ROLE[:NAME][@DEPARTMENT[/AREA]]")]
    pub principal: String,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Invent a county, load its departments' extracts, resolve, link, index, show the indicators
    Demo(Demo),
    /// Write an invented county's extracts, in each department's own format, with the truth beside them
    Synth {
        /// Number of people
        #[arg(long)]
        people: usize,
        /// Same seed, same bytes
        #[arg(long, default_value_t = 42)]
        seed: u64,
        /// Deliveries, one a month
        #[arg(long, default_value_t = 1)]
        months: u32,
        /// The day of the last delivery [default: 2026-11-01]
        #[arg(long, value_name = "DATE")]
        today: Option<String>,
        /// Write an extract that is off by default as well; may be given several times
        #[arg(long, value_name = "EXTRACT")]
        with: Vec<String>,
        /// Folder to write to
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Say how a file is understood and what would be rejected; load nothing
    Check {
        /// The file, or a ZIP archive of files
        file: PathBuf,
        /// How to read it
        #[command(flatten)]
        hint: HintArgs,
        /// What that may cost
        #[command(flatten)]
        limits: LimitArgs,
    },
    /// Propose what the columns of an unknown file are, with reasons; apply nothing
    Suggest {
        /// The file
        file: PathBuf,
        /// Write the proposal as a department file, called after the department's code, for a person to complete
        #[arg(long, value_name = "CODE.toml")]
        out: Option<PathBuf>,
        /// Hand the file in to the hub with the proposal for --department, to be completed and confirmed on the console by others
        #[arg(long, conflicts_with = "out", requires = "department")]
        save: bool,
        /// How to read it
        #[command(flatten)]
        hint: HintArgs,
        /// What that may cost
        #[command(flatten)]
        limits: LimitArgs,
    },
    /// Load files, or all files of folders; a file is published whole or not at all, and only once
    Ingest {
        /// Files, folders, ZIP archives of files
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Extract to load although it is off by default; of special groups, by whoever answers for it
        #[arg(long, value_name = "EXTRACT")]
        with: Vec<String>,
        /// How to read them
        #[command(flatten)]
        hint: HintArgs,
        /// What that may cost
        #[command(flatten)]
        limits: LimitArgs,
    },
    /// Find out which records are the same person, place, thing or organisation
    Resolve {
        /// Learn by what pairs are weighed of all records that there are, and compare all pairs; else only those that came since
        #[arg(long)]
        anew: bool,
    },
    /// Turn relations between records into relations between entities
    Link,
    /// Build the index of people, homes, vehicles and whatever else is looked for anew; `refresh` writes what changed
    Index,
    /// Resolve, link and index whatever is out of date
    Refresh,
    /// Find people, households, homes, vehicles, schools and organisations by name, pinyin, initials, number or plate, its tail or what is not covered, address
    People {
        /// What is known of them, a year or date of birth too (王伟 1985); `born:1985`, `age:30..40`, `area:9901`, `dept:CODE`, `type:person`, `-word` and
        /// `"word"` narrow it, departments and types by name too
        query: String,
        /// Leave out so many of the first
        #[arg(long, default_value_t = 0)]
        offset: usize,
        /// At most so many
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// Hold a list 名单 against everybody: of each row who it can mean, and in what they agree; nobody is loaded
    CrossReference {
        /// The list: CSV, XLSX or any other form that is read, with headings for names, numbers, phones, addresses, dates of birth
        file: PathBuf,
        /// At most so many for each row
        #[arg(long, default_value_t = 3)]
        limit: usize,
        /// Only of this entity type; else of what its headings speak of (企业名称, 号牌号码), or of those that have names of people
        #[arg(long = "type", value_name = "TYPE")]
        entity: Option<String>,
        /// Form of the answer, one row a match
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
        /// Write to this file instead of standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// What reading it may cost
        #[command(flatten)]
        limits: LimitArgs,
    },
    /// One person, one file 一人一档: every value with its source
    Person {
        /// Entity number, as `people` prints it or once did
        id: i64,
    },
    /// One household, one file 一户一档
    Household {
        /// Entity number of a household, or of one of its members
        id: i64,
    },
    /// Everybody of a room, a unit or a building, now and before
    Place {
        /// An address down to the number of the house at least, or the number of a dwelling
        place: String,
        /// How much of it is meant [default: as much as the address says]
        #[arg(long, value_parser = ["room", "unit", "building"])]
        level: Option<String>,
    },
    /// Ask a department to put right what its record says, see what was asked, settle it
    Correct {
        /// What is to be done
        #[command(subcommand)]
        what: Correct,
    },
    /// What awaits a person's judgement: pairs and clusters in doubt, the greatest gain first, side by side; decisions that wait for a second person
    Review {
        /// Only the first case
        #[arg(long)]
        next: bool,
        /// Only of this entity type
        #[arg(long, value_name = "TYPE")]
        entity: Option<String>,
        /// At most so many cases
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// Write down what a person decided of entities or records; the next refresh carries it out before all else
    Decide {
        /// What was decided
        #[command(subcommand)]
        what: Decide,
    },
    /// Why two records are one or are not: what each comparison adds in bits, identifiers, guard, decisions
    Explain {
        /// A record as r123, or the number of an entity, of whose records the heaviest pair is explained
        left: String,
        /// The other
        right: String,
    },
    /// Stop all processing of a person but storage 限制处理: in no answer from now on; or lift that
    Restrict {
        /// Entity number of the person, or with --lift the number of the restriction
        id: i64,
        /// On what ground, as a file number
        #[arg(long, value_name = "TEXT")]
        ground: String,
        /// End a restriction
        #[arg(long)]
        lift: bool,
    },
    /// Ask in SQL; one SELECT
    Sql(Sql),
    /// The indicators with their lights, of all, of a department or a township; stars, trends
    Indicators(Indicators),
    /// What was loaded or refused, and why; of one job its receipt 回执
    Jobs {
        /// The job's number, for its receipt
        job: Option<u64>,
    },
    /// The rows a job refused, with reasons and proposed repairs
    Rejects {
        /// The job's number, as `jobs` prints it
        job: u64,
        /// Write an XLSX to repair and hand in again
        #[arg(long, value_name = "FILE.xlsx")]
        out: Option<PathBuf>,
    },
    /// Precision, recall and F1 of the present resolution against known truth
    Eval(Eval),
    /// Hand in what departments put into their folders, and run what has its time
    Watch(Watch),
    /// What has its time, when that is next, and what came of it last
    Schedules {
        /// The file of schedules
        file: PathBuf,
    },
    /// Answer over HTTP: REST with OpenAPI, health, metrics
    Serve(Serve),
    /// Who may come in by `serve`: accounts, their passwords and tokens
    User {
        /// What is to be done
        #[command(subcommand)]
        what: User,
    },
    /// Who looked at whom, when and what for: prove that the audit is whole, search it, see its alarms, remove what is old
    Audit {
        /// What is to be done
        #[command(subcommand)]
        what: Audit,
    },
    /// Check that the hub can work here, and say what to do where not
    Doctor,
    /// Read the one file that standard input names, confined; the program starts itself so
    #[command(hide = true)]
    Worker,
    /// Answer the questions that come on standard input, confined; the program starts itself so
    #[command(hide = true)]
    Answerer,
}

/// Which county to invent.
#[derive(Debug, Args)]
pub struct Demo {
    /// Number of people [default: 5000, or as in the county that is there]
    #[arg(long)]
    pub people: Option<usize>,
    /// Same seed, same county, same bytes [default: 42, or as in the county that is there]
    #[arg(long)]
    pub seed: Option<u64>,
    /// End when it is done: without it accounts are made and the county is served, with a link for each of them that comes in once
    #[arg(long)]
    pub no_serve: bool,
    /// Where to answer then, and how much at a time
    #[command(flatten)]
    pub serve: Serve,
}

/// A question in SQL.
#[derive(Debug, Args)]
pub struct Sql {
    /// The question
    #[arg(required_unless_present = "file")]
    pub query: Option<String>,
    /// Read the question from a file
    #[arg(short, long)]
    pub file: Option<PathBuf>,
    /// Form of the answer
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// What the resolution is judged by.
#[derive(Debug, Args)]
pub struct Eval {
    /// The truth that `synth` wrote: truth/records.csv of people, truth/organizations.csv of organisations
    #[arg(long, required_unless_present = "property", conflicts_with = "property")]
    pub truth: Option<PathBuf>,
    /// A property whose equal values are the truth
    #[arg(long)]
    pub property: Option<String>,
    /// The entity type; else the one that the truth file is of, or person
    #[arg(long)]
    pub entity: Option<String>,
    /// Say besides how many of the pairs are found that what is written lets anybody find
    #[arg(long)]
    pub linkable: bool,
}

/// Form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For eyes.
    Table,
    /// One array of objects.
    Json,
    /// UTF-8 with BOM and CRLF, as spreadsheets want it.
    Csv,
    /// A Parquet file; wants --out.
    Parquet,
    /// An Arrow IPC file; wants --out.
    Arrow,
    /// A spreadsheet whose cells are text; wants --out.
    Xlsx,
}
