//! What one word finds: every permitted document of every look, brought together by entity. Sorted rows and no hash tables, so that the same
//! index gives the same rows and joining two words is one walk.

use crate::{
    Class, Error, Index,
    index::Columns,
    look::{self, Look, Within},
    permit::Permitted,
    typed::Word,
};
use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};
use tantivy::{BitSet, DocSet as _, Searcher, SegmentReader, TERMINATED, Term, query::EnableScoring, schema::IndexRecordOption};

/// A document that answers. Their order brings the rows of an entity together, nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    pub(crate) entity: i64,
    pub(crate) class: Class,
    /// Places in the index.
    pub(crate) property: u16,
    pub(crate) department: u16,
    pub(crate) segment: u32,
    pub(crate) document: u32,
}

/// Rows in order of entities; of one word, each entity's nearest only.
#[derive(Debug, Default)]
pub(crate) struct Rows(Vec<Row>);

/// Of no more entities than these the documents are looked up one by one; of more it is cheaper to walk all that have the value.
const FEW: usize = 20_000;

/// From so many rows on it is remembered which documents they are of, and from so many entities on they are counted in parts.
const MANY: usize = 10_000;

/// Of no more runs than these rows are joined, of more they are sorted. Documents stand by their entities, so a segment gives one run a look.
const RUNS: usize = 256;

/// Threads that count or sort for one answer, at most.
const THREADS: usize = 8;

/// Entities that are counted together.
const PART: usize = 4096;

impl Index {
    /// The rows that a word finds, of `among` only where that is given; where there are none, those that it finds but for a slip.
    pub(crate) fn one_word(&self, word: &Word, among: Option<&Rows>, permitted: &Permitted<'_>) -> Result<Rows, Error> {
        let found = self.all_looks(&look::looks(word, &self.fields), among, permitted)?;
        if found.0.is_empty() { self.all_looks(&look::slips(word, &self.fields), among, permitted) } else { Ok(found) }
    }

    /// The rows that any of the looks finds.
    pub(crate) fn all_looks(&self, looks: &[Look], among: Option<&Rows>, permitted: &Permitted<'_>) -> Result<Rows, Error> {
        let mut looks: Vec<&Look> = looks.iter().filter(|look| permitted.any(look.property)).collect();
        looks.sort_by_key(|look| look.class);
        let (mut rows, mut nearer) = (Vec::new(), Nearer::default());
        for of_class in looks.chunk_by(|left, right| left.class == right.class) {
            nearer.take(&rows, &self.searcher);
            for look in of_class {
                match (look.within, among) {
                    (Some(within), Some(among)) if among.entities().take(FEW + 1).count() <= FEW => {
                        self.held_against(look, within, among, permitted, &mut rows)?;
                    }
                    _ => self.one_look(look, among, permitted, &nearer, &mut rows)?,
                }
            }
        }
        Ok(Rows::nearest_of(rows, permitted.whom))
    }

    fn one_look(
        &self,
        look: &Look,
        among: Option<&Rows>,
        permitted: &Permitted<'_>,
        nearer: &Nearer,
        rows: &mut Vec<Row>,
    ) -> Result<(), Error> {
        let weight = look.query.weight(EnableScoring::disabled_from_searcher(&self.searcher))?;
        for (segment, nearer) in self.segments(look, permitted).zip(nearer.segments()) {
            weight.for_each_no_score(segment.reader, &mut |documents| {
                let further = documents.iter().filter(|document| nearer.is_none_or(|nearer| !nearer.contains(**document)));
                let found = further.filter_map(|document| segment.row(*document));
                rows.extend(found.filter(|row| among.is_none_or(|among| among.has(row.entity))));
            })?;
        }
        Ok(())
    }

    /// The rows of those entities among whose documents one is within.
    fn held_against(&self, look: &Look, within: Within, among: &Rows, permitted: &Permitted<'_>, rows: &mut Vec<Row>) -> Result<(), Error> {
        let name = self.searcher.schema().get_field_name(within.field);
        for segment in self.segments(look, permitted) {
            let numbers = segment.reader.fast_fields().u64(name)?;
            let of_entity = segment.reader.inverted_index(self.fields.entity)?;
            let is_within = |document| numbers.first(document).is_some_and(|number| (within.from..=within.to).contains(&number));
            for found in among.entities() {
                let term = Term::from_field_i64(self.fields.entity, found[0].entity);
                let Some(mut documents) = of_entity.read_postings(&term, IndexRecordOption::Basic).map_err(tantivy::TantivyError::from)?
                else {
                    continue;
                };
                while documents.doc() != TERMINATED {
                    rows.extend(segment.row(documents.doc()).filter(|row| is_within(row.document)));
                    documents.advance();
                }
            }
        }
        Ok(())
    }

    fn segments<'a>(&'a self, look: &Look, permitted: &'a Permitted<'_>) -> impl Iterator<Item = Segment<'a>> + use<'a> {
        let (class, property, believed) = (look.class, look.property, permitted.departments(look.property));
        let segments = (0..).zip(self.searcher.segment_readers().iter().zip(&self.columns));
        segments.map(move |(place, (reader, columns))| Segment { reader, place, columns, class, property, believed })
    }
}

/// A segment that a look walks over.
struct Segment<'a> {
    reader: &'a SegmentReader,
    place: u32,
    columns: &'a Columns,
    class: Class,
    property: usize,
    /// By place of the department.
    believed: &'a [bool],
}

impl Segment<'_> {
    /// What a document says, unless it is gone, or of a department that is not believed.
    fn row(&self, document: u32) -> Option<Row> {
        let number = usize::try_from(self.columns.departments.first(document)?).ok()?;
        let department = *self.columns.places.get(number)?;
        let stands = self.believed.get(department) == Some(&true) && !self.reader.is_deleted(document);
        stands.then_some(Row {
            entity: self.columns.entities.first(document)?,
            class: self.class,
            property: small(self.property),
            department: small(department),
            segment: self.place,
            document,
        })
    }
}

/// The documents that a nearer class has found already, so that they need not be brought into order again: what begins with a name has it in part.
#[derive(Default)]
struct Nearer {
    segments: Vec<BitSet>,
    /// How many rows are among them.
    taken: usize,
}

impl Nearer {
    /// Takes up the rows found until now, where they are many.
    fn take(&mut self, rows: &[Row], searcher: &Searcher) {
        if rows.len() < MANY {
            return;
        }
        if self.segments.is_empty() {
            self.segments = searcher.segment_readers().iter().map(|segment| BitSet::with_max_value(segment.max_doc())).collect();
        }
        for row in &rows[self.taken..] {
            if let Some(segment) = usize::try_from(row.segment).ok().and_then(|at| self.segments.get_mut(at)) {
                segment.insert(row.document);
            }
        }
        self.taken = rows.len();
    }

    /// Those of each segment; none where there are few.
    fn segments(&self) -> impl Iterator<Item = Option<&BitSet>> {
        self.segments.iter().map(Some).chain(std::iter::repeat(None))
    }
}

/// Brings rows into order, many of them in parts side by side.
fn in_order(rows: &mut [Row], threads: usize) {
    if threads < 2 || rows.len() < MANY {
        return rows.sort_unstable();
    }
    if rows.windows(2).filter(|pair| pair[0] > pair[1]).count() < RUNS {
        // Of the two the one that makes use of runs.
        return rows.sort();
    }
    let middle = rows.len() / 2;
    rows.select_nth_unstable(middle);
    let (first, last) = rows.split_at_mut(middle);
    let first = Mutex::new(first);
    let sorted = || in_order(&mut first.lock().unwrap_or_else(PoisonError::into_inner), threads / 2);
    thread::scope(|scope| {
        let other = thread::Builder::new().spawn_scoped(scope, sorted).is_ok();
        in_order(last, threads - threads / 2);
        // What no thread can be started for is done here.
        if !other {
            sorted();
        }
    });
}

/// What `work` makes of entities, where they are many of parts of them side by side, in their order. There are many parts, since some take far longer
/// than others: those who were known first have most rows.
pub(crate) fn in_parts<T: Send>(entities: &[&[Row]], work: impl Fn(&[&[Row]]) -> T + Sync) -> Vec<T> {
    if entities.len() < MANY {
        return vec![work(entities)];
    }
    let (parts, next) = (entities.chunks(PART).collect::<Vec<_>>(), AtomicUsize::new(0));
    let some = || {
        let at = || Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, work(parts.get(at)?))));
        std::iter::from_fn(at).collect::<Vec<_>>()
    };
    let mut done = thread::scope(|scope| {
        let others: Vec<_> = (1..threads()).filter_map(|_| thread::Builder::new().spawn_scoped(scope, some).ok()).collect();
        let own = some();
        let others = others.into_iter().flat_map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        others.chain(own).collect::<Vec<_>>()
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, made)| made).collect()
}

/// Threads for one answer.
fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(THREADS)
}

/// How many departments these rows are of.
pub(crate) fn departments(rows: &[Row]) -> usize {
    // There are some dozens at most; where there are more, they are brought into order.
    if rows.iter().all(|row| row.department < 64) {
        let all = rows.iter().fold(0_u64, |all, row| all | 1 << row.department);
        return usize::try_from(all.count_ones()).unwrap_or_default();
    }
    let mut departments: Vec<u16> = rows.iter().map(|row| row.department).collect();
    departments.sort_unstable();
    departments.dedup();
    departments.len()
}

/// Properties and departments are some dozens.
fn small(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}

impl Rows {
    fn nearest_of(mut rows: Vec<Row>, whom: &dyn Fn(i64) -> bool) -> Rows {
        in_order(&mut rows, threads());
        rows.dedup();
        // The entity whose rows are being walked, its nearest class, and whether it may be found.
        let mut now: Option<(i64, Class, bool)> = None;
        rows.retain(|row| {
            let (_, class, may) =
                *now.insert(now.filter(|(entity, ..)| *entity == row.entity).unwrap_or_else(|| (row.entity, row.class, whom(row.entity))));
            may && class == row.class
        });
        Rows(rows)
    }

    /// The rows of each entity.
    pub(crate) fn entities(&self) -> impl Iterator<Item = &[Row]> {
        self.0.chunk_by(|left, right| left.entity == right.entity)
    }

    fn has(&self, entity: i64) -> bool {
        self.0.binary_search_by_key(&entity, |row| row.entity).is_ok()
    }

    /// Those entities that the other does not have by what is exact.
    pub(crate) fn without(mut self, other: &Rows) -> Rows {
        self.0.retain(|row| {
            let first = other.0.partition_point(|known| known.entity < row.entity);
            other.0.get(first).is_none_or(|known| known.entity != row.entity || known.class.is_near())
        });
        self
    }

    /// The entities of both, with the rows of both.
    pub(crate) fn and(&self, other: &Rows) -> Rows {
        let mut both: Vec<Row> = self.0.iter().filter(|row| other.has(row.entity)).copied().collect();
        both.extend(other.0.iter().filter(|row| self.has(row.entity)));
        in_order(&mut both, threads());
        Rows(both)
    }

    /// The entities of either, with the rows of the one in which they are nearer; of the first where they are equally near.
    pub(crate) fn nearest(&self, other: &Rows) -> Rows {
        let farthest = |rows: &[Row]| rows.iter().map(|row| row.class).max();
        let mut either = Vec::with_capacity(self.0.len().max(other.0.len()));
        let (mut left, mut right) = (self.entities().peekable(), other.entities().peekable());
        loop {
            let (ours, theirs) = (left.peek().copied(), right.peek().copied());
            let order = match (ours, theirs) {
                (Some(ours), Some(theirs)) => ours[0].entity.cmp(&theirs[0].entity),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (None, None) => return Rows(either),
            };
            let is_ours = order.is_lt() || order.is_eq() && ours.map(farthest) <= theirs.map(farthest);
            either.extend_from_slice((if is_ours { ours } else { theirs }).unwrap_or_default());
            if order.is_le() {
                left.next();
            }
            if order.is_ge() {
                right.next();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parts_of_many_entities_are_all_of_them_in_their_order() {
        let row = |entity| Row { entity, class: Class::Name, property: 0, department: 0, segment: 0, document: 0 };
        for count in [0, 3, 3 * MANY as i64 + 1] {
            let rows: Vec<Row> = (0..count).map(row).collect();
            let entities: Vec<&[Row]> = rows.chunks(1).collect();
            let numbers = |part: &[&[Row]]| part.iter().map(|rows| rows[0].entity).collect::<Vec<_>>();
            assert_eq!(in_parts(&entities, numbers).concat(), (0..count).collect::<Vec<_>>());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// Few or many, near each other or as far apart as numbers are.
        #[test]
        fn few_and_many_come_into_the_order_of_rows_sorted(
            entities in prop_oneof![
                prop::collection::vec(prop_oneof![0..300_000_i64, -5..5_i64], 0..200),
                prop::collection::vec(prop_oneof![0..300_000_i64, Just(i64::MIN), Just(i64::MAX)], 0..200),
            ],
            times in prop_oneof![Just(1_u32), Just(200)],
            runs in prop_oneof![Just(None), (1..400_usize).prop_map(Some)],
        ) {
            let row = |entity: i64, document: u32| {
                let class = if document.is_multiple_of(3) { Class::Name } else { Class::NamePart };
                Row { entity, class, property: 0, department: 1, segment: document % 2, document: document.wrapping_mul(7919) }
            };
            let near = |at: usize, turn: u32| entities[at].saturating_add(i64::from(turn) * 37);
            let mut rows: Vec<Row> = (0..times).flat_map(|turn| (0..entities.len()).map(move |at| (at, turn)))
                .map(|(at, turn)| row(near(at, turn), turn)).collect();
            let count = rows.len();
            runs.into_iter().for_each(|runs| rows.chunks_mut(count / runs + 1).for_each(<[Row]>::sort_unstable));
            let mut sorted = rows.clone();
            sorted.sort_unstable();
            in_order(&mut rows, 1 + times as usize % 7);
            prop_assert_eq!(rows, sorted);
        }
    }
}
