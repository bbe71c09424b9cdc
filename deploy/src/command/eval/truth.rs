//! What is known to be true: a file that says of records, by where they stand, what they really are, or a property whose equal values do.

use crate::{Error, cells};
use arrow_array::{Int64Array, RecordBatch, StringArray};
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::Path,
};
use wuwei_graph::Labelled;

/// Where the truth is.
#[derive(Debug)]
pub(super) enum Truth {
    /// Place and true thing of records. A place is kept as a hash of 64 bits: of 100 million, two are the same once in 3,700 counties.
    Places(HashMap<u64, u32>),
    /// Equal values are one thing.
    Property(String),
}

impl Truth {
    /// Reads a truth file as `synth` writes it, `extract,file,sheet,row,role` and the true thing's number under the name of its type, which is
    /// given back too. `files.csv` beside it says which batch a file is.
    pub(super) fn of_file(file: &Path) -> Result<(Truth, String), Error> {
        let hint = "give truth/records.csv or truth/organizations.csv of what was loaded, with files.csv beside it";
        let unread = |file: &Path, detail: &str| Error::asked(format!("truth file `{}` cannot be read: {detail}", file.display()), hint);
        let batches = batches(&file.with_file_name("files.csv"), unread)?;
        let mut known = HashMap::new();
        let failed = |error: csv::Error| unread(file, &error.to_string());
        let mut reader = csv::Reader::from_path(file).map_err(failed)?;
        let of = reader.headers().map_err(failed)?.get(5).map(str::to_owned);
        let of = of.ok_or_else(|| unread(file, "it has no sixth column"))?;
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).map_err(failed)? {
            let cell = |at: usize| record.get(at).unwrap_or_default();
            let batch = batches.get(cell(1)).map(String::as_str).unwrap_or_default();
            let (row, true_one) = (cell(3).parse().ok(), cell(5).parse().ok());
            let (row, true_one) = row.zip(true_one).ok_or_else(|| unread(file, "a line does not say row and true one in numbers"))?;
            known.insert(place(batch, cell(2), row, cell(4)), true_one);
        }
        Ok((Truth::Places(known), of))
    }

    /// The columns that it looks at.
    pub(super) fn columns(&self) -> Vec<&str> {
        match self {
            Truth::Places(_) => vec!["batch", "sheet", "row", "role"],
            Truth::Property(property) => vec![property],
        }
    }

    /// What each row of a batch really is, where that is known. A place has one record, and is used up.
    pub(super) fn of(&mut self, batch: &RecordBatch) -> Result<Vec<Option<u64>>, Error> {
        match self {
            Truth::Places(known) => {
                let places = Places::of(batch)?;
                let mut true_one = |at| known.remove(&places.get(at)).map(|number| Labelled::name(&number.to_string()));
                Ok((0..batch.num_rows()).map(&mut true_one).collect())
            }
            Truth::Property(property) => {
                let values = cells::texts(batch, property)?;
                Ok((0..batch.num_rows()).map(|at| cells::text(&values, at).map(Labelled::name)).collect())
            }
        }
    }
}

/// The batch of each file of the list.
fn batches(list: &Path, unread: impl Fn(&Path, &str) -> Error) -> Result<HashMap<String, String>, Error> {
    let failed = |error: csv::Error| unread(list, &error.to_string());
    let mut batches = HashMap::new();
    for record in csv::Reader::from_path(list).map_err(failed)?.records() {
        let record = record.map_err(failed)?;
        let cell = |at: usize| record.get(at).unwrap_or_default().to_owned();
        batches.insert(cell(0), cell(2));
    }
    Ok(batches)
}

/// Where the records of a batch stand.
struct Places<'a> {
    texts: [StringArray; 3],
    rows: &'a Int64Array,
}

impl Places<'_> {
    fn of(batch: &RecordBatch) -> Result<Places<'_>, Error> {
        let [file, sheet, role] = ["batch", "sheet", "role"].map(|name| cells::texts(batch, name));
        Ok(Places { texts: [file?, sheet?, role?], rows: cells::numbers(batch, "row")? })
    }

    fn get(&self, at: usize) -> u64 {
        let [file, sheet, role] = self.texts.each_ref().map(|column| cells::text(column, at).unwrap_or_default());
        place(file, sheet, self.rows.value(at), role)
    }
}

fn place(batch: &str, sheet: &str, row: i64, role: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (batch, sheet, row, role).hash(&mut hasher);
    hasher.finish()
}
