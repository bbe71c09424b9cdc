//! What one word finds: every permitted document of every look, brought together by entity. Sorted rows and no hash tables, so that the same
//! index gives the same rows and joining two words is one walk.

use crate::{
    Class, Error, Index,
    document::{DEPARTMENT, ENTITY},
    look::{self, Look},
    permit::Permitted,
    typed::Word,
};
use tantivy::{columnar::Column, query::EnableScoring};

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

impl Index {
    /// The rows that a word finds, of `among` only where that is given.
    pub(crate) fn one_word(&self, word: &Word, among: Option<&Rows>, permitted: &Permitted<'_>) -> Result<Rows, Error> {
        let mut rows = Vec::new();
        for look in look::looks(word, &self.fields) {
            self.one_look(&look, permitted, |row| {
                if among.is_none_or(|among| among.has(row.entity)) {
                    rows.push(row);
                }
            })?;
        }
        Ok(Rows::nearest_of(rows, permitted.whom))
    }

    fn one_look(&self, look: &Look, permitted: &Permitted<'_>, mut visit: impl FnMut(Row)) -> Result<(), Error> {
        if !permitted.any(look.property) {
            return Ok(());
        }
        let believed = permitted.departments(look.property);
        let weight = look.query.weight(EnableScoring::disabled_from_searcher(&self.searcher))?;
        for (place, (segment, places)) in (0..).zip(self.searcher.segment_readers().iter().zip(&self.of_segment)) {
            let entities = segment.fast_fields().i64(ENTITY)?;
            let Some(departments) = segment.fast_fields().str(DEPARTMENT)? else { continue };
            weight.for_each_no_score(segment, &mut |documents| {
                for document in documents {
                    let Some((entity, department)) = states(&entities, departments.ords(), places, *document) else { continue };
                    if believed.get(department) == Some(&true) {
                        visit(Row {
                            entity,
                            class: look.class,
                            property: small(look.property),
                            department: small(department),
                            segment: place,
                            document: *document,
                        });
                    }
                }
            })?;
        }
        Ok(())
    }
}

/// The entity that a document is about, and the place of the department that states it.
fn states(entities: &Column<i64>, departments: &Column<u64>, places: &[usize], document: u32) -> Option<(i64, usize)> {
    let number = usize::try_from(departments.first(document)?).ok()?;
    Some((entities.first(document)?, *places.get(number)?))
}

/// Properties and departments are some dozens.
fn small(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}

impl Rows {
    fn nearest_of(mut rows: Vec<Row>, whom: &dyn Fn(i64) -> bool) -> Rows {
        rows.sort_unstable();
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
        both.sort_unstable();
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
