//! Rows on their way to a client: made messages of Flight when they are taken from the door, spooled until all of them are accounted for, then
//! sent as the client reads them.

use super::{plain, refusal};
use crate::{
    Error,
    serve::{answer::apart, problem::Problem, spool::Spool},
};
use arrow_array::RecordBatch;
use arrow_flight::{FlightData, encode::FlightDataEncoderBuilder, error::FlightError};
use arrow_schema::SchemaRef;
use futures::{
    TryStreamExt as _,
    executor::block_on_stream,
    stream::{self, BoxStream, StreamExt as _},
};
use prost::Message as _;
use std::{
    io::{self, Read, Write as _},
    path::Path,
};
use tonic::Status;

/// Messages of an answer, the columns first.
pub(super) type Frames = BoxStream<'static, Result<FlightData, Status>>;

/// Rows that are being put down.
#[derive(Debug, Clone)]
pub(super) struct Writing {
    schema: SchemaRef,
    spool: Spool,
}

impl Writing {
    /// Of rows with these columns, which are plain; with the spool's file, if it needs one, in that folder.
    ///
    /// # Errors
    /// The columns have no form in Flight, or the disk is full.
    pub(super) async fn begin(schema: SchemaRef, folder: &Path) -> Result<Writing, Problem> {
        let writing = Writing { schema, spool: Spool::new(folder.to_owned()) };
        let own = writing.clone();
        apart(move || own.put(None)).await?;
        Ok(writing)
    }

    /// Puts a batch down, where nobody waits for it.
    ///
    /// # Errors
    /// A value has no form in Flight, or the disk is full.
    pub(super) async fn batch(&self, batch: RecordBatch) -> Result<(), Problem> {
        let own = self.clone();
        apart(move || own.put(Some(plain::batch(&own.schema, &batch)?))).await
    }

    fn put(&self, rows: Option<RecordBatch>) -> Result<(), Error> {
        let mut spool = self.spool.clone();
        // Columns come before all rows, and only once.
        let before = usize::from(rows.is_some());
        let messages = FlightDataEncoderBuilder::new().with_schema(SchemaRef::clone(&self.schema)).build(stream::iter(rows.map(Ok)));
        for message in block_on_stream(messages).skip(before) {
            // Its words may hold the value.
            let bytes = message.map_err(|_| Error::Output("rows have no form in Flight".to_owned()))?.encode_to_vec();
            let length = u32::try_from(bytes.len()).map_err(|_| Error::Output("a row is too long".to_owned()))?;
            let written = spool.write_all(&length.to_be_bytes()).and_then(|()| spool.write_all(&bytes));
            written.map_err(|error| Error::Output(error.to_string()))?;
        }
        Ok(())
    }

    /// What was put down, from its beginning.
    ///
    /// # Errors
    /// The disk is full.
    pub(super) async fn frames(self) -> Result<Frames, Problem> {
        let spool = self.spool;
        let reader = apart(move || spool.reader()).await?;
        Ok(stream::try_unfold(reader, next).boxed())
    }
}

type Reader = Box<dyn Read + Send>;

async fn next(reader: Reader) -> Result<Option<(FlightData, Reader)>, Status> {
    apart(move || read(reader).map_err(|error| Error::Output(error.to_string()))).await.map_err(refusal::of)
}

fn read(mut reader: Reader) -> io::Result<Option<(FlightData, Reader)>> {
    let mut length = [0; 4];
    match reader.read_exact(&mut length) {
        Ok(()) => {}
        Err(end) if end.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut bytes = vec![0; u32::from_be_bytes(length) as usize];
    reader.read_exact(&mut bytes)?;
    let message = FlightData::decode(prost::bytes::Bytes::from(bytes)).map_err(io::Error::other)?;
    Ok(Some((message, reader)))
}

/// Rows that are there already, and accounted for.
pub(super) fn of(rows: RecordBatch) -> Frames {
    let failed = |_: FlightError| refusal::of(Error::defect("the catalogue has no form in Flight"));
    FlightDataEncoderBuilder::new().with_schema(rows.schema()).build(stream::iter([Ok(rows)])).map_err(failed).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Int64Array, StringViewArray};
    use arrow_flight::decode::FlightRecordBatchStream;
    use std::sync::Arc;

    async fn sent(batches: Vec<RecordBatch>) -> (SchemaRef, Vec<RecordBatch>) {
        let folder = tempfile::tempdir().unwrap();
        let writing = Writing::begin(plain::schema(&batches[0].schema()), folder.path()).await.unwrap();
        for batch in batches {
            writing.batch(batch).await.unwrap();
        }
        let frames = writing.frames().await.unwrap().map_err(FlightError::from);
        let mut stream = FlightRecordBatchStream::new_from_flight_data(frames);
        let mut rows = Vec::new();
        while let Some(batch) = stream.try_next().await.unwrap() {
            rows.push(batch);
        }
        (Arc::clone(stream.schema().unwrap()), rows)
    }

    #[tokio::test]
    async fn a_client_reads_the_rows_that_were_put_down_few_or_many() {
        let batch = |from: i64, to: i64| {
            let names: StringViewArray = (from..to).map(|at| Some(format!("a name that is long enough to be apart {at}"))).collect();
            RecordBatch::try_from_iter([("n", Arc::new(Int64Array::from_iter_values(from..to)) as _), ("name", Arc::new(names) as _)])
                .unwrap()
        };
        let (schema, none) = sent(vec![batch(0, 0)]).await;
        assert_eq!((schema.fields().len(), none.iter().map(RecordBatch::num_rows).sum::<usize>()), (2, 0), "columns come without rows");
        let (_, rows) = sent(vec![batch(0, 10), batch(10, 100_000)]).await;
        let numbers = rows
            .iter()
            .flat_map(|rows| arrow_array::cast::AsArray::as_primitive::<arrow_array::types::Int64Type>(rows.column(0)).values().to_vec());
        assert!(numbers.eq(0..100_000), "all of them, in order");
        assert!(rows.len() > 2, "no message is larger than clients take: {}", rows.len());
    }
}
