//! Rows of the program itself, brought into order.

use super::session_of;
use crate::{Error, Limits};
use arrow_array::{Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use std::sync::Arc;

/// More than memory holds, so that some is spilled.
#[tokio::test]
async fn rows_come_in_order_also_those_that_were_spilled() {
    let schema: SchemaRef =
        Arc::new(Schema::new(vec![Field::new("number", DataType::Int64, false), Field::new("text", DataType::Utf8, true)]));
    let folder = tempfile::tempdir().unwrap();
    let session = session_of(folder.path(), "mz", Limits { memory_bytes: 16 << 20, ..Limits::default() });
    let batch = |at: i64| {
        let numbers: Int64Array = (0..8192).map(|row| (row * 7919 + at * 104_729) % 1_000_003).collect();
        let texts: StringArray = numbers.iter().map(|number| Some(format!("{number:?} {}", "x".repeat(50)))).collect();
        Ok(RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(numbers), Arc::new(texts)]).unwrap())
    };
    let given: Vec<Result<RecordBatch, Error>> = (0..100).map(batch).collect();
    let mut sorted: Vec<i64> = given.iter().flatten().flat_map(numbers).collect();
    sorted.sort_unstable();
    let found: Vec<RecordBatch> = session.in_order(stream::iter(given).boxed(), &schema, &["number"]).unwrap().try_collect().await.unwrap();
    assert_eq!(found.iter().flat_map(numbers).collect::<Vec<_>>(), sorted);
    let ends = stream::iter([batch(1), Err(Error::Value)]).boxed();
    let error = session.in_order(ends, &schema, &["number"]).unwrap().try_collect::<Vec<_>>().await.unwrap_err();
    assert!(matches!(error, Error::Value), "{error}");
    assert!(session.in_order(stream::empty().boxed(), &schema, &["nobody"]).is_err());
}

fn numbers(batch: &RecordBatch) -> Vec<i64> {
    batch.column(0).as_any().downcast_ref::<Int64Array>().unwrap().values().to_vec()
}
