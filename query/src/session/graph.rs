//! The graph before one asker: opened by the rights that they have on its edges, and looked at around one entity.

use super::{Session, day};
use crate::{
    Error,
    constant::BEIJING_MS,
    guard::Names as _,
    rights::Sight,
    table_function::{Around, AsOf, Opening, READS, SeenGraph, Surroundings, surroundings},
};
use arrow_array::{cast::AsArray as _, types::Int64Type};
use futures::FutureExt as _;
use std::sync::Arc;
use wuwei_graph::csr::{self, Graph};
use wuwei_schema::{history, table};

/// Edges of which a graph is made for one process alone, where there is no file of it.
const MADE: i64 = 1_000_000;

impl Session {
    /// What is around an entity, along those edges that whoever asks sees. It is a part of a look that has [`Session::surroundings_read`] among
    /// its columns.
    ///
    /// # Errors
    /// A relation is unknown to whoever asks, or the graph cannot be walked.
    pub async fn surroundings(&self, wanted: Around, at_ms: i64) -> Result<Surroundings, Error> {
        let known = self.visible().relations()?.unwrap_or_default();
        if let Some(name) = wanted.relations.iter().find(|name| !known.contains(name)) {
            return Err(Error::unknown("relation", name, known.iter().map(String::as_str)));
        }
        let as_of = match &wanted.as_of {
            AsOf::Today => Some(day(at_ms + BEIJING_MS)),
            AsOf::Day(day) => Some(day.clone()),
            AsOf::Any => None,
        };
        surroundings(&self.asks(at_ms), &self.graph(at_ms), wanted, as_of).await
    }

    /// The columns that a look at what is around an entity reads, each with its table.
    pub fn surroundings_read() -> Vec<String> {
        let of = |(table, columns): &(&str, &[&str])| columns.iter().map(|column| format!("{table}.{column}")).collect::<Vec<_>>();
        READS.iter().flat_map(of).collect()
    }

    /// Opens the graph as whoever asks sees it.
    pub(super) fn graph(&self, at_ms: i64) -> Arc<Opening> {
        let session = self.clone();
        Arc::new(move || {
            let session = session.clone();
            async move { session.seen_graph(at_ms).await }.boxed()
        })
    }

    async fn seen_graph(&self, at_ms: i64) -> Result<SeenGraph, Error> {
        let visible = self.visible();
        let (Some(Sight::Rows(seen)), Some(shape)) =
            (self.rights.sight(&self.catalogue, table::EDGE)?, self.catalogue.shapes.get(table::EDGE))
        else {
            return Err(Error::unknown("table", table::EDGE, visible.names()?.iter().map(String::as_str)));
        };
        let protected = self.protected(&format!("SELECT source FROM {}", table::EDGE), at_ms).await?;
        let redirects = visible.schema(history::REDIRECT)?.is_some();
        let made = || async { self.program().made_graph(at_ms).await };
        let file = self.catalogue.graph.get_or_try_init(made).await?.clone();
        SeenGraph::new(file, (&table::edge_schema(), shape), &seen, &protected, redirects)
    }

    /// The graph of few edges, where there is no file of it.
    async fn made_graph(&self, at_ms: i64) -> Result<Graph, Error> {
        let counted = self.own(&format!("SELECT count(*) FROM {}", table::EDGE), at_ms).await?;
        let edges: i64 = counted.iter().flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().iter().flatten()).sum();
        if edges > MADE {
            return Err(Error::Limit { limit: format!("{MADE} edges without the file of the graph"), hint: "`wuwei refresh` makes it" });
        }
        let columns = csr::COLUMNS.map(|column| format!("\"{column}\"")).join(", ");
        let edges = self.own(&format!("SELECT {columns} FROM {}", table::EDGE), at_ms).await?;
        Graph::made(&edges).map_err(|_| Error::Engine { detail: "edges make no graph" })
    }
}
