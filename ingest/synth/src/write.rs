//! The files: each view's rows, said in the department's own headings, codes and dates by running its mapping backwards, with the dirt of
//! their origin.

mod backwards;
mod damage;
mod dbf;
mod delimited;
mod encoded;
mod fixed;
mod json;
mod nested;
#[cfg(test)]
mod tests;
mod workbook;
mod xls;
mod xml;

use crate::{
    calendar::Day,
    dirt::{Cell, Dirt},
    error::Error,
    material::{Errors, Habits},
    random::Random,
    truth::{At, Seen},
    view::{Hand, Statement, View},
    world::World,
};
use backwards::Backwards;
use std::path::Path;
use wuwei_ingest::{Contract, Extract, Format};
use wuwei_schema::Model;

/// A file that takes rows one after the other.
trait Table {
    /// Writes a row and says in which sheet and in which row of it, as a spreadsheet counts.
    fn row(&mut self, cells: &[Cell]) -> Result<Place, Error>;

    /// The number of the file that the last row went to, where a delivery takes several.
    fn part(&self) -> usize {
        1
    }

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
    format != Format::Parquet
}

fn table<'a>(folder: &Path, extract: &'a Extract, habits: &'a Habits) -> Result<Box<dyn Table + 'a>, Error> {
    Ok(match extract.format {
        Format::Csv => Box::new(delimited::Delimited::create(folder, extract, habits)?),
        Format::Dbf => Box::new(dbf::Dbf::create(folder, extract)?),
        Format::Xls => Box::new(xls::Xls::create(folder, extract, habits)),
        Format::Fixed => Box::new(fixed::Fixed::create(folder, extract)?),
        Format::Json => Box::new(json::Json::create(folder, extract)?),
        Format::Xml => Box::new(xml::Xml::create(folder, extract)?),
        _ => Box::new(workbook::Workbooks::create(folder, extract, habits)),
    })
}

/// How much longer a row takes than one of text.
pub(crate) fn weight(format: Format) -> f64 {
    match format {
        Format::Xlsx | Format::Xls => 4.0,
        _ => 1.0,
    }
}

/// How the files of a format end.
pub(crate) fn ending(format: Format) -> &'static str {
    if format == Format::Fixed { "txt" } else { format.name() }
}

/// What there is to write of one extract in one delivery.
#[derive(Debug)]
pub(crate) struct Work<'a> {
    pub(crate) extract: &'a Extract,
    pub(crate) view: View,
    pub(crate) world: &'a World,
    pub(crate) model: &'a Model,
    pub(crate) seed: u64,
    /// The last day that each delivery knows of, up to this one.
    pub(crate) known: &'a [Day],
    /// The day on which it is made.
    pub(crate) made: Day,
    /// The path below `sources` of the first file, without its ending.
    pub(crate) stem: &'a str,
}

/// Writes it into a folder; the number of rows, blank ones not counted.
pub(crate) fn extract(folder: &Path, work: &Work<'_>, seen: &mut Seen) -> Result<u64, Error> {
    let Work { extract, world, seed, .. } = *work;
    let mut habits = world.material.extracts.get(&extract.name).cloned().unwrap_or_else(Habits::unknown);
    habits.today = work.made;
    let clean = Errors::default();
    let rates = world.material.errors.get(&habits.origin).unwrap_or(&clean);
    let backwards = Backwards::new(extract, work.model, Dirt::new(world, rates), &habits);
    let mut table = table(folder, extract, &habits)?;
    let blank = vec![Cell::Text(String::new()); extract.columns.len()];
    let dirt = Random::new(seed, &format!("dirt of {}", extract.name));
    let mut rows = 0;
    let hand = Hand::new(seed, &extract.name, &habits, rates, work.known);
    (work.view)(world, &hand, &mut |statement| {
        if !work.is_told(&statement) {
            return Ok(());
        }
        let mut random = dirt.at(statement.key ^ u64::from(statement.revision) << 48);
        let mut row = backwards.row(&statement, &mut random, rows + 1);
        damage::row(&mut row, extract, rates, &mut random);
        let copies = if random.chance(rates.row_repeated) { 2 } else { 1 };
        for copy in 0..copies {
            let place = table.row(&row.cells)?;
            rows += 1;
            let file = work.file(table.part());
            let at = At { extract: &extract.name, file: &file, sheet: &place.sheet, row: place.row };
            row.sighted.iter().try_for_each(|&record| seen.add(at, record))?;
            row.spoilt.iter().try_for_each(|(column, kind)| seen.spoil(at, column, kind))?;
            if copy > 0 {
                seen.spoil(at, "", "row_dup")?;
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

impl Work<'_> {
    /// Whether this delivery has that row: all that is so, or what changed since the last one; what is gone, where the extract can say it.
    fn is_told(&self, statement: &Statement) -> bool {
        let since = self.known.len().checked_sub(2).and_then(|before| self.known.get(before));
        let is_new = self.extract.contract == Contract::Full || since.is_none_or(|since| statement.changed > *since);
        is_new && (!statement.is_gone || self.can_say_gone(statement))
    }

    /// By a deletion mark, or by a record that stands for the end.
    fn can_say_gone(&self, statement: &Statement) -> bool {
        let says = |role: &str| self.extract.role(role).is_some_and(|role| role.when.is_some());
        self.extract.deleted.is_some() || statement.sightings.iter().any(|sighting| says(sighting.role))
    }

    /// The path of a file below `sources`.
    fn file(&self, part: usize) -> String {
        let ending = ending(self.extract.format);
        if part == 1 { format!("{}.{ending}", self.stem) } else { format!("{}-{part}.{ending}", self.stem) }
    }
}
