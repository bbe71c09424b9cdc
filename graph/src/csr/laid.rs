//! What changed since a file of the graph was made becomes a file that lies over it: who comes and goes, what everybody's number is then, what of
//! whose slots is gone and what came. Memory holds what changed and a bit for each slot. How it is found is the difference's.

use super::{
    Graph,
    adjacency::{Slot, order},
    build::{Built, COLUMNS, Options},
    census::{Census, ENTITIES, crowded},
    difference::{Difference, difference, node_in},
    format::{BLOCK, BY_FILE, BY_NODE, CAME, CHANGES, GONE, MORE, MORE_EVIDENCE, NAMES, Names, STRETCHES, TOUCHED},
    header::Header,
    stretch::{Stretch, Stretches, Sweep, blocks},
    written::{File, bytes},
};
use crate::{Error, column::narrow};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use serde::Serialize;

/// Bytes that one edge which came or went may take while the file is made.
const CHANGE: usize = 200;

/// What changed since the file below.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Edges that came.
    pub came: u32,
    /// Edges that went.
    pub went: u32,
}

impl Changed {
    /// Whether all is as it was.
    pub fn is_nothing(&self) -> bool {
        self.came + self.went == 0
    }
}

/// What makes of a graph's file the graph of these batches of `graph.edge`, as [`Graph::with`] opens it; what lies over the file already counts for
/// nothing. `read` gives batches once, with the columns it is asked for at least; `write` is as of [`build`](super::build). Nothing is written where
/// nothing changed, and none is given back where more edges came and went than `most`, or than there is memory for: then it is better to make
/// the graph anew. The file below is read whole and has to be as it was written.
///
/// # Errors
/// When a column is missing, the file below is damaged, there is more than a file has room for, or one of the two fails.
pub fn overlay<I, E>(
    below: &Graph,
    read: impl FnOnce(&[&str]) -> Result<I, E>,
    most: u32,
    options: &Options,
    write: impl FnMut(u64, &[u8]) -> Result<(), E>,
) -> Result<Option<Built>, E>
where
    I: Iterator<Item = Result<RecordBatch, ArrowError>>,
    E: From<Error>,
{
    let below = below.below();
    below.verify_file()?;
    let most = (most as usize).min(options.memory / CHANGE);
    let Some(difference) = difference(&below, read(&COLUMNS)?, most, options.threads)? else { return Ok(None) };
    let changes = Changed { came: narrow(difference.came.len()), went: narrow(difference.went) };
    let edges = narrow(difference.census.edges);
    if changes.is_nothing() {
        return Ok(Some(Built { nodes: below.nodes, edges, bytes: 0, reads: 1, changes: Some(changes) }));
    }
    let laid = Laid::of(&below, difference)?;
    let nodes = laid.nodes;
    let bytes = laid.write(&below, edges, options.build, write)?;
    Ok(Some(Built { nodes, edges, bytes, reads: 1, changes: Some(changes) }))
}

/// What changed, in the order of the file that it becomes.
struct Laid {
    names: Names,
    nodes: u32,
    stretches: Vec<Stretch>,
    came: Vec<i64>,
    touched: Vec<[u32; 3]>,
    gone: Vec<u32>,
    more: Vec<Slot>,
    evidence: Vec<[u32; 2]>,
}

impl Laid {
    fn of(below: &Graph, difference: Difference) -> Result<Laid, Error> {
        let Difference { mut census, came, gone, .. } = difference;
        let mut names = census.name()?;
        let (mut arrived, mut kept) = (Vec::new(), Vec::new());
        for (kind, entity) in came.iter().flat_map(|(named, _)| [named.source, named.target]) {
            match node_in(below, &census.types.names[kind as usize], entity) {
                Some(node) => kept.push(node),
                None => arrived.push((census.types.numbers[kind as usize], entity)),
            }
        }
        arrived.sort_unstable();
        arrived.dedup();
        kept.sort_unstable();
        let vanished = vanished(below, &gone, &kept);
        crowded("entities", below.nodes as usize - vanished.len() + arrived.len(), ENTITIES)?;
        let (stretches, nodes) = number(below, &mut names, &arrived, &vanished);
        let by_file = blocks(&stretches, |stretch| stretch[1], below.nodes);
        let numbers = Stretches { all: &stretches, by_file: &by_file, by_node: &[] };
        let gone: Vec<[u32; 2]> = gone.iter().filter_map(|[node, place]| Some([numbers.now(*node)?, *place])).collect();
        let more = more(&census, &came, |kind, entity| match node_in(below, census.types.names.get(kind as usize)?, entity) {
            Some(node) => numbers.now(node),
            None => {
                let wanted = (*census.types.numbers.get(kind as usize)?, entity);
                numbers.came(narrow(arrived.binary_search(&wanted).ok()?))
            }
        })?;
        Ok(Laid {
            touched: touched(&gone, &more),
            came: arrived.into_iter().map(|(_, entity)| entity).collect(),
            gone: gone.into_iter().map(|[_, place]| place).collect(),
            evidence: more.iter().map(|(_, said)| [said[4], said[5]]).collect(),
            more: more.iter().map(|(_, said)| [said[1], said[3], said[2]]).collect(),
            names,
            nodes,
            stretches,
        })
    }

    fn write<E: From<Error>>(
        self,
        below: &Graph,
        edges: u32,
        build: u64,
        write: impl FnMut(u64, &[u8]) -> Result<(), E>,
    ) -> Result<u64, E> {
        let Laid { names, nodes, stretches, came, touched, gone, more, evidence } = self;
        let by_file = blocks(&stretches, |stretch| stretch[1], below.nodes);
        let by_node = by_node(&stretches, &touched, nodes).into_flattened();
        let counts = [stretches.len(), came.len(), touched.len() - 1, gone.len(), more.len()].map(|count| count as u64);
        let [stretched, arrived, touches, went, slots] = counts;
        let (whole, slots_now, [_, _, build_below]) = (u64::from(nodes), u64::from(edges) * 2, below.header.numbers);
        let (under, checksum) = (u64::from(below.nodes), below.header.checksum());
        let numbers = [whole, slots_now, build, under, build_below, checksum, stretched, arrived, touches, went, slots];
        let names = names.bytes();
        let mut file = File::new(Header::new(&CHANGES, names.len(), numbers).ok_or(Error::Changed)?, write);
        file.put(NAMES, &names)?;
        file.put(STRETCHES, &bytes(stretches.into_flattened()))?;
        file.put(BY_FILE, &bytes(by_file))?;
        file.put(BY_NODE, &bytes(by_node))?;
        file.put(CAME, &bytes(came))?;
        file.put(TOUCHED, &bytes(touched.into_flattened()))?;
        file.put(GONE, &bytes(gone))?;
        file.put(MORE, &bytes(more.into_flattened()))?;
        file.put(MORE_EVIDENCE, &bytes(evidence.into_flattened()))?;
        file.finish()
    }
}

/// Nodes of which all edges went and to which none came; of ends that are gone, and of nodes that edges came to, both by node.
fn vanished(below: &Graph, gone: &[[u32; 2]], kept: &[u32]) -> Vec<u32> {
    let is_gone = |ends: &&[[u32; 2]]| ends.len() == below.range(ends[0][0]).len() && kept.binary_search(&ends[0][0]).is_err();
    gone.chunk_by(|one, other| one[0] == other[0]).filter(is_gone).map(|ends| ends[0][0]).collect()
}

/// Numbers who is there: type by type, those who stand and those who arrived by their entity numbers. Types get their nodes; says how many there are.
fn number(below: &Graph, names: &mut Names, arrived: &[(u32, i64)], vanished: &[u32]) -> (Vec<Stretch>, u32) {
    let mut sweep = Sweep::default();
    for (kind, at) in names.types.iter_mut().zip(0u32..) {
        kind.first = sweep.node;
        let before = below.names.types.iter().find(|before| before.name == kind.name);
        let numbers = before.and_then(|before| below.entities_of(before)).unwrap_or_default();
        let (mut from, end) = before.map_or((0, 0), |before| (before.first, before.end));
        let of_type = |place: u32| vanished.partition_point(|node| *node < place);
        let mut goes = vanished[of_type(from)..of_type(end)].iter().copied().peekable();
        let first = from;
        let of_arrived = arrived.partition_point(|arrived| arrived.0 < at)..arrived.partition_point(|arrived| arrived.0 <= at);
        for (_, entity) in &arrived[of_arrived] {
            let place = first + narrow(numbers.partition_point(|known| known < entity));
            while let Some(node) = goes.next_if(|node| *node < place) {
                sweep.stands(from..node);
                from = node + 1;
            }
            sweep.stands(from..place);
            from = place.max(from);
            sweep.comes();
        }
        for node in goes {
            sweep.stands(from..node);
            from = node + 1;
        }
        sweep.stands(from..end);
        kind.end = sweep.node;
    }
    let nodes = sweep.node;
    (sweep.end(), nodes)
}

/// Slots of edges that came, by node and in the order of slots: that order has all that they say.
fn more(
    census: &Census,
    came: &[(super::census::Named, super::census::Dated)],
    node: impl Fn(u32, i64) -> Option<u32>,
) -> Result<Vec<(u32, [u32; 6])>, Error> {
    let mut more = Vec::with_capacity(came.len() * 2);
    for (named, dated) in came {
        let placed = census.placed_by(named, *dated, &node).ok_or(Error::Changed)?;
        more.extend(placed.ends().map(|(owner, slot, evidence)| (owner, order(slot, evidence))));
    }
    more.sort_unstable();
    Ok(more)
}

/// Of each node that is touched where its places that are gone begin, and its slots that came; and where all end.
fn touched(gone: &[[u32; 2]], more: &[(u32, [u32; 6])]) -> Vec<[u32; 3]> {
    let (mut at, mut touched) = ([0, 0], Vec::new());
    loop {
        let next = [gone.get(at[0]).map(|end| end[0]), more.get(at[1]).map(|end| end.0)];
        let Some(node) = next.into_iter().flatten().min() else { break };
        touched.push([node, narrow(at[0]), narrow(at[1])]);
        at[0] += gone[at[0]..].iter().take_while(|end| end[0] == node).count();
        at[1] += more[at[1]..].iter().take_while(|end| end.0 == node).count();
    }
    touched.push([u32::MAX, narrow(gone.len()), narrow(more.len())]);
    touched
}

/// Of each block of nodes, and of one more, the last stretch at its begin and the first touched node from there.
pub(super) fn by_node(stretches: &[Stretch], touched: &[[u32; 3]], nodes: u32) -> Vec<[u32; 2]> {
    let touched = touched.split_last().map_or(touched, |(_, before)| before);
    let first = |block: u32| touched.partition_point(|touched| u64::from(touched[0]) < u64::from(block) * u64::from(BLOCK));
    let last = blocks(stretches, |stretch| stretch[0], nodes);
    last.into_iter().zip(0..).map(|(last, block)| [last, narrow(first(block))]).collect()
}
