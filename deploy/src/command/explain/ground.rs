//! What an explanation stands on, asked in SQL, so that whatever the door hides is hidden here too: the two records, those that share an
//! identifier with them, the model with the frequencies of their values, and what became of them.

use super::Side;
use crate::{
    Error, cells,
    gather::{numbers, rows},
    hub::Hub,
};
use arrow_array::{Array as _, RecordBatch};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use wuwei_graph::{Explanation, MatchModel, Obstacles, Step, chain, columns_needed, explain, in_common, looked_up, obstacles};
use wuwei_query::Session;
use wuwei_schema::{EntityType, history, learned, table};

/// Values asked for in one question: more are not looked up.
const TOGETHER: usize = 250;
/// Records that share an identifier with both, at most: more make it a hub whatever they say.
const CARRIERS: usize = 5_000;

/// Records of an entity among which it is looked for how two hang together, at most.
const MEMBERS: usize = 5_000;

/// Who is asked how many carry a value: whoever asks, or, where that table is closed to them, the program, if they see every record of the type
/// with all that is compared and so could count for themselves.
pub(super) fn counts(hub: &Hub, session: &Session, entity: &EntityType) -> Result<Session, Error> {
    let compared = columns_needed(entity);
    let compared: Vec<&str> = compared.iter().map(String::as_str).collect();
    let is_closed = session.withheld(learned::FREQUENCY)?.closed;
    match is_closed && session.sees_whole(&format!("record.{}", entity.name), &compared)? {
        true => hub.stage("explain"),
        false => Ok(session.clone()),
    }
}

/// Why the heaviest pair of two sides is one, or is not.
pub(super) async fn explanation(session: &Session, counts: &Session, entity: &EntityType, sides: &[Side; 2]) -> Result<Explanation, Error> {
    let unweighed = || {
        Error::asked(format!("records of `{}` are not weighed", entity.name), "`wuwei resolve` weighs types whose model has blocking keys")
    };
    if !entity.is_compared() {
        return Err(unweighed());
    }
    let records: BTreeSet<i64> = sides.iter().flat_map(|side| &side.records).copied().collect();
    let own = of_records(session, entity, &records).await?;
    let model = model((session, counts), entity, &own).await?.ok_or_else(unweighed)?;
    let ours = (&sides[0].records, &sides[1].records);
    let others = carriers(session, entity, &own, ours).await?;
    Ok(explain(entity, own.into_iter().chain(others).map(Ok), ours, &model)?)
}

/// The records of others that carry an identifier which both sides do.
async fn carriers(
    session: &Session,
    entity: &EntityType,
    own: &[RecordBatch],
    sides: (&BTreeSet<i64>, &BTreeSet<i64>),
) -> Result<Vec<RecordBatch>, Error> {
    let mut others = BTreeSet::new();
    for way in in_common(entity, own, sides)? {
        let one = way.iter().map(|(property, values)| format!("\"{property}\" IN ({})", quoted(values))).collect::<Vec<_>>();
        let question =
            format!("SELECT record_id FROM record.{} WHERE {} ORDER BY record_id LIMIT {CARRIERS}", entity.name, one.join(" AND "));
        others.extend(found(session, &question).await?);
    }
    others.retain(|record| ![sides.0, sides.1].iter().any(|side| side.contains(record)));
    of_records(session, entity, &others).await
}

/// Values as a question writes them.
fn quoted(values: &[String]) -> String {
    values.iter().map(|value| format!("'{}'", value.replace('\'', "''"))).collect::<Vec<_>>().join(", ")
}

/// The numbers of records that a question finds.
async fn found(session: &Session, question: &str) -> Result<Vec<i64>, Error> {
    let mut found = Vec::new();
    for batch in rows(session, question).await? {
        found.extend_from_slice(cells::numbers(&batch, "record_id")?.values());
    }
    Ok(found)
}

/// The model of a type, with the frequencies of what these records say.
async fn model((session, counts): (&Session, &Session), entity: &EntityType, records: &[RecordBatch]) -> Result<Option<MatchModel>, Error> {
    let of_type = format!("entity = '{}'", entity.name);
    let models = rows(session, &format!("SELECT * FROM {} WHERE {of_type}", learned::MODEL)).await?;
    let levels = rows(session, &format!("SELECT * FROM {} WHERE {of_type}", learned::LEVEL)).await?;
    let values: Vec<String> = looked_up(entity, records)?.into_iter().collect();
    let mut frequencies = Vec::new();
    for values in values.chunks(TOGETHER) {
        let question = format!("SELECT * FROM {} WHERE {of_type} AND value IN ({})", learned::FREQUENCY, quoted(values));
        frequencies.extend(rows(counts, &question).await?);
    }
    let [models, levels, frequencies] = [models, levels, frequencies].map(|batches| batches.into_iter().map(Ok));
    Ok(MatchModel::read(models, levels, frequencies)?.remove(&entity.name))
}

/// What became of two records.
#[derive(Serialize)]
pub(super) struct Fate {
    /// Whether they are one at present.
    pub(super) is_one: bool,
    pub(super) left_entity: Option<i64>,
    pub(super) right_entity: Option<i64>,
    /// The pair as `graph.pair` keeps it.
    pub(super) kept: Option<Kept>,
    /// What people decided of them, the latest first; the first counts.
    pub(super) decisions: Vec<Decision>,
    /// By which steps they hang together, where they are one.
    pub(super) chain: Vec<Step>,
    /// What stands between their entities, where they are two.
    pub(super) obstacles: Option<Obstacles>,
}

/// A row of `graph.pair`.
#[derive(Serialize)]
pub(super) struct Kept {
    pub(super) key: String,
    pub(super) weight: f64,
}

/// A row of `graph.decision`.
#[derive(Serialize)]
pub(super) struct Decision {
    pub(super) decision: i64,
    pub(super) verdict: String,
    pub(super) who: String,
    pub(super) ground: String,
}

/// What the tables say of the two that were explained, records of these sides.
pub(super) async fn fate(session: &Session, entity: &EntityType, why: &Explanation, sides: &[Side; 2]) -> Result<Fate, Error> {
    let pair = format!("\"left\" = {} AND \"right\" = {}", why.left, why.right);
    let of = |record: i64| sides.iter().find(|side| side.records.contains(&record)).map(|side| side.entity);
    let entities = [of(why.left), of(why.right)];
    let is_one = entities[0].is_some() && entities[0] == entities[1];
    let (chain, obstacles) = match entities {
        [Some(number), Some(other)] if number == other => (chained(session, entity, why, number).await?, None),
        [Some(number), Some(other)] => (Vec::new(), Some(parted(session, entity, [number, other]).await?)),
        _ => (Vec::new(), None),
    };
    let (kept, decisions) = (kept(session, &pair).await?, decisions(session, &pair).await?);
    Ok(Fate { is_one, left_entity: entities[0], right_entity: entities[1], kept, decisions, chain, obstacles })
}

async fn kept(session: &Session, pair: &str) -> Result<Option<Kept>, Error> {
    let question = format!("SELECT key, weight FROM {} WHERE {pair}", table::PAIR);
    let mut kept = None;
    for batch in rows(session, &question).await? {
        let (keys, weights) = (cells::texts(&batch, "key")?, cells::decimals(&batch, "weight")?);
        kept = (0..batch.num_rows()).map(|row| Kept { key: keys.value(row).to_owned(), weight: weights.value(row) }).next().or(kept);
    }
    Ok(kept)
}

async fn decisions(session: &Session, pair: &str) -> Result<Vec<Decision>, Error> {
    let held = format!(
        "SELECT decision, verdict, who, ground FROM {} WHERE {pair} AND state IN ('holds', 'withdrawing') ORDER BY decision DESC",
        history::DECISION
    );
    let mut decisions = Vec::new();
    for batch in rows(session, &held).await? {
        let [verdicts, who, grounds] = ["verdict", "who", "ground"].map(|name| cells::texts(&batch, name));
        let (verdicts, who, grounds, numbers) = (verdicts?, who?, grounds?, cells::numbers(&batch, "decision")?);
        let text = |column: &arrow_array::StringArray, row| cells::text(column, row).unwrap_or_default().to_owned();
        decisions.extend((0..batch.num_rows()).map(|row| Decision {
            decision: numbers.value(row),
            verdict: text(&verdicts, row),
            who: text(&who, row),
            ground: text(&grounds, row),
        }));
    }
    Ok(decisions)
}

/// The records of entities, each with its entity.
async fn members(session: &Session, entities: &[i64]) -> Result<BTreeMap<i64, i64>, Error> {
    let (of, most) = (numbers(entities), MEMBERS * entities.len());
    let question = format!("SELECT record_id, entity_id FROM {} WHERE entity_id IN ({of}) ORDER BY record_id LIMIT {most}", table::LINK);
    let mut members = BTreeMap::new();
    for batch in rows(session, &question).await? {
        let (records, entities) = (cells::numbers(&batch, "record_id")?, cells::numbers(&batch, "entity_id")?);
        members.extend(records.values().iter().copied().zip(entities.values().iter().copied()));
    }
    Ok(members)
}

/// What stands between two entities.
async fn parted(session: &Session, entity: &EntityType, numbers: [i64; 2]) -> Result<Obstacles, Error> {
    let members = members(session, &numbers).await?;
    let records = of_records(session, entity, &members.keys().copied().collect()).await?;
    let seen = records.iter().map(|batch| cells::numbers(batch, "record_id")).collect::<Result<Vec<_>, _>>()?;
    let of = |number| -> BTreeSet<i64> {
        let seen = seen.iter().flat_map(|records| records.values()).copied();
        seen.filter(|record| members.get(record) == Some(&number)).collect()
    };
    Ok(obstacles(entity, records.iter().cloned().map(Ok), (&of(numbers[0]), &of(numbers[1])))?)
}

/// What is compared of these records.
async fn of_records(session: &Session, entity: &EntityType, records: &BTreeSet<i64>) -> Result<Vec<RecordBatch>, Error> {
    let (records, mut found): (Vec<i64>, _) = (records.iter().copied().collect(), Vec::new());
    for some in records.chunks(TOGETHER) {
        let question = format!("SELECT {} FROM record.{} r WHERE r.record_id IN ({})", columns(entity), entity.name, numbers(some));
        found.extend(rows(session, &question).await?);
    }
    Ok(found)
}

fn columns(entity: &EntityType) -> String {
    columns_needed(entity).iter().map(|name| format!("r.\"{name}\"")).collect::<Vec<_>>().join(", ")
}

/// The steps by which the two hang together in their entity.
async fn chained(session: &Session, entity: &EntityType, why: &Explanation, number: i64) -> Result<Vec<Step>, Error> {
    let members: BTreeSet<i64> = members(session, &[number]).await?.into_keys().collect();
    let records = of_records(session, entity, &members).await?;
    let all: Vec<i64> = members.iter().copied().collect();
    let mut joins = Vec::new();
    for some in all.chunks(TOGETHER) {
        joins.extend(joined(session, why, some).await?.into_iter().filter(|step| members.contains(&step.right)));
    }
    // Heaviest first, what people decided before all.
    joins.sort_by(|left, right| {
        let weight = |step: &Step| step.weight.unwrap_or(f64::INFINITY);
        weight(right).total_cmp(&weight(left)).then_with(|| (left.left, left.right).cmp(&(right.left, right.right)))
    });
    Ok(chain(entity, records.into_iter().map(Ok), &joins, (why.left, why.right))?)
}

/// What joins some records, the left ones, with others: decisions, and pairs that weigh enough.
async fn joined(session: &Session, why: &Explanation, left: &[i64]) -> Result<Vec<Step>, Error> {
    let among = format!("\"left\" IN ({})", numbers(left));
    let weighed = format!(
        "SELECT \"left\", \"right\", key AS by, weight FROM {} WHERE {among} AND weight >= {:?}",
        table::PAIR,
        why.threshold_weight
    );
    let decided = format!(
        "SELECT \"left\", \"right\", 'decision' AS by, CAST(NULL AS DOUBLE) AS weight FROM {} WHERE {among} AND verdict = 'same' AND state IN ('holds', 'withdrawing')",
        history::DECISION
    );
    let mut joins = Vec::new();
    for question in [decided, weighed] {
        for batch in rows(session, &question).await? {
            let (left, right) = (cells::numbers(&batch, "left")?, cells::numbers(&batch, "right")?);
            let (by, weights) = (cells::texts(&batch, "by")?, cells::decimals(&batch, "weight")?);
            joins.extend((0..batch.num_rows()).map(|row| Step {
                left: left.value(row),
                right: right.value(row),
                by: by.value(row).to_owned(),
                weight: weights.is_valid(row).then(|| weights.value(row)),
            }));
        }
    }
    Ok(joins)
}
