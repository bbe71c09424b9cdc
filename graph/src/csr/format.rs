//! How the graph lies in bytes, and how edges that changed lie over it: sections behind a [`header`](super::header). What a walk makes of them
//! does not enter. Nothing here is trusted: lengths are checked before anything is taken, and nothing is reserved on a length's word.
//!
//! **The graph**, numbers: nodes, slots, build. Sections: *names*; *entities*, the entity number of each node (i64); *offsets*, where the slots of
//! each node begin, and one more (u32); *slots*, 12 bytes an end of an edge; *evidence*, 8 bytes a slot, apart since walks do not need it. What a
//! walk looks at of a slot is side by side, so that it meets one line of the cache, not five.
//!
//! **What changed**, numbers: nodes, slots and build of the whole; nodes of the file below, its build and the checksum of its header; stretches,
//! entities that came, nodes that are touched, places that are gone, slots that came. Sections: *names* of the whole; *stretches* of nodes that
//! stand (4 u32 each, see [`stretch`](super::stretch)); *by file*, of each block of nodes of the file the last stretch at its begin (u32); *by node*, of
//! each block of nodes now the last stretch and the first touched one (2 u32); *came*, entity numbers of those that came, by node (i64); *touched*,
//! of each node that is the node, its first place that is gone and its first slot that came, and one more (3 u32); *gone*, places in the slots of its
//! node in the file (u32); *slots* and *evidence* that came, in numbers of the whole.

use super::header::Form;

/// The sections of a graph, in their order.
pub(super) const NAMES: usize = 0;
pub(super) const ENTITIES: usize = 1;
pub(super) const OFFSETS: usize = 2;
pub(super) const SLOTS: usize = 3;
pub(super) const EVIDENCE: usize = 4;

/// Bytes of a slot and of its evidence.
const SLOT: u64 = 12;
const ROW: u64 = 8;

/// The file of a graph.
pub(super) static GRAPH: Form<3, 5> = Form {
    magic: b"WUWEICSR",
    version: 1,
    lengths: |names, [nodes, slots, _]| {
        (*nodes < u64::from(u32::MAX) && *slots <= u64::from(u32::MAX))
            .then(|| [names, nodes * 8, (nodes + 1) * 4, slots * SLOT, slots * ROW])
    },
    sections: ["its names", "its entities", "its offsets", "its edges", "its evidence"],
};

/// The sections of what changed, after the names.
pub(super) const STRETCHES: usize = 1;
pub(super) const BY_FILE: usize = 2;
pub(super) const BY_NODE: usize = 3;
pub(super) const CAME: usize = 4;
pub(super) const TOUCHED: usize = 5;
pub(super) const GONE: usize = 6;
pub(super) const MORE: usize = 7;
pub(super) const MORE_EVIDENCE: usize = 8;

/// Nodes of a block.
pub(super) const BLOCK: u32 = 64;

/// What changed since the file of a graph.
pub(super) static CHANGES: Form<11, 9> = Form {
    magic: b"WUWEIOVR",
    version: 1,
    lengths: |names, numbers| {
        let [nodes, slots, _, below, _, _, stretches, came, touched, gone, more] = *numbers;
        let blocks = |nodes: u64| nodes.div_ceil(u64::from(BLOCK)) + 1;
        let counts = [slots, stretches, came, touched, gone, more];
        if nodes.max(below) >= u64::from(u32::MAX) || counts.iter().any(|count| *count > u64::from(u32::MAX)) {
            return None;
        }
        let sections =
            [stretches * 16, blocks(below) * 4, blocks(nodes) * 8, came * 8, (touched + 1) * 12, gone * 4, more * SLOT, more * ROW];
        let [stretches, by_file, by_node, came, touched, gone, slots, evidence] = sections;
        Some([names, stretches, by_file, by_node, came, touched, gone, slots, evidence])
    },
    sections: [
        "its names",
        "its stretches",
        "its blocks",
        "its blocks",
        "its entities",
        "what it touches",
        "what is gone",
        "its edges",
        "its evidence",
    ],
};

/// A node type and its nodes, which have one number after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Type {
    /// The name.
    pub name: String,
    /// Its first node.
    pub first: u32,
    /// One more than its last.
    pub end: u32,
}

/// A sheet of a file of an extract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Whose it is, a number of [`Graph::departments`](super::Graph::departments).
    pub department: u8,
    /// The extract.
    pub extract: String,
    /// The file: first 16 hexadecimal digits of its SHA-256.
    pub batch: String,
    /// The sheet; empty where it has none.
    pub sheet: String,
}

/// What numbers in the other sections mean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) types: Vec<Type>,
    pub(super) relations: Vec<String>,
    pub(super) departments: Vec<String>,
    pub(super) sources: Vec<Source>,
}

impl Names {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        put(&mut bytes, self.types.len());
        for kind in &self.types {
            put_text(&mut bytes, &kind.name);
            bytes.extend([kind.first, kind.end].into_iter().flat_map(u32::to_le_bytes));
        }
        for names in [&self.relations, &self.departments] {
            put(&mut bytes, names.len());
            names.iter().for_each(|name| put_text(&mut bytes, name));
        }
        put(&mut bytes, self.sources.len());
        for source in &self.sources {
            put(&mut bytes, usize::from(source.department));
            [&source.extract, &source.batch, &source.sheet].into_iter().for_each(|text| put_text(&mut bytes, text));
        }
        bytes
    }

    /// Reads names; types have to follow each other over all nodes.
    pub(super) fn read(bytes: &[u8], nodes: u32) -> Option<Names> {
        let rest = &mut &*bytes;
        let types = many(rest, |rest| Some(Type { name: text(rest)?, first: number(rest)?, end: number(rest)? }))?;
        let relations = many(rest, text)?;
        let departments = many(rest, text)?;
        let sources = many(rest, |rest| {
            let department = u8::try_from(number(rest)?).ok().filter(|number| usize::from(*number) < departments.len())?;
            Some(Source { department, extract: text(rest)?, batch: text(rest)?, sheet: text(rest)? })
        })?;
        let end = types.iter().try_fold(0, |from, kind| (kind.first == from && kind.end >= from).then_some(kind.end))?;
        let whole = rest.is_empty() && end == nodes && relations.len() <= 256 && departments.len() <= 256;
        whole.then_some(Names { types, relations, departments, sources })
    }
}

fn put(bytes: &mut Vec<u8>, number: usize) {
    bytes.extend(u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put(bytes, text.len());
    bytes.extend(text.as_bytes());
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    let (number, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(u32::from_le_bytes(*number))
}

fn text(rest: &mut &[u8]) -> Option<String> {
    let length = number(rest)? as usize;
    let (text, after) = rest.split_at_checked(length)?;
    *rest = after;
    String::from_utf8(text.to_vec()).ok()
}

/// As many as their number says; each takes bytes, so a number that lies ends with them.
fn many<T>(rest: &mut &[u8], one: impl Fn(&mut &[u8]) -> Option<T>) -> Option<Vec<T>> {
    let count = number(rest)?;
    (0..count).map(|_| one(rest)).collect()
}
