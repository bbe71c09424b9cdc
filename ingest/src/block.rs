//! Rows of a file side by side, their cells column by column: a bounded number of them goes from the reader to the mapping and on into
//! batches in one piece, so that a column is looked at as a whole and copied as a whole. What a cell means is not known here.

use crate::reader::Row;
use arrow_array::{Array as _, StringArray, builder::StringBuilder};
use std::sync::Arc;
use wuwei_schema::Fault;

/// Rows of a block, and bytes of cells above which it ends with the row that reaches them: what stays in the caches of a processor.
pub(crate) const ROWS: usize = 1024;
pub(crate) const BYTES: usize = 256 << 10;

/// Rows of a file.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// Of each column of the extract, in its order; an empty cell is null.
    pub(crate) columns: Vec<StringArray>,
    pub(crate) rows: Vec<Stand>,
}

/// Where a row stands, and what is known of it besides its cells.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Stand {
    /// As a spreadsheet shows it, from 1.
    pub(crate) number: u64,
    /// The sheet, in a workbook.
    pub(crate) sheet: Option<Arc<str>>,
    /// Why the row cannot be read.
    pub(crate) fault: Option<Fault>,
    /// By what it is known again: hashes of its key and of the rest.
    pub(crate) known: (i64, i64),
}

impl Block {
    /// Rows of these cells.
    pub(crate) fn beside(rows: &[Vec<String>], columns: usize) -> Block {
        let mut filling = Filling::new(columns);
        rows.iter().for_each(|cells| filling.push_row(&mut Row { cells: cells.clone(), ..Row::default() }));
        filling.finish()
    }

    pub(crate) fn cells(&self, row: usize) -> Cells<'_> {
        Cells::Beside(&self.columns, row)
    }

    /// Bytes of all cells.
    pub(crate) fn bytes(&self) -> usize {
        self.columns.iter().map(|column| column.value_data().len()).sum()
    }
}

/// The cells of one row, wherever they stand.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cells<'c> {
    /// By themselves.
    Alone(&'c [String]),
    /// Among others, in the row of that place of these columns.
    Beside(&'c [StringArray], usize),
}

impl<'c> Cells<'c> {
    /// No cells at all.
    pub(crate) const NONE: Cells<'static> = Cells::Alone(&[]);

    /// The cell of that column; empty where there is none.
    pub(crate) fn get(self, column: usize) -> &'c str {
        match self {
            Cells::Alone(cells) => cells.get(column).map_or("", String::as_str),
            Cells::Beside(columns, row) => columns.get(column).filter(|column| row < column.len()).map_or("", |column| column.value(row)),
        }
    }

    pub(crate) fn len(self) -> usize {
        match self {
            Cells::Alone(cells) => cells.len(),
            Cells::Beside(columns, _) => columns.len(),
        }
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = &'c str> {
        (0..self.len()).map(move |column| self.get(column))
    }
}

/// A block in the making.
#[derive(Debug)]
pub(crate) struct Filling {
    columns: Vec<StringBuilder>,
    rows: Vec<Stand>,
    bytes: usize,
}

impl Filling {
    pub(crate) fn new(columns: usize) -> Filling {
        Filling { columns: (0..columns).map(|_| StringBuilder::new()).collect(), rows: Vec::with_capacity(ROWS), bytes: 0 }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.rows.len() >= ROWS || self.bytes >= BYTES
    }

    /// A row begins, whose cells follow.
    pub(crate) fn begin(&mut self, number: u64) {
        self.rows.push(Stand { number, ..Stand::default() });
    }

    /// The cell of the row that was begun, in that column; each column has to get one.
    pub(crate) fn put(&mut self, column: usize, text: &str) {
        match text {
            "" => self.columns[column].append_null(),
            text => self.columns[column].append_value(text),
        }
        self.bytes += text.len();
    }

    /// A row that was read by itself.
    pub(crate) fn push_row(&mut self, row: &mut Row) {
        self.rows.push(Stand { number: row.number, sheet: row.sheet.clone(), fault: row.fault.take(), known: (0, 0) });
        for column in 0..self.columns.len() {
            self.put(column, row.cells.get(column).map_or("", String::as_str));
        }
    }

    /// The rows so far. The next block is likely to be as large, unless a row of it was wider than others.
    pub(crate) fn finish(&mut self) -> Block {
        let column = |builder: &mut StringBuilder| {
            let column = builder.finish();
            let bytes = column.value_data().len();
            *builder = StringBuilder::with_capacity(column.len(), (bytes + bytes / 8).min(BYTES));
            column
        };
        self.bytes = 0;
        let columns = self.columns.iter_mut().map(column).collect();
        Block { columns, rows: std::mem::replace(&mut self.rows, Vec::with_capacity(ROWS)) }
    }
}
