//! Who everybody really is: a file that says of each record of a person, by its row, whose it is, and a file of the people themselves. The
//! extracts do not know it.

use crate::{error::Error, people::People};
use std::{
    borrow::Cow,
    fs::File,
    io::BufWriter,
    path::{Path, PathBuf},
};

/// Writes `records.csv`: `extract,sheet,row,role,position,person`. The first four name a record as `record.person` does: sheet empty in text
/// files, row as a spreadsheet shows it, the second and further of a list `tenant#2` …; position from 1 in a list and 1 elsewhere; person
/// the number in `people.csv`. The rows of an extract stand in the order of its file.
#[derive(Debug)]
pub(crate) struct Truth {
    path: PathBuf,
    records: csv::Writer<BufWriter<File>>,
}

/// One record of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sighted<'a> {
    pub(crate) role: &'a str,
    pub(crate) position: usize,
    /// The resident's number; files count from 1.
    pub(crate) resident: u32,
}

impl Truth {
    pub(crate) fn create(folder: &Path) -> Result<Truth, Error> {
        let path = folder.join("records.csv");
        let mut truth = Truth { records: table(&path)?, path };
        truth.write(&["extract", "sheet", "row", "role", "position", "person"])?;
        Ok(truth)
    }

    pub(crate) fn add(&mut self, extract: &str, sheet: &str, row: u64, sighted: Sighted<'_>) -> Result<(), Error> {
        let Sighted { role, position, resident } = sighted;
        let role = if position == 1 { Cow::Borrowed(role) } else { Cow::Owned(format!("{role}#{position}")) };
        let (row, position, person) = (row.to_string(), position.to_string(), (resident + 1).to_string());
        self.write(&[extract, sheet, &row, &role, &position, &person])
    }

    fn write(&mut self, cells: &[&str]) -> Result<(), Error> {
        self.records.write_record(cells).map_err(|error| Error::file("write", &self.path)(error.into()))
    }

    pub(crate) fn finish(mut self) -> Result<(), Error> {
        self.records.flush().map_err(Error::file("write", &self.path))
    }
}

/// Writes `people.csv`: `person,id_no,name,sex,birth_date,household,twin,absent`.
pub(crate) fn write_people(folder: &Path, people: &People) -> Result<(), Error> {
    let path = folder.join("people.csv");
    let mut table = table(&path)?;
    let failed = |error: csv::Error| Error::file("write", &path)(error.into());
    table.write_record(["person", "id_no", "name", "sex", "birth_date", "household", "twin", "absent"]).map_err(failed)?;
    for (number, resident) in people.residents.iter().enumerate() {
        let flag = |is: bool| if is { "1" } else { "0" };
        let (person, birth, household) = ((number + 1).to_string(), resident.birth.to_string(), (resident.household + 1).to_string());
        let sex = if resident.is_male { "1" } else { "2" };
        let (twin, absent) = (flag(resident.is_twin), flag(resident.is_absent));
        let cells: [&str; 8] = [&person, &resident.id, &resident.name, sex, &birth, &household, twin, absent];
        table.write_record(cells).map_err(failed)?;
    }
    table.flush().map_err(Error::file("write", &path))
}

fn table(path: &Path) -> Result<csv::Writer<BufWriter<File>>, Error> {
    let file = File::create(path).map_err(Error::file("create", path))?;
    Ok(csv::Writer::from_writer(BufWriter::new(file)))
}
