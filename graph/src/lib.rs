//! Who is who, and what is tied to what. Records go in as Arrow batches; links between records and entities, edges between entities and
//! files about one entity come out. All of it are functions of their input: the same records give the same result bit for bit, in
//! whatever order they arrive.
//!
//! *Tier 0* joins records that share an identifier, if the guard does not object; *tier 1* weighs the rest (Fellegi–Sunter). What a
//! department is, where tables lie and who is asking is not known here. Nothing in this room does I/O or is async.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking"))]

mod batch;
mod block;
mod change;
mod cluster;
mod column;
mod compare;
mod copies;
#[cfg(test)]
mod county;
pub mod csr;
pub mod decision;
mod error;
mod evaluate;
mod explain;
mod facts;
mod file;
mod frequency;
pub mod functions;
mod guard;
mod household;
pub mod identity;
mod key;
mod link;
mod model;
mod parallel;
mod rarity;
mod registration;
mod resolve;
mod review;
mod said;
mod seam;
mod sign;
mod survive;
mod tier0;
mod timeline;
mod train;
mod weigh;

pub use block::KeyReport;
pub use decision::{DecisionReport, Decisions, Verdict};
pub use error::Error;
pub use evaluate::{
    Between, Conflicts, Evidence, Interval, Intervals, Labelled, Linkable, Mixed, Score, Scores, conflicts, evaluate, judge,
};
pub use explain::{Carrying, Compared, Explanation, Obstacles, SharedIdentifier, Step, chain, explain, in_common, looked_up, obstacles};
pub use file::{Asserted, Dated, EntityFile, Gathered, KeptPair, Merged, MergedRecord, PropertyFile, Related, Rule, Source, entity_file};
pub use guard::Objection;
pub use household::{HouseholdFile, Joint, Member, household_file, residents};
pub use link::{Belonging, LinkReport, Linked, link};
pub use model::MatchModel;
pub use registration::registrations;
pub use resolve::{
    Before, Experiment, KEPT, KeptPairs, Links, PropertyWeight, Resolution, ResolutionReport, WEIGHING, Way, columns_needed, resolve,
    resolve_since, resolve_with,
};
pub use review::{Case, Doubt, cases};
pub use said::Said;
pub use seam::{Seam, Tie};
pub use survive::Stated;
pub use tier0::{IdentifyReport, Shared};
pub use weigh::Learned;

pub use file::{HOUSEHOLD, RESIDENCE};
