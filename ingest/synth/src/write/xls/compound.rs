//! An OLE compound file that holds one stream (MS-CFB, version 3): the stream in sectors one after the other, then the directory, then the
//! table that chains them; the head is written last, when all of it is known.

use std::{
    fs::File,
    io::{self, BufWriter, Seek, SeekFrom, Write},
};

const SECTOR: u64 = 512;

/// Numbers in a sector of the table.
const NUMBERS: u32 = 128;

/// Sectors of the table that the head has room for.
const IN_HEAD: u32 = 109;

/// Streams that are shorter would be kept in another place.
const LEAST: u64 = 4096;

const END: u32 = 0xffff_fffe;
const FREE: u32 = 0xffff_ffff;
const TABLE: u32 = 0xffff_fffd;
const TABLE_OF_TABLE: u32 = 0xffff_fffc;

/// The stream, while it is written.
pub(super) struct Compound {
    file: BufWriter<File>,
    pub(super) length: u64,
}

impl Compound {
    pub(super) fn new(file: File) -> io::Result<Compound> {
        let mut file = BufWriter::new(file);
        file.write_all(&[0; 512])?;
        Ok(Compound { file, length: 0 })
    }

    pub(super) fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.length += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    /// Writes over what was put at that place.
    pub(super) fn mend(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(SECTOR + at))?;
        self.file.write_all(bytes)?;
        self.file.seek(SeekFrom::Start(SECTOR + self.length)).map(|_| ())
    }

    /// Writes what stands around the stream, which is named so.
    pub(super) fn finish(mut self, name: &str) -> io::Result<()> {
        let full = self.length.max(LEAST).next_multiple_of(SECTOR);
        let filling = usize::try_from(full - self.length).unwrap_or(0);
        self.file.write_all(&vec![0; filling])?;
        let body = sectors(full);
        let (table, beyond) = table_size(body + 1);
        self.directory(name, full)?;
        self.table(body, table, beyond)?;
        self.beyond(body + 1, table, beyond)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&head(body, table, beyond))?;
        self.file.flush()
    }

    fn directory(&mut self, name: &str, length: u64) -> io::Result<()> {
        let mut bytes = entry("Root Entry", 5, END, 0, 1);
        bytes.extend(entry(name, 2, 0, length, FREE));
        bytes.extend(entry("", 0, 0, 0, FREE));
        bytes.extend(entry("", 0, 0, 0, FREE));
        self.file.write_all(&bytes)
    }

    /// The sector after each: of the stream, of the directory, of the table itself.
    fn table(&mut self, body: u32, table: u32, beyond: u32) -> io::Result<()> {
        let chained = (1..body).chain([END]).chain([END]);
        let own = std::iter::repeat_n(TABLE, table as usize).chain(std::iter::repeat_n(TABLE_OF_TABLE, beyond as usize));
        let free = std::iter::repeat_n(FREE, (table * NUMBERS - (body + 1 + table + beyond)) as usize);
        chained.chain(own).chain(free).try_for_each(|number| self.file.write_all(&number.to_le_bytes()))
    }

    /// Where the sectors of the table are that the head has no room for.
    fn beyond(&mut self, first: u32, table: u32, beyond: u32) -> io::Result<()> {
        let mut places = (first + IN_HEAD)..(first + table);
        for at in 0..beyond {
            let numbers = (1..NUMBERS).map(|_| places.next().unwrap_or(FREE)).collect::<Vec<u32>>();
            let next = if at + 1 < beyond { first + table + at + 1 } else { END };
            numbers.into_iter().chain([next]).try_for_each(|number| self.file.write_all(&number.to_le_bytes()))?;
        }
        Ok(())
    }
}

fn sectors(length: u64) -> u32 {
    u32::try_from(length / SECTOR).unwrap_or(u32::MAX)
}

/// Sectors that the table takes, itself included, and those that list them beyond the head.
fn table_size(others: u32) -> (u32, u32) {
    let (mut table, mut beyond) = (1, 0);
    while table * NUMBERS < others + table + beyond {
        table += 1;
        beyond = table.saturating_sub(IN_HEAD).div_ceil(NUMBERS - 1);
    }
    (table, beyond)
}

fn head(body: u32, table: u32, beyond: u32) -> Vec<u8> {
    let first = body + 1;
    let mut head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    head.resize(24, 0);
    // Version 3 with low bytes first, sectors of 512 bytes, small ones of 64.
    [0x3e, 3, 0xfffe_u16, 9, 6].iter().for_each(|number| head.extend(number.to_le_bytes()));
    head.resize(44, 0);
    let places = [table, body, 0, 4096, END, 0, if beyond > 0 { first + table } else { END }, beyond];
    places.iter().for_each(|number| head.extend(number.to_le_bytes()));
    let listed = (first..first + table.min(IN_HEAD)).chain(std::iter::repeat(FREE));
    listed.take(IN_HEAD as usize).for_each(|number| head.extend(number.to_le_bytes()));
    head
}

fn entry(name: &str, kind: u8, start: u32, length: u64, child: u32) -> Vec<u8> {
    let mut bytes: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let named = if name.is_empty() { 0 } else { bytes.len() + 2 };
    bytes.resize(64, 0);
    bytes.extend(u16::try_from(named).unwrap_or(0).to_le_bytes());
    bytes.extend([kind, 1]);
    [FREE, FREE, child].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
    bytes.resize(116, 0);
    bytes.extend(start.to_le_bytes());
    bytes.extend(length.to_le_bytes());
    bytes
}
