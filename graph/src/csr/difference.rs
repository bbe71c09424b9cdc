//! Which edges came and which went since a file of the graph was made: edges are held against it one by one. They come by relation and by where
//! they start, as link gives them, so that each is looked for near the one before; in any other order that takes longer and finds the same. What
//! becomes of the difference does not enter.

use super::{
    Graph,
    adjacency::{Ends, Slot, is_incoming, kind, order, slot},
    census::{Census, Dated, Named, Words},
    changes::said,
    format::Names,
};
use crate::{Error, parallel::parallel};
use arrow_array::RecordBatch;
use arrow_schema::ArrowError;
use hashbrown::HashMap;
use std::ops::Range;

/// Nodes that one thread takes at a time.
const UNIT: u32 = 1 << 16;

/// What is other than in the file.
pub(super) struct Difference {
    /// What edges name now.
    pub(super) census: Census,
    /// Edges that came.
    pub(super) came: Vec<(Named, Dated)>,
    /// Edges that went.
    pub(super) went: usize,
    /// Their ends: the node, and the place in its slots; by both.
    pub(super) gone: Vec<[u32; 2]>,
}

/// Holds edges against a file; none where more than `most` came or went.
///
/// # Errors
/// When a column is missing, batches cannot be read, or an edge of the file is not at both of its ends.
pub(super) fn difference(
    file: &Graph,
    batches: impl Iterator<Item = Result<RecordBatch, ArrowError>>,
    most: usize,
    threads: usize,
) -> Result<Option<Difference>, Error> {
    let (mut census, mut came, mut finder) = (Census::default(), Vec::new(), Finder::new(file));
    for batch in batches {
        let is_through = census.follow(&batch?, |census, named, dated| {
            if finder.find(census, &named, dated).is_none() {
                came.push((named, dated));
            }
            came.len() <= most
        })?;
        if !is_through {
            return Ok(None);
        }
    }
    let went = (file.edges() as usize).saturating_sub(census.edges - came.len());
    if came.len() + went > most {
        return Ok(None);
    }
    let starts = if went == 0 { Vec::new() } else { finder.missing(threads) };
    let gone = both_ends(file, starts)?;
    Ok(Some(Difference { census, came, went, gone }))
}

/// Numbers that the file gives to names, by the places that a census has them at.
struct Former {
    known: HashMap<String, u32>,
    numbers: Vec<Option<u32>>,
}

impl Former {
    fn of(names: impl Iterator<Item = String>) -> Former {
        Former { known: names.zip(0..).collect(), numbers: Vec::new() }
    }

    fn number(&mut self, words: &Words, place: u32) -> Option<u32> {
        let new = words.names.get(self.numbers.len()..).unwrap_or_default();
        self.numbers.extend(new.iter().map(|word| self.known.get(word).copied()));
        *self.numbers.get(place as usize)?
    }
}

/// Looks for edges in the file, and marks those that were found.
struct Finder<'a> {
    file: &'a Graph,
    types: Former,
    relations: Former,
    departments: Former,
    sources: Former,
    /// A bit for each slot of the file.
    found: Vec<u64>,
    /// Of each type where somebody was found last.
    last: Vec<usize>,
    /// Whose slots of which relation were looked at last, and where they are among those of the node.
    run: ([u32; 2], Range<usize>),
}

impl<'a> Finder<'a> {
    fn new(file: &'a Graph) -> Finder<'a> {
        let names = &*file.names;
        let Names { types, relations, departments, .. } = names;
        Finder {
            file,
            types: Former::of(types.iter().map(|kind| kind.name.clone())),
            relations: Former::of(relations.iter().cloned()),
            departments: Former::of(departments.iter().cloned()),
            sources: Former::of(said(names).map(|source| source.join("\0"))),
            found: vec![0; (file.slots as usize).div_ceil(64)],
            last: vec![0; types.len()],
            run: ([u32::MAX; 2], 0..0),
        }
    }

    /// Marks the slot at which an edge starts, one that no other edge has marked; none where there is none.
    fn find(&mut self, census: &Census, named: &Named, (since, until, row): Dated) -> Option<()> {
        let relation = u8::try_from(self.relations.number(&census.relations, named.relation)?).ok()?;
        let department = u8::try_from(self.departments.number(&census.departments, named.department)?).ok()?;
        let evidence = self.sources.number(&census.sources, named.evidence)?;
        let [from, to] = [named.source.0, named.target.0].map(|place| self.types.number(&census.types, place));
        let node = self.source(from? as usize, named.source.1)?;
        let first = self.file.range(node).start;
        let Ends { slots, evidence: rows } = self.file.ends(node);
        if self.run.0 != [node, u32::from(relation)] {
            let wanted = u32::from(relation) << 8;
            let run = slots.partition_point(|slot| kind(*slot) < wanted)..slots.partition_point(|slot| kind(*slot) <= wanted);
            self.run = ([node, u32::from(relation)], run);
        }
        let run = self.run.1.clone();
        let neighbour = self.target(slots.get(run.clone())?, to? as usize, named.target.1)?;
        let wanted = order(slot(neighbour, relation, 0, department, since, until), [evidence, row]);
        let said = |at: usize| order(slots[at], rows[at]);
        let from = run.start + partition(run.len(), |at| said(run.start + at) < wanted);
        let equal = partition(run.end - from, |at| said(from + at) == wanted);
        // Of edges that are alike the first ones are marked.
        let at = first + from + partition(equal, |at| self.is_found(first + from + at));
        (at < first + from + equal).then(|| self.found[at / 64] |= 1 << (at % 64))
    }

    fn is_found(&self, at: usize) -> bool {
        self.found.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    /// The node of where an edge starts, which mostly is not far behind that of the one before.
    fn source(&mut self, number: usize, entity: i64) -> Option<u32> {
        let kind = self.file.names.types.get(number)?;
        let (numbers, last) = (self.file.entities_of(kind)?, self.last.get_mut(number)?);
        let mut from = if numbers.get(*last).is_some_and(|known| *known <= entity) { *last } else { 0 };
        let mut step = 1;
        while numbers.get(from + step).is_some_and(|known| *known <= entity) {
            from += step;
            step *= 2;
        }
        *last = from + numbers[from..numbers.len().min(from + step)].partition_point(|known| *known < entity);
        (numbers.get(*last) == Some(&entity)).then(|| kind.first + u32::try_from(*last).unwrap_or(u32::MAX))
    }

    /// The node of where it leads, if one of these slots leads there; nobody else is asked for.
    fn target(&self, run: &[Slot], number: usize, entity: i64) -> Option<u32> {
        let kind = self.file.names.types.get(number)?;
        let is_before = |node: u32| node < kind.first || node < kind.end && self.file.entities.get(node as usize) < Some(&entity);
        let node = run.get(run.partition_point(|slot| is_before(slot[0])))?[0];
        (node < kind.end && self.file.entities.get(node as usize) == Some(&entity)).then_some(node)
    }

    /// Where edges start that nobody asked for: the node, and the place in its slots.
    fn missing(&self, threads: usize) -> Vec<[u32; 2]> {
        let of_unit = |unit: usize| {
            let first = u32::try_from(unit).unwrap_or(u32::MAX).saturating_mul(UNIT);
            let nodes = first..first.saturating_add(UNIT).min(self.file.nodes);
            let of_node = |node: u32| {
                let at = self.file.range(node).start;
                let slots = (0u32..).zip(self.file.ends(node).slots);
                slots
                    .filter(move |(place, slot)| !is_incoming(slot) && !self.is_found(at + *place as usize))
                    .map(move |(place, _)| [node, place])
            };
            nodes.flat_map(of_node).collect::<Vec<_>>()
        };
        parallel(threads, self.file.nodes.div_ceil(UNIT) as usize, || (), |(), unit| of_unit(unit)).concat()
    }
}

/// The node of an entity of a type in the file.
pub(super) fn node_in(file: &Graph, kind: &str, entity: i64) -> Option<u32> {
    let kind = file.names.types.iter().find(|known| known.name == kind)?;
    let at = file.entities_of(kind)?.binary_search(&entity).ok()?;
    Some(kind.first + u32::try_from(at).ok()?)
}

/// As `partition_point` of a slice, of numbers below one.
fn partition(length: usize, passes: impl Fn(usize) -> bool) -> usize {
    let (mut from, mut to) = (0, length);
    while from < to {
        let middle = from.midpoint(to);
        if passes(middle) { from = middle + 1 } else { to = middle }
    }
    from
}

/// Of edges that start there both ends.
fn both_ends(file: &Graph, mut starts: Vec<[u32; 2]>) -> Result<Vec<[u32; 2]>, Error> {
    let damaged = || Error::Damaged { what: "its edges are not at both of their ends" };
    let mirrored = |[node, place]: &[u32; 2]| {
        let Ends { slots, evidence } = file.ends(*node);
        let ([neighbour, kind, days], evidence) = (*slots.get(*place as usize)?, *evidence.get(*place as usize)?);
        Some((neighbour, order([*node, kind | 1 << 16, days], evidence)))
    };
    let mut ends: Vec<(u32, [u32; 6])> = starts.iter().map(mirrored).collect::<Option<_>>().ok_or_else(damaged)?;
    ends.sort_unstable();
    // Of edges that are alike the first ones go.
    let mut alike = 0;
    for (at, end) in ends.iter().enumerate() {
        alike = if at > 0 && ends[at - 1] == *end { alike + 1 } else { 0 };
        let (node, wanted) = *end;
        let Ends { slots, evidence } = file.ends(node);
        let said = |at: usize| order(slots[at], evidence[at]);
        let place = partition(slots.len(), |at| said(at) < wanted) + alike;
        if place >= slots.len() || said(place) != wanted {
            return Err(damaged());
        }
        starts.push([node, u32::try_from(place).unwrap_or(u32::MAX)]);
    }
    starts.sort_unstable();
    Ok(starts)
}
