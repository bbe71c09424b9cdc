//! Values of a prepared statement's parameters, as a client binds them: one row of a stream of Arrow. It comes from outside and is read in the
//! server's own process, so it is held to what values need: no compression, which could say of itself to be any size, no dictionaries, and
//! columns of numbers, texts and times, or lists of them.

use super::refusal;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_flight::{FlightData, decode::FlightRecordBatchStream, error::FlightError};
use arrow_ipc::root_as_message;
use arrow_schema::DataType;
use futures::{FutureExt as _, Stream, StreamExt as _, TryStreamExt as _};
use std::panic::AssertUnwindSafe;
use tonic::Status;

/// The one row of values.
///
/// # Errors
/// It is none, or there are several.
pub(super) async fn row(stream: impl Stream<Item = Result<FlightData, Status>> + Send + 'static) -> Result<Vec<ArrayRef>, Status> {
    // arrow-ipc 59.3 stops at buffers beyond a message's body and at types of odd widths with an assertion.
    let read = AssertUnwindSafe(read(stream)).catch_unwind().await;
    read.unwrap_or_else(|_| Err(refusal::protocol("the values are no stream of Arrow")))
}

async fn read(stream: impl Stream<Item = Result<FlightData, Status>> + Send + 'static) -> Result<Vec<ArrayRef>, Status> {
    let checked = stream.map(|message| message.and_then(checked).map_err(FlightError::from));
    let mut batches = FlightRecordBatchStream::new_from_flight_data(checked);
    let mut found: Option<RecordBatch> = None;
    while let Some(batch) = batches.try_next().await.map_err(told)? {
        if batch.num_rows() > usize::from(found.is_none()) {
            return Err(Status::invalid_argument("there are several rows of values; hint: bind one, and ask as often as there are rows"));
        }
        if !batch.schema().fields().iter().all(|field| is_value(field.data_type())) {
            return Err(Status::invalid_argument(
                "a parameter has a type that none has; hint: bind numbers, texts, times, or lists of them",
            ));
        }
        found = found.or(Some(batch).filter(|batch| batch.num_rows() == 1));
    }
    Ok(found.map(|row| row.columns().to_vec()).unwrap_or_default())
}

fn told(error: FlightError) -> Status {
    match error {
        FlightError::Tonic(status) => *status,
        // Its words may hold what was sent.
        _ => refusal::protocol("the values are no stream of Arrow"),
    }
}

/// A message, if it is one that is read.
fn checked(message: FlightData) -> Result<FlightData, Status> {
    let none = || refusal::protocol("the values are no stream of Arrow");
    if message.data_header.is_empty() {
        return Ok(message);
    }
    let header = root_as_message(&message.data_header).map_err(|_| none())?;
    if header.header_as_schema().is_some() {
        return Ok(message);
    }
    let rows = header.header_as_record_batch().ok_or_else(|| refusal::protocol("the values have dictionaries"))?;
    match rows.compression() {
        Some(_) => Err(refusal::protocol("the values are compressed")),
        None => Ok(message),
    }
}

fn is_value(kind: &DataType) -> bool {
    let is_one = |kind: &DataType| {
        kind.is_primitive()
            || matches!(kind, DataType::Null | DataType::Boolean | DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
    };
    match kind {
        DataType::List(item) | DataType::LargeList(item) => is_one(item.data_type()),
        kind => is_one(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Array as _, Int64Array, StringArray, cast::AsArray as _};
    use arrow_flight::encode::{DictionaryHandling, FlightDataEncoderBuilder};
    use arrow_ipc::{CompressionType, writer::IpcWriteOptions};
    use futures::stream;
    use std::sync::Arc;

    async fn bound(
        rows: Vec<RecordBatch>,
        with: impl FnOnce(FlightDataEncoderBuilder) -> FlightDataEncoderBuilder,
    ) -> Result<Vec<ArrayRef>, Status> {
        let sent = with(FlightDataEncoderBuilder::new()).build(stream::iter(rows.into_iter().map(Ok)));
        row(sent.map_err(|error| Status::internal(error.to_string()))).await
    }

    fn one(names: Vec<&str>) -> RecordBatch {
        let numbers: Int64Array = (0..names.len()).map(|at| Some(at as i64)).collect();
        RecordBatch::try_from_iter([("0", Arc::new(StringArray::from(names)) as ArrayRef), ("1", Arc::new(numbers) as _)]).unwrap()
    }

    #[tokio::test]
    async fn one_row_of_values_is_taken_and_nothing_else() {
        let values = bound(vec![one(vec!["王一"])], |sent| sent).await.unwrap();
        assert_eq!((values[0].as_string::<i32>().value(0), values[1].len()), ("王一", 1));
        assert!(bound(vec![one(vec![])], |sent| sent).await.unwrap().is_empty());
        let several = bound(vec![one(vec!["a", "b"])], |sent| sent).await.unwrap_err();
        assert!(several.message().contains("several rows"), "{several:?}");
        assert!(bound(vec![one(vec!["a"]), one(vec!["b"])], |sent| sent).await.is_err());
        let small = IpcWriteOptions::default().try_with_compression(Some(CompressionType::ZSTD)).unwrap();
        let compressed = bound(vec![one(vec!["a"])], |sent| sent.with_options(small)).await.unwrap_err();
        assert!(compressed.message().contains("compressed"), "{compressed:?}");
        let texts: arrow_array::DictionaryArray<arrow_array::types::Int32Type> = ["a"].into_iter().collect();
        let coded = RecordBatch::try_from_iter([("0", Arc::new(texts) as ArrayRef)]).unwrap();
        let coded = bound(vec![coded], |sent| sent.with_dictionary_handling(DictionaryHandling::Resend)).await.unwrap_err();
        assert!(coded.message().contains("dictionaries"), "{coded:?}");
        assert!(row(stream::iter([Ok(FlightData::new().with_data_header(b"no".to_vec()))])).await.is_err());
    }

    #[tokio::test]
    async fn values_that_lie_outside_their_message_are_refused() {
        let sent = FlightDataEncoderBuilder::new().build(stream::iter([Ok(one(vec!["a"]))]));
        let short = sent.map_err(|error| Status::internal(error.to_string())).map_ok(|message| message.with_data_body(Vec::<u8>::new()));
        assert!(row(short).await.unwrap_err().message().contains("no stream of Arrow"));
    }
}
