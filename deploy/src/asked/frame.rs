//! What passes between the two processes about a question. Columns are an Arrow IPC stream without rows, and each batch is one with the same
//! columns. Arrow checks offsets, lengths and texts of what it reads; where it breaks on some, the thread that listens ends, and with it the
//! question.

use crate::confined::{
    frame::{self, Frame, MOST, Misfit},
    limit::Confinement,
};
use arrow_array::{Array, ArrayRef, RecordBatch, cast::AsArray as _};
use arrow_ipc::{reader::StreamDecoder, writer::StreamWriter};
use arrow_schema::{ArrowError, DataType, SchemaRef};
use std::sync::Arc;
use wuwei_query::{Reads, Told};

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// To the child: what it answers from.
    Setup = 1,
    /// To the child: a question, to be planned.
    Question,
    /// To the child: the question is accounted for, and may be run.
    Run,
    /// How the child is confined; always its first word.
    Confined,
    /// It waits for a question, and nothing of one before runs any more.
    Ready,
    /// The question is planned; what it reads.
    Planned,
    /// Its parameters, as columns.
    Parameters,
    /// The columns of its rows.
    Columns,
    /// The next rows.
    Rows,
    /// There are no more; how many there were.
    Whole,
    /// Why there are none, or no more.
    Failed,
}

const KINDS: [Kind; 11] = [
    Kind::Setup,
    Kind::Question,
    Kind::Run,
    Kind::Confined,
    Kind::Ready,
    Kind::Planned,
    Kind::Parameters,
    Kind::Columns,
    Kind::Rows,
    Kind::Whole,
    Kind::Failed,
];

impl frame::Kind for Kind {
    const ALL: &'static [Kind] = &KINDS;

    fn byte(self) -> u8 {
        self as u8
    }

    fn is_long(self) -> bool {
        matches!(self, Kind::Setup | Kind::Question)
    }
}

/// What a child said.
#[derive(Debug)]
pub(super) enum Word {
    Confined(Confinement),
    Ready,
    Planned(Reads),
    Parameters(Vec<DataType>),
    Columns(SchemaRef),
    Rows(RecordBatch),
    Whole(u64),
    Failed(Told),
    /// What no child of ours says.
    Unsound(Misfit),
}

/// Makes words of frames.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// Of the question at hand.
    columns: Option<SchemaRef>,
}

impl Words {
    pub(super) fn word(&mut self, frame: Frame<Kind>) -> Word {
        let word = match frame.kind {
            Kind::Confined => frame.json().map(Word::Confined),
            Kind::Ready => Ok(Word::Ready),
            Kind::Planned => frame.json().map(Word::Planned),
            Kind::Parameters => parameters(frame.into_bytes()).map(Word::Parameters),
            Kind::Columns => self.columns(frame.into_bytes()).map(Word::Columns),
            Kind::Rows => self.rows(frame.into_bytes()).map(Word::Rows),
            Kind::Whole => frame.json().map(Word::Whole),
            Kind::Failed => frame.json().map(Word::Failed),
            Kind::Setup | Kind::Question | Kind::Run => Err("a word that is not its own"),
        };
        word.unwrap_or_else(Word::Unsound)
    }

    fn columns(&mut self, bytes: Vec<u8>) -> Result<SchemaRef, Misfit> {
        match stream(bytes) {
            Some((columns, None)) => Ok(SchemaRef::clone(self.columns.insert(columns))),
            _ => Err("columns that are none"),
        }
    }

    fn rows(&self, bytes: Vec<u8>) -> Result<RecordBatch, Misfit> {
        match stream(bytes) {
            Some((columns, Some(rows))) if self.columns.as_ref() == Some(&columns) => Ok(rows),
            _ => Err("rows that are not of its columns"),
        }
    }
}

/// Types of parameters.
fn parameters(bytes: Vec<u8>) -> Result<Vec<DataType>, Misfit> {
    match stream(bytes) {
        Some((columns, None)) => Ok(columns.fields().iter().map(|field| field.data_type().clone()).collect()),
        _ => Err("parameters that are none"),
    }
}

/// The columns of a stream and its one batch, if there is one.
fn stream(bytes: Vec<u8>) -> Option<(SchemaRef, Option<RecordBatch>)> {
    let (mut decoder, mut bytes) = (StreamDecoder::new(), bytes.into());
    let rows = decoder.decode(&mut bytes).ok()?;
    let more = decoder.decode(&mut bytes).ok()?;
    decoder.finish().ok()?;
    decoder.schema().filter(|_| more.is_none()).map(|columns| (columns, rows))
}

/// Columns, and rows if there are any, as a stream.
pub(super) fn piece(columns: &SchemaRef, rows: Option<&RecordBatch>) -> Result<Vec<u8>, ArrowError> {
    let mut stream = StreamWriter::try_new(Vec::new(), columns)?;
    rows.map_or(Ok(()), |rows| stream.write(rows))?;
    stream.into_inner()
}

/// Rows as so many batches that each fits in a frame; one row that does not is refused by the frame.
pub(super) fn parts(rows: &RecordBatch) -> Vec<RecordBatch> {
    let rows = compact(rows);
    let bytes = rows.columns().iter().map(|column| column.to_data().get_slice_memory_size().unwrap_or(MOST)).sum::<usize>();
    if bytes <= MOST / 2 || rows.num_rows() < 2 {
        return vec![rows];
    }
    let half = rows.num_rows() / 2;
    [rows.slice(0, half), rows.slice(half, rows.num_rows() - half)].iter().flat_map(parts).collect()
}

/// Views hold on to all bytes of the arrays that they were taken from: what is not seen is not sent.
fn compact(rows: &RecordBatch) -> RecordBatch {
    let columns: Vec<ArrayRef> = rows.columns().iter().map(compacted).collect();
    RecordBatch::try_new(rows.schema(), columns).unwrap_or_else(|_| rows.clone())
}

fn compacted(column: &ArrayRef) -> ArrayRef {
    match column.data_type() {
        DataType::Utf8View => Arc::new(column.as_string_view().gc()),
        DataType::BinaryView => Arc::new(column.as_binary_view().gc()),
        _ => Arc::clone(column),
    }
}

#[cfg(test)]
mod tests;
