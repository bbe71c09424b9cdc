//! Workbooks: one sheet, or one a value of a column; a merged title; a line below the rows. Written row by row, so that memory does not
//! grow with the rows.

use super::{Place, Table};
use crate::{calendar::Day, dirt::Cell, error::Error, material::Habits};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};
use std::path::{Path, PathBuf};
use wuwei_ingest::Extract;

/// Rows of a sheet; a spreadsheet shows 1,048,576.
const SHEET_ROWS: u32 = 1_000_000;
/// Sheets of a workbook, each of which holds a file open while it is written; what is more goes into a second workbook.
const WORKBOOK_SHEETS: usize = 200;

pub(super) struct Workbooks<'a> {
    folder: PathBuf,
    extract: &'a Extract,
    title: String,
    footer: &'a str,
    /// The place of the column that has a sheet a value.
    sheet_by: Option<usize>,
    today: Day,
    workbook: Workbook,
    number: usize,
    sheets: usize,
    sheet: String,
    row: u32,
}

impl<'a> Workbooks<'a> {
    pub(super) fn create(folder: &Path, extract: &'a Extract, habits: &'a Habits) -> Workbooks<'a> {
        Workbooks {
            folder: folder.to_owned(),
            extract,
            title: habits.title(),
            footer: &habits.footer,
            sheet_by: extract.sheet_by.as_ref().and_then(|by| extract.columns.iter().position(|column| column == by)),
            today: habits.today,
            workbook: workbook(habits.today),
            number: 1,
            sheets: 0,
            sheet: String::new(),
            row: 0,
        }
    }

    fn sheet_of(&self, cells: &[Cell]) -> String {
        match self.sheet_by.and_then(|place| cells.get(place)) {
            Some(Cell::Text(text)) => text.clone(),
            _ => format!("Sheet{}", if self.row >= SHEET_ROWS { self.sheets + 1 } else { self.sheets.max(1) }),
        }
    }

    /// A sheet with its title and heading.
    fn open(&mut self, name: String) -> Result<(), Error> {
        self.foot()?;
        if self.sheets == WORKBOOK_SHEETS {
            self.save()?;
            self.workbook = workbook(self.today);
            (self.number, self.sheets) = (self.number + 1, 0);
        }
        let sheet = self.workbook.add_worksheet_with_constant_memory().map_err(|error| failed(self.extract, &error))?;
        self.row = heading(sheet, &name, self.extract, &self.title).map_err(|error| failed(self.extract, &error))?;
        self.sheets += 1;
        self.sheet = name;
        Ok(())
    }

    fn last(&mut self) -> Result<&mut Worksheet, Error> {
        let (extract, at) = (self.extract, self.sheets.saturating_sub(1));
        self.workbook.worksheet_from_index(at).map_err(|error| failed(extract, &error))
    }

    /// The line below the rows of the sheet.
    fn foot(&mut self) -> Result<(), Error> {
        let (row, footer, extract) = (self.row, self.footer, self.extract);
        if !footer.is_empty() && self.sheets > 0 {
            self.last()?.write_string(row, 0, footer).map_err(|error| failed(extract, &error))?;
        }
        Ok(())
    }

    fn save(&mut self) -> Result<(), Error> {
        let suffix = if self.number == 1 { String::new() } else { format!("-{}", self.number) };
        let path = self.folder.join(format!("{}{suffix}.xlsx", self.extract.name));
        self.workbook.save(&path).map_err(|error| match error {
            XlsxError::IoError(source) => Error::file("write", path)(source),
            other => failed(self.extract, &other),
        })
    }
}

impl Table for Workbooks<'_> {
    fn row(&mut self, cells: &[Cell]) -> Result<Place, Error> {
        let name = self.sheet_of(cells);
        if name != self.sheet {
            self.open(name)?;
        }
        let (row, extract) = (self.row, self.extract);
        let sheet = self.last()?;
        for (column, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            let written = match cell {
                Cell::Text(text) => sheet.write_string(row, column, text),
                Cell::Number(number) => sheet.write_number(row, column, *number),
            };
            written.map_err(|error| failed(extract, &error))?;
        }
        self.row += 1;
        Ok(Place { sheet: self.sheet.clone(), row: u64::from(self.row) })
    }

    fn part(&self) -> usize {
        self.number
    }

    fn finish(&mut self) -> Result<(), Error> {
        if self.sheets == 0 {
            self.open("Sheet1".to_owned())?;
        }
        self.foot()?;
        self.save()
    }
}

/// The first row free for data.
fn heading(sheet: &mut Worksheet, name: &str, extract: &Extract, title: &str) -> Result<u32, XlsxError> {
    sheet.set_name(name)?;
    let last = u16::try_from(extract.columns.len().saturating_sub(1)).unwrap_or(0);
    for row in 0..extract.title_rows {
        sheet.merge_range(row, 0, row, last, title, &Format::new().set_bold().set_align(FormatAlign::Center))?;
    }
    for (column, text) in (0..).zip(&extract.columns) {
        sheet.write_string(extract.title_rows, column, text)?;
    }
    Ok(extract.title_rows + 1)
}

/// A workbook made on the day of the delivery, so that the same rows are the same bytes.
fn workbook(today: Day) -> Workbook {
    let (year, month, day) = today.civil();
    let made =
        ExcelDateTime::from_ymd(u16::try_from(year).unwrap_or(2026), u8::try_from(month).unwrap_or(1), u8::try_from(day).unwrap_or(1));
    let mut workbook = Workbook::new();
    if let Ok(made) = made {
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    }
    workbook
}

fn failed(extract: &Extract, error: &XlsxError) -> Error {
    Error::Workbook { extract: extract.name.clone(), detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::material::Material;
    use wuwei_ingest::{Departments, Hint, open};
    use wuwei_schema::Model;

    #[test]
    fn more_sheets_than_files_may_be_open_go_into_a_second_workbook() {
        let (folder, model) = (tempfile::TempDir::new().unwrap(), Model::embedded().unwrap());
        let departments = Departments::embedded(&model).unwrap();
        let (extract, material) = (departments.extract("wg_fw").unwrap(), Material::embedded().unwrap());
        let mut table = Workbooks::create(folder.path(), extract, &material.extracts["wg_fw"]);
        let mut places = Vec::new();
        for grid in 0..=WORKBOOK_SHEETS {
            let mut cells = vec![Cell::Text(String::new()); extract.columns.len()];
            cells[0] = Cell::Text(format!("990101001001{grid:03}"));
            places.push(table.row(&cells).unwrap());
            places.push(table.row(&cells).unwrap());
        }
        table.finish().unwrap();
        let last = places.last().unwrap();
        assert_eq!((last.sheet.as_str(), last.row), ("990101001001200", 3));
        for (file, sheets) in [("wg_fw.xlsx", WORKBOOK_SHEETS), ("wg_fw-2.xlsx", 1)] {
            let opened = open(&folder.path().join(file), &departments, &Hint::default()).unwrap();
            assert_eq!((opened.extract.name.as_str(), opened.understood.sheets.len()), ("wg_fw", sheets));
        }
    }
}
