//! Text of fixed width: each cell in so many bytes, filled up with blanks, a line a row, no headings. What is longer is cut by its bytes, in the
//! midst of a character if need be, as the systems do that write such files.

use super::{Place, Table};
use crate::{dirt::Cell, error::Error};
use encoding_rs::{GB18030, UTF_8};
use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
};
use wuwei_ingest::{Encoding, Extract};

pub(super) struct Fixed<'a> {
    path: PathBuf,
    file: BufWriter<File>,
    extract: &'a Extract,
    line: Vec<u8>,
    rows: u64,
}

impl<'a> Fixed<'a> {
    pub(super) fn create(folder: &Path, extract: &'a Extract) -> Result<Fixed<'a>, Error> {
        let path = folder.join(format!("{}.txt", extract.name));
        let file = BufWriter::new(File::create(&path).map_err(Error::file("create", &path))?);
        Ok(Fixed { path, file, extract, line: Vec::new(), rows: 0 })
    }
}

impl Table for Fixed<'_> {
    fn row(&mut self, cells: &[Cell]) -> Result<Place, Error> {
        let encoding = if self.extract.encoding == Encoding::Utf8 { UTF_8 } else { GB18030 };
        self.line.clear();
        let mut end = 0;
        for (cell, width) in cells.iter().zip(&self.extract.widths) {
            // A line end within a cell would begin another row.
            let text = cell.clone().into_text().replace(['\r', '\n'], " ");
            self.line.extend(&*encoding.encode(&text).0);
            end += width;
            self.line.resize(end, b' ');
        }
        self.line.extend(b"\r\n");
        self.file.write_all(&self.line).map_err(Error::file("write", &self.path))?;
        self.rows += 1;
        Ok(Place { sheet: String::new(), row: self.rows })
    }

    fn finish(&mut self) -> Result<(), Error> {
        self.file.flush().map_err(Error::file("write", &self.path))
    }
}
