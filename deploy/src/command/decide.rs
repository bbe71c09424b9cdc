//! `wuwei decide`: what a person decided of entities or records, what a second person confirms, what is revoked or put off. A decision is
//! written down; the next resolution carries it out, before anything else. Undoing a merge is deciding *different* of an old number and the one
//! that it leads to; undoing a split is deciding *same* of its parts. The book of decisions and its rules are graph's.

mod ground;
mod second;
pub(super) mod sides;
pub(super) mod skip;

use crate::{
    Error,
    cli::{Common, Decide},
    clock,
    hub::Hub,
    output,
};
use arrow_array::RecordBatch;
use futures::TryStreamExt as _;
pub(crate) use ground::{Unfounded, grounded};
use serde::Serialize;
pub(crate) use sides::is_side;
use std::collections::BTreeSet;
use wuwei_graph::{
    Verdict,
    decision::ledger::{self, Ledger, Signed, State, Unchanged},
};
use wuwei_lake::{Commit, Publisher};
use wuwei_query::Session;
use wuwei_schema::history;

/// What somebody wants to be written down.
#[derive(Debug)]
pub(crate) enum Judgement {
    /// Of two or more entities or records, on a ground.
    Decided { verdict: Verdict, sides: Vec<String>, ground: String },
    /// Nothing is decided, and whoever asks is not shown it for some days.
    Skipped { sides: Vec<String>, days: u16 },
    /// A second person confirms, on a ground.
    Confirmed { decision: i64, ground: String },
    /// A decision is taken back, on a ground.
    Revoked { decision: i64, ground: String },
}

/// What was written down.
#[derive(Debug, Serialize)]
pub(crate) struct Written {
    /// Number of the decision; none of what is put off.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<i64>,
    /// `same`, `different`, `unsure` or `skip`.
    verdict: &'static str,
    /// As in `graph.decision`; `skipped` of what is put off.
    state: &'static str,
    /// Pairs of records.
    pairs: usize,
    /// Decisions of before that say something else of some of the records.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    against: Vec<i64>,
}

pub(super) async fn run(common: &Common, what: &Decide) -> Result<(), Error> {
    let mut hub = Hub::open(common, "decide").await?;
    let (publisher, who) = (hub.publisher().await?, hub.session()?);
    let written = judged(&hub, publisher, &who, &judgement(what)).await?;
    output::print(common, &written, text)
}

fn judgement(what: &Decide) -> Judgement {
    let decided = |verdict, of: &crate::cli::Sides| Judgement::Decided { verdict, sides: of.sides.clone(), ground: of.ground.clone() };
    match what {
        Decide::Same(of) => decided(Verdict::Same, of),
        Decide::Different(of) => decided(Verdict::Different, of),
        Decide::Unsure(of) => decided(Verdict::Unsure, of),
        Decide::Skip { sides, days } => Judgement::Skipped { sides: sides.clone(), days: *days },
        Decide::Confirm(of) => Judgement::Confirmed { decision: of.decision, ground: of.ground.clone() },
        Decide::Revoke(of) => Judgement::Revoked { decision: of.decision, ground: of.ground.clone() },
    }
}

/// Writes a judgement down at the epoch that the publisher builds upon, for whoever has the session: accounted for before, with the persons that it is of before anybody is told.
///
/// # Errors
/// It has no ground, is of nothing that there is, waits for another person, or cannot be written or accounted for.
pub(crate) async fn judged(hub: &Hub, mut publisher: Publisher, who: &Session, what: &Judgement) -> Result<Written, Error> {
    if let Judgement::Decided { ground, .. } | Judgement::Confirmed { ground, .. } | Judgement::Revoked { ground, .. } = what {
        grounded(ground)?;
    }
    let session = hub.session_of(who.principal().clone(), who.purpose().clone())?;
    // The fingerprint that the audit keeps is of the ground too, whose words stand in `graph.decision`.
    let look = session.begin("decide", &format!("{what:?}"), &[], clock::now_ms())?;
    let (written, persons) = match what {
        Judgement::Decided { verdict, sides, ground } => {
            let by = signed(who, ground);
            decide(hub, &mut publisher, look.session(), *verdict, sides, &by).await?
        }
        Judgement::Skipped { sides, days } => skip::skip(hub, &mut publisher, look.session(), sides, *days).await?,
        Judgement::Confirmed { decision, ground } => {
            let by = signed(who, ground);
            change(hub, &mut publisher, *decision, |ledger, _| ledger.confirm(*decision, &by)).await?
        }
        Judgement::Revoked { decision, ground } => {
            let by = signed(who, ground);
            let session = look.session();
            let needs = second::to_revoke(hub, session, *decision).await?;
            change(hub, &mut publisher, *decision, |ledger, decision| ledger.revoke(decision, &by, needs)).await?
        }
    };
    publisher.publish(|_| {}).await?;
    look.close(persons, written.pairs as u64).await?;
    Ok(written)
}

fn signed(who: &Session, ground: &str) -> Signed {
    Signed { who: who.principal().name().to_owned(), at_ms: clock::now_ms(), ground: ground.trim().to_owned() }
}

async fn decide(
    hub: &Hub,
    publisher: &mut Publisher,
    session: &Session,
    verdict: Verdict,
    sides: &[String],
    by: &Signed,
) -> Result<(Written, Vec<i64>), Error> {
    let of = sides::all(session, sides, verdict).await?;
    let needs_second = (verdict == Verdict::Same || of.is_one) && second::touches_two(hub, session, &of.name, &of.records()).await?;
    let mut book = book(hub).await?;
    let (decision, state) = match book.said(&of.name, &of.pairs, verdict, by) {
        Some(said) => said,
        None => {
            let (decision, entered) = book.decide(&of.name, &of.pairs, verdict, by, needs_second);
            publisher.write(history::DECISION, &ledger::rows(&entered)?).await?;
            publisher.commit(Commit::Replace { tables: Vec::new() }, history::DECISION).await?;
            (decision, if needs_second { State::Proposed } else { State::Holds })
        }
    };
    let written = Written {
        decision: Some(decision),
        verdict: verdict.word(),
        state: state.word(),
        pairs: of.pairs.len(),
        against: against(&book, decision),
    };
    Ok((written, hub.persons(of.entities.iter().map(|entity| (of.name.as_str(), *entity)))))
}

/// Writes the book anew with one decision changed.
async fn change(
    hub: &Hub,
    publisher: &mut Publisher,
    decision: i64,
    change: impl FnOnce(&mut Ledger, i64) -> Result<State, Unchanged> + Send,
) -> Result<(Written, Vec<i64>), Error> {
    let mut book = book(hub).await?;
    let state = change(&mut book, decision).map_err(|why| match why {
        Unchanged::Nothing => {
            let hint = "`wuwei review` shows what waits, `graph.decision` what holds";
            Error::asked(format!("there is no decision {decision} of which that can be said"), hint)
        }
        Unchanged::SamePerson => {
            Error::asked("it waits for a second person", "whoever began it cannot confirm it; somebody else with an account may")
        }
    })?;
    publisher.write(history::DECISION, &ledger::rows(book.entries())?).await?;
    let tables = vec![(history::DECISION.to_owned(), history::decision_schema())];
    publisher.commit(Commit::Replace { tables }, history::DECISION).await?;
    let of: Vec<_> = book.entries().iter().filter(|entry| entry.decision == decision).collect();
    let verdict = of.first().map_or("", |entry| entry.verdict.word());
    let records: BTreeSet<i64> = book.records(decision);
    let entities = sides::entities(&hub.stage("decide")?, &records).await?;
    let persons = hub.persons(entities.iter().map(|(entity, name)| (name.as_str(), *entity)));
    let against = if state.counts() { against(&book, decision) } else { Vec::new() };
    Ok((Written { decision: Some(decision), verdict, state: state.word(), pairs: of.len(), against }, persons))
}

fn against(book: &Ledger, decision: i64) -> Vec<i64> {
    book.against(decision).into_iter().collect()
}

/// All decisions, as the program reads them: whoever asks may see their grounds masked.
async fn book(hub: &Hub) -> Result<Ledger, Error> {
    let session = hub.stage("decide")?;
    let schema = history::decision_schema();
    let columns: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let batches = session.read(history::DECISION, &columns, clock::now_ms()).await?;
    let batches: Vec<RecordBatch> = batches.try_collect().await?;
    Ok(Ledger::read(batches.into_iter().map(Ok))?)
}

/// Rows of a small table, written whole.
async fn replace(publisher: &mut Publisher, table: &str, rows: &RecordBatch) -> Result<(), Error> {
    publisher.write(table, rows).await?;
    publisher.commit(Commit::Replace { tables: vec![(table.to_owned(), rows.schema())] }, table).await?;
    Ok(())
}

fn text(Written { decision, verdict, state, pairs, against }: &Written) -> String {
    let next = match *state {
        "proposed" | "withdrawing" => "it touches two valid ids and waits for a second person: `wuwei decide confirm`",
        "skipped" => "`wuwei review` does not show it to you until then",
        _ => "`wuwei refresh` carries it out",
    };
    let number = decision.map_or_else(String::new, |number| format!("decision {number}: "));
    let numbers = against.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    let otherwise = match against.as_slice() {
        [] => String::new(),
        _ => format!("other decisions of some of the records say otherwise: {numbers}; where they contradict each other, different wins\n"),
    };
    format!("{number}{verdict}, {state}, {pairs} pairs of records; {next}\n{otherwise}")
}
