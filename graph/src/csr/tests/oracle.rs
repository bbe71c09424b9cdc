//! The plain search that walks are held against: the rows themselves, filtered one by one, in petgraph's structures.

use super::{Row, mix, type_of};
use crate::csr::{Direction, FOREVER, Graph, View, days};
use petgraph::{
    algo::{all_simple_paths, dijkstra},
    graph::{DiGraph, NodeIndex},
};
use std::collections::{BTreeMap, BTreeSet};

/// What somebody may see and asks for, in words.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) departments: Vec<&'static str>,
    pub(super) relations: Vec<&'static str>,
    pub(super) direction: Direction,
    pub(super) during: Option<(&'static str, &'static str)>,
    /// Departments whose dates are known.
    pub(super) dated: Vec<&'static str>,
    /// One entity in so many is hidden; 0 for none.
    pub(super) hidden: u64,
    pub(super) seed: u64,
}

impl Asked {
    pub(super) fn at_random(seed: u64) -> Asked {
        let dice = |what: u64, sides: u64| mix(seed * 16 + what) % sides;
        let some = |from: [&'static str; 3], what: u64| {
            from.into_iter().zip(0..).filter(|(_, at)| dice(what + at, 5) > 0).map(|(name, _)| name).collect()
        };
        Asked {
            departments: some(super::DEPARTMENTS, 0),
            relations: some(super::RELATIONS, 3),
            direction: [Direction::Both, Direction::Out, Direction::In, Direction::Both][usize::try_from(dice(6, 4)).unwrap()],
            during: [None, Some(("2020-12-31", "2020-12-31")), Some(("2021-06-01", "2022-07-31"))][usize::try_from(dice(7, 3)).unwrap()],
            dated: some(super::DEPARTMENTS, 9),
            hidden: [0, 3, 10][usize::try_from(dice(8, 3)).unwrap()],
            seed,
        }
    }

    pub(super) fn sees(&self, entity: i64) -> bool {
        self.hidden == 0 || !mix(self.seed ^ u64::from_ne_bytes(entity.to_ne_bytes())).is_multiple_of(self.hidden)
    }

    /// The same in the numbers of a graph.
    pub(super) fn view<'a>(&self, graph: &Graph, sees: &'a (dyn Fn(u32) -> bool + Sync)) -> View<'a> {
        View {
            departments: graph.departments_where(|name| self.departments.contains(&name)),
            relations: graph.relations_where(|name| self.relations.contains(&name)),
            direction: self.direction,
            during: self.during.map(|(from, to)| (days(from).unwrap().0, days(to).unwrap().1)),
            dated: graph.departments_where(|name| self.dated.contains(&name)),
            sees,
        }
    }

    /// Whether the row is an edge for who asks.
    pub(super) fn shows(&self, row: &Row) -> bool {
        let since = row.since.map_or(0, |date| days(date).unwrap().0);
        let until = row.until.map_or(FOREVER, |date| days(date).unwrap().1);
        let undated = !self.dated.contains(&row.department);
        let holds = self.during.is_none_or(|(from, to)| undated || since <= days(to).unwrap().1 && days(from).unwrap().0 <= until);
        let known = self.departments.contains(&row.department) && self.relations.contains(&row.relation);
        holds && known && self.sees(row.source) && self.sees(row.target)
    }
}

/// Edges in view as steps from one entity to another.
#[derive(Debug)]
pub(super) struct Oracle {
    steps: BTreeSet<(i64, i64, &'static str)>,
    degrees: BTreeMap<(i64, &'static str), u32>,
    degree: u32,
}

impl Oracle {
    pub(super) fn new<'a>(rows: impl Iterator<Item = &'a Row>, asked: &Asked, degree: u32) -> Oracle {
        let (mut steps, mut neighbours) = (BTreeSet::new(), BTreeSet::new());
        for row in rows.filter(|row| asked.shows(row)) {
            if asked.direction != Direction::In {
                steps.insert((row.source, row.target, row.relation));
                neighbours.insert((row.source, row.relation, row.target, 0));
            }
            if asked.direction != Direction::Out {
                steps.insert((row.target, row.source, row.relation));
                neighbours.insert((row.target, row.relation, row.source, 1));
            }
        }
        let mut degrees = BTreeMap::new();
        for (node, relation, ..) in neighbours {
            *degrees.entry((node, relation)).or_default() += 1;
        }
        Oracle { steps, degrees, degree }
    }

    /// Neighbours by relation and direction.
    pub(super) fn degree_of(&self, entity: i64) -> u32 {
        self.degrees.range((entity, "")..(entity + 1, "")).map(|(_, degree)| degree).sum()
    }

    /// Relations by which an entity is a hub.
    pub(super) fn hubs(&self, entity: i64) -> impl Iterator<Item = (&'static str, u32)> {
        let hubs = self.degrees.range((entity, "")..(entity + 1, "")).filter(|(_, degree)| **degree > self.degree);
        hubs.map(|((_, relation), degree)| (*relation, *degree))
    }

    pub(super) fn next_to(&self, entity: i64) -> BTreeSet<i64> {
        self.steps.range((entity, i64::MIN, "")..(entity + 1, i64::MIN, "")).map(|step| step.1).collect()
    }

    fn is_hub(&self, entity: i64, relation: &'static str) -> bool {
        self.degrees.get(&(entity, relation)).is_some_and(|degree| *degree > self.degree)
    }

    fn petgraph(&self, keeps: impl Fn(&(i64, i64, &'static str)) -> bool) -> Plain {
        let mut plain = Plain::default();
        for step in self.steps.iter().filter(|step| keeps(step)) {
            let [from, to] = [step.0, step.1].map(|entity| plain.node(entity));
            plain.graph.update_edge(from, to, ());
        }
        plain
    }

    /// Fewest hops to each entity; no relation leads on from who is a hub by it, but from the start.
    pub(super) fn around(&self, start: i64) -> BTreeMap<i64, u32> {
        self.petgraph(|(from, _, relation)| *from == start || !self.is_hub(*from, relation)).far(start)
    }

    /// What lies between two: no inner entity is a hub by the relation of an edge of the path.
    pub(super) fn between(&self, ends: &[i64]) -> Plain {
        let passes = |entity: i64, relation| ends.contains(&entity) || !self.is_hub(entity, relation);
        self.petgraph(|(from, to, relation)| passes(*from, relation) && passes(*to, relation))
    }
}

/// Entities and steps in petgraph.
#[derive(Debug, Default)]
pub(super) struct Plain {
    graph: DiGraph<i64, ()>,
    places: BTreeMap<i64, NodeIndex>,
}

impl Plain {
    fn node(&mut self, entity: i64) -> NodeIndex {
        *self.places.entry(entity).or_insert_with(|| self.graph.add_node(entity))
    }

    /// Fewest hops to each entity from one.
    pub(super) fn far(&self, start: i64) -> BTreeMap<i64, u32> {
        let Some(start) = self.places.get(&start) else { return BTreeMap::from([(start, 0)]) };
        dijkstra(&self.graph, *start, None, |_| 1).into_iter().map(|(node, hops)| (self.graph[node], hops)).collect()
    }

    /// All paths of so many hops.
    pub(super) fn paths(&self, from: i64, to: i64, hops: usize) -> BTreeSet<Vec<i64>> {
        let (from, to) = (self.places[&from], self.places[&to]);
        let paths = all_simple_paths::<Vec<_>, _, std::hash::RandomState>(&self.graph, from, to, hops - 1, Some(hops - 1));
        paths.map(|path| path.into_iter().map(|node| self.graph[node]).collect()).collect()
    }
}

/// Entities in the order of their nodes.
pub(super) fn ordered(rows: &[Row]) -> Vec<i64> {
    let entities: BTreeSet<_> = rows.iter().flat_map(|row| [row.source, row.target]).map(|entity| (type_of(entity), entity)).collect();
    entities.into_iter().map(|(_, entity)| entity).collect()
}
