//! Options of the verbs about the server: where and how much it answers, and who may come in.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Where to answer, and how much at a time.
#[derive(Debug, Args)]
pub struct Serve {
    /// Where to listen; port 0 takes one that is free
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDR")]
    pub http: std::net::SocketAddr,
    /// Where to answer psql and other clients of PostgreSQL too; beyond this machine only with TLS
    #[arg(long, value_name = "ADDR")]
    pub pg: Option<std::net::SocketAddr>,
    /// Where to answer clients of Arrow Flight SQL too; beyond this machine only with TLS
    #[cfg(feature = "flight")]
    #[arg(long, value_name = "ADDR")]
    pub flight: Option<std::net::SocketAddr>,
    /// Certificates, PEM; with it everything is TLS
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Their private key, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Questions that run at once; others wait
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub running: u32,
    /// Requests that one account may make in a minute, over all ways in together; 0 for no bound
    #[arg(long, default_value_t = 6000, value_name = "N")]
    pub rate: u32,
    /// Memory that one question may take before it spills, in MiB
    #[arg(long, default_value_t = 256, value_name = "MIB", value_parser = clap::value_parser!(u64).range(16..))]
    pub memory_mb: u64,
    /// Time that one question may take, in seconds
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..))]
    pub seconds: u64,
    /// GiB that a file may have that is uploaded; all of them together eight times as many
    #[arg(long, default_value_t = 8, value_name = "GIB", value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub upload_gb: u64,
    /// Rows that one answer may have
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub rows: u64,
    /// Folder in which each department has one, called by its code, for files to be handed in by themselves
    #[arg(long, value_name = "DIR")]
    pub watch: Option<PathBuf>,
    /// What is run at its time: a file of schedules
    #[arg(long, value_name = "FILE")]
    pub schedules: Option<PathBuf>,
    /// Roles that sign in with a second factor, with commas between, or `none` [default: as `second_factor.toml` of the policies has it;
    /// nobody in a hub of `wuwei demo`]
    #[arg(long, value_name = "ROLES")]
    pub second_factor: Option<String>,
    /// The provider (OpenID Connect) that accounts of `user add --sign-in oidc` sign in through: a file with `issuer`, `client_id`,
    /// `client_secret_file`, `label` (zh, en) and, if wanted, `address` of this hub, `claim` [default: preferred_username], `scope`,
    /// `certificates`, and `amr` or `acr` under `[second_factor]`
    #[arg(long, value_name = "FILE")]
    pub oidc: Option<PathBuf>,
}

/// Which folders to look into, and what else to run.
#[derive(Debug, Args)]
pub struct Watch {
    /// Folder in which each department has one, called by its code
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// What is run at its time: a file of schedules
    #[arg(long, value_name = "FILE")]
    pub schedules: Option<PathBuf>,
    /// Hand in what lies there now, and end
    #[arg(long)]
    pub once: bool,
    /// What reading one file may cost
    #[command(flatten)]
    pub limits: super::LimitArgs,
}

/// What is done to accounts.
#[derive(Debug, Subcommand)]
pub enum User {
    /// Make an account; its one-time password is printed once, where it has one
    Add {
        /// As the audit will show it
        name: String,
        /// engineer, liaison, case_worker, reviewer, analyst, auditor or admin
        #[arg(long)]
        role: String,
        /// Code of the department that it acts for
        #[arg(long)]
        department: Option<String>,
        /// Beginning of the addresses that it answers for, within its department
        #[arg(long)]
        area: Option<String>,
        /// A purpose that it may state, of those registered for its role; may be given again [default: all of them]
        #[arg(long, value_name = "PURPOSE")]
        only_for: Vec<String>,
        /// How it comes in: by a password of its own, or by the provider of `serve --oidc`, whose claim has its name
        #[arg(long, default_value = "password", value_parser = ["password", "oidc"])]
        sign_in: String,
    },
    /// Give it another role, department, area or purposes; what is not said stays. Its sessions and tokens end, and nobody changes their own
    Assign {
        /// Its name
        name: String,
        /// engineer, liaison, case_worker, reviewer, analyst, auditor or admin
        #[arg(long)]
        role: Option<String>,
        /// Code of the department that it acts for; "" for none
        #[arg(long)]
        department: Option<String>,
        /// Beginning of the addresses that it answers for; "" for all of its department
        #[arg(long)]
        area: Option<String>,
        /// A purpose that it may state; may be given again, "" for all that are registered for its role
        #[arg(long, value_name = "PURPOSE")]
        only_for: Option<Vec<String>>,
    },
    /// Accounts and their tokens, without secrets
    List,
    /// Close an account and its tokens, for the next request on
    Disable {
        /// Its name
        name: String,
    },
    /// Open it again
    Enable {
        /// Its name
        name: String,
    },
    /// Give it a new one-time password; the old one holds no more, nor does the word of a provider
    Reset {
        /// Its name
        name: String,
    },
    /// End its sessions in the browser, wherever they are
    SignOut {
        /// Its name
        name: String,
    },
    /// Take its second factor away, and end its sessions: it sets up another when it next signs in
    ResetSecondFactor {
        /// Its name
        name: String,
    },
    /// Let the provider of `serve --oidc` say who comes: it has no password any more, and whom the provider means is settled at its next
    /// sign-in
    SignInOidc {
        /// Its name
        name: String,
    },
    /// Make a token for a program; it is printed once
    Token {
        /// Whose
        name: String,
        /// What it is for
        #[arg(long, default_value = "")]
        label: String,
        /// Days that it holds
        #[arg(long, default_value_t = 90)]
        days: u32,
    },
    /// Take a token back
    Revoke {
        /// Its number, as `list` prints it
        token: String,
    },
}
