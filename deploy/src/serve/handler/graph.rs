//! The graph around an entity, for a picture of it, and how two hang together.

use super::{of_path, of_query};
use crate::{
    picture::{Between, path, picture},
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

#[derive(Deserialize)]
pub(in crate::serve) struct Along {
    hops: Option<u8>,
    types: Option<String>,
    as_of: Option<String>,
}

pub(in crate::serve) async fn between(
    asker: Asker,
    ends: Result<Path<(i64, i64)>, PathRejection>,
    along: Result<Query<Along>, QueryRejection>,
) -> Result<Response, Problem> {
    let ((from, to), Along { hops, types, as_of }) = (of_path(ends)?, of_query(along)?);
    let (hops, as_of) = (hops.unwrap_or(6), day(as_of.as_deref()));
    if !(1..=12).contains(&hops) || !as_of.is_known() {
        let hint = "hops from 1 to 12, as_of a date such as 2026-11-29 or `any`";
        return Err(Problem::because(Code::BadRequest, "a part of the query is out of its bounds", hint));
    }
    let asking = asker.enter("person").await?;
    let wanted = Between { ends: [from, to], hops, relations: names(types.as_deref()), as_of };
    answer::found(&path(&asking.hub, &asking.session, &wanted).await?)
}

fn wanted(entity_id: i64, asked: &Asked) -> Result<Around, Problem> {
    let (hops, most) = (asked.hops.unwrap_or(2), asked.limit.unwrap_or(300));
    let as_of = day(asked.as_of.as_deref());
    if !(1..=4).contains(&hops) || most > MOST || !as_of.is_known() {
        let hint = "hops from 1 to 4, a limit of 2000, as_of a date such as 2026-11-29 or `any`";
        return Err(Problem::because(Code::BadRequest, "a part of the query is out of its bounds", hint));
    }
    Ok(Around { entity_id, hops, relations: names(asked.types.as_deref()), as_of, max_degree: asked.max_degree.unwrap_or(200), most })
}

fn day(as_of: Option<&str>) -> AsOf {
    match as_of {
        None => AsOf::Today,
        Some("any") => AsOf::Any,
        Some(day) => AsOf::Day(day.to_owned()),
    }
}

/// Names with commas between.
fn names(types: Option<&str>) -> Vec<String> {
    let names = types.into_iter().flat_map(|types| types.split(',')).map(str::trim);
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
