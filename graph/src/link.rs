//! What is tied to what: relations between records become relations between the entities they belong to. Each keeps the row that asserts it.

use crate::{
    Error,
    batch::{Texts, integers, text_column},
    column::{Column, narrow, read},
};
use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_schema::ArrowError;
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};
use wuwei_schema::table;

/// The edges, and what became none.
#[derive(Debug, Clone)]
pub struct Linked {
    /// `graph.edge`, by relation, source, target, batch and row: questions are of a relation or two, and leave the groups of all others out.
    pub edge: RecordBatch,
    /// How it went.
    pub report: LinkReport,
}

/// Relations read are edges, dangling ones and loops.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LinkReport {
    /// Relations read.
    pub read: u64,
    /// Edges, by relation.
    pub edges: BTreeMap<String, u64>,
    /// Relations of which a record has no link.
    pub dangling: u64,
    /// Relations of an entity with itself: two of its records are said to be two.
    pub loops: u64,
}

const TEXTS: [&str; 8] = ["relation", "since", "until", "qualifier", "department", "extract", "batch", "sheet"];

/// A relation whose ends are known.
struct Tie {
    /// Where the relation stands among all by name.
    relation: u32,
    source: (i64, u32),
    target: (i64, u32),
    row: i64,
    at: u32,
}

/// Turns relations between records (batches of `record.relation`) into edges between entities, by the links of all types.
///
/// # Errors
/// When a column is missing or a source fails.
pub fn link(
    relations: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    links: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
) -> Result<Linked, Error> {
    let belonging = Belonging::read(links)?;
    let (mut ends, mut rows): (Vec<(i64, i64)>, Vec<i64>) = (Vec::new(), Vec::new());
    let texts = read(None, &TEXTS, relations, |batch| {
        let targets = integers(batch, "target")?.values();
        ends.extend(integers(batch, "source")?.values().iter().copied().zip(targets.iter().copied()));
        rows.extend(integers(batch, "row")?.values());
        Ok(())
    })?;
    let mut report = LinkReport { read: ends.len() as u64, ..LinkReport::default() };
    let places = places(&texts[0]);
    let mut ties = Vec::new();
    for ((at, (source, target)), row) in (0u32..).zip(ends).zip(rows) {
        match (belonging.of(source), belonging.of(target)) {
            (Some(source), Some(target)) if source == target => report.loops += 1,
            (Some(source), Some(target)) => {
                ties.push(Tie { relation: places[texts[0].ids[at as usize] as usize], source, target, row, at });
            }
            _ => report.dangling += 1,
        }
    }
    ties.sort_unstable_by(|left, right| order(left, right, &texts));
    for tie in &ties {
        let relation = texts[0].text(tie.at);
        match report.edges.get_mut(relation) {
            Some(count) => *count += 1,
            None => drop(report.edges.insert(relation.to_owned(), 1)),
        }
    }
    Ok(Linked { edge: edges(&ties, &texts, &belonging)?, report })
}

/// Of each value where it stands among all.
fn places(column: &Column) -> Vec<u32> {
    let mut values: Vec<u32> = (0..narrow(column.values.len())).collect();
    values.sort_unstable_by_key(|&value| column.values.get(value));
    let mut places = vec![0; values.len()];
    (0u32..).zip(values).for_each(|(place, value)| places[value as usize] = place);
    places
}

fn order(left: &Tie, right: &Tie, texts: &[Column]) -> std::cmp::Ordering {
    let said = |at: u32| texts.iter().map(move |column| column.text(at));
    (left.relation, left.source.0, left.target.0)
        .cmp(&(right.relation, right.source.0, right.target.0))
        .then_with(|| (texts[6].text(left.at), left.row).cmp(&(texts[6].text(right.at), right.row)))
        .then_with(|| said(left.at).cmp(said(right.at)))
}

fn edges(ties: &[Tie], texts: &[Column], belonging: &Belonging) -> Result<RecordBatch, Error> {
    let text = |which: usize| text_column(ties.iter().map(|tie| texts[which].text(tie.at)));
    let entity = |end: fn(&Tie) -> (i64, u32)| -> ArrayRef { Arc::new(ties.iter().map(|tie| Some(end(tie).0)).collect::<Int64Array>()) };
    let kind = |end: fn(&Tie) -> (i64, u32)| text_column(ties.iter().map(|tie| belonging.types[end(tie).1 as usize].as_str()));
    let rows: ArrayRef = Arc::new(ties.iter().map(|tie| Some(tie.row)).collect::<Int64Array>());
    let (source, target) = (|tie: &Tie| tie.source, |tie: &Tie| tie.target);
    let columns = vec![
        text(0),
        entity(source),
        kind(source),
        entity(target),
        kind(target),
        text(1),
        text(2),
        text(3),
        text(4),
        text(5),
        text(6),
        text(7),
        rows,
    ];
    Ok(RecordBatch::try_new(table::edge_schema(), columns)?)
}

/// Which entity, of which type, each record belongs to.
struct Belonging {
    types: Vec<String>,
    links: Vec<(i64, i64, u32)>,
}

impl Belonging {
    fn read(batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>) -> Result<Belonging, Error> {
        let (mut types, mut links): (Vec<String>, Vec<(i64, i64, u32)>) = (Vec::new(), Vec::new());
        for batch in batches {
            let batch = batch?;
            let texts = Texts::of(&batch, "entity")?;
            let entities = integers(&batch, "entity_id")?.values();
            for ((row, &record), &entity) in integers(&batch, "record_id")?.values().iter().enumerate().zip(entities) {
                let name = texts.get(row).unwrap_or_default();
                let known = types.iter().position(|known| *known == name);
                let kind = known.unwrap_or_else(|| {
                    types.push(name.into_owned());
                    types.len() - 1
                });
                links.push((record, entity, narrow(kind)));
            }
        }
        links.sort_unstable();
        Ok(Belonging { types, links })
    }

    fn of(&self, record: i64) -> Option<(i64, u32)> {
        let at = self.links.binary_search_by_key(&record, |link| link.0).ok()?;
        Some((self.links[at].1, self.links[at].2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county::{link as links, relations};

    #[test]
    fn ends_move_to_the_entities_and_the_rest_is_counted() {
        let ties = [("lives_at", 2, 11), ("lives_at", 1, 11), ("spouse", 1, 2), ("spouse", 1, 99)];
        let linked = link(std::iter::once(Ok(relations(&ties))), std::iter::once(Ok(links(&[(1, 1), (2, 1), (11, 11)])))).unwrap();
        assert_eq!(integers(&linked.edge, "source").unwrap().values(), &[1, 1]);
        assert_eq!(integers(&linked.edge, "row").unwrap().values(), &[2, 3], "each edge keeps its row");
        assert_eq!((linked.report.read, linked.report.dangling, linked.report.loops), (4, 1, 1));
        assert_eq!(linked.report.edges["lives_at"], 2);
        assert_eq!(linked.edge.schema(), table::edge_schema());
    }
}
