//! What is tied to what: relations between records become relations between the entities they belong to. Each keeps the row that asserts it,
//! and one that leads to an event begins on its day. Which date of an event that is, and who may see it, is not decided here.

use crate::{
    Error,
    batch::{Texts, integers, text_column},
    column::{Column, narrow, read},
    csr::days,
};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, builder::StringBuilder};
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
    source: i64,
    target: i64,
    /// Of source and target, as [`Belonging`] numbers them.
    types: [u32; 2],
    row: i64,
    at: u32,
    /// When the event came to be that it ties to; [`UNDATED`] where there is none.
    happened: u32,
}

/// Turns relations between records (batches of `record.relation`) into edges between entities. Where a row says nothing of when, and one of its
/// records is of an event whose day is known, that day is the first on which the edge holds; of two events the later.
///
/// # Errors
/// When a column is missing or a source fails.
pub fn link(relations: impl Iterator<Item = Result<RecordBatch, ArrowError>>, belonging: &Belonging) -> Result<Linked, Error> {
    let (mut ends, mut rows): (Vec<(i64, i64)>, Vec<i64>) = (Vec::new(), Vec::new());
    let (texts, _) = read(None, &TEXTS, relations, |batch| {
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
            (Some(source), Some(target)) if source.entity == target.entity => report.loops += 1,
            (Some(source), Some(target)) => ties.push(Tie {
                relation: places[texts[0].ids[at as usize] as usize],
                source: source.entity,
                target: target.entity,
                types: [source.kind, target.kind],
                row,
                at,
                happened: source.happened.max(target.happened),
            }),
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
    Ok(Linked { edge: edges(&ties, &texts, belonging)?, report })
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
    (left.relation, left.source, left.target)
        .cmp(&(right.relation, right.source, right.target))
        .then_with(|| (texts[6].text(left.at), left.row).cmp(&(texts[6].text(right.at), right.row)))
        .then_with(|| said(left.at).cmp(said(right.at)))
}

fn edges(ties: &[Tie], texts: &[Column], belonging: &Belonging) -> Result<RecordBatch, Error> {
    let text = |which: usize| text_column(ties.iter().map(|tie| texts[which].text(tie.at)));
    let number = |of: fn(&Tie) -> i64| -> ArrayRef { Arc::new(Int64Array::from_iter_values(ties.iter().map(of))) };
    let kind = |end: usize| text_column(ties.iter().map(|tie| belonging.types[tie.types[end] as usize].as_str()));
    let columns = vec![
        text(0),
        number(|tie| tie.source),
        kind(0),
        number(|tie| tie.target),
        kind(1),
        since(ties, texts),
        text(2),
        text(3),
        text(4),
        text(5),
        text(6),
        text(7),
        number(|tie| tie.row),
    ];
    Ok(RecordBatch::try_new(table::edge_schema(), columns)?)
}

/// From when each holds: what its row says, and where that says nothing of when at all, since the event came to be.
fn since(ties: &[Tie], texts: &[Column]) -> ArrayRef {
    let mut column = StringBuilder::new();
    for tie in ties {
        match [1, 2].map(|which| texts[which].text(tie.at)) {
            ["", ""] => column.append_option(spelled(tie.happened)),
            [since, _] => column.append_option(Some(since).filter(|since| !since.is_empty())),
        }
    }
    Arc::new(column.finish())
}

/// No date.
const UNDATED: u32 = 0;

/// A date of ISO 8601 that the graph tells from others as one number that sorts as it does: year, month and day, each two zeros where it is
/// not known.
fn packed(date: &str) -> u32 {
    let Some(_) = days(date) else { return UNDATED };
    let digits = date.bytes().filter(u8::is_ascii_digit).map(|digit| u32::from(digit - b'0'));
    (date.len()..10).step_by(3).fold(digits.fold(0, |sum, digit| sum * 10 + digit), |sum, _| sum * 100)
}

fn spelled(packed: u32) -> Option<String> {
    let (year, month, day) = (packed / 10_000, packed / 100 % 100, packed % 100);
    match (year, month, day) {
        (0, ..) => None,
        (_, 0, _) => Some(format!("{year:04}")),
        (_, _, 0) => Some(format!("{year:04}-{month:02}")),
        _ => Some(format!("{year:04}-{month:02}-{day:02}")),
    }
}

/// Which entity, of which type, each record belongs to, and of events when they came to be.
#[derive(Debug, Default)]
pub struct Belonging {
    types: Vec<String>,
    /// By record.
    ends: Vec<End>,
}

/// A record, its entity, the entity's type, and when it came to be.
#[derive(Debug, Clone, Copy)]
struct End {
    record: i64,
    entity: i64,
    kind: u32,
    happened: u32,
}

impl Belonging {
    /// What batches of `graph.link` say of all records.
    ///
    /// # Errors
    /// When a column is missing or a source fails.
    pub fn read(batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>) -> Result<Belonging, Error> {
        let Belonging { mut types, mut ends } = Belonging::default();
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
                ends.push(End { record, entity, kind: narrow(kind), happened: UNDATED });
            }
        }
        ends.sort_unstable_by_key(|end| end.record);
        Ok(Belonging { types, ends })
    }

    /// Takes in when events came to be: batches of `record.<type>` with `record_id` and this column of dates. A date that only says nothing of
    /// a day is none.
    ///
    /// # Errors
    /// When a column is missing or a source fails.
    pub fn happened(&mut self, column: &str, batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>) -> Result<(), Error> {
        for batch in batches {
            let batch = batch?;
            let dates = Texts::of(&batch, column)?;
            for (row, record) in integers(&batch, "record_id")?.values().iter().enumerate() {
                if let (Some(date), Ok(at)) = (dates.get(row), self.ends.binary_search_by_key(record, |end| end.record)) {
                    self.ends[at].happened = packed(&date);
                }
            }
        }
        Ok(())
    }

    fn of(&self, record: i64) -> Option<End> {
        self.ends.binary_search_by_key(&record, |end| end.record).ok().map(|at| self.ends[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county::{batch, link as links, relations};
    use wuwei_schema::Model;

    fn belonging(of: &[(i64, i64)]) -> Belonging {
        Belonging::read(std::iter::once(Ok(links(of)))).unwrap()
    }

    fn linked(ties: &[(&str, i64, i64)], belonging: &Belonging) -> Linked {
        link(std::iter::once(Ok(relations(ties))), belonging).unwrap()
    }

    #[test]
    fn ends_move_to_the_entities_and_the_rest_is_counted() {
        let ties = [("lives_at", 2, 11), ("lives_at", 1, 11), ("spouse", 1, 2), ("spouse", 1, 99)];
        let linked = linked(&ties, &belonging(&[(1, 1), (2, 1), (11, 11)]));
        assert_eq!(integers(&linked.edge, "source").unwrap().values(), &[1, 1]);
        assert_eq!(integers(&linked.edge, "row").unwrap().values(), &[2, 3], "each edge keeps its row");
        assert_eq!((linked.report.read, linked.report.dangling, linked.report.loops), (4, 1, 1));
        assert_eq!(linked.report.edges["lives_at"], 2);
        assert_eq!(linked.edge.schema(), table::edge_schema());
    }
    #[test]
    fn what_leads_to_an_event_begins_with_it_unless_its_row_says_when() {
        let mut belonging = belonging(&[(1, 1), (2, 2), (3, 3), (21, 21), (22, 22), (23, 23)]);
        let event = Model::embedded().unwrap().entity("marriage").unwrap().clone();
        let dated = [(21, "2011-05-20"), (22, "2011-05"), (23, "when it rained")];
        let rows: Vec<_> = dated.map(|(record, date)| (record, [("date".to_owned(), date.to_owned())].into())).into();
        belonging.happened("date", std::iter::once(Ok(batch(&event, &rows)))).unwrap();
        let since = |ties: &[(&str, i64, i64)]| {
            let edge = linked(ties, &belonging).edge;
            let texts = Texts::of(&edge, "since").unwrap();
            (0..edge.num_rows()).map(|row| texts.owned(row)).collect::<Vec<_>>()
        };
        let ties = [("party_to", 1, 21), ("party_to", 1, 22), ("party_to", 1, 23), ("spouse", 1, 2)];
        assert_eq!(since(&ties), ["2011-05-20", "2011-05", "", ""]);
        assert_eq!(since(&[("leads_to", 22, 21)]), ["2011-05-20"], "of two events the later");
        let mut stated = relations(&[("party_to", 1, 21)]);
        let until = stated.schema().index_of("until").unwrap();
        let mut columns = stated.columns().to_vec();
        columns[until] = text_column(std::iter::once("2010-01-01"));
        stated = RecordBatch::try_new(stated.schema(), columns).unwrap();
        let edge = link(std::iter::once(Ok(stated)), &belonging).unwrap().edge;
        assert_eq!(Texts::of(&edge, "since").unwrap().owned(0), "", "its row says when");
    }

    #[test]
    fn dates_are_packed_as_they_sort_and_come_back() {
        let dates = ["1949", "1949-10", "1949-10-01", "2011-05", "2011-05-20"];
        assert!(dates.is_sorted_by_key(|date| packed(date)));
        assert!(dates.iter().all(|date| spelled(packed(date)).as_deref() == Some(*date)));
        assert_eq!(["", "2011-5-2", "2011-05-2x", "unknown"].map(packed), [UNDATED; 4]);
    }
}
