//! A workbook of before 2007, whose cells are records of a stream in an OLE compound file (BIFF8). It is read as it stands in the file, record
//! by record; the strings that cells share are the one thing held whole. Reading and writing of formulas, charts and colours is not here.

mod book;
mod cells;
mod compound;
mod records;

use super::{strings::Strings, styles::Styles, xml::Broken};
use book::Book;
pub(super) use cells::Walk;
use compound::Compound;
pub(crate) use compound::MAGIC;
use records::Records;
use std::{io, path::Path};

/// Bytes of a file; a full sheet of twenty columns has half of them.
pub(crate) const FILE_MAX: u64 = 64 << 20;

/// The last row that a sheet can have.
pub(crate) const ROWS_MAX: u64 = 65_536;

/// What a compound file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Workbook,
    /// A workbook of either kind, behind a password.
    Locked,
    /// A workbook of before 1997.
    Old,
    /// Something else.
    Other,
}

/// What it is, by the names of its streams and the first records of the one that is a workbook.
pub(crate) fn kind(path: &Path) -> io::Result<Kind> {
    let compound = Compound::open(path)?;
    let has = |name: &str| compound.entry(name).is_some();
    let Some(name) = compound.workbook().map(str::to_owned) else {
        return Ok(match () {
            () if has("EncryptedPackage") => Kind::Locked,
            () if has("Book") => Kind::Old,
            () => Kind::Other,
        });
    };
    let mut records = Records::new(compound.stream(&name)?);
    if !records.next()? || records.id != 0x0809 {
        return Err(records::invalid());
    }
    if compound::pair(&records.data, 0) != 0x0600 {
        return Ok(Kind::Old);
    }
    while records.next()? && !matches!(records.id, 0x0085 | 0x000a) {
        if records.id == 0x002f {
            return Ok(Kind::Locked);
        }
    }
    Ok(Kind::Workbook)
}

/// An open workbook.
#[derive(Debug)]
pub(super) struct Biff {
    records: Records,
    /// Of each sheet its name, whether it is hidden, and where it begins.
    sheets: Vec<(String, bool, u64)>,
}

impl Biff {
    /// The workbook, the strings that its cells share, how they are shown, and whether days are counted from 1904.
    pub(super) fn open(path: &Path) -> Result<(Biff, Strings, Styles, bool), Broken> {
        let Book { records, sheets, strings, styles, is_1904 } = Book::open(path)?;
        Ok((Biff { records, sheets }, strings, styles, is_1904))
    }

    pub(super) fn sheets(&self) -> impl Iterator<Item = (&str, bool)> {
        self.sheets.iter().map(|(name, is_hidden, _)| (name.as_str(), *is_hidden))
    }

    /// The walk through that sheet.
    pub(super) fn walk(&mut self, name: &str) -> Result<Walk<'_>, Broken> {
        let start = self.sheets.iter().find(|(known, ..)| known == name).map(|(.., start)| *start);
        Walk::begin(&mut self.records, start.ok_or_else(records::invalid)?)
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Broken {
        match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => super::xml::STRANGE,
            _ => Broken::Damaged("a part of it cannot be read"),
        }
    }
}

#[cfg(test)]
mod tests;
