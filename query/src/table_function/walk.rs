//! A walk from one entity, level by level, over edges in both directions. What has more edges than a hub may have is reached and not walked
//! through: a school of three thousand pupils ties nobody to anybody.

use super::edges::{Edges, held};
use crate::Error;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Entities that one walk visits.
const VISITED: usize = 200_000;
/// Edges of one entity through which walks go, if nothing else is said.
pub(super) const MAX_DEGREE: i64 = 5_000;

/// Where a walk has come to.
pub(super) struct Walk {
    edges: Edges,
    max_degree: usize,
    pub(super) level: usize,
    pub(super) visited: BTreeMap<i64, Visited>,
    /// Those of the last level.
    pub(super) frontier: BTreeSet<i64>,
}

/// An entity that was reached.
#[derive(Debug, Clone, Default)]
pub(super) struct Visited {
    pub(super) entity: Arc<str>,
    pub(super) level: usize,
    /// Whether it has too many edges to be walked through; not known before its edges were looked at.
    pub(super) is_hub: Option<bool>,
    /// Those of the level before from which it was reached.
    pub(super) from: BTreeSet<i64>,
}

/// The edges of one entity: how many there are, and where they lead.
#[derive(Default)]
struct Near {
    count: usize,
    entity: Arc<str>,
    ends: BTreeMap<i64, Arc<str>>,
}

impl Walk {
    pub(super) fn from(edges: Edges, start: i64, max_degree: usize) -> Walk {
        let visited = BTreeMap::from([(start, Visited::default())]);
        Walk { edges, max_degree, level: 0, visited, frontier: BTreeSet::from([start]) }
    }

    /// Goes one level on.
    pub(super) async fn step(&mut self) -> Result<(), Error> {
        let near = self.near().await?;
        let mut reached = BTreeSet::new();
        for (from, near) in near {
            let is_hub = self.level > 0 && near.count > self.max_degree;
            if let Some(visited) = self.visited.get_mut(&from) {
                visited.is_hub = Some(is_hub);
                // Where the walk began is known by its own edges only.
                visited.entity = near.entity;
            }
            for (end, entity) in near.ends.into_iter().filter(|_| !is_hub) {
                let level = self.level + 1;
                let new = || Visited { entity, level, ..Visited::default() };
                let visited = self.visited.entry(end).or_insert_with(new);
                if visited.level == level {
                    visited.from.insert(from);
                    reached.insert(end);
                }
            }
            if self.visited.len() > VISITED {
                let hint = "fewer hops, fewer relations by `types`, or a day by `as_of`";
                return Err(Error::Limit { limit: format!("{VISITED} entities visited"), hint });
            }
        }
        self.level += 1;
        self.frontier = reached;
        Ok(())
    }

    /// The edges of the frontier. Of what turns out to be a hub no ends are held.
    async fn near(&self) -> Result<BTreeMap<i64, Near>, Error> {
        let (mut near, mut ends) = (BTreeMap::<i64, Near>::new(), 0);
        let most = if self.level == 0 { usize::MAX } else { self.max_degree };
        let take = |edge: super::edges::Edge| {
            let both = [
                (edge.source, &edge.source_type, edge.target, &edge.target_type),
                (edge.target, &edge.target_type, edge.source, &edge.source_type),
            ];
            let both = both.into_iter().take(if edge.source == edge.target { 1 } else { 2 });
            for (from, entity, to, other) in both.filter(|(from, ..)| self.frontier.contains(from)) {
                let of = near.entry(from).or_default();
                of.count += 1;
                of.entity = Arc::clone(entity);
                if of.count > most {
                    ends -= of.ends.len();
                    of.ends.clear();
                } else if of.ends.insert(to, Arc::clone(other)).is_none() {
                    ends += 1;
                }
            }
            held(ends)
        };
        self.edges.each(&self.frontier, take).await?;
        Ok(near)
    }
}
