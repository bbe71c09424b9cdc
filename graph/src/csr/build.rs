//! Edges become the file of the graph: read once to see who and what there is, then again to be put in their places. Memory holds the ends of
//! edges of as many nodes as fit; where not all do, edges are read once more for the rest. What comes out depends on what is read alone, not on
//! its order, on memory or on threads. Where edges come from and bytes go to is not known here.

use super::{
    Graph,
    adjacency::order,
    census::{Census, NAMING},
    format::{ENTITIES, EVIDENCE, GRAPH, NAMES, OFFSETS, SLOTS},
    header::Header,
    laid::Changed,
    written::{File, bytes},
};
use crate::{
    Error,
    parallel::{available, parallel},
};
use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_schema::ArrowError;
use serde::Serialize;

/// How a graph is built.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// What it is built of, in the words of whoever builds it; [`Graph::build`] says it again.
    pub build: u64,
    /// Bytes for ends of edges; there are some 9 bytes a node besides, and what is written next.
    pub memory: usize,
    /// Threads for sorting.
    pub threads: usize,
}

impl Options {
    /// On all processors, in 2.5 GiB: room for 55 million edges at once.
    pub fn new(build: u64) -> Options {
        Options { build, memory: 5 << 29, threads: available() }
    }
}

/// The columns of `graph.edge` that a graph is made of.
pub const COLUMNS: [&str; 12] =
    ["relation", "source", "source_type", "target", "target_type", "department", "extract", "batch", "sheet", "since", "until", "row"];

impl Graph {
    /// The graph of few edges, with the columns of [`COLUMNS`], in memory.
    ///
    /// # Errors
    /// As of [`build`].
    pub fn made(batches: &[RecordBatch]) -> Result<Graph, Error> {
        let mut file = Vec::new();
        let write = |position: u64, bytes: &[u8]| {
            let from = usize::try_from(position).map_err(|_| Error::Changed)?;
            file.resize(file.len().max(from + bytes.len()), 0);
            file[from..from + bytes.len()].copy_from_slice(bytes);
            Ok::<_, Error>(())
        };
        build(|_| Ok(batches.iter().cloned().map(Ok)), &Options::new(0), write)?;
        Graph::open(Buffer::from_vec(file))
    }
}

/// What was built.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Built {
    /// Nodes: entities that an edge starts from or leads to.
    pub nodes: u32,
    /// Edges.
    pub edges: u32,
    /// Bytes of the file.
    pub bytes: u64,
    /// How often edges were read, the census included.
    pub reads: u32,
    /// What the file has of it, where it lies over another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changed>,
}

/// Nodes whose slots are sorted at once.
const BLOCK: u32 = 1 << 16;

/// Slots that are reserved at once.
const CHUNK: usize = 1 << 10;

/// What of an edge is kept for each of its ends: the node; the words of the slot; evidence and row.
type End = [u32; 6];

/// Builds the file of the batches of `graph.edge`. `read` gives them, as often as it is asked, with the columns it is asked for at least; `write`
/// takes bytes and the position where they belong, the header last, so that what is not finished is no graph.
///
/// # Errors
/// When a column is missing, there is more than the file has room for, batches are others when they are read again, or one of the two fails.
pub fn build<I, E>(
    mut read: impl FnMut(&[&str]) -> Result<I, E>,
    options: &Options,
    write: impl FnMut(u64, &[u8]) -> Result<(), E>,
) -> Result<Built, E>
where
    I: Iterator<Item = Result<RecordBatch, ArrowError>>,
    E: From<Error>,
{
    let mut census = Census::default();
    for batch in read(&COLUMNS[..NAMING])? {
        census.read(&batch.map_err(Error::from)?)?;
    }
    let names = census.number()?;
    let nodes = names.types.last().map_or(0, |kind| kind.end);
    let edges = u32::try_from(census.edges).map_err(|_| Error::Changed)?;
    let names = names.bytes();
    let header = Header::new(&GRAPH, names.len(), [u64::from(nodes), u64::from(edges) * 2, options.build]).ok_or(Error::Changed)?;
    let mut file = File::new(header, write);
    file.put(NAMES, &names)?;
    let mut entities = census.entities();
    while let Some(first) = entities.next() {
        let some: Vec<i64> = std::iter::once(first).chain(entities.by_ref().take(BLOCK as usize)).collect();
        file.put(ENTITIES, &bytes(some))?;
    }
    drop(entities);
    file.put(OFFSETS, &bytes(vec![0u32]))?;
    let (mut from, mut slots, mut reads) = (0, 0, 1);
    while from < nodes.div_ceil(BLOCK) {
        let shelf = fill(&mut census, read(&COLUMNS)?, from..nodes.div_ceil(BLOCK), options.memory)?;
        from = shelf.to;
        reads += 1;
        slots = empty(shelf, nodes, options.threads, slots, &mut file)?;
    }
    if slots != edges * 2 {
        return Err(Error::Changed.into());
    }
    Ok(Built { nodes, edges, bytes: file.finish()?, reads, changes: None })
}

/// Ends of edges, of the blocks of nodes that there is memory for.
struct Shelf {
    first: u32,
    to: u32,
    blocks: Vec<Vec<Vec<End>>>,
    held: usize,
}

impl Shelf {
    fn put(&mut self, end: End, most: usize) {
        let block = end[0] / BLOCK;
        if block < self.first || block >= self.to {
            return;
        }
        let chunks = &mut self.blocks[(block - self.first) as usize];
        match chunks.last_mut().filter(|chunk| chunk.len() < CHUNK) {
            Some(chunk) => chunk.push(end),
            None => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(end);
                chunks.push(chunk);
            }
        }
        self.held += 1;
        // The first block stays, however large: somebody has to come through.
        while self.held > most && self.blocks.len() > 1 {
            self.held -= self.blocks.pop().iter().flatten().map(Vec::len).sum::<usize>();
            self.to -= 1;
        }
    }
}

/// Reads edges for as many of the blocks as fit, from the first.
fn fill(
    census: &mut Census,
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    blocks: std::ops::Range<u32>,
    memory: usize,
) -> Result<Shelf, Error> {
    let mut shelf = Shelf { first: blocks.start, to: blocks.end, blocks: blocks.clone().map(|_| Vec::new()).collect(), held: 0 };
    let (most, mut read) = (memory / size_of::<End>(), 0);
    for batch in batches {
        let batch = batch?;
        census.place(&batch, |edge| {
            for (owner, [neighbour, kind, days], [evidence, row]) in edge.ends() {
                shelf.put([owner, neighbour, kind, days, evidence, row], most);
            }
        })?;
        read += batch.num_rows();
    }
    if read == census.edges { Ok(shelf) } else { Err(Error::Changed) }
}

/// Sorts and writes what was filled; `slots` were written before, so many are then.
fn empty<E, W>(shelf: Shelf, nodes: u32, threads: usize, mut slots: u32, file: &mut File<W, 3, 5>) -> Result<u32, E>
where
    E: From<Error>,
    W: FnMut(u64, &[u8]) -> Result<(), E>,
{
    let Shelf { mut first, blocks, .. } = shelf;
    let mut blocks = blocks.into_iter();
    loop {
        // Few at a time, since what is sorted lies beside what is not.
        let some: Vec<Vec<Vec<End>>> = blocks.by_ref().take(threads.max(1) * 2).collect();
        if some.is_empty() {
            return Ok(slots);
        }
        let width = |at: usize| u32::try_from(at).map_or(0, |at| (nodes - (first + at) * BLOCK).min(BLOCK));
        for sorted in parallel(threads, some.len(), || (), |(), at| sort(&some[at], width(at) as usize)) {
            let ends: Vec<u32> = sorted
                .degrees
                .iter()
                .map(|degree| {
                    slots += degree;
                    slots
                })
                .collect();
            file.put(OFFSETS, &bytes(ends))?;
            file.put(SLOTS, &bytes(sorted.slots))?;
            file.put(EVIDENCE, &bytes(sorted.evidence))?;
        }
        first += u32::try_from(some.len()).unwrap_or_default();
    }
}

/// A block as it is written.
struct Sorted {
    degrees: Vec<u32>,
    slots: Vec<u32>,
    evidence: Vec<u32>,
}

/// By node, by counting; then the few of each in their order.
fn sort(chunks: &[Vec<End>], width: usize) -> Sorted {
    let within = |end: &End| (end[0] % BLOCK) as usize;
    let mut degrees = vec![0u32; width];
    chunks.iter().flatten().for_each(|end| degrees[within(end)] += 1);
    let mut next: Vec<usize> = degrees.iter().scan(0, |sum, degree| Some(std::mem::replace(sum, *sum + *degree as usize))).collect();
    let mut ends: Vec<End> = vec![[0; 6]; chunks.iter().map(Vec::len).sum()];
    for end in chunks.iter().flatten() {
        let place = &mut next[within(end)];
        ends[*place] = *end;
        *place += 1;
    }
    let mut rest = ends.as_mut_slice();
    for degree in &degrees {
        let (own, after) = std::mem::take(&mut rest).split_at_mut(*degree as usize);
        own.sort_unstable_by_key(|end| order([end[1], end[2], end[3]], [end[4], end[5]]));
        rest = after;
    }
    let (mut slots, mut evidence) = (Vec::with_capacity(ends.len() * 3), Vec::with_capacity(ends.len() * 2));
    for [_, neighbour, kind, days, source, row] in ends {
        slots.extend([neighbour, kind, days]);
        evidence.extend([source, row]);
    }
    Sorted { degrees, slots, evidence }
}
