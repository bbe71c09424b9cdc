//! The whole graph as one file that is opened, not loaded: nodes are numbered densely, type by type; each has its edges of both directions
//! side by side, by relation, direction and neighbour, so that a relation is a part of it that is cut out. Walks see what a [`View`] lets them.
//! Who asks, where the file lies and who maps it into memory is not known here.
//!
//! API, kept from here on (`Graph` is cheap to clone and `Send + Sync`):
//! ```text
//! Graph::open(bytes: arrow_buffer::Buffer) -> Result<Graph, Error>          reads the header only
//! Graph::verify(&self) -> Result<(), Error>                                 reads everything: checksums and that it hangs together
//! Graph::nodes(&self) -> u32; edges(&self) -> u64
//! Graph::node(&self, entity: i64) -> Option<u32>                            the node of an entity number (unique over all types)
//! Graph::entity(&self, node: u32) -> Option<i64>
//! Graph::types(&self) -> &[Type { name: String, first: u32, last: u32 }]    contiguous; `type_of(node) -> Option<&str>`
//! Graph::relations(&self) -> &[String]; departments(&self) -> &[String]     position = number in Edge and Set
//! Graph::source(&self, evidence: u32) -> Option<Source<'_> { department, extract, batch, sheet }>
//! neighbours(graph: &Graph, start: u32, view: &View<'_>, limits: &Limits) -> Neighbourhood
//! edges_of(graph: &Graph, node: u32, view: &View<'_>) -> impl Iterator<Item = Edge>       all, parallels and loops too
//! shortest_path(graph, from: u32, to: u32, view, limits) -> Paths           at most one path
//! all_shortest_paths(graph, from, to, view, limits) -> Paths                at most limits.results
//! common_neighbours(graph, left: u32, right: u32, view, limits) -> Commons
//! component(graph, start, view, limits) -> Component                        limits.hops does not count
//! components(graph, view) -> Vec<u32>                                       of each node the smallest of its component, itself where it is not seen
//! ```

pub mod view;
