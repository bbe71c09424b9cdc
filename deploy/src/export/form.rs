//! The forms that an answer is written in batch by batch, so that none of them holds more than a batch: a spreadsheet and a Parquet file too
//! grow on disk, not in memory.

use super::{failed, separated::Separated, sheet::Sheets};
use crate::Error;
use arrow_array::RecordBatch;
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_json::{StructMode, WriterBuilder, writer::JsonArray};
use arrow_schema::{Field, FieldRef, SchemaRef};
use parquet::{arrow::ArrowWriter, file::properties::WriterProperties};
use serde_json::json;
use std::{io::Write, path::Path};

/// A form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A JSON array of objects.
    Objects,
    /// `{"schema": [{name, type, nullable}], "rows": [[…]], "row_count": n}`.
    Rows,
    /// UTF-8 with byte order mark and CRLF.
    Csv,
    /// A Parquet file.
    Parquet,
    /// An Arrow IPC file.
    ArrowFile,
    /// An Arrow IPC stream.
    ArrowStream,
    /// A spreadsheet, XLSX, whose cells are text.
    Sheet,
}

/// An answer that is being written.
pub(crate) trait Writing: Send {
    /// Writes some rows.
    ///
    /// # Errors
    /// They cannot be written.
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error>;

    /// Writes what comes after the last row.
    ///
    /// # Errors
    /// It cannot be written.
    fn finish(self: Box<Self>) -> Result<(), Error>;
}

/// Rows of a group in a Parquet file: what is held until it is written.
const GROUP_ROWS: usize = 65_536;

impl Form {
    /// Begins an answer; what a form needs on disk for a moment goes to `spill`, or to where the system keeps such things.
    ///
    /// # Errors
    /// The first bytes cannot be written, or the form has no place for a column's type.
    pub(crate) fn begin<'a>(
        self,
        schema: &SchemaRef,
        out: impl Write + Send + 'a,
        spill: Option<&Path>,
    ) -> Result<Box<dyn Writing + 'a>, Error> {
        let own = SchemaRef::clone(schema);
        Ok(match self {
            Form::Objects => Box::new(Objects::begin(out)),
            Form::Rows => Box::new(Rows::begin(schema, out)?),
            Form::Csv => Box::new(Separated::begin(schema, out)?),
            Form::Parquet => {
                let properties = WriterProperties::builder().set_max_row_group_row_count(Some(GROUP_ROWS)).build();
                Box::new(ArrowWriter::try_new(out, own, Some(properties)).map_err(failed)?)
            }
            Form::ArrowFile => Box::new(FileWriter::try_new(out, schema).map_err(failed)?),
            Form::ArrowStream => Box::new(StreamWriter::try_new(out, schema).map_err(failed)?),
            Form::Sheet => Box::new(Sheets::begin(schema, out, spill)?),
        })
    }
}

impl<W: Write + Send> Writing for ArrowWriter<W> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.write(batch).map_err(failed)
    }

    fn finish(self: Box<Self>) -> Result<(), Error> {
        self.close().map(drop).map_err(failed)
    }
}

impl<W: Write + Send> Writing for FileWriter<W> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.write(batch).map_err(failed)
    }

    fn finish(mut self: Box<Self>) -> Result<(), Error> {
        FileWriter::finish(&mut self).map_err(failed)
    }
}

impl<W: Write + Send> Writing for StreamWriter<W> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.write(batch).map_err(failed)
    }

    fn finish(mut self: Box<Self>) -> Result<(), Error> {
        StreamWriter::finish(&mut self).map_err(failed)
    }
}

/// Objects, with a newline behind the array.
struct Objects<W: Write>(arrow_json::Writer<W, JsonArray>);

impl<W: Write + Send> Objects<W> {
    fn begin(out: W) -> Objects<W> {
        Objects(WriterBuilder::new().with_explicit_nulls(true).build(out))
    }
}

impl<W: Write + Send> Writing for Objects<W> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.0.write(batch).map_err(failed)
    }

    fn finish(mut self: Box<Self>) -> Result<(), Error> {
        self.0.finish().map_err(failed)?;
        writeln!(self.0.into_inner()).map_err(failed)
    }
}

/// Rows as arrays under their schema.
struct Rows<W: Write> {
    writer: arrow_json::Writer<W, JsonArray>,
    count: u64,
}

impl<W: Write + Send> Rows<W> {
    fn begin(schema: &SchemaRef, mut out: W) -> Result<Rows<W>, Error> {
        let kind = |field: &Field| field.data_type().to_string();
        let column = |field: &FieldRef| json!({"name": field.name(), "type": kind(field), "nullable": field.is_nullable()});
        let columns: Vec<_> = schema.fields().iter().map(column).collect();
        write!(out, "{{\"schema\":{},\"rows\":", serde_json::Value::from(columns)).map_err(failed)?;
        let writer = WriterBuilder::new().with_explicit_nulls(true).with_struct_mode(StructMode::ListOnly).build(out);
        Ok(Rows { writer, count: 0 })
    }
}

impl<W: Write + Send> Writing for Rows<W> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.count += batch.num_rows() as u64;
        self.writer.write(batch).map_err(failed)
    }

    fn finish(mut self: Box<Self>) -> Result<(), Error> {
        self.writer.finish().map_err(failed)?;
        writeln!(self.writer.into_inner(), ",\"row_count\":{}}}", self.count).map_err(failed)
    }
}
