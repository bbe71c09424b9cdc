//! What two have in common.

use super::{
    Graph,
    view::{Budget, Common, Commons, Edge, Limits, View},
};
use std::collections::BTreeMap;

/// The nodes next to both, each with an edge to either; the two themselves are not among them. A hub is, with its degree.
pub fn common_neighbours(graph: &Graph, left: u32, right: u32, view: &View<'_>, limits: &Limits) -> Commons {
    let mut visited = 0;
    let (lefts, left_hit) = firsts(graph, left, view, limits, &mut visited);
    let (rights, right_hit) = firsts(graph, right, view, limits, &mut visited);
    let mut found = Commons { nodes: Vec::new(), hit: left_hit.or(right_hit) };
    for (node, to_left) in lefts {
        let Some(to_right) = rights.get(&node).filter(|_| node != left && node != right) else { continue };
        if found.nodes.len() == limits.results {
            found.hit = found.hit.or(Some(Budget::Results));
            break;
        }
        found.nodes.push(Common { node, left: to_left, right: *to_right, degree: view.degree(graph, node) });
    }
    found
}

/// The first edge to each neighbour.
fn firsts(graph: &Graph, node: u32, view: &View<'_>, limits: &Limits, visited: &mut usize) -> (BTreeMap<u32, Edge>, Option<Budget>) {
    let mut firsts = BTreeMap::new();
    for edge in super::edges_of(graph, node, view) {
        if *visited == limits.visited {
            return (firsts, Some(Budget::Visited));
        }
        *visited += 1;
        firsts.entry(if edge.source == node { edge.target } else { edge.source }).or_insert(edge);
    }
    (firsts, None)
}
