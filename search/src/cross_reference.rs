//! A list held against the index: of each line, who it can mean, by what of it they are found. Whoever agrees in a number stands first, then
//! those that agree in more of it; who only sounds alike stands last, always. As with a search, nothing depends on what whoever asks may not
//! see, and nobody is scored.

use crate::{
    Class, Error, Index, MatchedBy, Permit,
    gather::{Row, Rows, departments},
    hit,
    listed::{Column, Line},
    look::{self, Look},
    number,
    permit::Permitted,
};
use serde::Serialize;
use std::{cmp::Reverse, collections::BTreeMap};
use wuwei_schema::Label;

/// What was found of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Its row in the list.
    pub row: i64,
    /// Columns whose value does not pass the checks of its kind: a digit may be wrong. It was looked for as it stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub doubtful: Vec<Column>,
    /// How many entities it can mean; none is an answer too.
    pub total: usize,
    /// The first of them.
    pub matches: Vec<Match>,
}

/// An entity that a line can mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Match {
    /// Its number.
    pub entity_id: i64,
    /// How far it agrees.
    pub agreement: Agreement,
    /// In what, and how nearly.
    pub agrees: Vec<Agrees>,
    /// The date of the newest record that it was found by, ISO 8601, where records have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed: Option<String>,
    /// By whose word.
    pub matched_by: Vec<MatchedBy>,
}

/// A column that agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Agrees {
    /// The column.
    pub column: Column,
    /// How nearly.
    pub class: Class,
}

/// How far an entity agrees with a line, nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    /// In a whole number.
    Number,
    /// In several columns: phone and name, name and birth.
    Several,
    /// In one.
    One,
    /// In none; a name sounds alike, or only the birth agrees besides.
    Near,
}

impl Agreement {
    /// By what agrees exactly.
    fn of(exact: &Some5) -> Agreement {
        let exact = || exact.iter().flatten();
        match exact().count() {
            _ if exact().any(|agrees| agrees.column == Column::Number && agrees.class == Class::Number) => Agreement::Number,
            // A day is that of hundreds, whose names only sound alike.
            _ if exact().all(|agrees| agrees.column == Column::Birth) => Agreement::Near,
            1 => Agreement::One,
            _ => Agreement::Several,
        }
    }

    /// How people call it.
    pub fn label(self) -> Label {
        let (zh, en) = match self {
            Agreement::Number => ("号码一致", "Same number"),
            Agreement::Several => ("多项一致", "Several agree"),
            Agreement::One => ("一项一致", "One agrees"),
            Agreement::Near => ("近似", "Nearly"),
        };
        Label { zh: zh.to_owned(), en: en.to_owned() }
    }
}

impl Match {
    /// What matches of a line are in order by: how far they agree, in how many columns, in which, how many departments say so, how new, and the
    /// number. Nothing else ranks anybody.
    pub fn order(&self) -> impl Ord + use<> {
        let departments = hit::departments(&self.matched_by);
        (order_of(self.agrees.iter().copied()), Reverse(departments), Reverse(self.observed.clone()), self.entity_id)
    }
}

/// As many as there are columns; those that are there come first.
type Some5 = [Option<Agrees>; COLUMNS];

const COLUMNS: usize = Column::ALL.len();

fn order_of(agrees: impl Iterator<Item = Agrees>) -> (Agreement, Reverse<usize>, Some5, Reverse<usize>, Some5) {
    let (mut exact, mut near) = (Some5::default(), Some5::default());
    let (mut exact_count, mut near_count) = (0, 0);
    for one in agrees {
        let (places, count) = if one.class.is_near() { (&mut near, &mut near_count) } else { (&mut exact, &mut exact_count) };
        places[*count] = Some(one);
        *count += 1;
    }
    (Agreement::of(&exact), Reverse(exact_count), exact, Reverse(near_count), near)
}

impl Index {
    /// Of each line, in the order of the list, the entities that it can mean, `most` of them; those that agree in more of the line first.
    /// An entity has to agree in a number, a phone, a name or an address, whole ones; a date of birth counts besides. What agrees may be
    /// known to several departments.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn cross_reference(&self, lines: &[Line], most: usize, permit: &Permit<'_>) -> Result<Vec<Compared>, Error> {
        let permitted = Permitted::of(permit, &[], self);
        lines.iter().map(|line| self.compare(line, most, &permitted)).collect()
    }

    fn compare(&self, line: &Line, most: usize, permitted: &Permitted<'_>) -> Result<Compared, Error> {
        let (mut by_column, mut found): (Vec<(Column, Rows)>, Rows) = (Vec::new(), Rows::default());
        for (column, value) in &line.values {
            if *column != Column::Birth {
                let rows = self.one_value(*column, value, None, permitted)?;
                found = found.nearest(&rows);
                by_column.push((*column, rows));
            }
        }
        if let Some(birth) = line.values.get(&Column::Birth) {
            by_column.push((Column::Birth, self.one_value(Column::Birth, birth, Some(&found), permitted)?));
        }
        let mut entities: BTreeMap<i64, Found<'_>> = BTreeMap::new();
        for (column, rows) in &by_column {
            rows.entities().for_each(|rows| entities.entry(rows[0].entity).or_default().0[*column as usize] = Some(rows));
        }
        let mut ranked: Vec<_> = entities.iter().map(|(entity, found)| (order_of(found.agrees()), self.ties(found), *entity)).collect();
        let last = most.min(ranked.len());
        if last < ranked.len() {
            ranked.select_nth_unstable(last);
            ranked.truncate(last);
        }
        ranked.sort_unstable();
        let matches = ranked.iter().filter_map(|(.., entity)| entities.get(entity)).map(|found| self.matching(found)).collect();
        let doubtful = line.values.iter().filter(|(column, value)| column.is_doubtful(value, self.fields.searched.iter()));
        Ok(Compared { row: line.row, doubtful: doubtful.map(|(column, _)| *column).collect(), total: entities.len(), matches })
    }

    fn one_value(&self, column: Column, value: &str, among: Option<&Rows>, permitted: &Permitted<'_>) -> Result<Rows, Error> {
        let Some(word) = column.word(value) else { return Ok(Rows::default()) };
        let mut looks = look::looks(&word, &self.fields);
        let is_of = |look: &Look| column.accepts(look.class) && self.fields.searched.get(look.property).is_some_and(|of| column.is_of(of));
        looks.retain(is_of);
        let found = self.all_looks(&looks, among, permitted)?;
        if found.entities().next().is_some() || !column.is_doubtful(value, self.fields.searched.iter()) {
            return Ok(found);
        }
        // A number whose check digit is wrong has a slip somewhere.
        let mut slips = look::slips(&word, &self.fields);
        slips.retain(is_of);
        self.all_looks(&slips, among, permitted)
    }

    /// What stands between those that agree alike: how many departments say so, how new.
    fn ties(&self, found: &Found<'_>) -> (Reverse<usize>, Reverse<Option<u64>>) {
        let rows: Vec<Row> = found.rows().copied().collect();
        (Reverse(departments(&rows)), Reverse(self.newest(&rows)))
    }

    fn matching(&self, found: &Found<'_>) -> Match {
        let rows: Vec<Row> = found.rows().copied().collect();
        Match {
            entity_id: rows.first().map_or(0, |row| row.entity),
            agreement: order_of(found.agrees()).0,
            agrees: found.agrees().collect(),
            observed: self.newest(&rows).map(number::date),
            matched_by: self.matched_by(&rows),
        }
    }
}

/// The rows of an entity by the columns that found them.
#[derive(Clone, Copy, Default)]
struct Found<'a>([Option<&'a [Row]>; COLUMNS]);

impl<'a> Found<'a> {
    fn agrees(&self) -> impl Iterator<Item = Agrees> + use<'a> {
        let found = Column::ALL.into_iter().zip(self.0);
        found.filter_map(|(column, rows)| Some(Agrees { column, class: rows?.first()?.class }))
    }

    fn rows(&self) -> impl Iterator<Item = &'a Row> + use<'a> {
        self.0.into_iter().flatten().flatten()
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::line;
