//! What the graph promises: it says what edges say, walks say what a plain search over those edges says, what is not in view might as well not
//! be there, and no bytes end the program. `oracle` is the plain search, `bytes` is about the file, `changes` about what lies over it.

mod bytes;
mod changes;
mod oracle;
mod walks;

use super::{Built, Edge, Graph, Options, build};
use crate::Error;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_buffer::Buffer;
use arrow_schema::ArrowError;
use std::sync::Arc;
use wuwei_schema::table;

/// A row of `graph.edge`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    relation: &'static str,
    source: i64,
    target: i64,
    since: Option<&'static str>,
    until: Option<&'static str>,
    department: &'static str,
    row: i64,
}

const RELATIONS: [&str; 3] = ["lives_at", "owns", "spouse"];
const DEPARTMENTS: [&str; 3] = ["civil", "health", "police"];
const DAYS: [Option<&str>; 4] = [None, Some("2020-05-01"), Some("2021"), Some("2022-07")];

fn mix(mut hash: u64) -> u64 {
    hash = (hash ^ hash >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ hash >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ hash >> 31
}

/// Edges at random: some parallel, some loops, the smaller the number of an entity the more it has.
pub(super) fn rows(seed: u64, entities: u64, edges: u64) -> Vec<Row> {
    let row = |at: u64| {
        let dice = |what: u64, sides: u64| mix((seed << 40) ^ (at * 8 + what)) % sides;
        let pick = |what: u64| usize::try_from(dice(what, 1 << 20)).unwrap();
        let entity = |what: u64| i64::try_from(dice(what, entities) * dice(what + 1, entities) / entities).unwrap() * 3 - 5;
        let source = entity(0);
        Row {
            relation: RELATIONS[pick(6) % 3],
            source,
            target: if dice(2, 20) == 0 { source } else { entity(3) },
            since: DAYS[pick(5) % 4],
            until: DAYS[pick(7) % 7 % 4].filter(|_| dice(4, 3) == 0),
            department: DEPARTMENTS[pick(6) / 3 % 3],
            row: i64::try_from(dice(1, 50)).unwrap(),
        }
    };
    (0..edges).map(|at| row(at - u64::from(at % 7 == 1))).collect()
}

/// Every third entity is a place.
fn type_of(entity: i64) -> &'static str {
    ["person", "place", "person"][usize::try_from(entity.rem_euclid(9) / 3).unwrap()]
}

pub(super) fn batch(rows: &[Row]) -> RecordBatch {
    let text = |of: fn(&Row) -> Option<&'static str>| -> ArrayRef { Arc::new(rows.iter().map(of).collect::<StringArray>()) };
    let number = |of: fn(&Row) -> i64| -> ArrayRef { Arc::new(rows.iter().map(|row| Some(of(row))).collect::<Int64Array>()) };
    let columns = vec![
        text(|row| Some(row.relation)),
        number(|row| row.source),
        text(|row| Some(type_of(row.source))),
        number(|row| row.target),
        text(|row| Some(type_of(row.target))),
        text(|row| row.since),
        text(|row| row.until),
        text(|_| None),
        text(|row| Some(row.department)),
        text(|row| Some(if row.row % 2 == 0 { "even" } else { "odd" })),
        text(|_| Some("9000000000000001")),
        text(|row| Some("Sheet1").filter(|_| row.row % 3 == 0)),
        number(|row| row.row),
    ];
    RecordBatch::try_new(table::edge_schema(), columns).unwrap()
}

fn file(rows: &[Row], options: &Options) -> Result<(Built, Vec<u8>), Error> {
    let mut file = Vec::new();
    let read = |_: &[&str]| Ok::<_, Error>(rows.chunks(97).map(batch).map(Ok::<_, ArrowError>).collect::<Vec<_>>().into_iter());
    let built = build(read, options, |position, bytes: &[u8]| {
        let from = usize::try_from(position).unwrap();
        file.resize(file.len().max(from + bytes.len()), 0);
        file[from..from + bytes.len()].copy_from_slice(bytes);
        Ok(())
    })?;
    Ok((built, file))
}

pub(super) fn graph(rows: &[Row]) -> Graph {
    let (built, file) = file(rows, &Options::new(7)).unwrap();
    assert_eq!(built.bytes, file.len() as u64);
    let graph = Graph::open(Buffer::from_vec(file)).unwrap();
    graph.verify().unwrap();
    graph
}

/// An edge in words, so that two graphs can be compared.
type Said = (Option<i64>, Option<i64>, String, String, [u16; 2], [String; 3], u32);

fn said(graph: &Graph, edge: &Edge) -> Said {
    let source = graph.source(edge.evidence).unwrap();
    assert_eq!(source.department, edge.department);
    (
        graph.entity(edge.source),
        graph.entity(edge.target),
        graph.relations()[usize::from(edge.relation)].clone(),
        graph.departments()[usize::from(edge.department)].clone(),
        [edge.since, edge.until],
        [source.extract.clone(), source.batch.clone(), source.sheet.clone()],
        edge.row,
    )
}
