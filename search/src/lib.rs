//! Finding things by what people have at hand: a name or a part of it, its pinyin or first letters, a character that only sounds alike,
//! a whole number, its last digits or what is not covered of it, an address or a part of one.
//!
//! Arrow batches in, a folder out ([`Writer`]); what somebody typed in, entity numbers out ([`Index`]). Which property is found how is
//! the model's word ([`wuwei_schema::SearchRole`]). A document is of one entity and one department, so an index can be asked as if it had only
//! what whoever asks may see ([`Permit`]), and a hit says by whose word it was found. Nothing of an entity is stored but its number, hits
//! are in a fixed order and nobody is scored. No SQL, no masks and no policies here: whoever shows an entity asks for it elsewhere.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking"))]

mod birth;
mod chip;
mod cross_reference;
mod document;
mod error;
mod facet;
mod folder;
mod gather;
mod hit;
mod index;
#[cfg(test)]
mod leak;
mod listed;
mod look;
mod made;
mod mapped;
mod names;
mod number;
mod permit;
mod place;
mod placed;
mod plate;
#[cfg(test)]
mod recall;
mod recent;
mod sealed;
mod search;
#[cfg(test)]
mod tests;
mod title;
mod token;
mod typed;
mod variant;
mod way;
mod writer;

pub use chip::{Chip, KEYS, UNKNOWN};
pub use cross_reference::{Agreement, Agrees, Compared, Match};
pub use error::Error;
pub use facet::{Count, Facets};
pub use hit::{Class, Hit, MatchedBy};
pub use index::Index;
pub use listed::{Column, Line, MAX_LINES, types_of};
pub use made::Made;
pub use mapped::mapped;
pub use names::Names;
pub use permit::Permit;
pub use place::Spot;
pub use search::{Answer, Ask};
pub use writer::{Changed, Writer};
