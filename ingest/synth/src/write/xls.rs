//! Workbooks of before 2007 (BIFF8): one sheet of at most 65,536 rows, what is more in a second file. Cells are written as rows come, so that
//! memory does not grow with them.

mod compound;

use super::{Place, Table};
use crate::{dirt::Cell, error::Error, material::Habits};
use compound::Compound;
use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};
use wuwei_ingest::Extract;

/// Rows that a sheet can have.
const ROWS: u32 = 65_536;

const SHEET: &str = "Sheet1";

/// Styles that every workbook has before those of cells.
const STYLES: u16 = 15;

pub(super) struct Xls<'a> {
    folder: PathBuf,
    extract: &'a Extract,
    title: String,
    footer: &'a str,
    sheet: Option<Sheet>,
    number: usize,
}

/// A sheet being written.
struct Sheet {
    file: Compound,
    /// Where its extent is to be stated.
    extent: u64,
    row: u32,
}

impl<'a> Xls<'a> {
    pub(super) fn create(folder: &Path, extract: &'a Extract, habits: &'a Habits) -> Xls<'a> {
        let title = habits.title();
        Xls { folder: folder.to_owned(), extract, title, footer: &habits.footer, sheet: None, number: 0 }
    }

    fn path(&self) -> PathBuf {
        let suffix = if self.number > 1 { format!("-{}", self.number) } else { String::new() };
        self.folder.join(format!("{}{suffix}.xls", self.extract.name))
    }

    fn open(&mut self) -> Result<(), Error> {
        self.number += 1;
        let path = self.path();
        let begin = || -> io::Result<Sheet> {
            let mut sheet = Sheet::begin(File::create(&path)?)?;
            for _ in 0..self.extract.title_rows {
                sheet.row(&[Cell::Text(self.title.clone())])?;
            }
            let heading: Vec<Cell> = self.extract.columns.iter().cloned().map(Cell::Text).collect();
            sheet.row(&heading)?;
            Ok(sheet)
        };
        self.sheet = Some(begin().map_err(Error::file("write", &path))?);
        Ok(())
    }

    /// Ends the sheet that is open, with the line below its rows.
    fn close(&mut self) -> Result<(), Error> {
        let Some(mut sheet) = self.sheet.take() else { return Ok(()) };
        let (footer, title_rows, columns) = (self.footer, self.extract.title_rows, self.extract.columns.len());
        let end = || -> io::Result<()> {
            if !footer.is_empty() && sheet.row < ROWS {
                sheet.row(&[Cell::Text(footer.to_owned())])?;
            }
            sheet.end(title_rows, columns)
        };
        end().map_err(Error::file("write", self.path()))
    }
}

impl Table for Xls<'_> {
    fn row(&mut self, cells: &[Cell]) -> Result<Place, Error> {
        if self.sheet.as_ref().is_none_or(|sheet| sheet.row == ROWS) {
            self.close()?;
            self.open()?;
        }
        let path = self.path();
        let Some(sheet) = &mut self.sheet else { return Ok(Place::default()) };
        sheet.row(cells).map_err(Error::file("write", &path))?;
        Ok(Place { sheet: SHEET.to_owned(), row: u64::from(sheet.row) })
    }

    fn finish(&mut self) -> Result<(), Error> {
        if self.number == 0 {
            self.open()?;
        }
        self.close()
    }
}

impl Sheet {
    /// The workbook up to the first row.
    fn begin(file: File) -> io::Result<Sheet> {
        let mut sheet = Sheet { file: Compound::new(file)?, extent: 0, row: 0 };
        sheet.begins(0x0005)?;
        sheet.record(0x0042, &1200_u16.to_le_bytes())?;
        sheet.record(0x003d, &shorts(&[0, 0, 0x4000, 0x2000, 0x38, 0, 0, 1, 600]))?;
        for _ in 0..4 {
            let mut font = shorts(&[220, 0, 0x7fff, 400, 0, 0, 0]);
            font.extend(short_text("Arial"));
            sheet.record(0x0031, &font)?;
        }
        for style in 0..=STYLES {
            // Fifteen styles that no cell has, and the one of cells.
            let kind = if style == STYLES { 0x0001 } else { 0xfff5 };
            sheet.record(0x00e0, &shorts(&[0, 0, kind, 0x0020, 0, 0, 0, 0, 0, 0x20c0]))?;
        }
        sheet.record(0x0293, &[0, 0x80, 0, 0xff])?;
        let named = short_text(SHEET);
        let start = sheet.file.length + 4 + 6 + named.len() as u64 + 4;
        let start = u32::try_from(start).unwrap_or(0).to_le_bytes();
        sheet.record(0x0085, &[&start[..], &[0, 0], &named].concat())?;
        sheet.record(0x000a, &[])?;
        sheet.begins(0x0010)?;
        sheet.extent = sheet.file.length + 4;
        sheet.record(0x0200, &[0; 14])?;
        Ok(sheet)
    }

    fn begins(&mut self, what: u16) -> io::Result<()> {
        self.record(0x0809, &shorts(&[0x0600, what, 0x0dbb, 0x07cc, 0, 0, 6, 0]))
    }

    fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        let row = u16::try_from(self.row).unwrap_or(u16::MAX);
        for (column, cell) in (0_u16..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            let place = shorts(&[row, column, STYLES]);
            match cell {
                Cell::Text(text) => self.record(0x0204, &[place, long_text(text)].concat())?,
                Cell::Number(number) => self.record(0x0203, &[&place[..], &number.to_le_bytes()].concat())?,
            }
        }
        self.row += 1;
        Ok(())
    }

    fn end(mut self, title_rows: u32, columns: usize) -> io::Result<()> {
        self.record(0x023e, &shorts(&[0x06b6, 0, 0, 0x40, 0, 0, 0, 0, 0]))?;
        let last = u16::try_from(columns.saturating_sub(1)).unwrap_or(0);
        let titles: Vec<u16> = (0..u16::try_from(title_rows).unwrap_or(0)).flat_map(|row| [row, row, 0, last]).collect();
        if !titles.is_empty() {
            self.record(0x00e5, &[shorts(&[u16::try_from(title_rows).unwrap_or(0)]), shorts(&titles)].concat())?;
        }
        self.record(0x000a, &[])?;
        let extent = [0_u32.to_le_bytes(), self.row.to_le_bytes()].concat();
        self.file.mend(self.extent, &[extent, shorts(&[0, last + 1, 0])].concat())?;
        self.file.finish("Workbook")
    }

    fn record(&mut self, id: u16, data: &[u8]) -> io::Result<()> {
        self.file.put(&id.to_le_bytes())?;
        self.file.put(&u16::try_from(data.len()).unwrap_or(u16::MAX).to_le_bytes())?;
        self.file.put(data)
    }
}

fn shorts(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// A text with its length in one byte.
fn short_text(text: &str) -> Vec<u8> {
    let units = units(text, 255);
    [&[u8::try_from(units.len()).unwrap_or(u8::MAX), 1], &shorts(&units)[..]].concat()
}

/// A text with its length in two bytes; a record has room for 4,000 characters.
fn long_text(text: &str) -> Vec<u8> {
    let units = units(text, 4000);
    [&u16::try_from(units.len()).unwrap_or(u16::MAX).to_le_bytes()[..], &[1], &shorts(&units)].concat()
}

fn units(text: &str, most: usize) -> Vec<u16> {
    let mut units: Vec<u16> = Vec::new();
    for character in text.chars() {
        if units.len() + character.len_utf16() > most {
            break;
        }
        units.extend_from_slice(character.encode_utf16(&mut [0; 2]));
    }
    units
}
