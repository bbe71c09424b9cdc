//! Walks beside the oracle: on small graphs from everywhere to everywhere, on graphs of ten thousand here and there.

use super::{
    Row, graph,
    oracle::{Asked, Oracle, ordered},
    rows, said,
};
use crate::csr::{
    Budget, Edge, Graph, Limits, Paths, Reached, View, all_shortest_paths, common_neighbours, component, component::components_on,
    components, edges_of, extract, neighbours, shortest_path,
};
use petgraph::{algo::connected_components, graph::EdgeIndex, visit::EdgeRef as _};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const WIDE: Limits = Limits { hops: 4, degree: 3, visited: usize::MAX, results: usize::MAX };

/// A graph, its rows, and what is asked of it.
struct World {
    rows: Vec<Row>,
    graph: Graph,
    asked: Asked,
    limits: Limits,
    oracle: Oracle,
}

impl World {
    fn new(rows: Vec<Row>, asked: Asked, limits: Limits) -> World {
        let (graph, oracle) = (graph(&rows), Oracle::new(rows.iter(), &asked, limits.degree));
        World { graph, rows, asked, limits, oracle }
    }

    fn entity(&self, node: u32) -> i64 {
        self.graph.entity(node).unwrap()
    }

    /// Calls with the view of who asks.
    fn with<T>(&self, call: impl FnOnce(&View<'_>) -> T) -> T {
        let sees = |node| self.asked.sees(self.entity(node));
        call(&self.asked.view(&self.graph, &sees))
    }

    fn around(&self, start: i64) {
        let node = self.graph.node(start).unwrap();
        let found = self.with(|view| neighbours(&self.graph, node, view, &self.limits));
        let far: BTreeMap<i64, u32> = found.nodes.iter().map(|reached| (self.entity(reached.node), u32::from(reached.hops))).collect();
        let mut expected = if self.asked.sees(start) { self.oracle.around(start) } else { BTreeMap::new() };
        expected.retain(|entity, hops| *entity != start && *hops <= u32::from(self.limits.hops));
        assert_eq!(far, expected, "around {start}");
        assert_eq!(found.nodes.len(), far.len(), "each once");
        let mut before = BTreeMap::from([(node, 0)]);
        for Reached { node, hops, by } in &found.nodes {
            let from = if by.source == *node { by.target } else { by.source };
            assert_eq!(before[&from] + 1, *hops, "by an edge from one hop nearer");
            assert!(self.is_row(by), "by an edge that is there");
            before.insert(*node, *hops);
        }
        let inner = expected.iter().filter(|(_, hops)| **hops < u32::from(self.limits.hops)).map(|(entity, _)| *entity);
        let hubs: BTreeSet<_> =
            inner.flat_map(|entity| self.oracle.hubs(entity).map(move |(relation, degree)| (entity, relation, degree))).collect();
        let counted =
            found.hubs.iter().map(|hub| (self.entity(hub.node), self.graph.relations()[usize::from(hub.relation)].as_str(), hub.degree));
        assert_eq!(counted.collect::<BTreeSet<_>>(), hubs, "hubs around {start}");
        let edges = self.with(|view| edges_of(&self.graph, node, view).map(|edge| said(&self.graph, &edge)).collect::<Vec<_>>());
        assert_eq!(
            edges.len(),
            self.rows.iter().filter(|row| self.asked.shows(row)).map(|row| self.ends(row, start)).sum::<usize>(),
            "parallels and loops too"
        );
    }

    /// What is taken out around one: the same nodes, the edges between them, and what would fall apart without one of them.
    fn taken(&self, start: i64) {
        let node = self.graph.node(start).unwrap();
        let found = self.with(|view| neighbours(&self.graph, node, view, &self.limits));
        let taken = self.with(|view| extract(&self.graph, node, view, &self.limits));
        let nodes: Vec<(u32, u8)> = taken.graph.node_weights().map(|member| (member.node, member.hops)).collect();
        if !self.asked.sees(start) {
            return assert!(nodes.is_empty());
        }
        let reached = found.nodes.iter().map(|reached| (reached.node, reached.hops));
        assert_eq!(nodes, std::iter::once((node, 0)).chain(reached).collect::<Vec<_>>(), "around {start}");
        let members: BTreeSet<i64> = nodes.iter().map(|(node, _)| self.entity(*node)).collect();
        for member in taken.graph.node_weights().skip(1) {
            let hubs: BTreeSet<_> =
                member.hubs.iter().map(|(relation, degree)| (self.graph.relations()[usize::from(*relation)].as_str(), *degree)).collect();
            assert_eq!(hubs, self.oracle.hubs(self.entity(member.node)).collect());
        }
        let leads = |entity: i64, relation| entity == start || self.oracle.hubs(entity).all(|(hub, _)| hub != relation);
        let is_taken = |row: &&Row| {
            use crate::csr::Direction::{In, Out};
            let out = self.asked.direction != In && leads(row.source, row.relation);
            let into = self.asked.direction != Out && leads(row.target, row.relation);
            self.asked.shows(row) && members.contains(&row.source) && members.contains(&row.target) && (out || into)
        };
        let rows: BTreeSet<_> =
            self.rows.iter().filter(is_taken).map(|row| (row.source, row.target, row.relation, row.department, row.row)).collect();
        let edges: BTreeSet<_> = taken
            .graph
            .edge_references()
            .map(|edge| {
                let Edge { source, target, relation, department, row, .. } = *edge.weight();
                assert_eq!([edge.source(), edge.target()].map(|end| taken.graph[end].node), [source, target]);
                let (relation, department) =
                    (&self.graph.relations()[usize::from(relation)], &self.graph.departments()[usize::from(department)]);
                (self.entity(source), self.entity(target), relation.as_str(), department.as_str(), i64::from(row))
            })
            .collect();
        assert_eq!(edges, rows, "between those around {start}");
        let ties = taken.ties();
        let parts = connected_components(&ties);
        let splits = |tie: &EdgeIndex| {
            let mut without = ties.clone();
            without.remove_edge(*tie);
            connected_components(&without) > parts
        };
        let ends =
            |tie: EdgeIndex| ties.edge_endpoints(tie).map(|(one, other)| (ties[one].min(ties[other]), ties[one].max(ties[other]))).unwrap();
        assert_eq!(taken.bridges(), ties.edge_indices().filter(splits).map(ends).collect(), "bridges around {start}");
    }

    /// How often a row is an edge of an entity.
    fn ends(&self, row: &Row, entity: i64) -> usize {
        use crate::csr::Direction::{In, Out};
        usize::from(row.source == entity && self.asked.direction != In) + usize::from(row.target == entity && self.asked.direction != Out)
    }

    fn is_row(&self, edge: &Edge) -> bool {
        let (source, target) = (self.entity(edge.source), self.entity(edge.target));
        let relation = &self.graph.relations()[usize::from(edge.relation)];
        let shown = self.rows.iter().filter(|row| self.asked.shows(row));
        shown.clone().any(|row| (row.source, row.target, row.relation, row.row) == (source, target, relation.as_str(), i64::from(edge.row)))
    }

    fn paths(&self, from: i64, to: i64) -> BTreeSet<Vec<i64>> {
        let call = |walk: fn(&Graph, u32, u32, &View<'_>, &Limits) -> Paths| {
            let [from, to] = [from, to].map(|entity| self.graph.node(entity).unwrap());
            self.with(|view| walk(&self.graph, from, to, view, &self.limits))
        };
        let (all, one) = (call(all_shortest_paths), call(shortest_path));
        let entities: BTreeSet<Vec<i64>> =
            all.paths.iter().map(|path| path.nodes.iter().map(|node| self.entity(*node)).collect()).collect();
        assert_eq!(entities.len(), all.paths.len(), "each once");
        assert_eq!((one.paths.len(), one.hit), (entities.len().min(1), all.hit), "from {from} to {to}");
        assert!(one.paths.iter().all(|path| all.paths.iter().any(|known| known.nodes == path.nodes)));
        for path in all.paths.iter().chain(&one.paths) {
            assert_eq!(path.edges.len() + 1, path.nodes.len());
            for (edge, pair) in path.edges.iter().zip(path.nodes.windows(2)) {
                assert!(self.is_row(edge), "by edges that are there");
                let [source, target] = [edge.source, edge.target];
                assert!([[source, target], [target, source]].iter().any(|ends| ends == pair));
            }
        }
        let seen = self.asked.sees(from) && self.asked.sees(to);
        let far = self.oracle.between(&[from, to]).far(from).get(&to).copied().filter(|hops| seen && *hops <= u32::from(self.limits.hops));
        assert_eq!(all.paths.first().map(|path| path.edges.len()), far.map(|far| far as usize), "from {from} to {to}");
        entities
    }

    fn all_paths(&self, from: i64, to: i64) {
        let found = self.paths(from, to);
        if let Some(path) = found.first().filter(|path| path.len() > 1) {
            assert_eq!(found, self.oracle.between(&[from, to]).paths(from, to, path.len() - 1), "all from {from} to {to}");
        }
    }

    fn common(&self, left: i64, right: i64) {
        let [to_left, to_right] = [left, right].map(|entity| self.graph.node(entity).unwrap());
        let found = self.with(|view| common_neighbours(&self.graph, to_left, to_right, view, &self.limits));
        let common: BTreeMap<i64, u32> = found.nodes.iter().map(|common| (self.entity(common.node), common.degree)).collect();
        let mut expected: BTreeSet<i64> = self.oracle.next_to(left).intersection(&self.oracle.next_to(right)).copied().collect();
        expected.retain(|entity| *entity != left && *entity != right);
        assert_eq!(common, expected.into_iter().map(|entity| (entity, self.oracle.degree_of(entity))).collect());
        assert!(found.nodes.iter().all(|common| self.is_row(&common.left) && self.is_row(&common.right)));
    }

    /// Whoever can be reached both ways; and all of the graph, where nobody is a hub.
    fn together(&self, start: i64) {
        let both = Asked { direction: crate::csr::Direction::Both, ..self.asked.clone() };
        let node = self.graph.node(start).unwrap();
        let oracle = Oracle::new(self.rows.iter(), &both, self.limits.degree);
        let found = self.with(|view| component(&self.graph, node, view, &self.limits));
        let entities: BTreeSet<i64> = found.nodes.iter().map(|node| self.entity(*node)).collect();
        let expected = self.asked.sees(start).then(|| oracle.between(&[]).far(start).into_keys().collect::<BTreeSet<_>>());
        assert_eq!(entities, expected.unwrap_or_default(), "together with {start}");
        let unlimited = Limits { degree: u32::MAX, ..self.limits };
        let all = self.with(|view| components(&self.graph, view));
        assert!([1, 2, 5].iter().all(|threads| self.with(|view| components_on(*threads, &self.graph, view)) == all));
        let whole = self.with(|view| component(&self.graph, node, view, &unlimited));
        let label = all[node as usize];
        let same = (0..self.graph.nodes()).filter(|other| all[*other as usize] == label);
        if self.asked.sees(start) {
            assert_eq!(whole.nodes, same.collect::<Vec<_>>());
            assert_eq!(whole.nodes.first(), Some(&label), "called after its smallest");
        } else {
            assert_eq!(same.collect::<Vec<_>>(), [node]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn walks_of_small_graphs_are_those_of_a_plain_search(seed in 0u64..1 << 20, entities in 2u64..14, edges in 1u64..60, hops in 1u8..5) {
        let world = World::new(rows(seed, entities, edges), Asked::at_random(seed), Limits { hops, ..WIDE });
        let entities = ordered(&world.rows);
        prop_assert_eq!((0..world.graph.nodes()).map(|node| world.entity(node)).collect::<Vec<_>>(), entities.clone());
        for from in &entities {
            world.around(*from);
            world.taken(*from);
            world.together(*from);
            for to in &entities {
                world.all_paths(*from, *to);
                world.common(*from, *to);
            }
        }
    }

    #[test]
    fn what_is_not_in_view_might_as_well_not_be_there(seed in 0u64..1 << 20, edges in 1u64..200, visited in 1usize..300, results in 1usize..40) {
        let all = World::new(rows(seed, 30, edges), Asked::at_random(seed), Limits { visited, results, ..WIDE });
        let shown: Vec<Row> = all.rows.iter().filter(|row| all.asked.shows(row)).cloned().collect();
        let bare = World::new(shown, all.asked.clone(), all.limits);
        for from in ordered(&bare.rows) {
            let to = ordered(&bare.rows)[usize::try_from(seed).unwrap() % ordered(&bare.rows).len()];
            prop_assert_eq!(answers(&all, from, to), answers(&bare, from, to));
        }
    }
}

/// Everything that walks answer, in words.
fn answers(world: &World, from: i64, to: i64) -> String {
    let graph = &world.graph;
    let [start, end] = [from, to].map(|entity| graph.node(entity).unwrap());
    let name = |node: u32| world.entity(node);
    let words = |edges: &[Edge]| edges.iter().map(|edge| said(graph, edge)).collect::<Vec<_>>();
    world.with(|view| {
        let found = neighbours(graph, start, view, &world.limits);
        let nodes: Vec<_> = found.nodes.iter().map(|reached| (name(reached.node), reached.hops, said(graph, &reached.by))).collect();
        let hubs: Vec<_> =
            found.hubs.iter().map(|hub| (name(hub.node), &graph.relations()[usize::from(hub.relation)], hub.degree)).collect();
        let paths = [shortest_path, all_shortest_paths].map(|walk| walk(graph, start, end, view, &world.limits));
        let paths = paths.map(|found| (found.paths.iter().map(|path| words(&path.edges)).collect::<Vec<_>>(), found.hit));
        let common = common_neighbours(graph, start, end, view, &world.limits);
        let commons: Vec<_> =
            common.nodes.iter().map(|common| (name(common.node), words(&[common.left, common.right]), common.degree)).collect();
        let taken = extract(graph, start, view, &world.limits);
        let stubs = |hubs: &[(u8, u32)]| {
            hubs.iter().map(|(relation, degree)| (&graph.relations()[usize::from(*relation)], *degree)).collect::<Vec<_>>()
        };
        let members: Vec<_> = taken.graph.node_weights().map(|member| (name(member.node), member.hops, stubs(&member.hubs))).collect();
        let ties = words(&taken.graph.edge_weights().copied().collect::<Vec<_>>());
        let component = component(graph, start, view, &world.limits);
        let together: Vec<_> = component.nodes.iter().map(|node| name(*node)).collect();
        format!(
            "{members:?} {ties:?} {:?} {nodes:?} {hubs:?} {:?} {paths:?} {commons:?} {:?} {together:?} {:?}",
            taken.hit, found.hit, common.hit, component.hit
        )
    })
}

#[test]
fn walks_of_ten_thousand_are_those_of_a_plain_search() {
    for seed in 0..3 {
        let limits = Limits { degree: 100, hops: 3, ..WIDE };
        let world = World::new(rows(seed, 10_000, 25_000), Asked::at_random(seed + 40), limits);
        let entities = ordered(&world.rows);
        for at in [0, 1, 2, 77, 4_000, entities.len() - 1] {
            let (from, to) = (entities[at], entities[entities.len() / 3 + at / 2]);
            world.around(from);
            world.paths(from, to);
            world.common(from, entities[at / 2]);
        }
        world.together(entities[5]);
    }
}

#[test]
fn a_walk_says_which_limit_ended_it() {
    let rows = rows(3, 200, 2_000);
    let graph = graph(&rows);
    let view = View::whole();
    let asked = |limits: Limits| neighbours(&graph, 0, &view, &limits);
    let whole = asked(Limits { degree: u32::MAX, ..WIDE });
    assert_eq!(whole.hit, None);
    let few = asked(Limits { degree: u32::MAX, results: 7, ..WIDE });
    assert_eq!((few.nodes.as_slice(), few.hit), (&whole.nodes[..7], Some(Budget::Results)), "the same, and first");
    assert_eq!(asked(Limits { visited: 9, ..WIDE }).hit, Some(Budget::Visited));
    let exactly = asked(Limits { degree: u32::MAX, results: whole.nodes.len(), ..WIDE });
    assert_eq!(exactly, whole, "a limit that is just met ends nothing");
    let last = whole.nodes.last().unwrap().node;
    let (far, near) = (Limits { degree: u32::MAX, ..WIDE }, Limits { degree: u32::MAX, hops: 0, ..WIDE });
    let path = shortest_path(&graph, 0, last, &view, &far);
    assert_eq!((path.paths.len(), path.hit), (1, None));
    assert_eq!(shortest_path(&graph, 0, last, &view, &near), Paths { paths: vec![], hit: Some(Budget::Hops) });
    let (all, most) = (all_shortest_paths(&graph, 0, last, &view, &far), Limits { results: 1, ..far });
    let first = all_shortest_paths(&graph, 0, last, &view, &most);
    assert_eq!(first.hit, Some(Budget::Results).filter(|_| all.paths.len() > 1));
    assert_eq!(component(&graph, 0, &view, &Limits { results: 3, ..far }).hit, Some(Budget::Results));
    assert_eq!(neighbours(&graph, u32::MAX, &view, &far).nodes, [], "nobody");
    assert_eq!(shortest_path(&graph, u32::MAX, u32::MAX, &view, &far).paths, []);
}
