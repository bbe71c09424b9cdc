//! From a file to rows: one reader a format, all handing out the same row. Cells stand in the order of the extract's columns whatever their
//! order in the file, and a row that cannot be read says why. What a cell means is not asked here.

mod ahead;
mod beside;
mod cell;
pub(crate) mod csv;
mod damage;
pub(crate) mod dbf;
mod fill;
pub(crate) mod fixed;
mod flat;
mod json;
pub(crate) mod naming;
pub(crate) mod page;
pub(crate) mod parquet;
#[cfg(test)]
pub(crate) mod sample;
mod shape;
mod window;
mod xlsx;
mod xml;

use crate::{Error, Extract, Opened, block::Filling, recognise::Layout};
pub(crate) use ahead::Blocks;
pub(crate) use cell::half_characters;
use csv::records;
use damage::is_damaged;
pub(crate) use dbf::DbfLayout;
pub use dbf::beside as memo_beside;
use fill::{Fill, Filled};
pub(crate) use fixed::FixedLayout;
pub(crate) use json::{head as json_head, judge as judge_json};
pub(crate) use shape::{Head, Place};
use std::sync::Arc;
use wuwei_schema::Fault;
pub(crate) use xlsx::biff as xls;
pub(crate) use xlsx::{ROWS_MAX, Ranges, Sheet, letters, sheets};
pub(crate) use xml::{declaration, head as xml_head, judge as judge_xml};

/// A row as the file has it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// As a spreadsheet shows it, from 1.
    pub(crate) number: u64,
    /// The sheet, in a workbook.
    pub(crate) sheet: Option<Arc<str>>,
    /// One for each column of the extract, in its order. Of a row with a fault they are not to be relied on.
    pub(crate) cells: Vec<String>,
    /// Why the row cannot be read: wrong number of cells, bytes that do not decode, a formula's error …
    pub(crate) fault: Option<Fault>,
}

impl Row {
    /// An empty row of that many columns, with what memory the last one had.
    fn reset(&mut self, number: u64, columns: usize) {
        (self.number, self.fault) = (number, None);
        self.cells.iter_mut().for_each(String::clear);
        self.cells.resize_with(columns, String::new);
    }

    /// The first fault of a row is the one that is told.
    fn refuse(&mut self, rule: &'static str, reason: impl FnOnce() -> String) {
        self.fault.get_or_insert_with(|| Fault { rule, reason: reason(), proposal: None });
    }

    /// Puts a cell into its column, or refuses the row when it has none or cannot be trusted.
    fn put(&mut self, place: usize, text: &str, columns: &Columns) {
        if is_damaged(text) {
            self.refuse("undecodable", || format!("{}含有无法解码或已损坏的字符，请从原系统重新导出", columns.call(place)));
        }
        match columns.places.get(place).copied().flatten().and_then(|column| self.cells.get_mut(column)) {
            Some(cell) if cell.is_empty() => cell.push_str(text),
            Some(_) if text.is_empty() => {}
            Some(_) => self.refuse("cell_twice", || format!("{}在同一行出现两次", columns.call(place))),
            None if text.trim().is_empty() => {}
            None => self.refuse("cell_outside", || format!("{}没有表头却有内容，请检查该行是否错位", columns.call(place))),
        }
    }
}

/// Where the extract's columns stand in the file, and how they are called.
#[derive(Debug, Clone)]
struct Columns {
    places: Vec<Option<usize>>,
    names: Arc<[String]>,
}

impl Columns {
    /// Of each column the place of its cell in a row of that width, if it has one; none unless every cell has a column of its own.
    fn straight(&self, width: usize) -> Option<Vec<Option<usize>>> {
        let mut straight = vec![None; self.names.len()];
        for place in 0..width {
            let column = straight.get_mut(self.places.get(place).copied().flatten()?)?;
            if column.replace(place).is_some() {
                return None;
            }
        }
        Some(straight)
    }

    /// A cell in words, for the owner of the file.
    fn call(&self, place: usize) -> String {
        match self.places.get(place).copied().flatten().and_then(|column| self.names.get(column)) {
            Some(name) => format!("第{}列「{name}」", place + 1),
            None => format!("第{}列", place + 1),
        }
    }
}

/// Hands out rows. Blank ones too: the account counts them as skipped. Rows up to the heading are not among them.
pub(crate) trait Reader: Send {
    /// The next row, in place of what `row` holds; false at the end.
    ///
    /// # Errors
    /// What ends the reading of the whole file; what is wrong with one row is its fault.
    fn next(&mut self, row: &mut Row) -> Result<bool, Error>;

    /// Adds the next row to a block; false at the end. A reader that can puts cells where they are to stand; `row` is for those that cannot.
    ///
    /// # Errors
    /// The same.
    fn add(&mut self, row: &mut Row, block: &mut Filling) -> Result<bool, Error> {
        let is_row = self.next(row)?;
        if is_row {
            block.push_row(row);
        }
        Ok(is_row)
    }
}

/// The reader of a file.
pub(crate) fn reader(opened: &Opened<'_>) -> Result<Box<dyn Reader>, Error> {
    let names: Arc<[String]> = opened.extract.columns.clone().into();
    match &opened.layout {
        Layout::Text(layout) => Ok(filled(csv::Csv::open(&opened.path, &opened.stamp, layout, names)?, opened.extract)),
        Layout::Json(layout) => Ok(filled(json::Json::open(&opened.path, &opened.stamp, layout, opened.extract)?, opened.extract)),
        Layout::Xml(layout) => Ok(filled(xml::Xml::open(&opened.path, &opened.stamp, layout, opened.extract)?, opened.extract)),
        Layout::Workbook(sheets) => Ok(Box::new(xlsx::Workbook::open(&opened.path, &opened.stamp, sheets.clone(), opened.extract)?)),
        Layout::Fixed(layout) => Ok(filled(fixed::Fixed::open(&opened.path, &opened.stamp, layout, names)?, opened.extract)),
        Layout::Parquet(places) => {
            Ok(filled(parquet::Parquet::open(&opened.path, &opened.stamp, places.clone(), opened.extract)?, opened.extract))
        }
        Layout::Dbf(layout) => Ok(filled(dbf::Dbf::open(&opened.path, &opened.stamp, layout, names)?, opened.extract)),
    }
}

fn filled(reader: impl Reader + 'static, extract: &Extract) -> Box<dyn Reader> {
    let fill = Fill::new(extract);
    if fill.is_needed() { Box::new(Filled { reader, fill }) } else { Box::new(reader) }
}
