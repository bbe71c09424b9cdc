//! What merged cells mean below the heading. A sheet says a merged value once and shows it over all its cells, but only the department knows
//! whether it is one of each row (a street) or one of all together (an allowance of the household). So it is taken for each row in the
//! columns that the department declares to fill down; in any other column that is mapped, a row that has values of its own and none there
//! is refused rather than loaded without it. A cell merged over most of the table is a remark or the title of a group, and no row.

use super::{
    super::{Columns, Row},
    merged::{Covering, Range},
    sheet::letters,
    xml::Broken,
};
use crate::{Extract, recognise::SheetLayout};

/// What becomes of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Its value may stand once for several rows.
    Filled,
    /// It is mapped.
    Mapped,
    /// It is only kept, or not even that.
    Unmapped,
}

impl Use {
    pub(super) fn of(extract: &Extract) -> Vec<Use> {
        let mapped = extract.mapped();
        let of = |column: &String| match () {
            () if extract.fill_down.contains(column) => Use::Filled,
            () if mapped.contains(column.as_str()) => Use::Mapped,
            () => Use::Unmapped,
        };
        extract.columns.iter().map(of).collect()
    }
}

/// The rows below the heading of one sheet, as they go by.
#[derive(Debug)]
pub(super) struct Body {
    covering: Covering,
    /// Rows that are the heading once more.
    headings: Vec<u64>,
}

impl Body {
    pub(super) fn new(layout: &SheetLayout, uses: &[Use]) -> Body {
        debug_assert!(layout.places.iter().flatten().flatten().all(|column| *column < uses.len()));
        let places = layout.places.as_deref().unwrap_or_default();
        Body { covering: Covering::new(&layout.merged, layout.heading_row, places), headings: layout.headings.clone() }
    }

    pub(super) fn turn_to(&mut self, row: u32) -> Result<(), Broken> {
        self.covering.turn_to(row)
    }

    pub(super) fn is_heading(&self, row: u64) -> bool {
        self.headings.binary_search(&row).is_ok()
    }

    /// Looks at a row once its cells are in.
    pub(super) fn finish(&mut self, row: &mut Row, columns: &Columns, uses: &[Use]) {
        if self.covering.active.is_empty() {
            return;
        }
        self.keep_values(row, columns);
        if self.covering.active.iter().any(|(range, _)| is_wide(range, columns)) {
            row.cells.iter_mut().for_each(String::clear);
            row.fault = None;
            return;
        }
        // Of several lines that are one row on paper, those after the first say nothing of their own.
        if row.cells.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        for (range, value) in &self.covering.active {
            spread(range, value, row, columns, uses);
        }
    }

    /// The value of each range that begins in this row.
    fn keep_values(&mut self, row: &Row, columns: &Columns) {
        let column = |place: usize| columns.places.get(place).copied().flatten();
        for (range, value) in self.covering.active.iter_mut().filter(|(range, _)| u64::from(range.top) == row.number) {
            *value = column(range.left as usize).map(|column| row.cells[column].clone()).unwrap_or_default();
        }
    }
}

/// Three columns or more, and three in four of the table's.
fn is_wide(range: &Range, columns: &Columns) -> bool {
    let covered = range.columns().filter(|place| columns.places.get(*place).copied().flatten().is_some()).count();
    covered >= 3 && covered * 4 >= columns.names.len() * 3
}

fn spread(range: &Range, value: &str, row: &mut Row, columns: &Columns, uses: &[Use]) {
    if value.trim().is_empty() {
        return;
    }
    for place in range.columns() {
        let Some(column) = columns.places.get(place).copied().flatten() else { continue };
        if !row.cells[column].trim().is_empty() {
            continue;
        }
        match uses[column] {
            Use::Filled if place == range.left as usize => row.cells[column] = value.to_owned(),
            Use::Filled | Use::Mapped => row.refuse("cell_merged", || {
                let first = format!("{}{}", letters(range.left as usize), range.top);
                format!("{}与{first}单元格合并，本行没有自己的内容，请取消合并并逐行逐列填写", columns.call(place))
            }),
            Use::Unmapped => {}
        }
    }
}
