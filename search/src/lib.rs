//! Finding things by what people have at hand: a name or a part of it, its pinyin or first letters, a character that only sounds alike,
//! a whole number or its last digits.
//!
//! Arrow batches in, a folder out ([`Writer`]); what somebody typed in, entity numbers out ([`Index`]). Which property is found how is
//! the model's word ([`wuwei_schema::SearchRole`]). Nothing of an entity is stored but its number, hits are in a fixed order and nobody
//! is scored. No SQL, no masks and no permissions here: whoever shows an entity asks for it elsewhere.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking"))]

mod document;
mod error;
mod hit;
mod index;
mod look;
mod search;
#[cfg(test)]
mod tests;
mod token;
mod typed;

pub use error::Error;
pub use hit::{Class, Hit};
pub use index::{Index, Writer};
