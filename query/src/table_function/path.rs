//! The shortest paths between two entities, with what says so of each step.

use super::{
    Ask, TableFunction,
    argument::{Argument, Arguments, Otherwise, Takes},
    edges::{Edge, Edges, READS, evidence, pair, with_evidence},
    graph::{LOOKED_AT, ended, limits},
    made,
    neighbours::{AS_OF, DEGREE, TYPES},
};
use crate::Error;
use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow_schema::DataType;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use wuwei_graph::csr;

/// Paths that are listed.
const PATHS: usize = 1_000;

const ARGUMENTS: &[Argument] = &[
    Argument { name: "a", takes: Takes::Entity, otherwise: Otherwise::Wanted },
    Argument { name: "b", takes: Takes::Entity, otherwise: Otherwise::Wanted },
    Argument { name: "max_hops", takes: Takes::Count(12), otherwise: Otherwise::Number(6) },
    TYPES,
    AS_OF,
    DEGREE,
];

const COLUMNS: &[(&str, DataType)] = with_evidence![
    ("path", DataType::Int64),
    ("step", DataType::Int64),
    ("from_id", DataType::Int64),
    ("from_entity", DataType::Utf8),
    ("to_id", DataType::Int64),
    ("to_entity", DataType::Utf8),
    ("relation", DataType::Utf8),
    ("is_forward", DataType::Boolean),
    ("edges", DataType::Int64),
];

pub(super) const FUNCTION: TableFunction = TableFunction {
    name: "shortest_path",
    zh: "两个实体之间的一条最短路径（不论关系方向），每步一行，附依据的来源行；同样短的多条中取其一，每次相同；步数不超过 max_hops（最多 12）；凭一种关系的关联实体超过 max_degree 的，不沿该关系经过；没有路径则无行",
    en: "One shortest path between two entities, whatever way relations lead, a row a step with the source row that says so; of several one, the same each time; within `max_hops` steps, 12 at most; not through what has more neighbours by a relation than `max_degree`, by that relation; no row where there is no path",
    arguments: ARGUMENTS,
    columns: COLUMNS,
    reads: READS,
    reads_as_seen: None,
    rows: |inside, given| Box::pin(paths(inside.ask, given, 1)),
    example: "SELECT s.step, s.from_id, s.relation, s.to_id FROM shortest_path(1001, 1002, max_hops => 4) s ORDER BY s.step",
};

pub(super) const ALL_SHORTEST: TableFunction = TableFunction {
    name: "all_shortest_paths",
    zh: "两个实体之间全部最短路径，path 为序号，参数与列同 shortest_path；两条路径经过的实体不同才算两条，同一步有多条边时取其一，edges 为条数；最多 1000 条",
    en: "All shortest paths between two entities, numbered by `path`; arguments and columns as of `shortest_path`; two paths go over different entities, of several edges of a step one is shown and `edges` says how many; 1,000 at most",
    arguments: ARGUMENTS,
    columns: COLUMNS,
    reads: READS,
    reads_as_seen: None,
    rows: |inside, given| Box::pin(paths(inside.ask, given, PATHS)),
    example: "SELECT count(DISTINCT s.path) FROM all_shortest_paths(1001, 1002) s",
};

async fn paths(ask: Arc<Ask>, given: Arguments, most: usize) -> Result<RecordBatch, Error> {
    let paths = found(&ask, &given, most).await?;
    let edges = Edges { ask, relations: given.names(3), as_of: given.text(4).map(str::to_owned) };
    let steps: BTreeSet<Pair> = paths.iter().flat_map(|path| path.windows(2)).map(|step| pair(step[0], step[1])).collect();
    let mut firsts = BTreeMap::<Pair, (Edge, i64)>::new();
    let take = |edge: Edge| {
        let (first, count) = firsts.entry(pair(edge.source, edge.target)).or_insert_with(|| (edge.clone(), 0));
        *count += 1;
        if edge < *first {
            *first = edge;
        }
        Ok(())
    };
    edges.between(&steps, take).await?;
    rows(&paths, &firsts)
}

/// The paths, each by its entities.
async fn found(ask: &Arc<Ask>, given: &Arguments, most: usize) -> Result<Vec<Vec<i64>>, Error> {
    let (Some(a), Some(b)) = (given.number(0), given.number(1)) else { return Ok(Vec::new()) };
    let graph = given.graph().await?;
    let (Some(from), Some(to)) = (graph.node(ask, a).await?, graph.node(ask, b).await?) else { return Ok(Vec::new()) };
    let view = graph.view(&given.names(3), given.text(4));
    let limits = limits(given, 5, given.number(2).unwrap_or(1), most);
    let search = if most == 1 { csr::shortest_path } else { csr::all_shortest_paths };
    let found = search(&graph.file, from, to, &view, &limits);
    ended(found.hit, LOOKED_AT, &format!("{most} shortest paths"))?;
    let entities = |path: &csr::Path| path.nodes.iter().map(|node| graph.entity(*node).0).collect();
    // Of a path of no step there is nothing to tell.
    Ok(found.paths.iter().filter(|path| path.nodes.len() > 1).map(entities).collect())
}

type Pair = (i64, i64);

/// A step of a path: the path's number, its own, from where to where, the edge that is shown of it, and how many edges there are.
type Step<'a> = (i64, i64, [i64; 2], &'a Edge, i64);

fn rows(paths: &[Vec<i64>], edges: &BTreeMap<Pair, (Edge, i64)>) -> Result<RecordBatch, Error> {
    let step = |(path, step, [from, to]): (usize, usize, [i64; 2])| {
        let (edge, count) = edges.get(&pair(from, to))?;
        Some((path as i64 + 1, step as i64 + 1, [from, to], edge, *count))
    };
    let pairs =
        |(at, path): (usize, &Vec<i64>)| path.windows(2).enumerate().map(|(step, pair)| (at, step, [pair[0], pair[1]])).collect::<Vec<_>>();
    let steps: Vec<Step<'_>> = paths.iter().enumerate().flat_map(pairs).filter_map(step).collect();
    let number = |of: &dyn Fn(&Step<'_>) -> i64| Arc::new(Int64Array::from_iter_values(steps.iter().map(of))) as ArrayRef;
    let text = |of: &dyn Fn(&Edge, bool) -> Arc<str>| {
        Arc::new(StringArray::from_iter_values(steps.iter().map(|(_, _, [from, _], edge, _)| of(edge, edge.source == *from)))) as ArrayRef
    };
    let forward = steps.iter().map(|(_, _, [from, _], edge, _)| Some(edge.source == *from)).collect::<BooleanArray>();
    let mut columns = vec![
        number(&|step| step.0),
        number(&|step| step.1),
        number(&|step| step.2[0]),
        text(&|edge, forward| Arc::clone(if forward { &edge.source_type } else { &edge.target_type })),
        number(&|step| step.2[1]),
        text(&|edge, forward| Arc::clone(if forward { &edge.target_type } else { &edge.source_type })),
        text(&|edge, _| Arc::clone(&edge.relation)),
        Arc::new(forward),
        number(&|step| step.4),
    ];
    columns.extend(evidence(steps.iter().map(|step| step.3)));
    made(COLUMNS, columns)
}
