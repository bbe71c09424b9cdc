//! An invented county, written out as its departments would deliver it: the mappings run backwards, in each department's own format,
//! codes and dirt, beside the truth of who is who.
//!
//! Nobody in it exists: divisions are 9901xx and 90xxxx, which belong to no province, phones begin with 10, 11 or 12, and names of places
//! are on no map. The same seed gives the same bytes; there is no clock here and no randomness but the seed's.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking"))]

mod calendar;
mod county;
mod dirt;
mod error;
mod material;
mod numbers;
mod people;
mod random;
mod say;
mod truth;
mod view;
mod world;
mod write;

pub use error::Error;

use material::Material;
use serde::Serialize;
use std::{collections::BTreeMap, fs, path::Path};
use world::World;
use wuwei_ingest::Departments;
use wuwei_schema::Model;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// People who live in the county.
    pub people: usize,
    /// People registered there too, who live elsewhere.
    pub absent: usize,
    /// Rows of each extract.
    pub rows: BTreeMap<String, u64>,
}

/// As many people as there are citizen ids for.
const PEOPLE_LIMIT: usize = 20_000_000;

/// Invents a county of so many people and writes what its departments know of it, `<out>/<department>/<extract>.<csv|xlsx>`, with the
/// truth in `<out>/truth/`: `records.csv` (`extract,sheet,row,role,position,person`, one line a record of a person, named as
/// `record.person` names it, in the order of each file) and `people.csv`
/// (`person,id_no,name,sex,birth_date,household,twin,absent`). Extracts whose `synth` names no view of the county are left out. A
/// workbook of more than 200 sheets is continued in `<extract>-2.xlsx`.
///
/// # Errors
/// When files cannot be written, or so many people cannot be invented.
pub fn write(out: &Path, people: usize, seed: u64, departments: &Departments, model: &Model) -> Result<Summary, Error> {
    if !(1..=PEOPLE_LIMIT).contains(&people) {
        return Err(Error::Size { count: people, limit: PEOPLE_LIMIT });
    }
    let world = World::build(people, seed, Material::embedded()?);
    let truth_folder = folder(out, "truth")?;
    truth::write_people(&truth_folder, &world.people)?;
    let mut truth = truth::Truth::create(&truth_folder)?;
    let mut rows = BTreeMap::new();
    for (department, extract) in departments.extracts() {
        let Some(view) = extract.synth.as_deref().and_then(view::find) else { continue };
        if !write::can(extract.format) {
            continue;
        }
        let folder = folder(out, &department.code)?;
        rows.insert(extract.name.clone(), write::extract(&folder, extract, view, &world, model, seed, &mut truth)?);
    }
    truth.finish()?;
    let absent = world.people.residents.iter().filter(|resident| resident.is_absent).count();
    Ok(Summary { people, absent, rows })
}

fn folder(out: &Path, name: &str) -> Result<std::path::PathBuf, Error> {
    let path = out.join(name);
    fs::create_dir_all(&path).map_err(Error::file("create", &path))?;
    Ok(path)
}

#[cfg(test)]
mod tests;
