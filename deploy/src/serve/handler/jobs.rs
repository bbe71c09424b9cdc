//! What was loaded or refused.

use super::of_path;
use crate::{
    clock,
    command::jobs,
    serve::{answer, asker::Asker, problem::Problem},
};
use axum::{
    extract::{Path, rejection::PathRejection},
    response::Response,
};

pub(in crate::serve) async fn all(asker: Asker) -> Result<Response, Problem> {
    let asking = asker.enter("jobs").await?;
    asking.session.look("jobs", "", clock::now_ms())?;
    answer::found(&jobs::all(&asking.hub, &asking.session)?)
}

pub(in crate::serve) async fn one(asker: Asker, job: Result<Path<u64>, PathRejection>) -> Result<Response, Problem> {
    let job = of_path(job)?;
    let asking = asker.enter("jobs").await?;
    asking.session.look("jobs", &job.to_string(), clock::now_ms())?;
    answer::found(&jobs::one(&asking.hub, &asking.session, job).map_err(Problem::not_found)?)
}
