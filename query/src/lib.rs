//! The one door: every question goes through a [`Session`], which cannot be made without a [`Principal`] and a [`Purpose`].
//!
//! The lake's tables are read here and nowhere else. A question is guarded before it is planned, planned over nothing but the objects it
//! names, and in the audit, on disk, before its first row is read; what it really reads goes to the use log, from which the indicators
//! are computed. HTTP, the command line and the clock are not known here.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking"))]

mod audit;
mod barrier;
mod carried;
mod catalogue;
mod chart;
mod comment;
mod constant;
mod door;
mod elsewhere;
mod engine;
mod error;
mod figure;
mod functions;
mod gather;
mod graph_table;
mod guard;
mod indexes;
mod indicator;
mod journal;
mod kept;
mod light;
mod limit;
mod linkage;
mod memory;
mod on_scan;
mod parameter;
mod policy;
mod postgres;
mod principal;
mod protected;
mod quality;
mod reads;
mod repeated;
mod revealed;
mod rights;
mod session;
mod shape;
mod steps;
mod table_function;
#[cfg(test)]
mod testing;
mod use_log;

pub use audit::{Audit, Chain, Checkpoint, Entry, Hit, Hits, Pruned, RETENTION_DAYS, RETENTION_FLOOR_DAYS, Raised, Seal, Wanted, Watched};
pub use carried::{Carried, carried};
pub use catalogue::Catalogue;
pub use elsewhere::{Asked, Coming, Elsewhere};
pub use engine::{is_idle, stacks_bytes, start_threads};
pub use error::{Error, Told};
pub use figure::Figure;
pub use gather::Asker;
pub use graph_table::patterns;
pub use guard::read_question;
pub use indicator::{DIMENSIONS, Document, Indicator, Indicators, Measure, Origin, Rating, Reason, Stars};
pub use light::{Direction, Light, LightPolicy, Scale, light};
pub use limit::Limits;
pub use parameter::{Described, Parameters, columns as parameter_columns};
pub use policy::{Alarm, Allowance, Counts, Policies, Registered, Within, Written};
pub use postgres::Directory;
pub use principal::{Principal, Purpose};
pub use quality::DUPLICATE_YUAN;
pub use reads::Reads;
pub use session::{
    Answer, AnswerColumn, Batches, Behind, Bounds, Figured, Findable, Foreseen, Found, Hidden, Listed, Look, Masked, Run, Running,
    SeenTable, Session, TableRead, Taken, Withheld,
};
pub use steps::{Operator, Step};
pub use table_function::{Around, AsOf, Neighbour, Stub, Surroundings, Tie};
pub use wuwei_lake::{Commit, Epoch, Lake, Publisher};
