//! Which pairs of records a decision is of. Somebody decides of two entities, and what is decided has to hold when their records are joined
//! otherwise: so it is of every record of the one with every record of the other.

use crate::{Error, cells, clock, gather};
use std::collections::{BTreeMap, BTreeSet};
use wuwei_graph::Verdict;
use wuwei_query::Session;
use wuwei_schema::history;

/// More pairs than this are not decided of at once.
pub(in crate::command) const MOST: usize = 10_000;
/// Records asked for in one question.
const TOGETHER: usize = 2_000;

/// One side of a decision, or of an explanation.
pub(in crate::command) struct Side {
    /// As it was typed; of records that go together none.
    number: Option<i64>,
    /// The entity that it is, or belongs to, at present.
    pub(in crate::command) entity: i64,
    /// Its type.
    pub(in crate::command) name: String,
    pub(in crate::command) records: BTreeSet<i64>,
}

/// What a decision is of.
pub(super) struct Of {
    /// The entity type.
    pub(super) name: String,
    /// The entities at present.
    pub(super) entities: BTreeSet<i64>,
    /// Whether two sides are one entity at present.
    pub(super) is_one: bool,
    /// Pairs of records, the smaller first.
    pub(super) pairs: Vec<(i64, i64)>,
}

impl Of {
    pub(super) fn records(&self) -> BTreeSet<i64> {
        self.pairs.iter().flat_map(|pair| [pair.0, pair.1]).collect()
    }
}

/// What a decision of each two of these sides is of.
///
/// # Errors
/// They are not of one type, are one already where that is what is decided, or have too many pairs.
pub(super) async fn all(session: &Session, sides: &[String], verdict: Verdict) -> Result<Of, Error> {
    let mut of = Of { name: String::new(), entities: BTreeSet::new(), is_one: false, pairs: Vec::new() };
    for (at, left) in sides.iter().enumerate() {
        for right in &sides[at + 1..] {
            let two = two(session, left, right, verdict).await?;
            of.name = two.name;
            of.entities.extend(two.entities);
            of.is_one |= two.is_one;
            of.pairs.extend(two.pairs);
        }
    }
    of.pairs.sort_unstable();
    of.pairs.dedup();
    match of.pairs.len() {
        0 => Err(Error::asked("a decision is of two at least", "give entity numbers, or records as r123")),
        count if count > MOST => Err(too_many(count)),
        _ => Ok(of),
    }
}

fn too_many(count: usize) -> Error {
    Error::asked(format!("they have {count} pairs of records"), format!("{MOST} are the most; decide of records: r123 r456"))
}

/// The entities that records belong to at present, with their types.
pub(super) async fn entities(session: &Session, records: &BTreeSet<i64>) -> Result<BTreeMap<i64, String>, Error> {
    let (mut found, records) = (BTreeMap::new(), records.iter().copied().collect::<Vec<_>>());
    for part in records.chunks(TOGETHER) {
        let list = part.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let question = format!("SELECT DISTINCT entity_id, entity FROM graph.link WHERE record_id IN ({list})");
        for batch in &session.sql(&question, clock::now_ms()).await?.batches {
            let (numbers, names) = (cells::numbers(batch, "entity_id")?, cells::texts(batch, "entity")?);
            found.extend(numbers.values().iter().enumerate().map(|(row, number)| (*number, names.value(row).to_owned())));
        }
    }
    Ok(found)
}

async fn two(session: &Session, left: &str, right: &str, verdict: Verdict) -> Result<Of, Error> {
    let (mut left, mut right) = (side(session, left).await?, side(session, right).await?);
    let (is_one, entities) = (left.entity == right.entity, [left.entity, right.entity].into());
    if left.name != right.name {
        return Err(Error::asked("they are of two types and cannot be one", "decide of entities of one type"));
    }
    if left.entity == right.entity && !left.records.is_disjoint(&right.records) {
        if verdict != Verdict::Different || left.number == right.number && left.records == right.records {
            return Err(Error::asked(
                "they are one already",
                "`wuwei decide different OLD NEW` undoes a merge, OLD being the number that was",
            ));
        }
        (left, right) = (part(session, left).await?, part(session, right).await?);
        if left.number == Some(left.entity) {
            left = kept(session, left, &right).await?;
        } else {
            right = kept(session, right, &left).await?;
        }
    }
    let count = left.records.len() * right.records.len();
    if count == 0 {
        return Err(Error::asked("nothing is left of one of them", "`graph.member` tells where its records are"));
    }
    if count > MOST {
        return Err(too_many(count));
    }
    let pairs = left.records.iter().flat_map(|left| right.records.iter().map(move |right| (*left.min(right), *left.max(right))));
    Ok(Of { pairs: pairs.collect(), name: left.name, entities, is_one })
}

/// Whether something typed may be a side at all: the number of an entity, or records.
pub(crate) fn is_side(typed: &str) -> bool {
    records_of(typed).is_some() || typed.parse::<i64>().is_ok()
}

/// The records that a side names: one as `r123`, or those that go together as `r123+r456`.
fn records_of(typed: &str) -> Option<BTreeSet<i64>> {
    typed.split('+').map(|record| record.strip_prefix('r')?.parse().ok()).collect()
}

/// An entity by its number, also by one that it had, or records of one as `r123` or `r123+r456`.
pub(in crate::command) async fn side(session: &Session, typed: &str) -> Result<Side, Error> {
    let hint =
        "give the number of an entity, as `wuwei people` prints it, or of a record as r123, of several that go together as r123+r456";
    let missing = |number: i64, what: &str| Error::asked(format!("there is no {what} {number}"), hint);
    if let Some(records) = records_of(typed) {
        let list = records.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let side = linked(session, None, &format!("record_id IN ({list})")).await?;
        return match side {
            Some(side) if side.records == records => Ok(side),
            side => {
                let is_there = |record: &&i64| side.as_ref().is_some_and(|side| side.records.contains(*record));
                Err(missing(records.iter().find(|record| !is_there(record)).copied().unwrap_or_default(), "record"))
            }
        };
    }
    let number: i64 = typed.parse().map_err(|_| Error::asked(format!("`{typed}` is no number"), hint))?;
    let present = gather::present(session, number).await?;
    linked(session, Some(number), &format!("entity_id = {present}")).await?.ok_or_else(|| missing(number, "entity"))
}

/// The records of one entity that links tell of; none where there are no such links.
async fn linked(session: &Session, number: Option<i64>, only: &str) -> Result<Option<Side>, Error> {
    let found = session.sql(&format!("SELECT record_id, entity_id, entity FROM graph.link WHERE {only}"), clock::now_ms()).await?;
    let mut side: Option<Side> = None;
    for batch in &found.batches {
        let (records, entities, names) =
            (cells::numbers(batch, "record_id")?, cells::numbers(batch, "entity_id")?, cells::texts(batch, "entity")?);
        for (row, (record, entity)) in records.values().iter().zip(entities.values()).enumerate() {
            let none = || Side { number, entity: *entity, name: names.value(row).to_owned(), records: BTreeSet::new() };
            let side = side.get_or_insert_with(none);
            if side.entity != *entity {
                return Err(Error::asked("records that go together are of one entity", "give those of another as a side of their own"));
            }
            side.records.insert(*record);
        }
    }
    Ok(side)
}

/// Of an old number what it had when it was merged; the present one has all.
async fn part(session: &Session, side: Side) -> Result<Side, Error> {
    let Some(number) = side.number.filter(|number| *number != side.entity && side.records.len() > 1) else { return Ok(side) };
    let question = format!(
        "SELECT f.record_id FROM {} f JOIN {} r ON r.from_id = f.entity_id AND r.run = f.until WHERE f.entity_id = {} AND f.ended = 'merged'",
        history::FORMER,
        history::REDIRECT,
        number
    );
    let mut had = BTreeSet::new();
    for batch in &session.sql(&question, clock::now_ms()).await?.batches {
        had.extend(cells::numbers(batch, "record_id")?.values().iter().copied());
    }
    let mut records = standing(session, had).await?;
    records.retain(|record| side.records.contains(record));
    Ok(Side { records, ..side })
}

/// The records, and in place of those that stand no more the ones that took their place.
///
/// # Errors
/// A question is refused.
pub(in crate::command) async fn standing(session: &Session, mut records: BTreeSet<i64>) -> Result<BTreeSet<i64>, Error> {
    let mut asked = records.clone();
    while !asked.is_empty() {
        let list = asked.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let question = format!("SELECT former, record_id FROM {} WHERE former IN ({list})", history::SUCCESSOR);
        asked.clear();
        for batch in &session.sql(&question, clock::now_ms()).await?.batches {
            let (former, new) = (cells::numbers(batch, "former")?, cells::numbers(batch, "record_id")?);
            for record in former.values() {
                records.remove(record);
            }
            asked.extend(new.values().iter().copied());
        }
        records.extend(&asked);
    }
    Ok(records)
}

/// What the one has without the other: what it had before that came to it. Whose the records are that came later, is not decided by undoing
/// a merge.
async fn kept(session: &Session, mut side: Side, other: &Side) -> Result<Side, Error> {
    side.records.retain(|record| !other.records.contains(record));
    let Some(other) = other.number else { return Ok(side) };
    let question = format!(
        "SELECT l.record_id FROM graph.link l JOIN {} r ON r.from_id = {other} AND l.since < r.run WHERE l.entity_id = {}",
        history::REDIRECT,
        side.entity
    );
    let mut before = BTreeSet::new();
    for batch in &session.sql(&question, clock::now_ms()).await?.batches {
        before.extend(cells::numbers(batch, "record_id")?.values().iter().copied().filter(|record| side.records.contains(record)));
    }
    if side.number == Some(side.entity) && !before.is_empty() {
        side.records = before;
    }
    Ok(side)
}
