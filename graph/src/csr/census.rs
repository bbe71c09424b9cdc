//! Who and what is named in edges, and the numbers that they get: by name and by entity number, never by who came first. How edges are laid out
//! does not enter.

use super::{
    adjacency::{Slot, slot},
    format::{Names, Source, Type},
    view::{Day, FOREVER, days},
};
use crate::{
    Error,
    batch::{Texts, integers},
};
use arrow_array::RecordBatch;
use hashbrown::HashMap;

/// So many of the columns that a graph is made of name something, the first ones.
pub(super) const NAMING: usize = 9;

/// Relations and departments have a byte each.
const NAMED: usize = 256;

/// Entities have four, of which one number is nobody's.
pub(super) const ENTITIES: usize = u32::MAX as usize - 1;

/// What edges name. It is filled by reading them once; [`Census::number`] gives numbers, and then it finds what was filled in.
#[derive(Debug, Default)]
pub(super) struct Census {
    pub(super) types: Words,
    pub(super) relations: Words,
    pub(super) departments: Words,
    pub(super) sources: Words,
    entities: Vec<Entities>,
    pub(super) edges: usize,
    key: String,
}

/// An edge in numbers; of names the places at which they were first seen, of entities the place of the type and the number they have outside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named {
    pub(super) source: (u32, i64),
    pub(super) target: (u32, i64),
    pub(super) relation: u32,
    pub(super) department: u32,
    pub(super) evidence: u32,
}

/// An edge in the numbers of the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    source: u32,
    target: u32,
    relation: u8,
    department: u8,
    evidence: u32,
    dated: Dated,
}

/// What an edge says besides names: first and last day, and the row.
pub(super) type Dated = (Day, Day, u32);

impl Placed {
    /// Owner, slot and evidence of either end.
    pub(super) fn ends(&self) -> [(u32, Slot, [u32; 2]); 2] {
        let Placed { source, target, relation, department, evidence, dated: (since, until, row) } = *self;
        let end = |owner, neighbour, incoming| (owner, slot(neighbour, relation, incoming, department, since, until), [evidence, row]);
        [end(source, target, 0), end(target, source, 1)]
    }
}

impl Census {
    /// Takes in a batch.
    pub(super) fn read(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let columns = Columns::of(batch)?;
        for row in 0..batch.num_rows() {
            let named = columns.named(self, row, |words, text| Some(words.number(text))).ok_or(Error::Changed)?;
            self.entities.resize_with(self.types.names.len(), Entities::default);
            for (kind, entity) in [named.source, named.target] {
                self.entities[kind as usize].insert(entity);
            }
        }
        self.edges += batch.num_rows();
        Ok(())
    }

    /// Takes in the names of a batch, and hands over its edges until that says no; who they tie is not kept. Says whether it went through.
    pub(super) fn follow(&mut self, batch: &RecordBatch, mut take: impl FnMut(&Census, Named, Dated) -> bool) -> Result<bool, Error> {
        let (columns, dates) = (Columns::of(batch)?, Dates::of(batch)?);
        for row in 0..batch.num_rows() {
            let named = columns.named(self, row, |words, text| Some(words.number(text))).ok_or(Error::Changed)?;
            if !take(self, named, dates.at(row)) {
                return Ok(false);
            }
        }
        self.edges += batch.num_rows();
        Ok(true)
    }

    /// Gives everything its number.
    pub(super) fn number(&mut self) -> Result<Names, Error> {
        crowded("entities", self.entities.iter().map(Entities::len).sum(), ENTITIES)?;
        let mut names = self.name()?;
        let mut first = 0;
        for (kind, at) in names.types.iter_mut().zip(&self.types.order) {
            let end = self.entities[*at as usize].number(first);
            (kind.first, kind.end) = (std::mem::replace(&mut first, end), end);
        }
        Ok(names)
    }

    /// Gives names their numbers; types have no nodes yet.
    pub(super) fn name(&mut self) -> Result<Names, Error> {
        crowded("relations", self.relations.names.len(), NAMED)?;
        crowded("departments", self.departments.names.len(), NAMED)?;
        crowded("sheets of files", self.sources.names.len(), u32::MAX as usize)?;
        // Each edge has two ends.
        crowded("edges", self.edges, u32::MAX as usize / 2)?;
        let (relations, departments) = (self.relations.sort(), self.departments.sort());
        let types = self.types.sort().into_iter().map(|name| Type { name, first: 0, end: 0 }).collect();
        let sources = self.sources.sort().iter().map(|key| source(&mut self.departments, key)).collect();
        Ok(Names { types, relations, departments, sources })
    }

    /// Entity numbers in the order of their nodes.
    pub(super) fn entities(&self) -> impl Iterator<Item = i64> {
        self.types.order.iter().flat_map(|at| self.entities[*at as usize].sorted())
    }

    /// A batch again, row by row in the numbers of the file.
    pub(super) fn place(&mut self, batch: &RecordBatch, mut take: impl FnMut(Placed)) -> Result<(), Error> {
        let (columns, dates) = (Columns::of(batch)?, Dates::of(batch)?);
        for row in 0..batch.num_rows() {
            let named = columns.named(self, row, |words, text| words.find(text)).ok_or(Error::Changed)?;
            take(self.placed(&named, dates.at(row)).ok_or(Error::Changed)?);
        }
        Ok(())
    }

    fn placed(&self, named: &Named, dated: Dated) -> Option<Placed> {
        self.placed_by(named, dated, |kind, entity| self.entities.get(kind as usize)?.node(entity))
    }

    /// An edge in the numbers of the file, of entities whose nodes somebody else knows.
    pub(super) fn placed_by(&self, named: &Named, dated: Dated, node: impl Fn(u32, i64) -> Option<u32>) -> Option<Placed> {
        let node = |(kind, entity): (u32, i64)| node(kind, entity);
        let byte = |words: &Words, at: u32| words.numbers.get(at as usize).and_then(|number| u8::try_from(*number).ok());
        Some(Placed {
            source: node(named.source)?,
            target: node(named.target)?,
            relation: byte(&self.relations, named.relation)?,
            department: byte(&self.departments, named.department)?,
            evidence: *self.sources.numbers.get(named.evidence as usize)?,
            dated,
        })
    }
}

fn source(departments: &mut Words, key: &str) -> Source {
    let mut parts = key.split('\0').map(str::to_owned);
    let mut next = || parts.next().unwrap_or_default();
    let department = departments.find(&next()).and_then(|at| departments.numbers.get(at as usize));
    let department = department.and_then(|number| u8::try_from(*number).ok()).unwrap_or_default();
    Source { department, extract: next(), batch: next(), sheet: next() }
}

pub(super) fn crowded(what: &'static str, count: usize, limit: usize) -> Result<(), Error> {
    if count > limit { Err(Error::Crowded { what, count, limit }) } else { Ok(()) }
}

/// The columns of a batch that name something.
struct Columns<'a> {
    ends: [(Texts<'a>, &'a [i64]); 2],
    relation: Texts<'a>,
    provenance: [Texts<'a>; 4],
}

impl<'a> Columns<'a> {
    fn of(batch: &'a RecordBatch) -> Result<Columns<'a>, Error> {
        let text = |name| Texts::of(batch, name);
        let ends = [
            (text("source_type")?, integers(batch, "source")?.values().as_ref()),
            (text("target_type")?, integers(batch, "target")?.values().as_ref()),
        ];
        let provenance = [text("department")?, text("extract")?, text("batch")?, text("sheet")?];
        Ok(Columns { ends, relation: text("relation")?, provenance })
    }

    fn named(&self, census: &mut Census, row: usize, number: impl Fn(&mut Words, &str) -> Option<u32>) -> Option<Named> {
        let mut end = |at: usize| {
            let (kind, entity) = &self.ends[at];
            Some((number(&mut census.types, &kind.get(row).unwrap_or_default())?, *entity.get(row)?))
        };
        let (source, target) = (end(0)?, end(1)?);
        census.key.clear();
        for (at, text) in self.provenance.iter().enumerate() {
            if at > 0 {
                census.key.push('\0');
            }
            census.key.push_str(&text.get(row).unwrap_or_default());
        }
        let department = number(&mut census.departments, &self.provenance[0].get(row).unwrap_or_default())?;
        let relation = number(&mut census.relations, &self.relation.get(row).unwrap_or_default())?;
        Some(Named { source, target, relation, department, evidence: number(&mut census.sources, &census.key)? })
    }
}

/// The columns of a batch that say what is no name.
struct Dates<'a> {
    since: Texts<'a>,
    until: Texts<'a>,
    rows: &'a [i64],
}

impl<'a> Dates<'a> {
    fn of(batch: &'a RecordBatch) -> Result<Dates<'a>, Error> {
        Ok(Dates { since: Texts::of(batch, "since")?, until: Texts::of(batch, "until")?, rows: integers(batch, "row")?.values() })
    }

    /// What is no date is none.
    fn at(&self, row: usize) -> Dated {
        let day = |texts: &Texts<'_>| texts.get(row).and_then(|date| days(&date));
        let number = self.rows.get(row).and_then(|row| u32::try_from(*row).ok()).unwrap_or(u32::MAX);
        (day(&self.since).map_or(0, |(first, _)| first), day(&self.until).map_or(FOREVER, |(_, last)| last), number)
    }
}

/// Words with the places at which they were first seen, then with their numbers.
#[derive(Debug, Default)]
pub(super) struct Words {
    places: HashMap<String, u32>,
    /// By place.
    pub(super) names: Vec<String>,
    last: usize,
    /// By place.
    pub(super) numbers: Vec<u32>,
    /// By number, the place.
    order: Vec<u32>,
}

impl Words {
    fn find(&mut self, word: &str) -> Option<u32> {
        // Rows that follow each other mostly say the same.
        if self.names.get(self.last).is_none_or(|last| last != word) {
            self.last = *self.places.get(word)? as usize;
        }
        u32::try_from(self.last).ok()
    }

    fn number(&mut self, word: &str) -> u32 {
        self.find(word).unwrap_or_else(|| {
            let place = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
            self.places.insert(word.to_owned(), place);
            self.names.push(word.to_owned());
            place
        })
    }

    /// Numbers them in the order of the words, which are given back.
    fn sort(&mut self) -> Vec<String> {
        self.order = (0u32..).take(self.names.len()).collect();
        self.order.sort_unstable_by(|left, right| self.names[*left as usize].cmp(&self.names[*right as usize]));
        self.numbers = vec![0; self.order.len()];
        for (number, place) in (0u32..).zip(&self.order) {
            self.numbers[*place as usize] = number;
        }
        self.order.iter().map(|place| self.names[*place as usize].clone()).collect()
    }
}

/// Entity numbers of a chunk share all bits but these.
const BITS: u32 = 10;

/// A set of entity numbers of which it is known how many are smaller than one. They are dense, so a bit each is less than the number itself, and
/// the whole stays in the processor's caches.
#[derive(Debug, Default)]
struct Entities {
    places: HashMap<i64, u32>,
    chunks: Vec<Chunk>,
}

#[derive(Debug, Clone, Copy)]
struct Chunk {
    words: [u64; 16],
    /// Nodes before it, and in it before each word.
    first: u32,
    before: [u16; 16],
}

impl Entities {
    fn insert(&mut self, entity: i64) {
        let chunks = &mut self.chunks;
        let place = *self.places.entry(entity >> BITS).or_insert_with(|| {
            chunks.push(Chunk { words: [0; 16], first: 0, before: [0; 16] });
            u32::try_from(chunks.len() - 1).unwrap_or(u32::MAX)
        });
        let (word, bit) = spot(entity);
        self.chunks[place as usize].words[word] |= 1 << bit;
    }

    fn len(&self) -> usize {
        self.chunks.iter().flat_map(|chunk| chunk.words).map(|word| word.count_ones() as usize).sum()
    }

    /// Numbers them from `first`; gives back the number after the last.
    fn number(&mut self, first: u32) -> u32 {
        let mut next = first;
        for (_, place) in self.order() {
            let chunk = &mut self.chunks[place as usize];
            (chunk.first, chunk.before) = (next, [0; 16]);
            for (before, word) in chunk.before.iter_mut().zip(chunk.words) {
                *before = u16::try_from(next - chunk.first).unwrap_or_default();
                next += word.count_ones();
            }
        }
        next
    }

    fn node(&self, entity: i64) -> Option<u32> {
        let chunk = self.chunks.get(*self.places.get(&(entity >> BITS))? as usize)?;
        let (word, bit) = spot(entity);
        let smaller = chunk.words[word] & ((1 << bit) - 1);
        (chunk.words[word] >> bit & 1 == 1).then(|| chunk.first + u32::from(chunk.before[word]) + smaller.count_ones())
    }

    fn sorted(&self) -> impl Iterator<Item = i64> {
        self.order().into_iter().flat_map(|(high, place)| {
            let words = (0i64..).zip(self.chunks[place as usize].words);
            words.flat_map(move |(at, word)| (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| (high << BITS) + at * 64 + bit))
        })
    }

    fn order(&self) -> Vec<(i64, u32)> {
        let mut order: Vec<(i64, u32)> = self.places.iter().map(|(high, place)| (*high, *place)).collect();
        order.sort_unstable();
        order
    }
}

/// The word and bit of its chunk.
fn spot(entity: i64) -> (usize, u32) {
    let low = entity.rem_euclid(1 << BITS);
    (usize::try_from(low / 64).unwrap_or_default(), u32::try_from(low % 64).unwrap_or_default())
}
