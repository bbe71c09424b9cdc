//! What is around one node, taken out of the whole as a graph of petgraph's: for a picture, and for what petgraph computes of few nodes. Of the
//! whole graph it would be too large. Nothing here says how important somebody is, and nothing should.

use super::{
    Graph,
    neighbours::neighbours,
    view::{Budget, Edge, Limits, View},
};
use hashbrown::HashMap;
use petgraph::{
    algo::bridges::bridges,
    graph::{DiGraph, NodeIndex, UnGraph},
    visit::EdgeRef as _,
};
use std::collections::BTreeSet;

/// A node of an extract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The node of the whole graph.
    pub node: u32,
    /// Fewest edges from where it began.
    pub hops: u8,
    /// Relations by which it is a hub, with its neighbours by each in this view: behind it by these nothing was looked for.
    pub hubs: Vec<(u8, u32)>,
}

/// The nodes around one, with all edges in view between them.
#[derive(Debug, Clone, Default)]
pub struct Extract {
    /// Where it began is its first node; the others are by hops. Between two hubs edges of the relation that makes both of them one are left
    /// out, but where it began.
    pub graph: DiGraph<Member, Edge>,
    /// The limit that ended it.
    pub hit: Option<Budget>,
}

/// Takes out the nodes at most `limits.hops` edges from a node, `limits.results` of them besides it; none where it is not in view.
pub fn extract(graph: &Graph, start: u32, view: &View<'_>, limits: &Limits) -> Extract {
    if start >= graph.nodes() || !(view.sees)(start) {
        return Extract::default();
    }
    let found = neighbours(graph, start, view, limits);
    let mut extract = Extract { graph: DiGraph::new(), hit: found.hit };
    let nodes = std::iter::once((start, 0)).chain(found.nodes.iter().map(|reached| (reached.node, reached.hops)));
    let places: HashMap<u32, NodeIndex> =
        nodes.map(|(node, hops)| (node, extract.graph.add_node(Member { node, hops, hubs: Vec::new() }))).collect();
    // From both of its ends an edge is come to, unless one of them is a hub.
    let (mut edges, mut visited) = (BTreeSet::new(), 0);
    'nodes: for member in extract.graph.node_weights_mut() {
        for run in view.runs(graph, member.node) {
            if let Some(degree) = run.hub(view, limits.degree).filter(|_| member.node != start) {
                member.hubs.push((run.relation, degree));
                continue;
            }
            for (at, slot) in run.visible(view) {
                if visited == limits.visited {
                    extract.hit = extract.hit.or(Some(Budget::Visited));
                    break 'nodes;
                }
                visited += 1;
                if places.contains_key(&slot[0]) {
                    edges.extend(run.edge(member.node, at));
                }
            }
        }
    }
    for edge in edges {
        if let (Some(source), Some(target)) = (places.get(&edge.source), places.get(&edge.target)) {
            extract.graph.add_edge(*source, *target, edge);
        }
    }
    extract
}

impl Extract {
    /// Who is tied to whom, each two once, whatever ties them and whichever way: what petgraph's algorithms on simple graphs want.
    pub fn ties(&self) -> UnGraph<u32, ()> {
        let mut ties = self.graph.map(|_, member| member.node, |_, _| ()).into_edge_type();
        ties.clear_edges();
        let pairs: BTreeSet<(NodeIndex, NodeIndex)> = self.graph.edge_references().map(|edge| ends(edge.source(), edge.target())).collect();
        pairs.into_iter().filter(|(one, other)| one != other).for_each(|(one, other)| {
            ties.add_edge(one, other, ());
        });
        ties
    }

    /// The two nodes of each tie without which what hangs together here would be in two, the smaller number first.
    pub fn bridges(&self) -> BTreeSet<(u32, u32)> {
        let ties = self.ties();
        bridges(&ties).map(|edge| ends(ties[edge.source()], ties[edge.target()])).collect()
    }
}

fn ends<T: Ord>(one: T, other: T) -> (T, T) {
    if one <= other { (one, other) } else { (other, one) }
}
