//! The columns of a table by their looks, and how a row looks among them: like the values under it, or like names of columns.

use super::sample::Seen;
use crate::reader::csv::class::{Class, class, is_number};
use std::collections::{HashMap, HashSet};

/// How most values of a column look.
#[derive(Debug, Clone, Default)]
struct Column {
    /// The look that four in five of its values have, if it is a strict one.
    strict: Option<Class>,
    values: HashSet<String>,
    is_used: bool,
}

/// The columns of a table.
#[derive(Debug, Clone, Default)]
pub(super) struct Profile {
    columns: Vec<Column>,
}

/// What speaks for a row being names, and what for its being values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Votes {
    pub(super) names: usize,
    pub(super) values: usize,
}

impl Profile {
    pub(super) fn of(rows: &[&Seen], width: usize) -> Profile {
        Profile { columns: (0..width).map(|at| column(rows, at)).collect() }
    }

    /// Columns that hold anything.
    pub(super) fn used(&self) -> usize {
        self.columns.iter().filter(|column| column.is_used).count()
    }

    /// Columns whose values all look alike.
    pub(super) fn strict(&self) -> usize {
        self.columns.iter().filter(|column| column.strict.is_some()).count()
    }

    /// How that row looks.
    pub(super) fn votes<'a>(&self, cells: impl Iterator<Item = &'a str> + Clone) -> Votes {
        let mut votes = Votes::default();
        for (column, cell) in self.columns.iter().zip(cells.clone()) {
            match (column.strict, class(cell)) {
                (_, Class::Empty) => {}
                (Some(strict), look) if look == strict => votes.values += 1,
                (Some(_), _) => votes.names += 1,
                (None, _) => votes.values += usize::from(column.values.contains(cell.trim())),
            }
        }
        if votes.values >= votes.names && self.is_years(cells) { Votes { names: votes.values, values: 0 } } else { votes }
    }

    /// Years in a row, one after the other, over columns of other numbers: names of columns all the same.
    fn is_years<'a>(&self, cells: impl Iterator<Item = &'a str>) -> bool {
        let numbers: Vec<&str> = self
            .columns
            .iter()
            .zip(cells)
            .filter(|(column, _)| column.strict == Some(Class::Number))
            .map(|(_, cell)| cell.trim())
            .collect();
        let years: Vec<i64> = numbers.iter().filter_map(|cell| cell.parse().ok()).filter(|year| (1900..=2100).contains(year)).collect();
        let step = years.get(1).map_or(0, |second| second - years[0]);
        years.len() > 2 && years.len() == numbers.len() && step != 0 && years.windows(2).all(|pair| pair[1] - pair[0] == step)
    }
}

fn column(rows: &[&Seen], at: usize) -> Column {
    let mut looks: HashMap<Class, usize> = HashMap::new();
    let mut values: HashMap<&str, usize> = HashMap::new();
    for cell in rows.iter().filter_map(|row| row.cells.get(at)) {
        *looks.entry(class(cell)).or_default() += 1;
        *values.entry(cell.trim()).or_default() += 1;
    }
    looks.remove(&Class::Empty);
    let all: usize = looks.values().sum();
    let most = looks.into_iter().max_by_key(|(_, count)| *count).filter(|(_, count)| count * 5 >= all * 4);
    let strict = most.and_then(|(look, count)| match look {
        Class::Number | Class::Moment => Some(look),
        Class::Code(_) if count > 1 => Some(look),
        _ => None,
    });
    // A name is in the column of its values by chance only; a value of a list stands there again and again.
    let values = values.into_iter().filter(|(value, count)| *count > 1 && !value.is_empty() && !is_number(value));
    Column { strict, values: values.map(|(value, _)| value.to_owned()).collect(), is_used: all > 0 }
}
