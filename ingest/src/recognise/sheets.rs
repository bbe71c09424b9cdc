//! The sheets of a workbook: which of them are the extract's, and what a sheet has that its rows do not show. A sheet with two tables is
//! refused with the row in which the second begins. Parts of workbooks are opened in `reader`; no value below the headings is looked at here.

use super::{
    Again, Hint, Layout, Line, Names, REPAIR_SHEETS, SheetLayout, Understood,
    choice::choose,
    headings::{Fit, exact, fits, fold},
    understood,
};
use crate::{
    Departments, Error, Format,
    reader::{self, ROWS_MAX, Ranges, Sheet, letters, xls},
};
use std::{collections::HashSet, path::Path};
use wuwei_schema::Notice;

pub(super) fn workbook<'a>(
    path: &Path,
    format: Format,
    departments: &'a Departments,
    hint: &Hint,
) -> Result<(Fit<'a>, Understood, Layout), Error> {
    let words = Words::of(departments);
    let (sheets, is_1904) = reader::sheets(path, &|text| words.has(text))?;
    let mut sheets: Vec<Sheet> = sheets.into_iter().filter(|sheet| !sheet.is_empty()).collect();
    if let Some(row) = hint.heading_row {
        // What stands above is a title, whatever it looks like.
        let is_title = |line: &Line| line.number < row;
        sheets.iter_mut().flat_map(|sheet| [&mut sheet.head, &mut sheet.headings]).for_each(|lines| lines.retain(|line| !is_title(line)));
    }
    if let Some(asked) = &hint.sheet {
        let names = || sheets.iter().map(|sheet| sheet.name.as_str());
        if !names().any(|name| name == asked) {
            return Err(Error::Unknown { what: "sheet with rows", name: asked.clone(), hint: wuwei_schema::nearest(asked, names()) });
        }
        let others = sheets.iter_mut().filter(|sheet| sheet.name != *asked && of_repairs(sheet).is_none());
        others.for_each(|sheet| sheet.head.clear());
    }
    let heads: Vec<Vec<Line>> = sheets.iter().map(|sheet| sheet.head.clone()).collect();
    let (_, fit) = choose(path, &heads, format, departments, hint).map_err(|error| two_extracts(path, &sheets, departments, error))?;
    let mut understood = understood(&fit, format);
    let repairs = sheets.iter().find_map(|sheet| of_repairs(sheet).map(|heading| origin(path, sheet, heading)));
    understood.repairs = repairs.transpose()?;
    if is_1904 {
        understood.evidence.push(Notice::new("days-of-1904"));
    }
    let layouts = sheets.into_iter().map(|sheet| layout(path, sheet, &fit, hint, &mut understood)).collect::<Result<Vec<_>, _>>()?;
    Ok((fit, understood, Layout::Workbook(layouts)))
}

/// Of the sheet that says why rows were refused, the heading of their batch.
fn of_repairs(sheet: &Sheet) -> Option<&'static str> {
    REPAIR_SHEETS.iter().find(|(name, _)| sheet.name == *name).map(|(_, heading)| *heading)
}

/// The batch that mended rows were refused in; without it nobody could tell what has come since.
fn origin(path: &Path, sheet: &Sheet, batch: &str) -> Result<String, Error> {
    let heading = sheet.head.iter().flat_map(|line| &line.cells).find(|(_, text)| text == batch);
    let below = heading.and_then(|(place, _)| {
        let cells = sheet.head.iter().flat_map(|line| &line.cells).filter(|(at, text)| at == place && text != batch);
        cells.map(|(_, text)| text.trim()).find(|text| text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
    });
    below.map(str::to_owned).ok_or_else(|| Error::Format {
        path: path.display().to_string(),
        found: format!("a workbook of mended rows whose sheet `{}` no longer says under `{batch}` of which batch they are", sheet.name),
        hint: "write it anew with `wuwei rejects JOB --out FILE.xlsx`, mend the rows in that one and leave its other sheet as it is"
            .to_owned(),
    })
}

/// A file may be any of several extracts because one of its sheets has the tables of two.
fn two_extracts(path: &Path, sheets: &[Sheet], departments: &Departments, error: Error) -> Error {
    if !matches!(error, Error::Ambiguous { .. }) {
        return error;
    }
    let second = |sheet: &Sheet| {
        let mut rows: Vec<u64> = exact(&sheet.head, departments).map(|fit| fit.line.number).collect();
        rows.sort_unstable();
        rows.dedup();
        rows.get(1).map(|row| tables(path, sheet, *row))
    };
    sheets.iter().find_map(second).unwrap_or(error)
}

fn tables(path: &Path, sheet: &Sheet, row: u64) -> Error {
    let place = format!("on sheet `{}`", sheet.name);
    Error::Tables { path: path.display().to_string(), place, detail: format!("row {row} has headings of another table") }
}

/// A sheet of the extract, or one that is not: none is passed over in silence.
fn layout(path: &Path, sheet: Sheet, chosen: &Fit<'_>, hint: &Hint, understood: &mut Understood) -> Result<SheetLayout, Error> {
    let all: Vec<Fit<'_>> = fits(&sheet.head, chosen.department, chosen.extract).collect();
    if let Some(fit) = all.iter().find(|fit| fit.is_exact()) {
        if let Some(row) = hint.heading_row.filter(|row| *row != fit.line.first()) {
            let detail = format!("the headings of sheet `{}` are in row {}, not in row {row} as was said", sheet.name, fit.line.first());
            let hint = "leave out --heading-row, or name that row".to_owned();
            return Err(Error::Unmapped { path: path.display().to_string(), detail, hint });
        }
        let headings = repeated(path, &sheet, fit)?;
        understood.sheets.push(sheet.name.clone());
        understood.remarks.extend(peculiarities(&sheet, fit, headings.len()));
        let (heading_row, places) = (fit.line.number, Some(fit.places.clone()));
        return Ok(SheetLayout { name: sheet.name, heading_row, places, headings, merged: sheet.merged });
    }
    if let Some(fit) = all.iter().find(|fit| fit.is_near()) {
        let detail = format!("in sheet `{}` {}", sheet.name, fit.fault());
        return Err(Error::Unmapped { path: path.display().to_string(), detail, hint: fit.hint() });
    }
    let is_asked = hint.sheet.as_ref().is_none_or(|asked| *asked == sheet.name);
    let skipped = if is_asked { Notice::new("sheet-no-headings") } else { Notice::new("sheet-not-asked") };
    understood.remarks.push(skipped.with("sheet", &sheet.name));
    if sheet.is_hidden {
        understood.evidence.push(Notice::new("sheet-skipped-is-hidden").with("sheet", &sheet.name));
    }
    Ok(SheetLayout { name: sheet.name, heading_row: 0, places: None, headings: Vec::new(), merged: Ranges::default() })
}

/// The rows below the heading that are the heading again, as on each page of a print; other headings begin another table.
fn repeated(path: &Path, sheet: &Sheet, fit: &Fit<'_>) -> Result<Vec<u64>, Error> {
    let heading = fit.line.first()..=fit.line.number;
    let own: Vec<Names> = sheet.head.iter().filter(|line| heading.contains(&line.number)).map(|line| Names::of(spread(line))).collect();
    let mut again = Vec::new();
    for line in sheet.headings.iter().filter(|line| !heading.contains(&line.number)) {
        if line.number < fit.line.first() || !own.iter().any(|names| names.again(spread(line)) == Again::Whole) {
            return Err(tables(path, sheet, line.number));
        }
        again.push(line.number);
    }
    Ok(again)
}

/// The cells of a row, each in its place.
fn spread(line: &Line) -> impl Iterator<Item = &str> {
    let width = line.cells.last().map_or(0, |(place, _)| place + 1);
    (0..width).map(|at| line.cells.iter().find(|(place, _)| *place == at).map_or("", |(_, text)| text))
}

/// What the owner of the sheet may not know that it has.
fn peculiarities(sheet: &Sheet, fit: &Fit<'_>, repeated: usize) -> Vec<Notice> {
    let mut all = Vec::new();
    if sheet.is_hidden {
        all.push(Notice::new("sheet-hidden"));
    }
    if sheet.hidden_rows > 0 {
        all.push(Notice::new("rows-hidden").with("count", sheet.hidden_rows));
    }
    let is_hidden = |place: usize| sheet.hidden_columns.iter().any(|(first, last)| (*first..=*last).contains(&place));
    let hidden: Vec<String> =
        (0..fit.places.len()).filter(|place| fit.places[*place].is_some() && is_hidden(*place)).map(letters).collect();
    if !hidden.is_empty() {
        all.push(Notice::new("columns-hidden").with("count", hidden.len()).with("which", hidden.join(", ")));
    }
    let merged = sheet.merged.iter().filter(|range| u64::from(range.bottom) > fit.line.number).count();
    if merged > 0 {
        all.push(Notice::new("cells-merged").with("count", merged));
    }
    if repeated > 0 {
        all.push(Notice::new("headings-again").with("count", repeated));
    }
    // Many a newer workbook was an older one, or is written by a program that still has its limit.
    if [u64::from(ROWS_MAX), xls::ROWS_MAX].contains(&sheet.last_row) {
        all.push(Notice::new("sheet-full").with("row", sheet.last_row));
    }
    all.into_iter().map(|told| told.with("sheet", &sheet.name)).collect()
}

/// Every heading of every extract, whole and in its parts.
struct Words {
    /// How they begin: nearly every text that is none is told from them by this.
    begins: HashSet<char>,
    all: HashSet<String>,
    longest: usize,
}

impl Words {
    fn of(departments: &Departments) -> Words {
        let columns = departments.extracts().flat_map(|(_, extract)| &extract.columns);
        let all: HashSet<String> = columns.flat_map(|column| column.split('/').chain([column.as_str()])).map(fold).collect();
        let begins = all.iter().filter_map(|word| word.chars().next()).collect();
        // White space and marks between the characters count too, in full width.
        let longest = all.iter().map(|word| word.len() * 4).max().unwrap_or(0);
        Words { begins, all, longest }
    }

    fn has(&self, text: &str) -> bool {
        let begins = |character: char| {
            !character.is_alphanumeric() || !character.is_ascii() && character >= '\u{ff00}' || self.begins.contains(&character)
        };
        let first = text.trim_start().chars().next();
        text.len() <= self.longest && first.is_some_and(|first| first.to_uppercase().any(begins)) && self.all.contains(&fold(text))
    }
}
