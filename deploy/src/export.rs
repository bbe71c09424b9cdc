//! The one writer of answers, whatever the form. Text stays text: a spreadsheet gets text cells, so that 18 digits stay 18 digits, and a
//! CSV a byte order mark, so that it opens in Chinese.

use crate::{Error, cli::Format, output};
use arrow_array::{Array as _, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{DataType, SchemaRef};
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

/// Writes an answer to a file, or to standard output.
///
/// # Errors
/// A form that needs a file has none; or the file cannot be written, in which case there is none.
pub(crate) fn write(format: Format, schema: &SchemaRef, batches: &[RecordBatch], out: Option<&Path>) -> Result<(), Error> {
    match out {
        Some(path) => to_file(format, schema, batches, path),
        None => to_screen(format, schema, batches),
    }
}

fn to_screen(format: Format, schema: &SchemaRef, batches: &[RecordBatch]) -> Result<(), Error> {
    if matches!(format, Format::Parquet | Format::Arrow | Format::Xlsx) {
        return Err(Error::asked("this format is a file, not text", "add --out FILE"));
    }
    let mut bytes = Vec::new();
    render(format, schema, batches, &mut bytes)?;
    output::write_out(&bytes, false)
}

/// Under another name first: whoever sees the file sees all of it.
fn to_file(format: Format, schema: &SchemaRef, batches: &[RecordBatch], path: &Path) -> Result<(), Error> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    // Made here whatever the form, so that a folder that is not there is told as such.
    let file = File::create(&part).map_err(Error::file("writing", path))?;
    let written = match format {
        Format::Xlsx => spreadsheet(schema, batches, &part),
        _ => whole(format, schema, batches, file),
    };
    match written {
        Ok(()) => std::fs::rename(&part, path).map_err(Error::file("writing", path)),
        Err(error) => {
            drop(std::fs::remove_file(&part));
            Err(error)
        }
    }
}

/// Every byte of it is with the system when this returns: a buffer that is only dropped says nothing of a full disk.
fn whole(format: Format, schema: &SchemaRef, batches: &[RecordBatch], file: File) -> Result<(), Error> {
    let mut out = BufWriter::new(file);
    render(format, schema, batches, &mut out)?;
    out.flush().map_err(failed)
}

fn render(format: Format, schema: &SchemaRef, batches: &[RecordBatch], mut out: impl Write + Send) -> Result<(), Error> {
    match format {
        Format::Table => {
            let shown = arrow_cast::pretty::pretty_format_batches_with_schema(SchemaRef::clone(schema), batches).map_err(failed)?;
            writeln!(out, "{}", output::tame(shown.to_string())).map_err(failed)
        }
        Format::Json => {
            let mut writer = arrow_json::WriterBuilder::new().with_explicit_nulls(true).build::<_, arrow_json::writer::JsonArray>(&mut out);
            writer.write_batches(&batches.iter().collect::<Vec<_>>()).map_err(failed)?;
            writer.finish().map_err(failed)?;
            writeln!(out).map_err(failed)
        }
        Format::Csv => separated(schema, batches, &mut out),
        Format::Parquet => {
            let mut writer = parquet::arrow::ArrowWriter::try_new(&mut out, SchemaRef::clone(schema), None).map_err(failed)?;
            batches.iter().try_for_each(|batch| writer.write(batch)).map_err(failed)?;
            writer.close().map(drop).map_err(failed)
        }
        Format::Arrow => {
            let mut writer = arrow_ipc::writer::FileWriter::try_new(&mut out, schema).map_err(failed)?;
            batches.iter().try_for_each(|batch| writer.write(batch)).map_err(failed)?;
            writer.finish().map_err(failed)
        }
        Format::Xlsx => Err(Error::Output("a spreadsheet is written to a file".to_owned())),
    }
}

/// UTF-8 with byte order mark and CRLF (RFC 4180).
fn separated(schema: &SchemaRef, batches: &[RecordBatch], out: &mut impl Write) -> Result<(), Error> {
    let headings: Vec<String> = schema.fields().iter().map(|field| quoted(field.name(), true)).collect();
    write!(out, "\u{feff}{}\r\n", headings.join(",")).map_err(failed)?;
    each_row(batches, |cells, is_text| {
        let line: Vec<String> = cells.iter().zip(is_text).map(|(cell, is_text)| quoted(cell, *is_text)).collect();
        write!(out, "{}\r\n", line.join(",")).map_err(failed)
    })
}

/// A text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV injection).
fn quoted(cell: &str, is_text: bool) -> String {
    let guard = if is_text && cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if guard.is_empty() && !cell.contains(['"', ',', '\n', '\r']) {
        return cell.to_owned();
    }
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

/// Every row as a JSON object, empty values as null.
///
/// # Errors
/// A column has a type that JSON has no form for.
pub(crate) fn rows(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<Vec<serde_json::Map<String, serde_json::Value>>, Error> {
    let mut bytes = Vec::new();
    render(Format::Json, schema, batches, &mut bytes)?;
    serde_json::from_slice(&bytes).map_err(failed)
}

/// Rows that a sheet holds below its heading.
const SHEET_ROWS: u32 = 1_048_575;

fn spreadsheet(schema: &SchemaRef, batches: &[RecordBatch], path: &Path) -> Result<(), Error> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let mut sheet = new_sheet(&mut book, schema)?;
    let mut row = 0;
    each_row(batches, |cells, _| {
        if row == SHEET_ROWS {
            let full = std::mem::replace(&mut sheet, new_sheet(&mut book, schema)?);
            book.push_worksheet(full);
            row = 0;
        }
        row += 1;
        for (column, cell) in (0u16..).zip(cells) {
            sheet.write_string(row, column, cell.as_str()).map_err(failed)?;
        }
        Ok(())
    })?;
    book.push_worksheet(sheet);
    book.save(path).map_err(failed)
}

/// A sheet with its heading.
fn new_sheet(book: &mut rust_xlsxwriter::Workbook, schema: &SchemaRef) -> Result<rust_xlsxwriter::Worksheet, Error> {
    let mut sheet = book.new_worksheet_with_constant_memory().map_err(failed)?;
    for (column, field) in (0u16..).zip(schema.fields()) {
        sheet.write_string(0, column, field.name()).map_err(failed)?;
    }
    Ok(sheet)
}

/// Every row as text, with whether each column is text by type.
fn each_row(batches: &[RecordBatch], mut row: impl FnMut(&[String], &[bool]) -> Result<(), Error>) -> Result<(), Error> {
    let options = FormatOptions::default();
    for batch in batches {
        let formatters: Vec<_> = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
            .collect::<Result<_, _>>()
            .map_err(failed)?;
        let is_text: Vec<bool> = batch
            .columns()
            .iter()
            .map(|column| matches!(column.data_type(), DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8))
            .collect();
        for at in 0..batch.num_rows() {
            let cells: Vec<String> = formatters.iter().map(|formatter| formatter.value(at).to_string()).collect();
            row(&cells, &is_text)?;
        }
    }
    Ok(())
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Output(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Int64Array, StringArray};
    use std::sync::Arc;

    fn answer() -> RecordBatch {
        let ids = StringArray::from(vec!["990101198503070017", "=1+1"]);
        RecordBatch::try_from_iter([("身份证号", Arc::new(ids) as _), ("n", Arc::new(Int64Array::from(vec![-1, 2])) as _)]).unwrap()
    }

    #[test]
    fn a_csv_opens_in_chinese_and_runs_no_formula() {
        let mut bytes = Vec::new();
        render(Format::Csv, &answer().schema(), &[answer()], &mut bytes).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), "\u{feff}身份证号,n\r\n990101198503070017,-1\r\n\"'=1+1\",2\r\n");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn no_form_passes_over_a_full_disk() {
        for format in [Format::Table, Format::Json, Format::Csv, Format::Parquet, Format::Arrow] {
            let full = File::options().write(true).open("/dev/full").unwrap();
            let told = whole(format, &answer().schema(), &[answer()], full).unwrap_err().to_string();
            assert!(told.contains("No space left") && told.contains("hint: check the space left"), "{format:?}: {told}");
        }
    }

    #[test]
    fn every_form_writes_a_whole_file() {
        let folder = tempfile::tempdir().unwrap();
        for format in [Format::Table, Format::Json, Format::Csv, Format::Parquet, Format::Arrow, Format::Xlsx] {
            let path = folder.path().join(format!("{format:?}"));
            write(format, &answer().schema(), &[answer()], Some(&path)).unwrap();
            assert!(std::fs::metadata(&path).unwrap().len() > 10, "{format:?}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 6, "no parts are left");
        let nowhere = write(Format::Xlsx, &answer().schema(), &[answer()], Some(&folder.path().join("none/a.xlsx"))).unwrap_err();
        assert!(nowhere.to_string().contains("a.xlsx"), "{nowhere}");
    }
}
