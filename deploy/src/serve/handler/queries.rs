//! Questions in SQL that whoever asks keeps for another day, and those that the program carries for everybody.

use super::{Whole, of_path};
use crate::{
    Error,
    account::queries::{Queries, Query},
    serve::{
        answer,
        asker::Asker,
        problem::{Code, Problem},
    },
};
use axum::{
    extract::{Path, rejection::PathRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};
use wuwei_query::{Carried, carried};

pub(in crate::serve) async fn all(asker: Asker) -> Result<Response, Problem> {
    let kept = apart(&asker, |queries, account| queries.all(account)).await?;
    let kept: Vec<Value> = kept.iter().map(|Query { name, kept, .. }| json!({"name": name, "kept": kept})).collect();
    let told = |Carried { name, zh, en, .. }: &Carried| json!({"name": name, "zh": zh, "en": en});
    answer::found(&json!({"queries": kept, "carried": carried().iter().map(told).collect::<Vec<_>>()}))
}

pub(in crate::serve) async fn one(asker: Asker, name: Result<Path<String>, PathRejection>) -> Result<Response, Problem> {
    let name = of_path(name)?;
    let kept = apart(&asker, |queries, account| queries.all(account)).await?;
    if let Some(query) = kept.into_iter().find(|query| query.name == name) {
        return answer::found(&query);
    }
    let Carried { name, zh, en, sql } = carried().iter().find(|carried| carried.name == name).ok_or(Problem::new(Code::NotFound))?;
    answer::found(&json!({"name": name, "zh": zh, "en": en, "sql": sql}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    sql: String,
}

pub(in crate::serve) async fn keep(
    asker: Asker,
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Whole,
) -> Result<Response, Problem> {
    let (name, Kept { sql }) = (of_path(name)?, body.json(&headers)?);
    apart(&asker, move |queries, account| queries.keep(account, &name, &sql)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(in crate::serve) async fn forget(asker: Asker, name: Result<Path<String>, PathRejection>) -> Result<Response, Problem> {
    let name = of_path(name)?;
    match apart(&asker, move |queries, account| queries.forget(account, &name)).await? {
        true => Ok(StatusCode::NO_CONTENT.into_response()),
        false => Err(Problem::new(Code::NotFound)),
    }
}

/// Work on files of whoever asks, where nobody else waits for it; it asks no table and waits for no turn.
async fn apart<T: Send + 'static>(
    asker: &Asker,
    work: impl FnOnce(&Queries, &str) -> Result<T, Error> + Send + 'static,
) -> Result<T, Problem> {
    let (hub, session) = asker.admit("sql")?;
    let done = tokio::task::spawn_blocking(move || work(&Queries::of(&hub.root), session.principal().name())).await;
    Ok(done.map_err(|_| Problem::new(Code::Internal))??)
}
