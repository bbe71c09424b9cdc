//! A whole file counted in one encoding, both halves of a large one at once. Cut is behind a line break, which is no part of a character
//! in any encoding but UTF-16. What the counts mean is not asked here.

use super::tally::Tally;
use crate::{
    Error,
    decode::{PIECE, read_some},
};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use memchr::memchr;
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    thread,
};

/// Bytes from which on it pays to start a thread.
const LARGE: u64 = 8 << 20;

/// Bytes behind the middle in which a line break is looked for.
const SOUGHT: u64 = 1 << 20;

/// What all bytes of a file are in that encoding.
pub(super) fn count(path: &Path, encoding: &'static Encoding) -> Result<Tally, Error> {
    let failed = |error: io::Error| Error::file(path, &error);
    let Some(middle) = middle(path, encoding).map_err(failed)? else {
        return half(path, Tally::new(encoding), 0, u64::MAX).map_err(failed);
    };
    thread::scope(|scope| {
        let second = || half(path, Tally::within(encoding), middle, u64::MAX);
        let counting = thread::Builder::new().name("count".to_owned()).spawn_scoped(scope, second);
        let first = half(path, Tally::new(encoding), 0, middle);
        let second = match counting {
            Ok(counting) => counting.join().unwrap_or_else(|broken| std::panic::resume_unwind(broken)),
            Err(_) => second(),
        };
        Ok(first.map_err(failed)?.and(&second.map_err(failed)?))
    })
}

/// Where the second half begins, if there is to be one.
fn middle(path: &Path, encoding: &'static Encoding) -> io::Result<Option<u64>> {
    let mut file = File::open(path)?;
    let bytes = file.metadata()?.len();
    if bytes < LARGE || encoding == UTF_16LE || encoding == UTF_16BE {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(bytes / 2))?;
    let mut ahead = Vec::new();
    file.take(SOUGHT).read_to_end(&mut ahead)?;
    Ok(memchr(b'\n', &ahead).map(|at| bytes / 2 + at as u64 + 1))
}

fn half(path: &Path, mut tally: Tally, from: u64, to: u64) -> io::Result<Tally> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = file.take(to - from);
    let mut piece = vec![0; PIECE];
    loop {
        let count = read_some(&mut bytes, &mut piece)?;
        tally.feed(&piece[..count], count == 0);
        if count == 0 {
            return Ok(tally);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::sample::Folder;
    use encoding_rs::GB18030;

    #[test]
    fn two_halves_are_one_whole() {
        let folder = Folder::new();
        let row = |number: usize| match number % 5000 {
            7 => b"\x81\n".to_vec(),
            8 => "王小明,东街\n".as_bytes().to_vec(),
            _ => GB18030.encode(&format!("{number},王小明,云溪县城关镇\u{e000}人民路12号\n")).0.into_owned(),
        };
        let path = folder.write("a.csv", (0..250_000).flat_map(row).collect::<Vec<u8>>());
        assert!(middle(&path, GB18030).unwrap().is_some_and(|middle| middle > LARGE / 2));
        let (halves, whole) = (count(&path, GB18030).unwrap(), half(&path, Tally::new(GB18030), 0, u64::MAX).unwrap());
        let told = |tally: &Tally| {
            let lines = [tally.lines.all, tally.lines.broken, tally.lines.utf8];
            let places = [tally.malformed(), tally.transcoder.first_malformed.unwrap()];
            (lines, places, [tally.characters, tally.wide, tally.long, tally.private])
        };
        assert_eq!(told(&halves), told(&whole));
        assert_eq!(told(&whole).0, [250_000, 50, 50]);
    }
}
