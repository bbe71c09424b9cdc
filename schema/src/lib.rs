//! What things are: the vocabulary of the hub and the contract between its stages.
//!
//! Five categories: 人 person, 地 place, 事 event, 物 object, 组织 organisation. A *record* is what one row of one department's extract
//! asserts of one thing; an *entity* is the thing, with all its records; a *relation* ties two of them, dated and directed. Types are
//! files (`model/*.toml`), and so are code lists (`codes/*.csv`); no Rust type here is called after a thing of the world.
//!
//! Nothing in this room does I/O, is async or knows a query engine.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking"))]

pub mod calendar;
pub mod codes;
pub mod contract;
pub mod division;
mod entity;
mod error;
pub mod history;
pub mod kind;
pub mod learned;
mod matching;
mod model;
mod notice;
pub mod private;
mod relation;
pub mod table;

pub use codes::{CodeList, Codes};
pub use entity::{Category, EntityType, Property, SearchRole, Sensitivity};
pub use error::{Error, nearest};
pub use kind::{Fault, Kind};
pub use matching::{Form, KeyPart, Matching};
pub use model::{Label, Model, SourceFile};
pub use notice::Notice;
pub use relation::RelationType;
