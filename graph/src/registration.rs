//! 重复登记: which departments hold the same fact of somebody, where they live or are registered, and which of them registered what another held
//! already. Edges in, a row a fact and department out. Which relations are registrations the model says; what a duplicate costs is not known here.

use crate::{
    Error,
    batch::{Texts, integers, text_column},
    column::narrow,
};
use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use std::{borrow::Cow, sync::Arc};
use wuwei_schema::table;

/// What lasts longer than any date.
const OPEN: &str = "9999";

/// `graph.registration` ([`table::registration_schema`]) of `edges` ([`table::edge_schema`], in any order), by source, target, relation and
/// department: of each fact of these relations and each department that states it one row, however often it does so.
///
/// The first to register a fact is whoever states the earliest beginning, none before any; of equals the first by code. `held_by` is whoever
/// held it when a later one registered it: of those before, the one that holds it longest, if that is longer than until the later one begins.
///
/// # Errors
/// A column is missing.
pub fn registrations(edges: &RecordBatch, relations: &[&str]) -> Result<RecordBatch, Error> {
    let cells = Cells::of(edges)?;
    let is_registered = |row: &usize| cells.relation.get(*row).is_some_and(|relation| relations.contains(&relation.as_ref()));
    let mut rows: Vec<usize> = (0..edges.num_rows()).filter(is_registered).collect();
    let key = |row: &usize| (cells.ends(*row), cells.relation.get(*row), cells.department.get(*row));
    if !rows.is_sorted_by_key(key) {
        rows.sort_by_cached_key(key);
    }
    let mut found: Vec<Registration> = Vec::new();
    for fact in
        rows.chunk_by(|left, right| cells.ends(*left) == cells.ends(*right) && cells.relation.get(*left) == cells.relation.get(*right))
    {
        let first = found.len();
        let same = |left: &usize, right: &usize| cells.department.get(*left) == cells.department.get(*right);
        found.extend(fact.chunk_by(same).map(|rows| cells.registration(rows)));
        cells.hold(&mut found[first..]);
    }
    cells.written(&found)
}

/// The columns of edges.
struct Cells<'a> {
    sources: &'a Int64Array,
    targets: &'a Int64Array,
    relation: Texts<'a>,
    department: Texts<'a>,
    extract: Texts<'a>,
    since: Texts<'a>,
    until: Texts<'a>,
}

/// What a department states of a fact: the rows in which its parts stand, since there are millions.
struct Registration {
    row: u32,
    extract: u32,
    since: u32,
    until: u32,
    held_by: Option<u32>,
}

impl<'a> Cells<'a> {
    fn of(edges: &'a RecordBatch) -> Result<Cells<'a>, Error> {
        let text = |name: &str| Texts::of(edges, name);
        Ok(Cells {
            sources: integers(edges, "source")?,
            targets: integers(edges, "target")?,
            relation: text("relation")?,
            department: text("department")?,
            extract: text("extract")?,
            since: text("since")?,
            until: text("until")?,
        })
    }

    fn ends(&self, row: usize) -> (i64, i64) {
        (self.sources.value(row), self.targets.value(row))
    }

    fn since(&self, row: u32) -> Cow<'a, str> {
        self.since.get(row as usize).unwrap_or_default()
    }

    fn until(&self, row: u32) -> Cow<'a, str> {
        self.until.get(row as usize).unwrap_or(Cow::Borrowed(OPEN))
    }

    /// That of the rows of one department and fact.
    fn registration(&self, rows: &[usize]) -> Registration {
        let rows = || rows.iter().map(|row| narrow(*row));
        Registration {
            row: rows().min().unwrap_or_default(),
            extract: rows().min_by_key(|row| self.extract.get(*row as usize)).unwrap_or_default(),
            since: rows().min_by_key(|row| self.since(*row)).unwrap_or_default(),
            until: rows().max_by_key(|row| self.until(*row)).unwrap_or_default(),
            held_by: None,
        }
    }

    /// Tells of each registration of one fact who held it already. Dates are ISO 8601, so they compare as text.
    fn hold(&self, fact: &mut [Registration]) {
        fact.sort_by_key(|one| (self.since(one.since), self.department.get(one.row as usize)));
        let mut longest: Option<(Cow<'_, str>, Option<Cow<'_, str>>, u32)> = None;
        for one in fact.iter_mut() {
            one.held_by = longest.as_ref().filter(|(until, ..)| *until > self.since(one.since)).map(|(.., row)| *row);
            longest = longest.max(Some((self.until(one.until), self.department.get(one.row as usize), one.row)));
        }
        fact.sort_by_key(|one| self.department.get(one.row as usize));
    }

    fn written(&self, found: &[Registration]) -> Result<RecordBatch, Error> {
        let number =
            |of: &Int64Array| -> ArrayRef { Arc::new(found.iter().map(|one| Some(of.value(one.row as usize))).collect::<Int64Array>()) };
        let text = |texts: &Texts<'_>, row: fn(&Registration) -> Option<u32>| {
            let cells = found.iter().map(|one| row(one).and_then(|row| texts.get(row as usize)));
            text_column(cells.map(Option::unwrap_or_default).collect::<Vec<_>>().iter().map(AsRef::as_ref))
        };
        let columns = vec![
            text(&self.relation, |one| Some(one.row)),
            number(self.sources),
            number(self.targets),
            text(&self.department, |one| Some(one.row)),
            text(&self.extract, |one| Some(one.extract)),
            text(&self.since, |one| Some(one.since)),
            text(&self.until, |one| Some(one.until)),
            text(&self.department, |one| one.held_by),
        ];
        Ok(RecordBatch::try_new(table::registration_schema(), columns)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county::{Tie, edges};

    /// What departments state, a letter each, and what becomes of it.
    fn found(ties: &[Tie<'_>], departments: &[&str]) -> Vec<String> {
        let edges = edges(ties);
        let at = edges.schema().index_of("department").unwrap();
        let mut columns = edges.columns().to_vec();
        columns[at] = Arc::new(arrow_array::StringArray::from(departments.to_vec()));
        let edges = RecordBatch::try_new(edges.schema(), columns).unwrap();
        let found = registrations(&edges, &["lives_at", "registered_at"]).unwrap();
        let text = |row: usize, name: &str| Texts::of(&found, name).unwrap().owned(row);
        let said = |row: usize| {
            let [relation, department, since, until, held] =
                ["relation", "department", "since", "until", "held_by"].map(|name| text(row, name));
            format!("{relation} {} {department} {since}..{until} {held}", integers(&found, "source").unwrap().value(row))
        };
        (0..found.num_rows()).map(said).collect()
    }

    #[test]
    fn what_another_held_already_is_told_and_a_move_is_none() {
        let told = found(
            &[
                ("lives_at", 1, 10, Some("2021-05"), None),
                ("lives_at", 1, 10, Some("2020-01-01"), None),
                ("lives_at", 1, 10, Some("2020-03-01"), Some("2021-12-31")),
                ("lives_at", 2, 10, Some("2020-01-01"), Some("2020-12-31")),
                ("lives_at", 2, 10, Some("2021-01-01"), None),
                ("registered_at", 1, 10, None, None),
                ("works_for", 1, 10, None, None),
            ],
            &["wg", "ga", "ga", "ga", "wg", "mz", "mz"],
        );
        let expected = [
            "lives_at 1 ga 2020-01-01.. ",
            "lives_at 1 wg 2021-05.. ga",
            "registered_at 1 mz .. ",
            "lives_at 2 ga 2020-01-01..2020-12-31 ",
            "lives_at 2 wg 2021-01-01.. ",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn of_several_the_one_that_holds_it_longest_is_named() {
        let since = |year| Some(year);
        let told = found(
            &[
                ("lives_at", 1, 10, since("2019"), Some("2020-06-30")),
                ("lives_at", 1, 10, since("2018"), Some("2024-12-31")),
                ("lives_at", 1, 10, since("2020"), None),
                ("lives_at", 1, 10, since("2025"), None),
            ],
            &["a", "b", "c", "d"],
        );
        let expected =
            ["lives_at 1 a 2019..2020-06-30 b", "lives_at 1 b 2018..2024-12-31 ", "lives_at 1 c 2020.. b", "lives_at 1 d 2025.. c"];
        assert_eq!(told, expected);
    }
}
