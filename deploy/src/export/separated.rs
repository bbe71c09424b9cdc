//! Rows as text: CSV as spreadsheets want it, and cells for whoever else writes text.

use super::{Writing, failed};
use crate::Error;
use arrow_array::{Array as _, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{DataType, SchemaRef};
use std::io::Write;

/// UTF-8 with byte order mark and CRLF (RFC 4180).
pub(super) struct Separated<W>(W);

impl<W: Write + Send> Separated<W> {
    pub(super) fn begin(schema: &SchemaRef, mut out: W) -> Result<Separated<W>, Error> {
        let headings: Vec<String> = schema.fields().iter().map(|field| quoted(field.name(), true)).collect();
        write!(out, "\u{feff}{}\r\n", headings.join(",")).map_err(failed)?;
        Ok(Separated(out))
    }
}

impl<W: Write + Send> Writing for Separated<W> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        each_row(batch, |cells, is_text| {
            let line: Vec<String> = cells.iter().zip(is_text).map(|(cell, is_text)| quoted(cell, *is_text)).collect();
            write!(self.0, "{}\r\n", line.join(",")).map_err(failed)
        })
    }

    fn finish(self: Box<Self>) -> Result<(), Error> {
        Ok(())
    }
}

/// A text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV injection).
fn quoted(cell: &str, is_text: bool) -> String {
    let guard = if is_text && cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if guard.is_empty() && !cell.contains(['"', ',', '\n', '\r']) {
        return cell.to_owned();
    }
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

/// Every row as text, with whether each column is text by type.
pub(super) fn each_row(batch: &RecordBatch, mut row: impl FnMut(&[String], &[bool]) -> Result<(), Error>) -> Result<(), Error> {
    let options = FormatOptions::default();
    let formatter = |column| ArrayFormatter::try_new(column, &options);
    let formatters: Vec<_> = batch.columns().iter().map(|column| formatter(column.as_ref())).collect::<Result<_, _>>().map_err(failed)?;
    let is_text = |kind: &DataType| matches!(kind, DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8);
    let is_text: Vec<bool> = batch.columns().iter().map(|column| is_text(column.data_type())).collect();
    for at in 0..batch.num_rows() {
        let cells: Vec<String> = formatters.iter().map(|formatter| formatter.value(at).to_string()).collect();
        row(&cells, &is_text)?;
    }
    Ok(())
}
