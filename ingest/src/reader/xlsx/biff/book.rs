//! What stands before the sheets of a workbook of before 2007: which sheets there are and where, the strings that cells share, how numbers
//! are shown, from which year days are counted (MS-XLS 2.4).

use super::{
    super::{strings::Strings, styles::Styles, xml::Broken},
    compound::{Compound, four, pair},
    records::{Records, invalid},
};
use std::{collections::HashMap, io, path::Path};

/// Sheets of a workbook.
const SHEETS_MAX: usize = 4096;

/// An open workbook.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) records: Records,
    /// Of each sheet its name, whether it is hidden, and where it begins.
    pub(super) sheets: Vec<(String, bool, u64)>,
    pub(super) strings: Strings,
    pub(super) styles: Styles,
    pub(super) is_1904: bool,
}

impl Book {
    pub(super) fn open(path: &Path) -> Result<Book, Broken> {
        let compound = Compound::open(path)?;
        let name = compound.workbook().ok_or_else(invalid)?.to_owned();
        let mut book = Book {
            records: Records::new(compound.stream(&name)?),
            sheets: Vec::new(),
            strings: Strings::default(),
            styles: Styles::default(),
            is_1904: false,
        };
        book.globals()?;
        Ok(book)
    }

    fn globals(&mut self) -> Result<(), Broken> {
        let (mut codes, mut styles) = (HashMap::new(), Vec::new());
        if !self.records.next()? || self.records.id != 0x0809 {
            return Err(invalid().into());
        }
        if pair(&self.records.data, 0) != 0x0600 {
            return Err(Broken::Damaged("it is a workbook of before 1997, which has to be saved as XLSX"));
        }
        while self.records.next()? {
            match self.records.id {
                0x000a => break,
                0x002f => return Err(Broken::Damaged("it is behind a password")),
                0x0022 => self.is_1904 = pair(&self.records.data, 0) == 1,
                0x0085 => self.sheet()?,
                0x00e0 => styles.push(pair(&self.records.data, 2)),
                0x00fc => self.strings()?,
                0x041e => {
                    let (id, count) = (pair(&self.records.data, 0), pair(&self.records.data, 2));
                    let mut code = String::new();
                    self.records.begin(4);
                    self.records.text(count, &mut code)?;
                    codes.insert(id, code);
                }
                _ => {}
            }
        }
        self.styles = Styles::of(styles.iter().map(|id| (u32::from(*id), codes.get(id).map(String::as_str))))?;
        Ok(())
    }

    fn sheet(&mut self) -> io::Result<()> {
        let data = &self.records.data;
        let (start, state, kind, count) = (four(data, 0), data.get(4).copied(), data.get(5).copied(), data.get(6).copied());
        let mut name = String::new();
        self.records.begin(7);
        self.records.text(u16::from(count.unwrap_or(0)), &mut name)?;
        // Charts and macros are no sheets.
        if kind == Some(0) {
            self.sheets.push((name, state.unwrap_or(0) & 3 != 0, u64::from(start)));
        }
        if self.sheets.len() > SHEETS_MAX || u64::from(start) >= self.records.length() { Err(invalid()) } else { Ok(()) }
    }

    /// As many strings as the records hold; their number is only stated, and some writers state another.
    fn strings(&mut self) -> Result<(), Broken> {
        let mut missing = i64::from(four(&self.records.data, 4));
        self.records.begin(8);
        while self.records.has_more()? {
            match self.string() {
                // What stands behind those that are stated may be anything.
                Err(_) if missing <= 0 => break,
                other => other?,
            }
            missing -= 1;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<(), Broken> {
        let count = self.records.short()?;
        let records = &mut self.records;
        self.strings.push(|text| records.text(count, text))
    }
}
