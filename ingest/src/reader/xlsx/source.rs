//! A workbook of either kind, as one: which sheets it has, the walk through each, and what it takes to see a cell as a spreadsheet shows it.

use super::{
    Look,
    biff::{self, Biff},
    package::{Package, SheetPart, Unpacked},
    sheet::{self, Cell, Step},
    strings::Strings,
    styles::Styles,
    xml::{Broken, STRANGE},
};
use crate::Error;
use std::{fs::File, io::Read, path::Path};

/// An open workbook.
pub(super) enum Source {
    Xlsx(Package),
    Xls(Biff),
}

/// The walk through one of its sheets.
pub(super) enum Walk<'s> {
    Xlsx(Box<sheet::Walk<Unpacked<'s>>>),
    Xls(biff::Walk<'s>),
}

impl Source {
    /// Opens it; its first bytes tell which kind it is.
    pub(super) fn open(path: &Path) -> Result<(Source, Look), Error> {
        let broken = |broken: Broken| broken.at(path, "the workbook");
        let mut head = Vec::new();
        let file = File::open(path).map_err(|error| Error::file(path, &error))?;
        file.take(8).read_to_end(&mut head).map_err(|error| Error::file(path, &error))?;
        if head == biff::MAGIC {
            let (biff, strings, styles, is_1904) = Biff::open(path).map_err(broken)?;
            return Ok((Source::Xls(biff), Look { strings, styles, is_1904 }));
        }
        let mut package = Package::open(path)?;
        let strings = package.strings().and_then(Strings::read).map_err(broken)?;
        let styles = package.styles().and_then(Styles::read).map_err(broken)?;
        let is_1904 = package.is_1904;
        Ok((Source::Xlsx(package), Look { strings, styles, is_1904 }))
    }

    /// The names of its sheets, and whether they are hidden.
    pub(super) fn sheets(&self) -> Vec<(String, bool)> {
        match self {
            Source::Xlsx(package) => package.sheets.iter().map(|SheetPart { name, is_hidden, .. }| (name.clone(), *is_hidden)).collect(),
            Source::Xls(biff) => biff.sheets().map(|(name, is_hidden)| (name.to_owned(), is_hidden)).collect(),
        }
    }

    /// The walk through the sheet of that name.
    pub(super) fn walk(&mut self, name: &str) -> Result<Walk<'_>, Broken> {
        match self {
            Source::Xlsx(package) => {
                let part = package.sheets.iter().find(|part| part.name == name).cloned().ok_or(STRANGE)?;
                Ok(Walk::Xlsx(Box::new(sheet::Walk::new(package.sheet(&part)?))))
            }
            Source::Xls(biff) => biff.walk(name).map(Walk::Xls),
        }
    }
}

impl Walk<'_> {
    pub(super) fn next(&mut self) -> Result<Step, Broken> {
        match self {
            Walk::Xlsx(walk) => walk.next(),
            Walk::Xls(walk) => walk.next(),
        }
    }

    /// The present cell.
    pub(super) fn cell(&self) -> &Cell {
        match self {
            Walk::Xlsx(walk) => &walk.cell,
            Walk::Xls(walk) => &walk.cell,
        }
    }
}
