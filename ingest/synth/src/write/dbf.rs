//! Tables of dBASE III: text columns whose widths are bytes. A header states widths before the first row is known, so rows wait in a file
//! beside until the last one; memory does not grow with them. A blank row is written as departments leave one: as a deleted record, in which
//! the row before it can still be read.

use super::{Place, Table};
use crate::{calendar::TODAY, dirt::Cell, error::Error};
use encoding_rs::{BIG5, GB18030, UTF_8};
use std::{
    fs::File,
    io::{BufReader, BufWriter, Read, Write as _},
    path::{Path, PathBuf},
};
use wuwei_ingest::{Encoding, Extract};

/// Widths that people give columns; the last is the most that there can be.
const WIDTHS: [u8; 14] = [1, 2, 6, 8, 10, 12, 18, 20, 30, 40, 60, 100, 160, 254];

/// Bytes of a column's name.
const NAME: usize = 10;

pub(super) struct Dbf<'a> {
    path: PathBuf,
    spool: PathBuf,
    waiting: BufWriter<File>,
    extract: &'a Extract,
    /// The most bytes that each column had.
    longest: Vec<usize>,
    record: Vec<u8>,
    rows: u32,
}

impl<'a> Dbf<'a> {
    pub(super) fn create(folder: &Path, extract: &'a Extract) -> Result<Dbf<'a>, Error> {
        let path = folder.join(format!("{}.dbf", extract.name));
        let spool = folder.join(format!("{}.dbf.rows", extract.name));
        let waiting = BufWriter::new(File::create(&spool).map_err(Error::file("create", &spool))?);
        Ok(Dbf { path, spool, waiting, extract, longest: vec![0; extract.columns.len()], record: Vec::new(), rows: 0 })
    }

    fn encode(&self, text: &str) -> Vec<u8> {
        let encoding = match self.extract.encoding {
            Encoding::Utf8 => UTF_8,
            Encoding::Big5 => BIG5,
            Encoding::Gb18030 | Encoding::Utf16 => GB18030,
        };
        encoding.encode(text).0.into_owned()
    }

    fn widths(&self) -> Vec<u8> {
        let wide_enough = |longest: &usize| WIDTHS.into_iter().find(|width| usize::from(*width) >= *longest).unwrap_or(254);
        self.longest.iter().map(wide_enough).collect()
    }

    fn header(&self, widths: &[u8]) -> Vec<u8> {
        let (year, month, day) = TODAY.civil();
        let mut bytes = vec![3];
        bytes.extend([year - 1900, month, day].map(|part| u8::try_from(part).unwrap_or(0)));
        bytes.extend(self.rows.to_le_bytes());
        let length = 33 + 32 * widths.len();
        let record = 1 + widths.iter().map(|width| usize::from(*width)).sum::<usize>();
        for size in [length, record] {
            bytes.extend(u16::try_from(size).unwrap_or(u16::MAX).to_le_bytes());
        }
        // The language byte stays 0, as in most tables that are sent.
        bytes.resize(32, 0);
        for (column, width) in self.extract.columns.iter().zip(widths) {
            let start = bytes.len();
            bytes.extend(cut(&self.encode(column), column, NAME, |text| self.encode(text)));
            bytes.resize(start + 11, 0);
            bytes.extend([b'C', 0, 0, 0, 0, *width]);
            bytes.resize(start + 32, 0);
        }
        bytes.push(0x0d);
        bytes
    }

    /// Writes the table from the rows that wait.
    fn settle(&self) -> std::io::Result<()> {
        let widths = self.widths();
        let mut file = BufWriter::new(File::create(&self.path)?);
        file.write_all(&self.header(&widths))?;
        let mut rows = BufReader::new(File::open(&self.spool)?);
        let (mut size, mut bytes) = ([0; 4], Vec::new());
        for _ in 0..self.rows {
            let mut mark = [0];
            rows.read_exact(&mut mark)?;
            file.write_all(&mark)?;
            for width in widths.iter().map(|width| usize::from(*width)) {
                rows.read_exact(&mut size)?;
                bytes.resize(u32::from_le_bytes(size) as usize, 0);
                rows.read_exact(&mut bytes)?;
                // What is longer is cut in the midst of a character, as programs do.
                bytes.resize(width, b' ');
                file.write_all(&bytes)?;
            }
        }
        file.write_all(&[0x1a])?;
        file.flush()?;
        std::fs::remove_file(&self.spool)
    }
}

/// The bytes of a name, as many as are whole characters within the limit.
fn cut(whole: &[u8], name: &str, limit: usize, encode: impl Fn(&str) -> Vec<u8>) -> Vec<u8> {
    if whole.len() <= limit {
        return whole.to_vec();
    }
    let ends = name.char_indices().map(|(at, _)| encode(&name[..at]));
    ends.take_while(|bytes| bytes.len() <= limit).last().unwrap_or_default()
}

impl Table for Dbf<'_> {
    fn row(&mut self, cells: &[Cell]) -> Result<Place, Error> {
        let is_blank = cells.iter().all(Cell::is_empty);
        if is_blank && !self.record.is_empty() {
            self.record[0] = b'*';
        } else {
            self.record.clear();
            self.record.push(if is_blank { b'*' } else { b' ' });
            for (column, cell) in cells.iter().enumerate() {
                let bytes = self.encode(&cell.clone().into_text());
                self.longest[column] = self.longest[column].max(bytes.len());
                self.record.extend(u32::try_from(bytes.len()).unwrap_or(0).to_le_bytes());
                self.record.extend(bytes);
            }
        }
        self.waiting.write_all(&self.record).map_err(Error::file("write", &self.spool))?;
        self.rows += 1;
        Ok(Place { sheet: String::new(), row: u64::from(self.rows) })
    }

    fn finish(&mut self) -> Result<(), Error> {
        self.waiting.flush().map_err(Error::file("write", &self.spool))?;
        self.settle().map_err(Error::file("write", &self.path))
    }
}
