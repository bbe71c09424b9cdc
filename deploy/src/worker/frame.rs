//! What passes between the two processes about a file. Rows are one Arrow IPC record batch under the name of its table, whose schema the
//! receiver knows and is not told; before them stand two lengths, of what is said [about](About) them and of the message. A column that says
//! the same in every row, as a quarter of all bytes did, is said once and not sent.

use crate::confined::frame::{self, Frame, HEAD, MOST, Misfit, head, length_bytes, number};
use arrow_array::{Array as _, ArrayRef, RecordBatch, StringArray, cast::AsArray as _, new_null_array};
use arrow_buffer::{Buffer, OffsetBuffer};
use arrow_ipc::{
    MetadataVersion,
    reader::read_record_batch,
    root_as_message,
    writer::{DictionaryTracker, EncodedData, IpcDataGenerator, IpcWriteContext, IpcWriteOptions},
};
use arrow_schema::{ArrowError, DataType, Field, SchemaRef};
use serde::{Deserialize, Serialize};
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

/// What is said about rows.
#[derive(Debug, Serialize, Deserialize)]
struct About {
    table: String,
    /// By the places of columns that are not sent, the text that stands in every row, or that none does.
    same: BTreeMap<usize, Option<String>>,
}

/// The table and its rows.
///
/// # Errors
/// There is no such table among `tables`, or the rows are not of its schema.
pub(super) fn rows(frame: Frame<Kind>, tables: &BTreeMap<String, SchemaRef>) -> Result<(String, RecordBatch), Misfit> {
    let bytes = Buffer::from_vec(frame.into_bytes());
    let lengths = bytes.get(..HEAD).ok_or("rows without a head")?;
    let (about, message) = (number(&lengths[..4]).unwrap_or(MOST), number(&lengths[4..]).unwrap_or(MOST));
    let message_at = HEAD + padded(about);
    let body_at = message_at + padded(message);
    if about > MOST || message > MOST || body_at > bytes.len() {
        return Err("rows that are cut short");
    }
    let About { table, same } = serde_json::from_slice(&bytes[HEAD..HEAD + about]).map_err(|_| "a table without a name")?;
    let schema = tables.get(&table).ok_or("a table that is not the extract's")?;
    let sent: Vec<usize> = (0..schema.fields().len()).filter(|place| !same.contains_key(place)).collect();
    let sent = schema.project(&sent).map_err(|_| UNSOUND)?;
    let rows = batch(&bytes[message_at..message_at + message], &bytes.slice(body_at), &Arc::new(sent))?;
    Ok((table, together(&rows, &same, schema)?))
}

/// Sends rows, in several frames if they are many bytes.
///
/// # Errors
/// The other side is gone, or one row is longer than a frame.
pub(super) fn send_rows(output: &mut impl Write, table: &str, rows: &RecordBatch) -> io::Result<()> {
    let (same, others) = apart(rows);
    let added = added(&same, rows.num_rows());
    let about = serde_json::to_vec(&About { table: table.to_owned(), same })?;
    let EncodedData { ipc_message: message, arrow_data: body } =
        rows.project(&others).and_then(|rows| encode(&rows)).map_err(io::Error::other)?;
    let length = HEAD + padded(about.len()) + padded(message.len()) + body.len();
    if length.saturating_add(added) > MOST {
        let half = rows.num_rows() / 2;
        if half == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        send_rows(output, table, &rows.slice(0, half))?;
        return send_rows(output, table, &rows.slice(half, rows.num_rows() - half));
    }
    head(output, Kind::Rows, length)?;
    for number in [about.len(), message.len()] {
        output.write_all(&length_bytes(number)?)?;
    }
    for part in [&about, &message] {
        output.write_all(part)?;
        output.write_all(&[0; ALIGNED][..padded(part.len()) - part.len()])?;
    }
    output.write_all(&body)?;
    output.flush()
}

/// The columns that say the same in every row, and the places of the others.
fn apart(rows: &RecordBatch) -> (BTreeMap<usize, Option<String>>, Vec<usize>) {
    let (mut same, mut others) = (BTreeMap::new(), Vec::new());
    for (place, column) in rows.columns().iter().enumerate() {
        match repeated(column) {
            Some(text) => _ = same.insert(place, text),
            None => others.push(place),
        }
    }
    (same, others)
}

/// Bytes of a text that is worth looking for in every row: the longest are names of files.
const REPEATED_MOST: usize = 256;

/// What a column says in each of its rows, if it is the same: a text, or nothing.
fn repeated(column: &ArrayRef) -> Option<Option<String>> {
    let last = column.len().checked_sub(1).filter(|last| *last > 0)?;
    if column.null_count() == column.len() {
        return Some(None);
    }
    let texts = column.as_string_opt::<i32>().filter(|texts| texts.null_count() == 0)?;
    let text = texts.value(0);
    (text.len() <= REPEATED_MOST && texts.value(last) == text && says_only(texts, text)).then(|| Some(text.to_owned()))
}

/// Whether a text column holds this value in every row. A buffer that holds nothing but repetitions equals itself moved on by one.
pub(super) fn says_only(column: &StringArray, value: &str) -> bool {
    let length = value.len();
    let (Some(first), Some(last)) = (column.offsets().first(), column.offsets().last()) else { return false };
    let text = usize::try_from(*first).ok().zip(usize::try_from(*last).ok()).and_then(|(first, last)| column.values().get(first..last));
    let is_even = column.offsets().windows(2).all(|ends| usize::try_from(ends[1] - ends[0]) == Ok(length));
    let is_repeated =
        |text: &[u8]| text.is_empty() || text.get(..length) == Some(value.as_bytes()) && text[length..] == text[..text.len() - length];
    column.null_count() == 0 && is_even && text.is_some_and(is_repeated)
}

/// Bytes that columns which are not sent take once they stand in so many rows, with their ends.
fn added(same: &BTreeMap<usize, Option<String>>, rows: usize) -> usize {
    let bytes = same.values().map(|text| text.as_ref().map_or(0, String::len) + 8).sum::<usize>();
    bytes.saturating_mul(rows)
}

/// The rows with those columns that were not sent.
fn together(rows: &RecordBatch, same: &BTreeMap<usize, Option<String>>, schema: &SchemaRef) -> Result<RecordBatch, Misfit> {
    let count = rows.num_rows();
    // They may not take more than if they had been sent.
    if added(same, count) > MOST {
        return Err(UNSOUND);
    }
    let mut sent = rows.columns().iter();
    let column = |(place, field): (usize, &Arc<Field>)| match same.get(&place) {
        None => sent.next().map(Arc::clone),
        Some(None) => Some(new_null_array(field.data_type(), count)),
        Some(Some(text)) => {
            let (ends, texts) = (OffsetBuffer::from_repeated_length(text.len(), count), Buffer::from_vec(text.repeat(count).into_bytes()));
            StringArray::try_new(ends, texts, None).ok().map(|texts| Arc::new(texts) as ArrayRef)
        }
    };
    let columns = schema.fields().iter().enumerate().map(column).collect::<Option<Vec<_>>>().ok_or(UNSOUND)?;
    RecordBatch::try_new(Arc::clone(schema), columns).map_err(|_| UNSOUND)
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

const UNSOUND: Misfit = "rows that are not as their table's contract says";

/// Rows of that schema. Arrow checks offsets and text; what it would panic on is looked at before.
fn batch(message: &[u8], body: &Buffer, schema: &SchemaRef) -> Result<RecordBatch, Misfit> {
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
