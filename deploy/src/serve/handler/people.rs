//! People by what is known of them.

use super::of_query;
use crate::{
    command::people,
    serve::{
        answer,
        asker::Asker,
        problem::{Code, Problem},
    },
};
use axum::{
    extract::{Query, rejection::QueryRejection},
    response::Response,
};
use serde::Deserialize;

/// Hits that are given at most.
const MOST: usize = 200;

/// The farthest that pages go; who needs more says more.
const FARTHEST: usize = 10_000;

#[derive(Deserialize)]
pub(in crate::serve) struct Asked {
    q: String,
    offset: Option<usize>,
    limit: Option<usize>,
}

pub(in crate::serve) async fn find(asker: Asker, asked: Result<Query<Asked>, QueryRejection>) -> Result<Response, Problem> {
    let asked = of_query(asked)?;
    if asked.q.trim().is_empty() {
        let hint = "`q` is a name, its pinyin, a number or its last digits, an address";
        return Err(Problem::because(Code::BadRequest, "nothing to look for was typed", hint));
    }
    let asked_for = asked.offset.unwrap_or(0);
    if asked_for > FARTHEST {
        let hint = "say more in `q`; pages go to an `offset` of 10000";
        return Err(Problem::because(Code::BadRequest, "the `offset` is farther than pages go", hint));
    }
    let asking = asker.enter("people").await?;
    let page = people::Page { offset: asked_for, limit: asked.limit.unwrap_or(20).min(MOST) };
    answer::found(&people::find(&asking.hub, &asking.session, &asked.q, page).await?)
}
