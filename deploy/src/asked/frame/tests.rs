//! Promises of the frames: rows of any type arrive as they were, and nothing that is sent breaks more than its question.

use super::*;
use arrow_array::{
    DictionaryArray, Int64Array, ListArray, RecordBatchOptions, StringArray, StringViewArray,
    types::{Int32Type, Int64Type},
};
use proptest::prelude::*;

fn rows(count: usize) -> RecordBatch {
    let texts = || (0..count).map(|row| (row % 3 > 0).then(|| format!("王{row}, a text of more than twelve bytes")));
    let lists = (0..count).map(|row| (row % 4 > 0).then(|| vec![Some(row as i64), None]));
    let columns: [(&str, ArrayRef); 5] = [
        ("n", Arc::new(Int64Array::from_iter_values((0..count).map(|row| row as i64)))),
        ("text", Arc::new(StringArray::from_iter(texts()))),
        ("view", Arc::new(StringViewArray::from_iter(texts()))),
        ("word", Arc::new((0..count).map(|row| Some(["ga", "mz"][row % 2])).collect::<DictionaryArray<Int32Type>>())),
        ("list", Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap()
}

fn frame(kind: Kind, bytes: &[u8]) -> Frame<Kind> {
    let mut sent = Vec::new();
    frame::send_bytes(&mut sent, kind, bytes).unwrap();
    Frame::read(&mut sent.as_slice()).unwrap().unwrap()
}

fn begun(schema: &SchemaRef) -> Words {
    let mut words = Words::default();
    let head = piece(schema, None).unwrap();
    assert!(matches!(words.word(frame(Kind::Columns, &head)), Word::Columns(columns) if columns == *schema));
    words
}

fn sent(rows: &RecordBatch) -> Vec<u8> {
    piece(&rows.schema(), Some(rows)).unwrap()
}

#[test]
fn rows_of_any_type_arrive_as_they_were_and_rows_of_other_columns_do_not() {
    let mut words = begun(&rows(1).schema());
    for count in [0, 1, 7, 8192] {
        match words.word(frame(Kind::Rows, &sent(&rows(count)))) {
            Word::Rows(got) => assert_eq!(got, rows(count)),
            other => panic!("{other:?}"),
        }
    }
    let nothing = RecordBatch::try_new_with_options(
        Arc::new(arrow_schema::Schema::empty()),
        vec![],
        &RecordBatchOptions::new().with_row_count(Some(3)),
    )
    .unwrap();
    assert!(matches!(words.word(frame(Kind::Rows, &sent(&nothing))), Word::Unsound(_)), "of other columns");
    let mut words = begun(&nothing.schema());
    assert!(matches!(words.word(frame(Kind::Rows, &sent(&nothing))), Word::Rows(got) if got.num_rows() == 3));
}

#[test]
fn what_is_not_seen_of_texts_is_not_sent_and_what_is_large_goes_in_parts() {
    let part = rows(8192).slice(10, 5);
    let whole = parts(&part);
    assert_eq!((whole.len(), &whole[0]), (1, &part));
    assert!(sent(&whole[0]).len() < 8000, "{}", sent(&whole[0]).len());
    let long = "x".repeat(MOST / 5);
    let large = RecordBatch::try_from_iter([("text", Arc::new(StringArray::from(vec![long.as_str(); 5])) as ArrayRef)]).unwrap();
    let mut words = begun(&large.schema());
    let count = parts(&large).into_iter().map(|part| {
        let part = &part;
        assert!(sent(part).len() <= MOST);
        match words.word(frame(Kind::Rows, &sent(part))) {
            Word::Rows(got) => got.num_rows(),
            other => panic!("{other:?}"),
        }
    });
    assert_eq!(count.sum::<usize>(), 5);
}

#[test]
fn a_word_that_is_not_a_child_s_own_is_none() {
    let mut words = Words::default();
    for kind in [Kind::Question, Kind::Run, Kind::Setup, Kind::Rows, Kind::Columns, Kind::Planned, Kind::Failed] {
        assert!(matches!(words.word(frame(kind, b"{}")), Word::Unsound(_)), "{kind:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever bytes are changed, rows that are taken can be looked at. Where Arrow itself breaks on them, its thread does, and no more.
    #[test]
    fn changed_bytes_end_one_question_at_most(count in 0usize..20, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut words = begun(&rows(1).schema());
        let mut piece = sent(&rows(count));
        for (place, byte) in changes {
            let place = place.index(piece.len());
            piece[place] = byte;
        }
        let listens = std::thread::Builder::new().spawn(move || {
            if let Word::Rows(got) = words.word(frame(Kind::Rows, &piece)) {
                assert!(format!("{:?}", got.column(1)).len() > 10);
            }
        });
        drop(listens.unwrap().join());
    }
}
