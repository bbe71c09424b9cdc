//! How two hang together by the fewest edges. Searched from both ends, a whole level at a time on the side that has less to look at: the first
//! node that both sides know is then on a shortest path. Which side meets which depends on nothing but what is in view.

use super::{
    Graph,
    view::{Budget, Edge, Limits, Path, Paths, View},
};
use hashbrown::{HashMap, HashSet};
use std::collections::BTreeMap;

/// One of the shortest paths from one node to another: none is shorter.
pub fn shortest_path(graph: &Graph, from: u32, to: u32, view: &View<'_>, limits: &Limits) -> Paths {
    let mut search = Search::new(graph, from, to, view, limits);
    let hit = search.meet(1);
    let paths = search.paths(1);
    Paths { hit: hit.filter(|_| paths.is_empty()), paths }
}

/// All shortest paths from one node to another, by their nodes; parallel edges are one path. Where there are more than `limits.results`,
/// which of them are given depends on the graph alone.
pub fn all_shortest_paths(graph: &Graph, from: u32, to: u32, view: &View<'_>, limits: &Limits) -> Paths {
    let mut search = Search::new(graph, from, to, view, limits);
    let wanted = limits.results.saturating_add(1);
    let hit = search.meet(wanted);
    let mut paths = search.paths(wanted);
    let hit = if paths.len() == wanted { Some(Budget::Results) } else { hit };
    paths.truncate(limits.results);
    Paths { paths, hit }
}

/// What is a hub by which relation; what was found out is remembered.
pub(super) struct Hubs<'a, 'v> {
    graph: &'a Graph,
    view: &'a View<'v>,
    degree: u32,
    excused: &'a [u32],
    known: HashMap<(u32, u8), bool>,
}

impl<'a, 'v> Hubs<'a, 'v> {
    pub(super) fn new(graph: &'a Graph, view: &'a View<'v>, degree: u32, excused: &'a [u32]) -> Hubs<'a, 'v> {
        Hubs { graph, view, degree, excused, known: HashMap::new() }
    }

    /// Whether edges of the relation lead on at that node: it is no hub by it.
    pub(super) fn passes(&mut self, node: u32, relation: u8) -> bool {
        if self.graph.degree(node) <= self.degree as usize || self.excused.contains(&node) {
            return true;
        }
        let Hubs { graph, view, degree, .. } = *self;
        *self.known.entry((node, relation)).or_insert_with(|| view.run(graph, node, relation).hub(view, degree).is_none())
    }
}

/// What one side knows: how far each node is from its end.
struct Side<'v> {
    view: View<'v>,
    hops: u8,
    known: HashMap<u32, u8>,
    last: Vec<u32>,
    /// Edges that the next level will look at, as far as is known.
    ahead: usize,
}

/// Neighbours that a node is taken to have which has no more than [`MANY`]: to count them would cost as much as to look at them.
const FEW: usize = 8;
const MANY: usize = 64;

struct Search<'a, 'v> {
    graph: &'a Graph,
    limits: &'a Limits,
    ends: [u32; 2],
    view: &'a View<'v>,
    sides: [Side<'v>; 2],
    visited: usize,
    meets: Vec<u32>,
}

impl<'a, 'v> Search<'a, 'v> {
    fn new(graph: &'a Graph, from: u32, to: u32, view: &'a View<'v>, limits: &'a Limits) -> Search<'a, 'v> {
        let is_there = |node: &u32| *node < graph.nodes() && (view.sees)(*node);
        let side = |node: u32, view: View<'v>| {
            let last: Vec<u32> = [node].into_iter().filter(is_there).collect();
            let ahead = last.iter().map(|node| ahead(graph, *node, &view)).sum();
            Side { view, hops: 0, known: last.iter().map(|node| (*node, 0)).collect(), last, ahead }
        };
        let sides = [side(from, *view), side(to, view.backwards())];
        let meets = if from == to { sides[0].last.clone() } else { Vec::new() };
        Search { graph, limits, ends: [from, to], view, sides, visited: 0, meets }
    }

    /// Goes on until both sides know a node, or as many as are wanted of those as far from both; says which limit ended it before.
    fn meet(&mut self, wanted: usize) -> Option<Budget> {
        let ends = self.ends;
        let mut hubs = Hubs::new(self.graph, self.view, self.limits.degree, &ends);
        while self.meets.is_empty() && self.sides.iter().all(|side| !side.last.is_empty()) {
            if self.sides[0].hops + self.sides[1].hops >= self.limits.hops {
                return Some(Budget::Hops);
            }
            let at = usize::from(self.sides[1].ahead < self.sides[0].ahead);
            if let Some(hit) = self.level(at, wanted, &mut hubs) {
                return Some(hit);
            }
        }
        None
    }

    /// One edge farther on one side.
    fn level(&mut self, at: usize, wanted: usize, hubs: &mut Hubs<'_, '_>) -> Option<Budget> {
        let [left, right] = &mut self.sides;
        let (side, other) = if at == 0 { (left, right) } else { (right, left) };
        let last = std::mem::take(&mut side.last);
        (side.hops, side.ahead) = (side.hops + 1, 0);
        for node in last {
            for run in side.view.runs(self.graph, node) {
                if !hubs.passes(node, run.relation) {
                    continue;
                }
                for (_, slot) in run.visible(self.view) {
                    if self.visited == self.limits.visited {
                        return Some(Budget::Visited);
                    }
                    self.visited += 1;
                    if side.known.contains_key(&slot[0]) || !hubs.passes(slot[0], run.relation) {
                        continue;
                    }
                    side.known.insert(slot[0], side.hops);
                    side.last.push(slot[0]);
                    side.ahead += ahead(self.graph, slot[0], &side.view);
                    if other.known.contains_key(&slot[0]) {
                        self.meets.push(slot[0]);
                        if self.meets.len() == wanted {
                            return None;
                        }
                    }
                }
            }
        }
        None
    }

    /// The paths through where the sides met, by their nodes, no more than so many.
    fn paths(&self, wanted: usize) -> Vec<Path> {
        let far = |side: usize, node: u32| self.sides[side].known.get(&node).copied();
        let Some(length) = self.meets.first().and_then(|node| Some(far(0, *node)? + far(1, *node)?)) else { return Vec::new() };
        let ends = self.ends;
        let mut hubs = Hubs::new(self.graph, self.view, self.limits.degree, &ends);
        // From the first end, of each node that is on one of the paths.
        let mut on: HashMap<u32, u8> = HashMap::new();
        for side in [0, 1] {
            let (back, mut seen) = (self.sides[1 - side].view, HashSet::new());
            let mut left: Vec<(u32, u8)> = self.meets.iter().filter_map(|node| Some((*node, far(side, *node)?))).collect();
            while let Some((node, hops)) = left.pop() {
                if !seen.insert(node) {
                    continue;
                }
                on.insert(node, if side == 0 { hops } else { length - hops });
                let is_nearer = |next| far(side, next).is_some_and(|far| far + 1 == hops);
                left.extend(steps(self.graph, node, &back, &mut hubs, is_nearer).into_keys().map(|next| (next, hops - 1)));
            }
        }
        let mut found = Vec::new();
        self.follow(&on, &mut hubs, &mut vec![ends[0]], &mut Vec::new(), wanted, &mut found);
        found
    }

    /// Puts down each path that begins with these nodes.
    fn follow(
        &self,
        on: &HashMap<u32, u8>,
        hubs: &mut Hubs<'_, '_>,
        nodes: &mut Vec<u32>,
        edges: &mut Vec<Edge>,
        wanted: usize,
        found: &mut Vec<Path>,
    ) {
        let Some(node) = nodes.last().copied().filter(|_| found.len() < wanted) else { return };
        if node == self.ends[1] {
            found.push(Path { nodes: nodes.clone(), edges: edges.clone() });
            return;
        }
        let farther = nodes.len();
        for (next, edge) in steps(self.graph, node, self.view, hubs, |next| on.get(&next).is_some_and(|hops| usize::from(*hops) == farther))
        {
            nodes.push(next);
            edges.push(edge);
            self.follow(on, hubs, nodes, edges, wanted, found);
            nodes.pop();
            edges.pop();
        }
    }
}

/// About how many edges will be looked at to go on from a node. It hangs on what is in view alone, or the way that is found would tell of more.
fn ahead(graph: &Graph, node: u32, view: &View<'_>) -> usize {
    let degree = if graph.degree(node) > MANY { view.degree(graph, node) as usize } else { 0 };
    if degree > MANY { degree } else { FEW }
}

/// Where edges lead on to from a node, of those that are wanted, by number, with the first edge of each.
fn steps(graph: &Graph, node: u32, view: &View<'_>, hubs: &mut Hubs<'_, '_>, is_wanted: impl Fn(u32) -> bool) -> BTreeMap<u32, Edge> {
    let mut steps = BTreeMap::new();
    for run in view.runs(graph, node) {
        if !hubs.passes(node, run.relation) {
            continue;
        }
        for (at, slot) in run.visible(view).filter(|(_, slot)| is_wanted(slot[0])) {
            if !steps.contains_key(&slot[0]) && hubs.passes(slot[0], run.relation) {
                steps.extend(run.edge(node, at).map(|edge| (slot[0], edge)));
            }
        }
    }
    steps
}
