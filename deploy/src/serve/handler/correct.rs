//! What departments are asked to put right.

use super::{Whole, of_path, of_query, writing};
use crate::{
    command::decide::grounded,
    correction::{self, Settled, Wanted},
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
use serde_json::json;

#[derive(Deserialize)]
pub(in crate::serve) struct Which {
    all: Option<bool>,
}

pub(in crate::serve) async fn list(asker: Asker, which: Result<Query<Which>, QueryRejection>) -> Result<Response, Problem> {
    let wanted = if of_query(which)?.all.unwrap_or(false) { Wanted::All } else { Wanted::Open };
    let asking = asker.enter("correct").await?;
    answer::found(&json!({"corrections": correction::list(&asking.hub, &asking.session, wanted).await?}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    record: i64,
    property: String,
    ground: String,
}

pub(in crate::serve) async fn ask(asker: Asker, headers: HeaderMap, body: Whole) -> Result<Response, Problem> {
    let New { record, property, ground } = body.json(&headers)?;
    grounded(&ground)?;
    let asking = asker.enter("correct").await?;
    let asked = writing(asking, async move |hub, publisher, session| {
        correction::ask(&hub, publisher, &session, (record, &property, &ground)).await
    });
    let asked = asked.await?;
    // Whoever asked sees it at once, not when it is looked for epochs next.
    asker.turn().await?;
    answer::found(&asked)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    state: String,
    answer: String,
}

pub(in crate::serve) async fn settle(
    asker: Asker,
    number: Result<Path<i64>, PathRejection>,
    headers: HeaderMap,
    body: Whole,
) -> Result<Response, Problem> {
    let (correction, Answer { state, answer }) = (of_path(number)?, body.json(&headers)?);
    if !["corrected", "refused"].contains(&state.as_str()) {
        return Err(Problem::because(Code::BadRequest, "`state` is none", "corrected or refused"));
    }
    grounded(&answer)?;
    let asking = asker.enter("correct").await?;
    let settled = writing(asking, async move |hub, publisher, session| {
        correction::settle(&hub, publisher, &session, &Settled { correction, state: &state, answer: &answer }).await
    });
    let settled = settled.await?;
    asker.turn().await?;
    answer::found(&settled)
}
