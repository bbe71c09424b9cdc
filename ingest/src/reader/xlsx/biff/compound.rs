//! An OLE compound file: streams of bytes in a file, as small file systems keep them (MS-CFB). Sectors are chained by a table; a chain that
//! leads out of the file or in a circle is damage. Nothing is allocated by a number that the file states, only by what was really read.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

/// The first bytes.
pub(crate) const MAGIC: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// Entries of the directory that are looked at.
const ENTRIES_MAX: usize = 4096;

/// Marks that are no sectors begin here.
const LAST_SECTOR: u32 = 0xffff_fff9;

/// What does not hold.
const STRANGE: &str = "its sectors are not those of a compound file";

fn strange() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, STRANGE)
}

/// An open compound file.
#[derive(Debug)]
pub(crate) struct Compound {
    file: File,
    sector: u64,
    sectors: u64,
    /// The sector after each.
    table: Vec<u32>,
    small_cutoff: u64,
    small_size: u64,
    small_table: Vec<u32>,
    pub(crate) entries: Vec<Entry>,
}

/// A stream, or the root that holds the small ones.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    is_root: bool,
    start: u32,
    size: u64,
}

impl Compound {
    pub(crate) fn open(path: &Path) -> io::Result<Compound> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut head = [0; 512];
        file.read_exact(&mut head).map_err(|_| strange())?;
        let (shift, small_shift) = (pair(&head, 30), pair(&head, 32));
        if !head.starts_with(MAGIC) || !matches!(shift, 9 | 12) || small_shift != 6 {
            return Err(strange());
        }
        let sector = 1 << shift;
        let mut compound = Compound {
            file,
            sector,
            sectors: length.div_ceil(sector).saturating_sub(1),
            table: Vec::new(),
            small_cutoff: u64::from(four(&head, 56)),
            small_size: 1 << small_shift,
            small_table: Vec::new(),
            entries: Vec::new(),
        };
        compound.read_table(&head)?;
        compound.read_directory(four(&head, 48))?;
        let small = compound.chain(four(&head, 60))?;
        compound.small_table = compound.numbers(&small)?;
        Ok(compound)
    }

    /// The entry of that name, in whatever case.
    pub(crate) fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// The name of the stream that is a workbook of 1997 or later.
    pub(crate) fn workbook(&self) -> Option<&str> {
        self.entry("Workbook").map(|entry| entry.name.as_str())
    }

    /// The bytes of an entry, to be read from anywhere.
    pub(crate) fn stream(mut self, name: &str) -> io::Result<Stream> {
        let entry = self.entry(name).cloned().ok_or_else(strange)?;
        let is_small = entry.size < self.small_cutoff;
        let pieces = if is_small { self.small_pieces(&entry)? } else { self.places(&self.chain(entry.start)?) };
        let size = if is_small { self.small_size } else { self.sector };
        let held = (pieces.len() as u64).saturating_mul(size);
        if held < entry.size {
            return Err(strange());
        }
        let file = self.file.try_clone()?;
        Ok(Stream { file, pieces, size, length: entry.size, at: 0, buffer: Vec::new(), buffered: None })
    }

    /// The table that chains sectors: its own sectors are listed in the head, and in sectors that the head names.
    fn read_table(&mut self, head: &[u8]) -> io::Result<()> {
        let mut places: Vec<u32> = (0..109).map(|at| four(head, 76 + at * 4)).collect();
        let (mut next, mut seen) = (four(head, 68), 0);
        while next < LAST_SECTOR {
            seen += 1;
            let more = self.numbers(&[next])?;
            let (list, after) = more.split_at(more.len() - 1);
            places.extend(list);
            next = after[0];
            if seen > self.sectors {
                return Err(strange());
            }
        }
        places.retain(|place| *place < LAST_SECTOR);
        places.truncate(usize::try_from(self.sectors).unwrap_or(usize::MAX));
        self.table = self.numbers(&places)?;
        Ok(())
    }

    fn read_directory(&mut self, start: u32) -> io::Result<()> {
        let chain = self.chain(start)?;
        let mut bytes = vec![0; usize::try_from(self.sector).unwrap_or(512)];
        for sector in chain {
            self.read_sector(sector, &mut bytes)?;
            for entry in bytes.chunks_exact(128).filter(|entry| matches!(entry[66], 2 | 5)) {
                let units: Vec<u16> = entry[..64].chunks_exact(2).map(|unit| pair(unit, 0)).take_while(|unit| *unit != 0).collect();
                // Files of version 3 may have anything in the upper half of the size.
                let size = if self.sector == 512 { 0 } else { u64::from(four(entry, 124)) << 32 };
                self.entries.push(Entry {
                    name: String::from_utf16_lossy(&units),
                    is_root: entry[66] == 5,
                    start: four(entry, 116),
                    size: size | u64::from(four(entry, 120)),
                });
            }
            if self.entries.len() > ENTRIES_MAX {
                return Err(strange());
            }
        }
        Ok(())
    }

    /// The sectors of a chain, in order.
    fn chain(&self, start: u32) -> io::Result<Vec<u32>> {
        follow(&self.table, start, self.sectors)
    }

    fn places(&self, chain: &[u32]) -> Vec<u64> {
        chain.iter().map(|sector| (u64::from(*sector) + 1) * self.sector).collect()
    }

    /// Where the pieces of a small stream stand in the file: in the stream of the root, which is cut small.
    fn small_pieces(&mut self, entry: &Entry) -> io::Result<Vec<u64>> {
        let root = self.entries.iter().find(|entry| entry.is_root).ok_or_else(strange)?;
        let holder = self.places(&self.chain(root.start)?);
        let chain = follow(&self.small_table, entry.start, self.small_table.len() as u64)?;
        let place = |small: &u32| {
            let at = u64::from(*small) * self.small_size;
            let sector = usize::try_from(at / self.sector).ok().and_then(|sector| holder.get(sector));
            sector.map(|sector| sector + at % self.sector).ok_or_else(strange)
        };
        chain.iter().map(place).collect()
    }

    /// All numbers in these sectors.
    fn numbers(&mut self, sectors: &[u32]) -> io::Result<Vec<u32>> {
        let mut bytes = vec![0; usize::try_from(self.sector).unwrap_or(512)];
        let mut numbers = Vec::new();
        for sector in sectors {
            self.read_sector(*sector, &mut bytes)?;
            numbers.extend(bytes.chunks_exact(4).map(|bytes| four(bytes, 0)));
        }
        Ok(numbers)
    }

    fn read_sector(&mut self, sector: u32, bytes: &mut [u8]) -> io::Result<()> {
        read_at(&mut self.file, (u64::from(sector) + 1) * self.sector, bytes)
    }
}

/// The places that a table chains; as many as there are at most.
fn follow(table: &[u32], start: u32, most: u64) -> io::Result<Vec<u32>> {
    let (mut chain, mut next) = (Vec::new(), start);
    while next < LAST_SECTOR {
        chain.push(next);
        if chain.len() as u64 > most {
            return Err(strange());
        }
        next = table.get(next as usize).copied().ok_or_else(strange)?;
    }
    Ok(chain)
}

/// Reads what is there; the last sector of a file may be cut short, and what is missing is zero.
fn read_at(file: &mut File, at: u64, bytes: &mut [u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(at))?;
    let mut filled = 0;
    while filled < bytes.len() {
        match crate::decode::read_some(file, &mut bytes[filled..])? {
            0 if filled == 0 => return Err(strange()),
            0 => break,
            count => filled += count,
        }
    }
    bytes[filled..].fill(0);
    Ok(())
}

/// A stream of a compound file.
#[derive(Debug)]
pub(crate) struct Stream {
    file: File,
    /// Where its pieces stand in the file.
    pieces: Vec<u64>,
    size: u64,
    pub(crate) length: u64,
    at: u64,
    buffer: Vec<u8>,
    /// Which piece the buffer begins with.
    buffered: Option<u64>,
}

impl Stream {
    pub(crate) fn turn_to(&mut self, at: u64) {
        self.at = at;
    }

    pub(crate) fn place(&self) -> u64 {
        self.at
    }

    /// The piece that holds the present place, with those that stand behind it in the file, up to 64 KiB.
    fn fill(&mut self, piece: u64) -> io::Result<()> {
        let first = usize::try_from(piece).unwrap_or(usize::MAX);
        let follows = |pair: &&[u64]| pair[1] == pair[0] + self.size;
        let most = usize::try_from((1 << 16) / self.size).unwrap_or(1);
        let run = 1 + self.pieces[first..].windows(2).take(most.saturating_sub(1)).take_while(follows).count();
        self.buffer.resize(run * usize::try_from(self.size).unwrap_or(512), 0);
        self.buffered = Some(piece);
        read_at(&mut self.file, self.pieces[first], &mut self.buffer)
    }
}

impl Read for Stream {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = self.length.saturating_sub(self.at);
        if left == 0 || out.is_empty() {
            return Ok(0);
        }
        let start = |piece: u64| piece * self.size;
        let holds = |first: u64| (start(first)..start(first) + self.buffer.len() as u64).contains(&self.at);
        if !self.buffered.is_some_and(holds) {
            self.fill(self.at / self.size)?;
        }
        let from = self.at - self.buffered.unwrap_or(0) * self.size;
        let ready = &self.buffer[usize::try_from(from).unwrap_or(usize::MAX)..];
        let count = ready.len().min(out.len()).min(usize::try_from(left).unwrap_or(usize::MAX));
        out[..count].copy_from_slice(&ready[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

pub(super) fn pair(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|pair| pair.try_into().ok()).map_or(0, u16::from_le_bytes)
}

pub(super) fn four(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_le_bytes)
}
