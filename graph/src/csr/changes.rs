//! What changed since the file of a graph, as it lies over it: looked up where a walk comes by, never laid out. By it the whole says what a file
//! made anew would say, in the same numbers.

use super::{
    Graph,
    adjacency::{Adjacency, Ends, Slot},
    format::{BLOCK, BY_FILE, BY_NODE, CAME, CHANGES, GONE, MORE, MORE_EVIDENCE, Names, STRETCHES, TOUCHED, Type},
    header::Header,
    stretch::{Stretches, Was},
};
use crate::Error;
use arrow_buffer::{Buffer, ScalarBuffer};
use hashbrown::HashMap;
use std::ops::Range;

/// No number: what damaged bytes lead to.
const NOBODY: u32 = u32::MAX;

/// A file of changes, open over the one of the graph.
#[derive(Debug)]
pub(super) struct Changes {
    pub(super) file: Buffer,
    pub(super) header: Header<11, 9>,
    pub(super) names: Names,
    pub(super) nodes: u32,
    pub(super) slots: u32,
    /// Of each type its nodes in the file below, and its places among those that came.
    types: Vec<[Range<u32>; 2]>,
    /// Relation and direction now, by the numbers of the file below.
    kinds: [[u16; 2]; 256],
    departments: [u8; 256],
    sources: Vec<u32>,
    stretches: ScalarBuffer<u32>,
    by_file: ScalarBuffer<u32>,
    by_node: ScalarBuffer<u32>,
    came: ScalarBuffer<i64>,
    touched: ScalarBuffer<u32>,
    gone: ScalarBuffer<u32>,
    more: ScalarBuffer<u32>,
    evidence: ScalarBuffer<u32>,
}

/// The build of the file that a file of changes lies over; none where the file is a graph of its own.
///
/// # Errors
/// When it is neither, or its header is damaged.
pub fn lies_over(file: &[u8]) -> Result<Option<u64>, Error> {
    if !file.starts_with(CHANGES.magic) {
        return Ok(None);
    }
    let [_, _, _, _, build, ..] = Header::read(&CHANGES, file)?.numbers;
    Ok(Some(build))
}

impl Changes {
    /// Opens the bytes of a file over a graph. Header and names are checked, the rest is only looked at where a walk comes by.
    pub(super) fn open(file: Buffer, below: &Graph) -> Result<Changes, Error> {
        let file = super::aligned(file);
        let header = Header::read(&CHANGES, &file)?;
        let [nodes, slots, _, nodes_below, build, checksum, ..] = header.numbers;
        if (nodes_below, build, checksum) != (u64::from(below.nodes), below.header.numbers[2], below.header.checksum()) {
            return Err(Error::Damaged { what: "it lies over another than it was made for" });
        }
        let small = |number: u64| u32::try_from(number).map_err(|_| Error::Damaged { what: "its size" });
        let (nodes, slots) = (small(nodes)?, small(slots)?);
        let names = Names::read(header.names(&file)?, nodes).ok_or(Error::Damaged { what: "its names" })?;
        let mut changes = Changes {
            types: Vec::new(),
            kinds: kinds(&names.relations, &below.names.relations),
            departments: departments(&names.departments, &below.names.departments),
            sources: sources(&names, &below.names),
            stretches: header.sections[STRETCHES].typed(&file)?,
            by_file: header.sections[BY_FILE].typed(&file)?,
            by_node: header.sections[BY_NODE].typed(&file)?,
            came: header.sections[CAME].typed(&file)?,
            touched: header.sections[TOUCHED].typed(&file)?,
            gone: header.sections[GONE].typed(&file)?,
            more: header.sections[MORE].typed(&file)?,
            evidence: header.sections[MORE_EVIDENCE].typed(&file)?,
            names,
            nodes,
            slots,
            header,
            file,
        };
        changes.types = changes.names.types.iter().map(|kind| changes.places(kind, &below.names)).collect();
        Ok(changes)
    }

    fn places(&self, kind: &Type, below: &Names) -> [Range<u32>; 2] {
        let before = below.types.iter().find(|before| before.name == kind.name).map_or(0..0, |before| before.first..before.end);
        let came = |node| self.stretches().came_before(node).unwrap_or_default();
        [before, came(kind.first)..came(kind.end)]
    }

    pub(super) fn stretches(&self) -> Stretches<'_> {
        let (all, by_node) = (self.stretches.as_chunks().0, self.by_node.as_chunks().0);
        Stretches { all, by_file: &self.by_file, by_node }
    }

    /// The entities that came, by their numbers.
    pub(super) fn came(&self) -> &[i64] {
        &self.came
    }

    /// Of each node that is touched the node, its first place that is gone and its first slot that came; and one more.
    pub(super) fn touched(&self) -> &[[u32; 3]] {
        self.touched.as_chunks().0
    }

    /// Places that are gone.
    pub(super) fn gone(&self) -> &[u32] {
        &self.gone
    }

    /// Slots that came.
    pub(super) fn more(&self) -> Ends<'_> {
        Ends { slots: self.more.as_chunks().0, evidence: self.evidence.as_chunks().0 }
    }

    /// A slot of the file below with relation and department in the numbers of the whole.
    #[inline]
    pub(super) fn kinds(&self, [neighbour, kind, days]: Slot) -> Slot {
        let [relation, incoming, high, department] = kind.to_be_bytes();
        let [relation, incoming] = self.kinds[usize::from(relation)][usize::from(incoming != 0)].to_be_bytes();
        [neighbour, u32::from_be_bytes([relation, incoming, high, self.departments[usize::from(department)]]), days]
    }

    /// A slot of the file below in the numbers of the whole.
    #[inline]
    pub(super) fn slot(&self, slot: Slot) -> Slot {
        let [neighbour, kind, days] = self.kinds(slot);
        [self.stretches().now(neighbour).unwrap_or(NOBODY), kind, days]
    }

    /// Its evidence.
    pub(super) fn evidence(&self, [source, row]: [u32; 2]) -> [u32; 2] {
        [self.sources.get(source as usize).copied().unwrap_or(NOBODY), row]
    }

    /// The slots of a node.
    #[inline]
    pub(super) fn adjacency<'a>(&'a self, node: u32, below: &'a Graph) -> Adjacency<'a> {
        let file = self.before(node).map(|before| below.ends(before)).unwrap_or_default();
        let mut adjacency = Adjacency { file, changes: Some(self), ..Adjacency::default() };
        if let Some([gone, more]) = self.touch(node) {
            let Ends { slots, evidence } = self.more();
            adjacency.gone = self.gone.get(gone).unwrap_or_default();
            adjacency.more = Ends { slots: slots.get(more.clone()).unwrap_or_default(), evidence: evidence.get(more).unwrap_or_default() };
        }
        adjacency
    }

    /// How many they are.
    #[inline]
    pub(super) fn degree(&self, node: u32, below: &Graph) -> usize {
        let held = self.before(node).map_or(0, |before| below.range(before).len());
        self.touch(node).map_or(held, |[gone, more]| (held + more.len()).saturating_sub(gone.len()))
    }

    /// The node in the file below.
    #[inline]
    fn before(&self, node: u32) -> Option<u32> {
        match self.stretches().was(node)? {
            Was::Node(before) => Some(before),
            Was::Came(_) => None,
        }
    }

    /// Where its places are that are gone, and its slots that came; none where all is as it was.
    #[inline]
    fn touch(&self, node: u32) -> Option<[Range<usize>; 2]> {
        let block = (node / BLOCK) as usize;
        let blocks: &[[u32; 2]] = self.by_node.as_chunks().0;
        let [[_, from], [_, to]] = [*blocks.get(block)?, *blocks.get(block + 1)?];
        // Mostly nobody is touched.
        if from == to {
            return None;
        }
        let some = self.touched().get(from as usize..=to as usize)?;
        let at = some.partition_point(|touched| touched[0] < node);
        let (&[is, gone, more], &[_, gone_end, more_end]) = (some.get(at)?, some.get(at + 1)?);
        (is == node).then_some([gone as usize..gone_end as usize, more as usize..more_end as usize])
    }

    /// The entity number of a node.
    pub(super) fn entity(&self, node: u32, below: &Graph) -> Option<i64> {
        match self.stretches().was(node)? {
            Was::Node(before) => below.entities.get(before as usize).copied(),
            Was::Came(place) => self.came.get(place as usize).copied(),
        }
    }

    /// The node of an entity.
    pub(super) fn node(&self, entity: i64, below: &Graph) -> Option<u32> {
        let find = |numbers: &[i64], places: &Range<u32>| {
            let at = numbers.get(places.start as usize..places.end as usize)?.binary_search(&entity).ok()?;
            places.start.checked_add(u32::try_from(at).ok()?)
        };
        self.types.iter().find_map(|[before, came]| {
            let stood = find(&below.entities, before).and_then(|node| self.stretches().now(node));
            stood.or_else(|| self.stretches().came(find(&self.came, came)?))
        })
    }
}

/// Relation and direction now, by the numbers of before. A relation that nothing is of any more comes before the next one, since what is gone has to
/// lie in the order of what stands; after the last it has a number of its own, or where there is none, comes behind the last.
fn kinds(now: &[String], before: &[String]) -> [[u16; 2]; 256] {
    let mut kinds = [[u16::MAX; 2]; 256];
    for (kinds, name) in kinds.iter_mut().zip(before) {
        let at = now.partition_point(|other| other < name);
        let out = u16::try_from(at << 8).unwrap_or(u16::MAX);
        *kinds = if now.get(at) == Some(name) { [out, out | 1] } else { [out; 2] };
    }
    kinds
}

/// Departments now, by the numbers of before.
fn departments(now: &[String], before: &[String]) -> [u8; 256] {
    let mut departments = [u8::MAX; 256];
    let number = |name| now.iter().position(|other| other == name).and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX);
    departments.iter_mut().zip(before).for_each(|(department, name)| *department = number(name));
    departments
}

/// Numbers of sheets now, by those of before.
fn sources(now: &Names, before: &Names) -> Vec<u32> {
    let numbers: HashMap<[&str; 4], u32> = said(now).zip(0..).collect();
    said(before).map(|source| numbers.get(&source).copied().unwrap_or(NOBODY)).collect()
}

/// What sheets say of themselves, the department by its name.
pub(super) fn said(names: &Names) -> impl Iterator<Item = [&str; 4]> {
    let department = |number: u8| names.departments.get(usize::from(number)).map_or("", String::as_str);
    names.sources.iter().map(move |source| [department(source.department), &source.extract, &source.batch, &source.sheet])
}
