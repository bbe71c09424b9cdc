//! The workbook in which a department mends the rows that were refused, and hands in only those: a sheet with the extract's own headings, all
//! cells text so that 18 digits stay 18 digits, and one that says of each row what is wrong. Rows are never mended here.

use crate::{Error, cells, console::words::Language};
use arrow_array::RecordBatch;
use rust_xlsxwriter::{Color, Format, Workbook, Worksheet};
use std::{collections::BTreeMap, path::Path};
use wuwei_ingest::{Extract, REPAIR_SHEETS};

/// Rows a sheet holds below its heading.
const SHEET_ROWS: u32 = 1_048_575;

/// One reason why a row was refused.
#[derive(Debug, Default, Clone)]
struct Fault {
    sheet: String,
    row: i64,
    column: String,
    reason: String,
    proposal: String,
    /// The cells of the row by heading, with its first reason.
    cells: Option<BTreeMap<String, String>>,
}

/// What heads the cells of the second sheet, before its batch: keys of the console's words.
const WHY: [&str; 6] = ["here", "sheet", "row", "column", "reason", "proposal"];

/// Writes the rows that were refused in `batch`, of answers with the columns `sheet, row, column, rule, reason, proposal, cells` in the order
/// of rows, for a reader of that language. Returns how many there are. The batch is written down too: what has come since then decides what the rows may still change.
///
/// # Errors
/// There is none, there are more than a sheet holds, or the file cannot be written.
pub(crate) fn write(path: &Path, extract: &Extract, batch: &str, answers: &[RecordBatch], language: Language) -> Result<u32, Error> {
    let faults = faults(answers, language)?;
    let (name, origin) = REPAIR_SHEETS[language as usize];
    let (mut data, mut why) = (sheet(&language.known("repair", "rows"))?, sheet(name)?);
    headings(&mut data, extract.columns.iter().map(String::as_str))?;
    let own = WHY.map(|key| language.known("repair", key));
    headings(&mut why, own.iter().map(String::as_str).chain([origin]))?;
    let mut rows = 0;
    for (index, fault) in faults.iter().enumerate() {
        if let Some(cells) = &fault.cells {
            rows += 1;
            let same = faults[index..].iter().take_while(|other| (other.row, &other.sheet) == (fault.row, &fault.sheet));
            line(&mut data, rows, extract, cells, &same.map(|fault| fault.column.as_str()).collect::<Vec<_>>())?;
        }
        let at = u32::try_from(index + 1).map_err(failed)?;
        let place = [(rows + 1).to_string(), fault.sheet.clone(), fault.row.to_string()];
        let said = [fault.column.clone(), fault.reason.clone(), fault.proposal.clone(), batch.to_owned()];
        for (column, text) in (0u16..).zip(place.iter().chain(&said)) {
            why.write_string(at, column, text).map_err(failed)?;
        }
    }
    if rows == 0 {
        return Err(Error::asked("this job refused no row that could be mended", "`wuwei rejects JOB` lists what it noted"));
    }
    let mut book = Workbook::new();
    book.push_worksheet(data);
    book.push_worksheet(why);
    // Made whole before it is put down: what packs it complains by itself where a disk is full.
    let bytes = book.save_to_buffer().map_err(failed)?;
    std::fs::write(path, bytes).map_err(Error::file("writing", path))?;
    Ok(rows)
}

/// A row as it was refused; the cells that are wrong stand out. What may not be kept any more is left out, whenever the row was refused.
fn line(sheet: &mut Worksheet, row: u32, extract: &Extract, cells: &BTreeMap<String, String>, wrong: &[&str]) -> Result<(), Error> {
    let plain = Format::new().set_num_format("@");
    let marked = plain.clone().set_background_color(Color::RGB(0x00FF_E0E0));
    for (at, name) in extract.kept() {
        let at = u16::try_from(at).map_err(failed)?;
        let format = if wrong.contains(&name.as_str()) { &marked } else { &plain };
        sheet.write_string_with_format(row, at, cells.get(name).map_or("", String::as_str), format).map_err(failed)?;
    }
    Ok(())
}

fn sheet(name: &str) -> Result<Worksheet, Error> {
    let mut sheet = Worksheet::new();
    sheet.set_name(name).map_err(failed)?;
    sheet.set_freeze_panes(1, 0).map_err(failed)?;
    Ok(sheet)
}

fn headings<'a>(sheet: &mut Worksheet, names: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    let bold = Format::new().set_bold().set_num_format("@");
    for (column, name) in (0u16..).zip(names) {
        sheet.write_string_with_format(0, column, name, &bold).map_err(failed)?;
    }
    Ok(())
}

fn faults(batches: &[RecordBatch], language: Language) -> Result<Vec<Fault>, Error> {
    let mut all = Vec::new();
    for batch in batches {
        let texts = |name| cells::texts(batch, name);
        let (sheet, column, rule, reason) = (texts("sheet")?, texts("column")?, texts("rule")?, texts("reason")?);
        let (proposal, whole, rows) = (texts("proposal")?, texts("cells")?, cells::numbers(batch, "row")?);
        for at in 0..batch.num_rows() {
            let said = |column| cells::text(column, at).unwrap_or_default().to_owned();
            all.push(Fault {
                sheet: said(&sheet),
                row: rows.value(at),
                column: said(&column),
                reason: language.why(&said(&rule), &said(&reason)).to_owned(),
                proposal: said(&proposal),
                cells: cells::text(&whole, at).and_then(|text| serde_json::from_str(text).ok()),
            });
        }
    }
    let rows = all.iter().filter(|fault| fault.cells.is_some()).count();
    if all.len() > SHEET_ROWS as usize || rows > SHEET_ROWS as usize {
        return Err(Error::asked("more rows were refused than a sheet holds", "mend the export itself and hand in the whole file again"));
    }
    Ok(all)
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Output(error.to_string())
}
