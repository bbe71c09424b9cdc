//! Files of one person, of one household and of one place.

use super::{Whole, of_path, of_query};
use crate::{
    clock,
    file::{self, Asked, Level},
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
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use serde::Deserialize;

pub(in crate::serve) async fn person(asker: Asker, id: Result<Path<i64>, PathRejection>) -> Result<Response, Problem> {
    let id = of_path(id)?;
    let asking = asker.enter("person").await?;
    answer::found(&file::person(&asking.session, &asking.hub.definitions.model, id).await.map_err(Problem::not_found)?)
}

/// The same, to be taken along: as it is told, or as rows.
pub(in crate::serve) async fn export(asker: Asker, headers: HeaderMap, id: Result<Path<i64>, PathRejection>) -> Result<Response, Problem> {
    let (id, form) = (of_path(id)?, answer::form(&headers)?);
    let asking = asker.enter("person").await?;
    let file = file::exported(&asking.session, &asking.hub.definitions.model, id).await.map_err(Problem::not_found)?;
    let (mut response, ending) = match answer::is_objects(form) {
        true => (answer::found(&file)?, "json"),
        false => (answer::table(file.table(&asking.session)?, form).await?, answer::FORMS[form].2),
    };
    let name = format!("attachment; filename=\"wuwei-file-{id}.{ending}\"");
    let name = HeaderValue::try_from(name).map_err(|_| Problem::new(Code::Internal))?;
    response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

/// One property for which another purpose is stated, and on what ground.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Needed {
    property: String,
    ground: String,
}

pub(in crate::serve) async fn reveal(
    asker: Asker,
    id: Result<Path<i64>, PathRejection>,
    headers: HeaderMap,
    body: Whole,
) -> Result<Response, Problem> {
    let (id, Needed { property, ground }) = (of_path(id)?, body.json(&headers)?);
    let asking = asker.enter("person").await?;
    let (session, model) = (&asking.session, &asking.hub.definitions.model);
    let account_for = |told: &str| {
        let (principal, purpose) = (session.principal(), session.purpose());
        Ok(asking.hub.audit().event("reveal", principal, purpose, told, clock::now_ms())?)
    };
    let revealed = file::reveal(session, model, (id, &property), &ground, account_for).await;
    answer::found(&revealed.map_err(Problem::not_found)?)
}

pub(in crate::serve) async fn household(asker: Asker, id: Result<Path<i64>, PathRejection>) -> Result<Response, Problem> {
    let id = of_path(id)?;
    let asking = asker.enter("household").await?;
    answer::found(&file::household(&asking.session, &asking.hub.definitions.model, id).await.map_err(Problem::not_found)?)
}

#[derive(Deserialize)]
pub(in crate::serve) struct Wanted {
    address: String,
    level: Option<String>,
}

pub(in crate::serve) async fn place(asker: Asker, wanted: Result<Query<Wanted>, QueryRejection>) -> Result<Response, Problem> {
    let Wanted { address, level } = of_query(wanted)?;
    let level = level
        .map(|word| Level::of(&word).ok_or_else(|| Problem::because(Code::BadRequest, "there is no such level", "room, unit or building")));
    let asking = asker.enter("place").await?;
    let asked = Asked { place: &address, level: level.transpose()? };
    answer::found(&file::place(&asking.session, &asking.hub.definitions.model, asked).await?)
}
