//! Edges that came and went since the file was made, a small part of all: each node that they touch gets its slots anew, in memory, and is looked
//! up there first. What is touched costs its whole adjacency; when much is, the file is made again.

use super::{
    Graph,
    adjacency::{Slot, order},
    census::{Census, Dated, Named, crowded},
    format::Type,
};
use crate::Error;
use arrow_array::RecordBatch;
use hashbrown::HashMap;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What is other than in the file.
#[derive(Debug, Clone, Default)]
pub(super) struct Changes {
    /// Of nodes that the file does not have, which follow its own.
    pub(super) entities: Vec<i64>,
    /// Of the nodes that changes touch all slots, with the evidence of each.
    pub(super) nodes: HashMap<u32, (Vec<Slot>, Vec<[u32; 2]>)>,
    /// Edges more than in the file, or fewer.
    pub(super) edges: i64,
}

impl Graph {
    /// The graph after edges came and went: walks see both together, and no file is written. Entities that the file does not have get numbers
    /// after its own, so they stand in a further entry of [`Graph::types`]. Batches are of `graph.edge`.
    ///
    /// # Errors
    /// When a column is missing, an edge that went was not there, or there is more than a graph has room for.
    pub fn with(&self, added: &[RecordBatch], removed: &[RecordBatch]) -> Result<Graph, Error> {
        let mut census = Census::of(&self.names);
        let (added, removed) = (follow(&mut census, added)?, follow(&mut census, removed)?);
        let mut changes = Changes::clone(&self.changes);
        let types = self.newcomers(&census, &added, &mut changes)?;
        let names = Arc::new(super::format::Names { types, ..census.names() });
        let mut found = Graph { names, changes: Arc::new(changes.clone()), ..self.clone() };
        let mut touched: BTreeMap<u32, Vec<(Slot, [u32; 2])>> = BTreeMap::new();
        for (is_new, (named, dated)) in removed.iter().map(|edge| (false, edge)).chain(added.iter().map(|edge| (true, edge))) {
            let placed = census.placed_by(named, *dated, |_, entity| found.node(entity)).ok_or(Error::Changed)?;
            for (owner, slot, evidence) in placed.ends() {
                let slots = touched.entry(owner).or_insert_with(|| self.slots_of(owner));
                if is_new {
                    slots.push((slot, evidence));
                } else {
                    let at = slots.iter().position(|known| *known == (slot, evidence)).ok_or(Error::Changed)?;
                    slots.swap_remove(at);
                }
            }
            changes.edges += if is_new { 1 } else { -1 };
        }
        for (node, mut slots) in touched {
            slots.sort_unstable_by_key(|(slot, evidence)| order(*slot, *evidence));
            changes.nodes.insert(node, slots.into_iter().unzip());
        }
        // Each edge has two ends.
        crowded("edges", usize::try_from(i64::from(self.header.slots / 2) + changes.edges).unwrap_or_default(), u32::MAX as usize / 2)?;
        found.changes = Arc::new(changes);
        Ok(found)
    }

    fn slots_of(&self, node: u32) -> Vec<(Slot, [u32; 2])> {
        let known = self.adjacency(node);
        known.slots.iter().copied().zip(known.evidence.iter().copied()).collect()
    }

    /// Gives numbers to entities that are not there yet; types with those of them.
    fn newcomers(&self, census: &Census, added: &[(Named, Dated)], changes: &mut Changes) -> Result<Vec<Type>, Error> {
        let mut types = self.names.types.clone();
        let ends = added.iter().flat_map(|(named, _)| [named.source, named.target]);
        let new: BTreeSet<(&str, i64)> =
            ends.filter(|end| self.node(end.1).is_none()).map(|(kind, entity)| (census.type_named(kind), entity)).collect();
        crowded("entities", self.nodes() as usize + new.len(), u32::MAX as usize - 1)?;
        for (number, (name, entity)) in (self.nodes()..).zip(new) {
            changes.entities.push(entity);
            match types.last_mut().filter(|kind| kind.name == name && kind.first >= self.nodes()) {
                Some(kind) => kind.end = number + 1,
                None => types.push(Type { name: name.to_owned(), first: number, end: number + 1 }),
            }
        }
        Ok(types)
    }
}

fn follow(census: &mut Census, batches: &[RecordBatch]) -> Result<Vec<(Named, Dated)>, Error> {
    let mut edges = Vec::new();
    batches.iter().try_for_each(|batch| census.follow(batch, |named, dated| edges.push((named, dated))))?;
    Ok(edges)
}
