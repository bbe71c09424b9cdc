//! The doubts of a type that await a judgement, as one principal sees them: numbers and weights, no value of anybody. To find them takes
//! seconds, and they change only with what is delivered and resolved; so a server keeps them, and each look takes out of them what was
//! decided since and what whoever looks has put off.

use super::super::decide::{sides, skip};
use crate::{Error, cells, clock, gather::rows, remembered::Remembered};
use arrow_array::RecordBatch;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use wuwei_graph::{Case, Doubt, cases};
use wuwei_query::{Principal, Purpose, Session};
use wuwei_schema::{EntityType, history};

/// Numbers in one question: as many as are looked up and not scanned for.
const TOGETHER: usize = wuwei_lake::LOOKED_UP;
/// Doubts of a type that are looked at, the heaviest: more cases than a person judges in a week.
const LOOKED_AT: usize = 2_000;
/// Types, each as one principal sees it, that a server keeps: some 600 kB each where there are as many doubts as are looked at.
const KEPT: usize = 64;

/// What a server keeps.
#[derive(Debug)]
pub(crate) struct Kept(Remembered<Key, Awaiting>);

impl Default for Kept {
    fn default() -> Kept {
        Kept(Remembered::at_most(KEPT))
    }
}

/// As whom, on which day, of which tables. Decisions and what is put off are none of it: they are read at each look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    principal: Principal,
    purpose: Purpose,
    day: String,
    tables: BTreeMap<String, i64>,
    entity: String,
}

impl Key {
    /// The key without a type: whoever has the session, from wherever they come, at tables of these versions.
    pub(super) fn of(session: &Session, tables: &BTreeMap<String, i64>) -> Key {
        let mut tables = tables.clone();
        tables.retain(|table, _| ![history::DECISION, history::SKIPPED].contains(&table.as_str()));
        let principal = session.principal().clone().at("");
        Key { principal, purpose: session.purpose().clone(), day: clock::today(), tables, entity: String::new() }
    }
}

/// The doubts of one type.
#[derive(Debug, PartialEq)]
pub(super) struct Awaiting {
    doubts: Vec<Doubt>,
    /// Records of each entity that are seen.
    sizes: BTreeMap<i64, u64>,
    /// What of decisions was known then: the last, and pairs of those that were taken back.
    last: i64,
    revoked: usize,
}

/// What was decided since.
enum Since {
    /// Pairs of which somebody decided, be it of the records whose place they took.
    Decided(BTreeSet<(i64, i64)>),
    /// Something was taken back, so that what it hid may await a judgement again.
    TakenBack,
}

/// The cases of a type, the greatest gain first; kept under the key, if there is one.
///
/// # Errors
/// A question is refused.
pub(super) async fn awaiting(session: &Session, entity: &EntityType, kept: Option<(&Kept, &Key)>) -> Result<Vec<Case>, Error> {
    let (awaiting, mut settled) = match kept {
        None => (Arc::new(Awaiting::read(session, entity).await?), BTreeSet::new()),
        Some((kept, key)) => {
            let key = Key { entity: entity.name.clone(), ..key.clone() };
            let known = kept.0.get(key.clone(), Box::pin(Awaiting::read(session, entity))).await?;
            match known.since(session).await? {
                Since::Decided(settled) => (known, settled),
                Since::TakenBack => {
                    kept.0.forget(&key);
                    (kept.0.get(key, Box::pin(Awaiting::read(session, entity))).await?, BTreeSet::new())
                }
            }
        }
    };
    let own = skip::holding(session).await?.into_iter().filter(|skipped| skipped.who == session.principal().name());
    settled.extend(own.map(|skipped| (skipped.left, skipped.right)));
    let stands = |doubt: &&Doubt| !settled.contains(&(doubt.left, doubt.right));
    Ok(cases(awaiting.doubts.iter().filter(stands).cloned().collect(), &awaiting.sizes))
}

/// The columns that doubts of these types are read from, each with its table, as `graph.pair.left`: where they are kept, a look owes them to
/// the audit all the same.
pub(super) fn read_from(types: &[&EntityType]) -> Vec<String> {
    let pairs = ["entity", "left", "right", "key", "levels", "weight", "posterior", "joined"].map(|column| format!("graph.pair.{column}"));
    let links = ["record_id", "entity_id"].map(|column| format!("graph.link.{column}"));
    let records = types.iter().map(|entity| format!("record.{}.record_id", entity.name));
    let sizes = types.iter().flat_map(|entity| ["entity_id", "records"].map(|column| format!("entity.{}.{column}", entity.name)));
    pairs.into_iter().chain(links).chain(records).chain(sizes).collect()
}

impl Awaiting {
    async fn read(session: &Session, entity: &EntityType) -> Result<Awaiting, Error> {
        let decisions = Decisions::all(session).await?;
        let settled = decisions.pairs(session).await?;
        let name = &entity.name;
        // What `graph.review` says, but that entities are looked up of the heaviest alone: of a million people a million pairs are in doubt.
        let question = format!(
            "SELECT p.\"left\", p.\"right\", p.\"key\", p.levels, p.weight, p.posterior FROM graph.pair p
             LEFT JOIN graph.decision d ON d.\"left\" = p.\"left\" AND d.\"right\" = p.\"right\" AND d.state <> 'revoked'
             WHERE p.entity = '{name}' AND NOT p.joined AND d.decision IS NULL
             ORDER BY p.weight DESC, p.\"left\", p.\"right\" LIMIT {LOOKED_AT}"
        );
        let mut doubts = Vec::new();
        for batch in rows(session, &question).await? {
            doubts.extend(doubts_of(&batch)?.into_iter().filter(|doubt| !settled.contains(&(doubt.left, doubt.right))));
        }
        of_entities(session, &mut doubts).await?;
        let (mut seen, mut sizes) = (BTreeSet::new(), BTreeMap::new());
        for list in lists(doubts.iter().flat_map(|doubt| [doubt.left, doubt.right])) {
            for batch in rows(session, &format!("SELECT record_id FROM record.{name} WHERE record_id IN ({list})")).await? {
                seen.extend(cells::numbers(&batch, "record_id")?.values().iter().copied());
            }
        }
        doubts.retain(|doubt| seen.contains(&doubt.left) && seen.contains(&doubt.right));
        // Whoever sees the records of all finds written how many there are; for whoever does not, those are counted that they see.
        let (of_records, of_entities) = (session.withheld(&format!("record.{name}"))?, session.withheld(&format!("entity.{name}"))?);
        let sees_all = !of_entities.closed && !of_records.closed && !of_records.elsewhere && of_records.departments.is_empty();
        for list in lists(doubts.iter().flat_map(|doubt| [doubt.left_entity, doubt.right_entity])) {
            let question = match sees_all {
                true => format!("SELECT entity_id, records FROM entity.{name} WHERE entity_id IN ({list})"),
                false => format!(
                    "SELECT l.entity_id, count(*) AS records FROM graph.link l JOIN record.{name} r ON r.record_id = l.record_id
                     WHERE l.entity_id IN ({list}) GROUP BY l.entity_id"
                ),
            };
            for batch in rows(session, &question).await? {
                let (entities, records) = (cells::numbers(&batch, "entity_id")?, cells::numbers(&batch, "records")?);
                sizes.extend(entities.values().iter().copied().zip(records.values().iter().map(|records| records.unsigned_abs())));
            }
        }
        Ok(Awaiting { doubts, sizes, last: decisions.last, revoked: decisions.revoked })
    }

    /// What was decided since it was read. A decision's number is greater than those before.
    async fn since(&self, session: &Session) -> Result<Since, Error> {
        let decisions = Decisions::after(session, self.last).await?;
        match decisions.revoked == self.revoked {
            true => Ok(Since::Decided(decisions.pairs(session).await?)),
            false => Ok(Since::TakenBack),
        }
    }
}

/// What stands in the book of decisions.
#[derive(Default)]
struct Decisions {
    /// Pairs of which it is decided, and that were not taken out already.
    pairs: BTreeSet<(i64, i64)>,
    last: i64,
    /// Pairs up to the last that were taken back.
    revoked: usize,
}

impl Decisions {
    /// All; their pairs are those of records that others replaced, since `graph.review` leaves out the rest itself.
    async fn all(session: &Session) -> Result<Decisions, Error> {
        let (decision, successor) = (history::DECISION, history::SUCCESSOR);
        let question = format!(
            "SELECT d.\"left\", d.\"right\" FROM {decision} d WHERE d.state <> 'revoked'
             AND (d.\"left\" IN (SELECT former FROM {successor}) OR d.\"right\" IN (SELECT former FROM {successor}))"
        );
        let mut found = Decisions::default();
        for batch in rows(session, &question).await? {
            let (left, right) = (cells::numbers(&batch, "left")?, cells::numbers(&batch, "right")?);
            found.pairs.extend(left.values().iter().copied().zip(right.values().iter().copied()));
        }
        let question =
            format!("SELECT coalesce(max(decision), 0) AS last, count(CASE WHEN state = 'revoked' THEN 1 END) AS revoked FROM {decision}");
        for batch in rows(session, &question).await? {
            let (last, revoked) = (cells::numbers(&batch, "last")?, cells::numbers(&batch, "revoked")?);
            found.last = last.values().first().copied().unwrap_or_default();
            found.revoked = revoked.values().first().and_then(|revoked| usize::try_from(*revoked).ok()).unwrap_or_default();
        }
        Ok(found)
    }

    /// Those after one, and how many of those before were taken back by now.
    async fn after(session: &Session, last: i64) -> Result<Decisions, Error> {
        let question =
            format!("SELECT decision, \"left\", \"right\", state FROM {} WHERE decision > {last} OR state = 'revoked'", history::DECISION);
        let mut found = Decisions { last, ..Decisions::default() };
        for batch in rows(session, &question).await? {
            let [decisions, left, right] = ["decision", "left", "right"].map(|name| cells::numbers(&batch, name));
            let (decisions, left, right, states) = (decisions?, left?, right?, cells::texts(&batch, "state")?);
            for row in 0..batch.num_rows() {
                match (decisions.value(row) > last, states.value(row) == "revoked") {
                    (true, false) => {
                        found.pairs.insert((left.value(row), right.value(row)));
                    }
                    (false, true) => found.revoked += 1,
                    (true, true) | (false, false) => {}
                }
            }
        }
        Ok(found)
    }

    /// These pairs, and those of the records that took the places of theirs.
    async fn pairs(&self, session: &Session) -> Result<BTreeSet<(i64, i64)>, Error> {
        let mut replaced = BTreeMap::new();
        for list in lists(self.pairs.iter().flat_map(|pair| [pair.0, pair.1])) {
            let question = format!("SELECT DISTINCT former FROM {} WHERE former IN ({list})", history::SUCCESSOR);
            for batch in rows(session, &question).await? {
                for former in cells::numbers(&batch, "former")?.values() {
                    replaced.insert(*former, sides::standing(session, [*former].into()).await?);
                }
            }
        }
        let stands = |record: &i64| replaced.get(record).cloned().unwrap_or_else(|| [*record].into());
        let mut pairs = BTreeSet::new();
        for (left, right) in &self.pairs {
            let (left, right) = (stands(left), stands(right));
            pairs.extend(left.iter().flat_map(|left| right.iter().map(move |right| (*left.min(right), *left.max(right)))));
        }
        Ok(pairs)
    }
}

/// Fills in whose the records are; those of one entity, or of none, are in no doubt.
async fn of_entities(session: &Session, doubts: &mut Vec<Doubt>) -> Result<(), Error> {
    let mut entities = BTreeMap::new();
    for list in lists(doubts.iter().flat_map(|doubt| [doubt.left, doubt.right])) {
        for batch in rows(session, &format!("SELECT record_id, entity_id FROM graph.link WHERE record_id IN ({list})")).await? {
            let (records, of) = (cells::numbers(&batch, "record_id")?, cells::numbers(&batch, "entity_id")?);
            entities.extend(records.values().iter().copied().zip(of.values().iter().copied()));
        }
    }
    doubts.retain_mut(|doubt| {
        let [Some(left), Some(right)] = [doubt.left, doubt.right].map(|record| entities.get(&record).copied()) else { return false };
        (doubt.left_entity, doubt.right_entity) = (left, right);
        left != right
    });
    Ok(())
}

/// Numbers as lists for questions, each once.
fn lists(numbers: impl Iterator<Item = i64>) -> Vec<String> {
    let numbers: Vec<i64> = numbers.collect::<BTreeSet<_>>().into_iter().collect();
    numbers.chunks(TOGETHER).map(|part| part.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")).collect()
}

/// The doubts of a batch, of entities that are not known yet.
fn doubts_of(batch: &RecordBatch) -> Result<Vec<Doubt>, Error> {
    let [left, right] = ["left", "right"].map(|name| cells::numbers(batch, name));
    let (left, right) = (left?, right?);
    let (keys, levels) = (cells::texts(batch, "key")?, cells::texts(batch, "levels")?);
    let (weights, posteriors) = (cells::decimals(batch, "weight")?, cells::decimals(batch, "posterior")?);
    let doubt = |row: usize| Doubt {
        left: left.value(row),
        right: right.value(row),
        left_entity: 0,
        right_entity: 0,
        key: keys.value(row).to_owned(),
        levels: levels.value(row).to_owned(),
        weight: weights.value(row),
        posterior: posteriors.value(row),
    };
    Ok((0..batch.num_rows()).map(doubt).collect())
}
