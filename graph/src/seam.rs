//! Where an entity would come apart: the weakest place in what holds its records together, and what would have to be decided to part it there.
//! Whether it should be parted is for people to judge.

use crate::{
    Error,
    batch::Texts,
    facts,
    file::{Gathered, KeptPair},
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use wuwei_schema::EntityType;

/// Records looked at, at most: of an entity of more nobody sees by eye where it hangs together.
const MOST: usize = 500;

/// The weakest place of an entity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Seam {
    /// The records of the one part.
    pub left: Vec<i64>,
    /// The records of the other.
    pub right: Vec<i64>,
    /// All that ties the one part to the other.
    pub links: Vec<Tie>,
    /// Pairs of records of which *different* would be decided.
    pub pairs: usize,
    /// Whether records carry two values of what one entity has one of, so that parting them takes a second person.
    pub second_person: bool,
}

/// What ties two records.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tie {
    /// A record of the one part.
    pub left: i64,
    /// A record of the other.
    pub right: i64,
    /// The identifier that both carry, or `weighed`.
    pub by: String,
    /// Of weighed ones the weight in bits.
    pub weight: Option<f64>,
}

/// The weakest place between these records of an entity; none of a single record, or where what ties them is not among what was gathered.
///
/// # Errors
/// When a batch lacks a column of its contract.
pub(crate) fn seam(entity: &EntityType, gathered: &Gathered, records: &[i64], pairs: &[KeptPair]) -> Result<Option<Seam>, Error> {
    if records.len() < 2 || records.len() > MOST {
        return Ok(None);
    }
    let mut ties = shared(entity, gathered, records)?;
    let weighed = |pair: &KeptPair| Tie { left: pair.left, right: pair.right, by: "weighed".to_owned(), weight: Some(pair.weight) };
    ties.extend(pairs.iter().map(weighed));
    // An identifier holds better than any weight.
    let strength = |tie: &Tie| tie.weight.unwrap_or(f64::INFINITY);
    ties.sort_by(|a, b| strength(b).total_cmp(&strength(a)).then_with(|| (a.left, a.right, &a.by).cmp(&(b.left, b.right, &b.by))));
    let mut part: BTreeMap<i64, i64> = records.iter().map(|record| (*record, *record)).collect();
    let (mut parts, mut before) = (records.len(), None);
    for tie in &ties {
        let (Some(&left), Some(&right)) = (part.get(&tie.left), part.get(&tie.right)) else { continue };
        if left != right {
            parts -= 1;
            if parts == 1 {
                before = Some((part.clone(), left));
            }
            part.values_mut().filter(|of| **of == right).for_each(|of| *of = left);
        }
    }
    let Some((part, first)) = before else { return Ok(None) };
    let (left, right): (Vec<i64>, Vec<i64>) = records.iter().partition(|record| part[*record] == first);
    let crosses = |tie: &Tie| part.get(&tie.left).zip(part.get(&tie.right)).is_some_and(|(left, right)| left != right);
    ties.retain(crosses);
    let second_person = exclusive(entity, gathered, records)?;
    Ok(Some(Seam { pairs: left.len() * right.len(), left, right, links: ties, second_person }))
}

/// Ties of records that carry the same identifier, each with the next that does. What is masked ties nothing: it may be another's.
fn shared(entity: &EntityType, gathered: &Gathered, records: &[i64]) -> Result<Vec<Tie>, Error> {
    let lists = entity.matching.as_ref().map(|matching| matching.identify.as_slice()).unwrap_or_default();
    let mut ties = Vec::new();
    for list in lists {
        let mut carriers: BTreeMap<String, i64> = BTreeMap::new();
        for (batch, at, record, _) in facts::rows(gathered, &entity.name)? {
            let mut values = Vec::new();
            for property in list {
                values.push(Texts::of(batch, property)?.owned(at));
            }
            let is_stated = values.iter().all(|value| !value.is_empty() && !value.contains('*'));
            if is_stated
                && records.contains(&record)
                && let Some(before) = carriers.insert(values.join("\u{1f}"), record)
            {
                ties.push(Tie { left: before.min(record), right: before.max(record), by: list.join("+"), weight: None });
            }
        }
    }
    Ok(ties)
}

fn exclusive(entity: &EntityType, gathered: &Gathered, records: &[i64]) -> Result<bool, Error> {
    for property in entity.matching.iter().flat_map(|matching| &matching.exclusive) {
        let mut values = BTreeSet::new();
        for (batch, at, record, _) in facts::rows(gathered, &entity.name)? {
            let value = Texts::of(batch, property)?.owned(at);
            if records.contains(&record) && !value.is_empty() {
                values.insert(value);
            }
        }
        if values.len() > 1 {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county::{id_no, person, records};

    fn pair(left: i64, right: i64, weight: f64) -> KeptPair {
        KeptPair { left, right, key: String::new(), levels: String::new(), weight, posterior: 0.9 }
    }

    fn of(pairs: &[KeptPair]) -> Option<Seam> {
        let ids = [id_no("1985-03-07", 1), id_no("1985-03-07", 2)];
        let rows =
            records(&[(1, &[("id_no", &ids[0])]), (2, &[("id_no", &ids[0])]), (3, &[("id_no", &ids[1])]), (4, &[("name", "王小明")])]);
        let gathered = Gathered { records: vec![("person".to_owned(), rows)], ..Gathered::default() };
        seam(&person(), &gathered, &[1, 2, 3, 4], pairs).unwrap()
    }

    #[test]
    fn it_comes_apart_where_it_is_weakest_and_everything_between_is_told() {
        let found = of(&[pair(2, 3, 4.0), pair(3, 4, 9.0), pair(1, 4, 2.0)]).unwrap();
        assert_eq!((found.left, found.right, found.pairs, found.second_person), (vec![1, 2], vec![3, 4], 4, true));
        assert_eq!(found.links.iter().map(|tie| (tie.left, tie.right)).collect::<Vec<_>>(), [(2, 3), (1, 4)]);
    }

    #[test]
    fn what_is_not_seen_is_not_guessed() {
        assert_eq!(of(&[pair(3, 4, 9.0)]), None, "something else ties them, which was not gathered");
    }
}
