//! The form of a line, and how each is bound to all before it. What entries say is not known here but for their numbers.
//!
//! A line is `{"hash":"<64 hexadecimal digits>","entry":{…}}`, the hash being SHA-256 over the hash of the line before (64 zeros for the
//! first) and the bytes of the entry. So a hash and a number stand for every byte before them.

use super::Entry;
use crate::Error;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::{borrow::Cow, io::BufRead};

/// The hash before the first entry.
pub(crate) const START: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const BEFORE_HASH: &[u8] = b"{\"hash\":\"";
const BEFORE_ENTRY: &[u8] = b"\",\"entry\":";

/// What of an entry sealing and the proof look at.
#[derive(Debug, Deserialize)]
pub(super) struct Brief<'a> {
    pub(super) at: i64,
    #[serde(borrow)]
    pub(super) kind: Cow<'a, str>,
    pub(super) segment: Option<u64>,
}

/// A walk over lines that proves each.
#[derive(Debug, Clone)]
pub(super) struct Walk {
    /// Number of the last entry proven.
    pub(super) seq: u64,
    /// Its hash.
    pub(super) head: String,
}

impl Walk {
    pub(super) fn from(seq: u64, head: &str) -> Walk {
        Walk { seq, head: head.to_owned() }
    }

    /// Proves the next line, given without its newline; returns the bytes of its entry, of which nothing but the number is read.
    pub(super) fn step<'a>(&mut self, line: &'a [u8]) -> Result<&'a [u8], &'static str> {
        let (hash, text) = parts(line).ok_or("it is no line of an audit")?;
        let bound = bound(&self.head, text);
        if hash != bound.as_bytes() {
            return Err("it was changed, or a line before it changed, is missing or was added");
        }
        let number = self.seq + 1;
        if !text.starts_with(format!("{{\"seq\":{number},").as_bytes()) {
            return Err("its number is not the next");
        }
        (self.seq, self.head) = (number, bound);
        Ok(text)
    }
}

/// Calls back with every whole line and the place where it begins.
pub(super) fn each_line<E>(
    mut from: impl BufRead,
    failed: impl Fn(std::io::Error) -> E,
    mut each: impl FnMut(u64, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let (mut line, mut place) = (Vec::new(), 0);
    loop {
        line.clear();
        let count = from.read_until(b'\n', &mut line).map_err(&failed)?;
        if count == 0 {
            return Ok(());
        }
        each(place, line.strip_suffix(b"\n").unwrap_or(&line))?;
        place += count as u64;
    }
}

/// SHA-256 over the hash before and an entry, in hexadecimal digits.
pub(super) fn bound(head: &str, text: &[u8]) -> String {
    hexadecimal(Sha256::new().chain_update(head).chain_update(text))
}

/// A line of the file, with its newline.
pub(super) fn line(hash: &str, text: &str) -> String {
    format!("{{\"hash\":\"{hash}\",\"entry\":{text}}}\n")
}

/// Hash and entry of a line, as the bytes that they are.
pub(super) fn parts(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (hash, rest) = line.strip_prefix(BEFORE_HASH)?.split_at_checked(64)?;
    Some((hash, rest.strip_prefix(BEFORE_ENTRY)?.strip_suffix(b"}")?))
}

/// The entry of a line, and its hash.
pub(super) fn entry_of(line: &[u8]) -> Option<(Entry, String)> {
    let (hash, text) = parts(line)?;
    Some((serde_json::from_slice(text).ok()?, String::from_utf8(hash.to_vec()).ok()?))
}

/// The entry of a line that has to be one.
pub(super) fn entry_at(place: &str, line: &str) -> Result<(Entry, String), Error> {
    entry_of(line.as_bytes()).ok_or_else(|| Error::Chain { place: place.to_owned(), detail: "it is no entry" })
}

/// A hash in hexadecimal digits.
pub(super) fn hexadecimal(hash: Sha256) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(64);
    for byte in hash.finalize() {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// SHA-256 of bytes, in hexadecimal digits.
pub(super) fn hash_of(bytes: &[u8]) -> String {
    hexadecimal(Sha256::new().chain_update(bytes))
}
