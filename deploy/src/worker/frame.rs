//! What passes between the two processes: a kind, a length, and so many bytes. Texts are JSON; rows are one Arrow IPC record batch under
//! the name of its table, whose schema the receiver knows and is not told. Nothing received is believed: not a length, not a count.

use arrow_array::RecordBatch;
use arrow_ipc::{
    MetadataVersion,
    reader::read_record_batch,
    root_as_message,
    writer::{DictionaryTracker, EncodedData, IpcDataGenerator, IpcWriteContext, IpcWriteOptions},
};
use arrow_schema::{ArrowError, DataType, SchemaRef};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    collections::{BTreeMap, HashMap},
    io::{self, Read, Write},
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

/// The longest frame; chunks of rows stay far below.
pub(super) const MOST: usize = 128 << 20;

/// The longest text of JSON that is taken.
const MOST_TEXT: usize = 1 << 20;

/// A frame as received.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    bytes: Vec<u8>,
}

/// What does not fit in what was received: never a value.
pub(super) type Misfit = &'static str;

impl Frame {
    /// The next frame; none at the end.
    ///
    /// # Errors
    /// The other side is gone in the midst of one, or sends what is none.
    pub(super) fn read(input: &mut impl Read) -> io::Result<Option<Frame>> {
        let mut head = Vec::with_capacity(HEAD);
        if input.take(HEAD as u64).read_to_end(&mut head)? == 0 {
            return Ok(None);
        }
        let kind = head.first().and_then(|byte| KINDS.into_iter().find(|kind| *kind as u8 == *byte));
        let length = head.get(4..HEAD).and_then(number).filter(|length| *length <= MOST);
        let (Some(kind), Some(length)) = (kind, length) else { return Err(io::ErrorKind::InvalidData.into()) };
        let mut bytes = Vec::with_capacity(length);
        input.take(length as u64).read_to_end(&mut bytes)?;
        if bytes.len() == length { Ok(Some(Frame { kind, bytes })) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// What its JSON says.
    ///
    /// # Errors
    /// It says something else.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Misfit> {
        if self.bytes.len() > MOST_TEXT && !matches!(self.kind, Kind::Job | Kind::Suggested) {
            return Err("a text that is too long");
        }
        serde_json::from_slice(&self.bytes).map_err(|_| "a text that says something else")
    }

    /// Its bytes, as they are.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The table and its rows.
    ///
    /// # Errors
    /// There is no such table among `tables`, or the rows are not of its schema.
    pub(super) fn rows(self, tables: &BTreeMap<String, SchemaRef>) -> Result<(String, RecordBatch), Misfit> {
        let bytes = arrow_buffer::Buffer::from_vec(self.bytes);
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
}

/// Sends JSON.
///
/// # Errors
/// The other side is gone.
pub(super) fn send(output: &mut impl Write, kind: Kind, what: &impl Serialize) -> io::Result<()> {
    send_bytes(output, kind, &serde_json::to_vec(what)?)
}

/// Sends bytes as they are.
///
/// # Errors
/// The other side is gone.
pub(super) fn send_bytes(output: &mut impl Write, kind: Kind, bytes: &[u8]) -> io::Result<()> {
    head(output, kind, bytes.len())?;
    output.write_all(bytes)?;
    output.flush()
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

/// Bytes before the content: kind, three of nothing, length; and before rows: length of the table's name, length of the message.
const HEAD: usize = 8;

/// Where parts begin, so that numbers in them can be read in place.
const ALIGNED: usize = 8;

fn head(output: &mut impl Write, kind: Kind, length: usize) -> io::Result<()> {
    if length > MOST {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    output.write_all(&[kind as u8, 0, 0, 0])?;
    output.write_all(&length_bytes(length)?)
}

fn length_bytes(length: usize) -> io::Result<[u8; 4]> {
    Ok(u32::try_from(length).map_err(io::Error::other)?.to_le_bytes())
}

fn number(bytes: &[u8]) -> Option<usize> {
    Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
}

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
