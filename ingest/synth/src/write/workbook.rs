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
    /// What stands above in the columns that fill down.
    above: Vec<(usize, Cell)>,
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
            above: fill_down(extract),
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
        self.above = fill_down(self.extract);
        Ok(())
    }

    /// Whether a cell says what stands above it, in a column where that is left out.
    fn repeats(&mut self, column: usize, cell: &Cell) -> bool {
        let Some((_, above)) = self.above.iter_mut().find(|(filled, _)| *filled == column) else { return false };
        let repeats = above == cell;
        cell.clone_into(above);
        repeats
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
        let shown: Vec<bool> = cells.iter().enumerate().map(|(column, cell)| !cell.is_empty() && !self.repeats(column, cell)).collect();
        let sheet = self.last()?;
        for ((column, cell), _) in (0..).zip(cells).zip(shown).filter(|(_, is_shown)| *is_shown) {
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

fn fill_down(extract: &Extract) -> Vec<(usize, Cell)> {
    let filled = extract.columns.iter().enumerate().filter(|(_, column)| extract.fill_down.contains(column));
    filled.map(|(place, _)| (place, Cell::Text(String::new()))).collect()
}

/// The title and the heading; the first row free for data.
fn heading(sheet: &mut Worksheet, name: &str, extract: &Extract, title: &str) -> Result<u32, XlsxError> {
    sheet.set_name(name)?;
    let last = u16::try_from(extract.columns.len().saturating_sub(1)).unwrap_or(0);
    for row in 0..extract.title_rows {
        block(sheet, [row, row], [0, last], title, &Format::new().set_bold())?;
    }
    let rows = extract.heading_rows.max(1);
    let names: Vec<Vec<&str>> = extract.columns.iter().map(|column| column.splitn(rows as usize, '/').collect()).collect();
    for row in 0..rows {
        let mut columns = (0_u16..).zip(&names).peekable();
        while let Some((left, parts)) = columns.next() {
            let Some(text) = parts.get(row as usize) else { continue };
            let is_leaf = parts.len() == row as usize + 1;
            let is_same =
                |other: &&(u16, &Vec<&str>)| !is_leaf && other.1.len() > row as usize + 1 && other.1.starts_with(&parts[..=row as usize]);
            let mut right = left;
            while let Some((next, _)) = columns.next_if(|next| is_same(&next)) {
                right = next;
            }
            let bottom = if is_leaf { rows - 1 } else { row };
            block(sheet, [extract.title_rows + row, extract.title_rows + bottom], [left, right], text, &Format::new())?;
        }
    }
    Ok(extract.title_rows + rows)
}

/// A text over rows and columns from the first to the last of each; merged, where they are more than one cell.
fn block(sheet: &mut Worksheet, [top, bottom]: [u32; 2], [left, right]: [u16; 2], text: &str, format: &Format) -> Result<(), XlsxError> {
    let is_one = top == bottom && left == right;
    if is_one {
        return sheet.write_string(top, left, text).map(|_| ());
    }
    sheet.merge_range(top, left, bottom, right, text, &format.clone().set_align(FormatAlign::Center)).map(|_| ())
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

    const REGISTER: &str = r#"
department = "xx"
label = { zh = "某局", en = "Bureau" }
[[extract]]
name = "xx_tz"
label = { zh = "台账", en = "Register" }
format = "xlsx"
encoding = "utf-8"
title_rows = 1
heading_rows = 3
fill_down = ["街路"]
contract = "full"
cycle_days = 1
share_class = 2
obliged = true
columns = ["街路", "企业名称", "从业人数（人）", "负责人/姓名", "负责人/电话/手机", "负责人/电话/座机", "地址"]
ignore = { "从业人数（人）" = "无需", "负责人/电话/手机" = "无需", "负责人/电话/座机" = "无需" }
[extract.record.street]
entity = "dwelling"
address = "街路"
[extract.record.firm]
entity = "dwelling"
address = "企业名称"
[extract.record.head]
entity = "person"
name = "负责人/姓名"
live_address = "地址"
"#;

    #[test]
    fn headings_of_several_rows_and_values_that_stand_once_are_read_back_as_they_were() {
        let (folder, model) = (tempfile::TempDir::new().unwrap(), Model::embedded().unwrap());
        let file = wuwei_schema::SourceFile { name: "xx.toml".to_owned(), text: REGISTER.to_owned() };
        let departments = Departments::parse(&[file], &model).unwrap();
        let (extract, habits) = (departments.extract("xx_tz").unwrap(), Habits::unknown());
        let mut table = Workbooks::create(folder.path(), extract, &habits);
        let rows = ["东街|甲店|1|王小明|120|121|1号", "东街|乙店|2|李建国|||2号", "西街|丙店||赵明|||3号", "东街|丁店|||||4号"];
        let cells = |row: &str| row.split('|').map(|text| Cell::Text(text.to_owned())).collect::<Vec<_>>();
        let places: Vec<u64> = rows.iter().map(|row| table.row(&cells(row)).unwrap().row).collect();
        table.finish().unwrap();
        assert_eq!(places, [5, 6, 7, 8]);
        let opened = open(&folder.path().join("xx_tz.xlsx"), &departments, &Hint::default()).unwrap();
        assert_eq!((opened.understood.heading_row, &opened.understood.headings), (4, &extract.columns));
        let chunk = wuwei_ingest::read(opened, &model, 0, wuwei_ingest::Held::none()).unwrap().next().unwrap().unwrap();
        let text = |row: usize, column: &String| {
            let column = chunk.raw.column_by_name(column).unwrap().as_any().downcast_ref::<arrow_array::StringArray>().unwrap();
            if arrow_array::Array::is_null(column, row) { String::new() } else { column.value(row).to_owned() }
        };
        let read: Vec<String> = (0..chunk.raw.num_rows())
            .map(|row| extract.columns.iter().map(|column| text(row, column)).collect::<Vec<_>>().join("|"))
            .collect();
        assert_eq!(read, rows);
    }
}
