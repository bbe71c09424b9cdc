//! A list as it was handed in, as rows: a file is read by a process of its own, as any file of others; nothing of it is loaded.

use crate::{
    Error, cells,
    cli::LimitArgs,
    given::{Given, Inbox, Next, Room},
    hub::Hub,
    worker::{Read, Worker},
};
use std::{collections::BTreeMap, path::Path};
use wuwei_ingest::{Held, Hint, Settled};
use wuwei_search::{Column, Line, MAX_LINES};

/// Media types of lists that are files, and how such a file ends.
pub(crate) const FORMS: [(&str, &str); 2] =
    [("text/csv", ".csv"), ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx")];

/// A list.
#[derive(Debug, Default)]
pub(crate) struct List {
    /// The headings of its columns.
    pub(crate) columns: BTreeMap<Column, String>,
    pub(crate) lines: Vec<Line>,
    /// Headings of its columns that are not used.
    pub(crate) ignored: Vec<String>,
    /// Rows that could not be read.
    pub(crate) left_out: u64,
}

impl List {
    /// A list of rows that were given as such, numbered from 1.
    ///
    /// # Errors
    /// There are too many.
    pub(crate) fn of(rows: Vec<BTreeMap<Column, String>>) -> Result<List, Error> {
        let lines = (1..).zip(rows).map(|(row, values)| Line { row, values }).collect();
        held_to_most(List { lines, ..List::default() })
    }
}

/// Reads a list from a file, by its headings.
///
/// # Errors
/// It cannot be read, has no column that somebody is found by, or too many rows.
pub(crate) async fn read(hub: &Hub, file: &Path, limits: LimitArgs) -> Result<List, Error> {
    let suggestion = Worker::suggest(&hub.definitions, &Given::at(file), &Hint::default(), &Settled::default(), limits).await?;
    let headings: Vec<&str> = suggestion.form.columns.iter().map(String::as_str).collect();
    let columns: BTreeMap<Column, String> =
        Column::of_headings(&headings).into_iter().filter_map(|(column, at)| Some((column, (*headings.get(at)?).to_owned()))).collect();
    if columns.keys().all(|column| *column == Column::Birth) {
        let hint = "call one 姓名, 身份证号, 手机号 or 住址 (name, id, phone, address), one for dates of birth 出生日期 (birth)";
        return Err(Error::asked("the list has no column of names, numbers, phones or addresses", hint));
    }
    let ignored = headings.iter().filter(|heading| !columns.values().any(|used| used == *heading)).map(|heading| (*heading).to_owned());
    let ignored = ignored.collect();
    let (name, department) = suggestion.unmapped();
    let definitions = hub.definitions.with(department)?;
    let hint = Hint { department: Some(name.to_owned()), extract: Some(name.to_owned()), ..Hint::default() };
    let mut inbox = Inbox::new(&definitions, &[file.to_owned()], &hint, limits, Room::Hub(hub.spill().to_owned()));
    let mut worker = match inbox.next().await? {
        Some((_, Next::File(worker))) => worker,
        Some((_, Next::Refused(error))) => return Err(error),
        _ => return Err(Error::asked("the list is no single file", "hand in one file that is no archive")),
    };
    let opened = worker.open(&definitions).await?;
    let raw = wuwei_ingest::raw_table(opened.extract);
    let mut reading = worker.read(&definitions, &opened, 0, Held::none())?;
    let mut list = List { columns, ignored, ..List::default() };
    loop {
        match reading.next().await? {
            Read::Rows(table, batch) if table == raw => {
                let numbers = cells::numbers(&batch, "row")?;
                let texts = list.columns.iter().map(|(column, heading)| Ok((*column, cells::texts(&batch, heading)?)));
                let texts = texts.collect::<Result<Vec<_>, Error>>()?;
                for row in 0..batch.num_rows() {
                    let values = texts.iter().filter_map(|(column, texts)| Some((*column, cells::text(texts, row)?.to_owned())));
                    let values = values.collect();
                    list.lines.push(Line { row: numbers.value(row), values });
                }
                list = held_to_most(list)?;
            }
            Read::Rows(..) => {}
            Read::Report(report) => {
                list.left_out = report.rejected;
                return Ok(list);
            }
        }
    }
}

fn held_to_most(list: List) -> Result<List, Error> {
    match list.lines.len() {
        0..=MAX_LINES => Ok(list),
        _ => Err(Error::asked(format!("the list has more than {MAX_LINES} rows"), "hand it in in parts")),
    }
}
