//! Who is around somebody, hop by hop. Breadth first, so that each node is come to by the fewest edges.

use super::{
    Graph,
    view::{Budget, Edge, Hub, Limits, Neighbourhood, Reached, View},
};
use hashbrown::HashSet;

/// The nodes at most `limits.hops` edges from a node. A hub is among them, but by the relation that makes it one nothing behind it is.
pub fn neighbours(graph: &Graph, start: u32, view: &View<'_>, limits: &Limits) -> Neighbourhood {
    let mut walk = Walk { graph, view, limits, visited: 0, known: HashSet::from([start]), found: Neighbourhood::default() };
    if !(view.sees)(start) {
        return walk.found;
    }
    let (mut from, mut hit) = (0, None);
    for hops in 1..=limits.hops {
        let to = walk.found.nodes.len();
        let sources: Vec<u32> =
            if hops == 1 { vec![start] } else { walk.found.nodes[from..to].iter().map(|reached| reached.node).collect() };
        hit = sources.into_iter().find_map(|node| walk.expand(node, hops));
        if hit.is_some() || walk.found.nodes.len() == to {
            break;
        }
        from = to;
    }
    walk.found.hubs.sort_unstable();
    Neighbourhood { hit, visited: walk.visited, ..walk.found }
}

/// The edges of a node in view, by relation, direction and neighbour; a loop comes once for each of its ends.
pub fn edges_of<'a>(graph: &'a Graph, node: u32, view: &'a View<'_>) -> impl Iterator<Item = Edge> + 'a {
    let runs = (view.sees)(node).then(|| view.runs(graph, node)).into_iter().flatten();
    runs.flat_map(move |run| run.visible(view).filter_map(move |(at, _)| run.edge(node, at)))
}

struct Walk<'a, 'v> {
    graph: &'a Graph,
    view: &'a View<'v>,
    limits: &'a Limits,
    visited: usize,
    known: HashSet<u32>,
    found: Neighbourhood,
}

impl Walk<'_, '_> {
    /// Takes up what is next to a node; says which limit ended it.
    fn expand(&mut self, node: u32, hops: u8) -> Option<Budget> {
        for run in self.view.runs(self.graph, node) {
            // The first hop is from the start, which is no hub.
            if let Some(degree) = run.hub(self.view, self.limits.degree).filter(|_| hops > 1) {
                self.found.hubs.push(Hub { node, relation: run.relation, degree });
                continue;
            }
            for (at, slot) in run.visible(self.view) {
                if self.visited == self.limits.visited {
                    return Some(Budget::Visited);
                }
                self.visited += 1;
                if self.known.contains(&slot[0]) {
                    continue;
                }
                if self.found.nodes.len() == self.limits.results {
                    return Some(Budget::Results);
                }
                self.known.insert(slot[0]);
                self.found.nodes.extend(run.edge(node, at).map(|by| Reached { node: slot[0], hops, by }));
            }
        }
        None
    }
}
