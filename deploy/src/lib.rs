//! The product: what ties the rooms together and speaks to people. It alone knows the command line, JSON, the clock and the
//! environment; everything below takes time, folders and randomness as arguments, so that a run can be repeated.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking"))]

pub mod catalogue;
pub mod cli;
pub mod clock;
pub mod command;
pub mod definitions;
mod error;
pub mod export;
pub mod gather;
pub mod hub;
pub mod jobs;
pub mod output;
pub mod pipeline;

pub use error::Error;
