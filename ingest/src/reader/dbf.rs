//! Rows of a dBASE or FoxPro table, record by record: a cell is so many bytes, cut out before they are decoded. A row's number is that of
//! its record, as dBASE counts. A deleted record is handed out blank, so that it is counted and none of it is read; one that the end of the
//! file cuts has that for its fault. Of the header nothing reserves memory but the width of a record, 64 KiB at most.

mod field;
mod header;
mod memo;
mod survey;

use super::{Columns, Reader, Row, page::Page};
use crate::{
    Error,
    decode::PIECE,
    recognise::{Cut, Line},
    sniff::Stamp,
};
use field::{Found, Wrong};
pub(crate) use header::is_table;
use header::{Field, Header};
use memo::Memo;
pub use memo::beside;
use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
};
pub(crate) use survey::{Survey, survey};
use wuwei_schema::Notice;

/// How a table is to be read.
#[derive(Debug, Clone)]
pub(crate) struct DbfLayout {
    pub(crate) page: Page,
    pub(crate) memo: Option<PathBuf>,
    pub(crate) places: Vec<Option<usize>>,
}

/// The header of a table, checked against the file's length.
pub(crate) fn header(path: &Path) -> Result<Header, Error> {
    let read = || -> io::Result<(Vec<u8>, u64)> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut bytes = Vec::new();
        file.by_ref().take(32).read_to_end(&mut bytes)?;
        let rest = header::length(&bytes).saturating_sub(bytes.len() as u64);
        file.take(rest).read_to_end(&mut bytes)?;
        Ok((bytes, length))
    };
    let (bytes, length) = read().map_err(|error| Error::file(path, &error))?;
    header::parse(&bytes, length).map_err(|detail| damaged(path, &detail))
}

fn damaged(path: &Path, detail: &str) -> Error {
    Error::Damaged { path: path.display().to_string(), place: "its header".to_owned(), detail: detail.to_owned() }
}

impl Header {
    /// The names of the columns, as a heading that stands in no row.
    pub(crate) fn heading(&self, page: Page) -> Line {
        let name = |field: &Field| {
            let mut name = String::new();
            page.decode(&field.name, &mut name);
            name
        };
        let cut = Cut { bytes: self.family.name_max(), encoding: page.encoding() };
        let names = cut.names(self.fields.iter().map(name));
        Line { width: names.len(), cells: names.into_iter().enumerate().collect(), cut: Some(cut), ..Line::default() }
    }

    /// Whether some of its text is in a file of its own.
    pub(crate) fn has_memos(&self) -> bool {
        self.fields.iter().any(Field::is_memo)
    }

    /// What is worth a word before the rows are read, beside what its owner should know.
    pub(crate) fn evidence(&self, survey: &Survey, memo: Option<&Path>) -> Vec<Notice> {
        let name = |field: &Field| String::from_utf8_lossy(&field.name).chars().filter(|name| !name.is_control()).collect::<String>();
        let names = |is: &dyn Fn(&Field) -> bool| self.fields.iter().filter(|field| is(field)).map(name).collect::<Vec<_>>().join(", ");
        let memos = names(&Field::is_memo);
        let objects = names(&|field| field.is_object(self.family));
        let mut evidence = self.remarks.clone();
        if survey.extra > 1 {
            evidence.push(Notice::new("bytes-not-read").with("count", survey.extra - 1));
        }
        match memo.and_then(Path::extension) {
            _ if memos.is_empty() => {}
            Some(ending) => evidence.push(Notice::new("memos-beside").with("columns", memos).with("ending", ending.to_string_lossy())),
            None => evidence.push(Notice::new("memos-missing").with("columns", memos)),
        }
        if !objects.is_empty() {
            evidence.push(Notice::new("objects-not-read").with("columns", objects));
        }
        evidence
    }
}

/// The reader.
pub(super) struct Dbf {
    file: BufReader<File>,
    header: Header,
    page: Page,
    memo: Option<Memo>,
    columns: Columns,
    record: Vec<u8>,
    number: u64,
    cell: String,
    bytes: Vec<u8>,
    path: PathBuf,
    stamp: Stamp,
}

impl Dbf {
    pub(super) fn open(path: &Path, stamp: &Stamp, layout: &DbfLayout, names: Arc<[String]>) -> Result<Dbf, Error> {
        let failed = |error: io::Error| Error::file(path, &error);
        let header = header(path)?;
        let mut file = File::open(path).map_err(failed)?;
        file.seek(SeekFrom::Start(header.start)).map_err(failed)?;
        let memo = layout.memo.as_ref().map(|memo| Memo::open(memo, header.version).map_err(|error| Error::file(memo, &error)));
        Ok(Dbf {
            file: BufReader::with_capacity(PIECE, file),
            record: Vec::new(),
            page: layout.page,
            memo: memo.transpose()?,
            columns: Columns { places: layout.places.clone(), names },
            number: 0,
            cell: String::new(),
            bytes: Vec::new(),
            path: path.to_owned(),
            stamp: stamp.clone(),
            header,
        })
    }

    fn fill(&mut self, row: &mut Row) -> io::Result<()> {
        row.reset(self.number, self.columns.names.len());
        if self.record.len() < self.header.width {
            let (is, width) = (self.record.len(), self.header.width);
            row.refuse("row_cut", || format!("文件在该行中间结束（应有{width}字节，实有{is}字节），请重新导出或复制"));
            return Ok(());
        }
        match self.record[0] {
            b'*' => return Ok(()),
            b' ' | 0 => {}
            _ => row.refuse("row_mark", || "该行的删除标记既非有效也非删除，记录可能错位，请从原系统重新导出".to_owned()),
        }
        for place in 0..self.header.fields.len() {
            self.cell(place, row)?;
        }
        Ok(())
    }

    fn cell(&mut self, place: usize, row: &mut Row) -> io::Result<()> {
        let field = &self.header.fields[place];
        let flags = self.header.flags.clone().and_then(|flags| self.record.get(flags)).unwrap_or_default();
        let is_set = |bit: Option<usize>| bit.is_some_and(|bit| flags.get(bit / 8).is_some_and(|byte| byte >> (bit % 8) & 1 == 1));
        let mut bytes = field.of(&self.record);
        if is_set(field.null) {
            return Ok(());
        }
        if let (true, Some(last)) = (is_set(field.short), bytes.last()) {
            bytes = &bytes[..usize::from(*last).min(bytes.len() - 1)];
        }
        self.cell.clear();
        match field::read(field, self.header.family, bytes, self.page, &mut self.cell) {
            Ok(Found::Memo(number)) if number > 0 => {
                let Some(memo) = &mut self.memo else { return Ok(()) };
                if memo.read(number, &mut self.bytes)? {
                    self.page.decode(&self.bytes, &mut self.cell);
                } else {
                    row.refuse("cell_memo", || format!("{}的备注不在备注文件中或已损坏，请连同备注文件重新导出", self.columns.call(place)));
                }
            }
            Ok(Found::Text | Found::Memo(_)) => {}
            Err(Wrong(rule, reason)) => row.refuse(rule, || format!("{}{reason}", self.columns.call(place))),
        }
        row.put(place, &self.cell, &self.columns);
        Ok(())
    }
}

impl Reader for Dbf {
    fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
        if self.number == self.header.records {
            self.stamp.check(&self.path)?;
            return Ok(false);
        }
        self.number += 1;
        self.record.clear();
        let width = self.header.width as u64;
        let read = self.file.by_ref().take(width).read_to_end(&mut self.record);
        read.and_then(|_| self.fill(row)).map_err(|error| Error::file(&self.path, &error))?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
