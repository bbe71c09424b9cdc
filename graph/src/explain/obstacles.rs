//! Why two entities stay two although a pair between them weighs enough: what their other records say. These are the reasons for which joining by
//! weight is prevented, but for the average of what members weigh.

use crate::{
    Error,
    column::{NONE, Table},
    guard::Guard,
    resolve::names,
};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use serde::Serialize;
use std::collections::BTreeSet;
use wuwei_schema::EntityType;

/// Pairs across two entities that are looked at.
const CROSS: usize = 10_000;

/// What stands between two entities.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Obstacles {
    /// Exclusive properties of which together they would have two values.
    pub exclusive: Vec<String>,
    /// The first two records, one of each, that the guard keeps apart.
    pub parted: Option<(i64, i64)>,
}

/// What stands between two entities, of all records of both.
///
/// # Errors
/// When a column is missing or the source fails.
pub fn obstacles(
    entity: &EntityType,
    records: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    (left, right): (&BTreeSet<i64>, &BTreeSet<i64>),
) -> Result<Obstacles, Error> {
    let Some(matching) = &entity.matching else { return Ok(Obstacles::default()) };
    let table = Table::read(entity, &names(matching), records)?;
    let rows = |side: &BTreeSet<i64>| -> Vec<u32> { table.rows().filter(|&row| side.contains(&table.records[row as usize])).collect() };
    let (lefts, rights) = (rows(left), rows(right));
    let is_two = |name: &&String| {
        let Some(column) = table.position(name).map(|at| &table.columns[at]) else { return false };
        let both = lefts.iter().chain(&rights).map(|&row| column.ids[row as usize]).filter(|&id| id != NONE);
        both.collect::<BTreeSet<u32>>().len() > 1
    };
    let exclusive = matching.exclusive.iter().filter(is_two).cloned().collect();
    let mut guard = Guard::new(&table, matching);
    let mut pairs = lefts.iter().flat_map(|left| rights.iter().map(move |right| (*left, *right))).take(CROSS);
    let parted = pairs.find(|&(left, right)| guard.parts(left, right));
    let record = |row: u32| table.records[row as usize];
    Ok(Obstacles { exclusive, parted: parted.map(|(left, right)| (record(left), record(right))) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county::{person, records};

    #[test]
    fn what_other_records_say_stands_between_two_entities() {
        let (id, other) = ("990101198503070017", "990101198503070025");
        let rows = records(&[
            (1, &[("name", "柯沐浩"), ("birth_date", "2017-06-04")]),
            (2, &[("name", "柯沐浩"), ("id_no", id)]),
            (3, &[("name", "柯沐灏"), ("birth_date", "2017-06-04")]),
            (4, &[("name", "柯沐灏"), ("id_no", other)]),
            (5, &[("name", "柯沐灏"), ("birth_date", "1980-01-02")]),
        ]);
        let told = |left: &[i64], right: &[i64]| {
            let sides = [left, right].map(|side| side.iter().copied().collect::<BTreeSet<i64>>());
            obstacles(&person(), std::iter::once(Ok(rows.clone())), (&sides[0], &sides[1])).unwrap()
        };
        assert_eq!(told(&[1, 2], &[3, 4]), Obstacles { exclusive: vec!["id_no".to_owned()], parted: None });
        assert_eq!(told(&[1], &[3, 5]), Obstacles { exclusive: vec![], parted: Some((1, 5)) });
        assert_eq!(told(&[1], &[3]), Obstacles::default());
    }
}
