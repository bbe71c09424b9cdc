//! The shortest paths between two entities, walked from both ends at once: each level goes on where fewer entities wait.

use super::{
    Ask, TableFunction,
    argument::{Argument, Arguments, Otherwise, Takes},
    edges::{Edge, Edges, READS},
    made,
    neighbours::{AS_OF, DEGREE, TYPES, begun},
    walk::Walk,
};
use crate::Error;
use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow_schema::DataType;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Paths that are listed.
const PATHS: usize = 1_000;
/// Entities on all of them.
const ENTITIES: usize = 4_000;

const ARGUMENTS: &[Argument] = &[
    Argument { name: "a", takes: Takes::Entity, otherwise: Otherwise::Wanted },
    Argument { name: "b", takes: Takes::Entity, otherwise: Otherwise::Wanted },
    Argument { name: "max_hops", takes: Takes::Count(12), otherwise: Otherwise::Number(6) },
    TYPES,
    AS_OF,
    DEGREE,
];

const COLUMNS: &[(&str, DataType)] = &[
    ("path", DataType::Int64),
    ("step", DataType::Int64),
    ("from_id", DataType::Int64),
    ("from_entity", DataType::Utf8),
    ("to_id", DataType::Int64),
    ("to_entity", DataType::Utf8),
    ("relation", DataType::Utf8),
    ("is_forward", DataType::Boolean),
    ("since", DataType::Utf8),
    ("until", DataType::Utf8),
    ("department", DataType::Utf8),
    ("extract", DataType::Utf8),
    ("batch", DataType::Utf8),
    ("sheet", DataType::Utf8),
    ("row", DataType::Int64),
    ("edges", DataType::Int64),
];

pub(super) const FUNCTION: TableFunction = TableFunction {
    name: "shortest_path",
    zh: "两个实体之间的一条最短路径（不论关系方向），每步一行，附依据的来源行；同样短的多条中取实体号最小者；步数不超过 max_hops（最多 12）；边数超过 max_degree 的实体不经过；没有路径则无行",
    en: "One shortest path between two entities, whatever way relations lead, a row a step with the source row that says so; of several the one of the smallest numbers; within `max_hops` steps, 12 at most; not through what has more edges than `max_degree`; no row where there is no path",
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
    let (Some(a), Some(b)) = (given.number(0), given.number(1)) else { return rows(&[], &BTreeMap::new()) };
    let hops = given.number(2).and_then(|hops| usize::try_from(hops).ok()).unwrap_or(1);
    let walks = [a, b].map(|end| begun(Arc::clone(&ask), &given, end, [3, 4, 5]));
    let Some(onward) = met(walks, hops).await? else { return rows(&[], &BTreeMap::new()) };
    let paths = listed(&onward, a, b, most)?;
    let on_paths: BTreeSet<i64> = paths.iter().flatten().copied().collect();
    if on_paths.len() > ENTITIES {
        return Err(Error::Limit {
            limit: format!("{ENTITIES} entities on paths"),
            hint: "ask for one path, or name relations by `types`",
        });
    }
    let edges = Edges { ask, relations: given.names(3), as_of: given.text(4).map(str::to_owned) };
    rows(&paths, &between(&edges, &paths, &on_paths).await?)
}

/// Where one goes on from each entity on a shortest path, from the first end to the second; none where they do not meet.
async fn met([mut a, mut b]: [Walk; 2], hops: usize) -> Result<Option<BTreeMap<i64, BTreeSet<i64>>>, Error> {
    loop {
        let meeting: Vec<i64> = a.frontier.intersection(&b.frontier).copied().collect();
        if !meeting.is_empty() {
            let mut onward = BTreeMap::<i64, BTreeSet<i64>>::new();
            back(&a, &meeting, |before, after| step(&mut onward, before, after));
            back(&b, &meeting, |after, before| step(&mut onward, before, after));
            return Ok(Some(onward));
        }
        if a.level + b.level == hops || a.frontier.is_empty() || b.frontier.is_empty() {
            return Ok(None);
        }
        if a.frontier.len() <= b.frontier.len() { a.step().await? } else { b.step().await? }
    }
}

fn step(onward: &mut BTreeMap<i64, BTreeSet<i64>>, before: i64, after: i64) {
    onward.entry(before).or_default().insert(after);
}

/// Tells every step of a walk that led to one of these.
fn back(walk: &Walk, to: &[i64], mut step: impl FnMut(i64, i64)) {
    let (mut open, mut seen) = (to.to_vec(), BTreeSet::new());
    while let Some(reached) = open.pop() {
        if !seen.insert(reached) {
            continue;
        }
        for from in walk.visited.get(&reached).into_iter().flat_map(|visited| &visited.from) {
            step(*from, reached);
            open.push(*from);
        }
    }
}

/// The paths in order of the numbers of their entities.
fn listed(onward: &BTreeMap<i64, BTreeSet<i64>>, a: i64, b: i64, most: usize) -> Result<Vec<Vec<i64>>, Error> {
    let (mut paths, mut open) = (Vec::new(), vec![vec![a]]);
    while let Some(path) = open.pop() {
        let last = path.last().copied().unwrap_or(a);
        if last == b {
            // One path is a path of no step: there is nothing to tell.
            paths.extend(Some(path).filter(|path| path.len() > 1));
        } else {
            let next = onward.get(&last).into_iter().flatten().rev();
            open.extend(next.map(|next| path.iter().copied().chain([*next]).collect()));
        }
        if paths.len() == most && most == 1 {
            break;
        }
        if paths.len() > most {
            return Err(Error::Limit {
                limit: format!("{most} shortest paths"),
                hint: "ask for one by `shortest_path`, or name relations by `types`",
            });
        }
    }
    Ok(paths)
}

type Pair = (i64, i64);

/// Of each step the first edge in order, and how many there are.
async fn between(edges: &Edges, paths: &[Vec<i64>], entities: &BTreeSet<i64>) -> Result<BTreeMap<Pair, (Edge, i64)>, Error> {
    let wanted: BTreeSet<Pair> =
        paths.iter().flat_map(|path| path.windows(2)).map(|step| (step[0].min(step[1]), step[0].max(step[1]))).collect();
    let mut found = BTreeMap::<Pair, (Edge, i64)>::new();
    let take = |edge: Edge| {
        let pair = (edge.source.min(edge.target), edge.source.max(edge.target));
        if wanted.contains(&pair) {
            let (first, count) = found.entry(pair).or_insert_with(|| (edge.clone(), 0));
            *count += 1;
            if edge < *first {
                *first = edge;
            }
        }
        Ok(())
    };
    edges.each(entities, take).await?;
    Ok(found)
}

/// A step of a path: the path's number, its own, from where to where, the edge that is shown of it, and how many edges there are.
type Step<'a> = (i64, i64, [i64; 2], &'a Edge, i64);

fn rows(paths: &[Vec<i64>], edges: &BTreeMap<Pair, (Edge, i64)>) -> Result<RecordBatch, Error> {
    let step = |(path, step, pair): (usize, usize, [i64; 2])| {
        let (edge, count) = edges.get(&(pair[0].min(pair[1]), pair[0].max(pair[1])))?;
        Some((path as i64 + 1, step as i64 + 1, pair, edge, *count))
    };
    let pairs =
        |(at, path): (usize, &Vec<i64>)| path.windows(2).enumerate().map(|(step, pair)| (at, step, [pair[0], pair[1]])).collect::<Vec<_>>();
    let steps: Vec<_> = paths.iter().enumerate().flat_map(pairs).filter_map(step).collect();
    let number = |of: &dyn Fn(&Step<'_>) -> i64| Arc::new(Int64Array::from_iter_values(steps.iter().map(of))) as ArrayRef;
    let text = |of: &dyn Fn(&Edge, bool) -> Option<Arc<str>>| {
        Arc::new(steps.iter().map(|(_, _, [from, _], edge, _)| of(edge, edge.source == *from)).collect::<StringArray>()) as ArrayRef
    };
    let forward = steps.iter().map(|(_, _, [from, _], edge, _)| Some(edge.source == *from)).collect::<BooleanArray>();
    let columns = vec![
        number(&|step| step.0),
        number(&|step| step.1),
        number(&|step| step.2[0]),
        text(&|edge, forward| Some(Arc::clone(if forward { &edge.source_type } else { &edge.target_type }))),
        number(&|step| step.2[1]),
        text(&|edge, forward| Some(Arc::clone(if forward { &edge.target_type } else { &edge.source_type }))),
        text(&|edge, _| Some(Arc::clone(&edge.relation))),
        Arc::new(forward),
        text(&|edge, _| edge.since.clone()),
        text(&|edge, _| edge.until.clone()),
        text(&|edge, _| Some(Arc::clone(&edge.department))),
        text(&|edge, _| Some(Arc::clone(&edge.extract))),
        text(&|edge, _| Some(Arc::clone(&edge.batch))),
        text(&|edge, _| edge.sheet.clone()),
        number(&|step| step.3.row),
        number(&|step| step.4),
    ];
    made(FUNCTION.columns, columns)
}
