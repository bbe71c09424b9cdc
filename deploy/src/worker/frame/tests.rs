//! Promises of the frames: what is sent is received, and nothing that is sent breaks the receiver.

use super::*;
use arrow_array::{BooleanArray, Float64Array, Int64Array, TimestampMillisecondArray};
use arrow_schema::{Schema, TimeUnit};
use proptest::prelude::*;

/// One column of each type that contracts have, some of them without some values, one without any, one that always says the same.
fn rows(count: usize) -> RecordBatch {
    let texts = || (0..count).map(|row| (row % 3 > 0).then(|| format!("王{row}")));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values((0..count).map(|row| row as i64))),
        Arc::new(StringArray::from_iter(texts())),
        Arc::new(StringArray::from_iter_values((0..count).map(|_| "ga"))),
        Arc::new(Float64Array::from_iter((0..count).map(|row| (row % 2 > 0).then_some(0.5)))),
        Arc::new(BooleanArray::from_iter((0..count).map(|row| Some(row % 2 > 0)))),
        Arc::new(TimestampMillisecondArray::from_iter((0..count).map(|row| (row % 5 > 0).then_some(1)))),
        new_null_array(&DataType::Float64, count),
    ];
    let stamp = DataType::Timestamp(TimeUnit::Millisecond, None);
    let types = [DataType::Int64, DataType::Utf8, DataType::Utf8, DataType::Float64, DataType::Boolean, stamp, DataType::Float64];
    let names = ["number", "text", "same", "measure", "flag", "time", "none"].into_iter().zip(types).zip(&columns);
    let fields: Vec<Field> = names.map(|((name, of), column)| Field::new(name, of, column.null_count() > 0)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

fn tables(rows: &RecordBatch) -> BTreeMap<String, SchemaRef> {
    [("record.person".to_owned(), rows.schema())].into()
}

fn sent(rows: &RecordBatch) -> Vec<u8> {
    let mut bytes = Vec::new();
    send_rows(&mut bytes, "record.person", rows).unwrap();
    bytes
}

#[test]
fn rows_arrive_as_they_were() {
    for count in [0, 1, 7, 8192] {
        let rows = rows(count);
        let bytes = sent(&rows);
        let frame = Frame::read(&mut bytes.as_slice()).unwrap().unwrap();
        assert_eq!(super::rows(frame, &tables(&rows)).unwrap(), ("record.person".to_owned(), rows));
    }
    // A part of a batch is sent without the rest of it.
    let part = rows(100).slice(10, 5);
    let bytes = sent(&part);
    assert!(bytes.len() < 3000, "{}", bytes.len());
    assert_eq!(super::rows(Frame::read(&mut bytes.as_slice()).unwrap().unwrap(), &tables(&part)).unwrap().1, part);
}

#[test]
fn rows_that_are_too_many_for_a_frame_go_into_several() {
    let long = "x".repeat(MOST / 3);
    let schema = Arc::new(Schema::new(vec![Field::new("text", DataType::Utf8, false)]));
    let batch = |texts: Vec<&str>| RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(StringArray::from(texts))]).unwrap();
    let rows = batch(vec![&long; 5]);
    let (bytes, tables) = (sent(&rows), tables(&rows));
    let (mut input, mut count) = (bytes.as_slice(), 0);
    while let Some(frame) = Frame::read(&mut input).unwrap() {
        count += super::rows(frame, &tables).unwrap().1.num_rows();
    }
    assert_eq!(count, 5);
    let longer = "x".repeat(MOST);
    let refused = send_rows(&mut Vec::new(), "record.person", &batch(vec![&longer])).unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::FileTooLarge);
}

#[test]
fn what_every_row_says_is_sent_once_and_takes_no_more_than_if_it_were_sent() {
    let columns: [(&str, ArrayRef); 2] =
        [("text", Arc::new(StringArray::from(vec!["ga_hjrk"; 8192]))), ("none", new_null_array(&DataType::Utf8, 8192))];
    let rows = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, name == "none"))).unwrap();
    let bytes = sent(&rows);
    assert!(bytes.len() < 1000, "{}", bytes.len());
    let tables = tables(&rows);
    let received = |bytes: &[u8]| super::rows(Frame::read(&mut &*bytes).unwrap().unwrap(), &tables);
    assert_eq!(received(&bytes).unwrap().1, rows);
    // A text said of more rows than a frame could hold.
    let schema = rows.schema().project(&[]).unwrap();
    let many = arrow_array::RecordBatchOptions::new().with_row_count(Some(MOST / 8));
    let many = RecordBatch::try_new_with_options(Arc::new(schema), Vec::new(), &many).unwrap();
    let same = [(0, Some("ga_hjrk".to_owned())), (1, None)].into();
    assert_eq!(together(&many, &same, &rows.schema()), Err(UNSOUND));
    // One that is no text, or stands where something has to.
    for same in [[(0, None), (1, None)], [(0, Some("a".to_owned())), (2, None)]] {
        assert!(together(&rows.project(&[]).unwrap(), &same.into(), &rows.schema()).is_err());
    }
}

#[test]
fn a_length_that_is_only_claimed_takes_no_memory_and_is_no_frame() {
    for bytes in [&b"\x05\0\0\0\xff\xff\xff\xff"[..], b"\x0d\0\0\0\0\0\0\0", b"\x05\0\0", b"\x05\0\0\0\x10\0\0\0abc"] {
        assert!(Frame::<Kind>::read(&mut &*bytes).is_err(), "{bytes:?}");
    }
    assert!(Frame::<Kind>::read(&mut &b""[..]).unwrap().is_none());
}

#[test]
fn compressed_rows_are_refused_since_their_size_is_only_a_claim() {
    let rows = rows(1000);
    let options = IpcWriteOptions::default().try_with_compression(Some(arrow_ipc::CompressionType::LZ4_FRAME)).unwrap();
    let (mut tracker, mut context) = (DictionaryTracker::new(true), IpcWriteContext::default());
    let (_, encoded) = IpcDataGenerator::default().encode(&rows, &mut tracker, &options, &mut context).unwrap();
    assert!(batch(&encoded.ipc_message, &Buffer::from_vec(encoded.arrow_data), &rows.schema()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever bytes are changed, the receiver says no or takes rows that are whole; it never breaks.
    #[test]
    fn changed_bytes_break_nothing(count in 0usize..20, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let rows = rows(count);
        let mut bytes = sent(&rows);
        for (place, byte) in changes {
            let place = HEAD + place.index(bytes.len() - HEAD);
            bytes[place] = byte;
        }
        if let Some(frame) = Frame::read(&mut bytes.as_slice()).unwrap() && let Ok((_, got)) = super::rows(frame, &tables(&rows)) {
            prop_assert_eq!(got.schema(), rows.schema());
            // To look at every value is to find out that it is there.
            let shown = format!("{got:?}");
            prop_assert!(shown.len() > 10);
        }
    }
}
