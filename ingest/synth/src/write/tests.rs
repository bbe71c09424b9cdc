//! What is written is read back, cell by cell, in every format that has a writer and a reader of its own here.

use super::{Cell, table};
use crate::material::Habits;
use arrow_array::{Array, cast::AsArray};
use proptest::prelude::*;
use std::path::Path;
use tempfile::TempDir;
use wuwei_ingest::{Departments, Hint, open, read};
use wuwei_schema::{Model, SourceFile};

const COLUMNS: [&str; 3] = ["MC", "DZ", "BZXXXXXXXX_LONG"];

/// A department with one extract, in the format that these lines state.
fn departments(format: &str, model: &Model) -> Departments {
    let text = format!(
        r#"
department = "xx"
label = {{ zh = "测试", en = "Test" }}
[[extract]]
name = "xx_rows"
label = {{ zh = "测试", en = "Test" }}
{format}
contract = "full"
cycle_days = 1
share_class = 2
obliged = true
columns = {COLUMNS:?}
ignore = {{ DZ = "not asked", BZXXXXXXXX_LONG = "not asked" }}
[extract.record.person]
entity = "person"
employer = "MC"
"#
    );
    Departments::parse(&[SourceFile { name: "xx.toml".to_owned(), text }], model).unwrap()
}

/// Writes the rows and reads them back: row number and cells.
fn back(format: &str, rows: &[[Cell; 3]]) -> Vec<(i64, [String; 3])> {
    let (model, folder) = (Model::embedded().unwrap(), TempDir::new().unwrap());
    let departments = departments(format, &model);
    let extract = departments.extract("xx_rows").unwrap();
    let habits = Habits::unknown();
    let mut writer = table(folder.path(), extract, &habits).unwrap();
    let places: Vec<u64> = rows.iter().map(|row| writer.row(row).unwrap().row).collect();
    writer.finish().unwrap();
    drop(writer);
    let mut files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort_by_key(|file| file.as_os_str().len());
    let read: Vec<_> = files.iter().flat_map(|file| rows_of(file, &departments, &model)).collect();
    assert!(read.iter().map(|(row, _)| row.cast_unsigned()).all(|row| places.contains(&row)));
    read
}

fn rows_of(file: &Path, departments: &Departments, model: &Model) -> Vec<(i64, [String; 3])> {
    let opened = open(file, departments, &Hint { extract: Some("xx_rows".to_owned()), ..Hint::default() }).unwrap();
    let mut rows = Vec::new();
    for chunk in read(opened, model, 1, wuwei_ingest::Held::default()).unwrap() {
        let raw = chunk.unwrap().raw;
        let column = |name: &str| raw.column_by_name(name).unwrap().as_string::<i32>().clone();
        let cells = COLUMNS.map(column);
        let numbers = raw.column_by_name("row").unwrap().as_primitive::<arrow_array::types::Int64Type>().clone();
        let text = |cells: &arrow_array::StringArray, at: usize| if cells.is_null(at) { String::new() } else { cells.value(at).to_owned() };
        rows.extend((0..raw.num_rows()).map(|at| (numbers.value(at), cells.each_ref().map(|cells| text(cells, at)))));
    }
    rows
}

fn cells([a, b, c]: [&str; 3]) -> [Cell; 3] {
    [a, b, c].map(|text| Cell::Text(text.to_owned()))
}

const FORMATS: [&str; 3] = [
    "format = \"dbf\"\nencoding = \"gb18030\"",
    "format = \"fixed\"\nencoding = \"gb18030\"\nwidths = [80, 60, 60]",
    "format = \"xls\"\nencoding = \"gb18030\"",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn what_is_written_is_read_back(
        rows in prop::collection::vec(("[a-z王小明㛃𬭎·]{1,15}", "([0-9东西街号]{0,9}[a-z])?", "([ -~]{0,20}[0-9])?"), 1..30),
    ) {
        let rows: Vec<[String; 3]> = rows.into_iter().map(|(a, b, c)| [a, b, c.trim_start().to_owned()]).collect();
        let written: Vec<[Cell; 3]> = rows.iter().map(|row| cells(row.each_ref().map(String::as_str))).collect();
        for format in FORMATS {
            let read: Vec<[String; 3]> = back(format, &written).into_iter().map(|(_, cells)| cells).collect();
            prop_assert_eq!(&read, &rows, "{}", format);
        }
    }
}

#[test]
fn a_blank_row_of_a_table_is_a_deleted_record_and_is_not_read() {
    let rows = [cells(["王小明", "东街", ""]), cells(["", "", ""]), cells(["李建国", "", "x"])];
    let read = back(FORMATS[0], &rows);
    assert_eq!(read.iter().map(|(row, cells)| (*row, cells[0].as_str())).collect::<Vec<_>>(), [(1, "王小明"), (3, "李建国")]);
}

#[test]
fn a_table_cuts_what_is_longer_than_a_column_can_be() {
    let long = "阿".repeat(200);
    let read = back(FORMATS[0], &[cells(["王小明", &long, ""])]);
    assert_eq!(read[0].1[1].chars().count(), 127);
}

#[test]
fn numbers_of_a_workbook_are_numbers_and_what_is_more_than_a_sheet_is_in_a_second_file() {
    let mut rows = vec![[Cell::Text("a".to_owned()), Cell::Number(1.5), Cell::Number(990_101_198_503_070_017.0)]];
    rows.resize(65_537, [Cell::Text("b".to_owned()), Cell::Number(7.0), Cell::Text(String::new())]);
    let read = back(FORMATS[2], &rows);
    assert_eq!(read[0], (2, ["a".to_owned(), "1.5".to_owned(), "9.90101E+17".to_owned()]));
    assert_eq!((read.len(), read[65_536].0, read[65_536].1[1].as_str()), (65_537, 3, "7"));
}
