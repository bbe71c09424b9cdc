//! One sheet, as its part has it: rows, cells, and behind them the merged ranges. One step after the other, never a sheet as a whole.

use super::{
    merged::Range,
    strings::{rich_text, unescape},
    xml::{Broken, STRANGE, Xml, attribute, is_on, push_reference},
};
use quick_xml::events::{BytesStart, Event};
use std::io::Read;

/// Rows and columns of a sheet (ECMA-376 leaves it to the program; this is every program's).
pub(crate) const ROWS_MAX: u32 = 1_048_576;
pub(super) const COLUMNS_MAX: u32 = 16_384;

/// What comes next in a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Columns of which nothing is shown, the first and the last, from 0.
    HiddenColumns(u32, u32),
    /// A row of which nothing is shown.
    HiddenRow,
    /// A cell; it is in [`Walk::cell`].
    Cell,
    /// A merged range.
    Merged(Range),
    /// The end.
    End,
}

/// How a cell says its value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Number,
    /// A number of the shared strings.
    Shared,
    Text,
    /// A day or a moment, in ISO 8601.
    Moment,
    Truth,
    Error,
}

/// A cell.
#[derive(Debug, Default)]
pub(super) struct Cell {
    /// From 1, as it is shown.
    pub(super) row: u32,
    /// From 0.
    pub(super) column: u32,
    pub(super) style: usize,
    pub(super) kind: Kind,
    /// The value as it is written; empty when there is none.
    pub(super) text: String,
    pub(super) is_formula: bool,
}

/// The walk through a sheet.
pub(super) struct Walk<R> {
    xml: Xml<R>,
    /// The present cell.
    pub(super) cell: Cell,
}

impl<R: Read> Walk<R> {
    pub(super) fn new(xml: Xml<R>) -> Walk<R> {
        Walk { xml, cell: Cell::default() }
    }

    pub(super) fn next(&mut self) -> Result<Step, Broken> {
        loop {
            match self.xml.next()? {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "c" => {
                        begin(&tag, &mut self.cell)?;
                        self.finish()?;
                        return Ok(Step::Cell);
                    }
                    "row" => {
                        self.cell.row = row_of(&tag, self.cell.row)?;
                        // Cells that do not say where they are follow each other.
                        self.cell.column = u32::MAX;
                        if is_on(&tag, "hidden") {
                            return Ok(Step::HiddenRow);
                        }
                    }
                    "mergeCell" => return Ok(Step::Merged(attribute(&tag, "ref").and_then(|range| Range::parse(&range)).ok_or(STRANGE)?)),
                    "col" if is_on(&tag, "hidden") => {
                        let place = |name: &str| attribute(&tag, name).and_then(|number| number.parse::<u32>().ok());
                        let (Some(first @ 1..), Some(last @ 1..)) = (place("min"), place("max")) else { return Err(STRANGE) };
                        return Ok(Step::HiddenColumns(first - 1, last.min(COLUMNS_MAX) - 1));
                    }
                    _ => {}
                },
                Event::Eof => return Ok(Step::End),
                _ => {}
            }
        }
    }

    /// The inside of a cell, to its end.
    fn finish(&mut self) -> Result<(), Broken> {
        let outside = self.xml.depth() - 1;
        let mut is_value = false;
        loop {
            match self.xml.next()? {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "v" => is_value = true,
                    "f" => self.cell.is_formula = true,
                    "is" => {
                        rich_text(&mut self.xml, &mut self.cell.text)?;
                        self.cell.kind = Kind::Text;
                    }
                    _ => {}
                },
                Event::End(tag) if tag.local_name().as_ref() == "v" => is_value = false,
                Event::Text(piece) if is_value => self.cell.text.push_str(&piece.xml10_content()),
                Event::CData(piece) if is_value => self.cell.text.push_str(&piece.xml10_content()),
                Event::GeneralRef(reference) if is_value => push_reference(&reference, &mut self.cell.text)?,
                Event::Eof => return Ok(()),
                _ => {}
            }
            if self.xml.depth() == outside {
                if self.cell.kind == Kind::Text {
                    unescape(&mut self.cell.text, 0);
                }
                return Ok(());
            }
        }
    }
}

/// What the mark of a cell says.
fn begin(tag: &BytesStart<'_>, cell: &mut Cell) -> Result<(), Broken> {
    cell.text.clear();
    (cell.style, cell.kind, cell.is_formula) = (0, Kind::Number, false);
    let mut place = None;
    for attribute in tag.attributes().with_checks(false).flatten() {
        match attribute.key.local_name().as_ref() {
            "r" => place = Some(place_of(&attribute.value).ok_or(STRANGE)?),
            "s" => cell.style = attribute.value.parse().unwrap_or(0),
            "t" => {
                cell.kind = match attribute.value.as_ref() {
                    "s" => Kind::Shared,
                    "str" | "inlineStr" => Kind::Text,
                    "d" => Kind::Moment,
                    "b" => Kind::Truth,
                    "e" => Kind::Error,
                    _ => Kind::Number,
                }
            }
            _ => {}
        }
    }
    let (row, column) = place.unwrap_or((cell.row, cell.column.wrapping_add(1)));
    if row != cell.row || column >= COLUMNS_MAX {
        return Err(Broken::Limit("its cells are not where they say".to_owned()));
    }
    cell.column = column;
    Ok(())
}

/// The number of a row, which is the next when it does not say it. Some writers begin a row anew for each of its cells.
fn row_of(tag: &BytesStart<'_>, before: u32) -> Result<u32, Broken> {
    let row = match attribute(tag, "r") {
        Some(number) => number.parse().map_err(|_| STRANGE)?,
        None => before + 1,
    };
    match row {
        row if row < before.max(1) => Err(Broken::Limit("its rows are out of order".to_owned())),
        row if row > ROWS_MAX => Err(Broken::Limit(format!("it has more than {ROWS_MAX} rows"))),
        row => Ok(row),
    }
}

/// Row from 1 and column from 0 of a place such as `AB12`.
pub(super) fn place_of(text: &str) -> Option<(u32, u32)> {
    let digits = text.bytes().position(|byte| byte.is_ascii_digit())?;
    let (letters, number) = text.split_at(digits);
    let column = letters.bytes().try_fold(0_u32, |sum, letter| {
        let value = letter.is_ascii_alphabetic().then(|| u32::from(letter.to_ascii_uppercase() - b'A') + 1)?;
        sum.checked_mul(26)?.checked_add(value)
    })?;
    let row: u32 = number.parse().ok().filter(|row| *row > 0)?;
    Some((row, column.checked_sub(1)?))
}

/// The letters of a column, from 0.
pub(crate) fn letters(mut column: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(b'A' + u8::try_from(column % 26).unwrap_or(0));
        match (column / 26).checked_sub(1) {
            Some(left) => column = left,
            None => return letters.iter().rev().map(|letter| char::from(*letter)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(xml: &str) -> Result<Vec<String>, Broken> {
        let mut walk = Walk::new(Xml::new(xml.as_bytes()));
        let mut all = Vec::new();
        loop {
            match walk.next()? {
                Step::End => return Ok(all),
                Step::Cell => all.push(format!("{},{} {:?} {}", walk.cell.row, walk.cell.column, walk.cell.kind, walk.cell.text)),
                other => all.push(format!("{other:?}")),
            }
        }
    }

    #[test]
    fn places_are_read_and_written() {
        for (place, at) in [("A1", (1, 0)), ("z9", (9, 25)), ("AA10", (10, 26)), ("XFD1048576", (1_048_576, 16_383))] {
            assert_eq!(place_of(place), Some(at));
            assert_eq!(format!("{}{}", letters(at.1 as usize), at.0), place.to_uppercase());
        }
        assert!(["", "A", "1", "A0", "A-1", "$A$1", "AAAAAAAAAA1"].iter().all(|place| place_of(place).is_none()));
    }

    #[test]
    fn cells_say_what_they_are_and_may_leave_out_where() {
        let xml = "<x:worksheet xmlns:x=\"y\"><x:cols><x:col min=\"2\" max=\"3\" hidden=\"1\"/></x:cols><x:sheetData><x:row><x:c t=\"s\"><x:v>7</x:v>\
            </x:c><x:c t=\"inlineStr\"><x:is><x:t>a&lt;b</x:t></x:is></x:c></x:row><x:row hidden=\"true\" r=\"5\"><x:c r=\"C5\"><x:f>1+1</x:f><x:v>2</x:v>\
            </x:c></x:row></x:sheetData><x:mergeCells><x:mergeCell ref=\"A1:B2\"/></x:mergeCells></x:worksheet>";
        let steps = ["HiddenColumns(1, 2)", "1,0 Shared 7", "1,1 Text a<b", "HiddenRow", "5,2 Number 2"];
        let found = told(xml).unwrap();
        assert_eq!(found[..5], steps);
        assert!(found[5].starts_with("Merged(Range { top: 1"), "{found:?}");
    }

    #[test]
    fn a_row_may_begin_anew_for_each_of_its_cells() {
        let xml = "<worksheet><row r=\"2\"><c r=\"A2\"><v>1</v></c></row><row r=\"2\"><c r=\"B2\"><v>2</v></c></row></worksheet>";
        assert_eq!(told(xml).unwrap(), ["2,0 Number 1", "2,1 Number 2"]);
    }

    #[test]
    fn what_is_out_of_order_or_without_end_is_refused() {
        let row = |rows: &str| told(&format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"));
        assert!(matches!(row("<row r=\"2\"/><row r=\"1\"/>"), Err(Broken::Limit(_))));
        assert!(matches!(row("<row r=\"0\"/>"), Err(Broken::Limit(_))));
        assert!(matches!(row("<row r=\"1048577\"/>"), Err(Broken::Limit(_))));
        assert!(matches!(row("<row r=\"1\"><c r=\"A2\"/></row>"), Err(Broken::Limit(_))));
        assert!(matches!(row("<row r=\"1\"><c r=\"XFE1\"/></row>"), Err(Broken::Limit(_))));
        assert!(matches!(row(&"<a>".repeat(70)), Err(Broken::Limit(_))));
        assert_eq!(told("<worksheet><sheetData>"), Err(Broken::Damaged(super::super::xml::ILL_FORMED)));
        assert!(matches!(told("<!DOCTYPE a [<!ENTITY b \"c\">]><worksheet/>"), Err(Broken::Damaged(_))));
    }
}
