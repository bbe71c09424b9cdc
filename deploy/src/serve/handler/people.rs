//! People by what is known of them.

use super::of_query;
use crate::{
    command::people,
    serve::{answer, asker::Asker, problem::Problem},
};
use axum::{
    extract::{Query, rejection::QueryRejection},
    response::Response,
};
use serde::Deserialize;

/// Hits that are given at most.
const MOST: usize = 200;

#[derive(Deserialize)]
pub(in crate::serve) struct Asked {
    q: String,
    limit: Option<usize>,
}

pub(in crate::serve) async fn find(asker: Asker, asked: Result<Query<Asked>, QueryRejection>) -> Result<Response, Problem> {
    let asked = of_query(asked)?;
    let asking = asker.enter("people").await?;
    answer::found(&people::find(&asking.hub, &asking.session, &asked.q, asked.limit.unwrap_or(20).min(MOST)).await?)
}
