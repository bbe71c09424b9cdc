//! A pattern as it was written: paths of vertices and edges, conditions, columns. What its names stand for is not looked at here.

use datafusion::sql::sqlparser::tokenizer::{Location, TokenWithSpan};

/// Paths of one pattern.
pub(super) const PATHS: usize = 4;
/// Edges of one path.
pub(super) const EDGES: usize = 8;
/// Repetitions of one edge.
pub(super) const HOPS: usize = 4;
/// Columns of one pattern.
pub(super) const COLUMNS: usize = 64;

/// `GRAPH_TABLE (…)`.
#[derive(Debug)]
pub(super) struct GraphTable {
    pub(super) graph: Name,
    pub(super) paths: Vec<Path>,
    /// What holds of the whole; none where there are no words.
    pub(super) condition: Words,
    pub(super) columns: Vec<Column>,
}

/// `p = ANY SHORTEST (…)-[…]->(…)`.
#[derive(Debug)]
pub(super) struct Path {
    pub(super) variable: Option<Name>,
    pub(super) is_shortest: bool,
    pub(super) first: Element,
    pub(super) steps: Vec<(Edge, Element)>,
}

/// `variable IS label|label WHERE condition`, of a vertex or an edge.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) at: Location,
    pub(super) variable: Option<Name>,
    pub(super) labels: Vec<Name>,
    pub(super) condition: Words,
}

/// An edge between two vertices.
#[derive(Debug)]
pub(super) struct Edge {
    pub(super) element: Element,
    pub(super) direction: Direction,
    /// How often at least and at most, where a quantifier says so.
    pub(super) hops: Option<(usize, usize)>,
}

/// Where an edge leads, as one reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Right,
    Left,
    Either,
}

/// `expression AS name`.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) expression: Words,
    pub(super) name: Name,
}

/// A name as SQL takes it: without quotes, capitals of ASCII are small letters.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) at: Location,
}

/// Words of an expression, blanks left out.
pub(super) type Words = Vec<TokenWithSpan>;
