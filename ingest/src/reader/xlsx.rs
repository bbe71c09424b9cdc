//! Rows of an XLSX workbook, cell by cell as the file has them: a cell in the last row and column costs no more than one in the first.
//! A thread of its own walks the sheets, so that one core unpacks while the other judges; if it dies of a file nobody foresaw, the file is
//! damaged and the program goes on. The strings that cells share are the one thing held whole, within a limit.
//!
//! A row without any cell is not in the file and is not handed out; one of empty cells is. Rows of a sheet that is not the extract's are
//! handed out blank, so that they are counted. What is merged is told in `body`.

pub(crate) mod biff;
mod body;
mod merged;
mod package;
mod sheet;
mod source;
mod strings;
mod styles;
mod survey;
mod utf8;
mod xml;

use super::{Columns, Reader, Row, cell, fill::Fill, records::CELL_MAX};
use crate::{Error, Extract, recognise::SheetLayout, sniff::Stamp};
use body::{Body, Use};
use calamine::{ExcelDateTime, ExcelDateTimeType};
pub(crate) use merged::Ranges;
use sheet::{Cell, Kind, Step};
pub(crate) use sheet::{ROWS_MAX, letters};
use source::Source;
use std::{
    borrow::Cow,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};
use strings::Strings;
use styles::{Shown, Styles};
pub(crate) use survey::Sheet;
use xml::{Broken, STRANGE};

/// Rows passed from the thread at a time, and how often it may be ahead.
const ROWS: usize = 256;
const AHEAD: usize = 4;

/// The sheets of a workbook that are not blank, and whether it counts days from 1904. `is_heading` knows the headings of extracts.
pub(crate) fn sheets(path: &Path, is_heading: &dyn Fn(&str) -> bool) -> Result<(Vec<Sheet>, bool), Error> {
    let read = || {
        let (mut source, look) = Source::open(path)?;
        let (mut all, mut held) = (Vec::new(), 0);
        for (name, is_hidden) in source.sheets() {
            let broken = |broken: Broken| broken.at(path, &format!("sheet `{name}`"));
            let sheet = Sheet { name: name.clone(), is_hidden, ..Sheet::default() };
            let walk = source.walk(&name).map_err(broken)?;
            all.push(survey::survey(walk, sheet, &look, is_heading, &mut held).map_err(broken)?);
        }
        Ok((all, look.is_1904))
    };
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(died(path)))
}

/// What it takes to see a cell as a spreadsheet shows it.
struct Look {
    strings: Strings,
    styles: Styles,
    is_1904: bool,
}

impl Look {
    /// The text of a cell. Outer errors are the file's, inner ones what a formula shows instead of a value.
    fn text<'l>(&'l self, cell: &'l Cell) -> Result<Result<Cow<'l, str>, &'l str>, Broken> {
        let text = cell.text.as_str();
        Ok(Ok(match cell.kind {
            Kind::Error => return Ok(Err(text)),
            Kind::Text => Cow::Borrowed(text),
            _ if text.is_empty() => Cow::Borrowed(""),
            Kind::Shared => Cow::Borrowed(text.trim().parse().ok().and_then(|at| self.strings.get(at)).ok_or(STRANGE)?),
            Kind::Moment => Cow::Owned(cell::iso_text(text)),
            Kind::Truth => Cow::Borrowed(if text.trim() == "1" { "TRUE" } else { "FALSE" }),
            Kind::Number => match text.trim().parse() {
                Ok(number) => Cow::Owned(self.number(number, self.styles.get(cell.style))),
                Err(_) => Cow::Borrowed(text),
            },
        }))
    }

    fn number(&self, number: f64, shown: Shown) -> String {
        let moment = |kind| cell::moment_text(&ExcelDateTime::new(number, kind, self.is_1904));
        match shown {
            Shown::Number => cell::number_text(number),
            Shown::Moment => moment(ExcelDateTimeType::DateTime),
            Shown::Duration => moment(ExcelDateTimeType::TimeDelta),
            Shown::Digits(width) => cell::digits_text(number, usize::from(width)),
        }
    }
}

/// The reader: the end of the channel on which rows arrive.
pub(super) struct Workbook {
    rows: Receiver<Result<Vec<Row>, Error>>,
    ready: std::vec::IntoIter<Row>,
    has_ended: bool,
    path: PathBuf,
    stamp: Stamp,
}

impl Workbook {
    pub(super) fn open(path: &Path, stamp: &Stamp, sheets: Vec<SheetLayout>, extract: &Extract) -> Result<Workbook, Error> {
        let (send, rows) = sync_channel(AHEAD);
        let names = extract.columns.clone().into();
        let mut pass = Pass { path: path.to_owned(), names, uses: Use::of(extract), fill: Fill::new(extract), send, batch: Vec::new() };
        let started = thread::Builder::new().name("workbook".to_owned()).spawn(move || pass.run(&sheets));
        started.map_err(|error| Error::file(path, &error))?;
        Ok(Workbook { rows, ready: Vec::new().into_iter(), has_ended: false, path: path.to_owned(), stamp: stamp.clone() })
    }
}

impl Reader for Workbook {
    fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
        loop {
            if let Some(next) = self.ready.next() {
                *row = next;
                return Ok(true);
            }
            if self.has_ended {
                return Ok(false);
            }
            let batch = self.rows.recv().unwrap_or_else(|_| Err(died(&self.path)));
            self.has_ended = batch.as_ref().map_or(true, Vec::is_empty);
            self.ready = batch?.into_iter();
            if self.has_ended {
                self.stamp.check(&self.path)?;
            }
        }
    }
}

/// The thread's side. An empty batch tells that all is read: a silent end is a death.
struct Pass {
    path: PathBuf,
    names: Arc<[String]>,
    uses: Vec<Use>,
    fill: Fill,
    send: SyncSender<Result<Vec<Row>, Error>>,
    batch: Vec<Row>,
}

/// Nobody reads on, or the file cannot be read on.
enum Stop {
    Unwanted,
    Failed(Error),
}

impl Pass {
    fn run(&mut self, sheets: &[SheetLayout]) {
        let outcome = match self.all(sheets) {
            Ok(()) => Ok(Vec::new()),
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::Unwanted) => return,
        };
        // An error here tells only that nobody listens any more.
        self.send.send(outcome).unwrap_or_default();
    }

    fn all(&mut self, sheets: &[SheetLayout]) -> Result<(), Stop> {
        let (mut source, look) = Source::open(&self.path).map_err(Stop::Failed)?;
        for layout in sheets {
            self.sheet(&mut source, &look, layout)?;
        }
        self.pass()
    }

    fn sheet(&mut self, source: &mut Source, look: &Look, layout: &SheetLayout) -> Result<(), Stop> {
        let path = self.path.clone();
        let broken = |broken: Broken| Stop::Failed(broken.at(&path, &format!("sheet `{}`", layout.name)));
        let mut walk = source.walk(&layout.name).map_err(broken)?;
        let columns = layout.places.clone().map(|places| Columns { places, names: Arc::clone(&self.names) });
        let mut body = Body::new(layout, &self.uses);
        let name: Arc<str> = layout.name.as_str().into();
        let mut row = Row::default();
        self.fill.begin();
        loop {
            match walk.next().map_err(broken)? {
                Step::End => return self.finish(row, &mut body, columns.as_ref()),
                Step::Cell => {}
                _ => continue,
            }
            let number = u64::from(walk.cell().row);
            if number <= layout.heading_row {
                continue;
            }
            if number > row.number {
                self.finish(std::mem::take(&mut row), &mut body, columns.as_ref())?;
                row.reset(number, self.names.len());
                row.sheet = Some(Arc::clone(&name));
                body.turn_to(walk.cell().row).map_err(broken)?;
            }
            if let Some(columns) = columns.as_ref().filter(|_| !body.is_heading(number)) {
                put(&mut row, walk.cell(), look, columns).map_err(broken)?;
            }
        }
    }

    /// Hands out a row when all its cells are in; number 0 is the one before the first.
    fn finish(&mut self, mut row: Row, body: &mut Body, columns: Option<&Columns>) -> Result<(), Stop> {
        if row.number == 0 {
            return Ok(());
        }
        if row.cells.iter().any(|cell| cell.len() > CELL_MAX) {
            let place = format!("sheet `{}` row {}", row.sheet.as_deref().unwrap_or_default(), row.number);
            return Err(Stop::Failed(Broken::Limit(format!("a cell has more than {CELL_MAX} bytes")).at(&self.path, &place)));
        }
        if let Some(columns) = columns {
            body.finish(&mut row, columns, &self.uses);
            self.fill.row(&mut row);
        }
        self.batch.push(row);
        if self.batch.len() < ROWS { Ok(()) } else { self.pass() }
    }

    fn pass(&mut self) -> Result<(), Stop> {
        if self.batch.is_empty() {
            return Ok(());
        }
        self.send.send(Ok(std::mem::take(&mut self.batch))).map_err(|_| Stop::Unwanted)
    }
}

fn put(row: &mut Row, cell: &Cell, look: &Look, columns: &Columns) -> Result<(), Broken> {
    let place = cell.column as usize;
    if cell.is_formula && cell.kind == Kind::Number && cell.text.is_empty() {
        row.refuse("cell_formula", || format!("{}是没有结果的公式，请在表格软件中打开并保存后再报送", columns.call(place)));
    }
    match look.text(cell)? {
        Ok(text) => row.put(place, &text, columns),
        Err(error) => row.refuse("cell_error", || format!("{}的公式出错（{error}），请改正", columns.call(place))),
    }
    Ok(())
}

fn died(path: &Path) -> Error {
    STRANGE.at(path, "an unknown place")
}

#[cfg(test)]
mod packed;
#[cfg(test)]
mod shapes;
#[cfg(test)]
mod tests;
