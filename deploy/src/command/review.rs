//! `wuwei review`: what awaits a person's judgement, the greatest gain first, with the records side by side as whoever asks may see them, and
//! what their agreement weighs; and the decisions that wait for a second person. Cases of records that whoever asks does not see are not
//! there, so nothing that is shown depends on them. What was decided is written by `decide`.

mod awaiting;
mod shown;

use crate::{Error, cells, cli::Common, clock, gather::rows, hub::Hub, output};
pub(crate) use awaiting::Kept;
use awaiting::{Key, awaiting, read_from};
use serde::Serialize;
use shown::{Compared, Known, Weights};
use std::collections::{BTreeMap, BTreeSet};
use wuwei_graph::{Case, Doubt};
use wuwei_query::Session;
use wuwei_schema::{EntityType, Model, history};

/// Cases that are given at most.
pub(crate) const MOST: usize = 200;

/// What waits.
#[derive(Debug, Serialize)]
pub struct Queue {
    /// Cases, the greatest gain first.
    cases: Vec<Shown>,
    /// Whether there are more than these.
    more: bool,
    /// How many there are, as far as is looked.
    total: usize,
    /// Decisions, and revocations, that wait for a second person; the oldest first.
    waiting: Vec<Waiting>,
}

/// A case, with the records of its doubts side by side.
#[derive(Debug, Serialize)]
struct Shown {
    entity: String,
    entities: Vec<i64>,
    gain: f64,
    doubts: Vec<Sides>,
}

/// Two records in doubt.
#[derive(Debug, Serialize)]
struct Sides {
    #[serde(flatten)]
    doubt: Doubt,
    /// What each says, property by property, and what their agreement weighs.
    compared: Vec<Compared>,
    /// What the pair weighs before anything is compared, in bits, and what the rarity of its values adds.
    #[serde(flatten)]
    weights: Option<Weights>,
}

/// A decision that waits for a second person.
#[derive(Debug, Serialize)]
struct Waiting {
    decision: i64,
    entity: String,
    entities: Vec<i64>,
    verdict: String,
    state: String,
    who: String,
    ground: String,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Only of this entity type.
    pub entity: Option<&'a str>,
    /// So many of the first are left out.
    pub offset: usize,
    /// At most so many cases.
    pub limit: usize,
}

pub(super) async fn run(common: &Common, asked: Asked<'_>) -> Result<(), Error> {
    let hub = Hub::open(common, "review").await?;
    let queue = queue(&hub.definitions.model, &hub.session()?, asked).await?;
    output::print(common, &queue, |queue| text(&hub.definitions.model, queue))
}

/// The queue, for whoever has the session.
///
/// # Errors
/// A question is refused, or the look cannot be accounted for.
pub async fn queue(model: &Model, session: &Session, asked: Asked<'_>) -> Result<Queue, Error> {
    looked(model, session, asked, None).await
}

/// The same, of what was found for them before where nothing else was delivered or resolved since.
///
/// # Errors
/// As [`queue`].
pub(crate) async fn queue_kept(hub: &Hub, session: &Session, asked: Asked<'_>, kept: &Kept) -> Result<Queue, Error> {
    let key = Key::of(session, &hub.lake.epoch().tables);
    looked(&hub.definitions.model, session, asked, Some((kept, key))).await
}

async fn looked(model: &Model, session: &Session, asked: Asked<'_>, kept: Option<(&Kept, Key)>) -> Result<Queue, Error> {
    if let Some(name) = asked.entity.filter(|name| model.entity(name).is_none()) {
        return Err(Error::asked("there is no such entity type", wuwei_schema::nearest(name, model.entities.keys().map(String::as_str))));
    }
    let mut types = Vec::new();
    for entity in model.entities.values().filter(|entity| asked.entity.is_none_or(|name| name == entity.name)) {
        if entity.is_compared() && !session.withheld(&format!("record.{}", entity.name))?.closed {
            types.push(entity);
        }
    }
    let look = session.begin("review", &format!("{asked:?}"), &read_from(&types), clock::now_ms())?;
    let session = look.session();
    let mut all: Vec<(&EntityType, Case)> = Vec::new();
    for entity in types {
        let of_type = awaiting(session, entity, kept.as_ref().map(|(kept, key)| (*kept, key))).await?;
        all.extend(of_type.into_iter().map(|case| (entity, case)));
    }
    all.sort_by(|left, right| right.1.gain.total_cmp(&left.1.gain).then_with(|| left.1.entities.cmp(&right.1.entities)));
    let (total, limit) = (all.len(), asked.limit.min(MOST));
    all.drain(..asked.offset.min(total));
    let more = all.len() > limit;
    all.truncate(limit);
    let queue = Queue { cases: side_by_side(session, all).await?, more, total, waiting: waiting(session).await? };
    let is_person = |name: &str| model.entity(name).is_some_and(|entity| entity.category == wuwei_schema::Category::Person);
    let of_cases = queue.cases.iter().map(|case| (&case.entity, &case.entities));
    let all = of_cases.chain(queue.waiting.iter().map(|waiting| (&waiting.entity, &waiting.entities)));
    let persons: BTreeSet<i64> = all.filter(|(name, _)| is_person(name)).flat_map(|(_, entities)| entities).copied().collect();
    let rows = (queue.cases.len() + queue.waiting.len()) as u64;
    look.close(persons, rows).await?;
    Ok(queue)
}

/// The cases in their order, the records of each type read at once.
async fn side_by_side(session: &Session, cases: Vec<(&EntityType, Case)>) -> Result<Vec<Shown>, Error> {
    let mut wanted: BTreeMap<&str, (&EntityType, BTreeSet<i64>)> = BTreeMap::new();
    for (entity, case) in &cases {
        let records = &mut wanted.entry(&entity.name).or_insert_with(|| (*entity, BTreeSet::new())).1;
        records.extend(case.doubts.iter().flat_map(|doubt| [doubt.left, doubt.right]));
    }
    let mut known = BTreeMap::new();
    for (name, (entity, records)) in wanted {
        known.insert(name.to_owned(), Known::read(session, entity, &records).await?);
    }
    let mut all = Vec::new();
    for (entity, case) in cases {
        let mut doubts = Vec::new();
        for doubt in case.doubts {
            if let Some(known) = known.get(&entity.name) {
                let (compared, weights) = known.compared(entity, &doubt);
                doubts.push(Sides { doubt, compared, weights });
            }
        }
        all.push(Shown { entity: entity.name.clone(), entities: case.entities, gain: case.gain, doubts });
    }
    Ok(all)
}

async fn waiting(session: &Session) -> Result<Vec<Waiting>, Error> {
    let question = format!(
        "WITH open AS (SELECT * FROM {} WHERE state IN ('proposed', 'withdrawing')),
            sides AS (SELECT decision, \"left\" AS record FROM open UNION SELECT decision, \"right\" AS record FROM open)
        SELECT o.decision, min(o.entity) AS entity, min(o.verdict) AS verdict, min(o.state) AS state, min(coalesce(o.revoked_by, o.who)) AS who,
            min(coalesce(o.revoked_ground, o.ground)) AS ground, l.entity_id
        FROM open o JOIN sides s ON s.decision = o.decision JOIN graph.link l ON l.record_id = s.record
        GROUP BY o.decision, l.entity_id ORDER BY o.decision, l.entity_id",
        history::DECISION
    );
    let mut found: Vec<Waiting> = Vec::new();
    for batch in rows(session, &question).await? {
        let (decisions, entities) = (cells::numbers(&batch, "decision")?, cells::numbers(&batch, "entity_id")?);
        let texts = ["entity", "verdict", "state", "who", "ground"].map(|name| cells::texts(&batch, name));
        let texts = texts.into_iter().collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows() {
            let text = |at: usize| cells::text(&texts[at], row).unwrap_or_default().to_owned();
            match found.last_mut().filter(|last| last.decision == decisions.value(row)) {
                Some(last) => last.entities.push(entities.value(row)),
                None => found.push(Waiting {
                    decision: decisions.value(row),
                    entities: vec![entities.value(row)],
                    entity: text(0),
                    verdict: text(1),
                    state: text(2),
                    who: text(3),
                    ground: text(4),
                }),
            }
        }
    }
    Ok(found)
}

fn text(model: &Model, queue: &Queue) -> String {
    let mut text = String::new();
    for case in &queue.cases {
        let label = model.entity(&case.entity).map_or(case.entity.as_str(), |entity| output::said(&entity.label));
        let entities = case.entities.iter().map(i64::to_string).collect::<Vec<_>>().join(" ");
        text.push_str(&format!("{label} {entities}  {} {:.2}\n", output::words("预期收益", "gain"), case.gain));
        for sides in &case.doubts {
            let Doubt { left, right, left_entity, right_entity, weight, posterior, .. } = &sides.doubt;
            text.push_str(&format!("  r{left} ({left_entity}) ? r{right} ({right_entity})  {weight:+.2} bits, {posterior:.4}\n"));
            text.push_str(&shown::table(&sides.compared));
        }
        text.push('\n');
    }
    for Waiting { decision, verdict, state, who, ground, entities, .. } in &queue.waiting {
        let entities = entities.iter().map(i64::to_string).collect::<Vec<_>>().join(" ");
        text.push_str(&format!("{} {decision}: {verdict} {entities} ({state}; {who}: {ground})\n", output::words("待复核", "waiting")));
    }
    if queue.more {
        text.push_str(output::words("还有更多。\n", "there are more\n"));
    }
    if text.is_empty() { output::words("没有待核对的。", "nothing awaits a judgement").to_owned() } else { text }
}
