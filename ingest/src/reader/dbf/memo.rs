//! The memo file beside a table: texts of any length, in blocks that cells name by number. Every number is held against the file's length
//! before anything is read.

use super::super::records::CELL_MAX;
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

/// Bytes of a block where the file does not state them.
const BLOCK: u64 = 512;

/// What ends a memo of dBASE III.
const END: u8 = 0x1a;

/// A memo file, open.
#[derive(Debug)]
pub(super) struct Memo {
    file: File,
    length: u64,
    block: u64,
    kind: Kind,
    /// Bytes that may still be read: records that name the same memos over and over would cost time without end.
    budget: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// dBASE III: text up to a mark.
    Marked,
    /// dBASE IV and later: a length of four bytes, low byte first, that counts its own eight bytes.
    Counted,
    /// FoxPro: a type and a length, high byte first.
    FoxPro,
}

/// The memo file that lies beside a table: its name with another ending. A link is none, since it may lead anywhere.
pub fn beside(path: &Path) -> Option<PathBuf> {
    let endings = ["fpt", "FPT", "Fpt", "dbt", "DBT", "Dbt"];
    let is_file = |path: &PathBuf| std::fs::symlink_metadata(path).is_ok_and(|data| data.is_file());
    endings.into_iter().map(|ending| path.with_extension(ending)).find(is_file)
}

impl Memo {
    pub(super) fn open(path: &Path, version: u8) -> io::Result<Memo> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut head = Vec::new();
        file.by_ref().take(24).read_to_end(&mut head)?;
        let is_foxpro = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("fpt"));
        let pair = |at: usize| [head.get(at).copied().unwrap_or(0), head.get(at + 1).copied().unwrap_or(0)];
        let (kind, block) = match () {
            () if is_foxpro => (Kind::FoxPro, u64::from(u16::from_be_bytes(pair(6)))),
            () if version == 0x83 => (Kind::Marked, BLOCK),
            () => (Kind::Counted, u64::from(u16::from_le_bytes(pair(20)))),
        };
        // FoxPro counts in single bytes when it is told to use blocks of none.
        let block = if block > 0 {
            block
        } else if is_foxpro {
            1
        } else {
            BLOCK
        };
        Ok(Memo { file, length, block, kind, budget: length.saturating_mul(4).saturating_add(CELL_MAX as u64) })
    }

    /// The bytes of a memo in place of what `out` holds; false when there are none at that number, or too many.
    pub(super) fn read(&mut self, number: u64, out: &mut Vec<u8>) -> io::Result<bool> {
        out.clear();
        let is_there = self.find(number, out)?;
        let left = self.budget.checked_sub(out.len() as u64);
        self.budget = left.unwrap_or(0);
        Ok(is_there && left.is_some())
    }

    fn find(&mut self, number: u64, out: &mut Vec<u8>) -> io::Result<bool> {
        let is_in = |start: &u64| *start < self.length && self.budget > 0;
        let Some(start) = number.checked_mul(self.block).filter(is_in) else { return Ok(false) };
        self.file.seek(SeekFrom::Start(start))?;
        if self.kind == Kind::Marked {
            return self.marked(out);
        }
        let mut head = [0; 8];
        if self.length - start < 8 {
            return Ok(false);
        }
        self.file.read_exact(&mut head)?;
        let tail = [head[4], head[5], head[6], head[7]];
        let (size, is_text) = match self.kind {
            Kind::FoxPro => (u64::from(u32::from_be_bytes(tail)), head[..4] == [0, 0, 0, 1]),
            _ if head[..3] == [0xff, 0xff, 0x08] => (u64::from(u32::from_le_bytes(tail)).saturating_sub(8), true),
            _ => {
                self.file.seek(SeekFrom::Start(start))?;
                return self.marked(out);
            }
        };
        if !is_text {
            return Ok(true);
        }
        if size > self.length - start - 8 || size > CELL_MAX as u64 {
            return Ok(false);
        }
        self.file.by_ref().take(size).read_to_end(out)?;
        Ok(true)
    }

    fn marked(&mut self, out: &mut Vec<u8>) -> io::Result<bool> {
        let mut piece = [0; 512];
        loop {
            let count = crate::decode::read_some(&mut self.file, &mut piece)?;
            let end = piece[..count].iter().position(|byte| *byte == END);
            out.extend_from_slice(&piece[..end.unwrap_or(count)]);
            match () {
                () if end.is_some() => return Ok(true),
                () if count == 0 || out.len() > CELL_MAX => return Ok(false),
                () => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::sample::Folder;

    fn memo(name: &str, version: u8, bytes: &[u8], number: u64) -> Option<Vec<u8>> {
        let folder = Folder::new();
        let mut out = vec![9];
        let mut memo = Memo::open(&folder.write(name, bytes), version).unwrap();
        memo.read(number, &mut out).unwrap().then_some(out)
    }

    #[test]
    fn a_memo_is_read_in_each_way_they_are_written() {
        let marked = [vec![0; 512], b"first\x1a\x1a".to_vec()].concat();
        assert_eq!(memo("a.dbt", 0x83, &marked, 1).unwrap(), b"first");
        let counted = [vec![0; 512], b"\xff\xff\x08\0\x0d\0\0\0fifthXX".to_vec()].concat();
        assert_eq!(memo("a.dbt", 0x8b, &counted, 1).unwrap(), b"fifth");
        let foxpro = [b"\0\0\0\x02\0\0\0\x40".to_vec(), vec![0; 120], b"\0\0\0\x01\0\0\0\x03fox".to_vec()].concat();
        assert_eq!(memo("a.FPT", 0xf5, &foxpro, 2).unwrap(), b"fox");
    }

    #[test]
    fn a_memo_that_its_file_does_not_have_is_none() {
        let lying = [b"\0\0\0\x02\0\0\0\x40".to_vec(), vec![0; 56], b"\0\0\0\x01\xff\xff\xff\xfffox".to_vec()].concat();
        assert_eq!(memo("a.fpt", 0xf5, &lying, 1), None);
        assert_eq!(memo("a.fpt", 0xf5, &lying, 1 << 60), None);
        assert_eq!(memo("a.dbt", 0x83, &[b'x'; 700], 1), None);
    }
}
