//! What stands on edges of the graph, as whoever asks sees it: asked of the table by numbers, which are looked up there.

use super::{
    Ask,
    graph::{NAMED, listed},
};
use crate::Error;
use arrow_array::{Array as _, ArrayRef, Int64Array, RecordBatch, StringArray, cast::AsArray as _, types::Int64Type};
use arrow_cast::cast;
use arrow_schema::DataType;
use futures::TryStreamExt as _;
use std::{collections::BTreeSet, sync::Arc};
use wuwei_schema::history;

/// The columns of `graph.edge` that are asked for.
const COLUMNS: [&str; 12] =
    ["relation", "source", "source_type", "target", "target_type", "since", "until", "department", "extract", "batch", "sheet", "row"];
/// What every walk reads.
pub(crate) const READS: &[(&str, &[&str])] = &[("graph.edge", &COLUMNS), (history::REDIRECT, &["from_id", "to_id"])];

/// Columns, and behind them which row of which file asserts an edge.
macro_rules! with_row {
    [$($column:expr),* $(,)?] => {
        &[
            $($column,)*
            ("department", DataType::Utf8),
            ("extract", DataType::Utf8),
            ("batch", DataType::Utf8),
            ("sheet", DataType::Utf8),
            ("row", DataType::Int64),
        ]
    };
}
pub(super) use with_row;

/// Columns, and behind them what says when an edge holds and which row of which file asserts it.
macro_rules! with_evidence {
    [$($column:expr),* $(,)?] => { $crate::table_function::edges::with_row![$($column,)* ("since", DataType::Utf8), ("until", DataType::Utf8)] };
}
pub(super) use with_evidence;

/// Edges that one walk holds at once.
const HELD: usize = 1_000_000;

/// An edge, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge {
    pub(super) relation: Arc<str>,
    pub(super) source: i64,
    pub(super) target: i64,
    pub(super) source_type: Arc<str>,
    pub(super) target_type: Arc<str>,
    pub(super) since: Option<Arc<str>>,
    pub(super) until: Option<Arc<str>>,
    pub(super) department: Arc<str>,
    pub(super) extract: Arc<str>,
    pub(super) batch: Arc<str>,
    pub(super) sheet: Option<Arc<str>>,
    pub(super) row: i64,
}

/// The columns that [`with_evidence`] adds.
pub(super) fn evidence<'a>(edges: impl Iterator<Item = &'a Edge> + Clone) -> impl Iterator<Item = ArrayRef> {
    let text = |of: fn(&Edge) -> Option<&Arc<str>>| Arc::new(edges.clone().map(of).collect::<StringArray>()) as ArrayRef;
    let texts = [
        text(|edge| edge.since.as_ref()),
        text(|edge| edge.until.as_ref()),
        text(|edge| Some(&edge.department)),
        text(|edge| Some(&edge.extract)),
        text(|edge| Some(&edge.batch)),
        text(|edge| edge.sheet.as_ref()),
    ];
    let row: ArrayRef = Arc::new(Int64Array::from_iter_values(edges.map(|edge| edge.row)));
    texts.into_iter().chain([row])
}

/// Which edges are asked for.
#[derive(Clone)]
pub(super) struct Edges {
    pub(super) ask: Arc<Ask>,
    /// All where none is named.
    pub(super) relations: Vec<String>,
    /// A day on which they hold; none for those of any time.
    pub(super) as_of: Option<String>,
}

impl Edges {
    /// Hands each edge one of whose ends, `source` or `target`, is one of the entities to `take`, in whatever order they come.
    pub(super) async fn at(
        &self,
        end: &str,
        entities: &BTreeSet<i64>,
        mut take: impl FnMut(Edge) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let entities: Vec<i64> = entities.iter().copied().collect();
        for some in entities.chunks(NAMED) {
            self.each(&format!("{end} IN ({})", listed(some)), &mut take).await?;
        }
        Ok(())
    }

    /// Hands each edge between the two of one of the pairs, each the smaller first, to `take`, whichever way it leads.
    pub(super) async fn between(&self, pairs: &BTreeSet<(i64, i64)>, mut take: impl FnMut(Edge) -> Result<(), Error>) -> Result<(), Error> {
        let pairs: Vec<(i64, i64)> = pairs.iter().copied().collect();
        for some in pairs.chunks(NAMED / 2) {
            let ends: BTreeSet<i64> = some.iter().flat_map(|pair| [pair.0, pair.1]).collect();
            let ends = listed(&ends.into_iter().collect::<Vec<_>>());
            let of_some = |edge: Edge| match some.binary_search(&pair(edge.source, edge.target)) {
                Ok(_) => take(edge),
                Err(_) => Ok(()),
            };
            self.each(&format!("source IN ({ends}) AND target IN ({ends})"), of_some).await?;
        }
        Ok(())
    }

    async fn each(&self, condition: &str, mut take: impl FnMut(Edge) -> Result<(), Error>) -> Result<(), Error> {
        let mut known = BTreeSet::new();
        let mut batches = (self.ask)(self.question(condition)).await?;
        while let Some(batch) = batches.try_next().await? {
            let columns = Columns::of(&batch)?;
            for row in (0..batch.num_rows()).filter(|row| self.holds(&columns, *row)) {
                take(columns.edge(row, &mut known))?;
            }
        }
        Ok(())
    }

    fn question(&self, condition: &str) -> String {
        let columns = COLUMNS.map(|column| format!("\"{column}\"")).join(", ");
        // Names of relations are the model's, and were looked up in it.
        let relations: Vec<String> = self.relations.iter().map(|relation| format!("'{}'", relation.replace('\'', "''"))).collect();
        let of = if relations.is_empty() { String::new() } else { format!(" AND relation IN ({})", relations.join(", ")) };
        format!("SELECT {columns} FROM graph.edge WHERE {condition}{of}")
    }

    fn holds(&self, columns: &Columns, row: usize) -> bool {
        let Some(day) = &self.as_of else { return true };
        let text = |column: &StringArray| column.is_valid(row).then(|| column.value(row).to_owned());
        let (since, until) = (text(&columns.texts[3]), text(&columns.texts[4]));
        not_after(since.as_deref(), Some(day)) && not_after(Some(day), until.as_deref())
    }
}

/// Two numbers, the smaller first.
pub(super) fn pair(one: i64, other: i64) -> (i64, i64) {
    (one.min(other), one.max(other))
}

/// Whether there may be so many edges.
pub(super) fn held(edges: usize) -> Result<(), Error> {
    match edges > HELD {
        true => {
            Err(Error::Limit { limit: format!("{HELD} edges held at once"), hint: "name fewer relations by `types`, or a day by `as_of`" })
        }
        false => Ok(()),
    }
}

/// Whether a date is not behind another, as far as both are exact. One that is open, or is no date that whoever asks sees, is behind nothing.
pub(super) fn not_after(first: Option<&str>, second: Option<&str>) -> bool {
    let known = |text: &&str| text.starts_with(|letter: char| letter.is_ascii_digit());
    let (Some(first), Some(second)) = (first.filter(known), second.filter(known)) else { return true };
    let length = first.len().min(second.len());
    first.get(..length) <= second.get(..length)
}

struct Columns {
    source: Int64Array,
    target: Int64Array,
    row: Int64Array,
    /// relation, source_type, target_type, since, until, department, extract, batch, sheet.
    texts: [StringArray; 9],
}

impl Columns {
    fn of(batch: &RecordBatch) -> Result<Columns, Error> {
        let odd = |_| Error::Engine { detail: "an edge has columns of another type" };
        let number =
            |at: usize| cast(batch.column(at), &DataType::Int64).map_err(odd).map(|column| column.as_primitive::<Int64Type>().clone());
        let text = |at: usize| cast(batch.column(at), &DataType::Utf8).map_err(odd).map(|column| column.as_string::<i32>().clone());
        let texts = [text(0)?, text(2)?, text(4)?, text(5)?, text(6)?, text(7)?, text(8)?, text(9)?, text(10)?];
        Ok(Columns { source: number(1)?, target: number(3)?, row: number(11)?, texts })
    }

    /// `known` are the texts that came already: most of them come again and again.
    fn edge(&self, row: usize, known: &mut BTreeSet<Arc<str>>) -> Edge {
        let mut text = |at: usize| -> Option<Arc<str>> {
            let column = &self.texts[at];
            let text = column.is_valid(row).then(|| column.value(row))?;
            if let Some(known) = known.get(text) {
                return Some(Arc::clone(known));
            }
            let new: Arc<str> = Arc::from(text);
            if known.len() < HELD / 10 {
                known.insert(Arc::clone(&new));
            }
            Some(new)
        };
        let mut sure = |at: usize| text(at).unwrap_or_default();
        let [relation, source_type, target_type, department, extract, batch] = [0, 1, 2, 5, 6, 7].map(&mut sure);
        let [since, until, sheet] = [3, 4, 8].map(&mut text);
        let (source, target, row) = (self.source.value(row), self.target.value(row), self.row.value(row));
        Edge { relation, source, target, source_type, target_type, since, until, department, extract, batch, sheet, row }
    }
}
