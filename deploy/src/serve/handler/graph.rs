//! The graph around an entity, for a picture of it.

use super::{of_path, of_query};
use crate::{
    picture::picture,
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
    response::Response,
};
use serde::Deserialize;
use wuwei_query::{Around, AsOf};

/// Entities of one picture; more nobody takes in.
const MOST: usize = 2_000;

#[derive(Deserialize)]
pub(in crate::serve) struct Asked {
    hops: Option<u8>,
    types: Option<String>,
    as_of: Option<String>,
    max_degree: Option<u32>,
    limit: Option<usize>,
}

pub(in crate::serve) async fn around(
    asker: Asker,
    id: Result<Path<i64>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Problem> {
    let around = wanted(of_path(id)?, &of_query(asked)?)?;
    let asking = asker.enter("person").await?;
    answer::found(&picture(&asking.hub, &asking.session, around).await?)
}

fn wanted(entity_id: i64, asked: &Asked) -> Result<Around, Problem> {
    let (hops, most) = (asked.hops.unwrap_or(2), asked.limit.unwrap_or(300));
    let as_of = match asked.as_of.as_deref() {
        None => AsOf::Today,
        Some("any") => AsOf::Any,
        Some(day) => AsOf::Day(day.to_owned()),
    };
    if !(1..=4).contains(&hops) || most > MOST || !as_of.is_known() {
        let hint = "hops from 1 to 4, a limit of 2000, as_of a date such as 2026-11-29 or `any`";
        return Err(Problem::because(Code::BadRequest, "a part of the query is out of its bounds", hint));
    }
    let relations = asked.types.iter().flat_map(|types| types.split(',')).map(str::trim).filter(|name| !name.is_empty());
    let relations = relations.map(str::to_owned).collect();
    Ok(Around { entity_id, hops, relations, as_of, max_degree: asked.max_degree.unwrap_or(200), most })
}
