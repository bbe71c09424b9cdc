//! The proof: every entry stands as it was written, from the first that is kept to the last. Segments are walked side by side, since a seal
//! says with which hash its segment begins; memory does not depend on how many there are.

use super::{
    chain::{Brief, START, Walk},
    index,
    seal::Seal,
    segment::{self, OPEN, Standing},
};
use crate::Error;
use serde::Serialize;
use std::{
    fmt,
    str::FromStr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Number and hash of an entry: kept elsewhere, it shows later that nothing up to it was cut off or written anew. As text `12:9f…`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checkpoint {
    /// Number of the entry.
    pub entries: u64,
    /// Its hash.
    pub head: String,
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.entries, self.head)
    }
}

impl FromStr for Checkpoint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Checkpoint, Error> {
        let hexadecimal = |text: &&str| text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let parsed = text.trim().split_once(':').and_then(|(entries, head)| Some((entries.parse().ok()?, Some(head).filter(hexadecimal)?)));
        parsed.map(|(entries, head)| Checkpoint { entries, head: head.to_owned() }).ok_or(Error::Checkpoint)
    }
}

/// What a proven audit holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chain {
    /// Number of entries that were ever written.
    pub entries: u64,
    /// Hash of the last one; keep it elsewhere to prove later that nothing was cut off.
    pub head: String,
    /// Number of sealed segments that were ever made.
    pub segments: u64,
    /// Number of those that were removed, as the audit itself says; their seals stand.
    pub removed: u64,
}

impl Chain {
    /// What to keep elsewhere.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint { entries: self.entries, head: self.head.clone() }
    }
}

/// What the walk over one file found.
#[derive(Debug, Clone, Copy, Default)]
struct Found {
    is_there: bool,
    /// The last segment that it says was removed.
    removed: u64,
}

/// Proves all of it, and that it goes on from a checkpoint.
pub(super) fn verify(standing: &Standing, known: Option<&Checkpoint>) -> Result<Chain, Error> {
    let left = seals(standing)?;
    let found = walked(standing, known)?;
    let (walk, open) = open(standing, &known.into_iter().chain(&left).collect::<Vec<_>>())?;
    let removed = found.iter().map(|found| found.removed).chain([open.removed]).max().unwrap_or_default();
    for (number, found) in (1..).zip(&found) {
        if !found.is_there && number > removed {
            return Err(Error::Chain { place: segment::name(number), detail: "it is missing, and no entry says that it was removed" });
        }
    }
    if let Some(known) = known {
        reached(standing, &found, known, walk.seq)?;
    }
    let gone = found.iter().filter(|found| !found.is_there).count() as u64;
    Ok(Chain { entries: walk.seq, head: walk.head, segments: found.len() as u64, removed: gone })
}

/// Each seal follows from the one before, and the open file names the last. Returns what the open file has to hold besides.
fn seals(standing: &Standing) -> Result<Option<Checkpoint>, Error> {
    let (mut last, mut head, mut before) = (0, START, START);
    for (seal, hash) in &standing.sealed {
        let broken = |detail| Err(Error::Chain { place: format!("segment-{:06}.seal", seal.segment), detail });
        if seal.before != before {
            return broken("it, or the seal before it, was changed");
        }
        if seal.first != last + 1 || seal.last < seal.first || seal.begins != head {
            return broken("it does not go on where the one before ends");
        }
        (last, head, before) = (seal.last, &seal.head, hash);
    }
    match standing.named == before {
        true => beyond(standing),
        false => Err(Error::Chain { place: format!("line 1 of {OPEN}"), detail: "the last seal is not the one that it names" }),
    }
}

/// What a stop while sealing left beside the open file has to be of that file; anything later was once sealed, and `audit.jsonl` put back.
fn beyond(standing: &Standing) -> Result<Option<Checkpoint>, Error> {
    let next = standing.sealed.len() as u64 + 1;
    let is_there = |number| segment::path(&standing.folder, number).exists() || segment::seal_path(&standing.folder, number).exists();
    let put_back = Err(Error::Chain { place: OPEN.to_owned(), detail: "a segment stands that comes after it: an older file was put back" });
    if is_there(next + 1) {
        return put_back;
    }
    match segment::seal(&standing.folder, next) {
        Ok((seal, _)) if seal.last > standing.last => put_back,
        Ok((seal, _)) => Ok(Some(Checkpoint { entries: seal.last, head: seal.head })),
        Err(_) => Ok(None),
    }
}

/// Walks the sealed segments, on as many threads as there are processors.
fn walked(standing: &Standing, known: Option<&Checkpoint>) -> Result<Vec<Found>, Error> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(standing.sealed.len().max(1));
    let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some((seal, hash)) = standing.sealed.get(next.fetch_add(1, Ordering::Relaxed)) {
            let found = sealed(standing, seal, hash, known);
            results.lock().unwrap_or_else(PoisonError::into_inner).push((seal.segment, found));
        }
    };
    std::thread::scope(|scope| (1..threads).map(|_| scope.spawn(work)).chain([scope.spawn(work)]).for_each(drop));
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(segment, _)| *segment);
    results.into_iter().map(|(_, found)| found).collect()
}

fn sealed(standing: &Standing, seal: &Seal, hash: &str, known: Option<&Checkpoint>) -> Result<Found, Error> {
    let name = segment::name(seal.segment);
    let mut walk = Walk::from(seal.first - 1, &seal.begins);
    let (mut found, is_cut) = (Found::default(), standing.is_cut());
    found.is_there = standing
        .each_sealed(seal.segment, 0, |_, line| step(&mut walk, line, &name, known.as_slice(), is_cut.then_some(&mut found.removed)))?;
    if !found.is_there {
        return Ok(found);
    }
    if (walk.seq, &walk.head) != (seal.last, &seal.head) {
        return Err(Error::Chain { place: name, detail: "it does not end where its seal says" });
    }
    match index::is_whole(&standing.folder, seal.segment, hash)? {
        true => Ok(found),
        false => {
            let place = format!("segment-{:06}.index", seal.segment);
            Err(Error::Chain { place, detail: "it is not what was derived from the segment; removed, it is derived anew" })
        }
    }
}

fn open(standing: &Standing, known: &[&Checkpoint]) -> Result<(Walk, Found), Error> {
    let mut walk = standing.sealed.last().map_or_else(|| Walk::from(0, START), |(seal, _)| Walk::from(seal.last, &seal.head));
    let (mut removed, is_cut) = (0, standing.is_cut());
    standing.each_open(0, |_, line| step(&mut walk, line, OPEN, known, is_cut.then_some(&mut removed)))?;
    Ok((walk, Found { is_there: true, removed }))
}

fn step(walk: &mut Walk, line: &[u8], name: &str, known: &[&Checkpoint], removed: Option<&mut u64>) -> Result<(), Error> {
    let number = walk.seq + 1;
    let broken = |detail| Error::Chain { place: format!("entry {number} in {name}"), detail };
    let text = walk.step(line).map_err(broken)?;
    if let Some(removed) = removed {
        let entry: Brief<'_> = serde_json::from_slice(text).map_err(|_| broken("its entry cannot be read"))?;
        *removed = (*removed).max(entry.segment.filter(|_| entry.kind == "prune").unwrap_or_default());
    }
    match known.iter().any(|known| known.entries == number && known.head != walk.head) {
        true => Err(broken("it is another entry than the checkpoint's: the audit was written anew")),
        false => Ok(()),
    }
}

/// Whether the checkpoint was met on the way; one within a removed segment counts by the segment's seal.
fn reached(standing: &Standing, found: &[Found], known: &Checkpoint, last: u64) -> Result<(), Error> {
    if known.entries > last {
        return Err(Error::Chain { place: format!("entry {}", last + 1), detail: "entries that the checkpoint counts are missing" });
    }
    let removed = standing.sealed.iter().zip(found).filter(|(_, found)| !found.is_there).map(|((seal, _), _)| seal);
    for seal in removed.filter(|seal| (seal.first..=seal.last).contains(&known.entries)) {
        if seal.last != known.entries {
            return Err(Error::Chain {
                place: segment::name(seal.segment),
                detail: "the checkpoint is of an entry that was removed since",
            });
        }
        if seal.head != known.head {
            return Err(Error::Chain { place: segment::name(seal.segment), detail: "its seal is another than the checkpoint's" });
        }
    }
    Ok(())
}
