//! What passes between the two processes about a file. Rows are one Arrow IPC record batch under the name of its table, whose schema the
//! receiver knows and is not told; before them stand two lengths, of the name and of the message.

use crate::confined::frame::{self, Frame, HEAD, MOST, Misfit, head, length_bytes, number};
use arrow_array::RecordBatch;
use arrow_ipc::{
    MetadataVersion,
    reader::read_record_batch,
    root_as_message,
    writer::{DictionaryTracker, EncodedData, IpcDataGenerator, IpcWriteContext, IpcWriteOptions},
};
use arrow_schema::{ArrowError, DataType, SchemaRef};
use std::{
    collections::{BTreeMap, HashMap},
    io::{self, Write},
    sync::Arc,
};

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// To the child: the job.
    Job = 1,
    /// To the child: read on, numbering records from here. What is held of the extract follows, without a frame.
    First,
    /// How the child is confined; always its first word.
    Confined,
    /// The file is no archive, and is read itself.
    Single,
    /// The file is an archive, and one of its files begins, under this name.
    Member,
    /// The next bytes of that file, as they are.
    Bytes,
    /// The archive ends; what in it is left out. Its last word.
    Archive,
    /// How the file is understood.
    Opened,
    /// Rows of one table.
    Rows,
    /// The account; its last word.
    Report,
    /// Why the file is not read; its last word too.
    Refused,
    /// What its columns are likely to be; its last word, where that was asked.
    Suggested,
}

const KINDS: [Kind; 12] = [
    Kind::Job,
    Kind::First,
    Kind::Confined,
    Kind::Single,
    Kind::Member,
    Kind::Bytes,
    Kind::Archive,
    Kind::Opened,
    Kind::Rows,
    Kind::Report,
    Kind::Refused,
    Kind::Suggested,
];

impl frame::Kind for Kind {
    const ALL: &'static [Kind] = &KINDS;

    fn byte(self) -> u8 {
        self as u8
    }

    fn is_long(self) -> bool {
        matches!(self, Kind::Job | Kind::Suggested)
    }
}

/// The table and its rows.
///
/// # Errors
/// There is no such table among `tables`, or the rows are not of its schema.
pub(super) fn rows(frame: Frame<Kind>, tables: &BTreeMap<String, SchemaRef>) -> Result<(String, RecordBatch), Misfit> {
    let bytes = arrow_buffer::Buffer::from_vec(frame.into_bytes());
    let lengths = bytes.get(..HEAD).ok_or("rows without a head")?;
    let (name, message) = (number(&lengths[..4]).unwrap_or(MOST), number(&lengths[4..]).unwrap_or(MOST));
    let message_at = HEAD + padded(name);
    let body_at = message_at + padded(message);
    if name > MOST || message > MOST || body_at > bytes.len() {
        return Err("rows that are cut short");
    }
    let name = str::from_utf8(&bytes[HEAD..HEAD + name]).map_err(|_| "a table without a name")?;
    let schema = tables.get(name).ok_or("a table that is not the extract's")?;
    let rows = batch(&bytes[message_at..message_at + message], &bytes.slice(body_at), schema)?;
    Ok((name.to_owned(), rows))
}

/// Sends rows, in several frames if they are many bytes.
///
/// # Errors
/// The other side is gone, or one row is longer than a frame.
pub(super) fn send_rows(output: &mut impl Write, table: &str, rows: &RecordBatch) -> io::Result<()> {
    let EncodedData { ipc_message: message, arrow_data: body } = encode(rows).map_err(io::Error::other)?;
    let length = HEAD + padded(table.len()) + padded(message.len()) + body.len();
    if length > MOST {
        let half = rows.num_rows() / 2;
        if half == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        send_rows(output, table, &rows.slice(0, half))?;
        return send_rows(output, table, &rows.slice(half, rows.num_rows() - half));
    }
    head(output, Kind::Rows, length)?;
    for number in [table.len(), message.len()] {
        output.write_all(&length_bytes(number)?)?;
    }
    for part in [table.as_bytes(), &message] {
        output.write_all(part)?;
        output.write_all(&[0; ALIGNED][..padded(part.len()) - part.len()])?;
    }
    output.write_all(&body)?;
    output.flush()
}

/// Where parts begin, so that numbers in them can be read in place.
const ALIGNED: usize = 8;

fn padded(length: usize) -> usize {
    length.next_multiple_of(ALIGNED)
}

fn encode(rows: &RecordBatch) -> Result<EncodedData, ArrowError> {
    let (mut tracker, mut context) = (DictionaryTracker::new(true), IpcWriteContext::default());
    let (_, encoded) = IpcDataGenerator::default().encode(rows, &mut tracker, &IpcWriteOptions::default(), &mut context)?;
    Ok(encoded)
}

/// Rows of that schema. Arrow checks offsets and text; what it would panic on is looked at before.
fn batch(message: &[u8], body: &arrow_buffer::Buffer, schema: &SchemaRef) -> Result<RecordBatch, Misfit> {
    const UNSOUND: Misfit = "rows that are not as their table's contract says";
    let message = root_as_message(message).map_err(|_| UNSOUND)?;
    let rows = message.header_as_record_batch().ok_or(UNSOUND)?;
    if message.version() != MetadataVersion::V5 || !is_sound(&rows, body.len(), schema) {
        return Err(UNSOUND);
    }
    read_record_batch(body, rows, Arc::clone(schema), &HashMap::new(), None, &MetadataVersion::V5).map_err(|_| UNSOUND)
}

/// Whether counts and places agree with each other and with what is there. Compressed rows are refused: their true size is only a claim.
fn is_sound(rows: &arrow_ipc::RecordBatch<'_>, available: usize, schema: &SchemaRef) -> bool {
    let (Some(nodes), Some(buffers)) = (rows.nodes(), rows.buffers()) else { return false };
    let Some(count) = usize::try_from(rows.length()).ok().filter(|count| *count <= MOST) else { return false };
    if rows.compression().is_some() || rows.variadicBufferCounts().is_some() || nodes.len() != schema.fields().len() {
        return false;
    }
    let mut buffers = buffers.iter();
    let mut next = || buffers.next().and_then(|buffer| length_inside(buffer, available));
    let are_sound = nodes.iter().zip(schema.fields()).all(|(node, field)| {
        let bits = count.div_ceil(8);
        let has_bits = next().is_some_and(|length| length >= bits || node.null_count() == 0);
        let has_values = match field.data_type() {
            // Ends of texts, then texts.
            DataType::Utf8 => next().is_some_and(|length| length == 4 * (count + 1) || count + length == 0) && next().is_some(),
            DataType::Int64 | DataType::Float64 | DataType::Timestamp(..) => next() == Some(8 * count),
            DataType::Boolean => next().is_some_and(|length| length >= bits),
            _ => false,
        };
        node.length() == rows.length() && (0..=node.length()).contains(&node.null_count()) && has_bits && has_values
    });
    are_sound && buffers.next().is_none()
}

/// The length of a buffer that is inside and begins where numbers may.
fn length_inside(buffer: &arrow_ipc::Buffer, available: usize) -> Option<usize> {
    let (offset, length) = (usize::try_from(buffer.offset()).ok()?, usize::try_from(buffer.length()).ok()?);
    (offset.checked_add(length)? <= available && offset.is_multiple_of(ALIGNED)).then_some(length)
}

#[cfg(test)]
mod tests;
