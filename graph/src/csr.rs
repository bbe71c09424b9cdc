//! The whole graph as one file that is opened, not loaded: nodes are numbered densely, type by type; each has its edges of both directions
//! side by side, by relation, direction and neighbour, so that a relation is a part of it that is cut out. Walks see what a [`View`] lets them.
//! Who asks, where the file lies and who maps it into memory is not known here.

mod adjacency;
mod build;
mod census;
mod changes;
mod common;
mod component;
mod difference;
mod extract;
mod format;
mod header;
mod laid;
mod neighbours;
mod path;
mod run;
mod stretch;
#[cfg(test)]
mod tests;
mod verify;
mod view;
mod written;

pub use build::{Built, COLUMNS, Options, build};
pub use changes::lies_over;
pub use common::common_neighbours;
pub use component::{component, components};
pub use extract::{Extract, Member, extract};
pub use format::{Source, Type};
pub use laid::{Changed, overlay};
pub use neighbours::{edges_of, neighbours};
pub use path::{all_shortest_paths, shortest_path};
pub use view::{
    Budget, Common, Commons, Component, Day, Direction, Edge, FOREVER, Hub, Limits, Neighbourhood, Path, Paths, Reached, Set, View, days,
};

use crate::Error;
use adjacency::{Adjacency, Ends};
use arrow_buffer::{Buffer, ScalarBuffer};
use changes::Changes;
use format::{ENTITIES, EVIDENCE, GRAPH, Names, OFFSETS, SLOTS};
use header::Header;
use std::sync::Arc;

/// A graph as it lies in a file, or in one and another that has what changed since. Cheap to clone; all clones look at the same bytes.
#[derive(Debug, Clone)]
pub struct Graph {
    file: Buffer,
    header: Header<3, 5>,
    nodes: u32,
    slots: u32,
    names: Arc<Names>,
    entities: ScalarBuffer<i64>,
    offsets: ScalarBuffer<u32>,
    ends: ScalarBuffer<u32>,
    evidence: ScalarBuffer<u32>,
    changes: Option<Arc<Changes>>,
}

impl Graph {
    /// Opens the bytes of a file, mapped or read. Its header and names are checked, the rest is only looked at where a walk comes by: no
    /// bytes make a walk fail, but damaged ones make it wrong, which [`Graph::verify`] finds.
    ///
    /// # Errors
    /// When the bytes are no such file, or not all of it.
    pub fn open(file: Buffer) -> Result<Graph, Error> {
        let file = aligned(file);
        let header = Header::read(&GRAPH, &file)?;
        let small = |number: u64| u32::try_from(number).map_err(|_| Error::Damaged { what: "its size" });
        let [nodes, slots, _] = header.numbers;
        let (nodes, slots) = (small(nodes)?, small(slots)?);
        let names = Names::read(header.names(&file)?, nodes).ok_or(Error::Damaged { what: "its names" })?;
        Ok(Graph {
            entities: header.sections[ENTITIES].typed(&file)?,
            offsets: header.sections[OFFSETS].typed(&file)?,
            ends: header.sections[SLOTS].typed(&file)?,
            evidence: header.sections[EVIDENCE].typed(&file)?,
            names: Arc::new(names),
            changes: None,
            nodes,
            slots,
            header,
            file,
        })
    }

    /// The graph with the bytes of a file that [`overlay`] made over it: walks see both as one, as if all had been made anew. It replaces another
    /// that lay over it. Checked is as much as of [`Graph::open`].
    ///
    /// # Errors
    /// When the bytes are no such file, not all of it, or were made over another.
    pub fn with(&self, changes: Buffer) -> Result<Graph, Error> {
        Ok(Graph { changes: Some(Arc::new(Changes::open(changes, self)?)), ..self.clone() })
    }

    /// The graph without what lies over it.
    pub fn below(&self) -> Graph {
        Graph { changes: None, ..self.clone() }
    }

    /// How many nodes it has; they are numbered from 0.
    pub fn nodes(&self) -> u32 {
        self.changes.as_ref().map_or(self.nodes, |changes| changes.nodes)
    }

    /// How many edges it has.
    pub fn edges(&self) -> u32 {
        self.changes.as_ref().map_or(self.slots, |changes| changes.slots) / 2
    }

    /// What it was built of, in the words of who built it.
    pub fn build(&self) -> u64 {
        let [_, _, below] = self.header.numbers;
        self.changes.as_ref().map_or(below, |changes| changes.header.numbers[2])
    }

    /// The node of an entity, by its number.
    pub fn node(&self, entity: i64) -> Option<u32> {
        if let Some(changes) = &self.changes {
            return changes.node(entity, self);
        }
        self.types().iter().find_map(|kind| {
            let numbers = self.entities_of(kind)?;
            numbers.binary_search(&entity).ok().and_then(|at| u32::try_from(at).ok()).map(|at| kind.first + at)
        })
    }

    /// The entity number of a node.
    pub fn entity(&self, node: u32) -> Option<i64> {
        match &self.changes {
            Some(changes) => changes.entity(node, self),
            None => self.entities.get(node as usize).copied(),
        }
    }

    /// The entity numbers of a type of the file, rising.
    fn entities_of(&self, kind: &Type) -> Option<&[i64]> {
        self.entities.get(kind.first as usize..kind.end as usize)
    }

    fn names(&self) -> &Names {
        self.changes.as_ref().map_or(&self.names, |changes| &changes.names)
    }

    /// Node types, each with its nodes.
    pub fn types(&self) -> &[Type] {
        &self.names().types
    }

    /// The name of a node's type.
    pub fn type_of(&self, node: u32) -> Option<&str> {
        let at = self.types().partition_point(|kind| kind.end <= node);
        self.types().get(at).map(|kind| kind.name.as_str())
    }

    /// Names of relations, by their numbers.
    pub fn relations(&self) -> &[String] {
        &self.names().relations
    }

    /// Names of departments, by their numbers.
    pub fn departments(&self) -> &[String] {
        &self.names().departments
    }

    /// The relations that are called so.
    pub fn relations_where(&self, chosen: impl Fn(&str) -> bool) -> Set {
        numbers(self.relations(), chosen)
    }

    /// The departments that are called so.
    pub fn departments_where(&self, chosen: impl Fn(&str) -> bool) -> Set {
        numbers(self.departments(), chosen)
    }

    /// Which sheet of which file the number of an [`Edge`] means.
    pub fn source(&self, evidence: u32) -> Option<&Source> {
        self.names().sources.get(evidence as usize)
    }

    /// The slots of a node; none where there is no such node.
    #[inline]
    fn adjacency(&self, node: u32) -> Adjacency<'_> {
        match &self.changes {
            Some(changes) => changes.adjacency(node, self),
            None => Adjacency { file: self.ends(node), ..Adjacency::default() },
        }
    }

    /// How many slots a node has.
    #[inline]
    fn degree(&self, node: u32) -> usize {
        match &self.changes {
            Some(changes) => changes.degree(node, self),
            None => self.range(node).len(),
        }
    }

    /// The slots that the file has of one of its nodes.
    #[inline]
    fn ends(&self, node: u32) -> Ends<'_> {
        let range = self.range(node);
        let slots = self.ends.as_chunks().0.get(range.clone()).unwrap_or_default();
        let evidence = self.evidence.as_chunks().0.get(range).unwrap_or_default();
        Ends { slots, evidence }
    }

    #[inline]
    fn range(&self, node: u32) -> std::ops::Range<usize> {
        let at = node as usize;
        match (self.offsets.get(at), self.offsets.get(at + 1)) {
            (Some(from), Some(to)) => *from as usize..*to as usize,
            _ => 0..0,
        }
    }
}

/// Sections lie at multiples of 64, so numbers are where they have to be if the file is. A mapped file is; what else is not is copied.
fn aligned(file: Buffer) -> Buffer {
    // Made of words, which the allocator of Arrow puts at multiples of 64.
    if file.as_ptr().align_offset(64) == 0 { file } else { Buffer::from_slice_ref(file.as_slice()) }
}

fn numbers(names: &[String], chosen: impl Fn(&str) -> bool) -> Set {
    Set::of((0..=u8::MAX).zip(names).filter(|(_, name)| chosen(name)).map(|(number, _)| number))
}
