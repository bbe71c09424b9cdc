//! What awaits a judgement, and judgements. What is decided is written at the newest epoch, as whoever has the account.

use super::{Whole, of_path, of_query, writing};
use crate::{
    command::{
        decide::{self, Judgement},
        review::{self, Asked, MOST},
    },
    serve::{
        answer,
        asker::Asker,
        problem::{Code, Problem},
    },
};
use axum::{
    extract::{
        Path, Query,
        rejection::{PathRejection, QueryRejection},
    },
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;
use wuwei_graph::Verdict;

#[derive(Deserialize)]
pub(in crate::serve) struct Wanted {
    entity: Option<String>,
    offset: Option<usize>,
    limit: Option<usize>,
}

pub(in crate::serve) async fn queue(asker: Asker, wanted: Result<Query<Wanted>, QueryRejection>) -> Result<Response, Problem> {
    let Wanted { entity, offset, limit } = of_query(wanted)?;
    looked(&asker, Asked { entity: entity.as_deref(), offset: offset.unwrap_or(0), limit: limit.unwrap_or(20).min(MOST) }).await
}

pub(in crate::serve) async fn next(asker: Asker) -> Result<Response, Problem> {
    looked(&asker, Asked { entity: None, offset: 0, limit: 1 }).await
}

async fn looked(asker: &Asker, asked: Asked<'_>) -> Result<Response, Problem> {
    let asking = asker.enter("review").await?;
    answer::found(&review::queue_kept(&asking.hub, &asking.session, asked, asker.state().reviews()).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    verdict: String,
    sides: Vec<String>,
    #[serde(default)]
    ground: String,
    days: Option<u16>,
}

pub(in crate::serve) async fn decide(asker: Asker, headers: HeaderMap, body: Whole) -> Result<Response, Problem> {
    let New { verdict, sides, ground, days } = body.json(&headers)?;
    if sides.len() < 2 || !sides.iter().all(|side| decide::is_side(side)) {
        return Err(Problem::because(
            Code::BadRequest,
            "`sides` are no two numbers",
            "numbers of entities, or of records as r123 or r123+r456, as texts",
        ));
    }
    let judgement = match Verdict::of(&verdict) {
        Some(verdict) => Judgement::Decided { verdict, sides, ground },
        None if verdict == "skip" => Judgement::Skipped { sides, days: days.unwrap_or(7).clamp(1, 90) },
        None => return Err(Problem::because(Code::BadRequest, "`verdict` is none", "same, different, unsure or skip")),
    };
    judged(&asker, judgement).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Why {
    ground: String,
}

pub(in crate::serve) async fn confirm(
    asker: Asker,
    decision: Result<Path<i64>, PathRejection>,
    headers: HeaderMap,
    body: Whole,
) -> Result<Response, Problem> {
    of_decision(&asker, decision, (&headers, &body), |decision, ground| Judgement::Confirmed { decision, ground }).await
}

pub(in crate::serve) async fn revoke(
    asker: Asker,
    decision: Result<Path<i64>, PathRejection>,
    headers: HeaderMap,
    body: Whole,
) -> Result<Response, Problem> {
    of_decision(&asker, decision, (&headers, &body), |decision, ground| Judgement::Revoked { decision, ground }).await
}

/// What is judged of a decision that there is, and why.
async fn of_decision(
    asker: &Asker,
    decision: Result<Path<i64>, PathRejection>,
    (headers, body): (&HeaderMap, &Whole),
    judgement: impl FnOnce(i64, String) -> Judgement,
) -> Result<Response, Problem> {
    let (decision, Why { ground }) = (of_path(decision)?, body.json(headers)?);
    judged(asker, judgement(decision, ground)).await
}

async fn judged(asker: &Asker, judgement: Judgement) -> Result<Response, Problem> {
    let asking = asker.enter("decide").await?;
    let written = writing(asking, async move |hub, publisher, session| decide::judged(&hub, publisher, &session, &judgement).await);
    let written = written.await?;
    // Whoever judged sees it at once, not when it is looked for epochs next.
    asker.turn().await?;
    answer::found(&written)
}
