//! The whole graph as one file that is opened, not loaded: nodes are numbered densely, type by type; each has its edges of both directions
//! side by side, by relation, direction and neighbour, so that a relation is a part of it that is cut out. Walks see what a [`View`] lets them.
//! Who asks, where the file lies and who maps it into memory is not known here.

mod adjacency;
mod build;
mod census;
mod common;
mod component;
mod extract;
mod format;
mod neighbours;
mod path;
#[cfg(test)]
mod tests;
mod view;

pub use build::{Built, COLUMNS, Options, build};
pub use common::common_neighbours;
pub use component::{component, components};
pub use extract::{Extract, Member, extract};
pub use format::{Source, Type};
pub use neighbours::{edges_of, neighbours};
pub use path::{all_shortest_paths, shortest_path};
pub use view::{
    Budget, Common, Commons, Component, Day, Direction, Edge, FOREVER, Hub, Limits, Neighbourhood, Path, Paths, Reached, Set, View, days,
};

use crate::Error;
use adjacency::{Adjacency, Slot};
use arrow_buffer::{ArrowNativeType, Buffer, ScalarBuffer};
use format::{ENTITIES, EVIDENCE, Header, NAMES, Names, OFFSETS, SLOTS, Section};
use std::sync::Arc;

/// A graph as it lies in a file. Cheap to clone; all clones look at the same bytes.
#[derive(Debug, Clone)]
pub struct Graph {
    file: Buffer,
    header: Header,
    names: Arc<Names>,
    entities: ScalarBuffer<i64>,
    offsets: ScalarBuffer<u32>,
    slots: ScalarBuffer<u32>,
    evidence: ScalarBuffer<u32>,
}

impl Graph {
    /// Opens the bytes of a file, mapped or read. Its header and names are checked, the rest is only looked at where a walk comes by: no
    /// bytes make a walk fail, but damaged ones make it wrong, which [`Graph::verify`] finds.
    ///
    /// # Errors
    /// When the bytes are no such file, or not all of it.
    pub fn open(file: Buffer) -> Result<Graph, Error> {
        // Sections lie at multiples of 64, so numbers are where they have to be if the file is. A mapped file is; what else is not is copied.
        let file = if file.as_ptr().align_offset(64) == 0 { file } else { aligned(&file) };
        let header = Header::read(&file)?;
        let names = header.sections[NAMES];
        let bytes =
            names.of(&file).filter(|bytes| format::checksum(bytes) == names.checksum).ok_or(Error::Damaged { what: "its names" })?;
        let names = Names::read(bytes, header.nodes).ok_or(Error::Damaged { what: "its names" })?;
        Ok(Graph {
            entities: typed(&file, header.sections[ENTITIES])?,
            offsets: typed(&file, header.sections[OFFSETS])?,
            slots: typed(&file, header.sections[SLOTS])?,
            evidence: typed(&file, header.sections[EVIDENCE])?,
            names: Arc::new(names),
            header,
            file,
        })
    }

    /// Reads all of the file: every checksum, and that what its numbers point at is there.
    ///
    /// # Errors
    /// When a byte is not as it was written, or what was written does not hang together.
    pub fn verify(&self) -> Result<(), Error> {
        let sections = ["its names", "its entities", "its offsets", "its edges", "its evidence"];
        for (section, what) in self.header.sections.iter().zip(sections) {
            if section.of(&self.file).map(format::checksum) != Some(section.checksum) {
                return Err(Error::Damaged { what });
            }
        }
        let ends = self.header.sections.windows(2).map(|pair| (pair[0].position + pair[0].length, pair[1].position));
        let head = (format::HEAD, self.header.sections[NAMES].position);
        let between = |(from, to)| Section { position: from, length: to - from, checksum: 0 };
        if std::iter::once(head).chain(ends).any(|gap| between(gap).of(&self.file).is_none_or(|gap| gap.iter().any(|byte| *byte != 0))) {
            return Err(Error::Damaged { what: "there is something between its sections" });
        }
        let rising = self.offsets.windows(2).all(|pair| pair[0] <= pair[1]);
        if !rising || self.offsets.first() != Some(&0) || self.offsets.last() != Some(&self.header.slots) {
            return Err(Error::Damaged { what: "its offsets do not rise to its edges" });
        }
        let mut types = self.types().iter().map(|kind| self.entities_of(kind));
        if !types.all(|numbers| numbers.is_some_and(|numbers| numbers.is_sorted_by(|left, right| left < right))) {
            return Err(Error::Damaged { what: "its entities are not in their order" });
        }
        let mut slots = self.slots.as_chunks().0.iter().zip(self.evidence.as_chunks().0);
        let known = |(slot, evidence): (&Slot, &[u32; 2])| {
            slot[0] < self.header.nodes
                && adjacency::relation(*slot) < self.names.relations.len()
                && adjacency::department(*slot) < self.names.departments.len()
                && (evidence[0] as usize) < self.names.sources.len()
        };
        if slots.all(known) { Ok(()) } else { Err(Error::Damaged { what: "its edges lead to what is not there" }) }
    }

    /// How many nodes it has; they are numbered from 0.
    pub fn nodes(&self) -> u32 {
        self.header.nodes
    }

    /// How many edges it has.
    pub fn edges(&self) -> u32 {
        self.header.slots / 2
    }

    /// What it was built of, in the words of who built it.
    pub fn build(&self) -> u64 {
        self.header.build
    }

    /// The node of an entity, by its number.
    pub fn node(&self, entity: i64) -> Option<u32> {
        self.types().iter().find_map(|kind| {
            let numbers = self.entities_of(kind)?;
            numbers.binary_search(&entity).ok().and_then(|at| u32::try_from(at).ok()).map(|at| kind.first + at)
        })
    }

    /// The entity number of a node.
    pub fn entity(&self, node: u32) -> Option<i64> {
        self.entities.get(node as usize).copied()
    }

    /// The entity numbers of a type, rising.
    fn entities_of(&self, kind: &Type) -> Option<&[i64]> {
        self.entities.get(kind.first as usize..kind.end as usize)
    }

    /// Node types, each with its nodes.
    pub fn types(&self) -> &[Type] {
        &self.names.types
    }

    /// The name of a node's type.
    pub fn type_of(&self, node: u32) -> Option<&str> {
        let at = self.types().partition_point(|kind| kind.end <= node);
        self.types().get(at).map(|kind| kind.name.as_str())
    }

    /// Names of relations, by their numbers.
    pub fn relations(&self) -> &[String] {
        &self.names.relations
    }

    /// Names of departments, by their numbers.
    pub fn departments(&self) -> &[String] {
        &self.names.departments
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
        self.names.sources.get(evidence as usize)
    }

    /// The slots of a node; none where there is no such node.
    fn adjacency(&self, node: u32) -> Adjacency<'_> {
        let at = node as usize;
        let range = match (self.offsets.get(at), self.offsets.get(at + 1)) {
            (Some(from), Some(to)) => *from as usize..*to as usize,
            _ => 0..0,
        };
        let slots = self.slots.as_chunks().0.get(range.clone()).unwrap_or_default();
        let evidence = self.evidence.as_chunks().0.get(range).unwrap_or_default();
        Adjacency { slots, evidence }
    }
}

fn aligned(file: &[u8]) -> Buffer {
    // Made of words, which the allocator of Arrow puts at multiples of 64.
    Buffer::from_slice_ref(file)
}

fn typed<T: ArrowNativeType>(file: &Buffer, section: Section) -> Result<ScalarBuffer<T>, Error> {
    let damaged = Error::Damaged { what: "where its sections lie" };
    match (usize::try_from(section.position), usize::try_from(section.length)) {
        (Ok(position), Ok(length)) if section.of(file).is_some() && position.is_multiple_of(64) => {
            Ok(ScalarBuffer::from(file.slice_with_length(position, length)))
        }
        _ => Err(damaged),
    }
}

fn numbers(names: &[String], chosen: impl Fn(&str) -> bool) -> Set {
    Set::of((0..=u8::MAX).zip(names).filter(|(_, name)| chosen(name)).map(|(number, _)| number))
}
