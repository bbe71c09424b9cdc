//! The whole, from outside: the program is run as its users run it, on a hub of its own each time. What one room computes is tested in
//! that room.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "a test fails by panicking")]

mod archives;
#[cfg(target_os = "linux")]
mod asked;
mod audit;
mod bad_input;
mod console;
mod crash;
mod cross_reference;
mod deliveries;
mod documented;
mod elsewhere;
#[cfg(target_os = "linux")]
mod faults;
mod files;
mod folder;
mod graph;
#[cfg(target_os = "linux")]
mod hostile;
mod identity;
mod indicators;
mod linkage;
mod policy;
mod review;
mod serve;
mod sql;
mod suggest;
mod support;
mod tidy;
mod together;
mod verbs;
mod watch;
