//! A spreadsheet of text cells. Its rows wait on disk until the workbook is put together.

use super::{Writing, failed, separated::each_row};
use crate::Error;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use rust_xlsxwriter::{Workbook, Worksheet};
use std::{io::Write, path::Path};

/// Rows that a sheet holds below its heading.
const SHEET_ROWS: u32 = 1_048_575;

/// A workbook of as many sheets as the rows take.
pub(super) struct Sheets<W> {
    book: Workbook,
    sheet: Worksheet,
    schema: SchemaRef,
    row: u32,
    out: W,
}

impl<W: Write + Send> Sheets<W> {
    pub(super) fn begin(schema: &SchemaRef, out: W, spill: Option<&Path>) -> Result<Sheets<W>, Error> {
        let mut book = Workbook::new();
        if let Some(folder) = spill {
            book.set_tempdir(folder).map_err(failed)?;
        }
        let sheet = new_sheet(&mut book, schema)?;
        Ok(Sheets { book, sheet, schema: SchemaRef::clone(schema), row: 0, out })
    }
}

impl<W: Write + Send> Writing for Sheets<W> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        each_row(batch, |cells, _| {
            if self.row == SHEET_ROWS {
                let full = std::mem::replace(&mut self.sheet, new_sheet(&mut self.book, &self.schema)?);
                self.book.push_worksheet(full);
                self.row = 0;
            }
            self.row += 1;
            for (column, cell) in (0u16..).zip(cells) {
                self.sheet.write_string(self.row, column, cell.as_str()).map_err(failed)?;
            }
            Ok(())
        })
    }

    fn finish(mut self: Box<Self>) -> Result<(), Error> {
        self.book.push_worksheet(self.sheet);
        self.book.save_to_writer(&mut self.out).map_err(failed)
    }
}

/// A sheet with its heading.
fn new_sheet(book: &mut Workbook, schema: &SchemaRef) -> Result<Worksheet, Error> {
    let mut sheet = book.new_worksheet_with_constant_memory().map_err(failed)?;
    for (column, field) in (0u16..).zip(schema.fields()) {
        sheet.write_string(0, column, field.name()).map_err(failed)?;
    }
    Ok(sheet)
}
