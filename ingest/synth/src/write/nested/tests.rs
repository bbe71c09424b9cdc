//! What is written as JSON or XML is read back as it was.

use super::super::{Place, Table, json::Json, xml::Xml};
use super::*;
use arrow_array::{RecordBatch, cast::AsArray};
use proptest::prelude::*;
use std::path::Path;
use wuwei_ingest::{Departments, Format, Held, Hint, open, read};
use wuwei_schema::{Model, SourceFile};

const DEPARTMENT: &str = r#"
department = "jy"
label = { zh = "教育局", en = "Education" }
[[extract]]
name = "jy_nested"
label = { zh = "报名", en = "Enrolment" }
format = "FORMAT"
encoding = "ENCODING"
ROWS
contract = "full"
cycle_days = 1
share_class = 2
obliged = true
columns = ["@no", "job", "guardian/job", "school/name", "guardian/work", "school/@code"]
[extract.record.pupil]
entity = "person"
occupation = "job"
employer = "school/name"
[extract.record.guardian]
entity = "person"
occupation = { from = "guardian/job", list = "\u001f" }
employer = { from = "guardian/work", list = "\u001f" }
[extract.ignore]
"@no" = "为流水号"
"school/@code" = "无业务需要"
"#;

const SHAPES: [(&str, &str, &str); 7] = [
    ("json", "utf-8", ""),
    ("json", "gb18030", "rows = \"\""),
    ("json", "utf-16", "rows = \"data/record\""),
    ("xml", "utf-8", ""),
    ("xml", "gb18030", "rows = \"data/list/record\""),
    ("xml", "utf-16", "rows = \"RECORDS\""),
    ("json", "utf-8", "rows = \"features\""),
];

/// The rows as they are read from a file into which they were written.
fn back((format, encoding, rows): (&str, &str, &str), cells: &[Vec<String>]) -> Vec<Vec<String>> {
    let model = Model::embedded().unwrap();
    let text = DEPARTMENT.replace("FORMAT", format).replace("ENCODING", encoding).replace("ROWS", rows);
    let departments = Departments::parse(&[SourceFile { name: "jy.toml".to_owned(), text }], &model).unwrap();
    let (extract, folder) = (departments.extract("jy_nested").unwrap(), tempfile::TempDir::new().unwrap());
    let mut table: Box<dyn Table> = match extract.format {
        Format::Json => Box::new(Json::create(folder.path(), extract).unwrap()),
        _ => Box::new(Xml::create(folder.path(), extract).unwrap()),
    };
    for (number, row) in (1..).zip(cells) {
        let row: Vec<Cell> = row.iter().cloned().map(Cell::Text).collect();
        assert!(matches!(table.row(&row).unwrap(), Place { row, .. } if row == number));
    }
    table.finish().unwrap();
    let path = folder.path().join(format!("jy_nested.{format}"));
    read_raw(&path, &departments, &model, extract)
}

fn read_raw(path: &Path, departments: &Departments, model: &Model, extract: &Extract) -> Vec<Vec<String>> {
    let hint = Hint::default();
    let mut reading = read(open(path, departments, &hint).unwrap(), model, 1, Held::default()).unwrap();
    let raws: Vec<RecordBatch> = reading.by_ref().map(|chunk| chunk.unwrap().raw).collect();
    assert_eq!(reading.report().rejected, 0);
    let cell = |raw: &RecordBatch, column: &str, row: usize| {
        let texts = raw.column_by_name(column).unwrap().as_string::<i32>();
        if arrow_array::Array::is_null(texts, row) { String::new() } else { texts.value(row).to_owned() }
    };
    let row = |raw: &RecordBatch, row: usize| extract.columns.iter().map(|column| cell(raw, column, row)).collect();
    raws.iter().flat_map(|raw| (0..raw.num_rows()).map(move |at| row(raw, at)).collect::<Vec<_>>()).collect()
}

/// A text that cells hold as it is.
const TEXT: &str = "([a-z<>&\"'\\\\/{}\\[\\],:.]|[㛃𬭎王小明]){1,8}";

/// Rows whose first cell is not empty, with lists that are in step.
fn rows() -> impl Strategy<Value = Vec<Vec<String>>> {
    let list = proptest::collection::vec((TEXT, proptest::option::of(TEXT)), 0..4);
    let row = (TEXT, TEXT, list, TEXT, proptest::option::of(TEXT)).prop_map(|(no, job, list, school, code)| {
        let join = |texts: Vec<String>| {
            if texts.iter().all(String::is_empty) { String::new() } else { texts.join(&BETWEEN.to_string()) }
        };
        let jobs = join(list.iter().map(|(job, _)| job.clone()).collect());
        let works = join(list.iter().map(|(_, work)| work.clone().unwrap_or_default()).collect());
        vec![no, job, jobs, school, works, code.unwrap_or_default()]
    });
    proptest::collection::vec(row, 1..6).prop_map(|mut rows| {
        // Every column shows itself at least once, so that the file is known.
        let texts = ["1", "a", "b\u{1f}c", "d", "\u{1f}e", "f"];
        rows.insert(0, texts.iter().map(|text| (*text).to_owned()).collect());
        rows
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn what_is_written_is_read_back(rows in rows(), shape in 0..SHAPES.len()) {
        prop_assert_eq!(back(SHAPES[shape], &rows), rows, "{:?}", SHAPES[shape]);
    }
}

#[test]
fn every_shape_keeps_every_cell() {
    let texts = ["1", "王\u{20000}\"<&>'\\\n\t", "b\u{1f}c\u{1f}d", " e ", "\u{1f}\u{1f}x", "f\r\n"];
    let rows = vec![texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()];
    for shape in SHAPES {
        assert_eq!(back(shape, &rows), rows, "{shape:?}");
    }
}
