//! What happens to a whole row on its way: text that was read in another encoding before, a comma that nobody put into quotes.

use super::backwards::Row;
use crate::{dirt::Cell, material::Errors, random::Random};
use wuwei_ingest::{Extract, Format, Quote};

/// What is left of text that went through programs that took it for another encoding.
const LEFT: &str = "锟斤拷锟斤拷";

/// Damages a row at the rates of its origin.
pub(super) fn row(row: &mut Row<'_>, extract: &Extract, rates: &Errors, random: &mut Random) {
    if random.chance(rates.row_mojibake) {
        let is_chinese = |cell: &Cell| matches!(cell, Cell::Text(text) if !text.is_ascii());
        if let Some(cell) = row.cells.iter_mut().find(|cell| is_chinese(cell)) {
            *cell = Cell::Text(LEFT.to_owned());
            row.spoilt.push(("", "file_mixedenc"));
        }
    }
    // Only where cells are not quoted does one more delimiter make one more cell.
    let is_bare = extract.format == Format::Csv && extract.quote == Quote::None;
    if is_bare && random.chance(rates.row_unquoted) {
        let place = 1 + random.below(row.cells.len());
        row.cells.insert(place, Cell::Text(String::new()));
        row.spoilt.push(("", "file_unquoted"));
    }
}
