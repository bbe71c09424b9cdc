//! What was loaded or refused.

use super::of_path;
use crate::{
    Error, clock,
    command::{jobs, rejects},
    console::words::Language,
    jobs::Job,
    serve::{
        answer,
        asker::Asker,
        problem::{Code, Problem},
    },
};
use axum::{
    extract::{Path, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

/// A job, for whoever asks.
#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    job: Job,
    /// Whether its refused rows come as a workbook to mend.
    mends: bool,
}

pub(in crate::serve) async fn all(asker: Asker) -> Result<Response, Problem> {
    let asking = asker.enter("jobs").await?;
    asking.session.look("jobs", "", clock::now_ms())?;
    answer::found(&jobs::all(&asking.hub, &asking.session)?)
}

pub(in crate::serve) async fn one(asker: Asker, job: Result<Path<u64>, PathRejection>) -> Result<Response, Problem> {
    let job = of_path(job)?;
    let asking = asker.enter("jobs").await?;
    asking.session.look("jobs", &job.to_string(), clock::now_ms())?;
    let job = jobs::one(&asking.hub, &asking.session, job).map_err(Problem::not_found)?;
    let mends = rejects::mends(&asking.session, &job)?;
    answer::found(&Told { job, mends })
}

pub(in crate::serve) async fn rejects(
    asker: Asker,
    headers: HeaderMap,
    job: Result<Path<u64>, PathRejection>,
) -> Result<Response, Problem> {
    let (number, language) = (of_path(job)?, Language::asked(None, &headers));
    let asking = asker.enter("rejects").await?;
    let job = jobs::one(&asking.hub, &asking.session, number).map_err(Problem::not_found)?;
    let folder = tempfile::tempdir_in(asking.hub.spill()).map_err(Error::file("creating", asking.hub.spill()))?;
    let path = folder.path().join("rejects.xlsx");
    rejects::to_repair(&asking.hub, &asking.session, &job, &path, language).await?;
    let bytes = std::fs::read(&path).map_err(Error::file("reading", &path))?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer::SHEET));
    let name = format!("attachment; filename=\"wuwei-rejects-{number}.xlsx\"");
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::try_from(name).map_err(|_| Problem::new(Code::Internal))?);
    Ok(response)
}
