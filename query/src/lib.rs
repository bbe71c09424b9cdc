//! The one door: every question goes through a [`Session`], which cannot be made without a [`Principal`] and a [`Purpose`].
//!
//! The lake's tables are read here and nowhere else. A question is guarded before it is planned, planned over nothing but the objects it
//! names, and in the audit, on disk, before its first row is read; what it really reads goes to the use log, from which the indicators
//! are computed. HTTP, the command line and the clock are not known here.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking"))]

mod audit;
mod barrier;
mod catalogue;
mod chart;
mod comment;
mod door;
mod engine;
mod error;
mod figure;
mod guard;
mod indicator;
mod journal;
mod kept;
mod light;
mod limit;
mod linkage;
mod on_scan;
mod policy;
mod principal;
mod protected;
mod reads;
mod rights;
mod session;
mod shape;
#[cfg(test)]
mod testing;
mod use_log;

pub use audit::{Audit, Chain, Entry};
pub use catalogue::Catalogue;
pub use error::Error;
pub use figure::Figure;
pub use indicator::{DIMENSIONS, Document, Indicator, Indicators, Measure, Origin, Rating, Reason, Stars};
pub use light::{Direction, Light, LightPolicy, Scale, light};
pub use limit::Limits;
pub use policy::Policies;
pub use principal::{Principal, Purpose};
pub use session::{Answer, Batches, Findable, Session, Taken};
pub use wuwei_lake::{Commit, Epoch, Lake, Publisher};
