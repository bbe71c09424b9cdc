//! Rows of an XLSX workbook, cell by cell as the file has them: a cell in the last row and column costs no more than one in the first.
//! A thread of its own walks the sheets, since their reader borrows the workbook; if it dies of a file nobody foresaw, the file is damaged
//! and the program goes on. The strings that cells share are the one thing held whole, within what sniff lets a workbook unpack to.
//!
//! A row without any cell is not in the file and is not handed out; one of empty cells is. Rows of a sheet that is not the extract's are
//! handed out blank, so that they are counted. Of merged cells the first has the value, as in the file.

use super::{Columns, Reader, Row, cell, records::CELL_MAX};
use crate::{
    Error,
    recognise::{HEAD_ROWS, Line, SheetLayout},
    sniff::Stamp,
};
use calamine::{DataRef, Reader as _, Xlsx, XlsxError};
use std::{
    fs::File,
    io::BufReader,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

/// Rows passed from the thread at a time, and how often it may be ahead.
const ROWS: usize = 256;
const AHEAD: usize = 4;

/// A sheet and its first rows.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub(crate) name: String,
    pub(crate) head: Vec<Line>,
    pub(crate) is_empty: bool,
}

/// The sheets of a workbook; charts and macros are none.
pub(crate) fn sheets(path: &Path) -> Result<Vec<Sheet>, Error> {
    let read = || {
        let mut workbook = workbook(path)?;
        let names = workbook.sheet_names();
        names.into_iter().filter_map(|name| sheet(path, &mut workbook, name).transpose()).collect()
    };
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(died(path)))
}

fn workbook(path: &Path) -> Result<Xlsx<BufReader<File>>, Error> {
    let file = File::open(path).map_err(|error| Error::file(path, &error))?;
    Xlsx::new(BufReader::new(file)).map_err(|error| damaged(path, "the workbook", &error))
}

/// The head of a sheet, or none when it has no cells by nature.
fn sheet(path: &Path, workbook: &mut Xlsx<BufReader<File>>, name: String) -> Result<Option<Sheet>, Error> {
    let mut cells = match workbook.worksheet_cells_reader(&name) {
        Ok(cells) => cells,
        Err(XlsxError::NotAWorksheet(_)) => return Ok(None),
        Err(error) => return Err(damaged(path, &format!("sheet `{name}`"), &error)),
    };
    let (mut head, mut is_empty): (Vec<Line>, bool) = (Vec::new(), true);
    while let Some(found) = cells.next_cell().map_err(|error| damaged(path, &format!("sheet `{name}`"), &error))? {
        let (row, column) = found.get_position();
        let text = cell::text(found.get_value()).unwrap_or_default();
        if text.trim().is_empty() {
            continue;
        }
        is_empty = false;
        let number = u64::from(row) + 1;
        if number > HEAD_ROWS {
            break;
        }
        if head.last().is_none_or(|line| line.number != number) {
            head.push(Line { number, ..Line::default() });
        }
        if let Some(line) = head.last_mut() {
            line.cells.push((column as usize, text.into_owned()));
            line.width = column as usize + 1;
        }
    }
    head.iter_mut().for_each(|line| line.cells.sort_by_key(|(place, _)| *place));
    Ok(Some(Sheet { name, head, is_empty }))
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
    pub(super) fn open(path: &Path, stamp: &Stamp, sheets: Vec<SheetLayout>, names: Arc<[String]>) -> Result<Workbook, Error> {
        let (send, rows) = sync_channel(AHEAD);
        let mut walk = Walk { path: path.to_owned(), names, send, batch: Vec::new() };
        let started = thread::Builder::new().name("workbook".to_owned()).spawn(move || walk.run(&sheets));
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
struct Walk {
    path: PathBuf,
    names: Arc<[String]>,
    send: SyncSender<Result<Vec<Row>, Error>>,
    batch: Vec<Row>,
}

/// Nobody reads on, or the file cannot be read on.
enum Stop {
    Unwanted,
    Failed(Error),
}

impl Walk {
    fn run(&mut self, sheets: &[SheetLayout]) {
        let outcome = match self.walk(sheets) {
            Ok(()) => Ok(Vec::new()),
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::Unwanted) => return,
        };
        // An error here tells only that nobody listens any more.
        self.send.send(outcome).unwrap_or_default();
    }

    fn walk(&mut self, sheets: &[SheetLayout]) -> Result<(), Stop> {
        let mut workbook = workbook(&self.path).map_err(Stop::Failed)?;
        for sheet in sheets {
            self.sheet(&mut workbook, sheet)?;
        }
        self.pass()
    }

    fn sheet(&mut self, workbook: &mut Xlsx<BufReader<File>>, sheet: &SheetLayout) -> Result<(), Stop> {
        let path = self.path.clone();
        let broken = |error: XlsxError| Stop::Failed(damaged(&path, &format!("sheet `{}`", sheet.name), &error));
        let columns = sheet.places.clone().map(|places| Columns { places, names: Arc::clone(&self.names) });
        let name: Arc<str> = sheet.name.as_str().into();
        let mut cells = workbook.worksheet_cells_reader(&sheet.name).map_err(broken)?;
        let mut row = Row::default();
        while let Some(found) = cells.next_cell_with_formula_metadata().map_err(broken)? {
            let number = u64::from(found.pos.0) + 1;
            if number < row.number {
                return Err(Stop::Failed(self.limit(&sheet.name, number, "its rows are out of order")));
            }
            if number <= sheet.heading_row {
                continue;
            }
            if number > row.number {
                self.hand_out(std::mem::take(&mut row))?;
                row.reset(number, self.names.len());
                row.sheet = Some(Arc::clone(&name));
            }
            if let Some(columns) = &columns {
                put(&mut row, found.pos.1 as usize, &found.value, found.formula.is_some(), columns);
            }
        }
        self.hand_out(row)
    }

    /// Takes a finished row; number 0 is the one before the first.
    fn hand_out(&mut self, row: Row) -> Result<(), Stop> {
        if row.cells.iter().any(|cell| cell.len() > CELL_MAX) {
            let sheet = row.sheet.as_deref().unwrap_or_default();
            return Err(Stop::Failed(self.limit(sheet, row.number, &format!("a cell has more than {CELL_MAX} bytes"))));
        }
        if row.number > 0 {
            self.batch.push(row);
        }
        if self.batch.len() < ROWS { Ok(()) } else { self.pass() }
    }

    fn pass(&mut self) -> Result<(), Stop> {
        if self.batch.is_empty() {
            return Ok(());
        }
        self.send.send(Ok(std::mem::take(&mut self.batch))).map_err(|_| Stop::Unwanted)
    }

    fn limit(&self, sheet: &str, row: u64, limit: &str) -> Error {
        let place = format!("sheet `{sheet}` row {row}");
        Error::Limit {
            path: self.path.display().to_string(),
            place,
            limit: limit.to_owned(),
            hint: "open it in a spreadsheet program and save it again",
        }
    }
}

fn put(row: &mut Row, place: usize, value: &DataRef<'_>, is_formula: bool, columns: &Columns) {
    if is_formula && *value == DataRef::Empty {
        row.refuse("cell_formula", || format!("{}是没有结果的公式，请在表格软件中打开并保存后再报送", columns.call(place)));
    }
    match cell::text(value) {
        Ok(text) => row.put(place, &text, columns),
        Err(error) => row.refuse("cell_error", || format!("{}的公式出错（{error}），请改正", columns.call(place))),
    }
}

fn died(path: &Path) -> Error {
    let detail = "its structure is not that of a workbook".to_owned();
    Error::Damaged { path: path.display().to_string(), place: "an unknown place".to_owned(), detail }
}

/// What the library says, without what it quotes: that may be a value.
fn damaged(path: &Path, place: &str, error: &XlsxError) -> Error {
    let detail = match error {
        XlsxError::Io(_) | XlsxError::Zip(_) => "a part of it cannot be unpacked",
        XlsxError::Xml(_) | XlsxError::XmlAttr(_) | XlsxError::XmlEof(_) => "its XML ends early or is not well formed",
        XlsxError::Password => "it is behind a password",
        _ => "its structure is not that of a workbook",
    };
    Error::Damaged { path: path.display().to_string(), place: place.to_owned(), detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Folder, departments, rows, told};
    use crate::{Hint, open};
    use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet, XlsxError};
    use std::path::PathBuf;

    fn heading(sheet: &mut Worksheet, row: u32) {
        for (column, name) in (0..).zip(["身份证号", "姓名", "住址"]) {
            sheet.write(row, column, name).unwrap();
        }
    }

    fn save(folder: &Folder, write: impl Fn(&mut Worksheet) -> Result<(), XlsxError>, others: &[(&str, &[&str])]) -> PathBuf {
        let mut workbook = Workbook::new();
        write(workbook.add_worksheet().set_name("一区").unwrap()).unwrap();
        for (name, cells) in others {
            let sheet = workbook.add_worksheet().set_name(*name).unwrap();
            for (row, line) in (0..).zip(*cells) {
                (0..).zip(line.split(',')).filter(|(_, cell)| !cell.is_empty()).for_each(|(column, cell)| {
                    sheet.write(row, column, cell).unwrap();
                });
            }
        }
        let path = folder.path("a.xlsx");
        workbook.save(&path).unwrap();
        path
    }

    #[test]
    fn cells_are_text_dates_are_iso_and_lost_digits_are_seen_to_be_lost() {
        let folder = Folder::new();
        let path = save(
            &folder,
            |sheet| {
                sheet.write(0, 0, "人口登记表")?;
                heading(sheet, 1);
                sheet.write(2, 0, "990101198503070017")?.write(2, 1, "㛃𬭎")?.write(2, 2, 12.0)?;
                sheet.write(3, 0, 990_101_198_503_070_017_f64)?.write(3, 1, true)?.write(3, 2, 1.5)?;
                let date = Format::new().set_num_format("yyyy-mm-dd");
                sheet.write_with_format(5, 2, ExcelDateTime::from_ymd(2026, 3, 1)?, &date)?;
                Ok(())
            },
            &[],
        );
        let rows = ["一区 3: 990101198503070017|㛃𬭎|12", "一区 4: 9.90101E+17|TRUE|1.5", "一区 6: ||2026-03-01"];
        assert_eq!(told(&path).unwrap(), rows);
    }

    #[test]
    fn a_cell_at_the_end_of_the_sheet_is_a_fault_and_costs_nothing() {
        let folder = Folder::new();
        let path = save(
            &folder,
            |sheet| {
                heading(sheet, 0);
                sheet.write(1, 0, "1")?.write(1_048_575, 16_383, "x")?;
                Ok(())
            },
            &[],
        );
        assert_eq!(told(&path).unwrap(), ["一区 2: 1||", "一区 1048576: || ! cell_outside"]);
        assert!(rows(&path).unwrap()[1].fault.as_ref().unwrap().reason.starts_with("第16384列"));
    }

    #[test]
    fn errors_of_formulas_are_faults_and_so_are_formulas_without_result() {
        let folder = Folder::new();
        let path = save(
            &folder,
            |sheet| {
                heading(sheet, 0);
                sheet.write(1, 0, Formula::new("=#REF!").set_result("#REF!"))?;
                sheet.write(2, 1, Formula::new("=B1").set_result("王小明"))?;
                Ok(())
            },
            &[],
        );
        assert_eq!(told(&path).unwrap(), ["一区 2: || ! cell_error", "一区 3: |王小明|"]);
    }

    #[test]
    fn every_sheet_with_the_headings_is_read_and_no_other_passed_over_in_silence() {
        let folder = Folder::new();
        let second: &[&str] = &["姓名,住址,身份证号", "王小明,东街,2"];
        let notes: &[&str] = &["填表说明", ",每人一行"];
        let write = |sheet: &mut Worksheet| {
            heading(sheet, 0);
            sheet.write(1, 0, "1").map(|_| ())
        };
        let path = save(&folder, write, &[("二区", second), ("说明", notes), ("空", &[])]);
        assert_eq!(told(&path).unwrap(), ["一区 2: 1||", "二区 2: 2|王小明|东街", "说明 1: ||", "说明 2: ||"]);
        let departments = departments();
        let understood = open(&path, &departments, &Hint::default()).unwrap().understood;
        assert_eq!(understood.sheets, ["一区", "二区"]);
        assert!(understood.evidence.iter().any(|why| why.contains("sheet `说明` has no headings")), "{:?}", understood.evidence);
        let misspelt = save(&folder, write, &[("二区", &["姓名,地址,身份证号", "王小明,东街,2"])]);
        let error = told(&misspelt).unwrap_err();
        assert!(error.contains("in sheet `二区` row 1") && error.contains("missing are `住址`, unknown are `地址`"), "{error}");
    }

    #[test]
    fn a_workbook_cut_off_or_damaged_is_refused_whole() {
        let folder = Folder::new();
        let path = save(&folder, |sheet| (0..2000).try_for_each(|row| sheet.write(row, 0, f64::from(row)).map(|_| ())), &[]);
        let bytes = std::fs::read(&path).unwrap();
        let cut = folder.write("cut.xlsx", &bytes[..bytes.len() - 100]);
        assert!(told(&cut).unwrap_err().contains("is damaged at its end"), "{:?}", told(&cut));
        let mut flipped = bytes;
        let middle = flipped.windows(6).position(|name| name == b"sheet1").unwrap() + 200;
        flipped[middle] ^= 0xff;
        let flipped = folder.write("flipped.xlsx", flipped);
        assert!(told(&flipped).unwrap_err().contains("is damaged at part `xl/worksheets/sheet1.xml`"), "{:?}", told(&flipped));
    }
}
