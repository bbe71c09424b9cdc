//! The one writer of answers, whatever the form. Text stays text: a spreadsheet gets text cells, so that 18 digits stay 18 digits, and a
//! CSV a byte order mark, so that it opens in Chinese.

mod form;
mod separated;
mod sheet;

use crate::{Error, cli::Format, output};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
pub(crate) use form::{Form, Writing};
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

/// Every row as a JSON object, empty values as null.
///
/// # Errors
/// A column has a type that JSON has no form for.
pub(crate) fn rows(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<Vec<serde_json::Map<String, serde_json::Value>>, Error> {
    let mut bytes = Vec::new();
    render(Format::Json, schema, batches, &mut bytes)?;
    serde_json::from_slice(&bytes).map_err(failed)
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
    let file = File::create(&part).map_err(Error::file("writing", path))?;
    match whole(format, schema, batches, file) {
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
    let form = match format {
        // Columns are as wide as their widest cell, so the table is made of all of them at once.
        Format::Table => {
            let shown = arrow_cast::pretty::pretty_format_batches_with_schema(SchemaRef::clone(schema), batches).map_err(failed)?;
            return writeln!(out, "{}", output::tame(shown.to_string())).map_err(failed);
        }
        Format::Json => Form::Objects,
        Format::Csv => Form::Csv,
        Format::Parquet => Form::Parquet,
        Format::Arrow => Form::ArrowFile,
        Format::Xlsx => Form::Sheet,
    };
    let mut writing = form.begin(schema, &mut out, None)?;
    batches.iter().try_for_each(|batch| writing.batch(batch))?;
    writing.finish()
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
        for format in [Format::Table, Format::Json, Format::Csv, Format::Parquet, Format::Arrow, Format::Xlsx] {
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
