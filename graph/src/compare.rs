//! Two records side by side: the level at which each property agrees, and whether two properties agree better in each other's place. What a
//! level is worth is weighed elsewhere.

use crate::{
    block::Other,
    column::{Column, NONE, Table, mix},
};
use wuwei_schema::{
    Matching,
    kind::{Listener, Sketch, masked_id},
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
    /// How many rows were entered, and column by column their value numbers and what these look like: a block's rows lie far apart in the
    /// columns, and are looked at often.
    size: usize,
    ids: Vec<u32>,
    looks: Vec<Sketch>,
    patterns: Vec<u64>,
}

impl<'a> Comparisons<'a> {
    pub(crate) fn new(measures: &'a [Measure<'a>]) -> Comparisons<'a> {
        let values: Vec<Comparison<'a>> = measures.iter().filter_map(Measure::column).map(Comparison::new).collect();
        let fits = measures.iter().filter_map(|measure| if let Measure::Fit(part, whole) = measure { Some([*part, *whole]) } else { None });
        let columns = values.iter().map(|comparison| comparison.column).chain(fits.flatten()).collect();
        Comparisons { measures, values, columns, size: 0, ids: Vec::new(), looks: Vec::new(), patterns: Vec::new() }
    }

    /// Enters the rows of some blocks, which end in these places, of which [`Self::patterns`] compares one with others of its block.
    pub(crate) fn enter(&mut self, rows: &[u32], ends: &[usize]) {
        let size = rows.len();
        self.size = size;
        self.ids.clear();
        for column in &self.columns {
            self.ids.extend(rows.iter().map(|&row| column.ids[row as usize]));
        }
        self.looks.clear();
        for (at, comparison) in self.values.iter().enumerate() {
            let ids = &self.ids[at * size..][..size];
            let mut from = 0;
            for &end in ends {
                // What all of a block have, as what the key is made of, is not looked at.
                let block = &ids[from..end];
                let differ = block.iter().any(|&id| id != block[0]);
                self.looks.extend(block.iter().map(|&id| comparison.sketches[if differ { id as usize } else { 0 }]));
                from = end;
            }
        }
    }

    /// The levels of two rows in all measures, three bits each, the first lowest.
    pub(crate) fn pattern(&mut self, left: u32, right: u32) -> u64 {
        let Comparisons { measures, values, columns, .. } = self;
        let ids = |column: usize| [left, right].map(|row| columns[column].ids[row as usize]);
        let mut pattern = 0;
        for (at, comparison) in values.iter_mut().enumerate() {
            let [left, right] = ids(at);
            pattern |= u64::from(comparison.values(left, right)) << (at * BITS);
        }
        further(measures, values, ids, pattern)
    }

    /// As [`Self::pattern`], of the row that was entered in this place and those in others: column by column, since what is the same for all of
    /// them is then asked once.
    pub(crate) fn patterns(&mut self, one: usize, others: &[Other]) -> &[u64] {
        let Comparisons { measures, values, size, ids, looks, patterns, .. } = self;
        let size = *size;
        patterns.clear();
        patterns.resize(others.len(), 0);
        for (at, comparison) in values.iter_mut().enumerate() {
            let (ids, looks) = (&ids[at * size..][..size], &looks[at * size..][..size]);
            comparison.column.kind.telling(Against { comparison, ids, looks, one, others, shift: at * BITS, patterns });
        }
        if values.len() < measures.len() {
            for (pattern, other) in patterns.iter_mut().zip(others) {
                let ids = |column: usize| [one, other.place].map(|place| ids[column * size + place]);
                *pattern = further(measures, values, ids, *pattern);
            }
        }
        patterns
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

/// A pattern of values with what is measured of more than one column; `ids` are the left and the right row's of a column.
fn further(measures: &[Measure<'_>], values: &mut [Comparison<'_>], ids: impl Fn(usize) -> [u32; 2], mut pattern: u64) -> u64 {
    let mut fits = values.len();
    for (at, measure) in measures.iter().enumerate().skip(values.len()) {
        let level = match *measure {
            Measure::Order(one, other) => {
                let ([left, right], [other_left, other_right]) = (ids(one), ids(other));
                let crossed = [values[one].values(left, other_right), values[one].values(other_left, right)];
                order([one, other], crossed, &mut pattern)
            }
            Measure::Fit(part, whole) => {
                fits += 2;
                let ([left, right], [whole_left, whole_right]) = (ids(fits - 2), ids(fits - 1));
                fit_of(part, whole, [left, whole_left], [right, whole_right])
            }
            Measure::Value(_) => SILENT,
        };
        pattern |= u64::from(level) << (at * BITS);
    }
    pattern
}

/// Where two properties agree better in each other's place, these levels stand in the pattern, the greater first: which of the two records has them
/// in their own places nobody knows, and it must not matter which is the left one.
fn order(places: [usize; 2], crossed: [u8; 2], pattern: &mut u64) -> u8 {
    let straight = places.map(|at| level(*pattern, at));
    let sum = |levels: [u8; 2]| levels.iter().map(|&level| if level == SILENT { 0 } else { level }).sum::<u8>();
    if straight == [SILENT; 2] && crossed == [SILENT; 2] {
        return SILENT;
    }
    if sum(crossed) <= sum(straight) {
        return 1;
    }
    let heard = |level: u8| if level == SILENT { 0 } else { level + 1 };
    let [one, other] = crossed;
    let crossed = if heard(one) < heard(other) { [other, one] } else { crossed };
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
    max: u8,
    sketches: &'a [Sketch],
    known: Vec<(u32, u32, u8)>,
}

/// Pairs remembered per column; a pair that comes again soon is not compared again.
const REMEMBERED: usize = 1 << 12;

impl<'a> Comparison<'a> {
    pub(crate) fn new(column: &'a Column) -> Comparison<'a> {
        let kind = &column.kind;
        Comparison { column, max: kind.max_level(), sketches: column.sketches(), known: Vec::new() }
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
        if left == right {
            return self.max;
        }
        let told = self.column.kind.telling((&self.sketches[left as usize], &self.sketches[right as usize]));
        told.unwrap_or_else(|| self.read(left, right))
    }

    /// The level at which two different values agree whose sketches do not tell.
    fn read(&mut self, left: u32, right: u32) -> u8 {
        if self.known.is_empty() {
            self.known = vec![(NONE, NONE, 0); REMEMBERED];
        }
        let (left, right) = (left.min(right), left.max(right));
        let slot = &mut self.known[place(left, right)];
        if (slot.0, slot.1) != (left, right) {
            // Not every likeness is the same from both sides, and numbers of values are as these came.
            let (one, other) = (self.column.values.get(left), self.column.values.get(right));
            *slot = (left, right, self.column.kind.agreement(one.min(other), one.max(other)));
        }
        slot.2
    }
}

/// Adds to each pattern, so many bits up, the level at which the value of one row agrees with another's; values and what they look like are those
/// that were entered, by place.
struct Against<'c, 'a> {
    comparison: &'c mut Comparison<'a>,
    ids: &'c [u32],
    looks: &'c [Sketch],
    one: usize,
    others: &'c [Other],
    shift: usize,
    patterns: &'c mut [u64],
}

impl Listener for Against<'_, '_> {
    type Heard = ();

    fn hear(self, tell: impl Fn(&Sketch, &Sketch) -> Option<u8>) {
        let (id, look, max) = (self.ids[self.one], self.looks[self.one], self.comparison.max);
        for (pattern, other) in self.patterns.iter_mut().zip(self.others) {
            let theirs = self.ids[other.place];
            let level = if id == NONE || theirs == NONE {
                SILENT
            } else if id == theirs {
                max
            } else {
                tell(&look, &self.looks[other.place]).unwrap_or_else(|| self.comparison.read(id, theirs))
            };
            *pattern |= u64::from(level) << self.shift;
        }
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
