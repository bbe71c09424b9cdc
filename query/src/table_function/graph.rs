//! The graph as whoever asks sees it: its file, through the rights that they have on `graph.edge`. What is kept back there is not here, so no
//! path leads through it and no count, hub or limit tells of it. Where rights say more than a view of the file can, nothing is walked. What
//! stands on an edge, beside whom it ties and which row says so, is asked of the table.

use super::{Ask, argument::Arguments};
use crate::{
    Error,
    barrier::Protected,
    rights::{Seen, Which},
    shape::{Owner, Shape, Trace},
};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, cast::AsArray as _, types::Int64Type};
use arrow_schema::Schema;
use futures::{TryStreamExt as _, future::BoxFuture};
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};
use wuwei_graph::csr::{self, Budget, Direction, Graph, Limits, Set, View};
use wuwei_schema::history;

/// Entities that one walk visits.
pub(super) const VISITED: usize = 200_000;
/// Edges that one walk looks at.
pub(super) const LOOKED_AT: usize = 2_000_000;
/// Numbers named in one question: so many are looked up at once.
pub(super) const NAMED: usize = 250;
/// Columns by which a walk goes, and of which it says what the graph's file keeps; were one of them masked, it would tell what stands below the
/// mask.
const WALKED_BY: [&str; 10] =
    ["relation", "source", "source_type", "target", "target_type", "department", "extract", "batch", "sheet", "row"];

/// Opens it, when a walk begins.
pub(crate) type Opening = dyn Fn() -> BoxFuture<'static, Result<SeenGraph, Error>> + Send + Sync;

/// The graph, and what of it there is.
pub(crate) struct SeenGraph {
    pub(super) file: Graph,
    departments: Set,
    dated: Set,
    sees: Box<dyn Fn(u32) -> bool + Send + Sync>,
    /// Whether old numbers may be followed.
    redirects: bool,
}

impl SeenGraph {
    /// What of a graph is seen by whom the rows of `graph.edge` are `seen`.
    ///
    /// # Errors
    /// Rows are kept back by what walks do not know: nothing is walked.
    pub(crate) fn new(
        file: Graph,
        (schema, shape): (&Schema, &Shape),
        seen: &Seen,
        protected: &Protected,
        redirects: bool,
    ) -> Result<SeenGraph, Error> {
        let Seen { rows, area, clear, minors, types, relations } = seen;
        let clear = |column: &str| schema.index_of(column).ok().and_then(|at| clear.get(at)).cloned().flatten();
        let by_department = matches!(shape.owner, Owner::Column(at) if schema.field(at).name() == "department");
        let is_more = area.is_some()
            || relations.is_some()
            || *rows != Which::All && !by_department
            || shape.born.is_some() && *minors != Which::All
            || shape.traces.iter().any(|trace| !matches!(trace, Trace::Entity(_)))
            || WALKED_BY.into_iter().any(|column| clear(column).is_some());
        if is_more {
            let what = "what whoever asks sees of `graph.edge` cannot be walked over".to_owned();
            return Err(Error::Denied { what, hint: "ask the table itself".to_owned() });
        }
        let known = [clear("since"), clear("until")].map(|which| which.unwrap_or(Which::All));
        let departments = file.departments_where(|name| rows.has(name));
        let dated = file.departments_where(|name| known.iter().all(|which| which.has(name)));
        let hidden: HashSet<u32> = protected.restricted.entities.iter().filter_map(|entity| file.node(entity)).collect();
        let kinds: Option<Vec<(u32, u32)>> = types
            .as_ref()
            .map(|types| file.types().iter().filter(|kind| types.contains(&kind.name)).map(|kind| (kind.first, kind.end)).collect());
        let is_kind = move |node: u32| kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|(first, end)| (*first..*end).contains(&node)));
        let sees: Box<dyn Fn(u32) -> bool + Send + Sync> = Box::new(move |node| !hidden.contains(&node) && is_kind(node));
        Ok(SeenGraph { file, departments, dated, sees, redirects })
    }

    /// Edges of these relations, of any where none is named, that hold on a day, or at any time; both ways.
    pub(super) fn view(&self, relations: &[String], as_of: Option<&str>) -> View<'_> {
        let relations = match relations {
            [] => Set::ALL,
            some => self.file.relations_where(|name| some.iter().any(|one| one == name)),
        };
        let SeenGraph { departments, dated, sees, .. } = self;
        let during = as_of.and_then(csr::days);
        View { departments: *departments, relations, direction: Direction::Both, during, dated: *dated, sees: &**sees }
    }

    /// The number and type of a node.
    pub(super) fn entity(&self, node: u32) -> (i64, &str) {
        (self.file.entity(node).unwrap_or_default(), self.file.type_of(node).unwrap_or_default())
    }

    /// The name of a relation.
    pub(super) fn relation(&self, number: u8) -> &str {
        self.file.relations().get(usize::from(number)).map_or("", String::as_str)
    }

    /// Which row asserts an edge.
    pub(super) fn said(&self, edge: &csr::Edge) -> Said<'_> {
        let source = self.file.source(edge.evidence);
        let department = self.file.departments().get(usize::from(edge.department)).map_or("", String::as_str);
        Said {
            department,
            extract: source.map_or("", |source| &source.extract),
            batch: source.map_or("", |source| &source.batch),
            sheet: source.map(|source| source.sheet.as_str()).filter(|sheet| !sheet.is_empty()),
            // What has no room there is told as the greatest.
            row: Some(edge.row).filter(|row| *row != u32::MAX).map(i64::from),
        }
    }

    /// The node of an entity, by the number that it has or had.
    pub(super) async fn node(&self, ask: &Arc<Ask>, entity: i64) -> Result<Option<u32>, Error> {
        Ok(self.nodes(ask, &BTreeSet::from([entity])).await?.into_values().next())
    }

    /// The nodes of entities, by the numbers that they have or had; who has no edge has no node.
    pub(super) async fn nodes(&self, ask: &Arc<Ask>, entities: &BTreeSet<i64>) -> Result<BTreeMap<i64, u32>, Error> {
        let mut nodes: BTreeMap<i64, u32> = entities.iter().filter_map(|entity| Some((*entity, self.file.node(*entity)?))).collect();
        let former: Vec<i64> = entities.iter().filter(|entity| self.redirects && !nodes.contains_key(entity)).copied().collect();
        for some in former.chunks(NAMED) {
            let question = format!("SELECT from_id, to_id FROM {} WHERE from_id IN ({})", history::REDIRECT, listed(some));
            for batch in ask(question).await?.try_collect::<Vec<RecordBatch>>().await? {
                let [from, to] = [0, 1].map(|at| batch.column(at).as_primitive::<Int64Type>().clone());
                let led = from.iter().zip(&to).filter_map(|(from, to)| Some((from?, self.file.node(to?)?)));
                nodes.extend(led);
            }
        }
        Ok(nodes)
    }
}

/// The row that asserts an edge, as the graph's file keeps it. When the edge holds is not told out of it, since days there are those that are told
/// apart, not what the source says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said<'g> {
    department: &'g str,
    extract: &'g str,
    batch: &'g str,
    sheet: Option<&'g str>,
    row: Option<i64>,
}

/// The columns that [`with_row`](super::edges::with_row) adds; NULL where there is no edge.
pub(super) fn rows<'g>(said: impl Iterator<Item = Option<Said<'g>>> + Clone) -> [ArrayRef; 5] {
    let text = |of: fn(Said<'g>) -> Option<&'g str>| Arc::new(said.clone().map(|said| of(said?)).collect::<StringArray>()) as ArrayRef;
    let [department, extract, batch, sheet] =
        [text(|said| Some(said.department)), text(|said| Some(said.extract)), text(|said| Some(said.batch)), text(|said| said.sheet)];
    [department, extract, batch, sheet, Arc::new(said.map(|said| said?.row).collect::<Int64Array>())]
}

/// Numbers with commas between.
pub(super) fn listed(numbers: &[i64]) -> String {
    numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

/// How far a walk goes, with the most neighbours at this place of its arguments.
pub(super) fn limits(given: &Arguments, degree: usize, hops: i64, results: usize) -> Limits {
    let degree = given.number(degree).and_then(|degree| u32::try_from(degree).ok()).unwrap_or(u32::MAX);
    limits_of(degree, u8::try_from(hops).unwrap_or(u8::MAX), results)
}

pub(super) fn limits_of(degree: u32, hops: u8, results: usize) -> Limits {
    Limits { hops, degree, visited: LOOKED_AT, results }
}

/// Refuses what a limit ended, but that of hops, which was asked for.
pub(super) fn ended(hit: Option<Budget>, looked_at: usize, results: &str) -> Result<(), Error> {
    let hint = "fewer hops, fewer relations by `types`, or a day by `as_of`";
    match hit {
        Some(Budget::Visited) => Err(Error::Limit { limit: format!("{looked_at} edges looked at"), hint }),
        Some(Budget::Results) => Err(Error::Limit { limit: results.to_owned(), hint }),
        Some(Budget::Hops) | None => Ok(()),
    }
}
