//! Files of one person, of one household and of one place.

use super::{of_path, of_query};
use crate::{
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
    response::Response,
};
use serde::Deserialize;

pub(in crate::serve) async fn person(asker: Asker, id: Result<Path<i64>, PathRejection>) -> Result<Response, Problem> {
    let id = of_path(id)?;
    let asking = asker.enter("person").await?;
    answer::found(&file::person(&asking.session, &asking.hub.definitions.model, id).await.map_err(Problem::not_found)?)
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
