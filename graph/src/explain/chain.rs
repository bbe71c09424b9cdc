//! By which steps two records of one entity hang together, where they are not joined directly: over records that share an identifier, that weigh
//! enough, or that people joined.

use crate::{
    Error,
    cluster::Clusters,
    column::{Table, narrow},
    resolve::names,
    tier0,
};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use wuwei_schema::EntityType;

/// Two records that are joined, and by what.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// The one.
    pub left: i64,
    /// The other.
    pub right: i64,
    /// An identifier, e.g. `id_no`; the blocking key of a pair that weighs enough; or `decision`.
    pub by: String,
    /// What the pair weighs, in bits, where it is weighed.
    pub weight: Option<f64>,
}

/// The fewest steps from the one record to the other; none where they do not hang together by what is known here.
///
/// `records` are batches of the columns of [`crate::columns_needed`], all of one entity; `joins` are steps between any of them that are not
/// identifiers.
///
/// # Errors
/// When a column is missing or the source fails.
pub fn chain(
    entity: &EntityType,
    records: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    joins: &[Step],
    (left, right): (i64, i64),
) -> Result<Vec<Step>, Error> {
    let Some(matching) = &entity.matching else { return Ok(Vec::new()) };
    let table = Table::read(entity, &names(matching), records)?;
    let row = |record: i64| table.records.binary_search(&record).ok().map(narrow);
    let (Some(from), Some(to)) = (row(left), row(right)) else { return Ok(Vec::new()) };
    let exclusive = matching.exclusive.iter().filter_map(|name| table.position(name));
    let clusters = Clusters::new(table.len(), exclusive.map(|at| table.columns[at].ids.clone()).collect());
    let mut ties: Vec<Tie<'_>> = Vec::new();
    for list in &matching.identify {
        let by = list.join("+");
        ties.extend(tier0::carriers_of(&table, matching, list, &clusters).into_iter().map(|rows| Tie { rows, by: by.clone(), join: None }));
    }
    ties.extend(
        joins.iter().filter_map(|join| Some(Tie { rows: vec![row(join.left)?, row(join.right)?], by: join.by.clone(), join: Some(join) })),
    );
    Ok(walk(&table, &ties, from, to))
}

/// Rows that are joined all with all.
struct Tie<'a> {
    rows: Vec<u32>,
    by: String,
    join: Option<&'a Step>,
}

/// Breadth first; of as many steps those that come first in the list of ties.
fn walk(table: &Table, ties: &[Tie<'_>], from: u32, to: u32) -> Vec<Step> {
    let mut of_row: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (at, tie) in ties.iter().enumerate() {
        tie.rows.iter().for_each(|&row| of_row.entry(row).or_default().push(at));
    }
    let mut before: BTreeMap<u32, (u32, usize)> = BTreeMap::new();
    let mut open = VecDeque::from([from]);
    while let Some(row) = open.pop_front().filter(|_| !before.contains_key(&to)) {
        for &at in of_row.get(&row).into_iter().flatten() {
            for &next in ties[at].rows.iter().filter(|&&next| next != from) {
                before.entry(next).or_insert_with(|| {
                    open.push_back(next);
                    (row, at)
                });
            }
        }
    }
    let mut steps = Vec::new();
    let mut here = to;
    while let Some(&(row, at)) = before.get(&here) {
        let record = |row: u32| table.records[row as usize];
        let weight = ties[at].join.and_then(|join| join.weight);
        steps.push(Step { left: record(row), right: record(here), by: ties[at].by.clone(), weight });
        here = row;
    }
    steps.reverse();
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county::{person, records};

    #[test]
    fn the_fewest_steps_are_told_with_what_makes_each() {
        let (id, permit) = ("990101198503070017", "J99010120260001");
        let rows = records(&[
            (1, &[("id_no", id), ("name", "王建国"), ("birth_date", "1985-03-07")]),
            (2, &[("id_no", id), ("permit_no", permit), ("name", "王建国")]),
            (3, &[("permit_no", permit), ("name", "王建国")]),
            (4, &[("name", "王建国")]),
            (5, &[("name", "王建国")]),
        ]);
        let step = |left, right, by: &str, weight| Step { left, right, by: by.to_owned(), weight };
        let joins = [step(3, 4, "phone", Some(12.5)), step(9, 4, "phone", Some(1.0))];
        let told = |right| chain(&person(), std::iter::once(Ok(rows.clone())), &joins, (1, right)).unwrap();
        assert_eq!(told(4), [step(1, 2, "id_no", None), step(2, 3, "permit_no", None), step(3, 4, "phone", Some(12.5))]);
        assert_eq!(told(5), [], "nothing leads there");
        assert_eq!(told(9), [], "it is not of the entity");
    }
}
