//! A reader that claims what it did not send, or sends what is not of its file, is found out.

use super::*;
use arrow_array::{ArrayRef, Int64Array, StringArray};
use wuwei_ingest::{Departments, HeldRow, Hint};
use wuwei_schema::Model;

/// A register of two people, what it became, and its account.
fn read(change: impl Fn(&str, RecordBatch) -> RecordBatch, claim: impl Fn(&mut Report)) -> Result<(), Misfit> {
    let model = Model::embedded().unwrap();
    let departments = Departments::embedded(&model).unwrap();
    let extract = departments.extract("ga_hjrk").unwrap();
    let cell = |column: &str, id: &str| match column {
        "GMSFHM" => id.to_owned(),
        "XM" => "王小明".to_owned(),
        "XZXZ" => "云溪县城关镇人民路12号".to_owned(),
        _ => String::new(),
    };
    let mut text = extract.columns.join(",") + "\n";
    for id in ["990101198503070017", "990101198503070025", "990101198503070018"] {
        text += &(extract.columns.iter().map(|column| cell(column, id)).collect::<Vec<_>>().join(",") + "\n");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("register.csv");
    std::fs::write(&path, text).unwrap();
    let file = wuwei_ingest::open(&path, &departments, &Hint::default()).unwrap();
    let opened =
        Opened { department: file.department, extract: file.extract, batch: file.batch.clone(), understood: file.understood.clone() };
    let before = wuwei_ingest::open(&path, &departments, &Hint::default()).unwrap();
    let raw = wuwei_ingest::read(before, &model, 1, Held::none()).unwrap().next().unwrap().unwrap().raw;
    let key = cells::numbers(&raw, "row_key").unwrap().value(0);
    let mut account = Account::new(&opened, &file.name, 100, Arc::new(held(key)));
    let mut reading = wuwei_ingest::read(file, &model, 100, held(key)).unwrap();
    for chunk in reading.by_ref() {
        for (table, rows) in chunk.unwrap().tables(extract) {
            account.count(&table, &change(&table, rows))?;
        }
    }
    let mut report = reading.report().clone();
    claim(&mut report);
    account.agrees(&report)
}

/// A row of which the register tells something else now.
fn held(key: i64) -> Held {
    Held::of(vec![HeldRow { key, hash: 1, first: 7, last: 9, observed: 0 }])
}

fn honest(_: &str, rows: RecordBatch) -> RecordBatch {
    rows
}

/// The rows with a column that says something else.
fn forged(rows: &RecordBatch, column: &str, values: ArrayRef) -> RecordBatch {
    let at = rows.schema().index_of(column).unwrap();
    let mut columns = rows.columns().to_vec();
    columns[at] = values;
    RecordBatch::try_new(rows.schema(), columns).unwrap()
}

#[test]
fn an_honest_reader_is_believed() {
    assert_eq!(read(honest, |_| {}), Ok(()));
}

#[test]
fn counts_that_are_not_those_of_the_rows_are_found_out() {
    let lies: [fn(&mut Report); 10] = [
        |report| report.read += 1,
        |report| (report.read, report.accepted) = (report.read + 1, report.accepted + 1),
        |report| (report.rejected, report.skipped) = (u64::MAX, 1),
        |report| report.relations += 1,
        |report| report.next_record += 100,
        |report| report.records.clear(),
        |report| report.rejects_by_rule.clear(),
        |report| report.retired.clear(),
        |report| report.held = 0,
        |report| (report.new, report.unchanged) = (report.new - 1, 1),
    ];
    for (at, lie) in lies.into_iter().enumerate() {
        assert_eq!(read(honest, lie), Err(UNEVEN), "lie {at}");
    }
}

#[test]
fn rows_that_are_lost_or_doubled_on_the_way_are_found_out() {
    let tables = ["record.person", "record.relation", "record.retired", "raw.reject", "raw.ga_hjrk"];
    for table in tables {
        let less = read(|name, rows| if name == table { rows.slice(0, rows.num_rows() - 1) } else { rows }, |_| {});
        assert_eq!(less, Err(UNEVEN), "{table}");
    }
}

#[test]
fn rows_of_another_file_or_with_numbers_of_other_records_are_found_out() {
    let text = |rows: &RecordBatch, value: &str| Arc::new(StringArray::from(vec![value; rows.num_rows()])) as ArrayRef;
    let number = |rows: &RecordBatch, value: i64| Arc::new(Int64Array::from(vec![value; rows.num_rows()])) as ArrayRef;
    for (table, column) in [("record.person", "department"), ("record.relation", "batch"), ("raw.reject", "file"), ("raw.ga_hjrk", "batch")]
    {
        let foreign = |name: &str, rows: RecordBatch| if name == table { forged(&rows, column, text(&rows, "mz")) } else { rows };
        assert_eq!(read(foreign, |_| {}), Err(STRANGE), "{table}.{column}");
    }
    for (table, column, value) in
        [("record.person", "record_id", 99), ("record.person", "record_id", 100), ("record.relation", "source", 99)]
    {
        let foreign = |name: &str, rows: RecordBatch| if name == table { forged(&rows, column, number(&rows, value)) } else { rows };
        assert_eq!(read(foreign, |_| {}), Err(STRANGE), "{table}.{column} {value}");
    }
}
