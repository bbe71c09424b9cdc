//! Edges of the graph as a walk asks for them, and what may be held of them.

use super::Ask;
use crate::Error;
use arrow_array::{Array as _, Int64Array, RecordBatch, StringArray, cast::AsArray as _, types::Int64Type};
use arrow_cast::cast;
use arrow_schema::DataType;
use futures::TryStreamExt as _;
use std::{collections::BTreeSet, sync::Arc};

/// The columns of `graph.edge` that are asked for.
pub(super) const COLUMNS: [&str; 12] =
    ["relation", "source", "source_type", "target", "target_type", "since", "until", "department", "extract", "batch", "sheet", "row"];
/// What every walk reads.
pub(crate) const READS: &[(&str, &[&str])] = &[("graph.edge", &COLUMNS)];

/// Entities whose edges are asked for by their numbers; the edges of more are picked out of all.
const NAMED: usize = 1_000;
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
    /// Hands each edge that one of the entities has to `take`, in whatever order they come; one between two of them once.
    pub(super) async fn each(&self, entities: &BTreeSet<i64>, mut take: impl FnMut(Edge) -> Result<(), Error>) -> Result<(), Error> {
        if entities.is_empty() {
            return Ok(());
        }
        let mut known = BTreeSet::new();
        let mut batches = (self.ask)(self.question(entities)).await?;
        while let Some(batch) = batches.try_next().await? {
            let columns = Columns::of(&batch)?;
            for row in 0..batch.num_rows() {
                let ends = [columns.source.value(row), columns.target.value(row)];
                if ends.iter().any(|end| entities.contains(end)) && self.holds(&columns, row) {
                    take(columns.edge(row, &mut known))?;
                }
            }
        }
        Ok(())
    }

    /// The edges of the entities, in order.
    pub(super) async fn all(&self, entities: &BTreeSet<i64>) -> Result<Vec<Edge>, Error> {
        let mut edges = Vec::new();
        let take = |edge| {
            edges.push(edge);
            held(edges.len())
        };
        self.each(entities, take).await?;
        edges.sort();
        Ok(edges)
    }

    fn question(&self, entities: &BTreeSet<i64>) -> String {
        let columns = COLUMNS.map(|column| format!("\"{column}\"")).join(", ");
        // Names of relations are the model's, and were looked up in it.
        let relations: Vec<String> = self.relations.iter().map(|relation| format!("'{}'", relation.replace('\'', "''"))).collect();
        let of = if relations.is_empty() { String::new() } else { format!(" AND relation IN ({})", relations.join(", ")) };
        if entities.len() > NAMED {
            return format!("SELECT {columns} FROM graph.edge WHERE true{of}");
        }
        let ids = entities.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        // Two questions of one column each can be looked up; one of two cannot.
        format!(
            "SELECT {columns} FROM graph.edge WHERE source IN ({ids}){of} UNION ALL \
             SELECT {columns} FROM graph.edge WHERE target IN ({ids}) AND source NOT IN ({ids}){of}"
        )
    }

    fn holds(&self, columns: &Columns, row: usize) -> bool {
        let Some(day) = &self.as_of else { return true };
        let text = |column: &StringArray| column.is_valid(row).then(|| column.value(row).to_owned());
        let (since, until) = (text(&columns.texts[3]), text(&columns.texts[4]));
        not_after(since.as_deref(), Some(day)) && not_after(Some(day), until.as_deref())
    }
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
