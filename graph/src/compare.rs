//! Two records side by side: the level at which each property agrees, and whether two properties agree better in each other's place. What a
//! level is worth is weighed elsewhere.

use crate::column::{Column, NONE, Table, mix};
use wuwei_schema::{
    Matching,
    kind::{Sketch, masked_id},
};

/// The level of a property that one of the two says nothing of.
pub(crate) const SILENT: u8 = 7;

/// Bits of a level in a packed pattern, and the most measures a pattern holds; the bit above them is the guard's.
pub(crate) const BITS: usize = 3;
pub(crate) const MOST: usize = 63 / BITS;

/// One thing that is measured of a pair.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Measure<'a> {
    /// How two values of a property agree.
    Value(&'a Column),
    /// Whether two properties stand in their own places, 1, or agree better in each other's, 0: places of their measures.
    Order(usize, usize),
    /// Whether a value shows a part of another record's whole one, 1, or of none such, 0.
    Fit(&'a Column, &'a Column),
}

/// What is measured of every pair, in the order of the levels in a pattern: the compared properties, then what is exchanged, then what fits.
pub(crate) fn measures<'a>(table: &'a Table, matching: &Matching) -> Vec<Measure<'a>> {
    let column = |name: &String| table.position(name).map(|at| &table.columns[at]);
    let compared: Vec<&Column> = matching.compare.iter().filter_map(column).collect();
    let place = |name: &String| compared.iter().position(|column| column.name == *name);
    let order = |[left, right]: &[String; 2]| Some(Measure::Order(place(left)?, place(right)?));
    let fit = |[part, whole]: &[String; 2]| Some(Measure::Fit(column(part)?, column(whole)?));
    let orders = matching.exchange.iter().filter_map(order);
    let values = compared.iter().map(|column| Measure::Value(column));
    values.chain(orders).chain(matching.fits.iter().filter_map(fit)).collect()
}

impl<'a> Measure<'a> {
    /// The highest level.
    pub(crate) fn max_level(&self) -> u8 {
        match self {
            Measure::Value(column) => column.kind.max_level(),
            Measure::Order(..) | Measure::Fit(..) => 1,
        }
    }

    /// The property whose values agree.
    pub(crate) fn column(&self) -> Option<&'a Column> {
        match self {
            Measure::Value(column) => Some(column),
            Measure::Order(..) | Measure::Fit(..) => None,
        }
    }

    /// As people read it: the property, or both of them.
    pub(crate) fn name(&self, measures: &[Measure<'_>]) -> String {
        let of = |at: usize| measures[at].name(&[]);
        match *self {
            Measure::Value(column) => column.name.clone(),
            Measure::Order(left, right) => format!("{}/{}", of(left), of(right)),
            Measure::Fit(part, _) => part.name.clone(),
        }
    }

    /// The properties it looks at.
    pub(crate) fn properties(&self, measures: &[Measure<'a>]) -> Vec<&'a str> {
        match *self {
            Measure::Value(column) => vec![&column.name],
            Measure::Order(left, right) => [left, right].iter().flat_map(|&at| measures[at].properties(&[])).collect(),
            Measure::Fit(part, whole) => vec![&part.name, &whole.name],
        }
    }
}

/// Takes the measures of pairs of rows.
#[derive(Debug)]
pub(crate) struct Comparisons<'a> {
    measures: &'a [Measure<'a>],
    values: Vec<Comparison<'a>>,
    /// What measures look at: the compared columns, then those of what fits, two by two.
    columns: Vec<&'a Column>,
    /// The value numbers of the rows that were entered, row by row: a block's rows lie far apart in the columns, and are looked at often.
    ids: Vec<u32>,
}

impl<'a> Comparisons<'a> {
    pub(crate) fn new(measures: &'a [Measure<'a>]) -> Comparisons<'a> {
        let values: Vec<Comparison<'a>> = measures.iter().filter_map(Measure::column).map(Comparison::new).collect();
        let fits = measures.iter().filter_map(|measure| if let Measure::Fit(part, whole) = measure { Some([*part, *whole]) } else { None });
        let columns = values.iter().map(|comparison| comparison.column).chain(fits.flatten()).collect();
        Comparisons { measures, values, columns, ids: Vec::new() }
    }

    /// Enters the rows of a block, of which [`Self::pattern_of`] compares any two.
    pub(crate) fn enter(&mut self, rows: &[u32]) {
        let (columns, width) = (&self.columns, self.columns.len());
        self.ids.clear();
        self.ids.resize(rows.len() * width, NONE);
        for (at, column) in columns.iter().enumerate() {
            for (row, ids) in rows.iter().zip(self.ids.chunks_exact_mut(width)) {
                ids[at] = column.ids[*row as usize];
            }
        }
    }

    /// The levels of two rows in all measures, three bits each, the first lowest.
    pub(crate) fn pattern(&mut self, left: u32, right: u32) -> u64 {
        self.enter(&[left, right]);
        self.pattern_of(0, 1)
    }

    /// As [`Self::pattern`], of the rows that were entered in these places.
    pub(crate) fn pattern_of(&mut self, left: usize, right: usize) -> u64 {
        let width = self.columns.len();
        let (left, right) = (&self.ids[left * width..][..width], &self.ids[right * width..][..width]);
        let values = self.values.iter_mut().zip(left.iter().zip(right)).enumerate();
        let mut pattern =
            values.fold(0, |packed, (at, (comparison, (&left, &right)))| packed | u64::from(comparison.values(left, right)) << (at * BITS));
        let mut fits = self.values.len();
        for at in self.values.len()..self.measures.len() {
            let level = match self.measures[at] {
                Measure::Order(one, other) => {
                    let crossed = [self.values[one].values(left[one], right[other]), self.values[one].values(left[other], right[one])];
                    order([one, other], crossed, &mut pattern)
                }
                Measure::Fit(part, whole) => {
                    fits += 2;
                    fit_of(part, whole, [left[fits - 2], left[fits - 1]], [right[fits - 2], right[fits - 1]])
                }
                Measure::Value(_) => SILENT,
            };
            pattern |= u64::from(level) << (at * BITS);
        }
        pattern
    }

    /// The level of one measure alone; of properties that are exchanged, in the better of both places.
    pub(crate) fn level(&mut self, measure: usize, left: u32, right: u32) -> u8 {
        let stands = |other: &Measure<'_>| matches!(other, Measure::Order(one, two) if *one == measure || *two == measure);
        match self.measures[measure] {
            Measure::Value(_) if !self.measures.iter().any(stands) => self.values[measure].rows(left, right),
            _ => level(self.pattern(left, right), measure),
        }
    }
}

/// Where two properties agree better in each other's place, these levels stand in the pattern.
fn order(places: [usize; 2], crossed: [u8; 2], pattern: &mut u64) -> u8 {
    let straight = places.map(|at| level(*pattern, at));
    let sum = |levels: [u8; 2]| levels.iter().map(|&level| if level == SILENT { 0 } else { level }).sum::<u8>();
    if straight == [SILENT; 2] && crossed == [SILENT; 2] {
        return SILENT;
    }
    if sum(crossed) <= sum(straight) {
        return 1;
    }
    for (at, level) in places.into_iter().zip(crossed) {
        *pattern = *pattern & !(7 << (at * BITS)) | u64::from(level) << (at * BITS);
    }
    0
}

/// The level of one measure in a pattern.
pub(crate) fn level(pattern: u64, measure: usize) -> u8 {
    (pattern >> (measure * BITS) & 7) as u8
}

/// The measures that are silent in a pattern, as a pattern of theirs: laid over another, it makes them silent there.
pub(crate) fn silence(pattern: u64) -> u64 {
    const LOWEST: u64 = 0o111_111_111_111_111_111_111;
    (pattern & pattern >> 1 & pattern >> 2 & LOWEST) * u64::from(SILENT)
}

/// Whether what one row shows of a value fits what the other has, the whole or a part.
pub(crate) fn fit(part: &Column, whole: &Column, left: u32, right: u32) -> u8 {
    let ids = |row: u32| [part, whole].map(|column| column.ids[row as usize]);
    fit_of(part, whole, ids(left), ids(right))
}

/// The same of the numbers of part and whole.
fn fit_of(part: &Column, whole: &Column, left: [u32; 2], right: [u32; 2]) -> u8 {
    // Few records show a part, so this is asked first.
    if left[0] == NONE && right[0] == NONE {
        return SILENT;
    }
    let text = |ids: [u32; 2]| if ids[1] == NONE { part.values.get(ids[0]) } else { whole.values.get(ids[1]) };
    if (left[1] != NONE && right[1] != NONE) || text(left).is_empty() || text(right).is_empty() {
        return SILENT;
    }
    masked_id::fits(text(left), text(right)).map_or(SILENT, u8::from)
}

/// Compares the values of one column and remembers what it found, in a table of fixed size.
#[derive(Debug)]
pub(crate) struct Comparison<'a> {
    pub(crate) column: &'a Column,
    sketches: &'a [Sketch],
    known: Vec<(u32, u32, u8)>,
}

/// Pairs remembered per column; a pair that comes again soon is not compared again.
const REMEMBERED: usize = 1 << 12;

impl<'a> Comparison<'a> {
    pub(crate) fn new(column: &'a Column) -> Comparison<'a> {
        Comparison { column, sketches: column.sketches(), known: Vec::new() }
    }

    /// The level at which two rows agree.
    pub(crate) fn rows(&mut self, left: u32, right: u32) -> u8 {
        self.values(self.column.ids[left as usize], self.column.ids[right as usize])
    }

    /// Whether two rows carry the same value, or neither any.
    pub(crate) fn same(&self, left: u32, right: u32) -> bool {
        self.column.ids[left as usize] == self.column.ids[right as usize]
    }

    /// The level at which two values agree.
    pub(crate) fn values(&mut self, left: u32, right: u32) -> u8 {
        if left == NONE || right == NONE {
            return SILENT;
        }
        let kind = &self.column.kind;
        if left == right {
            return kind.max_level();
        }
        if let Some(level) = kind.agreement_of_sketches(&self.sketches[left as usize], &self.sketches[right as usize]) {
            return level;
        }
        if self.known.is_empty() {
            self.known = vec![(NONE, NONE, 0); REMEMBERED];
        }
        let (left, right) = (left.min(right), left.max(right));
        let slot = &mut self.known[place(left, right)];
        if (slot.0, slot.1) != (left, right) {
            *slot = (left, right, kind.agreement(self.column.values.get(left), self.column.values.get(right)));
        }
        slot.2
    }
}

#[expect(clippy::cast_possible_truncation, reason = "only the upper bits of the hash are kept")]
fn place(left: u32, right: u32) -> usize {
    (mix(u64::from(left), u64::from(right)) >> (64 - REMEMBERED.trailing_zeros())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn silence_is_laid_over_and_nothing_else_is(levels in proptest::collection::vec(0u8..8, MOST), below in any::<u64>()) {
            let pattern = levels.iter().enumerate().fold(0, |packed, (at, &level)| packed | u64::from(level) << (at * BITS));
            for (at, &heard) in levels.iter().enumerate() {
                prop_assert_eq!(level(silence(pattern), at), if heard == SILENT { SILENT } else { 0 });
                let expected = if heard == SILENT { SILENT } else { level(below, at) };
                prop_assert_eq!(level(below | silence(pattern), at), expected);
            }
        }
    }
}
