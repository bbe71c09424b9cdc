//! What a sheet has to show before it is read: its first rows, where headings stand in it, what is merged and what is hidden, and how far
//! it goes. A walk of its own through the whole sheet, since merged ranges stand behind the rows that they change.

use super::{
    Look,
    merged::{Range, Ranges},
    sheet::{Cell, Kind, Step},
    source::Walk,
    xml::Broken,
};
use crate::recognise::{Covered, HEAD_ROWS, Line};

/// Rows of headings in a sheet, and marks of hidden columns: a page break each ten rows has fewer of the first, a sheet of the second.
const HEADINGS_MAX: usize = 100_000;
const HIDDEN_MAX: usize = 16_384;

/// Cells of the first rows that stand under a merged range.
const COVERED_MAX: usize = 200_000;

/// So many headings make a row of headings, if most of the row is headings.
const FEW: usize = 3;

/// A sheet and what there is to know of it.
#[derive(Debug, Default)]
pub(crate) struct Sheet {
    pub(crate) name: String,
    pub(crate) is_hidden: bool,
    /// The first rows, blank ones left out.
    pub(crate) head: Vec<Line>,
    /// The rows that consist of headings of any extract, wherever they stand.
    pub(crate) headings: Vec<Line>,
    pub(crate) merged: Ranges,
    pub(crate) hidden_rows: u64,
    /// The first and the last of columns that are not shown, from 0.
    pub(crate) hidden_columns: Vec<(usize, usize)>,
    /// The last row that is not blank; 0 when there is none.
    pub(crate) last_row: u64,
}

impl Sheet {
    pub(crate) fn is_empty(&self) -> bool {
        self.last_row == 0
    }
}

/// Walks through a sheet, of which the name is known; `held` counts the merged ranges of the workbook.
pub(super) fn survey(
    mut walk: Walk<'_>,
    mut found: Sheet,
    look: &Look,
    is_heading: &dyn Fn(&str) -> bool,
    held: &mut usize,
) -> Result<Sheet, Broken> {
    let mut seen = Seen { look, is_heading, line: Line::default(), filled: 0, headings: 0 };
    loop {
        match walk.next()? {
            Step::Cell => seen.cell(walk.cell(), &mut found)?,
            Step::HiddenRow => found.hidden_rows += 1,
            Step::HiddenColumns(first, last) => found.hidden_columns.push((first as usize, last as usize)),
            Step::Merged(range) => found.merged.push(range, held)?,
            Step::End => break,
        }
        if found.headings.len() > HEADINGS_MAX || found.hidden_columns.len() > HIDDEN_MAX {
            return Err(Broken::Limit("it has more headings or hidden columns than rows can need".to_owned()));
        }
    }
    seen.finish(&mut found);
    found.merged.sort();
    cover(&mut found)?;
    Ok(found)
}

/// The present row of the walk.
struct Seen<'s> {
    look: &'s Look,
    is_heading: &'s dyn Fn(&str) -> bool,
    line: Line,
    filled: usize,
    headings: usize,
}

impl Seen<'_> {
    fn cell(&mut self, cell: &Cell, found: &mut Sheet) -> Result<(), Broken> {
        let text = self.look.text(cell)?.unwrap_or_default();
        if text.trim().is_empty() {
            return Ok(());
        }
        let number = u64::from(cell.row);
        if number != self.line.number {
            self.finish(found);
            self.line.number = number;
            found.last_row = number;
        }
        self.filled += 1;
        let is_heading = matches!(cell.kind, Kind::Shared | Kind::Text) && (self.is_heading)(&text);
        self.headings += usize::from(is_heading);
        // Texts of rows are not kept but where they may be headings.
        if number <= HEAD_ROWS || is_heading {
            self.line.cells.push((cell.column as usize, text.into_owned()));
            self.line.width = self.line.width.max(cell.column as usize + 1);
        }
        Ok(())
    }

    /// Keeps the row if there is a reason to.
    fn finish(&mut self, found: &mut Sheet) {
        let mut line = std::mem::take(&mut self.line);
        let (filled, headings) = (std::mem::take(&mut self.filled), std::mem::take(&mut self.headings));
        if filled == 0 {
            return;
        }
        line.cells.sort_by_key(|(place, _)| *place);
        if headings >= FEW && headings * 2 > filled {
            found.headings.push(line.clone());
        }
        if line.number <= HEAD_ROWS {
            found.head.push(line);
        }
    }
}

/// Tells the first rows which of their cells stand under a merged range.
fn cover(found: &mut Sheet) -> Result<(), Broken> {
    let mut count = 0;
    let Sheet { head, merged, .. } = found;
    for line in head.iter_mut() {
        let number = u32::try_from(line.number).unwrap_or(u32::MAX);
        for range in merged.iter().take_while(|range| range.top <= number).filter(|range| range.bottom >= number) {
            count += range.columns().count();
            if count > COVERED_MAX {
                return Err(Broken::Limit("its merged ranges overlap".to_owned()));
            }
            line.covered.extend(covered(range));
        }
    }
    Ok(())
}

fn covered(range: &Range) -> impl Iterator<Item = Covered> {
    let (row, left) = (u64::from(range.top), range.left as usize);
    range.columns().map(move |place| Covered { place, row, left })
}
