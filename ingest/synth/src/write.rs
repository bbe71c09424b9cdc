//! The files: each view's rows, said in the department's own headings, codes and dates by running its mapping backwards, with the dirt of
//! their origin.

mod backwards;
mod dbf;
mod delimited;
mod fixed;
#[cfg(test)]
mod tests;
mod workbook;

use crate::{
    dirt::{Cell, Dirt},
    error::Error,
    material::{Errors, Habits},
    random::Random,
    truth::Truth,
    view::{Hand, View},
    world::World,
};
use backwards::Backwards;
use std::path::Path;
use wuwei_ingest::{Extract, Format};
use wuwei_schema::Model;

/// A file that takes rows one after the other.
trait Table {
    /// Writes a row and says in which sheet and in which row of it, as a spreadsheet counts.
    fn row(&mut self, cells: &[Cell]) -> Result<Place, Error>;

    /// Closes the file.
    fn finish(&mut self) -> Result<(), Error>;
}

/// Where a row stands.
#[derive(Debug, Clone, Default)]
struct Place {
    sheet: String,
    row: u64,
}

/// Whether files of that format are written here.
pub(crate) fn can(format: Format) -> bool {
    matches!(format, Format::Csv | Format::Xlsx | Format::Dbf | Format::Fixed)
}

fn table<'a>(folder: &Path, extract: &'a Extract, habits: &'a Habits) -> Result<Box<dyn Table + 'a>, Error> {
    Ok(match extract.format {
        Format::Csv => Box::new(delimited::Delimited::create(folder, extract, habits)?),
        Format::Dbf => Box::new(dbf::Dbf::create(folder, extract)?),
        Format::Fixed => Box::new(fixed::Fixed::create(folder, extract)?),
        _ => Box::new(workbook::Workbooks::create(folder, extract, habits)),
    })
}

/// Writes one extract; the number of its rows, blank ones not counted.
pub(crate) fn extract(
    folder: &Path,
    extract: &Extract,
    view: View,
    world: &World,
    model: &Model,
    seed: u64,
    truth: &mut Truth,
) -> Result<u64, Error> {
    let unknown = Habits::unknown();
    let habits = world.material.extracts.get(&extract.name).unwrap_or(&unknown);
    let clean = Errors::default();
    let rates = world.material.errors.get(&habits.origin).unwrap_or(&clean);
    let mut backwards = Backwards::new(extract, model, Dirt { world, rates }, habits);
    let mut table = table(folder, extract, habits)?;
    let blank = vec![Cell::Text(String::new()); extract.columns.len()];
    let mut random = Random::new(seed, &format!("dirt of {}", extract.name));
    let mut rows = 0;
    let mut hand = Hand { random: Random::new(seed, &extract.name), habits };
    view(world, &mut hand, &mut |statement| {
        let (cells, sighted) = backwards.row(&statement, &mut random, rows + 1);
        let copies = if random.chance(rates.row_repeated) { 2 } else { 1 };
        for _ in 0..copies {
            let place = table.row(&cells)?;
            rows += 1;
            for &record in &sighted {
                truth.add(&extract.name, &place.sheet, place.row, record)?;
            }
        }
        if random.chance(rates.row_blank) && extract.sheet_by.is_none() {
            table.row(&blank)?;
        }
        Ok(())
    })?;
    table.finish()?;
    Ok(rows)
}

impl Habits {
    /// Of an extract that a department file adds and this crate has not heard of.
    fn unknown() -> Habits {
        Habits {
            origin: String::new(),
            lag_days: 1,
            span_days: 300,
            title: String::new(),
            footer: String::new(),
            fill: std::collections::BTreeMap::new(),
        }
    }
}
