//! What the columns of a table look like, from its first rows: enough to say of a line whether it can be a row of it at all. Looks only; no
//! row is refused for them alone.

use super::class::{Class, class};

/// Rows that are looked at.
const LEARNT: usize = 64;

/// Values of a column, from which on their look is one that others have to have.
const ENOUGH: usize = 3;

/// The looks of the columns.
#[derive(Debug, Clone, Default)]
pub(super) struct Looks {
    columns: Vec<Vec<Class>>,
    rows: usize,
}

impl Looks {
    /// Whether more rows are wanted.
    pub(super) fn is_open(&self) -> bool {
        self.rows < LEARNT
    }

    /// How many rows were seen.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// One row more.
    pub(super) fn learn<'a>(&mut self, cells: impl Iterator<Item = &'a str>) {
        self.rows += 1;
        for (at, cell) in cells.enumerate() {
            if self.columns.len() == at {
                self.columns.push(Vec::new());
            }
            self.columns[at].extend(Some(class(cell)).filter(|look| *look != Class::Empty));
        }
    }

    /// Whether nothing in these cells is what stands in its column, where the column has one look.
    pub(super) fn is_strange<'a>(&self, cells: impl Iterator<Item = &'a str>) -> bool {
        let (mut same, mut others) = (0, 0);
        for (column, cell) in self.columns.iter().zip(cells) {
            match (strict(column), class(cell)) {
                (None, _) | (_, Class::Empty) => {}
                (Some(strict), look) if strict == look => same += 1,
                (Some(_), _) => others += 1,
            }
        }
        same == 0 && others > 0
    }
}

/// The look that four in five values have, if it is one that text does not have.
fn strict(column: &[Class]) -> Option<Class> {
    let count = |look: Class| column.iter().filter(|other| **other == look).count();
    let look = column.iter().copied().max_by_key(|look| count(*look)).filter(|look| *look != Class::Text)?;
    (count(look) >= ENOUGH && count(look) * 5 >= column.len() * 4).then_some(look)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_strange_when_nothing_in_it_is_what_stands_there() {
        let mut looks = Looks::default();
        let is_strange = |looks: &Looks, line: &str| looks.is_strange(line.split(','));
        ["1,王小明,2026-01-02", "2,李四,", "3,张三,2026-01-04"].iter().for_each(|row| looks.learn(row.split(',')));
        assert!(is_strange(&looks, "以及,如下,所述") && is_strange(&looks, "见下"));
        for line in ["4,李四,所述", "甲,乙", ",乙,", ""] {
            assert_eq!(is_strange(&looks, line), line == "甲,乙", "{line:?}");
        }
        assert!(!Looks::default().is_strange("a".split(',')));
    }
}
