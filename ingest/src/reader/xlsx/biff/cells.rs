//! The cells of a sheet in the order of the file, and what is merged and hidden (MS-XLS 2.4), as the steps of any sheet. A formula's result
//! stands in its record; a text in the one after it.

use super::{
    super::{
        merged::Range,
        sheet::{Cell, Kind, Step},
        xml::Broken,
    },
    compound::{four, pair},
    records::{Records, float, invalid, packed},
};
use std::{collections::VecDeque, io};

/// The walk through a sheet.
#[derive(Debug)]
pub(in super::super) struct Walk<'b> {
    records: &'b mut Records,
    /// The present cell.
    pub(in super::super) cell: Cell,
    ready: VecDeque<Ready>,
    /// The cell of a formula whose text is still to come.
    waiting: Option<Cell>,
    /// Charts within the sheet that have begun.
    depth: u32,
    /// Whether the next record has its turn, which it has not where all cells had to be put in order beforehand.
    has_ended: bool,
}

/// Cells of a sheet that are put in order in memory, where a writer left them out of it: 100 MB of them.
const SORTED_MAX: usize = 1_000_000;

/// What a record said, in order.
#[derive(Debug)]
enum Ready {
    Cell(Cell),
    Step(Step),
}

impl Walk<'_> {
    pub(super) fn begin(records: &mut Records, start: u64) -> Result<Walk<'_>, Broken> {
        let is_sorted = is_sorted(records, start)?;
        records.turn_to(start);
        if !records.next()? || records.id != 0x0809 {
            return Err(invalid().into());
        }
        let mut walk = Walk { records, cell: Cell::default(), ready: VecDeque::new(), waiting: None, depth: 0, has_ended: false };
        if !is_sorted {
            walk.sort()?;
        }
        Ok(walk)
    }

    pub(in super::super) fn next(&mut self) -> Result<Step, Broken> {
        loop {
            match self.ready.pop_front() {
                Some(Ready::Step(step)) => return Ok(step),
                Some(Ready::Cell(cell)) if cell.row < self.cell.row => return Err(Broken::Damaged("its rows are out of order")),
                Some(Ready::Cell(cell)) => {
                    self.cell = cell;
                    return Ok(Step::Cell);
                }
                None if self.has_ended => return Ok(Step::End),
                None => self.has_ended = !self.record()?,
            }
        }
    }

    /// Takes one record; false at the end of the sheet.
    fn record(&mut self) -> io::Result<bool> {
        if !self.records.next()? {
            return Err(invalid());
        }
        match self.records.id {
            0x0809 => self.depth += 1,
            0x000a if self.depth == 0 => return Ok(false),
            0x000a => self.depth -= 1,
            _ if self.depth > 0 => {}
            _ => self.take()?,
        }
        Ok(true)
    }

    /// Takes all of the sheet, and puts its cells in the order of their rows.
    fn sort(&mut self) -> Result<(), Broken> {
        while self.record()? {
            if self.ready.len() > SORTED_MAX {
                return Err(Broken::Limit(format!("its rows are out of order, and it has more than {SORTED_MAX} cells")));
            }
        }
        self.has_ended = true;
        self.ready.make_contiguous().sort_by_key(|ready| if let Ready::Cell(cell) = ready { cell.row } else { 0 });
        Ok(())
    }

    fn take(&mut self) -> io::Result<()> {
        let data = &self.records.data;
        match self.records.id {
            0x0006 if data.len() >= 14 => self.formula(),
            0x0203 if data.len() >= 14 => self.push(Kind::Number, float(&self.records.data, 6).to_string()),
            0x027e if data.len() >= 10 => self.push(Kind::Number, packed(&self.records.data, 6).to_string()),
            0x00fd if data.len() >= 10 => self.push(Kind::Shared, four(&self.records.data, 6).to_string()),
            0x0205 if data.len() >= 8 => {
                let (kind, text) = checked(data[6], data[7]);
                self.push(kind, text.to_owned());
            }
            0x0204 | 0x00d6 if data.len() >= 8 => {
                let text = self.text(6)?;
                self.push(Kind::Text, text);
            }
            0x0006 | 0x0203 | 0x027e | 0x00fd | 0x0205 | 0x0204 | 0x00d6 => return Err(invalid()),
            0x0207 => {
                if let Some(mut cell) = self.waiting.take() {
                    cell.text = self.text(0)?;
                    self.ready.push_back(Ready::Cell(cell));
                }
            }
            0x00bd => self.numbers(),
            0x0208 if pair(data, 12) & 0x20 != 0 => self.ready.push_back(Ready::Step(Step::HiddenRow)),
            0x007d if pair(data, 8) & 1 != 0 => {
                let step = Step::HiddenColumns(u32::from(pair(data, 0)), u32::from(pair(data, 2).min(255)));
                self.ready.push_back(Ready::Step(step));
            }
            0x00e5 => self.merged()?,
            _ => {}
        }
        Ok(())
    }

    /// The cell that the record is of, with that value.
    fn cell_of(&self, kind: Kind, text: String) -> Cell {
        let data = &self.records.data;
        Cell {
            row: u32::from(pair(data, 0)) + 1,
            column: u32::from(pair(data, 2)),
            style: usize::from(pair(data, 4)),
            kind,
            text,
            is_formula: self.records.id == 0x0006,
        }
    }

    fn push(&mut self, kind: Kind, text: String) {
        self.ready.push_back(Ready::Cell(self.cell_of(kind, text)));
    }

    fn text(&mut self, at: usize) -> io::Result<String> {
        let (count, mut text) = (pair(&self.records.data, at), String::new());
        // Some writers leave out how no characters are written.
        if count == 0 && self.records.data.len() <= at + 2 {
            return Ok(text);
        }
        self.records.begin(at + 2);
        self.records.text(count, &mut text)?;
        Ok(text)
    }

    /// A row of numbers, each with its style before it.
    fn numbers(&mut self) {
        let data = &self.records.data;
        let (row, first) = (u32::from(pair(data, 0)) + 1, u32::from(pair(data, 2)));
        let cells = data.get(4..data.len().saturating_sub(2)).unwrap_or_default().chunks_exact(6);
        for (column, bytes) in (first..).zip(cells) {
            let (style, text) = (usize::from(pair(bytes, 0)), packed(bytes, 2).to_string());
            self.ready.push_back(Ready::Cell(Cell { row, column, style, kind: Kind::Number, text, is_formula: false }));
        }
    }

    fn merged(&mut self) -> io::Result<()> {
        for range in self.records.data.get(2..).unwrap_or_default().chunks_exact(8) {
            let [top, bottom, left, right] = [0, 2, 4, 6].map(|at| u32::from(pair(range, at)));
            if top > bottom || left > right {
                return Err(invalid());
            }
            self.ready.push_back(Ready::Step(Step::Merged(Range { top: top + 1, left, bottom: bottom + 1, right })));
        }
        Ok(())
    }

    fn formula(&mut self) {
        let data = &self.records.data;
        match (pair(data, 12), data[6]) {
            (0xffff, 0) => self.waiting = Some(self.cell_of(Kind::Text, String::new())),
            (0xffff, 1) => self.push(Kind::Truth, u8::from(data[8] != 0).to_string()),
            (0xffff, 2) => self.push(Kind::Error, checked(data[8], 1).1.to_owned()),
            (0xffff, _) => self.push(Kind::Text, String::new()),
            _ => self.push(Kind::Number, float(data, 6).to_string()),
        }
    }
}

/// Whether the cells of the sheet that begins there come row by row; what cannot be followed to its end is for the walk to refuse.
fn is_sorted(records: &mut Records, start: u64) -> io::Result<bool> {
    records.turn_to(start);
    let (mut last, mut depth) = (0, 0);
    while records.next()? {
        match records.id {
            0x0809 => depth += 1,
            0x000a if depth <= 1 => break,
            0x000a => depth -= 1,
            0x0006 | 0x0203 | 0x027e | 0x00fd | 0x0205 | 0x0204 | 0x00d6 | 0x00bd if depth == 1 => {
                let row = pair(&records.data, 0);
                if row < last {
                    return Ok(false);
                }
                last = row;
            }
            _ => {}
        }
    }
    Ok(true)
}

/// A truth, or an error with its number.
fn checked(value: u8, is_error: u8) -> (Kind, &'static str) {
    match (is_error, value) {
        (0, 0) => (Kind::Truth, "0"),
        (0, _) => (Kind::Truth, "1"),
        (_, 0x00) => (Kind::Error, "#NULL!"),
        (_, 0x07) => (Kind::Error, "#DIV/0!"),
        (_, 0x0f) => (Kind::Error, "#VALUE!"),
        (_, 0x17) => (Kind::Error, "#REF!"),
        (_, 0x1d) => (Kind::Error, "#NAME?"),
        (_, 0x24) => (Kind::Error, "#NUM!"),
        _ => (Kind::Error, "#N/A"),
    }
}
