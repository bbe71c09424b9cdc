//! Merged ranges: a value that stands once for several cells. They stand behind all rows of a sheet, so they are gathered in a walk before
//! the one that reads, as many as a limit allows.

use super::{
    sheet::{COLUMNS_MAX, ROWS_MAX, place_of},
    xml::Broken,
};

/// Merged ranges of a workbook: 16 MB of them.
const RANGES_MAX: usize = 1_000_000;

/// A merged range. Rows are counted from 1, columns from 0, both ends belong to it; the value is that of the first cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Range {
    pub(crate) top: u32,
    pub(crate) left: u32,
    pub(crate) bottom: u32,
    pub(crate) right: u32,
}

impl Range {
    /// `A1:B2`, or a single cell; `A:B` are whole columns, `1:2` whole rows.
    pub(super) fn parse(text: &str) -> Option<Range> {
        let (first, last) = text.split_once(':').unwrap_or((text, text));
        let is_all = |of: fn(&u8) -> bool| {
            text.contains(':') && [first, last].iter().all(|end| !end.is_empty() && end.bytes().all(|byte| of(&byte)))
        };
        let ((top, left), (bottom, right)) = match () {
            () if is_all(u8::is_ascii_alphabetic) => (place_of(&format!("{first}1"))?, place_of(&format!("{last}{ROWS_MAX}"))?),
            () if is_all(u8::is_ascii_digit) => {
                let (first, last) = (place_of(&format!("A{first}"))?, place_of(&format!("A{last}"))?);
                (first, (last.0, COLUMNS_MAX - 1))
            }
            () => (place_of(first)?, place_of(last)?),
        };
        (top <= bottom && left <= right).then_some(Range { top, left, bottom, right })
    }

    pub(crate) fn columns(&self) -> std::ops::RangeInclusive<usize> {
        self.left as usize..=self.right as usize
    }
}

/// The ranges of a sheet, from the top.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ranges(Vec<Range>);

impl Ranges {
    /// Adds one; `held` counts those of all sheets of the workbook.
    pub(super) fn push(&mut self, range: Range, held: &mut usize) -> Result<(), Broken> {
        *held += 1;
        if *held > RANGES_MAX {
            return Err(Broken::Limit(format!("it has more than {RANGES_MAX} merged ranges")));
        }
        self.0.push(range);
        Ok(())
    }

    pub(super) fn sort(&mut self) {
        self.0.sort_unstable();
        self.0.dedup();
        self.0.shrink_to_fit();
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Range> {
        self.0.iter()
    }
}

/// The ranges that cover the present row, with their values, while rows go by from the top.
#[derive(Debug)]
pub(super) struct Covering {
    ranges: std::iter::Peekable<std::vec::IntoIter<Range>>,
    pub(super) active: Vec<(Range, String)>,
    abreast: usize,
}

impl Covering {
    /// Those of `ranges` that reach below row `after` and over one of these places.
    pub(super) fn new(ranges: &Ranges, after: u64, places: &[Option<usize>]) -> Covering {
        let is_read = |range: &Range| places.iter().take(range.right as usize + 1).skip(range.left as usize).any(Option::is_some);
        let below: Vec<Range> = ranges.iter().filter(|range| u64::from(range.bottom) > after && is_read(range)).copied().collect();
        Covering { ranges: below.into_iter().peekable(), active: Vec::new(), abreast: places.iter().flatten().count() }
    }

    /// Turns to a row; the value of a range that begins there is still to be set.
    pub(super) fn turn_to(&mut self, row: u32) -> Result<(), Broken> {
        self.active.retain(|(range, _)| range.bottom >= row);
        while let Some(range) = self.ranges.next_if(|range| range.top <= row) {
            if range.bottom >= row {
                self.active.push((range, String::new()));
            }
        }
        // Each covers a column that is read, and no two may cover the same.
        if self.active.len() > self.abreast {
            return Err(Broken::Limit("its merged ranges overlap".to_owned()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_covers_its_rows_and_no_others() {
        let (mut ranges, mut held) = (Ranges::default(), 0);
        for text in ["B2:C4", "A1:A2", "D9"] {
            ranges.push(Range::parse(text).unwrap(), &mut held).unwrap();
        }
        ranges.sort();
        let mut covering = Covering::new(&ranges, 1, &[Some(0); 4]);
        let mut at = |row| {
            covering.turn_to(row).unwrap();
            covering.active.iter().map(|(range, _)| (range.top, range.left)).collect::<Vec<_>>()
        };
        assert_eq!(at(2), [(1, 0), (2, 1)]);
        assert_eq!(at(4), [(2, 1)]);
        assert_eq!(at(5), []);
        assert_eq!(at(9), [(9, 3)]);
        assert!(["B2:A1", "", "A1:", "B:A", "A:", ":1", "A", "1", "0:1"].iter().all(|text| Range::parse(text).is_none()));
        assert_eq!(Range::parse("A:C"), Some(Range { top: 1, left: 0, bottom: 1_048_576, right: 2 }));
        assert_eq!(Range::parse("2:3"), Some(Range { top: 2, left: 0, bottom: 3, right: 16_383 }));
    }

    #[test]
    fn ranges_without_end_or_on_top_of_each_other_are_refused() {
        let (mut ranges, mut held) = (Ranges::default(), RANGES_MAX - 1);
        let range = Range { top: 1, left: 0, bottom: 9, right: 0 };
        assert!(ranges.push(range, &mut held).is_ok() && ranges.push(range, &mut held).is_err());
        let over = Ranges((0..3).map(|right| Range { right, ..range }).collect());
        assert!(Covering::new(&over, 0, &[Some(0), Some(1), None]).turn_to(1).is_err());
    }
}
