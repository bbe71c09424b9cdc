//! Who everybody really is: files that say of each record of a person or an organisation, by its row, whose it is, and a file of the people
//! themselves. The extracts do not know it.

use crate::{error::Error, world::World};
use std::{
    borrow::Cow,
    fs::File,
    io::{BufWriter, copy},
    path::{Path, PathBuf},
};

/// What one job saw: lines of `records.csv` and `organizations.csv`, `extract,file,sheet,row,role,` and the number of the true one. The first
/// five name a record as its table does: the file by its path below `sources`, sheet empty where there are none, row as a spreadsheet shows
/// it, the second and further of a list `tenant#2` …. And lines of `dirt.csv`, `extract,file,sheet,row,column,kind`: what went wrong on the
/// way into the file, by its kind; the column empty where it is the row's.
#[derive(Debug)]
pub(crate) struct Seen {
    people: Table,
    organizations: Table,
    dirt: Table,
}

/// One record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sighted<'a> {
    pub(crate) role: &'a str,
    /// From 1 in a list and 1 elsewhere.
    pub(crate) position: usize,
    pub(crate) whose: Whose,
}

/// Whose it is, by number; files count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    Person(u32),
    Organization(u32),
}

/// Where a record stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) extract: &'a str,
    pub(crate) file: &'a str,
    pub(crate) sheet: &'a str,
    pub(crate) row: u64,
}

/// The files, and what the last columns of each are called.
const FILES: [(&str, [&str; 2]); 3] =
    [("records.csv", ["role", "person"]), ("organizations.csv", ["role", "organization"]), ("dirt.csv", ["column", "kind"])];

impl Seen {
    /// The files of a job, in a folder of its own.
    pub(crate) fn create(folder: &Path) -> Result<Seen, Error> {
        let [people, organizations, dirt] = FILES.map(|(name, _)| Table::create(folder.join(name)));
        Ok(Seen { people: people?, organizations: organizations?, dirt: dirt? })
    }

    /// A cell, or a row, that went wrong in this way.
    pub(crate) fn spoil(&mut self, at: At<'_>, column: &str, kind: &str) -> Result<(), Error> {
        self.dirt.write(&[at.extract, at.file, at.sheet, &at.row.to_string(), column, kind])
    }

    pub(crate) fn add(&mut self, at: At<'_>, sighted: Sighted<'_>) -> Result<(), Error> {
        let Sighted { role, position, whose } = sighted;
        let role = if position == 1 { Cow::Borrowed(role) } else { Cow::Owned(format!("{role}#{position}")) };
        let (table, number) = match whose {
            Whose::Person(number) => (&mut self.people, number),
            Whose::Organization(number) => (&mut self.organizations, number),
        };
        table.write(&[at.extract, at.file, at.sheet, &at.row.to_string(), &role, &(number + 1).to_string()])
    }

    pub(crate) fn finish(self) -> Result<(), Error> {
        self.people.finish()?;
        self.organizations.finish()?;
        self.dirt.finish()
    }
}

/// Puts together what the jobs saw, in their order, each with its heading.
pub(crate) fn join(folder: &Path, jobs: &[&Path]) -> Result<(), Error> {
    for (name, [what, whose]) in FILES {
        let mut table = Table::create(folder.join(name))?;
        table.write(&["extract", "file", "sheet", "row", what, whose])?;
        let mut whole = table.records.into_inner().map_err(|error| Error::file("write", &table.path)(error.into_error()))?;
        for job in jobs {
            let path = job.join(name);
            let mut part = File::open(&path).map_err(Error::file("read", &path))?;
            copy(&mut part, &mut whole).map_err(Error::file("write", &table.path))?;
        }
        std::io::Write::flush(&mut whole).map_err(Error::file("write", &table.path))?;
    }
    Ok(())
}

/// Writes `people.csv`: `person,id_no,name,sex,birth_date,death_date,household,twin,absent`.
pub(crate) fn write_people(folder: &Path, world: &World) -> Result<(), Error> {
    let mut table = Table::create(folder.join("people.csv"))?;
    table.write(&["person", "id_no", "name", "sex", "birth_date", "death_date", "household", "twin", "absent"])?;
    for (number, resident) in (0..).zip(&world.people.residents) {
        let flag = |is: bool| if is { "1" } else { "0" };
        let (person, birth, household) = ((number + 1).to_string(), resident.birth.to_string(), (resident.household + 1).to_string());
        let death = if resident.is_dead() { resident.death.to_string() } else { String::new() };
        let sex = if resident.is_male { "1" } else { "2" };
        let (twin, absent) = (flag(resident.is_twin), flag(resident.is_absent));
        table.write(&[&person, &world.id(number), &world.name(number), sex, &birth, &death, &household, twin, absent])?;
    }
    table.finish()
}

/// Writes `divisions.csv`: `code,name,above`, the county's own division codes, which stand in no list: township (9 digits, GB/T 10114), village
/// or community (12) and grid (15), each with the code of what it is in.
pub(crate) fn write_divisions(folder: &Path, world: &World) -> Result<(), Error> {
    let (county, places) = (&world.county, &world.material.places);
    let mut table = Table::create(folder.join("divisions.csv"))?;
    table.write(&["code", "name", "above"])?;
    table.write(&[&places.code, &places.county, ""])?;
    for township in &county.townships {
        table.write(&[&township.code, &township.name, &places.code])?;
    }
    for community in &county.communities {
        table.write(&[&community.code, &community.name, &county.townships[community.township].code])?;
    }
    for grid in &county.grids {
        table.write(&[&grid.code, &grid.name, &county.communities[grid.community].code])?;
    }
    table.finish()
}

/// One file as it was delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delivered {
    /// Below `sources`.
    pub(crate) path: String,
    pub(crate) extract: String,
    /// First 16 hexadecimal digits of the SHA-256, as the hub names it.
    pub(crate) batch: String,
    /// The last day that its rows may know of.
    pub(crate) known: String,
}

/// Writes `files.csv`: `file,extract,batch,known`.
pub(crate) fn write_files<'a>(folder: &Path, files: impl Iterator<Item = &'a Delivered>) -> Result<(), Error> {
    let mut table = Table::create(folder.join("files.csv"))?;
    table.write(&["file", "extract", "batch", "known"])?;
    for Delivered { path, extract, batch, known } in files {
        table.write(&[path, extract, batch, known])?;
    }
    table.finish()
}

#[derive(Debug)]
struct Table {
    path: PathBuf,
    records: csv::Writer<BufWriter<File>>,
}

impl Table {
    fn create(path: PathBuf) -> Result<Table, Error> {
        let file = File::create(&path).map_err(Error::file("create", &path))?;
        Ok(Table { path, records: csv::Writer::from_writer(BufWriter::new(file)) })
    }

    fn write(&mut self, cells: &[&str]) -> Result<(), Error> {
        self.records.write_record(cells).map_err(|error| Error::file("write", &self.path)(error.into()))
    }

    fn finish(mut self) -> Result<(), Error> {
        self.records.flush().map_err(Error::file("write", &self.path))
    }
}
