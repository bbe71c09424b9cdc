//! Who looked at whom, and whether the audit is whole.

use super::of_query;
use crate::{
    cli::Searched,
    command::audit,
    serve::{answer, asker::Asker, problem::Problem},
};
use axum::{
    extract::{Query, rejection::QueryRejection},
    response::Response,
};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::serve) struct Asked {
    person: Option<i64>,
    principal: Option<String>,
    table: Option<String>,
    kind: Option<String>,
    purpose: Option<String>,
    outcome: Option<String>,
    since: Option<String>,
    until: Option<String>,
    before: Option<u64>,
    limit: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::serve) struct Since {
    since: Option<String>,
}

pub(in crate::serve) async fn search(asker: Asker, asked: Result<Query<Asked>, QueryRejection>) -> Result<Response, Problem> {
    let Asked { person, principal, table, kind, purpose, outcome, since, until, before, limit } = of_query(asked)?;
    let limit = limit.unwrap_or(100);
    let searched = Searched { person, who: principal, table, kind, stated: purpose, outcome, since, until, before, limit };
    let asking = asker.enter("audit").await?;
    asking.hub.watch()?;
    answer::found(&audit::found(&asking.session, &searched).await?)
}

pub(in crate::serve) async fn verify(asker: Asker, asked: Result<Query<Since>, QueryRejection>) -> Result<Response, Problem> {
    let Since { since } = of_query(asked)?;
    let asking = asker.enter("audit").await?;
    // All of it is read, where nobody else waits for it.
    let verified = tokio::task::spawn_blocking(move || audit::verified(&asking.session, since.as_deref())).await;
    answer::found(&verified.map_err(|_| crate::Error::defect("a proof was not ended"))??)
}
