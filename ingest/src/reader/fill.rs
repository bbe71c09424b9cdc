//! Values that stand once for a group of rows, in the columns that a department declares so: the street above its shops. Whatever the format
//! of the file, a blank cell of such a column repeats the one above it; nothing is repeated across a row that could not be read.

use super::{Reader, Row};
use crate::{
    Error, Extract,
    block::Cells,
    remark::{is_remark, is_remark_with},
};

/// What the next blank cell of a column repeats.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Above {
    /// Nothing stands above it.
    #[default]
    Nothing,
    /// This.
    Value(String),
    /// What a row said that could not be read.
    Unknown,
}

/// The columns that fill down, and what stands above.
#[derive(Debug)]
pub(super) struct Fill {
    columns: Vec<(usize, String, Above)>,
}

impl Fill {
    pub(super) fn new(extract: &Extract) -> Fill {
        let places = extract.columns.iter().enumerate().filter(|(_, column)| extract.fill_down.contains(column));
        Fill { columns: places.map(|(place, column)| (place, column.clone(), Above::Nothing)).collect() }
    }

    pub(super) fn is_needed(&self) -> bool {
        !self.columns.is_empty()
    }

    /// A new table begins.
    pub(super) fn begin(&mut self) {
        self.columns.iter_mut().for_each(|(_, _, above)| *above = Above::Nothing);
    }

    /// Fills a row, unless it is blank or a line of totals.
    pub(super) fn row(&mut self, row: &mut Row) {
        let cells = Cells::Alone(&row.cells);
        let is_none = || row.fault.as_ref().map_or_else(|| is_remark(cells), |fault| is_remark_with(fault, cells));
        if self.columns.is_empty() || row.cells.iter().all(|cell| cell.trim().is_empty()) || is_none() {
            return;
        }
        // Where the cells of a row do not stand in their columns, what it says of the group is lost.
        let is_misplaced = row.fault.as_ref().is_some_and(|fault| fault.rule.starts_with("row_"));
        for (place, name, above) in &mut self.columns {
            let cell = &mut row.cells[*place];
            match above {
                _ if is_misplaced || cell.contains(char::REPLACEMENT_CHARACTER) => *above = Above::Unknown,
                _ if !cell.trim().is_empty() => *above = Above::Value(cell.clone()),
                Above::Nothing => {}
                Above::Value(value) => cell.push_str(value),
                Above::Unknown => {
                    row.refuse("fill_down", || format!("「{name}」为空，而其上方的行无法读取，不能沿用，请填写"));
                }
            }
        }
    }
}

/// A reader whose rows are filled.
pub(super) struct Filled<R> {
    pub(super) reader: R,
    pub(super) fill: Fill,
}

impl<R: Reader> Reader for Filled<R> {
    fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
        let is_row = self.reader.next(row)?;
        if is_row {
            self.fill.row(row);
        }
        Ok(is_row)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::departments;
    use super::*;
    use wuwei_schema::Fault;

    fn filled(rows: &[(&str, Option<&'static str>)]) -> Vec<String> {
        let mut extract = departments().extract("ga_people").unwrap().clone();
        extract.fill_down = vec!["证件号码".to_owned()];
        let mut fill = Fill::new(&extract);
        let told = |(cells, rule): &(&str, Option<&'static str>)| {
            let fault = rule.map(|rule| Fault { rule, reason: String::new(), proposal: None });
            let mut row = Row { cells: cells.split(',').map(str::to_owned).collect(), fault, ..Row::default() };
            fill.row(&mut row);
            super::super::sample::shown(&row)
        };
        rows.iter().map(told).collect()
    }

    #[test]
    fn a_blank_cell_repeats_the_one_above_it() {
        let rows = [
            (",a,", None),
            ("东街,b,", None),
            (",c,", None),
            (",,", None),
            ("小计,,", None),
            (",d,", None),
            ("西街,e,", None),
            (",f,", None),
        ];
        assert_eq!(filled(&rows), ["0: |a|", "0: 东街|b|", "0: 东街|c|", "0: ||", "0: 小计||", "0: 东街|d|", "0: 西街|e|", "0: 西街|f|"]);
    }

    #[test]
    fn nothing_is_repeated_across_a_row_that_could_not_be_read() {
        let rows = [("东街,a,", None), ("西,b,", Some("row_width")), (",c,", None), ("北街,d,", Some("cell_error")), (",e,", None)];
        assert_eq!(filled(&rows), ["0: 东街|a|", "0: 西|b| ! row_width", "0: |c| ! fill_down", "0: 北街|d| ! cell_error", "0: 北街|e|"]);
    }
}
