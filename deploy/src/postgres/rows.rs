//! Rows on their way to a client: encoded when they are taken from the door, spooled until all of them are accounted for, then sent as many
//! at a time as the client fetches. A cursor that is left open holds a file, not memory.

use super::{refusal::Refusal, reply, wire::Wire};
use crate::{Error, serve::spool::Spool};
use arrow_array::RecordBatch;
use arrow_pg::datatypes::{arrow_schema_to_pg_fields, encode_recordbatch};
use arrow_schema::Schema;
use pgwire::api::{portal::Format, results::FieldInfo};
use std::{
    io::{Read, Write as _},
    path::Path,
    sync::Arc,
};

/// Bytes that are read of a spool at a time.
const PIECE: usize = 64 * 1024;
/// Bytes of a frame before its body.
const HEAD: usize = 5;

/// The columns of an answer, in the forms that a client wants them.
pub(super) type Fields = Arc<Vec<FieldInfo>>;

/// The columns of an answer; `forms` are those of the protocol: none for text, one for all, or one each.
///
/// # Errors
/// There are as many forms as no client sends, or a column is of a type that PostgreSQL does not have.
pub(super) fn fields(schema: &Schema, forms: &[i16]) -> Result<Fields, Refusal> {
    let format = match forms {
        [] => Format::UnifiedText,
        [one] => Format::from(*one),
        each if each.len() == schema.fields().len() => Format::Individual(each.to_vec()),
        _ => return Err(Refusal::protocol("there are other forms than columns")),
    };
    let fields = arrow_schema_to_pg_fields(schema, &format, None).map_err(|_| {
        Refusal::new("0A000", "a column of the answer has no type in PostgreSQL", "cast it to text, or take it apart with functions")
    })?;
    Ok(Arc::new(fields))
}

/// Whether two descriptions are of the same columns.
pub(super) fn are_alike(left: &[FieldInfo], right: &[FieldInfo]) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).all(|(left, right)| left.name() == right.name() && left.datatype() == right.datatype())
}

/// Rows that are being put down.
#[derive(Debug, Clone)]
pub(super) struct Writing {
    pub(super) fields: Fields,
    spool: Spool,
}

impl Writing {
    /// With the spool's file, if it needs one, in that folder.
    pub(super) fn new(fields: Fields, folder: &Path) -> Writing {
        Writing { fields, spool: Spool::new(folder.to_owned()) }
    }

    /// Encodes a batch and puts it down, where nobody waits for it.
    ///
    /// # Errors
    /// A value has no form in PostgreSQL, or the disk is full.
    pub(super) async fn batch(&self, batch: RecordBatch) -> Result<(), Refusal> {
        let mut writing = self.clone();
        apart(move || {
            let mut out = Vec::new();
            for row in encode_recordbatch(Arc::clone(&writing.fields), batch) {
                // Its words may hold the value.
                let Ok(row) = row else { return Ok(Err(Refusal::new("22000", "a value has no form in PostgreSQL", "cast it to text"))) };
                let columns = row.field_count;
                reply::frame(&mut out, b'D', |out| {
                    out.extend_from_slice(&columns.to_be_bytes());
                    out.extend_from_slice(&row.data);
                });
            }
            writing.spool.write_all(&out).map_err(|error| Error::Output(error.to_string()))?;
            Ok(Ok(()))
        })
        .await?
    }

    /// What was put down, from its beginning.
    ///
    /// # Errors
    /// The disk is full.
    pub(super) async fn rows(self) -> Result<Rows, Refusal> {
        let spool = self.spool;
        let reader = apart(move || spool.reader()).await?;
        Ok(Rows { fields: self.fields, reader: Some(reader), ahead: Vec::new(), sent: 0 })
    }
}

/// Rows that may leave.
pub(super) struct Rows {
    pub(super) fields: Fields,
    /// None at its end.
    reader: Option<Box<dyn Read + Send>>,
    /// Read and not yet sent.
    ahead: Vec<u8>,
    /// Rows of the last fetch.
    pub(super) sent: u64,
}

impl Rows {
    /// Sends so many rows, or all when it is 0. Whether there may be more.
    ///
    /// # Errors
    /// The spool cannot be read. `Ok(None)` when the client is gone.
    pub(super) async fn fetch(&mut self, most: u32, wire: &mut Wire) -> Result<Option<bool>, Refusal> {
        self.sent = 0;
        loop {
            let mut at = 0;
            while let Some(end) = frame_end(&self.ahead, at) {
                wire.out().extend_from_slice(&self.ahead[at..end]);
                at = end;
                self.sent += 1;
                if most > 0 && self.sent == u64::from(most) {
                    self.ahead.drain(..at);
                    return Ok(wire.drain().await.ok().map(|()| true));
                }
            }
            self.ahead.drain(..at);
            if wire.drain().await.is_err() {
                return Ok(None);
            }
            let Some(reader) = self.reader.take() else { return Ok(Some(false)) };
            let (piece, reader) = apart(move || read(reader)).await?;
            if !piece.is_empty() {
                self.ahead.extend_from_slice(&piece);
                self.reader = Some(reader);
            }
        }
    }
}

/// Where a whole frame that begins there ends.
fn frame_end(bytes: &[u8], at: usize) -> Option<usize> {
    let length = bytes.get(at + 1..at + HEAD)?.try_into().ok().map(u32::from_be_bytes)?;
    let end = at + 1 + usize::try_from(length).ok()?;
    (end <= bytes.len()).then_some(end)
}

fn read(mut reader: Box<dyn Read + Send>) -> Result<(Vec<u8>, Box<dyn Read + Send>), Error> {
    let mut piece = Vec::with_capacity(PIECE);
    (&mut reader).take(PIECE as u64).read_to_end(&mut piece).map_err(|error| Error::Output(error.to_string()))?;
    Ok((piece, reader))
}

/// Work that waits for the disk or takes its time, where nobody else waits for it.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Refusal> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(Error::defect("an answer could not be written").into()),
    }
}
