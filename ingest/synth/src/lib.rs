//! An invented county, written out as its departments would deliver it: the mappings run backwards, in each department's own format,
//! codes and dirt, beside the truth of who is who.
//!
//! Nobody in it exists: divisions are 9901xx and 90xxxx, which belong to no province, phones begin with 10, 11 or 12, and names of places
//! are on no map. The same seed gives the same bytes; there is no clock here and no randomness but the seed's. Memory holds people,
//! households and dwellings in some tens of bytes each; rows are drawn and written one by one.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking"))]

mod calendar;
mod county;
mod delivery;
mod dirt;
mod error;
mod material;
mod namer;
mod numbers;
mod people;
mod random;
mod say;
mod truth;
mod view;
mod world;
mod write;

pub use error::Error;

use calendar::{Day, TODAY};
use material::Material;
use serde::Serialize;
use std::{collections::BTreeMap, fs, path::Path};
use world::World;
use wuwei_ingest::Departments;
use wuwei_schema::{Model, nearest};

/// What county, and how much of its story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// People who live in it on the last day.
    pub people: usize,
    /// Same seed, same bytes.
    pub seed: u64,
    /// Deliveries, one a month, the last of them today.
    pub months: u32,
    /// The day of the last delivery, ISO 8601.
    pub today: String,
    /// Threads that write; the bytes do not depend on it.
    pub threads: usize,
    /// Extracts that are off by default and are written all the same.
    pub with: Vec<String>,
}

impl Plan {
    /// One delivery of that county, on a day that stays the same.
    pub fn new(people: usize, seed: u64) -> Plan {
        Plan { people, seed, months: 1, today: TODAY.to_string(), threads: 2, with: Vec::new() }
    }
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// People who live in the county.
    pub people: usize,
    /// People registered there too, who live elsewhere.
    pub absent: usize,
    /// People who died in the last years and are remembered.
    pub dead: usize,
    /// Companies, shops, social organisations and schools.
    pub organizations: usize,
    /// The days of delivery.
    pub deliveries: Vec<String>,
    /// Files written.
    pub files: usize,
    /// Rows of each extract, over all deliveries.
    pub rows: BTreeMap<String, u64>,
}

/// As many people as there are citizen ids for.
const PEOPLE_LIMIT: usize = 20_000_000;
/// Ten years: what the county remembers.
const MONTHS_LIMIT: u32 = 120;

/// Invents a county of so many people and writes what its departments know of it, month by month:
/// `<out>/sources/<day>/<department>/<extract>.<csv|xlsx|…>`, with the truth in `<out>/truth/`: `records.csv` and `organizations.csv`
/// (`extract,file,sheet,row,role` and `person` or `organization`, one line a record, named as its table names it, in the order of each file),
/// `files.csv` (`file,extract,batch,known`), `dirt.csv` (`extract,file,sheet,row,column,kind`: what went wrong where, its column empty where
/// the whole row did), `people.csv` (`person,id_no,name,sex,birth_date,death_date,household,twin,absent`) and `divisions.csv`
/// (`code,name,above`: the county's townships, communities and grids).
///
/// Extracts whose `synth` names no view of the county are left out, and so are those that are off by default, unless they are asked for. A
/// `full` extract is whole in each delivery, a `delta` one has what changed since the last. In every month but the last one file is late: it comes a month later, under the day it was made. One file of the
/// first delivery is sent again with the second. A workbook of more than 200 sheets is continued in `<extract>-2.xlsx`.
///
/// # Errors
/// When files cannot be written, an extract asked for does not exist, or so many people, months or such a day cannot be invented.
pub fn write(out: &Path, plan: &Plan, departments: &Departments, model: &Model) -> Result<Summary, Error> {
    let &Plan { people, seed, months, threads, ref with, .. } = plan;
    if !(1..=PEOPLE_LIMIT).contains(&people) {
        return Err(Error::Size { count: people, limit: PEOPLE_LIMIT });
    }
    if !(1..=MONTHS_LIMIT).contains(&months) {
        return Err(Error::Months { count: months, limit: MONTHS_LIMIT });
    }
    if let Some(unknown) = with.iter().find(|name| departments.extract(name).is_none()) {
        let hint = nearest(unknown, departments.extracts().map(|(_, extract)| extract.name.as_str()));
        return Err(wuwei_ingest::Error::Unknown { what: "extract", name: unknown.clone(), hint }.into());
    }
    let today = Day::parse(&plan.today).filter(|day| (1990..2100).contains(&day.year())).ok_or(Error::Today)?;
    let world = World::build(people, seed, today, Material::embedded()?);
    let folder = out.join("truth");
    fs::create_dir_all(&folder).map_err(Error::file("create", &folder))?;
    truth::write_people(&folder, &world)?;
    truth::write_divisions(&folder, &world)?;
    let days = delivery::days(today, months);
    let jobs = delivery::jobs(&days, seed, departments, with, &world.material);
    let done = delivery::write(out, &jobs, threads, seed, &world, model)?;
    let again = delivery::send_twice(out, &days, seed, &done)?;
    truth::join(&folder, &done.iter().map(|done| done.seen.as_path()).collect::<Vec<_>>())?;
    for done in &done {
        fs::remove_dir_all(&done.seen).map_err(Error::file("remove", &done.seen))?;
    }
    truth::write_files(&folder, done.iter().flat_map(|done| &done.files).chain(&again))?;
    let mut rows = BTreeMap::new();
    done.iter().for_each(|done| *rows.entry(done.extract.clone()).or_insert(0) += done.rows);
    let count = |is: &dyn Fn(&people::Resident) -> bool| world.people.residents.iter().filter(|resident| is(resident)).count();
    let files = done.iter().map(|done| done.files.len()).sum::<usize>() + usize::from(again.is_some());
    let deliveries = days.iter().map(Day::to_string).collect();
    let organizations = (world.enterprises() + world.societies()) as usize + world.schools.len();
    let (absent, dead) = (count(&|one| one.is_absent), count(&|one| one.is_dead()));
    Ok(Summary { people, absent, dead, organizations, deliveries, files, rows })
}

#[cfg(test)]
mod tests;
