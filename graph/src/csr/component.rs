//! What hangs together: around one node within limits, and in the whole graph. Edges count both ways.

use super::{
    Graph,
    adjacency::is_incoming,
    path::Hubs,
    view::{Budget, Component, Direction, Limits, View},
};
use crate::parallel::{available, parallel};
use hashbrown::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};

/// Nodes that one thread takes at a time.
const UNIT: u32 = 1 << 16;

/// The nodes that hang together with one, not through hubs, whatever the number of hops. Nobody is excused from being a hub here, so that whoever
/// is in the component of another has that one in its own.
pub fn component(graph: &Graph, start: u32, view: &View<'_>, limits: &Limits) -> Component {
    let view = &View { direction: Direction::Both, ..*view };
    let (mut nodes, mut known, mut visited) = (vec![start], HashSet::<u32>::from([start]), 0);
    let mut hubs = Hubs::new(graph, view, limits.degree, &[]);
    if !(view.sees)(start) {
        return Component::default();
    }
    let (mut at, mut hit) = (0, None);
    'walk: while let Some(node) = nodes.get(at).copied() {
        at += 1;
        for run in view.runs(graph, node) {
            if !hubs.passes(node, run.relation) {
                continue;
            }
            for (_, slot) in run.visible(view) {
                if visited == limits.visited {
                    hit = Some(Budget::Visited);
                    break 'walk;
                }
                visited += 1;
                if known.contains(&slot[0]) || !hubs.passes(slot[0], run.relation) {
                    continue;
                }
                if nodes.len() == limits.results {
                    hit = Some(Budget::Results);
                    break 'walk;
                }
                known.insert(slot[0]);
                nodes.push(slot[0]);
            }
        }
    }
    nodes.sort_unstable();
    Component { nodes, hit }
}

/// Of each node the smallest that it hangs together with, hubs or not; itself where it is not in view. All of the graph is read, on all
/// processors; the answer does not depend on how many there are.
pub fn components(graph: &Graph, view: &View<'_>) -> Vec<u32> {
    components_on(available(), graph, view)
}

pub(super) fn components_on(threads: usize, graph: &Graph, view: &View<'_>) -> Vec<u32> {
    let parents: Vec<AtomicU32> = (0..graph.nodes()).map(AtomicU32::new).collect();
    let join_unit = |unit: u32| {
        for node in nodes_of(graph, unit).filter(|node| (view.sees)(*node)) {
            // Each edge is met where it starts.
            let slots = graph.adjacency(node).slots().map(|(_, slot)| slot);
            let starting = slots.filter(|slot| !is_incoming(slot) && view.follows(slot) && (view.sees)(slot[0]));
            starting.for_each(|slot| join(&parents, node, slot[0]));
        }
    };
    let units = graph.nodes().div_ceil(UNIT) as usize;
    parallel(threads, units, || (), |(), unit| join_unit(u32::try_from(unit).unwrap_or(u32::MAX)));
    (0..graph.nodes()).map(|node| root(&parents, node)).collect()
}

fn nodes_of(graph: &Graph, unit: u32) -> std::ops::Range<u32> {
    let from = unit.saturating_mul(UNIT);
    from..from.saturating_add(UNIT).min(graph.nodes())
}

/// The larger root comes under the smaller, whoever joins first, so the last root of all is the smallest node.
fn join(parents: &[AtomicU32], left: u32, right: u32) {
    let (mut left, mut right) = (root(parents, left), root(parents, right));
    while left != right {
        let (small, large) = (left.min(right), left.max(right));
        let Some(parent) = parents.get(large as usize) else { return };
        match parent.compare_exchange(large, small, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => return,
            Err(_) => (left, right) = (root(parents, small), root(parents, large)),
        }
    }
}

/// The root of a node; on the way each comes under its grandparent. A parent is never larger than its child, so this ends.
fn root(parents: &[AtomicU32], mut node: u32) -> u32 {
    let parent_of = |node: u32| parents.get(node as usize).map_or(node, |parent| parent.load(Ordering::Relaxed));
    loop {
        let parent = parent_of(node);
        if parent == node {
            return node;
        }
        let above = parent_of(parent);
        if let Some(held) = parents.get(node as usize).filter(|_| above != parent) {
            // Whoever was faster has put it under a smaller one still.
            _ = held.compare_exchange(parent, above, Ordering::Relaxed, Ordering::Relaxed);
        }
        node = parent;
    }
}
