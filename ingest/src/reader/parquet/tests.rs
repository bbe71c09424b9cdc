//! Files as data platforms write them, and as nobody should.

use crate::{
    Hint, open,
    reader::{
        Row, reader,
        sample::{self, Folder, shown},
    },
};
use arrow_array::{
    ArrayRef, BinaryArray, Decimal128Array, Float64Array, Int64Array, ListArray, RecordBatch, StringArray, StructArray,
    TimestampSecondArray,
    builder::{ListBuilder, StringBuilder},
    types::Int64Type,
};
use arrow_schema::{DataType, Field};
use parquet::arrow::ArrowWriter;
use std::sync::Arc;

fn write(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

/// The rows of a file as `xx_people`, whose columns are `证件号码`, `姓名` and `住址`.
fn told(bytes: &[u8]) -> Result<Vec<String>, String> {
    let (folder, departments) = (Folder::new(), sample::departments_of("xx", "format = \"parquet\""));
    let opened = open(&folder.write("a.parquet", bytes), &departments, &Hint::default()).map_err(|error| error.to_string())?;
    let (mut reader, mut row, mut rows) = (reader(&opened).map_err(|error| error.to_string())?, Row::default(), Vec::new());
    while reader.next(&mut row).map_err(|error| error.to_string())? {
        rows.push(shown(&row));
    }
    Ok(rows)
}

fn texts(texts: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(texts.to_vec()))
}

#[test]
fn values_are_text_exact_and_in_iso() {
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![Some(990_101_198_503_070_017), None]));
    let amounts: ArrayRef = Arc::new(Decimal128Array::from(vec![Some(123_450), None]).with_precision_and_scale(20, 2).unwrap());
    let days: ArrayRef = Arc::new(TimestampSecondArray::from(vec![1_767_312_000, 1_767_312_001]));
    let rows = told(&write(vec![("证件号码", numbers), ("姓名", amounts), ("住址", days)])).unwrap();
    assert_eq!(rows, ["1: 990101198503070017|1234.50|2026-01-02", "2: ||2026-01-02T00:00:01"]);
    let floats: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 990_101_198_503_070_017.0]));
    let bytes: ArrayRef = Arc::new(BinaryArray::from(vec!["王小明".as_bytes(), b"\xff"]));
    let lists: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(vec![Some(vec![Some(1), None, Some(3)]), None]));
    let rows = told(&write(vec![("证件号码", floats), ("姓名", bytes), ("住址", lists)])).unwrap();
    assert_eq!(rows, ["1: 1|王小明|1\u{1f}\u{1f}3 ! member_repeated", "2: 9.90101E+17|\u{fffd}| ! undecodable"]);
}

#[test]
fn a_list_is_read_where_a_cell_may_hold_several_and_one_in_another_refuses_its_row() {
    let list = |items: Vec<Option<Vec<&str>>>| {
        let mut lists = ListBuilder::new(StringBuilder::new());
        items.into_iter().for_each(|item| lists.append_option(item.map(|texts| texts.into_iter().map(Some).collect::<Vec<_>>())));
        Arc::new(lists.finish()) as ArrayRef
    };
    let mut lists = ListBuilder::new(ListBuilder::new(StringBuilder::new()));
    for rows in [vec![vec!["1"]], vec![vec!["2", "3"]]] {
        rows.into_iter().for_each(|row| lists.values().append_value(row.into_iter().map(Some)));
        lists.append(true);
    }
    let blank = || texts(&[None; 2]);
    let bytes = write(vec![
        ("@no", blank()),
        ("name", list(vec![Some(vec!["a"]), Some(vec!["b", "c"])])),
        ("guardian/name", list(vec![Some(vec!["d", "e"]), None])),
        ("guardian/phone", Arc::new(lists.finish())),
        ("area", blank()),
    ]);
    let folder = Folder::new();
    let rows = sample::told_of(&folder.write("a.parquet", bytes), &sample::nested("")).unwrap();
    assert_eq!(rows, ["1: |a|d\u{1f}e|1|", "2: |b\u{1f}c||2\u{1f}3| ! member_repeated"]);
    let mut lists = ListBuilder::new(ListBuilder::new(StringBuilder::new()));
    ["1", "2"].into_iter().for_each(|text| lists.values().append_value([Some(text), Some("x")]));
    lists.append(true);
    let bytes = write(vec![
        ("@no", texts(&[None])),
        ("name", texts(&[Some("a")])),
        ("guardian/phone", Arc::new(lists.finish())),
        ("guardian/name", texts(&[None])),
        ("area", texts(&[None])),
    ]);
    let rows = sample::told_of(&folder.write("a.parquet", bytes), &sample::nested("")).unwrap();
    assert!(rows[0].ends_with(" ! list_in_list"), "{rows:?}");
}

#[test]
fn a_value_within_another_is_named_by_its_path() {
    let inner = Field::new("姓名", DataType::Utf8, true);
    let person: ArrayRef = Arc::new(StructArray::from(vec![(Arc::new(inner), texts(&[Some("王小明"), None]))]));
    let error =
        told(&write(vec![("证件号码", texts(&[Some("1"), None])), ("户主", person), ("住址", texts(&[None, Some("东街")]))])).unwrap_err();
    assert!(error.contains("missing are `姓名`, unknown are `户主/姓名`"), "{error}");
}

#[test]
fn more_rows_than_a_batch_are_read_in_order() {
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..3000));
    let blank = texts(&[None; 3000]);
    let rows = told(&write(vec![("证件号码", ids), ("姓名", Arc::clone(&blank)), ("住址", blank)])).unwrap();
    assert_eq!((rows.len(), rows[2999].as_str()), (3000, "3000: 2999||"));
}

#[test]
fn a_file_that_is_cut_or_damaged_is_refused_and_nothing_dies() {
    let bytes = write(vec![("证件号码", texts(&[Some("1")])), ("姓名", texts(&[None])), ("住址", texts(&[None]))]);
    assert!(told(&bytes[..bytes.len() - 5]).unwrap_err().contains("the footer is missing"));
    for at in 4..bytes.len() {
        for flip in [0xff, 0x80, 0x01] {
            let mut damaged = bytes.clone();
            damaged[at] ^= flip;
            if let Err(error) = told(&damaged) {
                assert!(error.contains("; hint: "), "{error}");
            }
        }
    }
}
