//! The product: what ties the rooms together and speaks to people. It alone knows the command line, JSON, the clock and the
//! environment; everything below takes time, folders and randomness as arguments, so that a run can be repeated.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking"))]

mod account;
pub mod asked;
mod catalogue;
mod cells;
pub mod cli;
mod clock;
pub mod command;
mod confined;
mod console;
mod correction;
mod definitions;
mod error;
mod export;
pub mod file;
#[cfg(feature = "flight")]
mod flight;
mod gather;
mod given;
mod hub;
mod jobs;
mod notices;
mod oidc;
pub mod output;
mod picture;
mod pipeline;
mod postgres;
pub mod processor;
mod remembered;
mod repair;
mod schedule;
mod serve;
mod spill;
mod template;
mod upload;
mod watch;
pub mod worker;

pub use error::Error;
