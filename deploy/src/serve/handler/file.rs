//! Files of one person and of one household.

use super::of_path;
use crate::{
    command::{household, person},
    serve::{answer, asker::Asker, problem::Problem},
};
use axum::{
    extract::{Path, rejection::PathRejection},
    response::Response,
};

pub(in crate::serve) async fn person(asker: Asker, id: Result<Path<i64>, PathRejection>) -> Result<Response, Problem> {
    let id = of_path(id)?;
    let asking = asker.enter("person").await?;
    answer::found(&person::file(&asking.hub, &asking.session, id).await.map_err(Problem::not_found)?)
}

pub(in crate::serve) async fn household(asker: Asker, id: Result<Path<i64>, PathRejection>) -> Result<Response, Problem> {
    let id = of_path(id)?;
    let asking = asker.enter("household").await?;
    answer::found(&household::file(&asking.hub, &asking.session, id).await.map_err(Problem::not_found)?)
}
