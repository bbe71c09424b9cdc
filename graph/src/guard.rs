//! What two records of one entity must not contradict: the guard properties, and what tells twins from one child written twice.
//! Weights do not enter: a family shares surname, phone and two addresses, so the sum of what agrees would merge it.

use crate::{
    column::{Column, NONE, Table},
    compare::{Comparison, SILENT, fit},
};
use serde::Serialize;
use std::collections::BTreeSet;
use wuwei_schema::{Kind, Matching, kind::name};

/// Compares records in the guard properties.
#[derive(Debug)]
pub(crate) struct Guard<'a> {
    properties: Vec<Comparison<'a>>,
    /// Phones and addresses, which a household shares.
    contacts: Vec<Comparison<'a>>,
    /// Properties that show a part of another: a part and a whole that do not fit are of two.
    fits: Vec<(&'a Column, &'a Column)>,
}

/// What speaks against two records without a common identifier being one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "objection", rename_all = "snake_case")]
pub enum Objection {
    /// A guard property of the one contradicts the other's.
    Contradiction {
        /// The property.
        property: String,
    },
    /// It is written otherwise, and no other guard property backs that it is a slip.
    Slip {
        /// The property.
        property: String,
    },
    /// One shows a part of a number that is not the other's.
    Misfit {
        /// The property that shows a part.
        property: String,
    },
    /// Born the same day, reached at the same place, called differently.
    Twins,
}

/// What a property says of two records being one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grade {
    Silent,
    Against,
    Weak,
    Strong,
}

impl<'a> Guard<'a> {
    pub(crate) fn new(table: &'a Table, matching: &Matching) -> Guard<'a> {
        let columns = |names: &[String]| -> Vec<Comparison<'a>> {
            names.iter().filter_map(|name| table.position(name)).map(|at| Comparison::new(&table.columns[at])).collect()
        };
        let mut contacts = columns(&matching.compare);
        contacts.retain(|contact| matches!(contact.column.kind, Kind::Phone | Kind::Address));
        let column = |name: &String| table.position(name).map(|at| &table.columns[at]);
        let fits = matching.fits.iter().filter_map(|[part, whole]| Some((column(part)?, column(whole)?))).collect();
        Guard { properties: columns(&matching.guard), contacts, fits }
    }

    /// The guard of a list that identifies only unless another property contradicts: that property alone is asked.
    pub(crate) fn against(column: &'a Column) -> Guard<'a> {
        Guard { properties: vec![Comparison::new(column)], contacts: Vec::new(), fits: Vec::new() }
    }

    /// Whether two rows that share an identifier may be one: a child carries its guardian's number, and often one of his characters, so
    /// a name that differs needs the birth date. `inside` is the birth date that the identifier contains: it speaks against a record
    /// that states another, never for one. Where one property speaks against, a name that only sounds the same outweighs nothing.
    pub(crate) fn allows(&mut self, left: u32, right: u32, inside: Option<&str>) -> bool {
        let (mut against, mut slip, mut strong, mut certain) = (false, false, false, false);
        for property in &mut self.properties {
            let grade = match grade(property, left, right) {
                Grade::Silent if property.column.kind == Kind::Date => against_inside(property, left, right, inside),
                grade => grade,
            };
            let name = property.column.kind == Kind::Name;
            against |= grade == Grade::Against;
            slip |= grade == Grade::Weak && name;
            strong |= grade == Grade::Strong;
            certain |= grade == Grade::Strong && (!name || property.same(left, right));
        }
        if against { certain } else { strong || !slip }
    }

    /// Whether a row states another birth date than its identifier contains.
    pub(crate) fn is_other_birth(&self, row: u32, inside: &str) -> bool {
        let dates = self.properties.iter().map(|property| property.column).filter(|column| column.kind == Kind::Date);
        dates.filter(|column| column.ids[row as usize] != NONE).any(|column| is_other_birth(column, row, inside))
    }

    /// Whether two rows write the guard properties with the same values.
    pub(crate) fn alike(&self, left: u32, right: u32) -> bool {
        self.properties.iter().all(|property| property.same(left, right))
    }

    /// What a row writes of the guard properties.
    pub(crate) fn writing(&self, row: u32) -> Vec<&'a str> {
        self.properties.iter().map(|property| property.column.text(row)).collect()
    }

    /// How many names that sound different rows have.
    pub(crate) fn names<'r>(&self, rows: impl Iterator<Item = &'r u32>) -> usize {
        let columns: Vec<&Column> =
            self.properties.iter().map(|property| property.column).filter(|column| column.kind == Kind::Name).collect();
        let stated = rows.flat_map(|&row| columns.iter().map(move |column| column.text(row))).filter(|name| !name.is_empty());
        stated.collect::<BTreeSet<&str>>().into_iter().map(name::pinyin).collect::<BTreeSet<String>>().len()
    }

    /// How much the guard properties agree, to decide what is joined first.
    pub(crate) fn likeness(&mut self, left: u32, right: u32) -> u32 {
        let levels = self.properties.iter_mut().map(|property| property.rows(left, right));
        levels.filter(|&level| level != SILENT).map(u32::from).sum()
    }

    /// Whether two rows without a common identifier cannot be one: any guard property against it, a slip in one that no other backs,
    /// or twins.
    pub(crate) fn refuses(&mut self, left: u32, right: u32) -> bool {
        let (mut weak, mut strong) = (false, false);
        for property in &mut self.properties {
            match grade(property, left, right) {
                Grade::Against => return true,
                Grade::Weak => weak = true,
                Grade::Strong => strong = true,
                Grade::Silent => {}
            }
        }
        // Twins are called differently, so there is something weak.
        (weak && !strong) || self.misfit(left, right) || (weak && self.twins(left, right))
    }

    /// Why [`Guard::refuses`] two rows; nothing where it does not.
    pub(crate) fn objections(&mut self, left: u32, right: u32) -> Vec<Objection> {
        let mut found = Vec::new();
        let (mut weak, mut strong) = (Vec::new(), false);
        for property in &mut self.properties {
            let of = || property.column.name.clone();
            match grade(property, left, right) {
                Grade::Against => found.push(Objection::Contradiction { property: of() }),
                Grade::Weak => weak.push(Objection::Slip { property: of() }),
                Grade::Strong => strong = true,
                Grade::Silent => {}
            }
        }
        found.extend(weak.into_iter().filter(|_| !strong));
        let misfits = self.fits.iter().filter(|(part, whole)| fit(part, whole, left, right) == 0);
        found.extend(misfits.map(|(part, _)| Objection::Misfit { property: part.name.clone() }));
        found.extend(self.twins(left, right).then_some(Objection::Twins));
        found
    }

    /// Whether two rows cannot be one although each is joined to a third.
    pub(crate) fn parts(&mut self, left: u32, right: u32) -> bool {
        !self.allows(left, right, None) || self.misfit(left, right) || self.twins(left, right)
    }

    /// Whether one shows a part of a number that is not the other's.
    fn misfit(&self, left: u32, right: u32) -> bool {
        self.fits.iter().any(|(part, whole)| fit(part, whole, left, right) == 0)
    }

    /// Born the same day, reached at the same place, called differently.
    fn twins(&mut self, left: u32, right: u32) -> bool {
        let mut same_day = false;
        let mut other_name = false;
        for property in &mut self.properties {
            let grade = grade(property, left, right);
            match property.column.kind {
                Kind::Date => same_day |= grade == Grade::Strong,
                Kind::Name if matches!(grade, Grade::Weak | Grade::Against) => {
                    other_name |= other_given(property.column.text(left), property.column.text(right));
                }
                _ => {}
            }
        }
        same_day && other_name && self.contacts.iter_mut().any(|contact| grade(contact, left, right) == Grade::Strong)
    }
}

fn grade(property: &mut Comparison<'_>, left: u32, right: u32) -> Grade {
    let column = property.column;
    match property.rows(left, right) {
        SILENT => Grade::Silent,
        0 => Grade::Against,
        // Other numbers of the same street are another house.
        1 if column.kind == Kind::Address => Grade::Against,
        level if column.kind == Kind::Date => day_grade(level, || (column.text(left), column.text(right))),
        level if level * 2 <= column.kind.max_level() => Grade::Weak,
        _ => Grade::Strong,
    }
}

/// Another year is another birth, unless a digit slipped; a year alone backs nothing.
fn day_grade<'t>(level: u8, texts: impl Fn() -> (&'t str, &'t str)) -> Grade {
    let same = |length: usize| {
        let (left, right) = texts();
        left.get(..length).is_some_and(|start| right.get(..length) == Some(start))
    };
    match level {
        5.. => Grade::Strong,
        4 if same(7) => Grade::Strong,
        _ if same(4) => Grade::Weak,
        _ => Grade::Against,
    }
}

fn against_inside(property: &Comparison<'_>, left: u32, right: u32, inside: Option<&str>) -> Grade {
    let column = property.column;
    let stated = [left, right].into_iter().find(|&row| column.ids[row as usize] != NONE);
    match (stated, inside) {
        (Some(row), Some(inside)) if is_other_birth(column, row, inside) => Grade::Against,
        _ => Grade::Silent,
    }
}

/// Whether two given names of equal length sound different; one of another length is a character left out.
fn other_given(left: &str, right: &str) -> bool {
    let (left, right) = (name::given(left), name::given(right));
    left.chars().count() == right.chars().count() && name::pinyin(left) != name::pinyin(right)
}

fn is_other_birth(column: &Column, row: u32, inside: &str) -> bool {
    let level = column.kind.agreement(column.text(row), inside);
    day_grade(level, || (column.text(row), inside)) == Grade::Against
}
